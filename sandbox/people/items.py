"""Items for people: list, make inactive, merge."""

from __future__ import annotations

from sandbox.messages import Request, Response
from sandbox.people.html import button, esc, select, table
from sandbox.people.invoices import PERSON, facts
from sandbox.people.layout import address, back_to, shown
from sandbox.quickbooks import merging, writing
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.kinds import KINDS, Body

STATES = {"activate": True, "inactivate": False}


def route(books: Books, request: Request, rest: list[str]) -> Response | None:
    if not rest:
        return shown(books.company, "Items", listing(books))
    item = books.must_find("Item", rest[0])
    if request.method != "POST":
        return shown(books.company, item["Name"], view(books, item)) if len(rest) == 1 else None
    if rest[1:] == ["merge"]:
        into = request.form()["into"]
        merging.merge(books, "Item", item["Id"], into)
        return back_to(books.company, f"items/{into}")
    if len(rest) == 2 and rest[1] in STATES:
        keys = {name: item[name] for name in ("Id", "SyncToken")}
        body = {**keys, "sparse": True, "Active": STATES[rest[1]]}
        writing.update(books, KINDS["Item"], body, PERSON)
        return back_to(books.company, f"items/{item['Id']}")
    return None


def listing(books: Books) -> str:
    at = address(books.company, "items")
    return table(
        ["Item", "Type", "Price", "Active"],
        [
            [
                f'<a href="{at}/{one["Id"]}">{esc(one["FullyQualifiedName"])}</a>',
                esc(one["Type"]),
                esc(one.get("UnitPrice", "")),
                "yes" if one["Active"] else "no",
            ]
            for one in books.where("Item")
        ],
        {2},
    )


def view(books: Books, item: Body) -> str:
    at = address(books.company, f"items/{item['Id']}")
    others = [
        (one["Id"], one["FullyQualifiedName"])
        for one in books.where("Item")
        if one["Id"] != item["Id"] and one["Type"] == item["Type"] and one["Active"]
    ]
    turn = (
        button(f"{at}/inactivate", "Make inactive", "danger")
        if item["Active"]
        else button(f"{at}/activate", "Make active")
    )
    merge_form = (
        f'<form method="post" action="{at}/merge">'
        + select("Merge into", "into", others)
        + '<p class="soft">This item vanishes; lines with it are the other one\'s.</p>'
        + '<button class="danger">Merge</button></form>'
    )
    pairs: list[tuple[str, object]] = [
        ("Type", item["Type"]),
        ("Active", "yes" if item["Active"] else "no"),
        ("Id", item["Id"]),
        ("Version", item["SyncToken"]),
    ]
    return "".join([facts(pairs), turn, merge_form if others else ""])
