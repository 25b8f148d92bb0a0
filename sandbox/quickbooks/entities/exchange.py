"""Exchange gain or loss: money applied at another rate than the document was booked at."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.money import minor
from sandbox.quickbooks.kinds import Body, Posting

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books


def differences(books: Books, body: Body, account: int, party: int, sign: int) -> list[Posting]:
    """`sign` 1 for money received (A/R), -1 for money paid (A/P). Home cents only."""
    rate = Decimal(body.get("ExchangeRate", 1))
    cents = 0
    for line in body.get("Line", []):
        link = line["LinkedTxn"][0]
        target = books.find(link["TxnType"], link["TxnId"]) or {}
        theirs = Decimal(target.get("ExchangeRate", rate))
        direction = 1 if link["TxnType"] in {"Invoice", "Bill"} else -1
        cents += direction * minor(Decimal(line["Amount"]) * (rate - theirs))
    gain = books.account_of("ExchangeGainOrLoss")
    if not cents or gain is None:
        return []
    return [
        Posting(account, 0, party, home=sign * cents),
        Posting(int(gain["Id"]), 0, None, home=-sign * cents),
    ]
