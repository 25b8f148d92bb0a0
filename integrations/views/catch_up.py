"""Catch up fast: what it would take, the wish, and its end. Owners and admins only."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from integrations.backlog import Waiting, in_words, waiting
from integrations.models import Connection
from integrations.outbound import batch_choice
from integrations.outbound.batch_plan import Plan
from integrations.views.places import chosen, to
from integrations.waking import wake
from tenants.access import requires
from tenants.models import Role


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
def catch_up(request: Any, organization: str) -> HttpResponse:
    """Shows what both ways take, in time and metered calls, before somebody chooses the faster one."""
    connection = _sending(request)
    left = waiting(connection) if connection else None
    if connection is None or left is None or not left.may_catch_up:
        messages.info(request, _why_not(left))
    elif request.method == "GET":
        return render(request, "integrations/catch_up.html", _shown(connection, left.fast))
    else:
        _wish(request, connection)
    return to(request.organization, "integrations:quickbooks", of=connection)


@require_POST
@requires(Role.ADMIN)
def end(request: Any, organization: str) -> HttpResponse:
    """One by one again; what is under way arrives."""
    connection = chosen(request)
    if connection is not None:
        batch_choice.end(connection, actor=request.user)
        messages.success(request, "What still waits goes one by one again.")
    return to(request.organization, "integrations:quickbooks", of=connection)


def _sending(request: Any) -> Connection | None:
    """The company connected now, if anything is sent to it."""
    connection = chosen(request)
    may_send = connection is not None and connection.is_connected and not connection.held
    return connection if may_send else None


def _why_not(left: Waiting | None) -> str:
    if left is None or not left.is_asked:
        return "Nothing waits that batches would bring over sooner."
    if left.lacks_reads:
        return "Catching up fast was asked for already, but this month’s metered calls do not suffice for batches."
    return f"{left.documents} documents travel in batches already: {left.time_left}."


def _shown(connection: Connection, plan: Plan) -> dict[str, Any]:
    return {
        "connection": connection,
        "plan": plan,
        "single_time": in_words(plan.single.duration),
        "batch_time": in_words(plan.batch.duration),
    }


def _wish(request: Any, connection: Connection) -> None:
    plan = batch_choice.catch_up(connection, actor=request.user)
    wake()
    messages.success(
        request,
        f"{plan.documents} documents travel in batches from now on: {in_words(plan.batch.duration)}.",
    )
