"""The list of payments, the page of one, and taking one back."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from billing import elsewhere
from billing.forms.filters import PAYMENT_STATES, PaymentFilter
from billing.forms.refusals import refusals_on
from billing.models import Payment
from billing.services import payments as service
from billing.services import refunds
from billing.views.history import history_of
from billing.views.listing import Column, Listing, csv_file
from billing.views.places import done, found
from tenants.access import requires
from tenants.models import Role

SORTS = {
    "received": ("received_on", "created_at"),
    "customer": ("customer__name", "received_on"),
    "amount": ("amount_minor",),
    "method": ("method", "received_on"),
}

FILE: list[Column] = [
    ("Received", lambda each: each.received_on.isoformat()),
    ("Customer", lambda each: each.customer.name),
    ("Method", lambda each: each.paid_by),
    ("Reference", lambda each: each.reference),
    ("Currency", lambda each: each.currency),
    ("Amount", lambda each: each.amount.amount),
    ("Credit used", lambda each: each.credit.amount),
    ("Paid back", lambda each: each.paid_back.amount),
    ("Not applied", lambda each: each.unapplied.amount),
    ("Invoices", lambda each: " ".join(_numbers(each))),
    ("Void", lambda each: "yes" if each.is_void else "no"),
]


@require_GET
@requires(Role.READ_ONLY)
def payments(request: Any, organization: str) -> HttpResponseBase:
    """All payments with what they were applied to."""
    rows = Payment.objects.select_related("customer").prefetch_related("allocations__invoice")
    filterset = PaymentFilter(request.GET, queryset=rows, request=request)
    listing = Listing(request, filterset, sorts=SORTS, default="-received")
    if listing.wants_file:
        return csv_file("payments", FILE, listing.rows)
    tabs = listing.tabs("status", PAYMENT_STATES, {})
    return render(request, "billing/payments.html", {"listing": listing, "tabs": tabs})


@require_GET
@requires(Role.READ_ONLY)
def payment(request: Any, organization: str, payment_id: UUID) -> HttpResponse:
    """One payment and the invoices it settled."""
    row = found(Payment.objects.select_related("customer"), payment_id)
    read_only = elsewhere.of(row.pk).read_only
    is_money_here = bool(row.allocated or row.unapplied)
    context = {
        "payment": row,
        "allocations": row.allocations.select_related("invoice__customer", "payment").order_by(
            "invoice__due_on"
        ),
        "uses": row.credit_uses.select_related("credit_memo").order_by("credit_memo__number"),
        "refunds": row.refunds.order_by("number"),
        "may_refund": bool(refunds.refundable(row)),
        "may_apply": is_money_here and not row.credit and not read_only,
        "read_only": read_only,
        "history": history_of(row),
    }
    return render(request, "billing/payment.html", context)


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
def void(request: Any, organization: str, payment_id: UUID) -> HttpResponse:
    """Takes a payment back; its invoices are open again."""
    row = found(Payment.objects.select_related("customer"), payment_id)
    form = forms.Form(request.POST or None)
    if request.method == "POST":
        with refusals_on(form):
            service.void(payment=row, actor=request.user)
            return done(request, "The payment is void.", "billing:payment", row.pk)
    layout = "components/confirm_dialog.html" if request.htmx else "components/confirm_page.html"
    context = {"layout": layout, "payment": row, "form": form, "invoices": _numbers(row)}
    return render(request, "billing/payment_void.html", context)


def _numbers(payment: Payment) -> list[str]:
    return [each.invoice.number for each in payment.allocations.all()]
