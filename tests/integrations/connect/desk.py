"""What a person at a browser does to connect a company, over real HTTP to the sandbox."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from django.contrib.messages import get_messages
from django.test import Client

from integrations.models import Connection, Credential, live_connection
from sandbox import Box
from tenants.models import Organization, Role, User
from tenants.scope import within
from tests import factories

CALLBACK = "/integrations/quickbooks/callback/"


@dataclass
class Desk:
    """Alice owns Northwind, which the operator lets connect QuickBooks."""

    box: Box
    client_id: str
    organization: Organization
    alice: User
    browser: Client

    @classmethod
    def at(cls, box: Box, settings: Any) -> "Desk":
        app = _call(
            box,
            "POST",
            "apps",
            {"name": "Regentra", "redirect_uris": [f"http://testserver{CALLBACK}"]},
        )
        settings.INTUIT_CLIENT_ID = app["client_id"]
        settings.INTUIT_CLIENT_SECRET = app["client_secret"]
        settings.INTUIT_WEBHOOK_VERIFIER = app["verifier"]
        settings.INTUIT_DISCOVERY_URL = f"{box.url}/.well-known/openid_configuration"
        settings.QUICKBOOKS_API_URL = box.url
        settings.QUICKBOOKS_SANDBOX_API_URL = f"{box.url}/sandbox"
        organization = factories.organization("northwind", features=["quickbooks"])
        alice = factories.member(organization, "alice@example.com", name="Alice")
        return cls(box, app["client_id"], organization, alice, browser_of(alice))

    # --- over there ---------------------------------------------------------------------------------------------------

    def company(self, **wish: Any) -> str:
        """Another company at Intuit; its id."""
        return str(_call(self.box, "POST", "companies", {"throttles": False, **wish})["realm_id"])

    def trouble(self, kind: str, **rule: Any) -> None:
        """Arms a fault for the next call, or as the rule says."""
        _call(self.box, "POST", "faults", {"kind": kind, **rule})

    def token_calls(self) -> list[dict[str, Any]]:
        """The calls of the token endpoint so far."""
        return [
            one
            for one in _call(self.box, "GET", "journal")
            if one["path"] == "/oauth2/v1/tokens/bearer"
        ]

    def calls(self, path: str) -> list[dict[str, Any]]:
        return [one for one in _call(self.box, "GET", "journal") if path in one["path"]]

    def consent(self, page: str, realm: str, decision: str = "connect") -> str:
        """A press on Connect or Cancel of Intuit's page; where the browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
        answer = requests.post(
            page.partition("?")[0],
            data={**asked, "realm": realm, "decision": decision},
            allow_redirects=False,
            timeout=10,
        )
        return answer.headers["Location"]

    # --- at the browser -----------------------------------------------------------------------------------------------

    def page(self, name: str = "") -> str:
        return f"/o/{self.organization.slug}/settings/integrations/quickbooks/{name}"

    def named(self, name: str = "") -> str:
        """An address of the page that shows the default company, or that none is connected."""
        with within(self.organization):
            shown = live_connection()
        return f"{self.page(name)}{shown.query if shown else ''}"

    def press_connect(self, browser: Client | None = None) -> str:
        """Where the Connect button leads: Intuit's page, with the state."""
        answer = (browser or self.browser).post(self.named("connect/"))
        assert answer.status_code == 302, answer.content
        return str(answer.headers["Location"])

    def come_back(self, address: str, browser: Client | None = None) -> Any:
        """The browser follows Intuit's redirect to our callback."""
        parts = urlsplit(address)
        return (browser or self.browser).get(f"{parts.path}?{parts.query}")

    def connect(self, realm: str = "", **wish: Any) -> Connection:
        """All of it, with the person saying yes; the connection as stored."""
        realm = realm or self.company(**wish)
        answer = self.come_back(self.consent(self.press_connect(), realm))
        assert answer.status_code == 302, answer.content
        assert said(answer)[-1] == f"QuickBooks connected: {self.live().company_name}."
        return self.live()

    def live(self) -> Connection:
        with within(self.organization):
            connection = live_connection()
        assert connection is not None
        return connection

    def stored(self) -> tuple[int, int]:
        """How many connections and credentials there are."""
        with within(self.organization):
            return Connection.objects.count(), Credential.objects.count()


def browser_of(person: User) -> Client:
    """A browser in which this person has logged in."""
    client = Client()
    client.force_login(person)
    return client


def bob_of(organization: Organization, role: Role = Role.STAFF) -> Client:
    """The browser of Bob, who works there."""
    return browser_of(factories.member(organization, f"bob-{role}@example.com", role, name="Bob"))


def with_query(address: str, **changed: str) -> str:
    """The address with these parameters instead; an empty one is left out."""
    parts = urlsplit(address)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
    kept = {name: value for name, value in asked.items() if value}
    return parts._replace(query=urlencode(kept)).geturl()


def said(answer: Any) -> list[str]:
    """The messages that the next page will show."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


def _call(box: Box, method: str, path: str, wish: Any = None) -> Any:
    answer = requests.request(method, f"{box.url}/_sandbox/{path}", json=wish, timeout=10)
    assert answer.ok, answer.text
    return answer.json()
