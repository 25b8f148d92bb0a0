"""Settings that must have a form, or nothing starts: addresses of engines, and numbers. Asks the environment alone."""

from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

import environ

# How each address begins, and an example of one.
ADDRESSES: dict[str, tuple[Collection[str], str]] = {
    "DATABASE_URL": (
        ("postgres", "postgresql", "psql", "pgsql"),
        "postgres://user:password@host:5432/database",
    ),
    "DATABASE_OWNER_URL": (
        ("postgres", "postgresql", "psql", "pgsql"),
        "postgres://owner:password@host:5432/database",
    ),
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
    for name, (schemes, example) in ADDRESSES.items():
        if given.get(name) and not is_url(given[name], schemes):
            yield f"{name} is not an address that can be used.", f"Write {name} as {example}."
    for name in NUMBERS:
        if name in given and not _is_number(given[name]):
            fix = f"Write {name} as a whole number, or leave it out."
            yield f"{name} is not a number: {given[name]!r}.", fix


def is_url(text: str, schemes: Collection[str]) -> bool:
    """Whether it begins with one of the schemes, and its port is a number if there is one."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and parts.port != 0
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
