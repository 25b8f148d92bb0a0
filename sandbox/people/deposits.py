"""Deposits for people: take payments out of Undeposited Funds, with a fee if there was one."""

from __future__ import annotations

from decimal import Decimal

from sandbox.messages import Request, Response
from sandbox.people.html import button, esc, field, select, table
from sandbox.people.invoices import PERSON, facts, latest, lines
from sandbox.people.layout import address, back_to, money, shown
from sandbox.quickbooks import writing
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.entities.deposit import KIND, funds_held
from sandbox.quickbooks.kinds import Body


def route(books: Books, request: Request, rest: list[str]) -> Response | None:
    if not rest:
        return shown(books.company, "Deposits", listing(books))
    if rest == ["new"]:
        return new(books, request)
    deposit = books.must_find("Deposit", rest[0])
    if request.method != "POST" and len(rest) == 1:
        return shown(books.company, f"Deposit {deposit['Id']}", view(books, deposit))
    if request.method == "POST" and rest[1:] == ["delete"]:
        writing.erase(books, KIND, deposit)
        return back_to(books.company, "deposits")
    return None


def listing(books: Books) -> str:
    at = address(books.company, "deposits")
    rows = [
        [
            f'<a href="{at}/{d["Id"]}">{d["Id"]}</a>',
            d["TxnDate"],
            esc(d["DepositToAccountRef"].get("name")),
            money(d["TotalAmt"]),
        ]
        for d in latest(books, "Deposit")
    ]
    make = f'<p><a class="button" href="{at}/new">Make deposit</a></p>'
    return make + table(["Deposit", "Date", "To", "Total"], rows, {3})


def view(books: Books, deposit: Body) -> str:
    at = address(books.company, f"deposits/{deposit['Id']}")
    pairs: list[tuple[str, object]] = [
        ("Date", deposit["TxnDate"]),
        ("To", deposit["DepositToAccountRef"].get("name")),
        ("Total", money(deposit["TotalAmt"])),
        ("Memo", deposit.get("PrivateNote")),
        ("Version", deposit["SyncToken"]),
    ]
    return (
        facts(pairs)
        + "<h2>Lines</h2>"
        + lines(deposit)
        + "<h2>More</h2>"
        + button(f"{at}/delete", "Delete", "danger")
    )


def waiting(books: Books) -> list[Body]:
    """Payments that lie in Undeposited Funds."""
    return [
        p
        for p in latest(books, "Payment")
        if not p.get("LinkedTxn") and funds_held(books, "Payment", p)
    ]


def new(books: Books, request: Request) -> Response:
    if request.method == "POST":
        return back_to(books.company, f"deposits/{make(books, request.forms())['Id']}")
    banks = [
        (a["Id"], a["Name"]) for a in books.accounts() if a["AccountType"] == "Bank" and a["Active"]
    ]
    picks = "".join(
        f'<label class="pick"><input type="checkbox" name="payment" value="{p["Id"]}"> {p["TxnDate"]} '
        f"{esc(p['CustomerRef'].get('name'))}, {money(p['TotalAmt'])}</label>"
        for p in waiting(books)
    )
    form = (
        f'<form method="post" action="{address(books.company, "deposits/new")}">'
        + select("Deposit to", "account", banks)
        + field("Date", "date", books.today.isoformat(), "date")
        + (picks or "<p>No payment is waiting.</p>")
        + field("Fee taken off", "fee")
        + '<button class="main">Save</button></form>'
    )
    return shown(books.company, "Make deposit", form)


def make(books: Books, form: dict[str, list[str]]) -> Body:
    rows: list[Body] = [
        {"LinkedTxn": [{"TxnId": id_, "TxnType": "Payment", "TxnLineId": "0"}]}
        for id_ in form.get("payment", [])
    ]
    fee = form.get("fee", [""])[0].strip()
    if fee:
        charges = books.account_of("BankCharges", "Expense") or {}
        rows.append(
            {
                "Amount": -Decimal(fee),
                "DetailType": "DepositLineDetail",
                "Description": "Fee",
                "DepositLineDetail": {"AccountRef": {"value": charges["Id"]}},
            }
        )
    body = {
        "DepositToAccountRef": {"value": form["account"][0]},
        "TxnDate": form.get("date", [""])[0],
        "Line": rows,
    }
    return writing.create(books, KIND, body, PERSON)
