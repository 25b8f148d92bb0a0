"""Two organizations with people and months of business, for `make demo`."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from billing.demo import neighbour, story
from regentra import clock
from tenants.models import Membership, Organization, Role, User
from tenants.scope import within

PASSWORD = "northwind-demo"  # noqa: S105 - printed at every start, for this machine only
HOSTS = {"127.0.0.1", "::1", "localhost", "testserver"}

NORTHWIND = {
    "name": "Northwind IT Services",
    "timezone": "America/New_York",
    "features": ["quickbooks"],
}
CONTOSO = {"name": "Contoso Support", "timezone": "America/Chicago"}


class Command(BaseCommand):
    help = "Adds the demo organizations where they are missing, and says how to log in."

    def handle(self, *args: Any, **options: Any) -> None:
        if str(urlsplit(settings.BASE_URL).hostname) not in HOSTS:
            raise CommandError(
                "The demo's password is known to everybody; not on a public address."
            )
        add_northwind()
        add_contoso()
        self.stdout.write(
            f"Log in as alice@example.com (owner) or bob@example.com (staff), password {PASSWORD}\n"
            f"Another organization: charlie@example.com, same password"
        )


@transaction.atomic
def add_northwind() -> None:
    """All of it or nothing, so that a start that was cut short is made good by the next."""
    organization, is_new = Organization.objects.get_or_create(slug="northwind", defaults=NORTHWIND)
    if not is_new:
        return
    alice = _member(organization, "alice@example.com", "Alice", Role.OWNER)
    bob = _member(organization, "bob@example.com", "Bob", Role.STAFF)
    zone = organization.timezone
    with within(organization):
        story.tell(today=clock.today(zone), timezone=zone, alice=alice, bob=bob)


@transaction.atomic
def add_contoso() -> None:
    """The neighbour, all of it or nothing."""
    organization, is_new = Organization.objects.get_or_create(slug="contoso", defaults=CONTOSO)
    if not is_new:
        return
    charlie = _member(organization, "charlie@example.com", "Charlie", Role.OWNER)
    with within(organization):
        neighbour.tell(today=clock.today(organization.timezone), charlie=charlie)


def _member(organization: Organization, email: str, name: str, role: Role) -> User:
    person = User.objects.filter(email=email).first()
    person = person or User.objects.create_user(email, PASSWORD, name=name)
    Membership.objects.create(organization=organization, user=person, role=role)
    return person
