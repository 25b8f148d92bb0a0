"""Payments for people: list, receive for several invoices, void, delete, return a bank debit."""

from __future__ import annotations

from decimal import Decimal

from sandbox.messages import Request, Response
from sandbox.people.html import button, esc, field, select, table
from sandbox.people.invoices import PERSON, facts, is_voided, latest, lines, number
from sandbox.people.layout import address, back_to, money, shown
from sandbox.quickbooks import paynow, writing
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.entities.payment import KIND
from sandbox.quickbooks.kinds import Body


def route(books: Books, request: Request, rest: list[str]) -> Response | None:
    if not rest:
        return shown(books.company, "Payments", listing(books))
    if rest == ["new"]:
        return new(books, request)
    payment = books.must_find("Payment", rest[0])
    if request.method != "POST":
        return (
            shown(books.company, f"Payment {payment['Id']}", view(books, payment))
            if len(rest) == 1
            else None
        )
    action = ACTIONS.get(rest[1] if len(rest) == 2 else "")
    if action is None:
        return None
    return back_to(books.company, action(books, payment) or f"payments/{payment['Id']}")


def listing(books: Books) -> str:
    at = address(books.company, "payments")
    receive = f'<p><a class="button" href="{at}/new">Receive payment</a></p>'
    return receive + table(
        ["Payment", "Date", "Customer", "Reference", "Total", "Unapplied", "State"],
        [
            [
                f'<a href="{at}/{p["Id"]}">{p["Id"]}</a>',
                p["TxnDate"],
                esc(p["CustomerRef"].get("name")),
                esc(p.get("PaymentRefNum")),
                money(p["TotalAmt"]),
                money(p["UnappliedAmt"]),
                state(p),
            ]
            for p in latest(books, "Payment")
        ],
        {4, 5},
    )


def state(payment: Body) -> str:
    if is_voided(payment):
        return "Voided"
    return "Deposited" if payment.get("LinkedTxn") else "Received"


def view(books: Books, payment: Body) -> str:
    at = address(books.company, f"payments/{payment['Id']}")
    pairs: list[tuple[str, object]] = [
        ("Customer", payment["CustomerRef"].get("name")),
        ("Date", payment["TxnDate"]),
        ("Total", money(payment["TotalAmt"])),
        ("Unapplied", money(payment["UnappliedAmt"])),
        ("Reference", payment.get("PaymentRefNum")),
        ("Memo", payment.get("PrivateNote")),
        ("State", state(payment)),
        ("Version", payment["SyncToken"]),
    ]
    more = button(f"{at}/void", "Void", "danger") + button(f"{at}/delete", "Delete", "danger")
    if books.hidden("Payment", payment["Id"]).get("mas") == "bank":
        more += button(f"{at}/return", "Bank returns the debit", "danger")
    return facts(pairs) + "<h2>Applied to</h2>" + lines(payment) + "<h2>More</h2>" + more


def new(books: Books, request: Request) -> Response:
    customer = (request.form() if request.method == "POST" else request.query).get("customer", "")
    if request.method == "POST":
        return back_to(books.company, f"payments/{receive(books, request.form())['Id']}")
    at = address(books.company, "payments/new")
    customers = [(c["Id"], c["FullyQualifiedName"]) for c in books.where("Customer") if c["Active"]]
    chooser = (
        f'<form method="get" action="{at}">'
        + select("Customer", "customer", customers, customer)
        + "<button>Choose</button></form>"
    )
    return shown(
        books.company,
        "Receive payment",
        chooser + (receive_form(books, at, customer) if customer else ""),
    )


def receive_form(books: Books, at: str, customer: str) -> str:
    books.must_find("Customer", customer)
    invoices = books.where("Invoice", "AND party=? AND balance>0", int(customer))
    inputs = "".join(
        field(f"Invoice {number(i)}, open {money(i['Balance'])}", f"invoice_{i['Id']}", "")
        for i in invoices
    )
    return (
        f'<form method="post" action="{at}"><input type="hidden" name="customer" value="{esc(customer)}">'
        + field("Amount received", "amount")
        + field("Date", "date", books.today.isoformat(), "date")
        + field("Reference", "reference")
        + inputs
        + '<button class="main">Save</button></form>'
    )


def receive(books: Books, form: dict[str, str]) -> Body:
    parts = {
        k.removeprefix("invoice_"): v
        for k, v in form.items()
        if k.startswith("invoice_") and v.strip()
    }
    applied = [
        {"Amount": Decimal(v), "LinkedTxn": [{"TxnId": k, "TxnType": "Invoice"}]}
        for k, v in parts.items()
    ]
    body = {
        "CustomerRef": {"value": form["customer"]},
        "TotalAmt": form["amount"],
        "Line": applied,
        "TxnDate": form.get("date", ""),
        "PaymentRefNum": form.get("reference", ""),
    }
    return writing.create(books, KIND, body, PERSON)


def void(books: Books, payment: Body) -> None:
    writing.cancel(books, KIND, payment)


def delete(books: Books, payment: Body) -> str:
    writing.erase(books, KIND, payment)
    return "payments"


def come_back(books: Books, payment: Body) -> None:
    paynow.returned(books, payment["Id"])


ACTIONS = {"void": void, "delete": delete, "return": come_back}
