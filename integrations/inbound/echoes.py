"""What an answer holds just as it was told last: above all our own writes, which every look brings back (reference
quickbooks 2.10). A month end writes thousands between two looks, so they are told apart together and not judged.

Runs inside ``within()``.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from django.db.models import Q

from integrations.documents import Held, Kind
from integrations.job_states import JobState
from integrations.models import Connection, Discrepancy, Intent, IntentState, Link, SyncJob
from integrations.outbound import links, settled

CHUNK = 500
TOLD = (
    "remote_version",
    "remote_updated_at",
    "remote_number",
    "their_fingerprint",
    "their_total_minor",
)


def chunks(documents: Iterable[Held]) -> Iterator[list[Held]]:
    """Documents of one kind each, so many as one question to the database carries."""
    for _, same in groupby(sorted(documents, key=_kind), key=_kind):
        while chunk := list(islice(same, CHUNK)):
            yield chunk


def to_judge(connection: Connection, documents: Sequence[Held]) -> list[Held]:
    """Those of one kind about which there is something to judge: all but the ones that nothing would come of."""
    known = _known(connection, documents)
    waits = _waits(connection, documents, [row["local_id"] for row in known.values()])
    waits |= _pay_more(connection, documents)
    return [
        held
        for held in documents
        if held.id in waits or held.id not in known or not _is_told(held, known[held.id], waits)
    ]


def _known(connection: Connection, documents: Sequence[Held]) -> dict[str, dict[str, Any]]:
    ids = [held.id for held in documents if not held.deleted]
    rows = Link.objects.filter(connection=connection, kind=documents[0].kind, remote_id__in=ids)
    return {
        row["remote_id"]: row for row in rows.values("remote_id", "local_id", "made_by_us", *TOLD)
    }


def _waits(
    connection: Connection, documents: Sequence[Held], local_ids: list[UUID]
) -> set[str | UUID]:
    """The ids, theirs and ours, that a question, an unfinished write or a refused job waits with, and such marks."""
    about = {"connection": connection, "kind": documents[0].kind}
    asked = Discrepancy.objects.filter(
        **about, closed_at=None, remote_id__in=[held.id for held in documents]
    )
    ours = Q(local_id__in=local_ids)
    marked = Q(marker__in={held.marker for held in documents if held.marker})
    unfinished = Intent.objects.filter(ours | marked, **about, state=IntentState.OPEN)
    refused = SyncJob.objects.filter(ours, **about, state=JobState.ERRORED)
    waits: set[str | UUID] = set(asked.values_list("remote_id", flat=True))
    for local_id, marker in unfinished.values_list("local_id", "marker"):
        waits |= {local_id, marker}
    return waits | set(refused.values_list("local_id", flat=True))


def _pay_more(connection: Connection, documents: Sequence[Held]) -> set[UUID]:
    """Our payments that were put on invoices which are here only now."""
    if documents[0].kind is not Kind.PAYMENT:
        return set()
    ids = [held.id for held in documents]
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


def _kind(held: Held) -> str:
    return held.kind.value
