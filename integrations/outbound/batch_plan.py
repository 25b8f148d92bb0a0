"""Whether what is owed travels one by one, unmetered, or in batches, faster and metered. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from integrations.governor.limits import BATCH_SIZE, seconds_for


class Lane(StrEnum):
    """How writes travel."""

    SINGLE = "single"
    BATCH = "batch"


@dataclass(frozen=True, slots=True)
class Backlog:
    """So many documents may go out now, the oldest since ``since``."""

    documents: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a lane would take: ``duration`` at the limits of the company, and metered calls of the month."""

    duration: timedelta
    metered: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The lane chosen for so many documents, and what each lane would take."""

    lane: Lane
    documents: int
    single: Estimate
    batch: Estimate


def plan_lane(
    backlog: Backlog,
    *,
    now: datetime,
    asked: bool,
    fresh_within: timedelta,
    reads_left: int,
    percent: int,
    metered_as: str,
) -> Plan:
    """The lane for this backlog.

    Batches only when somebody asked to catch up fast or one by one would take longer than ``fresh_within``, and the
    reads that are left suffice for all of it. ``percent`` is the share of the limits that is used.
    """
    single = _estimate(backlog.documents, 0, percent, batch=False)
    batches = ceil(backlog.documents / BATCH_SIZE)
    metered = backlog.documents if metered_as == "item" else batches
    batch = _estimate(batches, metered, percent, batch=True)
    waited = now - backlog.since if backlog.since else timedelta()
    late = waited + single.duration > fresh_within and single.duration > batch.duration
    worth_it = backlog.documents > 1 and (asked or late) and metered <= reads_left
    lane = Lane.BATCH if worth_it else Lane.SINGLE
    return Plan(lane, backlog.documents, single, batch)


def _estimate(requests: int, metered: int, percent: int, *, batch: bool) -> Estimate:
    return Estimate(timedelta(seconds=seconds_for(requests, percent, batch=batch)), metered)
