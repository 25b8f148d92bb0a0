"""Lists of documents narrowed to how they stand with QuickBooks, in the words of their pills (T-33, T-60, T-61)."""

from collections.abc import Mapping
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


def counts(rows: Mapping[Kind, QuerySet[Any]]) -> dict[Kind, dict[str, int]]:
    """How many of these rows each choice leaves, by kind; what was never to go is not counted."""
    owed = _count_owed(rows)
    found = {kind: {**owed[kind], **_count_settled(kind, rows[kind])} for kind in rows}
    return {
        kind: {value: counted.get(value, 0) for value, _ in CHOICES if value != NEVER}
        for kind, counted in found.items()
    }


def _count_owed(rows: Mapping[Kind, QuerySet[Any]]) -> dict[Kind, dict[str, int]]:
    """By kind and state."""
    these = Q()
    for kind, each in rows.items():
        these |= Q(kind=kind, local_id__in=each.values("pk"))
    owed = _owed(*rows).filter(these).order_by().values_list("kind", "state")
    counted: dict[Kind, dict[str, int]] = {kind: {} for kind in rows}
    for kind, state, count in owed.annotate(Count("local_id", distinct=True)):
        counted[Kind(kind)][state] = count
    return counted


def _count_settled(kind: Kind, rows: QuerySet[Any]) -> dict[str, int]:
    differs = Count("pk", filter=_differs(kind))
    values = {DIFFERS: differs, JobState.SYNCED.value: Count("pk") - differs}
    return _settled(kind, rows).aggregate(**values)


def _narrowed(kind: Kind, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    owed = _owed(kind)
    if value in (JobState.PENDING, JobState.BLOCKED, JobState.ERRORED):
        return rows.filter(pk__in=owed.filter(state=value).values("local_id"))
    if value == NEVER:
        links = _in_use(Link, kind)
        known = Q(pk__in=links.values("local_id")) | Q(pk__in=owed.values("local_id"))
        return rows.exclude(known)
    settled, differs = _settled(kind, rows), _differs(kind)
    return settled.filter(differs) if value == DIFFERS else settled.exclude(differs)


def _owed(*kinds: Kind) -> QuerySet[SyncJob]:
    return _in_use(SyncJob, *kinds).exclude(state=JobState.SYNCED)


def _settled(kind: Kind, rows: QuerySet[Any]) -> QuerySet[Any]:
    links = _in_use(Link, kind).values("local_id")
    return rows.filter(pk__in=links).exclude(pk__in=_owed(kind).values("local_id"))


def _differs(kind: Kind) -> Q:
    asked = Discrepancy.objects.filter(kind=kind, closed_at=None, local_id__isnull=False)
    off = _in_use(Link, kind).exclude(variance_minor=0)
    return Q(pk__in=asked.values("local_id")) | Q(pk__in=off.values("local_id"))


def _in_use(model: Any, *kinds: Kind) -> QuerySet[Any]:
    """Rows of the companies that are connected, or that wait to be connected again."""
    rows = model.objects.filter(kind__in=kinds, connection__vendor=QUICKBOOKS)
    return rows.exclude(connection__status=ConnectionStatus.DISCONNECTED)  # type: ignore[no-any-return]
