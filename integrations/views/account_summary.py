"""What our documents have posted to each account of QuickBooks in a month."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing.home import local_today
from billing.rules.dates import EARLIEST, LATEST
from integrations.account_summary import summary
from integrations.views.places import chosen
from tenants.access import requires
from tenants.models import Role


@require_GET
@requires(Role.READ_ONLY)
def account_summary(request: Any, organization: str) -> HttpResponse:
    """One month as the address says, else the present one (X-64)."""
    connection = chosen(request)
    first = _month(request.GET.get("month", ""))
    following = (first + timedelta(days=31)).replace(day=1)
    last = following - timedelta(days=1)
    context = {
        "connection": connection,
        "rows": summary(connection, first, last) if connection else [],
        "first": first,
        "before": (first - timedelta(days=1)).replace(day=1),
        "following": following,
    }
    return render(request, "integrations/account_summary.html", context)


def _month(text: str) -> date:
    """Its first day; of the present month where no document can be of that one."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = local_today()
    return (first if EARLIEST <= first <= LATEST else local_today()).replace(day=1)
