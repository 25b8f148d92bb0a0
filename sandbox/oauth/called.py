"""What an app calls at the token service: journalled, and with the trouble that is armed for its path."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox import journal
from sandbox.messages import Request, Response
from sandbox.oauth import grants
from sandbox.trouble import Rule

if TYPE_CHECKING:
    from sandbox.core import Sandbox

ZONE = "America/Los_Angeles"
TROUBLES = {"answer_dropped", "request_dropped", "status"}

Answer = Callable[["Sandbox", Request], Response]


def journalled(answer: Answer) -> Answer:
    """The endpoint, written down. Never metered."""

    def noted(core: Sandbox, request: Request) -> Response:
        rule = _armed(core, request)
        response = _troubled(rule, core, request, answer)
        journal.write(core, {
            **_about(core, request), "at": core.fine_now(ZONE), "method": request.method,
            "path": request.path, "query": "{}",
            "status": response.status, "metered": 0, "replayed": 0,
            "intuit_tid": response.headers.get("intuit_tid"), "fault": rule.kind if rule else None,
        })  # fmt: skip
        return response

    return noted


def _about(core: Sandbox, request: Request) -> dict[str, str]:
    """Whose tokens a call is about: looked up, never written down."""
    form = request.form()
    value = form.get("refresh_token") or form.get("code") or ""
    found = grants.grant_of(core, value) if value else None
    about = {"operation": form.get("grant_type") or request.path.rsplit("/", 1)[-1]}
    return about | {"client_id": found[1], "realm": str(found[2])} if found else about


def _armed(core: Sandbox, request: Request) -> Rule | None:
    """Only rules that name the path: the others are meant for the companies' calls."""
    if not any(rule.path and rule.path in request.path for rule in core.trouble.rules):
        return None
    return core.trouble.strike(TROUBLES, {"path": request.path, "method": request.method})


def _troubled(rule: Rule | None, core: Sandbox, request: Request, answer: Answer) -> Response:
    if rule is None:
        return answer(core, request)
    if rule.kind == "request_dropped":
        return Response(0, {}, b"", dropped=True)
    done = answer(core, request) if rule.kind == "answer_dropped" or rule.applied else Response()
    if rule.kind == "answer_dropped":
        done.dropped = True
        return done
    return Response.json({"error": "server_error"}, rule.status)
