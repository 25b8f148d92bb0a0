"""The list of everything that happened to documents and customers, for whoever reconciles (T-37)."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing.forms.filters import Rows
from billing.forms.history import KINDS, HistoryFilter
from billing.views.history import Happening, described, of_documents
from billing.views.listing import MOST_ROWS_IN_FILE, Column, Listing, csv_file
from tenants.access import requires
from tenants.models import Role

SORTS = {"when": ("id",)}
# Lines whose documents are looked up together for the file.
AT_ONCE = 1000

FILE: list[Column] = [
    ("When", lambda each: each.at.isoformat(timespec="seconds")),
    ("What", lambda each: each.text),
    ("Document", lambda each: each.subject),
    ("Who", lambda each: each.who),
]


@require_GET
@requires(Role.READ_ONLY)
def history(request: Any, organization: str) -> HttpResponse:
    """What staff, QuickBooks and Regentra did, newest first; with ``format=csv`` as a file."""
    filterset = HistoryFilter(request.GET, queryset=of_documents(), request=request)
    listing = Listing(request, filterset, sorts=SORTS, default="-when")
    if listing.wants_file:
        return csv_file("history", FILE, _all(request, listing.rows[:MOST_ROWS_IN_FILE]))
    context = {
        "listing": listing,
        "tabs": listing.tabs("status", KINDS.items(), {}),
        "happenings": described(request, list(listing.page)),
    }
    return render(request, "billing/history.html", context)


def _all(request: Any, rows: Rows) -> Iterator[Happening]:
    entries = list(rows)
    for first in range(0, len(entries), AT_ONCE):
        yield from described(request, entries[first : first + AT_ONCE])
