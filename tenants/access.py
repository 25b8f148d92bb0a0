"""The one answer to "may this request?".

Every view below ``/o/<organization>/`` is decorated with :func:`requires`; a test walks the URLconf and fails for one
that is not. An organization the user does not belong to is not found, rather than forbidden, so nobody learns its name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django_htmx.http import HttpResponseClientRedirect

from tenants.models import Membership, Organization, Role, User
from tenants.scope import within

View = Callable[..., HttpResponseBase]


class OrganizationRequest(HttpRequest):
    """A request that has passed :func:`requires`."""

    user: User
    organization: Organization
    membership: Membership
    memberships: list[Membership]


class LeadBack(Exception):
    """Raised by a view that cannot do what was asked: nothing was done, and the page at ``address`` says why."""

    def __init__(self, words: str, address: str) -> None:
        super().__init__(words)
        self.address = address


@dataclass(frozen=True)
class Access:
    """What a view asks of its visitor, readable by the access matrix test."""

    role: Role
    transaction: bool


def requires(role: Role, *, transaction: bool = True) -> Callable[[View], View]:
    """Lets in members of the organization in the URL who have at least this role.

    The view runs inside ``within(organization)``. With ``transaction=False`` it opens that itself around its reads and
    writes, because it calls a vendor and no transaction may be held meanwhile. It may raise `LeadBack`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, organization: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            _admit(request, organization, role)
            try:
                if not transaction:
                    return view(request, organization, *args, **kwargs)
                with within(request.organization):
                    return _rendered(view(request, organization, *args, **kwargs))
            except LeadBack as refusal:
                return _led_back(request, refusal)

        guarded.access = Access(role, transaction)  # type: ignore[attr-defined]
        return guarded

    return decorate


def _admit(request: Any, slug: str, role: Role) -> None:
    """Reads all the visitor's places at once: pages name the others as well. Raises Http404 where this is none."""
    places = Membership.objects.filter(user=request.user).select_related("organization")
    request.memberships = list(places.order_by("organization__name"))
    here = [place for place in request.memberships if place.organization.slug == slug]
    if not here:
        raise Http404("No such organization")
    (request.membership,) = here
    request.organization = request.membership.organization
    if not request.membership.allows(role):
        raise PermissionDenied(f"This needs the role {role.label} or higher.")


def _led_back(request: Any, refusal: LeadBack) -> HttpResponseBase:
    """The whole page goes there, also where a part of it asked."""
    messages.error(request, str(refusal))
    if request.htmx:
        return HttpResponseClientRedirect(refusal.address)
    return redirect(refusal.address)


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """Renders while the organization is still in force."""
    if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
        return response.render()
    return response
