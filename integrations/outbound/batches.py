"""Commits which writes travel together, before they do."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from integrations import journal
from integrations.documents import Operation
from integrations.models import Batch, Intent
from integrations.outbound.effects import OpenIntent, TravellingBatch
from integrations.outbound.keys import REQUEST_ID_LENGTH
from integrations.outbound.store import Store
from integrations.ports import CallRecord
from regentra import clock
from tenants.scope import within

# Whether a void may travel in a batch is told nowhere (reference quickbooks 2.6 and 2.9), so it goes by itself.
BATCHED = frozenset({Operation.CREATE, Operation.UPDATE})


def commit(store: Store, intents: Sequence[OpenIntent]) -> TravellingBatch:
    """Stores the batch. Raises `LeaseLost`."""
    request_id = request_id_of(intents)
    with store.transaction():
        row = Batch.objects.create(
            connection=store.connection,
            intent_ids=[intent.id for intent in intents],
            request_id=request_id,
            epoch=store.connection.epoch,
        )
    return TravellingBatch(row.id, request_id, tuple(intents))


def on_the_wire_before(store: Store, intents: Mapping[UUID, OpenIntent]) -> set[str]:
    """The keys of those writes, by their documents, that went out alone before, without an answer.

    A worker that was held up on the wire may still bring that one, after it was looked for and not found. ``sends`` is
    how often a write went out before the last time; what of that was not in a batch was alone.
    """
    with store.transaction():
        rows = Intent.objects.filter(local_id__in=list(intents), sends__gt=0).filter(
            op_key__in=[intent.op_key for intent in intents.values()],
        )
        former = {row.pk: row for row in rows.only("op_key", "created_at", "sends")}
        if not former:
            return set()
        gathered = Batch.objects.filter(
            connection=store.connection,
            created_at__gte=min(row.created_at for row in former.values()),
            intent_ids__overlap=list(former),
        )
        together = Counter(
            one for ids in gathered.values_list("intent_ids", flat=True) for one in ids
        )
    return {row.op_key for key, row in former.items() if row.sends > together[key]}


def record(store: Store, batch_id: UUID, records: list[CallRecord]) -> None:
    """Notes that it has come back, and its calls in the ledger. Needs no lease: what was called was called."""
    with within(store.organization_id):
        Batch.objects.filter(pk=batch_id).update(answered_at=clock.now())
        journal.store(store.connection, records)


def request_id_of(intents: Sequence[OpenIntent]) -> str:
    """The same for the same writes in the same order, whoever puts them together (reference quickbooks 2.4: ≤ 36)."""
    text = "\x1f".join(intent.op_key for intent in intents)
    return hashlib.sha256(text.encode()).hexdigest()[:REQUEST_ID_LENGTH]
