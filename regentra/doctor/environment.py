"""Are the settings there and well-formed? Looks at the environment alone, so it works when Django cannot start."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from regentra.doctor.findings import Finding, note
from regentra.wellformed import is_url, malformed, told

# Names without a default on a server, and what each is for.
REQUIRED = {
    "REDIS_URL": "redis://host:6379/0, where hints for the workers, locks and budgets are kept",
    "SECRET_KEY": "50 or more random characters; sessions and links are signed with it",
    "ENCRYPTION_KEYS": "id:base64 of 32 random bytes; vendors' tokens are sealed with it",
    "ALLOWED_HOSTS": "the host names people and vendors use, comma-separated",
    "BASE_URL": "https://the.address.people.use, without a path",
    "EMAIL_URL": "smtp+tls://user:password@host:587, for password resets and notifications",
}
ADDRESSES = (
    "BASE_URL",
    "INTUIT_DISCOVERY_URL",
    "QUICKBOOKS_API_URL",
    "QUICKBOOKS_SANDBOX_API_URL",
    "STRIPE_API_URL",
    "STRIPE_CONNECT_URL",
    "REHEARSAL_URL",
)
INTUIT_APP = ("INTUIT_CLIENT_ID", "INTUIT_CLIENT_SECRET", "INTUIT_WEBHOOK_VERIFIER")
SHORTEST_TOKEN = 32
STRIPE_APP = ("STRIPE_SECRET_KEY", "STRIPE_CLIENT_ID", "STRIPE_WEBHOOK_SECRET")


def examine_environment(given: Mapping[str, str]) -> list[Finding]:
    """What is missing or malformed; nothing is connected to."""
    is_server = bool(told(given, "DATABASE_URL"))
    return [
        *(_missing(given) if is_server else [_local()]),
        *(Finding(what, fix) for what, fix in malformed(given)),
        *_malformed_addresses(given),
        *(_server_address(given) if is_server else []),
        *_proxies(given),
        *_metrics_token(given),
        *_half_told(given, INTUIT_APP, "QuickBooks cannot be connected"),
        *_half_told(given, STRIPE_APP, "Stripe accounts cannot be connected"),
    ]


def _local() -> Finding:
    return note(
        "DATABASE_URL is not set: a local checkout with embedded engines and secrets of its own.",
        "Nothing to do for a demo; for a server set DATABASE_URL and what .env.example says.",
    )


def _missing(given: Mapping[str, str]) -> Iterator[Finding]:
    for name, purpose in REQUIRED.items():
        if not told(given, name):
            yield Finding(f"{name} is not set.", f"Set {name}: {purpose}.")
    if not told(given, "DATABASE_OWNER_URL"):
        yield note(
            "DATABASE_OWNER_URL is not set.",
            "Web, worker and beat do without; set it where `manage.py migrate` runs.",
        )


def _malformed_addresses(given: Mapping[str, str]) -> Iterator[Finding]:
    for name in ADDRESSES:
        address = told(given, name)
        if address and not _is_address(address):
            yield Finding(
                f"{name} is not an address: {address!r}.", f"Write {name} as https://host."
            )


def _is_address(text: str) -> bool:
    if not is_url(text, {"http", "https"}):
        return False
    parts = urlsplit(text)
    return bool(parts.netloc) and not parts.query


def _server_address(given: Mapping[str, str]) -> Iterator[Finding]:
    base, allowed = told(given, "BASE_URL"), told(given, "ALLOWED_HOSTS")
    if not _is_address(base):
        return
    host = urlsplit(base).hostname or ""
    if not base.startswith("https://") and host not in {"127.0.0.1", "localhost"}:
        yield Finding("BASE_URL is plain http: log-ins can be read on the way.", "Use https://.")
    if allowed and not any(_covers(pattern.strip(), host) for pattern in allowed.split(",")):
        yield Finding(f"ALLOWED_HOSTS does not name {host}, the host of BASE_URL.", f"Add {host}.")


def _proxies(given: Mapping[str, str]) -> Iterator[Finding]:
    count = told(given, "TRUSTED_PROXY_COUNT").strip() or "0"
    if told(given, "BASE_URL").startswith("https://") and count == "0":
        yield note(
            "TRUSTED_PROXY_COUNT is 0: behind a proxy log-ins of all people are limited together.",
            "Set it to the number of your proxies that add to X-Forwarded-For.",
        )


def _metrics_token(given: Mapping[str, str]) -> Iterator[Finding]:
    token = told(given, "METRICS_TOKEN")
    if not token:
        yield note("METRICS_TOKEN is not set: /metrics is switched off.", "Set it for Prometheus.")
    elif len(token) < SHORTEST_TOKEN:
        yield Finding("METRICS_TOKEN is short.", f"Use {SHORTEST_TOKEN} or more random characters.")


def _covers(pattern: str, host: str) -> bool:
    return pattern in {"*", host} or (pattern.startswith(".") and host.endswith(pattern))


def _half_told(given: Mapping[str, str], names: tuple[str, ...], effect: str) -> Iterator[Finding]:
    missing = [name for name in names if not told(given, name)]
    if len(missing) == len(names):
        yield note(f"{', '.join(names)} are not set: {effect}.", "Set all of them to enable it.")
    elif missing:
        yield Finding(f"{', '.join(missing)} not set, but others of the same app are.", "Set all.")
