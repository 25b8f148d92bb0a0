"""E-mailing a document and its PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import clock
from sandbox.messages import Request, Response
from sandbox.quickbooks import fields, validation
from sandbox.quickbooks.faults import Fault, throttled
from sandbox.quickbooks.kinds import Body, Kind

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

MAILS_PER_DAY = 40


def send(books: Books, kind: Kind, id: str, request: Request) -> dict[str, Any]:
    """Mail it (into the sandbox's own list): EmailStatus EmailSent, DeliveryInfo, a webhook."""
    if not kind.sendable:
        raise Fault(500, f"Operation send {kind.name} is not supported.")
    body = dict(books.must_find(kind.name, identity(id)))
    to = request.query.get("sendTo")
    if to:
        given = {"BillEmail": {"Address": to}}
        validation.email(given, "BillEmail")
        if "BillEmail" in fields.TYPES[fields.ENTITIES[kind.name]]:  # a payment has none
            body |= given
    address = to or address_of(books, kind, body)
    if not address:
        raise Fault(6420, "You must enter an e-mail address", element="BillEmail")
    return {kind.key: mailed(books, kind, body, address)}


def address_of(books: Books, kind: Kind, body: Body) -> str:
    own = body.get("BillEmail", {}).get("Address")
    if own or not body.get("CustomerRef"):
        return str(own or "")
    customer = books.find("Customer", body["CustomerRef"]["value"]) or {}
    return str(customer.get("PrimaryEmailAddr", {}).get("Address", ""))


def mailed(books: Books, kind: Kind, body: Body, address: str) -> Body:
    check_day(books)
    books.store.execute(
        "INSERT INTO mails(realm, at, entity, id, address) VALUES(?,?,?,?,?)",
        (books.realm, books.now, kind.name, int(body["Id"]), address),
    )
    # Payments show neither, purchase orders no DeliveryInfo.
    shown = fields.TYPES[fields.ENTITIES[kind.name]]
    if "EmailStatus" in shown:
        body["EmailStatus"] = "EmailSent"
    if "DeliveryInfo" in shown:
        body["DeliveryInfo"] = {"DeliveryType": "Email", "DeliveryTime": books.stamp(books.now)}
    books.update(kind, body)
    books.announce(kind, "Emailed", body["Id"])
    return body


def check_day(books: Books) -> None:
    """Sandbox companies may send 40 mails a day."""
    if books.company.environment != "sandbox" or not books.company.throttles:
        return
    midnight = books.now - clock.local(books.now, books.company.zone).hour * 3600 - books.now % 3600
    row = books.store.one(
        "SELECT COUNT(*) FROM mails WHERE realm=? AND at>=?", books.realm, midnight
    )
    if row[0] >= MAILS_PER_DAY:
        raise throttled()


def identity(id: str) -> str:
    if not id.isascii() or not id.isdigit():
        raise Fault(2030, f"Id should be a valid number. Supplied value:{id[:60]}", element="Id")
    return id


def pdf(books: Books, kind: Kind, id: str) -> Response:
    if not kind.pdf:
        raise Fault(500, f"Operation pdf {kind.name} is not supported.")
    from sandbox.quickbooks import pdftext

    body = books.must_find(kind.name, identity(id))
    return Response(
        200, {"Content-Type": "application/pdf"}, pdftext.document(books.company, kind.name, body)
    )
