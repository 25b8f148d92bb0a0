"""The first page: what is open, what is late, what happened, what to do next."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing.forms.filters import in_state, payment_in_state
from billing.models import Customer, Invoice, Payment, Service, TimeEntry
from billing.money import MoneySum
from billing.views.history import recent_activity
from regentra import clock
from tenants.access import requires
from tenants.models import Role

RECENT = 8
LATEST_OVERDUE = 6
PAID_WITHIN = timedelta(days=30)
AGES = (
    (0, 0, "Not due yet"),
    (1, 30, "1–30 days"),
    (31, 60, "31–60 days"),
    (61, 90, "61–90 days"),
    (91, None, "Over 90 days"),
)


@require_GET
@requires(Role.READ_ONLY)
def overview(request: Any, organization: str) -> HttpResponse:
    """Answers an owner's two minutes: how much is out, how much is late, what moved."""
    today = clock.today(request.organization.timezone)
    context = {
        "figures": _figures(request.organization, today),
        "received_from": _received_from(today),
        "ages": _ages(request.organization, today),
        "overdue": _overdue(request.organization.timezone),
        "activity": recent_activity(request, RECENT),
        "steps": _steps(),
        "foreign": Invoice.objects.filter(in_state("open", request.organization.timezone))
        .exclude(currency=request.organization.currency)
        .count(),
    }
    return render(request, "billing/overview.html", context)


def _figures(organization: Any, today: date) -> dict[str, Any]:
    zone, currency = organization.timezone, organization.currency
    left = F("total_minor") - F("applied_minor")
    sums = Invoice.objects.filter(currency=currency).aggregate(
        open=Sum(left, filter=in_state("open", zone)),
        open_count=Count("pk", filter=in_state("open", zone)),
        overdue=Sum(left, filter=in_state("overdue", zone)),
        overdue_count=Count("pk", filter=in_state("overdue", zone)),
        draft=Sum("total_minor", filter=in_state("draft", zone)),
        draft_count=Count("pk", filter=in_state("draft", zone)),
    )
    received = Payment.objects.filter(
        payment_in_state("received"), currency=currency, received_on__gte=_received_from(today)
    ).aggregate(received=Sum("amount_minor"), received_count=Count("pk"))
    return _as_money({**sums, **received}, currency)


def _received_from(today: date) -> date:
    return today - PAID_WITHIN + timedelta(days=1)


def _as_money(sums: dict[str, int | None], currency: str) -> dict[str, Any]:
    return {
        name: value if name.endswith("_count") else MoneySum(value or 0, currency)
        for name, value in sums.items()
    }


def _ages(organization: Any, today: date) -> list[dict[str, Any]]:
    """What is open by how long it is late, each with its share of the largest for the bar."""
    zone, currency = organization.timezone, organization.currency
    left = F("total_minor") - F("applied_minor")
    sums = Invoice.objects.filter(in_state("open", zone), currency=currency).aggregate(
        **{f"age{start}": Sum(left, filter=_aged(today, start, end)) for start, end, _ in AGES}
    )
    values = [sums[f"age{start}"] or 0 for start, _, _ in AGES]
    largest = max(values) or 1
    return [
        {
            "label": label,
            "value": MoneySum(value, currency),
            "share": round(100 * value / largest),
            "query": f"{_query(today, start, end)}&currency={currency}",
        }
        for (start, end, label), value in zip(AGES, values, strict=True)
    ]


def _aged(today: date, start: int, end: int | None) -> Q:
    """Due between ``start`` and ``end`` days ago; the first age has everything not late."""
    if start == 0:
        return Q(due_on__gte=today)
    condition = Q(due_on__lte=today - timedelta(days=start))
    return condition if end is None else condition & Q(due_on__gte=today - timedelta(days=end))


def _query(today: date, start: int, end: int | None) -> str:
    """The list behind the bar."""
    if start == 0:
        return f"status=open&due_from={today}"
    until = f"status=open&due_until={today - timedelta(days=start)}"
    return until if end is None else f"{until}&due_from={today - timedelta(days=end)}"


def _overdue(zone: str) -> list[Invoice]:
    rows = Invoice.objects.filter(in_state("overdue", zone)).select_related("customer")
    return list(rows.order_by("due_on", "number")[:LATEST_OVERDUE])


def _steps() -> dict[str, bool]:
    """Which first steps are done."""
    return {
        "customer": Customer.objects.exists(),
        "service": Service.objects.exists(),
        "work": TimeEntry.objects.exists(),
        "invoice": Invoice.objects.exists(),
        "payment": Payment.objects.exists(),
    }
