"""Leads to what an item in QuickBooks was made for."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from billing.models import LedgerAccount, Service
from integrations.models import MirrorEntry
from tenants.access import requires
from tenants.models import Role


@require_GET
@requires(Role.READ_ONLY)
def made_for(request: Any, organization: str, source_id: UUID) -> HttpResponse:
    """The ledger account of this id, else the service; what is only theirs is chosen on the mapping page."""
    if LedgerAccount.objects.filter(pk=source_id).exists():
        return redirect(reverse("billing:ledger_account", args=[organization, source_id]))
    if MirrorEntry.objects.filter(pk=source_id).exists():
        return redirect(reverse("integrations:mapping", args=[organization]))
    service = get_object_or_404(Service, pk=source_id)
    return redirect(reverse("billing:service", args=[organization, service.pk]))
