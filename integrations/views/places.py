"""Where a view of integrations leads next."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from integrations import editions, gateway
from integrations.models import Connection, companies_in_use, company_in_use, policies_in_force
from integrations.policies import OAuthApp
from tenants.access import LeadBack
from tenants.models import Organization

# Where the browser session keeps the organization it is connecting.
CONNECTING = "connecting_organization"
OUTDATED = "That page was out of date, so nothing was done. Look at this one and press again."


def to(
    organization: Organization, name: str, *arguments: object, of: Connection | None = None
) -> HttpResponse:
    """A redirect to a page of this organization; ``of`` is the company it is about."""
    address = reverse(name, args=[organization.slug, *arguments])
    return redirect(f"{address}{of.query}" if of else address)


def chosen(request: Any) -> Connection | None:
    """The company that the address names; where it names none, the default one, to be looked at.

    Kept on the request, so that the page's addresses are about it as well. Raises `LeadBack` for a company that is not
    connected any more, and for a form that names none though there is a default one: its page was about no company, or
    stood open for long. Raises Http404 for a company that never was one of this organization.
    """
    named = request.GET.get("company", "")
    request.company = _named(request, named) if named else company_in_use()
    if request.company and not named and request.method == "POST":
        raise _led_back(request, OUTDATED)
    return request.company  # type: ignore[no-any-return]


def no_longer_connected(company: Connection) -> str:
    """Why nothing was done about it."""
    return f"{company} is not connected any more, so nothing was done."


def _named(request: Any, text: str) -> Connection:
    for company in companies_in_use():
        if str(company.id) == text:
            return company
    raise _led_back(request, no_longer_connected(get_object_or_404(Connection, pk=id_from(text))))


def id_from(text: str) -> UUID:
    """Raises Http404 for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404("No such company") from None


def _led_back(request: Any, words: str) -> LeadBack:
    return LeadBack(words, reverse("integrations:quickbooks", args=[request.organization.slug]))


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
