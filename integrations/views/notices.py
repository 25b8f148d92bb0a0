"""The list behind the bell."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from integrations import notices as told
from integrations.models import NoticeKind, Notification
from integrations.views.places import to
from regentra import clock
from tenants.access import requires
from tenants.models import Role

# What was settled is shown for a while, so that a mail of yesterday finds its notice.
SHOWN_AFTER = timedelta(days=30)
SHOWN_AT_MOST = 50


@require_GET
@requires(Role.READ_ONLY)
def notices(request: Any, organization: str) -> HttpResponse:
    """What needs somebody, and what was settled lately."""
    role = Role(request.membership.role)
    mine = told.visible_to(role)
    still_open = list(mine.filter(closed_at=None))
    settled = mine.filter(closed_at__gt=clock.now() - SHOWN_AFTER).order_by("-closed_at")
    context = {
        "open": [_row(each) for each in still_open],
        "settled": [_row(each) for each in settled[:SHOWN_AT_MOST]],
        "unread": [each for each in still_open if not each.read_at],
        "may_take_note": role.allows(Role.STAFF),
    }
    return render(request, "integrations/notices.html", context)


@require_POST
@requires(Role.STAFF)
def take_note(request: Any, organization: str) -> HttpResponse:
    """The bell is quiet about what the page showed; the notices stay until their causes are gone."""
    told.take_note(Role(request.membership.role), request.POST.getlist("shown"))
    return to(request.organization, "integrations:notices")


def _row(notice: Notification) -> dict[str, Any]:
    return {"notice": notice, "page": told.PAGES[NoticeKind(notice.kind)]}
