"""Which customer in QuickBooks is this one: found by a few letters and linked, or unlinked again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.errors import PartRefused
from billing.models import Customer
from integrations.models import Connection
from integrations.outbound import customer_choice, customer_search, due
from integrations.outbound.customer_choice import CannotChoose
from integrations.views.customer_part import CustomerPart
from integrations.views.places import chosen, to
from tenants.access import LeadBack, requires
from tenants.as_shown import is_as_shown
from tenants.models import Role

# As the field of the form around them has it.
LONGEST = 200


@require_GET
@requires(Role.STAFF)
def search(request: Any, organization: str) -> HttpResponse:
    """The customers there that fit the letters typed so far, as choices for the form around them."""
    words = request.GET.get("find_customer", "").replace("\0", "").strip()[:LONGEST]
    context = {"words": words, "most": customer_search.MOST}
    try:
        connection = chosen(request)
    except LeadBack as refusal:
        # What is typed in the form around them stays there.
        context["refusal"] = str(refusal)
    else:
        context["found"] = customer_search.search(connection, words) if connection and words else []
    return render(request, "integrations/customer_found.html", context)


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
def link(request: Any, organization: str, customer_id: UUID) -> HttpResponse:
    """Looks for the customer there and links it; says whom it is linked to when it is."""
    customer, connection = get_object_or_404(Customer, pk=customer_id), chosen(request)
    if connection is None:
        return to(request.organization, "integrations:quickbooks")
    form = CustomerPart(request.POST or None, connection=connection, is_new=False)
    form.fields.pop("create_there", None)
    if request.method == "POST" and form.is_valid():
        return _linked(request, customer, form)
    counterpart = customer_choice.counterpart(connection, customer)
    context = {
        "customer": customer,
        "connection": connection,
        "part": form,
        "counterpart": counterpart,
        "mark": customer_choice.mark_of_link(counterpart) if counterpart else "",
        "most": customer_search.MOST,
    }
    return render(request, "integrations/customer_link.html", context)


@require_POST
@requires(Role.STAFF)
def unlink(request: Any, organization: str, customer_id: UUID) -> HttpResponse:
    """Ends the link that was shown, where no document rests on it. Sends nothing."""
    customer, connection = get_object_or_404(Customer, pk=customer_id), chosen(request)
    if connection is None:
        return to(request.organization, "integrations:quickbooks")
    due.hold(connection.pk)
    counterpart = customer_choice.counterpart(connection, customer)
    if counterpart is None or is_as_shown(request, customer_choice.mark_of_link(counterpart)):
        _unlink(request, connection, customer)
    return to(request.organization, "integrations:customer_link", customer.pk, of=connection)


def _unlink(request: Any, connection: Connection, customer: Customer) -> None:
    try:
        customer_choice.unlink(connection, customer, actor=request.user)
    except CannotChoose as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{customer.name} is linked to nobody in QuickBooks now.")


def _linked(request: Any, customer: Customer, form: CustomerPart) -> HttpResponse:
    if not form.cleaned_data["existing_customer"]:
        messages.error(request, "Choose one of the customers first.")
        return _anew(request, customer, form)
    try:
        form.keep(customer, actor=request.user)
    except PartRefused as refusal:
        messages.error(request, str(refusal))
        return _anew(request, customer, form)
    messages.success(request, f"{customer.name} is linked. What waited for it goes on now.")
    return to(request.organization, "billing:customer", customer.pk)


def _anew(request: Any, customer: Customer, form: CustomerPart) -> HttpResponse:
    return to(request.organization, "integrations:customer_link", customer.pk, of=form.connection)
