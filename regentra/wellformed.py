"""Settings that must have a form, or nothing starts: addresses of engines, and numbers. Asks the environment alone."""

from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

import environ

POSTGRES = ("postgres", "postgresql", "psql", "pgsql")
# An example of each address.
DATABASES = {
    "DATABASE_URL": "postgres://user:password@host:5432/database",
    "DATABASE_OWNER_URL": "postgres://owner:password@host:5432/database",
}
# How each of the others begins, and an example of it.
ADDRESSES: dict[str, tuple[Collection[str], str]] = {
    "REDIS_URL": (("redis", "rediss", "unix"), "redis://host:6379/0"),
    "EMAIL_URL": (environ.Env.EMAIL_SCHEMES, "smtp+tls://user:password@host:587"),
}
NUMBERS = (
    "PORT",
    "TRUSTED_PROXY_COUNT",
    "SESSION_IDLE_MINUTES",
    "QUICKBOOKS_LIMIT_PERCENT",
    "INTUIT_MONTHLY_READS",
    "INTUIT_OWN_APP_MONTHLY_READS",
    "LATE_AFTER_SECONDS",
    "WEB_CONCURRENCY",
)


def malformed(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with a setting, and how to write it. Tells nothing of an address, which may hold a password."""
    for name, example in DATABASES.items():
        if (address := told(given, name)) and not _is_database(address):
            yield _no_address(name, example)
    for name, (schemes, example) in ADDRESSES.items():
        if (address := told(given, name)) and not is_url(address, schemes):
            yield _no_address(name, example)
    for name in NUMBERS:
        if not _is_number(given, name):
            fix = f"Write {name} as a whole number, or leave it out."
            yield f"{name} is not a number: {told(given, name)!r}.", fix


def told(given: Mapping[str, str], name: str) -> str:
    """A setting as django-environ reads it: ``$OTHER`` stands for what another one says."""
    return str(_environment(given).str(name, default=""))


def is_url(text: str, schemes: Collection[str]) -> bool:
    """Whether it begins with one of the schemes, and its port is a number if there is one."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and parts.port != 0
    except ValueError:
        return False


def _no_address(name: str, example: str) -> tuple[str, str]:
    return f"{name} is not an address that can be used.", f"Write {name} as {example}."


def _is_database(text: str) -> bool:
    """Whether django-environ reads it, which knows several hosts and passwords that are not escaped."""
    if text.partition("://")[0].lower() not in POSTGRES:
        return False
    try:
        read = environ.Env.db_url_config(text)
    except ValueError:
        return False
    hosts = read["HOST"].split(",")
    return len(hosts) == 1 or (all(_is_host(host) for host in hosts) and _are_ports(read["PORT"]))


def _is_host(text: str) -> bool:
    """A port that is no number stays at its host, where there are several."""
    return ":" not in text or (text.startswith("[") and text.endswith("]"))


def _are_ports(read: str | int) -> bool:
    return all(port.isdecimal() for port in str(read).split(",") if port)


def _is_number(given: Mapping[str, str], name: str) -> bool:
    try:
        _environment(given).int(name, default=0)
    except ValueError:
        return False
    return True


def _environment(given: Mapping[str, str]) -> environ.Env:
    env = environ.Env()
    env.ENVIRON = given
    return env
