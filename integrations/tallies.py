"""Keeps count for /metrics: collected in memory during a turn, added to the rows at its end.

A worker that dies in the middle of a turn takes the counts of that turn along, which costs a graph a few points and no
document anything. Runs inside ``within()``.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection as database

from integrations.models import Connection
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

COUNT = """
    INSERT INTO integrations_companycount AS known
        (connection_id, organization_id, status, pending, blocked, errored, differences, counted_at)
    SELECT %(connection)s, %(organization)s, %(status)s,
           count(*) FILTER (WHERE state = 'pending'),
           count(*) FILTER (WHERE state = 'blocked'),
           count(*) FILTER (WHERE state = 'errored'),
           (SELECT count(*) FROM integrations_discrepancy
             WHERE connection_id = %(connection)s AND closed_at IS NULL),
           %(now)s
      FROM integrations_syncjob
     WHERE connection_id = %(connection)s AND state IN ('pending', 'blocked', 'errored')
    ON CONFLICT (connection_id) DO UPDATE SET
        status = EXCLUDED.status, pending = EXCLUDED.pending, blocked = EXCLUDED.blocked,
        errored = EXCLUDED.errored, differences = EXCLUDED.differences, counted_at = EXCLUDED.counted_at
    RETURNING known.errored
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


def keep(connection: Connection, collected: Collected) -> int:
    """Adds what a turn has counted, and says anew how the company stands, as `count` does."""
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


def count(connection: Connection) -> int:
    """Says how the company stands, and returns how many of its documents wait for a person.

    What is synced is not counted: it grows without end and asks nothing of anybody.
    """
    values: dict[str, Any] = {
        "organization": current_organization_id(),
        "connection": connection.pk,
        "status": connection.status,
        "now": clock.now(),
    }
    with database.cursor() as cursor:
        cursor.execute(COUNT, values)
        (errored,) = cursor.fetchone()
        return int(errored)
