"""Asks before an account is made in QuickBooks for a ledger account that has none (X-104)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from billing.models import LedgerAccount
from integrations.outbound import new_entries
from integrations.outbound.new_entries import ACCOUNT_TYPES
from integrations.views.places import chosen, to
from integrations.waking import wake
from tenants import as_shown
from tenants.access import requires
from tenants.models import Role


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
def new_account(request: Any, organization: str, account_id: UUID) -> HttpResponse:
    """Says what will be made; makes it when that is confirmed."""
    account = get_object_or_404(LedgerAccount, pk=account_id, kind__in=ACCOUNT_TYPES)
    connection = chosen(request)
    if connection is None:
        return to(request.organization, "integrations:quickbooks", of=connection)
    mark = as_shown.mark(str(account), ACCOUNT_TYPES[account.kind])
    if request.method == "POST" and as_shown.is_as_shown(request, mark):
        new_entries.confirm_account(connection, account, actor=request.user)
        wake()
        messages.success(request, f"The account {account.name} is being created in QuickBooks.")
        return to(request.organization, "integrations:mapping", of=connection)
    shown = {
        "account": account,
        "type": ACCOUNT_TYPES[account.kind],
        "connection": connection,
        "mark": mark,
    }
    return render(request, "integrations/new_account.html", shown)
