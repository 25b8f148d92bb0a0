"""What an answer holds just as it was told last: above all our own writes, which every look brings back (reference
quickbooks 2.10). A month end writes thousands between two looks, so they are told apart together and not judged.

Runs inside ``within()``.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q

from integrations.documents import Held, Kind
from integrations.job_states import JobState
from integrations.models import Connection, Discrepancy, Intent, IntentState, Link, SyncJob
from integrations.outbound import links, settled

# One of theirs, by its kind and its id there.
Theirs = tuple[str, str]
CHUNK = 500
TOLD = (
    "remote_version",
    "remote_updated_at",
    "remote_number",
    "their_fingerprint",
    "their_total_minor",
)


def chunks(documents: Iterable[Held]) -> Iterator[list[Held]]:
    """Documents of the same kind together, so many as one question to the database carries."""
    in_order = iter(sorted(documents, key=_kind))
    while chunk := list(islice(in_order, CHUNK)):
        yield chunk


def to_judge(connection: Connection, documents: Sequence[Held]) -> list[Held]:
    """Those about which there is something to judge: all but the ones that nothing would come of."""
    known = _known(connection, documents)
    asked = _asked(connection, documents)
    waits = _waits(connection, documents, [row["local_id"] for row in known.values()])
    waits |= _pay_more(connection, documents)
    return [
        held
        for held in documents
        if (one := (held.kind.value, held.id)) in asked
        or one not in known
        or not _is_told(held, known[one], waits)
    ]


def _known(connection: Connection, documents: Sequence[Held]) -> dict[Theirs, dict[str, Any]]:
    ids = [held.id for held in documents if not held.deleted]
    rows = Link.objects.filter(connection=connection, kind__in=_kinds(documents), remote_id__in=ids)
    return {
        (row["kind"], row["remote_id"]): row
        for row in rows.values("kind", "remote_id", "local_id", "made_by_us", *TOLD)
    }


def _asked(connection: Connection, documents: Sequence[Held]) -> set[Theirs]:
    """Those that a question is open about."""
    ids = [held.id for held in documents]
    asked = Discrepancy.objects.filter(connection=connection, closed_at=None, remote_id__in=ids)
    return set(asked.values_list("kind", "remote_id"))


def _waits(
    connection: Connection, documents: Sequence[Held], local_ids: list[UUID]
) -> set[str | UUID]:
    """Our ids that an unfinished write or a refused job waits with, and such marks."""
    about = {"connection": connection, "kind__in": _kinds(documents)}
    ours = Q(local_id__in=local_ids)
    marked = Q(marker__in={held.marker for held in documents if held.marker})
    unfinished = Intent.objects.filter(ours | marked, **about, state=IntentState.OPEN)
    refused = SyncJob.objects.filter(ours, **about, state=JobState.ERRORED)
    waits: set[str | UUID] = set(refused.values_list("local_id", flat=True))
    for local_id, marker in unfinished.values_list("local_id", "marker"):
        waits |= {local_id, marker}
    return waits


def _pay_more(connection: Connection, documents: Sequence[Held]) -> set[UUID]:
    """Our payments that were put on invoices which are here only now."""
    ids = [held.id for held in documents if held.kind is Kind.PAYMENT]
    if not ids:
        return set()
    ours = Link.objects.filter(
        connection=connection, kind=Kind.PAYMENT, remote_id__in=ids, made_by_us=True
    )
    return set(settled.came_here(connection, ours.only("local_id", "ours")))


def _is_told(held: Held, row: dict[str, Any], waits: set[str | UUID]) -> bool:
    if row["local_id"] in waits or held.marker in waits:
        return False
    # What a payment of theirs settles grows with the invoices that come here.
    if held.kind is Kind.PAYMENT and not row["made_by_us"]:
        return False
    told = links.told(held)
    return all(row[name] == told[name] for name in TOLD)


def _kinds(documents: Sequence[Held]) -> set[str]:
    return {held.kind.value for held in documents}


def _kind(held: Held) -> str:
    return held.kind.value
