"""Connecting and disconnecting QuickBooks: owners and admins only (L-25)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from integrations import connecting, gateway, stopping, tickets
from integrations.connecting import DisconnectRefused
from integrations.errors import SyncError
from integrations.models import Connection, live_connections, policies_in_force
from integrations.outbound import company_settings, due, jobs, pause
from integrations.views.places import CONNECTING, chosen, is_offered, refused, to
from integrations.waking import wake
from regentra import clock
from tenants import audit
from tenants.access import requires
from tenants.models import Role
from tenants.scope import within

PAUSES = {
    "now": (pause.begin, "Sending is paused."),
    "after_batch": (pause.begin_after_batch, "The next batch is sent, then sending pauses."),
    "end": (pause.end, "Sending goes on."),
}


@require_POST
@requires(Role.ADMIN, transaction=False)
def connect(request: Any, organization: str) -> HttpResponse:
    """Sends the browser to Intuit's consent page, where the person picks the company."""
    beside = request.POST.get("beside") == "yes"
    with within(request.organization):
        is_there = is_offered(request.organization)
        app, connection = gateway.app_to_connect(), None if beside else chosen(request)
    if not is_there:
        return refused(request, request.organization, "QuickBooks integration not configured.")
    if app is None:
        return refused(request, request.organization, "Save the client ID and client secret first.")
    state = tickets.issue(
        user=request.user,
        organization=request.organization,
        session_key=request.session.session_key,
        vendor=gateway.QUICKBOOKS,
        beside=beside,
        replaces=connection.id if connection else None,
    )
    request.session[CONNECTING] = organization
    try:
        return redirect(gateway.consent_page(state, app))
    except SyncError as error:
        return refused(
            request, request.organization, f"Intuit cannot be reached now. {error.words}"
        )


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN, transaction=False)
def disconnect(request: Any, organization: str) -> HttpResponse:
    """Asks first, saying what ends and what stays; then ends it here at once and tells Intuit."""
    with within(request.organization):
        connection = chosen(request)
    if connection is None:
        return to(request.organization, "integrations:quickbooks")
    if request.method == "GET":
        return _ask(request, connection)
    try:
        was_told = connecting.disconnect(
            request.organization, user=request.user, connection_id=connection.id
        )
    except DisconnectRefused as problem:
        return refused(request, request.organization, str(problem))
    if was_told:
        messages.success(request, "QuickBooks is disconnected.")
    else:
        messages.warning(
            request,
            "QuickBooks is disconnected and our keys to it are deleted. Intuit could not be told: "
            "to be sure, also disconnect Regentra in QuickBooks under Apps → My apps.",
        )
    return to(request.organization, "integrations:quickbooks")


@require_POST
@requires(Role.ADMIN)
def use_company(request: Any, organization: str) -> HttpResponse:
    """From now on this company is written to, though another one was before."""
    connection = chosen(request)
    if connection is not None:
        connecting.use_company(connection, user=request.user)
        wake()
        messages.success(request, f"Documents go to {connection.company_name} from now on.")
    return to(request.organization, "integrations:quickbooks", of=connection)


@require_POST
@requires(Role.ADMIN)
def make_default(request: Any, organization: str) -> HttpResponse:
    """From now on documents go to this company unless another one is named."""
    connection = chosen(request)
    if connection is not None:
        connecting.make_default(connection, user=request.user)
        messages.success(
            request,
            f"{connection.company_name} is the default company. What was sent stays where it is.",
        )
    return to(request.organization, "integrations:quickbooks")


@require_POST
@requires(Role.ADMIN)
def resume(request: Any, organization: str) -> HttpResponse:
    """Checks anew; sends again when all holds and held before, so that nobody resumes what they have not read."""
    connection = chosen(request)
    if connection is not None and connection.stopped_for:
        stopping.check()
    elif connection is not None and stopping.resume(connection, user=request.user):
        wake()
        messages.success(request, "Sending goes on.")
    return to(request.organization, "integrations:quickbooks", of=connection)


@require_POST
@requires(Role.ADMIN)
def pause_sending(request: Any, organization: str) -> HttpResponse:
    """Pauses at once, after the next batch, or ends the pause."""
    connection, how = chosen(request), request.POST.get("pause", "")
    if connection is None or how not in PAUSES:
        messages.error(request, "Choose what to do about sending.")
    else:
        act, words = PAUSES[how]
        act(connection, actor=request.user)
        wake()
        messages.success(request, words)
    return to(request.organization, "integrations:quickbooks", of=connection)


@require_POST
@requires(Role.STAFF)
def sync_now(request: Any, organization: str) -> HttpResponse:
    """The whole cycle at once, for every company: what is owed goes, also what waits for the night, and a look is taken
    (X-99). Where nothing is read unless somebody asks, this is asking.
    """
    shown = chosen(request)
    due.hold_all()
    connections = [one for one in live_connections() if one.is_connected]
    for connection in connections:
        jobs.go_before_night(connection)
        due.send_by(connection.id, clock.now(), urgent=True)
        due.look_now(connection.id)
        if not policies_in_force().sync_cadence.looks_by_itself:
            company_settings.ask_again(connection, clock.now())
    if connections:
        wake()
        audit.record("quickbooks.sync_asked", actor=request.user)
        messages.success(request, "QuickBooks is being synced: both directions, now.")
    else:
        messages.info(request, "Connect QuickBooks first.")
    return to(request.organization, "integrations:quickbooks", of=shown)


@require_POST
@requires(Role.ADMIN)
def read_settings(request: Any, organization: str) -> HttpResponse:
    """Has the company's settings read on a worker's next turn; that is one metered call."""
    connection = chosen(request)
    if connection is not None and connection.is_connected:
        company_settings.ask_again(connection, clock.now())
        wake()
        messages.info(request, "The company's settings are being read.")
    return to(request.organization, "integrations:quickbooks", of=connection)


def _ask(request: Any, connection: Connection) -> HttpResponse:
    with within(request.organization):
        return render(request, "integrations/disconnect.html", {"connection": connection})
