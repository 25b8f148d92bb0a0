"""Where Intuit sends the browser after its consent page.

Answers nothing but a redirect to a clean address, so that neither code nor state lands in a page, a log or a Referer.
"""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from integrations import connecting, gateway, tickets
from integrations.connecting import START_AGAIN, ConnectRefused
from integrations.models import Connection, OAuthState, live_connections
from integrations.tickets import BadTicket
from integrations.views.places import CONNECTING, is_switched_on, refused, to
from integrations.waking import wake
from tenants.models import Membership, Organization, Role
from tenants.scope import within

# Company ids are digits; anything else was never Intuit's.
ACCOUNT = re.compile(r"[0-9]{1,20}")
VENDOR_WORD = re.compile(r"[a-z_]{1,40}")


@require_GET
def quickbooks(request: Any) -> HttpResponse:
    """Finishes what the Connect button began, or says why not. Nothing is stored unless all of it is believed."""
    if not request.user.is_authenticated:
        messages.error(request, f"You were logged out meanwhile. Log in again. {START_AGAIN}")
        return redirect(reverse("account_login"))
    try:
        ticket = tickets.redeem(
            request.GET.get("state", ""),
            user=request.user,
            session_key=request.session.session_key or "",
            vendor=gateway.QUICKBOOKS,
        )
    except BadTicket as bad:
        return _back(request, str(bad))
    if problem := _hindrance(request.user, ticket.organization):
        return _back(request, problem)
    return _finish(request, ticket)


def _finish(request: Any, ticket: OAuthState) -> HttpResponse:
    organization = ticket.organization
    try:
        code, account = _answer(request.GET)
        connection = connecting.connect(
            organization,
            user=request.user,
            code=code,
            account=account,
            beside=ticket.beside,
            replaces=ticket.replaces,
        )
    except ConnectRefused as problem:
        return refused(request, organization, str(problem))
    wake()
    _say(request, ticket, connection)
    return to(organization, "integrations:quickbooks", of=connection)


def _say(request: Any, ticket: OAuthState, connection: Connection) -> None:
    """Which company it is; with a warning where it was to take the place of one that has stayed."""
    name, meant = connection.company_name, _meant(ticket, connection)
    if meant is None:
        messages.success(request, f"QuickBooks connected: {name}.")
        return
    messages.warning(
        request,
        f"{name} was chosen at Intuit. It is connected already, so only the access to it was renewed, and {meant} is "
        f"as it was. To renew the access to {meant}, press Reconnect on its page and choose it at Intuit.",
    )


def _meant(ticket: OAuthState, connection: Connection) -> Connection | None:
    """The company that Reconnect was pressed for, where it is another one and still connected."""
    if ticket.beside or ticket.replaces is None:
        return None
    with within(ticket.organization):
        others = live_connections().exclude(pk=connection.pk)
        return others.filter(pk=ticket.replaces).first()


def _answer(query: Any) -> tuple[str, str]:
    """The code and the company of Intuit's answer. Raises `ConnectRefused` when it is not a yes."""
    error, code, account = (query.get(name, "") for name in ("error", "code", "realmId"))
    if error == "access_denied":
        raise ConnectRefused(f"Access was declined at Intuit. {START_AGAIN}")
    if error:
        word = f" ({error})" if VENDOR_WORD.fullmatch(error) else ""
        raise ConnectRefused(f"Intuit ended the sign-in with an error{word}. {START_AGAIN}")
    if not code or not ACCOUNT.fullmatch(account):
        raise ConnectRefused(f"Intuit's answer was incomplete. {START_AGAIN}")
    return code, account


def _hindrance(user: Any, organization: Organization) -> str:
    """What has changed while the person was at Intuit and keeps them from connecting; empty when nothing has."""
    place = Membership.objects.filter(user=user, organization=organization).first()
    if place is None or not place.allows(Role.ADMIN):
        return f"Only an owner or admin may connect QuickBooks. {START_AGAIN}"
    with within(organization):
        if is_switched_on(organization):
            return ""
    return (
        "QuickBooks was switched off for this organization meanwhile. Nothing was stored; "
        "ask the operator of this installation."
    )


def _back(request: Any, words: str) -> HttpResponse:
    """To where this browser pressed Connect, if it did: a ticket that is not believed names no organization."""
    places = Membership.objects.filter(
        user=request.user, organization__slug=request.session.get(CONNECTING, "")
    )
    place = places.select_related("organization").first()
    if place is not None:
        return refused(request, place.organization, words)
    messages.error(request, words)
    return redirect(reverse("integrations:shortcut"))
