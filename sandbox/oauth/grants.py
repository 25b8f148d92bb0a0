"""Grants and their secrets: codes, access tokens, rotating refresh tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox import jsontext

if TYPE_CHECKING:
    from sandbox.core import Sandbox

ACCESS_SECONDS = 3600
CODE_SECONDS = 600
DAY = 86400
IDLE_SECONDS = 101 * DAY
# "100 days rolling": the announced figure of a fresh token is 101 days' worth of seconds minus one.
ANNOUNCED_SECONDS = 8726400
HARD_SECONDS = 5 * 365 * DAY + DAY
ROTATION_SECONDS = DAY


@dataclass(frozen=True)
class Access:
    """What a bearer token stands for."""

    grant_id: int
    realm: int
    client_id: str
    scopes: frozenset[str]
    expired: bool


class Refused(Exception):
    """An OAuth error: `error` and an optional description, HTTP 400 unless it is the client's."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        self.error, self.description, self.status = error, description, status
        super().__init__(error)


def create(core: Sandbox, realm: str, client_id: str, scopes: str) -> int:
    body = {"scopes": scopes, "created": int(core.clock.time())}
    cursor = core.store.execute(
        "INSERT INTO grants(realm, client_id, live, body) VALUES(?,?,1,?)",
        (int(realm), client_id, jsontext.dumps(body)),
    )
    return int(cursor.lastrowid or 0)


def code(core: Sandbox, realm: str, client_id: str, scopes: str, redirect_uri: str) -> str:
    """A single-use code for a company somebody has just agreed to connect."""
    value = "AB1" + core.chance.hex(46)
    body = {"realm": realm, "client_id": client_id, "scopes": scopes, "redirect_uri": redirect_uri,
            "expires": int(core.clock.time()) + CODE_SECONDS}  # fmt: skip
    core.store.execute("INSERT INTO secrets VALUES('code',?,0,?)", (value, jsontext.dumps(body)))
    return value


def exchange(core: Sandbox, client_id: str, value: str, redirect_uri: str) -> dict[str, Any]:
    """Tokens for a code. A code used twice, expired, or of another app or address: invalid_grant."""
    row = core.store.one("SELECT grant_id, body FROM secrets WHERE kind='code' AND value=?", value)
    if row is None:
        raise Refused("invalid_grant", "Invalid authorization code")
    body = jsontext.loads(row[1])
    if row[0]:
        if core.switches.code_reuse_revokes_grant:
            revoke(core, row[0])
        raise Refused("invalid_grant", "Authorization code was used already")
    if body["client_id"] != client_id or body["redirect_uri"] != redirect_uri:
        raise Refused("invalid_grant", "Invalid authorization code")
    if core.clock.time() > body["expires"]:
        raise Refused("invalid_grant", "Authorization code expired")
    grant_id = create(core, body["realm"], client_id, body["scopes"])
    core.store.execute(
        "UPDATE secrets SET grant_id=? WHERE kind='code' AND value=?", (grant_id, value)
    )
    return issue(core, grant_id)


def issue(core: Sandbox, grant_id: int) -> dict[str, Any]:
    """A fresh pair for a new grant."""
    return {**new_access(core, grant_id), **new_refresh(core, grant_id)}


def new_access(core: Sandbox, grant_id: int) -> dict[str, Any]:
    value = "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0.." + core.chance.hex(192)
    body = {"expires": int(core.clock.time()) + ACCESS_SECONDS}
    core.store.execute(
        "INSERT INTO secrets VALUES('access',?,?,?)", (value, grant_id, jsontext.dumps(body))
    )
    return {"token_type": "bearer", "access_token": value, "expires_in": ACCESS_SECONDS}


def new_refresh(core: Sandbox, grant_id: int) -> dict[str, Any]:
    now = int(core.clock.time())
    value = f"RT1-{core.chance.number(900) + 100}-H0-{now + ANNOUNCED_SECONDS}{core.chance.hex(20)}"
    body = {"issued": now, "used": now, "superseded": None}
    core.store.execute(
        "INSERT INTO secrets VALUES('refresh',?,?,?)", (value, grant_id, jsontext.dumps(body))
    )
    return {"refresh_token": value, "x_refresh_token_expires_in": ANNOUNCED_SECONDS}


