"""Sales receipts, credit memos, refund receipts and estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.money import major, minor
from sandbox.quickbooks.entities import documents, held, sales, stock
from sandbox.quickbooks.faults import Fault, missing
from sandbox.quickbooks.kinds import Body, Draft, Kind, Posting, Relation, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

MONEY_PLACES = {"Bank", "Other Current Asset"}
SALES_FILTERS = words("DocNumber TxnDate CustomerRef TotalAmt Balance")
SALES_SORTS = words("DocNumber TxnDate TotalAmt Balance")


def customer_of(body: Body) -> int | None:
    return int(body["CustomerRef"]["value"]) if body.get("CustomerRef") else None


# -- sales receipts ------------------------------------------------------------------------------


def complete_sale(books: Books, draft: Draft) -> None:
    body = draft.body
    sales.complete(books, draft, "SalesReceipt", customer_required=False)
    held.deposit_account(books, body)
    body["Balance"] = 0


def post_sale(books: Books, body: Body) -> list[Posting]:
    place = Posting(
        int(body["DepositToAccountRef"]["value"]), minor(body["TotalAmt"]), customer_of(body)
    )
    return sales.postings(books, body, place, 1)


# -- credit memos ----------------------------------------------------------------------------------


def complete_credit(books: Books, draft: Draft) -> None:
    sales.complete(books, draft, "CreditMemo")
    show_credit(books, draft.body)
    if draft.body["RemainingCredit"] < 0:
        raise Fault(
            6000,
            "Business Validation Error: The amount is less than what has been applied from this credit memo.",
        )


def show_credit(books: Books, body: Body) -> None:
    used = sum(row[3] for row in books.applied_to("CreditMemo", body["Id"])) if "Id" in body else 0
    body["RemainingCredit"] = body["Balance"] = major(minor(body["TotalAmt"]) - used)


def post_credit(books: Books, body: Body) -> list[Posting]:
    receivable = documents.receivable(books, body["CurrencyRef"]["value"])
    return sales.postings(
        books, body, Posting(receivable, -minor(body["TotalAmt"]), customer_of(body)), -1
    )


# -- refund receipts ---------------------------------------------------------------------------------


def complete_refund(books: Books, draft: Draft) -> None:
    body = draft.body
    if not body.get("DepositToAccountRef"):
        raise missing("DepositToAccountRef")
    place = documents.account(books, body, "DepositToAccountRef", MONEY_PLACES)
    sales.complete(books, draft, "RefundReceipt", customer_required=False)
    documents.fits_currency(books, body, "DepositToAccountRef", place)
    number = body.get("PaymentRefNum") or body.get("CheckPayment", {}).get("CheckNum")
    if place and place["AccountSubType"] == "Checking" and not number:
        raise missing("PaymentRefNum")
    body["Balance"] = 0
    body["RemainingCredit"] = 0


def post_refund(books: Books, body: Body) -> list[Posting]:
    place = Posting(
        int(body["DepositToAccountRef"]["value"]), -minor(body["TotalAmt"]), customer_of(body)
    )
    return sales.postings(books, body, place, -1)


# -- stock ---------------------------------------------------------------------------------------


def sold_stock(books: Books, body: Body) -> list[Relation]:
    return stock.moved(books, body, 1)


def returned_stock(books: Books, body: Body) -> list[Relation]:
    return stock.moved(books, body, -1)


# -- estimates -----------------------------------------------------------------------------------------


ESTIMATE_STATES = {"Pending", "Accepted", "Closed", "Rejected", "Converted"}


def complete_estimate(books: Books, draft: Draft) -> None:
    body = draft.body
    sales.complete(books, draft, "Estimate")
    body.setdefault("TxnStatus", "Pending")
    if body["TxnStatus"] not in ESTIMATE_STATES:
        raise Fault(
            2170,
            f"Invalid Enumeration : TxnStatus. Supplied value:{body['TxnStatus'][:40]}",
            element="TxnStatus",
        )
    body["LinkedTxn"] = (draft.former or {}).get("LinkedTxn", [])


def refresh_estimate(books: Books, body: Body) -> None:
    """An invoiced estimate is closed and shows its invoice."""
    rows = books.applied_to("Estimate", body["Id"])
    body["LinkedTxn"] = [{"TxnId": str(by_id), "TxnType": by_kind} for by_kind, by_id, _, _ in rows]
    if rows:
        body["TxnStatus"] = "Closed"
    elif body.get("TxnStatus") == "Closed":
        body["TxnStatus"] = "Pending"


register(
    Kind(
        "SalesReceipt",
        "txn",
        complete_sale,
        post_sale,
        relate=sold_stock,
        refresh=held.refresh_for("SalesReceipt"),
        guard=held.guard_for("SalesReceipt"),
        is_transaction=True,
        deletable=True,
        void="include",
        sendable=True,
        pdf=True,
        read_only=sales.SALES_READ_ONLY | {"LinkedTxn"},
        events=events("Create Update Delete Void Emailed"),
        filters=SALES_FILTERS,
        sorts=SALES_SORTS,
    )
)
register(
    Kind(
        "CreditMemo",
        "txn",
        complete_credit,
        post_credit,
        relate=returned_stock,
        refresh=show_credit,
        is_transaction=True,
        deletable=True,
        sendable=True,
        pdf=True,
        read_only=sales.SALES_READ_ONLY | {"PaymentMethodRef", "LinkedTxn"},
        events=events("Create Update Delete Void Emailed"),
        filters=SALES_FILTERS,
        sorts=SALES_SORTS,
    )
)
register(
    Kind(
        "RefundReceipt",
        "txn",
        complete_refund,
        post_refund,
        relate=returned_stock,
        refresh=held.refresh_for("RefundReceipt"),
        guard=held.guard_for("RefundReceipt"),
        is_transaction=True,
        deletable=True,
        sendable=True,
        pdf=True,
        read_only=sales.SALES_READ_ONLY | {"LinkedTxn"},
        events=events("Create Update Delete Void Emailed"),
        filters=SALES_FILTERS,
        sorts=SALES_SORTS,
    )
)
register(
    Kind(
        "Estimate",
        "txn",
        complete_estimate,
        refresh=refresh_estimate,
        is_transaction=True,
        deletable=True,
        sendable=True,
        pdf=True,
        read_only=sales.SALES_READ_ONLY | {"LinkedTxn"},
        events=events("Create Update Delete Emailed"),
        filters=SALES_FILTERS | {"TxnStatus", "ExpirationDate"},
        sorts=SALES_SORTS | {"ExpirationDate"},
    )
)
