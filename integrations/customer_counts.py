"""How many customers are linked to one in QuickBooks, and the list of customers narrowed to those (T-24, T-25)."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from billing.models import Customer
from billing.narrowings import Narrowing
from integrations.documents import Kind, ListKind
from integrations.job_states import JobState
from integrations.models import Connection, Link, MirrorEntry, SyncJob, companies_in_use
from integrations.outbound import customer_matching
from integrations.outbound.jobs import COMPANY_NEEDS
from integrations.outbound.prerequisites import MEANT_NEEDS, Need

# For what a customer waits without an answer about itself.
NOBODY_IS_ASKED = (*MEANT_NEEDS, *COMPANY_NEEDS, Need.LISTS, Need.CUSTOMER)

# How the filter asks, and before the company that it asks about where there are several.
YES, NO, OF = "yes", "no", ":"
ANSWERS = ((YES, "Linked"), (NO, "Not linked"))


@dataclass(frozen=True)
class CustomerHealth:
    """The customers in use, by how they stand with the company.

    ``asked`` wait for an answer, ``inactive`` are linked ones that it uses no more. ``of`` is what the filter's values
    end with that list them.
    """

    of: str
    linked: int
    unlinked: int
    asked: int
    refused: int
    inactive: int

    @property
    def in_use(self) -> int:
        return self.linked + self.unlinked


def health(connection: Connection) -> CustomerHealth:
    """As they are now."""
    unlinked = customer_matching.unlinked(connection).count()
    jobs = SyncJob.objects.filter(connection=connection, kind=Kind.CUSTOMER)
    links = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER)
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER)
    answerable = Q(state=JobState.BLOCKED) & ~Q(reason_code__in=NOBODY_IS_ASKED)
    counts = jobs.aggregate(
        asked=Count("pk", filter=answerable),
        refused=Count("pk", filter=Q(state=JobState.ERRORED)),
    )
    return CustomerHealth(
        of=f"{OF}{connection.id}" if len(companies_in_use()) > 1 else "",
        linked=Customer.objects.filter(archived_at=None).count() - unlinked,
        unlinked=unlinked,
        asked=counts["asked"],
        refused=counts["refused"],
        inactive=entries.filter(active=False, remote_id__in=links.values("remote_id")).count(),
    )


def _narrowed(rows: QuerySet[Customer], value: str) -> QuerySet[Customer]:
    answer, _, named = value.partition(OF)
    companies = [one for one in companies_in_use() if named in ("", str(one.id))]
    links = Link.objects.filter(connection__in=companies, kind=Kind.CUSTOMER).values("local_id")
    return rows.filter(pk__in=links) if answer == YES else rows.exclude(pk__in=links)


def _choices() -> list[tuple[str, str]]:
    """To any of the companies, and where there are several, to each of them."""
    companies = companies_in_use()
    of_each = [
        (f"{answer}{OF}{each.id}", f"{label} in {each}")
        for each in companies
        for answer, label in ANSWERS
    ]
    return [*ANSWERS, *(of_each if len(companies) > 1 else [])]


LINKED = Narrowing("linked", "Linked to QuickBooks", _choices, _narrowed)
