"""Payments of bills."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.money import ZERO, major, minor, money
from sandbox.quickbooks import validation
from sandbox.quickbooks.entities import documents, exchange, expenses
from sandbox.quickbooks.faults import Fault, business, deleted, missing
from sandbox.quickbooks.kinds import Body, Draft, Kind, Posting, Relation, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

PLACES = {"Check": ("CheckPayment", "BankAccountRef", {"Bank"}),
          "CreditCard": ("CreditCardPayment", "CCAccountRef", {"Credit Card"})}  # fmt: skip


def complete(books: Books, draft: Draft) -> None:
    body = draft.body
    validation.lengths(body, {"DocNumber": 21, "PrivateNote": 4000})
    vendor = expenses.vendor_of(books, body)
    if body.get("TotalAmt") is None:
        raise missing("TotalAmt")
    body["TotalAmt"] = money(body["TotalAmt"])
    if body["TotalAmt"] < 0:
        raise Fault(
            2290, "Negative amounts aren't supported on transaction lines.", element="TotalAmt"
        )
    if not body.get("PayType"):
        raise missing("PayType")
    place(books, body)
    documents.dates(books, draft)
    documents.currency(books, draft, vendor)
    documents.tracking(books, body)
    lines(books, draft)


def place(books: Books, body: Body) -> None:
    group, name, types = PLACES[body["PayType"]]
    if not body.get(group, {}).get(name):
        raise missing(f"{group}.{name}")
    documents.account(books, body[group], name, types)


def lines(books: Books, draft: Draft) -> None:
    body = draft.body
    if draft.hidden.get("void"):
        body["Line"] = []
        return
    if body.get("Line") is None:
        raise missing("Line")
    body["Line"] = [one_line(books, draft, line) for line in body["Line"]]
    links = [
        (line["LinkedTxn"][0]["TxnType"], line["LinkedTxn"][0]["TxnId"]) for line in body["Line"]
    ]
    if len(links) != len(set(links)):
        raise business("A transaction is linked twice in this payment", "LinkedTxn")
    applied = sum((line["Amount"] if kind == "Bill" else -line["Amount"]
                   for line, (kind, _) in zip(body["Line"], links, strict=True)), ZERO)  # fmt: skip
    if applied > body["TotalAmt"]:
        raise business(
            "The amount applied is greater than the amount of the payment and its credits", "Line"
        )


def one_line(books: Books, draft: Draft, line: Body) -> Body:
    links = line.get("LinkedTxn", [])
    if len(links) != 1 or not links[0].get("TxnId") or not links[0].get("TxnType"):
        raise missing("LinkedTxn")
    if "Amount" not in line:
        raise missing("Line.Amount")
    kind, id_, amount = links[0]["TxnType"], links[0]["TxnId"], money(line["Amount"])
    if amount < 0:
        raise Fault(
            2290, "Negative amounts aren't supported on transaction lines.", element="Amount"
        )
    target = target_of(books, kind, id_)
    if target["VendorRef"]["value"] != draft.body["VendorRef"]["value"]:
        raise business(f"Transaction {id_} belongs to another vendor", "LinkedTxn")
    if amount > left(books, kind, target, (draft.former or {}).get("Id")):
        raise business(
            f"The amount applied is greater than the open balance of transaction {id_}", "Line"
        )
    return {"Amount": amount, "LinkedTxn": [{"TxnId": id_, "TxnType": kind}]}


def target_of(books: Books, kind: str, id_: str) -> Body:
    found = (
        books.find(kind, id_)
        if kind in {"Bill", "VendorCredit"} and id_.isascii() and id_.isdigit()
        else None
    )
    if found is None:
        raise deleted() if kind in {"Bill", "VendorCredit"} and books.row(kind, id_) else Fault(
            620, f"Transaction {id_} can't be linked", element="LinkedTxn")  # fmt: skip
    return found


def left(books: Books, kind: str, target: Body, own_id: str | None) -> Decimal:
    used = sum(row[3] for row in books.applied_to(kind, target["Id"]) if str(row[1]) != own_id)
    return major(minor(target["TotalAmt"]) - used)


def relate(books: Books, body: Body) -> list[Relation]:
    return [Relation(line["LinkedTxn"][0]["TxnType"], int(line["LinkedTxn"][0]["TxnId"]), minor(line["Amount"]), n)
            for n, line in enumerate(body.get("Line", []))]  # fmt: skip


def post(books: Books, body: Body) -> list[Posting]:
    vendor, cents = int(body["VendorRef"]["value"]), minor(body["TotalAmt"])
    group, name, _ = PLACES[body["PayType"]]
    payable = (body.get("APAccountRef") or {}).get("value") or documents.payable(books)
    place = Posting(int(body[group][name]["value"]), -cents, vendor)
    differences = exchange.differences(books, body, int(payable), vendor, -1)
    return [place, Posting(int(payable), cents, vendor), *differences]


register(Kind(
    "BillPayment", "txn", complete, post, relate, is_transaction=True, deletable=True, void="include",
    read_only=words("LinkedTxn TotalCostAmount HomeTotalCostAmount"), events=events("Create Update Delete Void"),
    filters=words("TxnDate DocNumber VendorRef TotalAmt"), sorts=words("TxnDate DocNumber TotalAmt"),
))  # fmt: skip
