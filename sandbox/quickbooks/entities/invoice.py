"""Invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.money import major, minor, money
from sandbox.quickbooks.entities import documents, sales, stock
from sandbox.quickbooks.faults import Fault
from sandbox.quickbooks.kinds import Body, Draft, Kind, Posting, Relation, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

FLAGS = ("AllowOnlineCreditCardPayment", "AllowOnlineACHPayment")


def complete(books: Books, draft: Draft) -> None:
    body = draft.body
    sales.complete(books, draft, "Invoice")
    customer = books.find("Customer", body["CustomerRef"]["value"])
    documents.due_date(books, draft, customer=customer)
    online_payment(books, draft)
    estimates(books, draft)
    down_payment(books, body)
    body["ARAccountRef"] = {"value": str(documents.receivable(books, body["CurrencyRef"]["value"]))}
    body["Balance"] = balance(books, body)
    check_applied(books, draft)
    body.pop("ARAccountRef")


def online_payment(books: Books, draft: Draft) -> None:
    """Omitted flags take the company's setting; effective only with payments enabled."""
    body, former = draft.body, draft.former or {}
    enabled = bool(books.preference("SalesFormsPrefs", "ETransactionPaymentEnabled"))
    for name in FLAGS:
        default = former.get(name, enabled)
        body[name] = bool(body.get(name, default)) and enabled
    body["AllowIPNPayment"] = body["AllowOnlinePayment"] = False


def estimates(books: Books, draft: Draft) -> None:
    """Only estimates and time activities are linked from here; other links are QuickBooks' own."""
    body, former = draft.body, draft.former or {}
    kept = [
        link
        for link in former.get("LinkedTxn", [])
        if link["TxnType"] not in {"Estimate", "TimeActivity"}
    ]
    wanted = (
        body.get("LinkedTxn", []) if "LinkedTxn" in draft.given else former.get("LinkedTxn", [])
    )
    own = [link for link in wanted if link.get("TxnType") in {"Estimate", "TimeActivity"}]
    for link in own:
        if books.find(link["TxnType"], link.get("TxnId", "")) is None:
            raise Fault(
                620, f"Transaction {link.get('TxnId')} can't be linked", element="LinkedTxn"
            )
    body["LinkedTxn"] = own + kept


def down_payment(books: Books, body: Body) -> None:
    if not body.get("Deposit"):
        body.pop("DepositToAccountRef", None)
        body.pop("Deposit", None)
        return
    if not books.preference("SalesFormsPrefs", "AllowDeposit"):
        raise Fault(5030, "Feature Not Supported Error : deposits on invoices are switched off")
    if not 0 < body["Deposit"] <= body["TotalAmt"]:
        raise Fault(2140, "Invalid Amount : Deposit", element="Deposit")
    if not body.get("DepositToAccountRef"):
        funds = books.account_of("UndepositedFunds")
        body["DepositToAccountRef"] = {"value": funds["Id"]} if funds else None
    documents.account(books, body, "DepositToAccountRef", {"Bank", "Other Current Asset"})


def applied(books: Books, id: str) -> int:
    """Cents that payments have applied to an invoice."""
    rows = books.applied_to("Invoice", id)
    return sum(cents for by_kind, _, _, cents in rows if by_kind in {"Payment", "JournalEntry"})


def balance(books: Books, body: Body) -> object:
    paid = applied(books, body["Id"]) if "Id" in body else 0
    return major(minor(body["TotalAmt"]) - minor(body.get("Deposit", 0)) - paid)


def check_applied(books: Books, draft: Draft) -> None:
    """A paid invoice may not become smaller than what was paid, nor change its customer."""
    body, former = draft.body, draft.former
    if former is None or not applied(books, former["Id"]):
        return
    if body["Balance"] < 0:
        raise Fault(6000, "Business Validation Error: The amount is less than the payments that are "
                          "applied to this invoice. Unapply them first.")  # fmt: skip
    if body["CustomerRef"]["value"] != former["CustomerRef"]["value"]:
        raise Fault(
            6000, "Business Validation Error: The customer of a paid invoice cannot be changed."
        )


def refresh(books: Books, body: Body) -> None:
    """Balance and links follow the payments."""
    rows = books.applied_to("Invoice", body["Id"])
    kept = [
        link
        for link in body.get("LinkedTxn", [])
        if link["TxnType"] in {"Estimate", "TimeActivity"}
    ]
    seen = dict.fromkeys((by_kind, by_id) for by_kind, by_id, _, _ in rows)
    body["LinkedTxn"] = kept + [{"TxnId": str(i), "TxnType": k} for k, i in seen]
    body["Balance"] = balance(books, body)
    if books.multicurrency:
        body["HomeBalance"] = money(body["Balance"] * body.get("ExchangeRate", 1))


def post(books: Books, body: Body) -> list[Posting]:
    customer = int(body["CustomerRef"]["value"])
    receivable = documents.receivable(books, body["CurrencyRef"]["value"])
    out = sales.postings(books, body, Posting(receivable, minor(body["TotalAmt"]), customer), 1)
    if body.get("Deposit") and body["TotalAmt"]:
        cents = minor(body["Deposit"])
        out += [
            Posting(int(body["DepositToAccountRef"]["value"]), cents),
            Posting(receivable, -cents, customer),
        ]
    return out


def relate(books: Books, body: Body) -> list[Relation]:
    links = [link for link in body.get("LinkedTxn", []) if link["TxnType"] == "Estimate"]
    invoiced = [Relation("Estimate", int(link["TxnId"]), 0) for link in links]
    return stock.moved(books, body, 1) + invoiced


KIND = register(Kind(
    "Invoice", "txn", complete, post, relate, refresh, is_transaction=True, deletable=True,
    void="operation", sendable=True, pdf=True, read_only=sales.SALES_READ_ONLY,
    events=events("Create Update Delete Void Emailed"),
    filters=words("DocNumber TxnDate DueDate CustomerRef Balance TotalAmt SalesTermRef"),
    sorts=words("DocNumber TxnDate Balance DueDate TotalAmt"),
))  # fmt: skip
