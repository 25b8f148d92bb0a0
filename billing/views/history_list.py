"""The list of everything that happened to documents and customers, for whoever reconciles (T-37)."""

from functools import partial
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing.forms.history import KINDS, HistoryFilter
from billing.views.history import described, of_documents
from billing.views.listing import Column, Listing, csv_file
from tenants.access import requires
from tenants.models import Role

SORTS = {"when": ("id",)}

FILE: list[Column] = [
    ("When", lambda each: each.at.isoformat(timespec="seconds")),
    ("What", lambda each: each.text),
    ("Document", lambda each: each.subject),
    ("Who", lambda each: each.who),
]


@require_GET
@requires(Role.READ_ONLY)
def history(request: Any, organization: str) -> HttpResponseBase:
    """What staff, QuickBooks and Regentra did, newest first; with ``format=csv`` as a file."""
    filterset = HistoryFilter(request.GET, queryset=of_documents(), request=request)
    listing = Listing(request, filterset, sorts=SORTS, default="-when")
    if listing.wants_file:
        return csv_file("history", FILE, listing.rows, partial(described, request))
    context = {
        "listing": listing,
        "tabs": listing.tabs("status", KINDS.items(), {}),
        "happenings": described(request, list(listing.page)),
    }
    return render(request, "billing/history.html", context)
