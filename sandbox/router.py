"""Which part of the sandbox answers a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.control import api as control
from sandbox.messages import Request, Response
from sandbox.oauth import consent, endpoints
from sandbox.oauth.called import journalled
from sandbox.people import pages
from sandbox.quickbooks import api as quickbooks
from sandbox.quickbooks import attachments

if TYPE_CHECKING:
    from sandbox.core import Sandbox

FIXED = {
    ("GET", "/.well-known/openid_configuration"): endpoints.discovery,
    ("GET", "/.well-known/openid_sandbox_configuration"): endpoints.discovery,
    ("GET", "/.well-known/openid_configuration/"): endpoints.discovery,
    ("GET", "/.well-known/openid_sandbox_configuration/"): endpoints.discovery,
    ("GET", "/connect/oauth2"): consent.handle,
    ("POST", "/connect/oauth2"): consent.handle,
    ("POST", "/oauth2/v1/tokens/bearer"): journalled(endpoints.token),
    ("POST", "/v2/oauth2/tokens/revoke"): journalled(endpoints.revoke),
    ("GET", "/v1/openid_connect/userinfo"): journalled(endpoints.userinfo),
    ("GET", "/op/v1/jwks"): endpoints.jwks,
}


def route(core: Sandbox, request: Request) -> Response:
    fixed = FIXED.get((request.method, request.path))
    if fixed is not None:
        return fixed(core, request)
    segments = [s for s in request.path.split("/") if s]
    environment = "production"
    if segments[:2] == ["sandbox", "v3"]:
        environment, segments = "sandbox", segments[1:]
    if (
        segments[:2] == ["v3", "company"]
        and segments[3:4] == ["download"]
        and segments[5:] == ["file"]
    ):
        return attachments.file(core, segments[2], segments[4], request.query.get("slot", ""))
    if segments[:2] == ["v3", "company"] and len(segments) >= 3:
        return quickbooks.handle(core, request, segments[2], segments[3:], environment)
    if segments[:1] == ["_sandbox"]:
        return control.handle(core, request, segments[1:])
    if not segments or segments[0] in {"company", "hosted"}:
        return pages.handle(core, request, segments)
    if segments[0] == "app":
        return pages.app_link(core, request, segments)
    return Response(404, {"Content-Type": "text/plain"}, b"Not Found")
