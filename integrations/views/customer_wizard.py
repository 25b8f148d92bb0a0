"""Customers → Match with QuickBooks: all that are not linked, beside those they may be there.

Equal ones are accepted together, similar ones one by one; what is left is linked by hand or made there.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from billing.models import Customer
from integrations import customer_counts
from integrations.models import Connection, policies_in_force
from integrations.outbound import customer_choice, customer_matching
from integrations.outbound.customer_choice import CannotChoose
from integrations.policies import MatchKey
from integrations.views.places import chosen, to
from integrations.waking import wake
from tenants.access import requires
from tenants.models import Role, User

ROWS_ON_A_PAGE = 25
# What one press does; a person can follow it, and it is over in a second or two.
AT_ONCE = 200
# What two customers that are surely one have in common, best first.
EXACT = (MatchKey.ID, MatchKey.NAME, MatchKey.EMAIL)


@require_GET
@requires(Role.STAFF)
def wizard(request: Any, organization: str) -> HttpResponse:
    """How customers stand, and what can be done about those that are not linked."""
    connection = chosen(request)
    if connection is None:
        return to(request.organization, "integrations:quickbooks")
    naming = policies_in_force().customer_display_name
    equal = customer_matching.exact(connection, EXACT, naming)
    left = customer_matching.unlinked(connection).exclude(pk__in=[one.customer.pk for one in equal])
    page = Paginator(left, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "connection": connection,
        "health": customer_counts.health(connection),
        "equal": equal[:AT_ONCE],
        "equal_count": len(equal),
        "page": page,
        "left": customer_matching.close(connection, page, naming),
        "may_create": customer_choice.may_be_made_in_wizard(),
    }
    return render(request, "integrations/customer_wizard.html", context)


@require_POST
@requires(Role.STAFF)
def accept(request: Any, organization: str) -> HttpResponse:
    """Links the equal ones that are ticked, or one similar one, each to the one it was shown beside, as both were."""
    return _for_each(request, "pair", _link, "linked")


@require_POST
@requires(Role.STAFF)
def create(request: Any, organization: str) -> HttpResponse:
    """Has the customer made in QuickBooks."""
    return _for_each(request, "customer", _make, "on the way to QuickBooks")


def _for_each(request: Any, name: str, act: Any, outcome: str) -> HttpResponse:
    """What cannot be done is said, and holds up none of the others."""
    connection = chosen(request)
    if connection is None:
        return to(request.organization, "integrations:quickbooks")
    ticked = request.POST.getlist(name)[:AT_ONCE]
    if not ticked:
        messages.error(request, "Choose at least one customer first.")
    done = sum(_acted(request, connection, act, each) for each in ticked)
    if done:
        messages.success(
            request, f"{done} {'customer is' if done == 1 else 'customers are'} {outcome}."
        )
        wake()
    return to(request.organization, "integrations:customer_wizard", of=connection)


def _acted(request: Any, connection: Connection, act: Any, chosen: str) -> bool:
    local_id, _, beside = chosen.partition(":")
    customer = _customer(local_id)
    if customer is None:
        messages.error(request, "One of the customers is not here any more.")
        return False
    try:
        act(connection, customer, beside, request.user)
    except CannotChoose as refusal:
        messages.error(request, str(refusal))
        return False
    return True


def _customer(local_id: str) -> Customer | None:
    try:
        return Customer.objects.filter(pk=UUID(local_id)).first()
    except ValueError:
        return None


def _link(connection: Connection, customer: Customer, beside: str, actor: User) -> None:
    remote_id, _, shown = beside.partition(":")
    customer_choice.link(connection, customer, remote_id, actor=actor, shown=shown)


def _make(connection: Connection, customer: Customer, _beside: str, actor: User) -> None:
    customer_choice.make_by_wizard(connection, customer, actor=actor)
