"""Money that lies in Undeposited Funds until a deposit takes it, and is locked afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.quickbooks.entities import documents
from sandbox.quickbooks.faults import Fault, business
from sandbox.quickbooks.kinds import Body

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books


def deposit_account(books: Books, body: Body) -> None:
    """Bank or other current asset; Undeposited Funds when nothing is said."""
    if not body.get("DepositToAccountRef"):
        funds = books.account_of("UndepositedFunds")
        if funds is None:
            raise business("There is no Undeposited Funds account")
        body["DepositToAccountRef"] = {"value": funds["Id"]}
    place = documents.account(books, body, "DepositToAccountRef", {"Bank", "Other Current Asset"})
    documents.fits_currency(books, body, "DepositToAccountRef", place)


def guard_for(kind: str) -> Callable[[Books, Body, str], None]:
    """6540 for a document that lies in a deposit."""

    def guard(books: Books, former: Body, operation: str) -> None:
        if any(by_kind == "Deposit" for by_kind, _, _, _ in books.applied_to(kind, former["Id"])):
            raise Fault(
                6540,
                "The transaction has been deposited. If you want to change or delete it, you must "
                "edit the deposit it appears on and remove it first.",
            )

    return guard


def refresh_for(kind: str) -> Callable[[Books, Body], None]:
    """Show the deposit a document lies in."""

    def refresh(books: Books, body: Body) -> None:
        rows = books.applied_to(kind, body["Id"])
        links = [
            {"TxnId": str(by_id), "TxnType": by_kind}
            for by_kind, by_id, _, _ in rows
            if by_kind == "Deposit"
        ]
        if links or body.get("LinkedTxn"):
            body["LinkedTxn"] = links

    return refresh
