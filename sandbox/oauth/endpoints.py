"""Discovery, token, revoke, userinfo and keys."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING, Any

from sandbox import jsontext
from sandbox.apps import App
from sandbox.messages import Request, Response
from sandbox.oauth import grants, identity
from sandbox.oauth.grants import Refused

if TYPE_CHECKING:
    from sandbox.core import Sandbox

HARD_HEADER = "x-include-refresh-token-hard-expires-in"
SCOPES = (
    "com.intuit.quickbooks.accounting", "com.intuit.quickbooks.payment",
    "openid", "profile", "email", "phone", "address",
)  # fmt: skip


def discovery(core: Sandbox, request: Request) -> Response:
    base = core.base_url(request)
    return Response.json({
        "issuer": identity.ISSUER, "authorization_endpoint": f"{base}/connect/oauth2",
        "token_endpoint": f"{base}/oauth2/v1/tokens/bearer",
        "userinfo_endpoint": f"{base}/v1/openid_connect/userinfo",
        "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke", "jwks_uri": f"{base}/op/v1/jwks",
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"], "scopes_supported": list(SCOPES),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    })  # fmt: skip


def client_of(core: Sandbox, request: Request) -> App:
    """The app behind HTTP Basic; anything else is invalid_client with 401."""
    header = request.headers.get("authorization", "")
    try:
        if not header.lower().startswith("basic "):
            raise ValueError
        text = base64.b64decode(header[6:].strip(), validate=True).decode()
        client_id, _, secret = text.partition(":")
    except (ValueError, binascii.Error) as error:
        raise Refused("invalid_client", status=401) from error
    app = core.apps.get(client_id)
    if app is None or not hmac.compare_digest(app.client_secret.encode(), secret.encode()):
        raise Refused("invalid_client", status=401)
    return app


def token(core: Sandbox, request: Request) -> Response:
    """Code exchange and refresh. `intuit_tid` is on errors too."""
    try:
        app = client_of(core, request)
        if core.trouble.rules and core.trouble.strike({"invalid_grant"}, {"path": request.path}):
            raise Refused("invalid_grant", "Token invalid")
        answer = granted(core, app, request)
    except Refused as refusal:
        return refused(core, refusal)
    if request.headers.get(HARD_HEADER, "").lower() == "true":
        answer["x_refresh_token_hard_expires_in"] = grants.hard_expiry_seconds(
            core, answer["refresh_token"]
        )
    response = with_tid(core, Response.json(answer))
    response.delay_seconds = core.switches.token_latency_seconds
    return response


def granted(core: Sandbox, app: App, request: Request) -> dict[str, Any]:
    form = request.form()
    kind = form.get("grant_type", "")
    if kind == "refresh_token":
        return grants.refresh(core, app.client_id, form.get("refresh_token", ""))
    if kind != "authorization_code":
        raise Refused("unsupported_grant_type" if kind else "invalid_request")
    answer = grants.exchange(
        core, app.client_id, form.get("code", ""), form.get("redirect_uri", "")
    )
    return identity.with_id_token(core, app, answer)


def refused(core: Sandbox, refusal: Refused) -> Response:
    body = {"error": refusal.error}
    if refusal.description:
        body["error_description"] = refusal.description
    return with_tid(core, Response.json(body, refusal.status))


def with_tid(core: Sandbox, response: Response) -> Response:
    response.headers["intuit_tid"] = core.tid()
    response.headers["Cache-Control"] = "no-cache, no-store"
    return response


def revoke(core: Sandbox, request: Request) -> Response:
    """Takes an access or a refresh token and ends the whole grant."""
    try:
        app = client_of(core, request)
        value = revocable(request)
        found = grants.grant_of(core, value)
        if found is None or found[1] != app.client_id:
            raise Refused("invalid_request", "Token is incorrect or invalid")
        grants.revoke(core, found[0])
    except Refused as refusal:
        return refused(core, refusal)
    return with_tid(core, Response.json({}))


def revocable(request: Request) -> str:
    """JSON as documented; a form is understood as well because RFC 7009 says so."""
    if "json" not in request.headers.get("content-type", ""):
        return request.form().get("token", "")
    try:
        body = jsontext.loads(request.body)
    except ValueError as error:
        raise Refused("invalid_request") from error
    return str(body.get("token", "")) if isinstance(body, dict) else ""


def userinfo(core: Sandbox, request: Request) -> Response:
    header = request.headers.get("authorization", "")
    found = (
        grants.access(core, header[7:].strip()) if header.lower().startswith("bearer ") else None
    )
    if found is None or found.expired or "openid" not in found.scopes:
        return with_tid(core, Response.json({"error": "invalid_token"}, 401))
    return with_tid(core, Response.json(identity.claims(found.realm, found.scopes)))


def jwks(core: Sandbox, request: Request) -> Response:
    return Response.json({"keys": [identity.public_key(core)]})
