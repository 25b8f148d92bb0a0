"""Pages where a person acts as the bookkeeper of a company."""

from __future__ import annotations

from collections.abc import Callable
from decimal import InvalidOperation
from typing import TYPE_CHECKING

from sandbox.messages import Request, Response
from sandbox.people import (
    accounts,
    apps,
    customers,
    deposits,
    documents,
    hosted,
    invoices,
    items,
    payments,
    reports,
    settings,
)  # fmt: skip
from sandbox.people.html import esc, page, table
from sandbox.people.layout import back_to, framed, shown
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.faults import Fault, GateFault

if TYPE_CHECKING:
    from sandbox.core import Sandbox

Section = Callable[[Books, Request, list[str]], Response | None]
SECTIONS: dict[str, Section] = {
    "invoices": invoices.route, "payments": payments.route, "deposits": deposits.route,
    "customers": customers.route, "documents": documents.route, "accounts": accounts.route,
    "items": items.route,
    "reports": reports.route, "settings": settings.route, "apps": apps.route,
}  # fmt: skip
# The routes of QuickBooks' own deep links, so that "View in QuickBooks" leads somewhere.
DEEP = {
    "invoice": "invoices/{}", "recvpayment": "payments/{}", "deposit": "deposits/{}",
    "customerdetail": "customers/{}", "register": "accounts/{}", "creditmemo": "documents/CreditMemo/{}",
    "refundreceipt": "documents/RefundReceipt/{}", "salesreceipt": "documents/SalesReceipt/{}",
    "estimate": "documents/Estimate/{}", "expense": "documents/Purchase/{}", "check": "documents/Purchase/{}",
    "bill": "documents/Bill/{}", "billpayment": "documents/BillPayment/{}", "journal": "documents/JournalEntry/{}",
    "transfer": "documents/Transfer/{}", "vendordetail": "documents/Vendor/{}",
}  # fmt: skip


def handle(core: Sandbox, request: Request, segments: list[str]) -> Response:
    if not segments or len(segments) == 1:
        return Response.html(companies(core))
    if segments[0] == "hosted":
        return guarded(
            core, request, segments[1], lambda books: hosted.route(books, request, segments[2:])
        )
    return guarded(core, request, segments[1], lambda books: section(books, request, segments[2:]))


def app_link(core: Sandbox, request: Request, segments: list[str]) -> Response:
    """`/app/invoice?txnId=5&companyId=…` as on QuickBooks' own host."""
    realm = (
        request.query.get("companyId")
        or request.query.get("deeplinkcompanyid")
        or next(iter(core.companies), "")
    )
    return guarded(core, request, realm, lambda books: section(books, request, segments[1:]))


def guarded(
    core: Sandbox, request: Request, realm: str, answer: Callable[[Books], Response | None]
) -> Response:
    """A refusal becomes a page with QuickBooks' words; nothing of the attempt is kept."""
    company = core.companies.get(realm)
    if company is None:
        return Response.html(page("Not found", "<h1>There is no such company</h1>"), 404)
    try:
        with core.store.transaction():
            found = answer(Books(core, company))
    except (Fault, GateFault, InvalidOperation, KeyError) as error:
        core.forget_cached()
        words = (
            error.detail
            if isinstance(error, Fault | GateFault)
            else "Something in the form is missing or wrong."
        )
        body = f'<p class="wrong">{esc(words)}</p><p>Nothing was changed.</p>'
        return shown(company, "That did not work", body, 400)
    return found or shown(company, "Not found", "<p>This page does not exist.</p>", 404)


def section(books: Books, request: Request, rest: list[str]) -> Response | None:
    if not rest:
        return Response.html(framed(books.company, "Overview", overview(books)))
    if rest[0] in DEEP and request.method == "GET":
        wanted = (
            request.query.get("txnId")
            or request.query.get("nameId")
            or request.query.get("accountId")
            or ""
        )
        return back_to(books.company, DEEP[rest[0]].format(wanted)) if wanted.isdigit() else None
    route = SECTIONS.get(rest[0])
    return route(books, request, rest[1:]) if route else None


def overview(books: Books) -> str:
    """The invoices at once, because that is what one comes for."""
    return invoices.overview(books)


def companies(core: Sandbox) -> str:
    rows = [[f'<a href="/company/{c.realm}">{esc(c.name)}</a>', esc(c.country), esc(c.environment), esc(c.realm)]
            for c in core.companies.values()]  # fmt: skip
    return page(
        "Companies",
        "<h1>Companies</h1>" + table(["Company", "Country", "Environment", "Realm"], rows),
    )
