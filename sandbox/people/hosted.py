"""The page that the pay link leads to: the customer pays by card or bank debit."""

from __future__ import annotations

from decimal import Decimal

from sandbox.messages import Request, Response
from sandbox.people.html import esc, field, page
from sandbox.people.invoices import lines, number
from sandbox.people.layout import money
from sandbox.quickbooks import paynow
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.kinds import Body

LABELS = {"card": "Pay by card", "bank": "Pay by bank debit"}


def route(books: Books, request: Request, rest: list[str]) -> Response | None:
    """`/hosted/{realm}/{invoice}/{secret}`; without the secret there is nothing to see."""
    if len(rest) != 2 or rest[1] != paynow.secret(books, rest[0]):
        return None
    invoice = books.find("Invoice", rest[0])
    if invoice is None:
        return Response.html(page("Gone", "<h1>This invoice is no longer available.</h1>"), 404)
    if request.method == "POST":
        form = request.form()
        amount = form.get("amount", "").strip()
        paynow.pay(
            books, invoice["Id"], form.get("method", ""), Decimal(amount) if amount else None
        )
        return Response.redirect(paynow.path(books, invoice["Id"]))
    return Response.html(page(f"Invoice {number(invoice)}", shown(books, invoice)))


def shown(books: Books, invoice: Body) -> str:
    head = (
        f"<h1>Invoice {esc(number(invoice))} from {esc(books.company.name)}</h1>"
        f"<p>Total {money(invoice['TotalAmt'])}, due <strong>{money(invoice['Balance'])}</strong> "
        f"{esc(invoice['CurrencyRef']['value'])} by {esc(invoice.get('DueDate'))}.</p>"
    )
    if not invoice["Balance"]:
        return head + '<p class="note">This invoice is paid. Thank you.</p>' + lines(invoice)
    buttons = "".join(
        f'<button name="method" value="{how}" class="main">{label}</button> '
        for how, label in LABELS.items()
        if invoice.get(paynow.FLAGS[how])
    )
    if not buttons:
        return head + '<p class="note">This invoice cannot be paid online.</p>' + lines(invoice)
    amount = field("Amount", "amount", f"{invoice['Balance']:.2f}")
    return (
        head
        + f'<form method="post">{amount}<p class="buttons">{buttons}</p></form>'
        + lines(invoice)
    )
