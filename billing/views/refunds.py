"""Refunds of a payment: recorded on its page, each with a page of its own."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.errors import BillingError
from billing.forms.refunds import RefundForm
from billing.forms.refusals import refusals_on
from billing.models import Payment, PostedAs, Refund
from billing.services import refunds as service
from billing.views.history import history_of
from billing.views.places import done, found, to
from tenants.access import requires
from tenants.models import Role
from tenants.submissions import submitted_once


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def record(request: Any, organization: str, payment_id: UUID) -> HttpResponse:
    """The form, and the refund it makes."""
    payment = found(Payment.objects.select_related("customer"), payment_id)
    left = service.refundable(payment)
    form = RefundForm(
        request.POST or None, organization=request.organization, payment=payment, left=left
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            refund = service.record(payment=payment, actor=request.user, **form.facts)
            return done(request, f"{refund.number} is recorded.", "billing:refund", refund.pk)
    context = {"payment": payment, "form": form, "left": left}
    return render(request, "billing/refund_form.html", context)


@require_GET
@requires(Role.READ_ONLY)
def refund(request: Any, organization: str, refund_id: UUID) -> HttpResponse:
    """One refund: what was paid back, and how it stands in the books."""
    row = _found(refund_id)
    context = {
        "refund": row,
        "is_asked": row.posting == PostedAs.ASKED and not row.is_void,
        "is_credited": row.posting == PostedAs.CREDIT_MEMO,
        "history": history_of(row),
    }
    return render(request, "billing/refund.html", context)


@require_POST
@requires(Role.STAFF)
def credit(request: Any, organization: str, refund_id: UUID) -> HttpResponse:
    """Posts it as a credit memo."""
    row = _found(refund_id)
    try:
        row = service.issue_credit_memo(refund=row, actor=request.user)
    except BillingError as refusal:
        messages.error(request, str(refusal))
        return to(request, "billing:refund", row.pk)
    words = f"{row.credit_memo} is issued for {row.number}."
    return done(request, words, "billing:refund", row.pk)


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
def void(request: Any, organization: str, refund_id: UUID) -> HttpResponse:
    """Takes a refund back."""
    row, form = _found(refund_id), forms.Form(request.POST or None)
    if request.method == "POST":
        with refusals_on(form):
            service.void(refund=row, actor=request.user)
            return done(request, f"{row.number} is void.", "billing:refund", row.pk)
    layout = "components/confirm_dialog.html" if request.htmx else "components/confirm_page.html"
    return render(
        request, "billing/refund_void.html", {"layout": layout, "refund": row, "form": form}
    )


def _found(refund_id: UUID) -> Refund:
    return found(Refund.objects.select_related("customer", "payment", "credit_memo"), refund_id)
