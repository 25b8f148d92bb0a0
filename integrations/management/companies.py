"""What the commands share that do something at connected companies: which ones, how far along, what failed."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from integrations.by_hand import CannotNow, Company
from integrations.models import Connection, SyncDue, live_connections
from tenants.models import Organization
from tenants.scope import within

PATIENCE_SECONDS = 60.0

Advance = Callable[[int], None]


class CompanyCommand(BaseCommand):
    """At every company that is not disconnected, or at those named; ends with 1 when one could not be served."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only this organization")
        parser.add_argument("--connection", metavar="ID", type=UUID, help="only this connection")
        parser.add_argument(
            "--patience",
            metavar="SECONDS",
            type=float,
            default=PATIENCE_SECONDS,
            help="how long to wait for a company that a worker is at",
        )

    def begin(self, company: Company) -> int | None:
        """What comes first there; how many steps follow, None when that cannot be known."""
        return None

    def serve(self, company: Company, advance: Advance) -> str:
        """Does it there; one line of what came of it. Raises `CannotNow`."""
        raise NotImplementedError

    def handle(self, **options: Any) -> None:
        companies = list(_chosen(**options))
        failed = sum(not self._served(company) for company in companies)
        self.stdout.write(f"{len(companies) - failed} of {len(companies)} companies served.")
        if failed:
            raise CommandError(f"{failed} could not be served; see above.")

    def _served(self, company: Company) -> bool:
        try:
            line = self._watched(company)
        except CannotNow as reason:
            self.stderr.write(f"{company.name}: {reason}")
            return False
        self.stdout.write(f"{company.name}: {line}")
        return True

    def _watched(self, company: Company) -> str:
        with _progress() as progress:
            task = progress.add_task(company.name, total=self.begin(company))
            return self.serve(company, lambda steps: progress.advance(task, steps))


def _progress() -> Progress:
    """On the terminal of whoever waits, gone when it is done; nothing where nobody looks."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _chosen(
    *, organization: str | None, connection: UUID | None, patience: float, **_: Any
) -> Iterator[Company]:
    organizations = Organization.objects.order_by("slug")
    if organization is not None:
        organizations = organizations.filter(slug=organization)
        if not organizations:
            raise CommandError(f"There is no organization {organization!r}.")
    if connection is not None:
        organizations = organizations.filter(pk=_owner_of(connection))
        if not organizations:
            raise CommandError(f"Connection {connection} is not one of {organization!r}.")
    for each in organizations:
        yield from _companies_of(each, connection, patience)


def _owner_of(connection: UUID) -> UUID:
    row = SyncDue.objects.filter(connection_id=connection).first()
    if row is None:
        raise CommandError(f"There is no connection {connection}.")
    return row.organization_id


def _companies_of(
    organization: Organization, connection: UUID | None, patience: float
) -> list[Company]:
    """All but disconnected ones; one that was named is taken whatever its state, so that the reason is said."""
    with within(organization):
        rows = Connection.objects.filter(pk=connection) if connection else live_connections()
        return [
            Company(organization.pk, row.pk, f"{organization.slug}, {row.company_name}", patience)
            for row in rows.order_by("connected_at")
        ]
