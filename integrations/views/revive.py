"""Asks before an item or account that is inactive in QuickBooks is made active again (X-38)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from integrations.models import MirrorEntry
from integrations.outbound import reviving
from integrations.views.places import chosen, to
from integrations.waking import wake
from tenants import as_shown
from tenants.access import requires
from tenants.models import Role


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
def revive(request: Any, organization: str, entry_id: UUID) -> HttpResponse:
    """Says what will be done; does it when that is confirmed."""
    connection = chosen(request)
    entry = MirrorEntry.objects.filter(pk=entry_id, connection=connection).first()
    if connection is None or entry is None or entry.kind not in reviving.REVIVED:
        raise Http404("No such item or account")
    mark = as_shown.mark(entry.name)
    if request.method == "GET" or not as_shown.is_as_shown(request, mark):
        shown = {"entry": entry, "connection": connection, "mark": mark}
        return render(request, "integrations/revive.html", shown)
    if reviving.can_be_revived(entry):
        reviving.revive(connection, entry, actor=request.user)
        wake()
        messages.success(request, f"{entry.name} is being made active again in QuickBooks.")
    else:
        messages.info(request, f"{entry.name} cannot be made active again, or is active already.")
    return to(request.organization, "integrations:mapping", of=connection)
