"""Every other record for people: lists by kind, a plain view, delete, copy of nothing."""

from __future__ import annotations

from sandbox.messages import Request, Response
from sandbox.people.html import button, esc, table
from sandbox.people.invoices import facts, latest, lines
from sandbox.people.layout import address, back_to, money, shown
from sandbox.quickbooks import writing
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.kinds import KINDS, Body, Kind

# What people may void although the API cannot.
VOIDABLE = {"Payment", "SalesReceipt", "BillPayment", "Invoice", "CreditMemo", "RefundReceipt"}


def route(books: Books, request: Request, rest: list[str]) -> Response | None:
    if not rest:
        return shown(books.company, "Documents", kinds(books))
    kind = KINDS.get(rest[0])
    if kind is None:
        return None
    if len(rest) == 1:
        return shown(books.company, kind.name, listing(books, kind))
    body = books.must_find(kind.name, rest[1])
    if request.method != "POST":
        return (
            shown(books.company, f"{kind.name} {body['Id']}", view(books, kind, body))
            if len(rest) == 2
            else None
        )
    return act(books, kind, body, rest[2] if len(rest) == 3 else "")


def kinds(books: Books) -> str:
    counts = dict(
        books.store.all(
            "SELECT kind, COUNT(*) FROM objects WHERE realm=? AND gone=0 GROUP BY kind", books.realm
        )
    )
    at = address(books.company, "documents")
    return table(
        ["Kind", "Records"],
        [[f'<a href="{at}/{k}">{k}</a>', str(counts.get(k, 0))] for k in sorted(KINDS)],
        {1},
    )


def title(kind: Kind, body: Body) -> str:
    return str(
        body.get(kind.name_field or "") or body.get("DocNumber") or body.get("Name") or body["Id"]
    )


def listing(books: Books, kind: Kind) -> str:
    at = address(books.company, f"documents/{kind.name}")
    rows = [
        [
            f'<a href="{at}/{b["Id"]}">{esc(title(kind, b))}</a>',
            esc(b.get("TxnDate")),
            esc(party(b)),
            money(b.get("TotalAmt", b.get("Amount", 0))),
        ]
        for b in latest(books, kind.name)
    ]
    return table(["Record", "Date", "Name", "Total"], rows, {3})


def party(body: Body) -> str:
    found: Body = next(
        (body[f] for f in ("CustomerRef", "VendorRef", "EntityRef") if body.get(f)), {}
    )
    return str(found.get("name", ""))


def view(books: Books, kind: Kind, body: Body) -> str:
    at = address(books.company, f"documents/{kind.name}/{body['Id']}")
    pairs = [
        (k, plain(v))
        for k, v in body.items()
        if not isinstance(v, list) and k not in {"domain", "sparse"}
    ]
    actions = button(f"{at}/delete", "Delete", "danger") if kind.deletable else ""
    if kind.name in VOIDABLE:
        actions += button(f"{at}/void", "Void", "danger")
    return facts(pairs) + ("<h2>Lines</h2>" + lines(body) if body.get("Line") else "") + actions


def plain(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return (
        value.get("name")
        or value.get("value")
        or ", ".join(str(v) for v in value.values() if not isinstance(v, dict | list))
    )


def act(books: Books, kind: Kind, body: Body, action: str) -> Response | None:
    if action == "delete" and kind.deletable:
        writing.erase(books, kind, body)
        return back_to(books.company, f"documents/{kind.name}")
    if action == "void" and kind.name in VOIDABLE:
        writing.cancel(books, kind, body)
        return back_to(books.company, f"documents/{kind.name}/{body['Id']}")
    return None
