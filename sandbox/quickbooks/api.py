"""The front door of a company's API: gate checks, trouble, dispatch, envelope."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox import journal, jsontext
from sandbox.messages import Request, Response
from sandbox.oauth import grants
from sandbox.quickbooks import dispatch, requestids, troubles, xmltext
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.faults import Fault, GateFault, unauthenticated, wrong_company
from sandbox.quickbooks.ledger import Unbalanced

if TYPE_CHECKING:
    from sandbox.company import Company
    from sandbox.core import Sandbox

VERSION = "1991.214"
METERED_WRITES = {"query", "batch"}


@dataclass
class Call:
    """One API call on its way: what it is, who makes it, what became of it."""

    request: Request
    realm: str
    rest: list[str]
    environment: str
    tid: str
    client_id: str | None = None
    replayed: bool = False
    code: str | None = None
    struck: str | None = None
    about: dict[str, str] = field(default_factory=dict)

    @property
    def wants_json(self) -> bool:
        if self.request.query.get("format") == "json":
            return True
        return "json" in self.request.headers.get("accept", "")

    @property
    def resource(self) -> str:
        return self.rest[0].lower() if self.rest else ""

    @property
    def is_batch(self) -> bool:
        return self.resource == "batch"

    @property
    def is_metered(self) -> bool:
        """Data out counts: every GET, query, cdc, batch, reports."""
        return self.request.method == "GET" or self.resource in METERED_WRITES


def handle(
    core: Sandbox, request: Request, realm: str, rest: list[str], environment: str
) -> Response:
    """Answer `/v3/company/{realm}/…`; writes the journal whatever happens."""
    call = Call(request, realm, rest, environment, tid(core))
    call.about = {"realm": realm, "method": request.method, "path": request.path,
                  **dispatch.describe(request, rest)}  # fmt: skip
    response = troubles.around(core, call, lambda: guarded(core, call))
    response.headers.update({
        "intuit_tid": call.tid, "QBO-Version": VERSION, "Service-Time": "total=0; db=0",
        "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
        "Strict-Transport-Security": "max-age=15552000",
    })  # fmt: skip
    note(core, call, response)
    return response


def tid(core: Sandbox) -> str:
    text = core.chance.hex(32)
    return f"1-{text[:8]}-{text[8:32]}"


def guarded(core: Sandbox, call: Call) -> Response:
    """The call with every refusal turned into an answer."""
    try:
        company = admit(core, call)
        return perform(core, call, company)
    except GateFault as fault:
        call.code = fault.code
        return gate_response(core, call, fault)
    except Fault as fault:
        call.code = fault.code
        return fault_response(core, call, fault)


def admit(core: Sandbox, call: Call) -> Company:
    """Token, company, environment, rights and limits, in the gateway's order."""
    header = call.request.headers.get("authorization", "")
    if not header.lower().startswith("bearer ") or not header[7:].strip():
        raise GateFault(
            401,
            "3202",
            "EmptyField",
            "Required OAuth parameter missing: oauth_token",
            "AUTHENTICATION",
        )
    token = grants.access(core, header[7:].strip())
    if token is None:
        raise unauthenticated("Malformed bearer token: token is unknown or revoked")
    if token.expired:
        raise unauthenticated(f"Token expired: AB01{'*' * 10}")
    call.client_id = token.client_id
    company = core.companies.get(call.realm)
    if company is None or str(token.realm) != call.realm or company.environment != call.environment:
        raise wrong_company()
    if "com.intuit.quickbooks.accounting" not in token.scopes:
        raise wrong_company()
    if company.admin_removed:
        raise Fault(
            120, "AuthorizationFailure: :-11014-You do not have access to this company.", status=401
        )
    if company.throttles:
        core.throttles.check(call.realm, token.client_id, call.is_batch)
    if call.is_metered and company.environment == "production":
        core.throttles.check_meter(token.client_id)
    return company


