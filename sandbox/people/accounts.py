"""The chart of accounts and the register of one account."""

from __future__ import annotations

from sandbox.messages import Request, Response
from sandbox.money import major
from sandbox.people.html import button, esc, select, table
from sandbox.people.invoices import PERSON
from sandbox.people.layout import address, back_to, money, shown
from sandbox.quickbooks import merging, writing
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.kinds import KINDS, Body

PLACES = {"Invoice": "invoices", "Payment": "payments", "Deposit": "deposits"}
SHOWN = 500


def route(books: Books, request: Request, rest: list[str]) -> Response | None:
    if not rest:
        return shown(books.company, "Accounts", listing(books))
    account = books.must_find("Account", rest[0])
    if request.method == "POST" and rest[1:] == ["merge"]:
        into = request.form()["into"]
        merging.merge(books, "Account", account["Id"], into)
        return back_to(books.company, f"accounts/{into}")
    if request.method == "POST" and rest[1:] in (["inactivate"], ["activate"]):
        body = {
            "Id": account["Id"],
            "SyncToken": account["SyncToken"],
            "sparse": True,
            "Active": rest[1] == "activate",
        }
        writing.update(books, KINDS["Account"], body, PERSON)
        return back_to(books.company, f"accounts/{account['Id']}")
    if request.method != "POST" and len(rest) == 1:
        return shown(books.company, account["FullyQualifiedName"], register(books, account))
    return None


def listing(books: Books) -> str:
    at = address(books.company, "accounts")
    return table(
        ["Account", "Type", "Balance", "Active"],
        [[f'<a href="{at}/{a["Id"]}">{esc(a["FullyQualifiedName"])}</a>', esc(a["AccountType"]),
          money(major(sign(a) * books.core.account_cents(books, a["Id"]))), "yes" if a["Active"] else "no"]
         for a in books.accounts()],
        {2},
    )  # fmt: skip


def sign(account: Body) -> int:
    return 1 if account["Classification"] in {"Asset", "Expense"} else -1


def register(books: Books, account: Body) -> str:
    """The latest postings with the balance after each, newest first."""
    rows = books.store.all(
        "SELECT p.date, p.kind, p.id, p.home, p.memo, o.number FROM postings p LEFT JOIN objects o "
        "ON o.realm=p.realm AND o.kind=p.kind AND o.id=p.id WHERE p.realm=? AND p.account=? ORDER BY p.date, p.rowid",
        books.realm, int(account["Id"]),
    )  # fmt: skip
    shown_rows, balance = [], 0
    for day, kind, id_, cents, memo, number in rows:
        balance += sign(account) * cents
        place = address(books.company, f"{PLACES.get(kind, 'documents/' + kind)}/{id_}")
        shown_rows.append([day, f'<a href="{place}">{esc(kind)} {esc(number or id_)}</a>', esc(memo),
                           money(major(sign(account) * cents)), money(major(balance))])  # fmt: skip
    at = address(books.company, f"accounts/{account['Id']}")
    turn = (
        button(f"{at}/inactivate", "Make inactive", "danger")
        if account["Active"]
        else button(f"{at}/activate", "Make active")
    )
    return (
        table(["Date", "Document", "Memo", "Amount", "Balance"], shown_rows[::-1][:SHOWN], {3, 4})
        + turn
        + merge_form(books, account)
    )


def merge_form(books: Books, account: Body) -> str:
    """With one of the same type."""
    others = [
        (one["Id"], one["FullyQualifiedName"])
        for one in books.accounts()
        if one["Id"] != account["Id"] and one["AccountSubType"] == account["AccountSubType"]
    ]
    at = address(books.company, f"accounts/{account['Id']}")
    if not others:
        return ""
    return (
        f'<form method="post" action="{at}/merge">'
        + select("Merge into", "into", others)
        + '<p class="soft">This account vanishes; what was posted to it is the other one\'s.</p>'
        + '<button class="danger">Merge</button></form>'
    )
