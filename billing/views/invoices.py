"""The list of invoices and the page of one."""

from typing import Any
from uuid import UUID

from django.db.models import Count, F, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing import destinations, elsewhere
from billing.forms.filters import STATES, InvoiceFilter, in_state
from billing.models import Invoice
from billing.rules.lifecycle import LABELS, Step, refusal
from billing.views.history import history_of
from billing.views.listing import Column, Listing, csv_file
from billing.views.places import found
from tenants.access import requires
from tenants.models import Role

SORTS = {
    "number": ("number",),
    "customer": ("customer__name",),
    "issued": ("issued_on", "number"),
    "due": ("due_on", "number"),
    "total": ("total_minor",),
    "balance": ("open_minor",),
}

FILE: list[Column] = [
    ("Number", lambda each: each.number),
    ("Customer", lambda each: each.customer.name),
    ("Status", lambda each: LABELS[each.standing]),
    ("Archived", lambda each: "yes" if each.is_archived else "no"),
    ("PO number", lambda each: each.po_number),
    ("Written for", lambda each: each.get_source_display()),
    ("Issued", lambda each: each.issued_on.isoformat()),
    ("Due", lambda each: each.due_on.isoformat()),
    ("Currency", lambda each: each.currency),
    ("Subtotal", lambda each: each.subtotal.amount),
    ("Tax", lambda each: each.tax.amount),
    ("Total", lambda each: each.total.amount),
    ("Balance", lambda each: each.balance.amount),
]


def all_invoices() -> QuerySet[Invoice]:
    """Invoices with their customer and what is open, as lists show them."""
    rows: QuerySet[Invoice] = Invoice.objects.select_related("customer").annotate(
        open_minor=F("total_minor") - F("applied_minor")
    )
    return rows


@require_GET
@requires(Role.READ_ONLY)
def invoices(request: Any, organization: str) -> HttpResponseBase:
    """All invoices, narrowed, sorted and paged as the address says; with ``format=csv`` as a file."""
    filterset = InvoiceFilter(request.GET, queryset=all_invoices(), request=request)
    listing = Listing(request, filterset, sorts=SORTS, default="-number")
    if listing.wants_file:
        return csv_file("invoices", FILE, listing.rows)
    context = {"listing": listing, "tabs": _tabs(request, listing)}
    return render(request, "billing/invoices.html", context)


def _tabs(request: Any, listing: Listing) -> list[dict[str, Any]]:
    """A tab for each state with how many there are in all; the other filters stay."""
    zone = request.organization.timezone
    counts = Invoice.objects.aggregate(
        **{key: Count("pk", in_state(key, zone)) for key, _ in STATES}
    )
    return listing.tabs("status", STATES, counts)


@require_GET
@requires(Role.READ_ONLY)
def invoice(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """One invoice: its lines, what is left, its payments and what happened to it."""
    return render(request, "billing/invoice.html", page_of(_found(invoice_id)))


@require_GET
@requires(Role.READ_ONLY)
def live(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """The part of the page that moves by itself, as it is now."""
    return render(request, "billing/invoice_live.html", page_of(_found(invoice_id)))


def page_of(invoice: Invoice) -> dict[str, Any]:
    """What the page of an invoice shows."""
    payments = invoice.allocations.select_related("payment", "invoice")
    read_only = elsewhere.of(invoice.pk).read_only
    return {
        "invoice": invoice,
        "lines": invoice.lines.select_related("service", "invoice"),
        "allocations": payments.order_by("payment__received_on", "payment__created_at"),
        "credit_memos": invoice.credit_memos.order_by("number"),
        "history": history_of(invoice),
        "may_send": _allows(invoice, Step.SEND),
        "may_pay": _allows(invoice, Step.PAY),
        "may_credit": _allows(invoice, Step.CREDIT),
        "read_only": read_only,
        "may_void": _allows(invoice, Step.VOID) and not read_only,
        "may_edit": _allows(invoice, Step.EDIT_NOTES) and not read_only,
        "may_edit_lines": _allows(invoice, Step.EDIT_LINES) and not read_only,
        "mailers": destinations.mailers() if _allows(invoice, Step.EMAIL) else [],
    }


def _found(invoice_id: UUID) -> Invoice:
    return found(
        all_invoices().select_related("customer", "terms", "tax_region", "location"), invoice_id
    )


def _allows(invoice: Invoice, step: Step) -> bool:
    return refusal(step, invoice.standing, number=invoice.number) is None
