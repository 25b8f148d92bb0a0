"""Time spent for customers."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import F, QuerySet, Sum
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.errors import AlreadyBilled, NotFound
from billing.forms.filters import WorkFilter
from billing.forms.refusals import refusals_on
from billing.forms.work import TimeEntryForm
from billing.home import organization
from billing.models import TimeEntry
from billing.money import MoneySum
from billing.services import work as service
from billing.views.listing import Column, Listing, csv_file
from billing.views.places import address, done, to
from tenants.access import requires
from tenants.models import Role
from tenants.submissions import submitted_once

SORTS = {
    "date": ("worked_on", "created_at"),
    "customer": ("customer__name", "worked_on"),
    "service": ("service__name", "worked_on"),
    "hours": ("hours",),
}
TABS = (("unbilled", "Unbilled"), ("billed", "Billed"))

FILE: list[Column] = [
    ("Date", lambda each: each.worked_on.isoformat()),
    ("Customer", lambda each: each.customer.name),
    ("Service", lambda each: each.service.name),
    ("Description", lambda each: each.description),
    ("Hours", lambda each: each.hours),
    ("Rate", lambda each: each.rate),
    ("Currency", lambda each: each.customer.currency or organization().currency),
    ("Invoice", lambda each: each.invoice_line.invoice.number if each.invoice_line else ""),
]


@dataclass(frozen=True, slots=True)
class Worth:
    """So many hours, and a sum for each currency in which they are worth something."""

    time: Decimal
    sums: list[MoneySum]


@require_GET
@requires(Role.READ_ONLY)
def work(request: Any, organization: str) -> HttpResponseBase:
    """All time entries, with what they come to."""
    rows = TimeEntry.objects.select_related("customer", "service", "invoice_line__invoice")
    filterset = WorkFilter(request.GET, queryset=rows, request=request)
    listing = Listing(request, filterset, sorts=SORTS, default="-date")
    if listing.wants_file:
        return csv_file("time", FILE, listing.rows)
    together = worth(filterset.qs)
    context = {"listing": listing, "tabs": listing.tabs("status", TABS, {}), "together": together}
    return render(request, "billing/work.html", context)


def worth(entries: QuerySet[TimeEntry]) -> Worth:
    """Their hours, and what these come to in each currency that their customers are billed in."""
    each = F("hours") * F("rate")
    rows = entries.order_by().values_list("customer__currency")
    time, values = Decimal(0), defaultdict[str, Decimal](Decimal)
    for currency, hours, amount in rows.annotate(time=Sum("hours"), amount=Sum(each)):
        time += hours
        values[currency or organization().currency] += amount
    sums = [MoneySum.of(value, currency) for currency, value in sorted(values.items()) if value]
    return Worth(time, sums)


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def log(request: Any, organization: str) -> HttpResponse:
    """Logs time; with "and another" the same customer and day are ready for the next."""
    initial = {name: request.GET[name] for name in ("customer", "worked_on") if name in request.GET}
    form = TimeEntryForm(request.POST or None, organization=request.organization, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            entry = service.log_time(actor=request.user, **form.cleaned_data)
            return _logged(request, entry)
    return render(request, "billing/work_form.html", {"form": form})


def _logged(request: Any, entry: TimeEntry) -> HttpResponse:
    words = f"{entry.hours.normalize():f} h for {entry.customer} are logged."
    if "another" not in request.POST:
        return done(request, words, "billing:work")
    messages.success(request, words)
    again = urlencode({"customer": entry.customer_id, "worked_on": entry.worked_on})
    return redirect(f"{address(request, 'billing:work_log')}?{again}")


@require_POST
@requires(Role.STAFF)
def remove(request: Any, organization: str, entry_id: UUID) -> HttpResponse:
    """Takes back unbilled time."""
    try:
        service.remove(entry=_entry(entry_id), actor=request.user)
    except (AlreadyBilled, NotFound) as refusal:
        messages.error(request, str(refusal))
        return to(request, "billing:work")
    return done(request, "The time is removed.", "billing:work")


def _entry(entry_id: UUID) -> TimeEntry:
    """Raises `NotFound` for time that was here, Http404 for what never was."""
    entry = TimeEntry.objects.filter(pk=entry_id).first()
    if entry is None and service.was_removed(entry_id):
        raise NotFound(service.REMOVED)
    if entry is None:
        raise Http404("No such time")
    return entry
