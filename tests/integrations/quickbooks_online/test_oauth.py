"""Consent and tokens against the sandbox's token endpoint, and what odd answers mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import requests

from integrations.errors import AppRefused, NeedsConsent, Temporary
from integrations.quickbooks_online import oauth
from integrations.quickbooks_online.oauth import App, TokenSet
from tests.integrations.quickbooks_online.desk import Desk, control, open_desk
from tests.integrations.quickbooks_online.scripted import Script, scripted

REDIRECT = "http://127.0.0.1:18999/integrations/quickbooks/callback/"
DAY = 86_400


@dataclass
class Consenting:
    """An app with a company that agrees to everything."""

    app: App
    desk: Desk

    def code(self) -> str:
        """What the browser brings back after a press on Connect."""
        url = oauth.authorize_url(self.app, state="s-1")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        pressed = {**asked, "realm": self.desk.account, "decision": "connect"}
        base = url.split("?")[0]
        answer = requests.post(base, data=pressed, timeout=10, allow_redirects=False)
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert back["state"] == ["s-1"]
        assert back["realmId"] == [self.desk.account]
        return back["code"][0]


@pytest.fixture
def consenting(sandbox_url: str) -> Consenting:
    client_id = f"AB{uuid4().hex}"
    desk = open_desk(sandbox_url, client_id=client_id, redirect_uris=[REDIRECT])
    discovery = f"{sandbox_url}/.well-known/openid_configuration"
    return Consenting(App(client_id, desk.made["client_secret"], REDIRECT, discovery), desk)


def test_browser_is_sent_with_scope_state_and_address(consenting: Consenting) -> None:
    url = urlsplit(oauth.authorize_url(consenting.app, state="a state"))
    assert url.path == "/connect/oauth2"
    assert parse_qs(url.query) == {
        "client_id": [consenting.app.client_id],
        "response_type": ["code"],
        "scope": ["com.intuit.quickbooks.accounting"],
        "redirect_uri": [REDIRECT],
        "state": ["a state"],
    }


def test_code_is_exchanged_once(consenting: Consenting) -> None:
    code = consenting.code()
    tokens = oauth.exchange(consenting.app, code)
    assert tokens.access_token
    assert tokens.refresh_token.startswith("RT1-")
    assert (tokens.access_expires_in_seconds, tokens.refresh_expires_in_seconds) == (3600, 8726400)
    assert tokens.hard_expires_in_seconds is not None
    assert tokens.hard_expires_in_seconds > 4 * 365 * DAY
    with pytest.raises(NeedsConsent) as spent:
        oauth.exchange(consenting.app, code)
    assert spent.value.code == "invalid_grant"
    assert "start again" in spent.value.words
    assert spent.value.reference


def test_refresh_gives_new_tokens_until_the_consent_ends(consenting: Consenting) -> None:
    first = oauth.exchange(consenting.app, consenting.code())
    second = oauth.refresh(consenting.app, first.refresh_token)
    assert second.access_token != first.access_token
    oauth.revoke(consenting.app, second.refresh_token)
    with pytest.raises(NeedsConsent):
        oauth.refresh(consenting.app, second.refresh_token)
    # Disconnecting what is disconnected already is fine.
    oauth.revoke(consenting.app, second.refresh_token)


def test_app_that_intuit_does_not_know_is_a_matter_of_settings(consenting: Consenting) -> None:
    wrong = replace(consenting.app, client_secret="wrong")
    for attempt in (
        lambda: oauth.refresh(wrong, "RT1-x"),
        lambda: oauth.exchange(wrong, "code"),
        lambda: oauth.revoke(wrong, "RT1-x"),
    ):
        with pytest.raises(AppRefused) as refusal:
            attempt()
        assert refusal.value.code == "invalid_client"
        assert "redirect URI" in refusal.value.hint


def test_secrets_do_not_show(consenting: Consenting) -> None:
    tokens = oauth.exchange(consenting.app, consenting.code())
    shown = f"{tokens!r} {consenting.app!r}"
    assert tokens.access_token not in shown
    assert tokens.refresh_token not in shown
    assert consenting.app.client_secret not in shown


def test_one_refusal_of_intuit_is_believed_and_not_remembered(
    consenting: Consenting, sandbox_url: str
) -> None:
    tokens = oauth.exchange(consenting.app, consenting.code())
    control(sandbox_url, "faults", {"kind": "invalid_grant"})
    with pytest.raises(NeedsConsent):
        oauth.refresh(consenting.app, tokens.refresh_token)
    assert oauth.refresh(consenting.app, tokens.refresh_token).access_token


# --- answers that Intuit should not give -----------------------------------------------------

TOKENS: dict[str, Any] = {
    "token_type": "bearer",
    "access_token": "eyJ",
    "expires_in": 3600,
    "refresh_token": "RT1-x",
    "x_refresh_token_expires_in": 8726400,
}


@pytest.fixture
def script() -> Iterator[Script]:
    with scripted() as running:
        yield running


@pytest.fixture
def app(script: Script) -> App:
    """An app whose Intuit answers what a test wants."""
    endpoints = {
        "authorization_endpoint": f"{script.url}/authorize",
        "token_endpoint": f"{script.url}/token",
        "revocation_endpoint": f"{script.url}/revoke",
    }
    script.answer(200, endpoints)
    app = App("id", "secret", REDIRECT, f"{script.url}/.well-known/{uuid4().hex}")
    oauth.authorize_url(app, state="s")
    return app


def test_discovery_is_read_once(app: App, script: Script) -> None:
    script.answer(200, TOKENS)
    oauth.refresh(app, "RT1-x")
    assert oauth.authorize_url(app, state="s").startswith(f"{script.url}/authorize?")
    assert [path.split("/")[1] for path in script.paths] == [".well-known", "token"]


def test_answer_cannot_change_our_settings(app: App, script: Script) -> None:
    """The library would copy each key onto its session: `verify` off, another secret."""
    script.answer(200, {**TOKENS, "verify": False, "client_secret": "theirs", "id_token": "a.b.c"})
    assert oauth.refresh(app, "RT1-x") == TokenSet("eyJ", "RT1-x", 3600, 8726400)
    script.answer(200, TOKENS)
    oauth.refresh(app, "RT1-x")
    assert script.heads[-1]["authorization"] == script.heads[-2]["authorization"]
    assert script.heads[-1]["x-include-refresh-token-hard-expires-in"] == "true"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"<html>",
        b'{"access_token": "eyJ"',
        {**TOKENS, "access_token": ""},
        {**TOKENS, "refresh_token": None},
        {**TOKENS, "expires_in": "soon"},
        {key: value for key, value in TOKENS.items() if key != "refresh_token"},
    ],
)
def test_success_that_is_no_token_is_tried_again(app: App, script: Script, body: Any) -> None:
    script.answer(200, body)
    with pytest.raises(Temporary):
        oauth.refresh(app, "RT1-x")


@pytest.mark.parametrize(
    "status, body, error",
    [
        (400, {"error": "invalid_grant"}, NeedsConsent),
        (400, {"error": "invalid_grant", "error_description": "Token invalid"}, NeedsConsent),
        (400, {"error": "invalid_request"}, AppRefused),
        (400, {"error": ["odd"]}, AppRefused),
        (400, b"\xff", AppRefused),
        (401, {"error": "invalid_client"}, AppRefused),
        (403, b"<html>", AppRefused),
        (408, b"", Temporary),
        (429, b"", Temporary),
        (500, {"error": "server_error"}, Temporary),
        (503, b"<html>", Temporary),
    ],
)
def test_refusal_of_a_refresh_ends_the_consent_only_when_it_says_so(
    app: App, script: Script, status: int, body: Any, error: type[Exception]
) -> None:
    script.answer(status, body)
    with pytest.raises(error) as raised:
        oauth.refresh(app, "RT1-x")
    assert type(raised.value) is error


def test_broken_line_does_not_end_the_consent(app: App, script: Script) -> None:
    script.hang_up()
    with pytest.raises(Temporary):
        oauth.refresh(app, "RT1-x")
    script.hang_up()
    with pytest.raises(Temporary):
        oauth.revoke(app, "RT1-x")


def test_intuit_that_cannot_be_found_is_asked_again(script: Script) -> None:
    app = App("id", "secret", REDIRECT, f"{script.url}/.well-known/{uuid4().hex}")
    for status, body in ((503, b""), (200, b"{}"), (200, b"<html>")):
        script.answer(status, body)
        with pytest.raises(Temporary):
            oauth.authorize_url(app, state="s")
    endpoints = ("authorization_endpoint", "token_endpoint", "revocation_endpoint")
    script.answer(200, dict.fromkeys(endpoints, script.url))
    assert re.match(r"http://.*state=s$", oauth.authorize_url(app, state="s"))
