"""Armed trouble around an API call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.messages import Response
from sandbox.oauth import grants
from sandbox.quickbooks import requestids
from sandbox.quickbooks.faults import MESSAGES, STATUSES, Fault, throttled, unauthenticated
from sandbox.trouble import Rule

if TYPE_CHECKING:
    from sandbox.core import Sandbox
    from sandbox.quickbooks.api import Call

AROUND = {"answer_dropped", "request_dropped", "slow", "late", "throttled", "status", "html", "truncated",
          "fault", "stale", "expired_token", "revoked_token"}  # fmt: skip
HTML = (
    "<html><head><title>{0} Service Unavailable</title></head><body><h1>{0} Service Unavailable</h1>"
    "<p>The server is temporarily unable to service your request.</p></body></html>"
)


def around(core: Sandbox, call: Call, perform: Callable[[], Response]) -> Response:
    """Perform the call, unless a rule says otherwise, and bend its answer as the rule says.

    A late one is done: were it late again, it would come later than any write does.
    """
    if call.request.late:
        return perform()
    rule = core.trouble.strike(AROUND, call.about) if core.trouble.rules else None
    if rule is None:
        return perform()
    call.struck = rule.kind
    return BENT[rule.kind](core, call, rule, perform)


def answer_dropped(
    core: Sandbox, call: Call, rule: Rule, perform: Callable[[], Response]
) -> Response:
    response = perform()
    response.dropped = True
    return response


def request_dropped(
    core: Sandbox, call: Call, rule: Rule, perform: Callable[[], Response]
) -> Response:
    return Response(0, {}, b"", dropped=True)


def slow(core: Sandbox, call: Call, rule: Rule, perform: Callable[[], Response]) -> Response:
    response = perform()
    response.delay_seconds = rule.seconds
    return response


def late(core: Sandbox, call: Call, rule: Rule, perform: Callable[[], Response]) -> Response:
    core.agenda.add_call(rule.seconds, call.request)
    return Response(504, {"Content-Type": "text/html"}, HTML.format(504).encode())


def throttle(core: Sandbox, call: Call, rule: Rule, perform: Callable[[], Response]) -> Response:
    from sandbox.quickbooks import api, xmltext

    fault = throttled()
    call.code = fault.code
    response = api.gate_response(core, call, fault)
    if rule.xml:
        text = xmltext.gate_fault(fault.message, fault.detail, fault.code, fault.kind)
        response = Response(429, {"Content-Type": "application/xml;charset=UTF-8"}, text.encode())
    if rule.retry_after is not None:
        response.headers["Retry-After"] = str(rule.retry_after)
    return response


def status(core: Sandbox, call: Call, rule: Rule, perform: Callable[[], Response]) -> Response:
    from sandbox.quickbooks import api

    if rule.applied:
        perform()
    if rule.status in {502, 503, 504}:
        return Response(
            rule.status, {"Content-Type": "text/html"}, HTML.format(rule.status).encode()
        )
    call.code = "10000"
    fault = Fault(10000, MESSAGES["10000"], status=rule.status)
    return api.fault_response(core, call, fault)


def html(core: Sandbox, call: Call, rule: Rule, perform: Callable[[], Response]) -> Response:
    if rule.applied:
        perform()
    number = 503 if rule.status == 500 else rule.status
    return Response(number, {"Content-Type": "text/html"}, HTML.format(number).encode())


def truncated(core: Sandbox, call: Call, rule: Rule, perform: Callable[[], Response]) -> Response:
    response = perform()
    response.body = response.body[: len(response.body) // 2]
    return response


def refused(core: Sandbox, call: Call, rule: Rule, perform: Callable[[], Response]) -> Response:
    from sandbox.quickbooks import api

    call.code = "5010" if rule.kind == "stale" else rule.code
    detail = "Stale Object Error : You and somebody else were working on this at the same time."
    fault = Fault(
        call.code, detail if call.code == "5010" else "", status=STATUSES.get(call.code, 400)
    )
    return api.fault_response(core, call, fault)


def no_token(core: Sandbox, call: Call, rule: Rule, perform: Callable[[], Response]) -> Response:
    from sandbox.quickbooks import api

    token = call.request.headers.get("authorization", "")[7:].strip()
    found = grants.access(core, token)
    if found is not None and rule.kind == "revoked_token":
        grants.revoke(core, found.grant_id)
    elif found is not None:
        grants.expire_access(core, token)
    fault = unauthenticated(f"Token expired: AB01{'*' * 10}")
    call.code = fault.code
    return api.gate_response(core, call, fault)


BENT = {
    "answer_dropped": answer_dropped, "request_dropped": request_dropped, "slow": slow, "late": late,
    "throttled": throttle, "status": status, "html": html, "truncated": truncated, "fault": refused,
    "stale": refused, "expired_token": no_token, "revoked_token": no_token,
}  # fmt: skip


def requestid_off(core: Sandbox, call: Call) -> bool:
    """Whether this call's requestid counts for nothing; also forgets on demand."""
    if not core.trouble.rules:
        return False
    if core.trouble.strike({"requestid_forgotten"}, call.about):
        call.struck = "requestid_forgotten"
        requestids.forget(core, call.realm)
    rule = core.trouble.strike({"requestid_ignored"}, call.about)
    if rule is not None:
        call.struck = rule.kind
    return rule is not None


FRENCH = {
    "6140": "Erreur de numéro de document en double", "6240": "Erreur : ce nom existe déjà",
    "610": "Objet introuvable", "5010": "Erreur d'objet périmé", "2020": "Paramètre obligatoire manquant",
}  # fmt: skip


def localised(core: Sandbox, call: Call, envelope: dict[str, Any]) -> dict[str, Any]:
    """Messages in the company's language, where it is not English."""
    company = core.companies.get(call.realm)
    french = company is not None and company.locale_faults
    if not french and core.trouble.rules:
        french = core.trouble.strike({"localised"}, call.about) is not None
    if french:
        for error in envelope["Error"]:
            error["Message"] = FRENCH.get(error["code"], "Une erreur est survenue")
    return envelope
