"""Bringing in what is in QuickBooks: asked for, begun once it is known what there is, ended. Owners and admins only."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from integrations import rule_changes
from integrations.inbound import importing
from integrations.models import ImportRun, policies_in_force
from integrations.policies import InvoicesThere, ItemsThere
from integrations.views import proposals
from integrations.views.places import chosen, to
from integrations.waking import wake
from tenants.access import requires
from tenants.as_shown import is_as_shown
from tenants.models import Role

# What each box of the page has the sync rules say.
TICKED = {
    "from_now_on": ("invoices_made_there", str(InvoicesThere.BRING_IN)),
    "items": ("items_made_there", str(ItemsThere.BRING_IN)),
}


@require_POST
@requires(Role.ADMIN)
def ask(request: Any, organization: str) -> HttpResponse:
    """Counts what there is, which is one metered call, and waits for somebody's word."""
    connection = chosen(request)
    if connection is None or connection.held or not connection.is_connected:
        messages.info(request, "Connect QuickBooks first.")
    else:
        importing.ask_for(connection, actor=request.user)
        wake()
    return to(request.organization, "integrations:quickbooks", of=connection)


@require_POST
@requires(Role.ADMIN)
def begin(request: Any, organization: str) -> HttpResponse:
    """Brings in what the page said was counted; from now on, too, where that is ticked."""

    def act(run: ImportRun) -> None:
        if not is_as_shown(request, run.mark):
            return
        _follow_from_now_on(request)
        if importing.begin(run, actor=request.user):
            wake()

    return _of_the_run(request, act)


@require_POST
@requires(Role.ADMIN)
def end(request: Any, organization: str) -> HttpResponse:
    """What has come in stays; it can be begun again."""
    return _of_the_run(request, lambda run: importing.end(run, actor=request.user))


def _of_the_run(request: Any, act: Callable[[ImportRun], None]) -> HttpResponse:
    connection = chosen(request)
    runs = ImportRun.objects.filter(connection=connection)
    run = runs.order_by("-asked_at").first()
    if connection is None or run is None or run.is_over:
        messages.info(request, "There is no import under way.")
    else:
        act(run)
    return to(request.organization, "integrations:quickbooks", of=connection)


def _follow_from_now_on(request: Any) -> None:
    """What was ticked is what the sync rules say from now on."""
    ticked = {name: value for box, (name, value) in TICKED.items() if request.POST.get(box)}
    now = policies_in_force()
    if now.changed_by(ticked) == now:
        return
    if rule_changes.need_second_person():
        proposals.propose(request, ticked)
    else:
        rule_changes.adopt(ticked, actor=request.user)
