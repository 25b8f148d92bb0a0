"""Every call to QuickBooks, month by month: what it was for, what it cost, Intuit's reference for their support."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing.views.listing import Column, Listing, csv_file
from integrations import calls_of_month, errors
from integrations.call_filter import CallFilter
from integrations.calls_of_month import kind_name
from integrations.documents import Kind
from integrations.labels import labels
from integrations.models import ApiCall, companies_in_use
from integrations.standing import DOCUMENT_PAGES
from tenants.access import requires
from tenants.models import Role

SORTS = {"started": ("started_at",), "duration": ("duration_ms",), "lane": ("lane", "started_at")}


@dataclass(frozen=True)
class CallRow:
    """One call, with the document it was for as people know it."""

    call: ApiCall
    label: str

    @property
    def page(self) -> str:
        """The name of the document's page; empty where there is none."""
        return DOCUMENT_PAGES[Kind(self.call.kind)].page if self.call.local_id else ""

    @property
    def went_well(self) -> bool:
        return self.call.outcome == "ok"

    @property
    def failure(self) -> str:
        """In words, with the vendor's code behind."""
        name, _, code = self.call.outcome.partition(" ")
        error = getattr(errors, name, errors.SyncError)
        return f"{error()} ({code})" if code else str(error())


FILE: list[Column] = [
    ("Started (UTC)", lambda row: row.call.started_at.isoformat(timespec="milliseconds")),
    ("Company", lambda row: row.call.connection.company_name),
    ("Document", lambda row: row.label),
    ("How", lambda row: row.call.lane_name),
    ("Parts", lambda row: row.call.items),
    ("Metered", lambda row: "yes" if row.call.metered else "no"),
    ("Method", lambda row: row.call.method),
    ("Path", lambda row: row.call.path),
    ("Status", lambda row: "" if row.call.status is None else row.call.status),
    ("Outcome", lambda row: row.call.outcome),
    ("Duration (ms)", lambda row: row.call.duration_ms),
    ("intuit_tid", lambda row: row.call.reference),
    ("Request id", lambda row: row.call.request_id),
]


@require_GET
@requires(Role.STAFF)
def calls(request: Any, organization: str) -> HttpResponseBase:
    """The calls of one month with their sums, and all of them as a file."""
    filterset = CallFilter(request.GET, queryset=ApiCall.objects.none(), request=request)
    listing = Listing(request, filterset, sorts=SORTS, default="-started")
    month = filterset.chosen
    if listing.wants_file:
        return csv_file(f"calls-{month.key}", FILE, listing.rows, _rows)
    context = {
        "listing": listing,
        "rows": _rows(listing.page),
        "month": month,
        "totals": calls_of_month.totals(month),
        "has_several": len(companies_in_use()) > 1,
        "has_own_app": any(one.client_hash for one in companies_in_use()),
        "standing": calls_of_month.standing(month),
    }
    return render(request, "integrations/calls.html", context)


def _rows(found: Iterable[ApiCall]) -> list[CallRow]:
    kept = list(found)
    names = labels((call.kind, call.local_id) for call in kept if call.local_id)
    return [
        CallRow(
            call,
            names[(call.kind, call.local_id)] if call.local_id else kind_name(call.kind, call.lane),
        )
        for call in kept
    ]
