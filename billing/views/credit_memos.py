"""The list of credit memos, the page of one, and what can be done with it."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, F
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from billing import elsewhere
from billing.forms.credit_memos import CreditedLinesForm, CreditMemoForm
from billing.forms.filters import CREDIT_STATES, CreditMemoFilter, credit_in_state
from billing.forms.payments import AllocationForm
from billing.forms.refusals import refusals_on
from billing.models import CreditMemo, Invoice, LineKind
from billing.rules.allocation import proposed
from billing.rules.lifecycle import Step, refusal
from billing.services import credit_memos as service
from billing.services import invoice_credit
from billing.views.history import history_of
from billing.views.listing import Column, Listing, csv_file
from billing.views.places import done, found
from billing.views.record_payment import offered, open_invoice, payable
from tenants.access import requires
from tenants.models import Role
from tenants.submissions import submitted_once

SORTS = {
    "number": ("number",),
    "customer": ("customer__name",),
    "issued": ("issued_on", "number"),
    "total": ("total_minor",),
    "left": ("left_minor",),
}

FILE: list[Column] = [
    ("Number", lambda each: each.number),
    ("Customer", lambda each: each.customer.name),
    ("Invoice", lambda each: each.invoice.number if each.invoice else ""),
    ("Issued", lambda each: each.issued_on.isoformat()),
    ("Currency", lambda each: each.currency),
    ("Total", lambda each: each.total.amount),
    ("Applied", lambda each: each.applied.amount),
    ("Used elsewhere", lambda each: each.elsewhere.amount),
    ("Remaining", lambda each: each.remaining.amount),
    ("Void", lambda each: "yes" if each.is_void else "no"),
]


@require_GET
@requires(Role.READ_ONLY)
def credit_memos(request: Any, organization: str) -> HttpResponseBase:
    """All credit memos, narrowed, sorted and paged as the address says; with ``format=csv`` as a file."""
    rows = CreditMemo.objects.select_related("customer", "invoice")
    rows = rows.annotate(left_minor=F("total_minor") - F("applied_minor") - F("elsewhere_minor"))
    filterset = CreditMemoFilter(request.GET, queryset=rows, request=request)
    listing = Listing(request, filterset, sorts=SORTS, default="-number")
    if listing.wants_file:
        return csv_file("credit-memos", FILE, listing.rows)
    counts = CreditMemo.objects.aggregate(
        **{key: Count("pk", credit_in_state(key)) for key, _ in CREDIT_STATES}
    )
    tabs = listing.tabs("status", CREDIT_STATES, counts)
    return render(request, "billing/credit_memos.html", {"listing": listing, "tabs": tabs})


@require_GET
@requires(Role.READ_ONLY)
def credit_memo(request: Any, organization: str, credit_memo_id: UUID) -> HttpResponse:
    """One credit memo: its lines, what is left of it, where it was applied and what happened to it."""
    memo = _found(credit_memo_id)
    uses = memo.uses.select_related("payment", "credit_memo").prefetch_related(
        "payment__allocations__invoice"
    )
    context = {
        "credit_memo": memo,
        "lines": memo.lines.select_related("service", "credit_memo"),
        "uses": uses.order_by("payment__received_on", "payment__created_at"),
        "history": history_of(memo),
        "read_only": elsewhere.of(memo.pk).read_only,
    }
    return render(request, "billing/credit_memo.html", context)


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def issue(request: Any, organization: str, invoice_id: UUID) -> HttpResponse:
    """Credits a paid or void invoice, line by line."""
    invoice = found(Invoice.objects.select_related("customer"), invoice_id)
    form = CreditMemoForm(request.POST or None, organization=request.organization)
    left = invoice_credit.creditable(invoice)
    lines = CreditedLinesForm(request.POST or None, invoice=invoice, left=left)
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        with refusals_on(form):
            memo = service.issue(
                invoice=invoice, amounts=lines.amounts, actor=request.user, **form.cleaned_data
            )
            return done(request, f"{memo.number} is issued.", "billing:credit_memo", memo.pk)
    context = {
        "invoice": invoice,
        "form": form,
        "lines": lines,
        "left": invoice_credit.left_in_all(invoice),
        "discount": invoice.lines.filter(kind=LineKind.DISCOUNT).first(),
        "refused": refusal(Step.CREDIT, invoice.standing, number=invoice.number),
    }
    return render(request, "billing/credit_memo_issue.html", context)


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def apply(request: Any, organization: str, credit_memo_id: UUID) -> HttpResponse:
    """Puts what is left of a credit memo on open invoices, oldest first unless staff say otherwise."""
    memo = _found(credit_memo_id)
    parts = proposed(memo.remaining, map(open_invoice, payable(memo.customer)))
    initial = {str(key): f"{part.amount:f}" for key, part in parts.items()}
    form = forms.Form(request.POST or None)
    shown = AllocationForm(
        request.POST or None,
        invoices=offered(memo.customer, request.POST),
        currency=memo.currency,
        initial=initial,
    )
    if request.method == "POST" and shown.is_valid():
        with refusals_on(form):
            service.apply(credit_memo=memo, allocations=shown.allocations, actor=request.user)
            words = f"{memo.number} is applied as you said."
            return done(request, words, "billing:credit_memo", memo.pk)
    context = {"credit_memo": memo, "form": form, "parts": shown}
    return render(request, "billing/credit_memo_apply.html", context)


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
def void(request: Any, organization: str, credit_memo_id: UUID) -> HttpResponse:
    """Takes a credit memo back of which nothing is used."""
    memo = _found(credit_memo_id)
    form = forms.Form(request.POST or None)
    if request.method == "POST":
        with refusals_on(form):
            service.void(credit_memo=memo, actor=request.user)
            return done(request, f"{memo.number} is void.", "billing:credit_memo", memo.pk)
    layout = "components/confirm_dialog.html" if request.htmx else "components/confirm_page.html"
    context = {"layout": layout, "credit_memo": memo, "form": form}
    return render(request, "billing/credit_memo_void.html", context)


def _found(credit_memo_id: UUID) -> CreditMemo:
    rows = CreditMemo.objects.select_related("customer", "invoice", "tax_region")
    return found(rows, credit_memo_id)
