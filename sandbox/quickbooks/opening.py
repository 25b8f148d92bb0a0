"""The opening balance of a new customer: an invoice or credit memo of that date."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.money import money
from sandbox.quickbooks import writing
from sandbox.quickbooks.kinds import KINDS, Body, Kind

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books


def balance(books: Books, kind: Kind, id_: str, opening: Body) -> None:
    """Posted against Opening Balance Equity by way of a journal entry."""
    receivable = next(a for a in books.accounts() if a["AccountType"] == "Accounts Receivable")
    equity = books.account_of("OpeningBalanceEquity", "Equity")
    assert equity is not None
    amount = money(Decimal(opening["amount"]))
    sides = ("Debit", "Credit") if amount > 0 else ("Credit", "Debit")
    lines = [
        line(
            receivable["Id"],
            abs(amount),
            sides[0],
            {"Type": kind.name, "EntityRef": {"value": id_}},
        ),
        line(equity["Id"], abs(amount), sides[1], None),
    ]
    writing.create(
        books, KINDS["JournalEntry"], {"TxnDate": opening["date"], "Line": lines, "PrivateNote": "Opening Balance"},
        {"by": "itself"},
    )  # fmt: skip


def line(account: str, amount: Decimal, side: str, entity: Body | None) -> Body:
    detail: Body = {"PostingType": side, "AccountRef": {"value": account}}
    if entity:
        detail["Entity"] = entity
    return {
        "Amount": amount,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }
