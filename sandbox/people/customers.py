"""Customers for people: list, new, edit, make inactive, merge."""

from __future__ import annotations

from sandbox.messages import Request, Response
from sandbox.people.html import button, esc, field, select, table
from sandbox.people.invoices import PERSON, facts, invoice_table
from sandbox.people.layout import address, back_to, money, shown
from sandbox.quickbooks import merging, writing
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.entities.names import CUSTOMER as KIND
from sandbox.quickbooks.kinds import Body


def route(books: Books, request: Request, rest: list[str]) -> Response | None:
    if not rest:
        return shown(books.company, "Customers", listing(books))
    if rest == ["new"]:
        return new(books, request)
    customer = books.must_find("Customer", rest[0])
    if request.method != "POST":
        return (
            shown(books.company, customer["DisplayName"], view(books, customer))
            if len(rest) == 1
            else None
        )
    action = ACTIONS.get(rest[1] if len(rest) == 2 else "")
    if action is None:
        return None
    return back_to(
        books.company, action(books, customer, request.form()) or f"customers/{customer['Id']}"
    )


def listing(books: Books) -> str:
    at = address(books.company, "customers")
    new_one = f'<p><a class="button" href="{at}/new">New customer</a></p>'
    return new_one + table(
        ["Name", "E-mail", "Balance", "Active"],
        [
            [
                f'<a href="{at}/{c["Id"]}">{esc(c["FullyQualifiedName"])}</a>',
                esc(c.get("PrimaryEmailAddr", {}).get("Address")),
                money(c["Balance"]),
                "yes" if c["Active"] else "no",
            ]
            for c in books.where("Customer")
        ],
        {2},
    )


def view(books: Books, customer: Body) -> str:
    at = address(books.company, f"customers/{customer['Id']}")
    others = [
        (c["Id"], c["FullyQualifiedName"])
        for c in books.where("Customer")
        if c["Id"] != customer["Id"] and c["Active"]
    ]
    turn = (
        button(f"{at}/inactivate", "Make inactive", "danger")
        if customer["Active"]
        else button(f"{at}/activate", "Make active")
    )
    pairs: list[tuple[str, object]] = [
        ("E-mail", customer.get("PrimaryEmailAddr", {}).get("Address")),
        ("Balance", money(customer["Balance"])),
        ("Active", "yes" if customer["Active"] else "no"),
        ("Id", customer["Id"]),
        ("Version", customer["SyncToken"]),
    ]
    invoices = books.where("Invoice", "AND party=?", int(customer["Id"]))[-50:]
    merge_form = (
        f'<form method="post" action="{at}/merge">'
        + select("Merge into", "into", others)
        + '<p class="soft">This customer vanishes; its documents become the other one\'s.</p>'
        + '<button class="danger">Merge</button></form>'
    )
    parts = [
        facts(pairs),
        "<h2>Invoices</h2>",
        invoice_table(books, invoices),
        "<h2>Edit</h2>",
        edit_form(at, customer),
    ]
    return "".join([*parts, "<h2>More</h2>", turn, merge_form if others else ""])


def edit_form(at: str, customer: Body) -> str:
    return (
        f'<form method="post" action="{at}/edit">'
        + field("Name", "display_name", customer["DisplayName"])
        + field("E-mail", "email", customer.get("PrimaryEmailAddr", {}).get("Address"))
        + field("Notes", "notes", customer.get("Notes"))
        + "<button>Save</button></form>"
    )


def new(books: Books, request: Request) -> Response:
    if request.method == "POST":
        form = request.form()
        body = {
            "DisplayName": form.get("display_name", ""),
            "PrimaryEmailAddr": {"Address": form.get("email", "")},
        }
        made = writing.create(books, KIND, body, PERSON)
        return back_to(books.company, f"customers/{made['Id']}")
    at = address(books.company, "customers/new")
    form_html = (
        field("Name", "display_name")
        + field("E-mail", "email")
        + '<button class="main">Save</button>'
    )
    return shown(
        books.company, "New customer", f'<form method="post" action="{at}">{form_html}</form>'
    )


def changed(books: Books, customer: Body, **fields: object) -> None:
    body = {"Id": customer["Id"], "SyncToken": customer["SyncToken"], "sparse": True, **fields}
    writing.update(books, KIND, body, PERSON)


def edit(books: Books, customer: Body, form: dict[str, str]) -> None:
    changed(
        books,
        customer,
        DisplayName=form["display_name"],
        PrimaryEmailAddr={"Address": form.get("email", "")},
        Notes=form.get("notes", ""),
    )


def inactivate(books: Books, customer: Body, form: dict[str, str]) -> None:
    changed(books, customer, Active=False)


def activate(books: Books, customer: Body, form: dict[str, str]) -> None:
    changed(books, customer, Active=True)


def merge(books: Books, customer: Body, form: dict[str, str]) -> str:
    merging.merge(books, "Customer", customer["Id"], form["into"])
    return f"customers/{form['into']}"


ACTIONS = {"edit": edit, "inactivate": inactivate, "activate": activate, "merge": merge}
