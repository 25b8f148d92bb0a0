"""The search behind ``/``: a number, a customer, an amount."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing.errors import BillingError
from billing.forms.fields import amount_field
from billing.models import CreditMemo, Customer, Invoice, Payment
from billing.money import Money
from billing.views.places import to
from tenants.access import requires
from tenants.models import Role

MOST = 20
LONGEST = 100


@require_GET
@requires(Role.READ_ONLY)
def search(request: Any, organization: str) -> HttpResponse:
    """What fits the words; the full number of an invoice or credit memo leads straight to it."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    exact = Invoice.objects.filter(number__iexact=words).first() if words else None
    if exact is not None:
        return to(request, "billing:invoice", exact.pk)
    memo = CreditMemo.objects.filter(number__iexact=words).first() if words else None
    if memo is not None:
        return to(request, "billing:credit_memo", memo.pk)
    found = _found(words, request.organization.currency) if words else {}
    return render(request, "billing/search.html", {"search_words": words, **found})


def _found(words: str, currency: str) -> dict[str, Any]:
    minor = _minor(words, currency)
    invoices = Invoice.objects.select_related("customer").annotate(
        open_minor=F("total_minor") - F("applied_minor")
    )
    return {
        "invoices": invoices.filter(_invoices(words, minor)).order_by("-issued_on", "-number")[
            :MOST
        ],
        "credit_memos": CreditMemo.objects.select_related("customer")
        .filter(_credit_memos(words, minor))
        .order_by("-issued_on", "-number")[:MOST],
        "customers": Customer.objects.filter(
            Q(name__icontains=words) | Q(email__icontains=words) | Q(contact_name__icontains=words)
        ).order_by("name")[:MOST],
        "payments": Payment.objects.select_related("customer")
        .filter(_payments(words, minor))
        .order_by("-received_on")[:MOST],
    }


def _invoices(words: str, minor: int | None) -> Q:
    text = Q(number__icontains=words) | Q(customer__name__icontains=words)
    return text if minor is None else text | Q(total_minor=minor) | Q(open_minor=minor)


def _credit_memos(words: str, minor: int | None) -> Q:
    text = Q(number__icontains=words) | Q(customer__name__icontains=words)
    return text if minor is None else text | Q(total_minor=minor)


def _payments(words: str, minor: int | None) -> Q:
    text = Q(reference__icontains=words)
    return text if minor is None else text | Q(amount_minor=minor)


def _minor(words: str, currency: str) -> int | None:
    """The words as an amount in minor units, if they are one."""
    try:
        return Money.of(amount_field(currency).clean(words), currency).minor
    except (ValidationError, BillingError):
        return None
