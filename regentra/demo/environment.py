"""The settings of a demo: the vendors' addresses lead to the sandbox, secrets are this checkout's own."""

from collections.abc import Mapping
from dataclasses import dataclass

from regentra.embedded.places import Home
from regentra.local_secrets import local_secret

DEFAULT_PORT = 8000
DEFAULT_SANDBOX_PORT = 8100


@dataclass(frozen=True)
class Ports:
    """Where the product and the sandbox listen, both on this machine only."""

    web: int
    sandbox: int

    @classmethod
    def told_by(cls, given: Mapping[str, str]) -> "Ports":
        return cls(
            web=int(given.get("PORT") or DEFAULT_PORT),
            sandbox=int(given.get("SANDBOX_PORT") or DEFAULT_SANDBOX_PORT),
        )

    @property
    def by_variable(self) -> dict[str, int]:
        return {"PORT": self.web, "SANDBOX_PORT": self.sandbox}

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.web}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox}"


def demo_environment(home: Home, given: Mapping[str, str]) -> dict[str, str]:
    """What a demo adds to the environment; what somebody has set stays as it is."""
    ports = Ports.told_by(given)
    wanted = {
        "PORT": str(ports.web),
        "SANDBOX_PORT": str(ports.sandbox),
        "BASE_URL": ports.base_url,
        **_sandbox_as_intuit(home, ports.sandbox_url),
        **(_as_a_server(home) if given.get("DATABASE_URL") else {}),
    }
    return {name: value for name, value in wanted.items() if not given.get(name)}


def _sandbox_as_intuit(home: Home, sandbox_url: str) -> dict[str, str]:
    return {
        "INTUIT_CLIENT_ID": local_secret(home.root, "INTUIT_CLIENT_ID"),
        "INTUIT_CLIENT_SECRET": local_secret(home.root, "INTUIT_CLIENT_SECRET"),
        "INTUIT_WEBHOOK_VERIFIER": local_secret(home.root, "INTUIT_WEBHOOK_VERIFIER"),
        "INTUIT_DISCOVERY_URL": f"{sandbox_url}/.well-known/openid_configuration",
        "QUICKBOOKS_API_URL": sandbox_url,
        "QUICKBOOKS_SANDBOX_API_URL": f"{sandbox_url}/sandbox",
    }


def _as_a_server(home: Home) -> dict[str, str]:
    """With a database of somebody's own the settings take nothing for granted any more."""
    return {
        "SECRET_KEY": local_secret(home.root, "SECRET_KEY"),
        "ENCRYPTION_KEYS": local_secret(home.root, "ENCRYPTION_KEYS"),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "EMAIL_URL": "consolemail://",
        "REDIS_URL": home.redis_url(),
    }
