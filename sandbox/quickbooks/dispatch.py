"""From path and method to the operation of a company's API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox import jsontext
from sandbox.messages import Request, Response
from sandbox.quickbooks import (
    attachments,
    batch,
    cdc,
    operations,
    query,
    reports,
    sending,
    taxservice,
)
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.entities import generic
from sandbox.quickbooks.faults import Fault
from sandbox.quickbooks.kinds import BY_PATH
from sandbox.quickbooks.shown import shown

if TYPE_CHECKING:
    from sandbox.quickbooks.api import Call

LARGEST_BODY = 10_000_000


def describe(request: Request, rest: list[str]) -> dict[str, str]:
    """Entity and operation for the journal and for matching armed trouble."""
    resource = rest[0].lower() if rest else ""
    kind = BY_PATH.get(resource)
    if kind is None:
        return {"entity": "", "operation": resource}
    if len(rest) > 2:
        return {"entity": kind.name, "operation": rest[2].lower()}
    if request.method == "GET":
        return {"entity": kind.name, "operation": "read"}
    operation = request.query.get("operation", "").lower()
    if request.query.get("include", "").lower() == "void":
        operation = "void"
    return {
        "entity": kind.name,
        "operation": operation or ("update" if b'"Id"' in request.body else "create"),
    }


def run(books: Books, call: Call) -> dict[str, Any] | Response:
    """The payload of a success, or a ready answer for what is not JSON. Raises `Fault`."""
    request, rest = call.request, call.rest
    special = SPECIAL.get(call.resource)
    if special is not None and (len(rest) == 1 or call.resource in DEEP):
        return special(books, call)
    kind = BY_PATH.get(call.resource)
    if kind is None or len(rest) > 3:
        raise unsupported(request)
    if request.method == "GET":
        return read(books, call)
    if request.method != "POST":
        raise unsupported(request)
    if len(rest) == 3 and rest[2].lower() == "send":
        operations.check_subscription(books)
        return sending.send(books, operations.kind_named(books, rest[0]), rest[1], request)
    if len(rest) != 1:
        raise unsupported(request)
    return written(books, call)


def unsupported(request: Request) -> Fault:
    return Fault(500, f"Operation {request.method} {request.path[-60:]} is not supported.")


def read(books: Books, call: Call) -> dict[str, Any] | Response:
    rest, options = call.rest, call.request.query
    kind = operations.kind_named(books, rest[0])
    if len(rest) == 3 and rest[2].lower() == "pdf":
        return sending.pdf(books, kind, rest[1])
    if len(rest) == 3:
        raise unsupported(call.request)
    if kind.name == "Preferences":
        id = "1"
    elif len(rest) == 1:
        raise unsupported(call.request)
    else:
        id = rest[1]
    if kind.name == "CompanyInfo":
        # The realm is the id in the path; the record itself says 1.
        id = "1" if id in {books.company.realm, "1"} else "0"
    if not id.isascii() or not (id.isdigit() or kind.name == "TaxCode"):
        raise Fault(2030, f"Id should be a valid number. Supplied value:{id[:60]}", element="Id")
    options = {**options, "sku": "1"}
    return {kind.key: shown(books, kind, books.must_find(kind.name, id), options)}


def body_of(request: Request) -> Any:
    """The JSON of a request body; what is not JSON or not UTF-8 is refused."""
    if len(request.body) > LARGEST_BODY:
        raise Fault(2050, "The request body is too large", status=413)
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault(500, "Unsupported Operation : the body is not valid UTF-8") from error
    try:
        return jsontext.loads(text)
    except ValueError as error:
        raise Fault(
            2010, "Property Name:Unexpected character in the JSON body", element=None
        ) from error


def written(books: Books, call: Call) -> dict[str, Any]:
    request = call.request
    operation = request.query.get("operation", "").lower()
    kind = operations.kind_named(books, call.rest[0])
    if operation not in {"", "create", "update", "delete", "void"}:
        raise Fault(500, f"Operation {operation[:40]} is not supported.")
    if request.query.get("include", "").lower() == "void":
        operation = "void" if kind.void == "include" else "unsupported"
    elif operation == "void" and kind.void != "operation":
        operation = "unsupported"
    if operation == "unsupported":
        raise Fault(500, f"Operation void {kind.name} is not supported.")
    return operations.write(books, kind.name, operation, body_of(request), request.query)


def run_query(books: Books, call: Call) -> dict[str, Any]:
    request = call.request
    if request.method == "GET":
        text = request.query.get("query", "")
    elif request.method == "POST":
        try:
            text = request.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Fault(500, "Unsupported Operation : the body is not valid UTF-8") from error
    else:
        raise unsupported(request)
    if not text.strip():
        raise Fault(4000, "QueryParserError: the query is empty")
    return {"QueryResponse": query.run(books, text)}


def run_cdc(books: Books, call: Call) -> dict[str, Any]:
    if call.request.method != "GET":
        raise unsupported(call.request)
    asked = call.request.query
    return {
        "CDCResponse": [cdc.run(books, asked.get("entities", ""), asked.get("changedSince", ""))]
    }


def run_batch(books: Books, call: Call) -> dict[str, Any]:
    if call.request.method != "POST":
        raise unsupported(call.request)
    return {"BatchItemResponse": batch.run(books, body_of(call.request), call.request.query)}


def run_taxservice(books: Books, call: Call) -> dict[str, Any] | Response:
    if call.request.method != "POST" or [r.lower() for r in call.rest[1:]] != ["taxcode"]:
        raise unsupported(call.request)
    return Response.json(taxservice.create(books, body_of(call.request)))


def run_rate(books: Books, call: Call) -> dict[str, Any] | Response:
    """Rates are read by currency and day; a write to a day that has one updates it."""
    asked = call.request.query
    if call.request.method == "GET" and len(call.rest) == 1:
        code = asked.get("sourcecurrencycode", "")
        day = asked.get("asofdate") or books.today.isoformat()
        return {"ExchangeRate": generic.rate_on(books, code, day)}
    return read(books, call) if call.request.method == "GET" else written(books, call)


SPECIAL: dict[str, Callable[[Books, Call], dict[str, Any] | Response]] = {
    "query": run_query, "cdc": run_cdc, "batch": run_batch, "upload": attachments.upload,
    "download": attachments.download, "taxservice": run_taxservice, "exchangerate": run_rate,
    "reports": reports.run,
}  # fmt: skip
DEEP = {"download", "taxservice", "exchangerate", "reports"}
