"""Where both sides of a company do not hold the same at this moment, counted by kind. Runs inside ``within()``."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from integrations.job_states import JobState
from integrations.models import Connection, Discrepancy, SyncJob


@dataclass(frozen=True, slots=True)
class Unequal:
    """So many documents of a kind, and why: a difference somebody decides, or the state of what is still to go out."""

    kind: str
    why: str
    count: int

    def __str__(self) -> str:
        return f"{self.kind}: {self.count} {self.why.replace('_', ' ')}"


def unequal(connection: Connection) -> list[Unequal]:
    """Open differences first, then what has not gone out."""
    asked = Discrepancy.objects.filter(connection=connection, closed_at=None)
    owed = SyncJob.objects.filter(connection=connection).exclude(state=JobState.SYNCED)
    return [*_counted(asked, "reason_code"), *_counted(owed, "state")]


def _counted(rows: QuerySet[Discrepancy] | QuerySet[SyncJob], why: str) -> list[Unequal]:
    counts = rows.order_by("kind", why).values_list("kind", why).annotate(Count("id"))
    return [Unequal(*row) for row in counts]
