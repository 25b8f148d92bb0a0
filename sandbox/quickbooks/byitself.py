"""What QuickBooks does without being asked: mail, apply credits, deposit its own payments."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.money import ZERO
from sandbox.quickbooks import paynow, sending, writing
from sandbox.quickbooks.entities.payment import unapplied
from sandbox.quickbooks.faults import Fault, GateFault
from sandbox.quickbooks.kinds import KINDS, Body, Draft

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

# "QBO mails it later": how much later is not written anywhere.
MAIL_AFTER_SECONDS = 60


def created(books: Books, kind: str, body: Body) -> None:
    """After a document came into being by the API or by a person."""
    if body.get("EmailStatus") == "NeedToSend":
        books.core.agenda.add(
            MAIL_AFTER_SECONDS, "mail", realm=books.company.realm, kind=kind, id=body["Id"]
        )
    if kind == "Invoice":
        apply_open_credits(books, body["Id"])


def mail(books: Books, entry: dict[str, Any]) -> None:
    body = books.find(entry["kind"], entry["id"])
    if body is None or body.get("EmailStatus") != "NeedToSend":
        return
    address = sending.address_of(books, KINDS[entry["kind"]], body)
    if not address:
        return
    try:
        sending.mailed(books, KINDS[entry["kind"]], dict(body), address)
    except GateFault:  # the day's mails are used up; QuickBooks tries again
        books.core.agenda.add(
            3600, "mail", realm=books.company.realm, kind=entry["kind"], id=entry["id"]
        )


def apply_open_credits(books: Books, invoice_id: str) -> None:
    """AutoApplyCredit uses credit memos, AutoApplyPayments money received; oldest first."""
    if books.preference("SalesFormsPrefs", "AutoApplyCredit"):
        use_credit_memos(books, invoice_id)
    if books.preference("SalesFormsPrefs", "AutoApplyPayments"):
        use_payments(books, invoice_id)


def open_of_customer(books: Books, kind: str, customer: str, field: str) -> list[Body]:
    found = books.where(kind, "AND party=?", int(customer))
    return [body for body in found if Decimal(body.get(field, 0)) > 0]


def use_credit_memos(books: Books, invoice_id: str) -> None:
    """QuickBooks makes a payment of its own over 0 that links both."""
    invoice = books.must_find("Invoice", invoice_id)
    customer = invoice["CustomerRef"]["value"]
    left = Decimal(invoice["Balance"])
    lines: list[Body] = []
    for credit in open_of_customer(books, "CreditMemo", customer, "RemainingCredit"):
        part = min(left, Decimal(credit["RemainingCredit"]))
        if part > 0:
            lines.append(
                {"Amount": part, "LinkedTxn": [{"TxnId": credit["Id"], "TxnType": "CreditMemo"}]}
            )
            left -= part
    used = sum((line["Amount"] for line in lines), ZERO)
    if not used:
        return
    lines.insert(0, {"Amount": used, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]})
    body = {"CustomerRef": {"value": customer}, "TotalAmt": ZERO, "Line": lines, "TxnDate": invoice["TxnDate"],
            "PrivateNote": "Created by QB Online to link credits to charges."}  # fmt: skip
    writing.create(books, KINDS["Payment"], body, {"by": "itself"})


def use_payments(books: Books, invoice_id: str) -> None:
    invoice = books.must_find("Invoice", invoice_id)
    for payment in open_of_customer(
        books, "Payment", invoice["CustomerRef"]["value"], "UnappliedAmt"
    ):
        balance = Decimal(books.must_find("Invoice", invoice_id)["Balance"])
        part = min(balance, Decimal(payment["UnappliedAmt"]))
        if part > 0:
            add_line(books, payment, invoice_id, part)


def add_line(books: Books, payment: Body, invoice_id: str, part: Decimal) -> None:
    """Also money that lies in a deposit may be applied: its amount does not change."""
    link = {"TxnId": invoice_id, "TxnType": "Invoice"}
    changed = {**payment, "Line": [*payment["Line"], {"Amount": part, "LinkedTxn": [link]}]}
    changed["UnappliedAmt"] = unapplied(changed)
    writing.store(
        books,
        KINDS["Payment"],
        Draft(changed, payment, hidden=books.hidden("Payment", payment["Id"])),
        payment,
    )


def deposit(books: Books, entry: dict[str, Any]) -> None:
    try:
        paynow.deposit(books, entry["payment"])
    except Fault:  # the payment was deposited or returned in the meantime
        return


DO = {"mail": mail, "deposit": deposit}
