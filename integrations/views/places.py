"""Where a view of integrations leads next."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from integrations import editions, gateway
from integrations.models import Connection, live_connection, live_connections, policies_in_force
from integrations.policies import OAuthApp
from tenants.models import Organization
from tenants.scope import within

# Where the browser session keeps the organization it is connecting.
CONNECTING = "connecting_organization"


def to(
    organization: Organization, name: str, *arguments: object, of: Connection | None = None
) -> HttpResponse:
    """A redirect to a page of this organization; ``of`` is the company it is about."""
    address = reverse(name, args=[organization.slug, *arguments])
    return redirect(f"{address}{of.query}" if of else address)


def chosen(request: Any) -> Connection | None:
    """The company that the address names, else the default one. Raises Http404 for one that is not connected here.

    Kept on the request, so that the page's addresses are about it as well.
    """
    named = request.GET.get("company", "")
    request.company = _named(named) if named else live_connection()
    return request.company  # type: ignore[no-any-return]


def _named(text: str) -> Connection:
    try:
        return live_connections().get(pk=UUID(text))
    except (ValueError, Connection.DoesNotExist):
        raise Http404("No such company") from None


def refused(request: Any, organization: Organization, words: str) -> HttpResponse:
    """Back to the QuickBooks page, which says what went wrong."""
    messages.error(request, words)
    return to(organization, "integrations:quickbooks")


def is_offered(organization: Organization) -> bool:
    """Whether QuickBooks is there for this organization: the operator has switched it on, and there is an app or the
    organization is to bring its own.
    """
    if not _is_switched_on(organization):
        return False
    with within(organization):
        brings_its_own = policies_in_force().oauth_app is OAuthApp.TENANT
    return brings_its_own or may_connect_now(organization)


def may_connect_now(organization: Organization) -> bool:
    """Whether Connect can lead anywhere: QuickBooks is on here and the keys of the app are there."""
    with within(organization):
        return _is_switched_on(organization) and gateway.app_to_connect() is not None


def _is_switched_on(organization: Organization) -> bool:
    return organization.has("quickbooks") and editions.includes_quickbooks(organization)