def perform(core: Sandbox, call: Call, company: Company) -> Response:
    """With requestid: once. The answer is stored with the write, in one transaction."""
    requestid = call.request.query.get("requestid") if call.request.method == "POST" else None
    ignored = requestid is not None and troubles.requestid_off(core, call)
    if requestid is None or ignored or call.resource == "query":
        return executed(core, call, company)
    requestids.check(requestid, call.is_batch)
    stored = requestids.replay(core, call.realm, requestid, call.request)
    if stored is not None:
        call.replayed = True
        return stored
    requestids.check_no_other(core, call.realm, requestid, call.request)
    response = executed(core, call, company)
    requestids.remember(core, call.realm, requestid, call.request, response)
    return response


def executed(core: Sandbox, call: Call, company: Company) -> Response:
    """The operation itself; a refusal leaves nothing behind."""
    books = Books(core, company)
    try:
        with core.store.transaction():
            core.writer = call.client_id
            answer = dispatch.run(books, call)
    except Fault as fault:
        books.forget_cached()
        call.code = fault.code
        return fault_response(core, call, fault)
    except (Unbalanced, RecursionError) as error:
        books.forget_cached()
        raise error
    finally:
        core.writer = None
    return answer if isinstance(answer, Response) else success(core, call, books, answer)


def success(core: Sandbox, call: Call, books: Books, payload: dict[str, Any]) -> Response:
    if call.resource != "reports":
        payload = {**payload, "time": books.fine_now()}
    return rendered(call, payload, 200)


def rendered(call: Call, payload: dict[str, Any], status: int) -> Response:
    if call.wants_json:
        return Response.json(payload, status)
    plain = jsontext.loads(jsontext.dumps(payload))
    headers = {"Content-Type": "application/xml;charset=UTF-8"}
    return Response(status, headers, xmltext.response(plain).encode("utf-8", "replace"))


def fault_response(core: Sandbox, call: Call, fault: Fault) -> Response:
    zone = (
        core.companies[call.realm].zone if call.realm in core.companies else "America/Los_Angeles"
    )
    envelope = troubles.localised(core, call, fault.envelope())
    return rendered(call, {"Fault": envelope, "time": core.fine_now(zone)}, fault.status)


def gate_response(core: Sandbox, call: Call, fault: GateFault) -> Response:
    as_xml = not call.wants_json or (fault.status == 429 and core.switches.throttle_as_xml)
    if as_xml:
        text = xmltext.gate_fault(fault.message, fault.detail, fault.code, fault.kind)
        response = Response(
            fault.status, {"Content-Type": "application/xml;charset=UTF-8"}, text.encode()
        )
    else:
        response = Response.json(fault.envelope(core.clock.time()), fault.status)
    if fault.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
    if fault.status == 429 and core.switches.retry_after_header:
        response.headers["Retry-After"] = "60"
    return response


def note(core: Sandbox, call: Call, response: Response) -> None:
    company = core.companies.get(call.realm)
    metered = call.is_metered and 200 <= response.status < 300
    if metered and company and company.environment == "production" and call.client_id:
        core.throttles.meter(call.client_id, metered_calls(core, call))
    zone = company.zone if company else "America/Los_Angeles"
    dropped_before = response.dropped and call.struck == "request_dropped"
    journal.write(core, {
        "at": core.fine_now(zone), "realm": call.realm, "client_id": call.client_id,
        "method": call.request.method, "path": call.request.path,
        "query": jsontext.dumps(call.request.query), "operation": call.about.get("operation"),
        "entity": call.about.get("entity"), "status": 0 if dropped_before else response.status,
        "code": call.code, "metered": int(metered), "requestid": call.request.query.get("requestid"),
        "replayed": int(call.replayed), "intuit_tid": call.tid, "fault": call.struck,
    })  # fmt: skip


def metered_calls(core: Sandbox, call: Call) -> int:
    if not call.is_batch or core.switches.batch_metered_as != "item":
        return 1
    try:
        return max(1, len(jsontext.loads(call.request.body)["BatchItemRequest"]))
    except (ValueError, KeyError, TypeError):
        return 1