def refresh(core: Sandbox, client_id: str, value: str) -> dict[str, Any]:
    """A new access token; the refresh value changes once it is a day old."""
    row = core.store.one(
        "SELECT s.grant_id, s.body, g.client_id, g.live, g.body FROM secrets s JOIN grants g "
        "ON g.id=s.grant_id WHERE s.kind='refresh' AND s.value=?", value,
    )  # fmt: skip
    if row is None or row[2] != client_id or not row[3]:
        raise Refused("invalid_grant", "Incorrect or invalid refresh token")
    grant_id, body, grant = row[0], jsontext.loads(row[1]), jsontext.loads(row[4])
    now = int(core.clock.time())
    if now - grant["created"] >= HARD_SECONDS or now - body["used"] >= 100 * DAY:
        raise Refused("invalid_grant", "Token expired")
    if body["superseded"] is not None:
        _superseded(core, grant_id, body["superseded"], now)
    tokens = new_access(core, grant_id)
    if body["superseded"] is None and now - body["issued"] >= ROTATION_SECONDS:
        keep(core, value, {**body, "superseded": now})
        return {**tokens, **new_refresh(core, grant_id)}
    keep(core, value, {**body, "used": now})
    return {**tokens, "refresh_token": value, "x_refresh_token_expires_in": ANNOUNCED_SECONDS}


def _superseded(core: Sandbox, grant_id: int, since: int, now: int) -> None:
    if now - since < core.switches.previous_refresh_token_hours * 3600:
        return
    if core.switches.reuse_revokes_grant:
        revoke(core, grant_id)
    raise Refused("invalid_grant", "Incorrect or invalid refresh token")


def keep(core: Sandbox, value: str, body: dict[str, Any]) -> None:
    core.store.execute(
        "UPDATE secrets SET body=? WHERE kind='refresh' AND value=?", (jsontext.dumps(body), value)
    )


def hard_expiry_seconds(core: Sandbox, refresh_token: str) -> int:
    row = core.store.one(
        "SELECT g.body FROM secrets s JOIN grants g ON g.id=s.grant_id "
        "WHERE s.kind='refresh' AND s.value=?", refresh_token,
    )  # fmt: skip
    created = int(jsontext.loads(row[0])["created"])
    return created + HARD_SECONDS - int(core.clock.time())


def access(core: Sandbox, value: str) -> Access | None:
    """What a bearer token stands for; None when unknown or revoked."""
    row = core.store.one(
        "SELECT s.grant_id, s.body, g.realm, g.client_id, g.live, g.body FROM secrets s "
        "JOIN grants g ON g.id=s.grant_id WHERE s.kind='access' AND s.value=?", value,
    )  # fmt: skip
    if row is None or not row[4]:
        return None
    scopes = frozenset(jsontext.loads(row[5])["scopes"].split())
    expired = core.clock.time() >= jsontext.loads(row[1])["expires"]
    return Access(row[0], row[2], row[3], scopes, expired)


def expire_access(core: Sandbox, value: str) -> None:
    core.store.execute(
        "UPDATE secrets SET body=? WHERE kind='access' AND value=?",
        (jsontext.dumps({"expires": 0}), value),
    )


def revoke(core: Sandbox, grant_id: int) -> None:
    """The grant and all its tokens are dead; webhooks of the company stop for this app."""
    core.store.execute("UPDATE grants SET live=0 WHERE id=?", (grant_id,))


def grant_of(core: Sandbox, token: str) -> tuple[int, str, int] | None:
    """(grant, client, realm) behind an access or refresh token."""
    found: tuple[int, str, int] | None = core.store.one(
        "SELECT g.id, g.client_id, g.realm FROM secrets s JOIN grants g ON g.id=s.grant_id "
        "WHERE s.kind IN ('access','refresh','code') AND s.value=?", token,
    )  # fmt: skip
    return found


def disconnect(core: Sandbox, realm: str, client_id: str | None = None) -> int:
    """What a person does in QuickBooks: no webhook tells of it. Returns the grants ended."""
    sql, values = "UPDATE grants SET live=0 WHERE realm=? AND live=1", [int(realm)]
    if client_id:
        sql, values = sql + " AND client_id=?", [int(realm), client_id]  # type: ignore[list-item]
    return core.store.execute(sql, values).rowcount
