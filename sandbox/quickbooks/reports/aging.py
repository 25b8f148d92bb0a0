"""Aged receivables: who owes what since when, as of any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sandbox import jsontext
from sandbox.quickbooks.reports.asked import Asked
from sandbox.quickbooks.reports.shape import Row, amount, column, data, report, section

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

TITLES = {
    "Invoice": "Invoice",
    "Payment": "Payment",
    "CreditMemo": "Credit Memo",
    "JournalEntry": "Journal Entry",
    "Purchase": "Expense",
    "Deposit": "Deposit",
}


@dataclass
class Open:
    """A document with money open on A/R on the day of the report; cents, credits negative."""

    kind: str
    id: int
    party: int
    day: str
    due: str
    number: str
    total: int
    left: int


def open_items(books: Books, day: str, only: set[int] | None) -> list[Open]:
    """Their sum is the A/R balance of that day, whatever was applied to what since."""
    receivables = [
        int(a["Id"]) for a in books.accounts() if a["AccountType"] == "Accounts Receivable"
    ]
    marks = ",".join("?" * len(receivables))
    rows = books.store.all(
        "SELECT p.kind, p.id, p.party, p.date, SUM(p.home), o.due, o.number FROM postings p JOIN objects o "
        "ON o.realm=p.realm AND o.kind=p.kind AND o.id=p.id "
        f"WHERE p.realm=? AND p.account IN ({marks}) AND p.date<=? AND p.party IS NOT NULL "
        "GROUP BY p.kind, p.id, p.party ORDER BY p.date, p.id",
        books.realm,
        *receivables,
        day,
    )
    applied = applications(books, day)
    out = []
    for kind, id_, party, at, cents, due, number in rows:
        left = cents + applied.get((kind, id_), 0)
        if left and (only is None or party in only):
            out.append(Open(kind, id_, party, at, due or at, number or "", cents, left))
    return out


def applications(books: Books, day: str) -> dict[tuple[str, int], int]:
    """How applying moves the open amount of each document: down on one side, up on the other."""
    moved: dict[tuple[str, int], int] = {}
    for payment, kind, id_, cents, rate in books.store.execute(
        "SELECT r.by_id, r.to_kind, r.to_id, r.minor, json_extract(t.body,'$.ExchangeRate') FROM relations r "
        "JOIN objects p ON p.realm=r.realm AND p.kind='Payment' AND p.id=r.by_id "
        "JOIN objects t ON t.realm=r.realm AND t.kind=r.to_kind AND t.id=r.to_id "
        "WHERE r.realm=? AND r.by_kind='Payment' AND p.date<=? AND t.date<=?",
        (books.realm, day, day),
    ):
        home = round(cents * (rate or 1))
        sign = -1 if kind in {"Invoice", "Purchase"} else 1
        moved[kind, id_] = moved.get((kind, id_), 0) + sign * home
        moved["Payment", payment] = moved.get(("Payment", payment), 0) - sign * home
    return moved


def age(item: Open, day: date) -> int:
    """Days overdue; negative while it is not yet due."""
    return (day - date.fromisoformat(item.due)).days


def buckets(asked: Asked) -> tuple[int, int]:
    return asked.number("aging_period", 30, 9999), asked.number("num_periods", 4, 20)


def bucket(days: int, period: int, count: int) -> int:
    """0 is not yet due, then one for each period, the last without an end."""
    return 0 if days <= 0 else min((days - 1) // period + 1, count)


def titles(period: int, count: int) -> list[str]:
    middle = [f"{n * period + 1} - {(n + 1) * period}" for n in range(count - 1)]
    return ["Current", *middle, f"{(count - 1) * period + 1} and over"]


def names(books: Books) -> dict[int, str]:
    rows = books.store.execute(
        "SELECT id, body FROM objects WHERE realm=? AND kind='Customer' AND gone=0", (books.realm,)
    )
    return {id_: jsontext.loads(body)["FullyQualifiedName"] for id_, body in rows}


def summary(books: Books, asked: Asked) -> Row:
    day = asked.day("report_date", asked.today)
    period, count = buckets(asked)
    sums: dict[int, list[int]] = {}
    for item in open_items(books, day.isoformat(), asked.ids("customer")):
        row = sums.setdefault(item.party, [0] * (count + 1))
        row[bucket(age(item, day), period, count)] += item.left
    known = names(books)
    rows = [
        data((known.get(party, ""), str(party)), *[amount(c) for c in cents], amount(sum(cents)))
        for party, cents in sorted(sums.items(), key=lambda pair: known.get(pair[0], "").casefold())
    ]
    if rows:
        totals = [sum(cents[n] for cents in sums.values()) for n in range(count + 1)]
        rows.append(
            section(
                None, [], ["TOTAL", *[amount(c) for c in totals], amount(sum(totals))], "GrandTotal"
            )
        )
    columns = [column("", "Customer", "cust_name")]
    columns += [column(t, "Money", f"{n}") for n, t in enumerate([*titles(period, count), "Total"])]
    return report(
        books,
        "AgedReceivables",
        columns,
        rows,
        end=day.isoformat(),
        options={
            "report_date": day.isoformat(),
            "aging_method": asked.query.get("aging_method", "Report_Date"),
        },
    )


def detail(books: Books, asked: Asked) -> Row:
    day = asked.day("report_date", asked.today)
    period, count = buckets(asked)
    known = names(books)
    groups: dict[int, list[Open]] = {}
    for item in open_items(books, day.isoformat(), asked.ids("customer")):
        groups.setdefault(bucket(age(item, day), period, count), []).append(item)
    heads = titles(period, count)
    rows = [bucket_section(heads[n], groups[n], known) for n in sorted(groups, reverse=True)]
    if rows:
        items = [item for group in groups.values() for item in group]
        rows.append(
            section(
                None,
                [],
                [
                    "TOTAL",
                    "",
                    "",
                    "",
                    "",
                    amount(sum(i.total for i in items)),
                    amount(sum(i.left for i in items)),
                ],
                "GrandTotal",
            )
        )
    columns = [
        column("Date", "Date", "tx_date"),
        column("Transaction Type", "String", "txn_type"),
        column("Num", "String", "doc_num"),
        column("Customer", "String", "cust_name"),
        column("Due Date", "Date", "due_date"),
        column("Amount", "Money", "subt_amount"),
        column("Open Balance", "Money", "subt_open_bal"),
    ]
    return report(
        books,
        "AgedReceivableDetail",
        columns,
        rows,
        end=day.isoformat(),
        options={
            "report_date": day.isoformat(),
            "aging_method": asked.query.get("aging_method", "Report_Date"),
        },
    )


def bucket_section(title: str, items: list[Open], known: dict[int, str]) -> Row:
    shown = title if title == "Current" else f"{title} days past due"
    rows = [
        data(
            i.day,
            (TITLES.get(i.kind, i.kind), str(i.id)),
            i.number,
            (known.get(i.party, ""), str(i.party)),
            i.due,
            amount(i.total),
            amount(i.left),
        )
        for i in items
    ]
    total = [
        f"Total for {shown}",
        "",
        "",
        "",
        "",
        amount(sum(i.total for i in items)),
        amount(sum(i.left for i in items)),
    ]
    return section(shown, rows, total)
