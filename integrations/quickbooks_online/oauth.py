"""Consent and tokens, through intuit-oauth, which never sees a token answer.

The library copies every key of an answer onto its session object, has no time-outs and fetches the
discovery document at each construction (reference libraries 3). So the session hands it a discovery
document that was read before, adds the time-outs, and keeps each answer to itself. This module parses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError

from integrations.errors import AppRefused, NeedsConsent, SyncError, Temporary
from integrations.ports import App
from integrations.quickbooks_online import jsontext

SCOPE: str = Scopes.ACCOUNTING.value
TIMEOUT_SECONDS = (3.05, 30)
# Asks for the seconds left of the five years that a consent lasts at most (reference 1.4).
HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "revocation_endpoint")
_OTHER_ENDPOINTS = ("issuer", "jwks_uri", "userinfo_endpoint")
# Never fetched: the session answers it from the cache.
_READ_BEFORE = "cached:"
_ENDED_CONSENT = "QuickBooks has ended the authorisation; an admin has to reconnect."
_SPENT_CODE = "The authorisation took too long or was used before. Please start again."


@dataclass(frozen=True, slots=True)
class TokenSet:
    """A token answer. ``hard_expires_in_seconds`` is the end of all refreshing, when they tell it."""

    access_token: str
    refresh_token: str
    access_expires_in_seconds: int
    refresh_expires_in_seconds: int
    hard_expires_in_seconds: int | None = None

    def __repr__(self) -> str:
        return "TokenSet(…)"


def authorize_url(app: App, *, state: str) -> str:
    """Where the browser goes to give consent. Raises `Temporary` when Intuit can't be reached."""
    url: str = _session(app).get_authorization_url([Scopes.ACCOUNTING], state_token=state)
    return url


def exchange(app: App, code: str) -> TokenSet:
    """Tokens for the code of a callback, once. Raises `NeedsConsent` for a code that is spent."""
    return _tokens(app, lambda session: session.get_bearer_token(code), _SPENT_CODE)


def refresh(app: App, refresh_token: str) -> TokenSet:
    """New tokens; the old refresh token may be dead from now on, so store these before use.

    Raises `NeedsConsent` when the consent has ended, `AppRefused` when the app's keys are wrong and `Temporary` when
    the same token may be tried again. Two calls at once with one token can end the consent (reference 1.6).
    """
    return _tokens(app, lambda session: session.refresh(refresh_token), _ENDED_CONSENT)


def revoke(app: App, token: str) -> None:
    """Ends the consent over there. A token that is already dead is fine."""
    try:
        _session(app).revoke(token)
    except AuthClientError as error:
        if error.status_code != 400:
            raise _refusal(error, _ENDED_CONSENT) from error
    except requests.RequestException as error:
        raise _unreachable() from error


def _tokens(app: App, ask: Callable[["_Session"], None], ended: str) -> TokenSet:
    session = _session(app)
    try:
        ask(session)
    except AuthClientError as error:
        raise _refusal(error, ended) from error
    except requests.RequestException as error:
        raise _unreachable() from error
    return _parsed(session.answer)


class _Session(AuthClient):
    """The library's client over a session that behaves."""

    answer: requests.Response

    def __init__(self, app: App, endpoints: dict[str, str]) -> None:
        self._endpoints = endpoints
        super().__init__(app.client_id, app.client_secret, app.redirect_uri, _READ_BEFORE)
        # A .netrc entry would replace the app's own credentials.
        self.trust_env = False

    def request(self, method: str, url: str, **how: Any) -> requests.Response:
        if url == _READ_BEFORE:
            return _Canned(self._endpoints)
        headers = {**(how.pop("headers", None) or {}), HARD_EXPIRY_HEADER: "true"}
        settings = {**how, "timeout": TIMEOUT_SECONDS, "allow_redirects": False}
        self.answer = super().request(method, url, headers=headers, **settings)
        return self.answer if self.answer.status_code != 200 else _Canned(None)


class _Canned(requests.Response):
    """A success that the library may read."""

    def __init__(self, endpoints: dict[str, str] | None) -> None:
        super().__init__()
        self.status_code = 200
        self._content = jsontext.written(endpoints).encode() if endpoints else b""


def _session(app: App) -> _Session:
    return _Session(app, _discovered(app.discovery_url))


@cache
def _discovered(url: str) -> dict[str, str]:
    """Intuit's endpoints, read once in the life of a process; a failure is not remembered."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            response = session.get(url, timeout=TIMEOUT_SECONDS)
        response.raise_for_status()
        found = jsontext.read(response.text)
        required = {name: str(found[name]) for name in _ENDPOINTS}
    except (requests.RequestException, LookupError, TypeError, ValueError) as error:
        raise _unreachable() from error
    return required | {name: str(found.get(name, "")) for name in _OTHER_ENDPOINTS}


def _parsed(answer: requests.Response) -> TokenSet:
    """Raises `Temporary` for what is no token answer; of a refresh the same token is tried again."""
    try:
        found = jsontext.read(answer.text)
        hard = found.get("x_refresh_token_hard_expires_in")
        return TokenSet(
            access_token=_text(found["access_token"]),
            refresh_token=_text(found["refresh_token"]),
            access_expires_in_seconds=int(found["expires_in"]),
            refresh_expires_in_seconds=int(found["x_refresh_token_expires_in"]),
            hard_expires_in_seconds=None if hard is None else int(hard),
        )
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        words = "Intuit's answer was not a token; we try again by ourselves."
        raise Temporary(words, reference=_reference(answer)) from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("A token is a text")
    return value


def _refusal(error: AuthClientError, ended: str) -> SyncError:
    """What a refusal of the token endpoint means (reference 1.6)."""
    said = _word_of(error.content)
    code, reference = said or f"HTTP {error.status_code}", _reference(error.response)
    if said == "invalid_grant":
        return NeedsConsent(ended, code=code, reference=reference)
    if error.status_code >= 500 or error.status_code in (408, 429):
        words = "Intuit did not answer; we try again by ourselves."
        return Temporary(words, code=code, reference=reference)
    return AppRefused(
        "Intuit does not accept the settings of this app.",
        hint="Check client id and secret, and that the exact redirect URI is registered at Intuit.",
        code=code,
        reference=reference,
    )


def _unreachable() -> Temporary:
    return Temporary("Intuit could not be reached; we try again by ourselves.", code="no answer")


def _word_of(content: bytes) -> str:
    """The error's name, such as invalid_grant."""
    try:
        word = jsontext.read(content.decode())["error"]
    except (LookupError, TypeError, ValueError, RecursionError):
        return ""
    return word[:40] if isinstance(word, str) else ""


def _reference(response: requests.Response) -> str:
    return response.headers.get("intuit_tid", "")[:100]
