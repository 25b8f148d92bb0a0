"""Lists of documents narrowed to how they stand with QuickBooks, in the words of their pills (T-33, T-60, T-61)."""

from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet

from billing.narrowings import Narrowing
from integrations.documents import Kind
from integrations.job_states import JobState
from integrations.models import QUICKBOOKS, ConnectionStatus, Discrepancy, Link, SyncJob

DIFFERS = "differs"
NEVER = "never"
CHOICES = (
    (JobState.PENDING.value, "Pending"),
    (JobState.BLOCKED.value, "Blocked"),
    (JobState.ERRORED.value, "Errored"),
    (DIFFERS, "Differs"),
    (JobState.SYNCED.value, "Synced"),
    (NEVER, "Not synced"),
)


def of(kind: Kind) -> Narrowing:
    """The filter of the list of this kind of document."""
    return Narrowing("sync", "QuickBooks sync status", CHOICES, partial(_narrowed, kind))


def counts(kind: Kind, rows: QuerySet[Any]) -> dict[str, int]:
    """How many of these rows each choice leaves; what was never to go is not counted."""
    owed = _in_use(SyncJob, kind).exclude(state=JobState.SYNCED)
    mine = owed.filter(local_id__in=rows.values("pk")).order_by()
    found = dict(mine.values_list("state").annotate(Count("local_id", distinct=True)))
    for value in (DIFFERS, JobState.SYNCED.value):
        found[value] = _narrowed(kind, rows, value).count()
    return {value: found.get(value, 0) for value, _ in CHOICES if value != NEVER}


def _narrowed(kind: Kind, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    owed = _in_use(SyncJob, kind).exclude(state=JobState.SYNCED)
    if value in (JobState.PENDING, JobState.BLOCKED, JobState.ERRORED):
        return rows.filter(pk__in=owed.filter(state=value).values("local_id"))
    links = _in_use(Link, kind)
    if value == NEVER:
        known = Q(pk__in=links.values("local_id")) | Q(pk__in=owed.values("local_id"))
        return rows.exclude(known)
    asked = Discrepancy.objects.filter(kind=kind, closed_at=None, local_id__isnull=False)
    off = links.exclude(variance_minor=0)
    differs = Q(pk__in=asked.values("local_id")) | Q(pk__in=off.values("local_id"))
    settled = rows.filter(pk__in=links.values("local_id")).exclude(pk__in=owed.values("local_id"))
    return settled.filter(differs) if value == DIFFERS else settled.exclude(differs)


def _in_use(model: Any, kind: Kind) -> QuerySet[Any]:
    """Rows of the companies that are connected, or that wait to be connected again."""
    rows = model.objects.filter(kind=kind, connection__vendor=QUICKBOOKS)
    return rows.exclude(connection__status=ConnectionStatus.DISCONNECTED)  # type: ignore[no-any-return]
