"""Making and changing companies, with an app and tokens for those who need no consent page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import setup
from sandbox.apps import App
from sandbox.company import CURRENCIES, EDITIONS, ZONES, Company
from sandbox.control import state
from sandbox.oauth import grants

if TYPE_CHECKING:
    from sandbox.core import Sandbox

WISHES = {"name", "country", "currency", "edition", "environment", "custom_numbers", "ast", "auto_apply",
          "multicurrency", "payments_enabled", "throttles", "state", "zone", "client_id", "webhook_url",
          "redirect_uris", "verifier", "demo", "realm_id", "scopes", "custom_fields"}  # fmt: skip
ACCOUNTING = "com.intuit.quickbooks.accounting openid profile email phone address"


def create(core: Sandbox, wish: dict[str, Any]) -> dict[str, Any]:
    """All wishes optional. Returns realm, keys and a fresh pair of tokens. Raises ValueError."""
    unknown = wish.keys() - WISHES
    if unknown:
        raise ValueError(f"unknown wish: {', '.join(sorted(unknown))}")
    dumped = wish.get("state")
    company = core.add_company(described(core, wish, dumped))
    if dumped:
        state.restore(core, company.realm, dumped)
    else:
        setup.fill(core, company, wish)
        if wish.get("demo"):
            from sandbox import demo

            demo.fill(core, company)
    return {"realm_id": company.realm, **connected(core, company, wish)}


def described(core: Sandbox, wish: dict[str, Any], dumped: Any) -> Company:
    realm = str(wish.get("realm_id") or core.new_realm())
    if not realm.isdigit() or realm in core.companies:
        raise ValueError("realm_id must be a free number")
    if dumped:
        return Company(**{**dumped["company"], "realm": realm})
    country = wish.get("country", "US")
    edition = wish.get("edition", "Plus")
    if not edition.startswith("QuickBooks"):
        edition = f"QuickBooks Online {edition}"
    if edition not in EDITIONS:
        raise ValueError(f"edition must be one of {', '.join(sorted(EDITIONS))}")
    environment = wish.get("environment", "sandbox")
    if environment not in {"sandbox", "production"}:
        raise ValueError("environment is sandbox or production")
    return Company(
        realm, wish.get("name", f"Sandbox Company {country} {realm[-4:]}"), country,
        wish.get("currency") or CURRENCIES.get(country, "USD"), edition, environment,
        wish.get("zone") or ZONES.get(country, "America/Los_Angeles"),
        throttles=bool(wish.get("throttles", True)),
    )  # fmt: skip


def connected(core: Sandbox, company: Company, wish: dict[str, Any]) -> dict[str, str]:
    """An app (the named one, else a new one) with a grant for the company."""
    app = core.apps.get(wish.get("client_id", ""))
    if app is None:
        app = core.add_app(App(
            wish.get("client_id") or f"AB{core.chance.hex(30)}", core.chance.hex(40),
            redirect_uris=list(wish.get("redirect_uris", [])), webhook_url=wish.get("webhook_url", ""),
            verifier=wish.get("verifier") or core.chance.hex(32),
        ))  # fmt: skip
    grant = grants.create(core, company.realm, app.client_id, wish.get("scopes", ACCOUNTING))
    tokens = grants.issue(core, grant)
    return {"client_id": app.client_id, "client_secret": app.client_secret, "verifier": app.verifier,
            "access_token": tokens["access_token"], "refresh_token": tokens["refresh_token"]}  # fmt: skip


CHANGES = {"throttles": bool, "subscription": str, "admin_removed": bool, "close_password": bool,
           "locale_faults": bool, "name": str, "edition": str}  # fmt: skip


def change(core: Sandbox, realm: str, wish: dict[str, Any]) -> dict[str, Any]:
    """Subscription lapse, lost admin rights, throttles … Raises KeyError, ValueError."""
    company = core.companies[realm]
    for name, value in wish.items():
        if name not in CHANGES:
            raise ValueError(f"{name} cannot be changed here")
        setattr(company, name, CHANGES[name](value))
    return core.add_company(company).as_json()
