"""Links on which customers add themselves without log-in: an intake form, and the sign-up of a storefront."""

import secrets
from datetime import timedelta
from typing import Any

from billing.errors import TooMany
from billing.models import Customer, Source
from billing.services import customers
from regentra import clock
from tenants import audit
from tenants.models import Organization, Route, User
from tenants.scope import current_organization_id

# More in an hour are no customers.
MOST_IN_AN_HOUR = 60
SOURCES = (Source.INTAKE_FORM, Source.STOREFRONT)


def open_link(organization: Organization, source: Source, *, actor: User) -> str:
    """A new link of this kind; the former one leads nowhere any more. The token is shown once and kept nowhere."""
    token = secrets.token_urlsafe(32)
    close_link(organization, source, actor=actor)
    Route.objects.create(
        kind=source,
        key_hash=Route.hash_of(token),
        organization=organization,
        object_id=organization.pk,
    )
    audit.record("customer_link.opened", actor=actor, kind=source)
    return token


def close_link(organization: Organization, source: Source, *, actor: User) -> None:
    """Nobody adds themselves by it any more."""
    links = Route.objects.filter(kind=source, organization=organization)
    if links.delete()[0]:
        audit.record("customer_link.closed", actor=actor, kind=source)


def is_open(organization: Organization, source: Source) -> bool:
    """Whether there is a link of this kind."""
    return Route.objects.filter(kind=source, organization=organization).exists()


def behind(token: str) -> tuple[Organization, Source] | None:
    """Whose link it is, and of which kind; None when it leads nowhere."""
    routes = Route.objects.select_related("organization")
    route = routes.filter(kind__in=SOURCES, key_hash=Route.hash_of(token)).first()
    return (route.organization, Source(route.kind)) if route else None


def take_in(source: Source, details: dict[str, Any]) -> Customer:
    """Adds the customer; the same said twice, as by a second click, is one. Raises `TextRefused` and `TooMany`.

    Run inside ``within()``.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=current_organization_id())
    an_hour_ago = clock.now() - timedelta(hours=1)
    recent = Customer.objects.filter(source=source, created_at__gt=an_hour_ago)
    for one in recent.filter(name=details["name"]):
        if all(getattr(one, name) == value for name, value in details.items()):
            return one
    if recent.count() >= MOST_IN_AN_HOUR:
        raise TooMany
    return customers.create(source=source, **details)
