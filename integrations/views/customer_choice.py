"""Staff answer which customer in QuickBooks is this one of ours."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from billing.models import Customer
from integrations.models import Connection
from integrations.outbound import customer_choice, due
from integrations.outbound.customer_choice import CannotChoose
from integrations.views.places import chosen
from integrations.waking import wake
from tenants.access import requires
from tenants.as_shown import is_as_shown
from tenants.models import Role

ITS_OWN = "its-own"


@require_POST
@requires(Role.STAFF)
def choose(request: Any, organization: str, customer_id: UUID) -> HttpResponse:
    """Links the customer to the one chosen, or lets it be one of its own, of those shown. Sends nothing by itself."""
    customer = get_object_or_404(Customer, pk=customer_id)
    connection = chosen(request)
    answer = request.POST.get("customer", "")
    if connection is None:
        messages.error(request, "QuickBooks is not connected.")
    elif not answer:
        messages.error(request, "Choose one of the customers first.")
    else:
        due.hold(connection.pk)
        if is_as_shown(request, customer_choice.question(connection, customer).mark):
            _take(request, connection, customer, answer)
    return redirect(reverse("billing:customer", args=[organization, customer_id]))


def _take(request: Any, connection: Connection, customer: Customer, answer: str) -> None:
    try:
        if answer == ITS_OWN:
            customer_choice.make_its_own(connection, customer, actor=request.user)
        else:
            customer_choice.link(connection, customer, answer, actor=request.user)
    except CannotChoose as refusal:
        messages.error(request, str(refusal))
        return
    messages.success(request, f"Chosen. What waited for {customer.name} goes on now.")
    wake()
