"""Where a view of integrations leads next."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from integrations import editions, gateway
from integrations.models import Connection, companies_in_use, company_in_use, policies_in_force
from integrations.policies import OAuthApp
from tenants.models import Organization

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
    request.company = _named(named) if named else company_in_use()
    return request.company  # type: ignore[no-any-return]


def _named(text: str) -> Connection:
    for company in companies_in_use():
        if str(company.id) == text:
            return company
    raise Http404("No such company")


def refused(request: Any, organization: Organization, words: str) -> HttpResponse:
    """Back to the QuickBooks page, which says what went wrong."""
    messages.error(request, words)
    return to(organization, "integrations:quickbooks")


def is_offered(organization: Organization) -> bool:
    """Whether QuickBooks is there for this organization: the operator has switched it on, and there is an app or the
    organization is to bring its own. Inside ``within()``.
    """
    if not is_switched_on(organization):
        return False
    brings_its_own = policies_in_force().oauth_app is OAuthApp.TENANT
    return brings_its_own or may_connect_now(organization)


def may_connect_now(organization: Organization) -> bool:
    """Whether Connect can lead anywhere: QuickBooks is on here and the app has its keys. Inside ``within()``."""
    return is_switched_on(organization) and gateway.app_to_connect() is not None


def is_switched_on(organization: Organization) -> bool:
    """Whether the operator lets this organization use QuickBooks. Inside ``within()``."""
    return organization.has("quickbooks") and editions.includes_quickbooks(organization)
