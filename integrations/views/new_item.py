"""Asks before an item is made in QuickBooks for a service that has none (X-104)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from billing.models import Service
from integrations.documents import ListKind
from integrations.mapping_slots import INCOME_TYPES, Lists
from integrations.models import Connection, Mapping, MappingSubject
from integrations.outbound import new_entries
from integrations.views.places import chosen, to
from integrations.waking import wake
from tenants import as_shown
from tenants.access import requires
from tenants.models import Role

NOT_CHOSEN = ("", "Choose an account")


class NewItemForm(forms.Form):
    """The income account that the item books to; the one kept for reference is proposed."""

    account = forms.ChoiceField(label="Income account")

    def __init__(self, data: Any = None, *, connection: Connection) -> None:
        super().__init__(data, initial={"account": _proposed(connection)})
        accounts = Lists.of(connection, ListKind.ACCOUNT).typed(ListKind.ACCOUNT, *INCOME_TYPES)
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [NOT_CHOSEN, *((one.remote_id, one.name) for one in accounts)]


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
def new_item(request: Any, organization: str, service_id: UUID) -> HttpResponse:
    """Says what will be made; makes it when that is confirmed."""
    service = get_object_or_404(Service, pk=service_id)
    connection = chosen(request)
    if connection is None:
        return to(request.organization, "integrations:quickbooks", of=connection)
    form = NewItemForm(request.POST if request.method == "POST" else None, connection=connection)
    mark = as_shown.mark(service.name)
    if form.is_valid() and as_shown.is_as_shown(request, mark):
        account = form.cleaned_data["account"]
        new_entries.confirm_item(connection, service, account, actor=request.user)
        wake()
        messages.success(request, f"The item {service.name} is being created in QuickBooks.")
        return to(request.organization, "integrations:mapping", of=connection)
    shown = {"form": form, "service": service, "connection": connection, "mark": mark}
    return render(request, "integrations/new_item.html", shown)


def _proposed(connection: Connection) -> str:
    kept = Mapping.objects.filter(
        connection=connection, subject=MappingSubject.DEFAULT_INCOME_ACCOUNT
    )
    return kept.values_list("remote_id", flat=True).first() or ""
