"""Double entry: what every document posts, and the running balances that follow."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.money import major, minor
from sandbox.quickbooks.kinds import Body, Kind, Posting

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books


class Unbalanced(Exception):
    """A document whose debits and credits differ: a bug of the sandbox, never stored."""


def replace(
    books: Books, kind: Kind, body: Body | None, id: Any, *, is_new: bool = False
) -> set[int]:
    """Put the postings of a document in place of its former ones.

    Cents, debit positive. Returns the customers and vendors whose balance moved.
    """
    old = [] if is_new else books.store.all(
        "SELECT account, party, date, home, own, memo FROM postings "
        "WHERE realm=? AND kind=? AND id=?",
        books.realm, kind.name, id,
    )  # fmt: skip
    new = rows(books, kind, body) if body is not None else []
    if old == new:
        return set()
    if old:
        books.store.execute(
            "DELETE FROM postings WHERE realm=? AND kind=? AND id=?", (books.realm, kind.name, id)
        )
    books.store.connection.executemany(
        "INSERT INTO postings VALUES(?,?,?,?,?,?,?,?,?)",
        [(books.realm, kind.name, id, *row) for row in new],
    )
    return _move(books, old, new)


def rows(
    books: Books, kind: Kind, body: Body
) -> list[tuple[int, int | None, str, int, int, str | None]]:
    """(account, party, date, home cents, own cents, memo) for each posting; checked to balance."""
    rate = Decimal(body.get("ExchangeRate", 1))
    found = [
        (p.account, p.party, body["TxnDate"], home_of(p, rate), p.own, p.memo)
        for p in kind.post(books, body)
        if p.own or p.home
    ]
    return _rounded(found) if rate != 1 else _balanced(found)


def home_of(posting: Posting, rate: Decimal) -> int:
    if posting.home is not None:
        return posting.home
    return posting.own if rate == 1 else minor(major(posting.own) * rate)


def _balanced(found: list[Any]) -> list[Any]:
    if sum(row[3] for row in found):
        raise Unbalanced(found)
    return found


def _rounded(found: list[Any]) -> list[Any]:
    """Conversion leaves cents over; the largest posting of the document takes them."""
    if sum(row[4] for row in found):
        raise Unbalanced(found)
    rest = sum(row[3] for row in found)
    if rest:
        at = max(range(len(found)), key=lambda n: abs(found[n][3]))
        row = found[at]
        found[at] = (*row[:3], row[3] - rest, *row[4:])
    return _balanced(found)


def _move(books: Books, old: list[Any], new: list[Any]) -> set[int]:
    accounts: dict[int, list[int]] = {}
    parties: dict[int, int] = {}
    for sign, several in ((-1, old), (1, new)):
        for account, party, _, home, own, _ in several:
            both = accounts.setdefault(account, [0, 0])
            both[0] += sign * home
            both[1] += sign * own
            if party is not None and books.core.is_personal(books, account):
                parties[party] = parties.get(party, 0) + sign * own
    books.store.connection.executemany(
        "INSERT INTO account_balances VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET "
        "home=home+excluded.home, own=own+excluded.own",
        [
            (books.realm, account, home, own)
            for account, (home, own) in accounts.items()
            if home or own
        ],
    )
    moved = {party for party, cents in parties.items() if cents}
    for party in moved:
        books.store.execute(
            "INSERT INTO party_balances VALUES(?,?,?) ON CONFLICT DO UPDATE SET "
            "minor=minor+excluded.minor",
            (books.realm, party, parties[party]),
        )
    return moved


def out_of_balance(books: Books) -> list[str]:
    """Documents and balances that do not add up; empty in a healthy company."""
    wrong = [
        f"{kind} {id}: {cents} cents"
        for kind, id, cents in books.store.all(
            "SELECT kind, id, SUM(home) FROM postings WHERE realm=? GROUP BY kind, id HAVING SUM(home)",
            books.realm,
        )
    ]
    for account, cents, kept in books.store.all(
        "SELECT b.account, (SELECT COALESCE(SUM(home),0) FROM postings p WHERE p.realm=b.realm "
        "AND p.account=b.account) AS s, b.home FROM account_balances b WHERE realm=? AND s<>b.home",
        books.realm,
    ):
        wrong.append(f"account {account}: postings {cents}, balance {kept}")
    return wrong


def sums(books: Books, start: date, end: date) -> dict[int, int]:
    """Home cents by account over a period: the one view all reports are made from."""
    rows = books.store.execute(
        "SELECT account, SUM(home) FROM postings WHERE realm=? AND date BETWEEN ? AND ? GROUP BY account",
        (books.realm, start.isoformat(), end.isoformat()),
    )
    return {account: cents for account, cents in rows if cents}
