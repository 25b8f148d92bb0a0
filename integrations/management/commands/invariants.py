"""What must always hold in our own rows, looked at now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations import invariants
from tenants.models import Organization
from tenants.scope import within


class Command(BaseCommand):
    """`manage.py invariants`: prints what does not hold, and changes nothing. Ends with 1 when something does not."""

    help = "Looks whether what must always hold in each organization's rows does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="this one only")

    def handle(self, *, organization: str | None, **_: Any) -> None:
        wanted = Organization.objects.order_by("slug")
        if organization is not None:
            wanted = wanted.filter(slug=organization)
            if not wanted.exists():
                raise CommandError(f"There is no organization {organization!r}.")
        broken = [each.slug for each in wanted.iterator() if not self._holds(each)]
        if broken:
            raise CommandError(f"Does not hold in: {', '.join(broken)}.")

    def _holds(self, organization: Organization) -> bool:
        with within(organization):
            found = invariants.violations()
        for each in found:
            effect = "stops sending" if each.check.stops else "is late"
            self.stdout.write(f"{organization.slug}: {each.check.name} ({effect}). {each.words}")
        if not found:
            self.stdout.write(f"{organization.slug}: all {len(invariants.CHECKS)} checks hold")
        return not found
