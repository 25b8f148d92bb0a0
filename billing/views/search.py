"""The search behind ``/``: a number, a customer, an amount."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing.forms.fields import any_amount_field
from billing.models import CreditMemo, Customer, Invoice, Payment, Refund
from billing.money import MOST_DECIMALS, WITH_THREE_DECIMALS, WITHOUT_DECIMALS
from billing.views.places import to
from tenants.access import requires
from tenants.models import Role

MOST = 20
LONGEST = 100
NUMBERED = (
    (Invoice, "billing:invoice"),
    (CreditMemo, "billing:credit_memo"),
    (Refund, "billing:refund"),
)
# Documents by the decimals of their currency.
IN_DECIMALS = (
    (0, Q(currency__in=WITHOUT_DECIMALS)),
    (2, ~Q(currency__in=WITHOUT_DECIMALS | WITH_THREE_DECIMALS)),
    (MOST_DECIMALS, Q(currency__in=WITH_THREE_DECIMALS)),
)


@require_GET
@requires(Role.READ_ONLY)
def search(request: Any, organization: str) -> HttpResponse:
    """What fits the words; the full number of one document alone leads straight to it."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    exact = list(_numbered(words)) if words else []
    if len(exact) == 1:
        return to(request, *exact[0])
    found = _found(words) if words else {}
    return render(request, "billing/search.html", {"search_words": words, **found})


def _numbered(words: str) -> Iterator[tuple[str, Any]]:
    """Where the documents are that have this number."""
    for model, page in NUMBERED:
        for key in model.objects.filter(number__iexact=words).values_list("pk", flat=True):
            yield page, key


def _found(words: str) -> dict[str, Any]:
    invoices = Invoice.objects.select_related("customer").annotate(
        open_minor=F("total_minor") - F("applied_minor")
    )
    document = Q(number__icontains=words) | Q(customer__name__icontains=words)
    return {
        "invoices": invoices.filter(
            document | _of_amount(words, "total_minor") | _of_amount(words, "open_minor")
        ).order_by("-issued_on", "-number")[:MOST],
        "credit_memos": CreditMemo.objects.select_related("customer")
        .filter(document | _of_amount(words, "total_minor"))
        .order_by("-issued_on", "-number")[:MOST],
        "customers": Customer.objects.filter(
            Q(name__icontains=words) | Q(email__icontains=words) | Q(contact_name__icontains=words)
        ).order_by("name")[:MOST],
        "payments": Payment.objects.select_related("customer")
        .filter(Q(reference__icontains=words) | _of_amount(words, "amount_minor"))
        .order_by("-received_on")[:MOST],
        "refunds": Refund.objects.select_related("customer")
        .filter(document | Q(reference__icontains=words) | _of_amount(words, "amount_minor"))
        .order_by("-refunded_on", "-number")[:MOST],
    }


def _of_amount(words: str, field: str) -> Q:
    """The words as an amount, each document's in its own currency; nothing where they are none."""
    found = Q(pk__in=[])
    try:
        amount = any_amount_field().clean(words)
    except ValidationError:
        return found
    for decimals, documents in IN_DECIMALS:
        minor = amount.scaleb(decimals)
        if minor == int(minor):
            found |= documents & Q(**{field: int(minor)})
    return found
