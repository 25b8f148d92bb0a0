"""Keeps count for /metrics: collected in memory during a turn, added to the rows at its end.

A worker that dies in the middle of a turn takes the counts of that turn along, which costs a graph a few points and no
document anything. Runs inside ``within()``.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection as database
from django.db.models import Count, Q

from integrations.job_states import JobState
from integrations.models import CompanyCount, Connection, Discrepancy, SyncJob
from regentra import clock
from tenants.scope import current_organization_id

OUTCOME, LAG, LAG_SUM, THROTTLED = "outcome", "lag", "lag_sum", "throttled"
# Upper bounds in seconds; a change is to stand on the other side within 15 minutes.
BOUNDS = (1, 2, 5, 10, 30, 60, 300, 900, 3600)
BEYOND = "+Inf"

ADD = """
    INSERT INTO integrations_tally (organization_id, connection_id, name, kind, code, value)
    SELECT %s, %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])
    ON CONFLICT (connection_id, name, kind, code)
    DO UPDATE SET value = integrations_tally.value + EXCLUDED.value
"""


@dataclass(slots=True)
class Collected:
    """What one turn has counted so far, by name, kind and code."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def outcome(self, kind: str, code: str) -> None:
        """A push of this kind ended so."""
        self.counts[OUTCOME, kind, code] += 1

    def confirmed(self, kind: str, lag: timedelta) -> None:
        """A document stands on the other side, so long after it was last wanted or could go on."""
        self.outcome(kind, "ok")
        self.counts[LAG, kind, bucket(lag)] += 1
        self.counts[LAG_SUM, kind, ""] += max(0, round(lag / timedelta(milliseconds=1)))


def bucket(lag: timedelta) -> str:
    """The smallest bound that a lag does not exceed."""
    place = bisect_left(BOUNDS, lag.total_seconds())
    return str(BOUNDS[place]) if place < len(BOUNDS) else BEYOND


def keep(connection: Connection, collected: Collected) -> CompanyCount:
    """Adds what a turn has counted, and says anew how the company stands."""
    add(connection, collected.counts)
    collected.counts.clear()
    return count(connection)


def add(connection: Connection, counts: Counter[tuple[str, str, str]]) -> None:
    """In one statement, always in the same order."""
    if not counts:
        return
    names, kinds, codes = zip(*sorted(counts), strict=True)
    values = [counts[key] for key in sorted(counts)]
    of_whom = [current_organization_id(), connection.pk]
    with database.cursor() as cursor:
        cursor.execute(ADD, [*of_whom, list(names), list(kinds), list(codes), values])


def count(connection: Connection) -> CompanyCount:
    """What is synced is not counted: it grows without end and asks nothing of anybody."""
    states = [JobState.PENDING, JobState.BLOCKED, JobState.ERRORED]
    owed = SyncJob.objects.filter(connection=connection, state__in=states)
    found = owed.aggregate(**{state: Count("pk", filter=Q(state=state)) for state in states})
    open_ones = Discrepancy.objects.filter(connection=connection, closed_at=None)
    row = CompanyCount(
        connection_id=connection.pk,
        organization_id=current_organization_id(),
        status=connection.status,
        differences=open_ones.count(),
        counted_at=clock.now(),
        **found,
    )
    told = ["status", "differences", "counted_at", *states]
    CompanyCount.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["connection_id"], update_fields=told
    )
    return row
