"""What it costs to see changes within a time, in metered calls, as the company has been used in the last days (N-09).

Runs inside ``within()``; `looks` is pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models.functions import TruncHour

from integrations.calls_of_month import ANSWERED
from integrations.inbound import rhythm
from integrations.models import ApiCall, Connection, Doorbell
from integrations.policies import Policies, SeenWithin, SyncCadence
from regentra import clock

MEASURED = timedelta(days=7)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
DAYS_OF_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class Meter:
    """Metered calls a day."""

    a_day: int

    @property
    def a_month(self) -> int:
        return self.a_day * DAYS_OF_A_MONTH


def meters(connection: Connection, chosen: Policies) -> dict[SeenWithin, Meter]:
    """For each choice what it comes to. What looks do not explain is the same with all of them.

    Looks are reckoned, not counted: of one that happened nothing says whether a message or the clock brought it.
    """
    now = clock.now()
    start = max(now - MEASURED, min(connection.connected_at, now - DAY))
    active = _active_hours(connection, start)
    days = (now - start) / DAY
    reckoned = {
        one: looks(active, start, now, replace(chosen, seen_within=one)) / days
        for one in SeenWithin
    }
    others = max(0.0, _metered(connection, start) / days - reckoned[chosen.seen_within])
    return {one: Meter(round(others + a_day)) for one, a_day in reckoned.items()}


def looks(active: Iterable[datetime], start: datetime, end: datetime, chosen: Policies) -> float:
    """How many looks the clock brings from start to end, when something went on in these hours."""
    cadence = chosen.sync_cadence
    if not cadence.looks_by_itself:
        return 0.0
    if cadence is SyncCadence.NIGHTLY:
        return (end - start) / DAY
    if cadence.every is not None:
        return (end - start) / cadence.every
    hours, found = set(active), 0.0
    last, hour = start - rhythm.ASLEEP_AFTER, start.replace(minute=0, second=0, microsecond=0)
    while hour < end:
        last = hour if hour in hours else last
        here = min(hour + HOUR, end) - max(hour, start)
        found += here / rhythm.interval(hour - last, at_most=chosen.seen_within.at_most)
        hour += HOUR
    return found


def _active_hours(connection: Connection, start: datetime) -> set[datetime]:
    """In which something went out, or QuickBooks told of a change."""
    calls = ApiCall.objects.filter(connection=connection, started_at__gte=start).exclude(kind="")
    bells = Doorbell.objects.filter(connection=connection, rung_at__gte=start)
    sent = calls.order_by().annotate(hour=TruncHour("started_at")).values_list("hour", flat=True)
    told = bells.order_by().annotate(hour=TruncHour("rung_at")).values_list("hour", flat=True)
    return {*sent.distinct(), *told.distinct()}


def _metered(connection: Connection, start: datetime) -> int:
    calls = ApiCall.objects.filter(ANSWERED, connection=connection, started_at__gte=start)
    return calls.filter(metered=True).count()
