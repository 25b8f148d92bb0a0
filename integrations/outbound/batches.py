"""Commits which writes travel together, before they do."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from integrations import journal
from integrations.documents import Operation
from integrations.models import Batch
from integrations.outbound.keys import REQUEST_ID_LENGTH
from integrations.outbound.push import OpenIntent, TravellingBatch
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


def record(store: Store, batch_id: UUID, records: list[CallRecord]) -> None:
    """Notes that it has come back, and its calls in the ledger. Needs no lease: what was called was called."""
    with within(store.organization_id):
        Batch.objects.filter(pk=batch_id).update(answered_at=clock.now())
        journal.store(store.connection, records)


def request_id_of(intents: Sequence[OpenIntent]) -> str:
    """The same for the same writes in the same order, whoever puts them together (reference quickbooks 2.4: ≤ 36)."""
    text = "\x1f".join(intent.op_key for intent in intents)
    return hashlib.sha256(text.encode()).hexdigest()[:REQUEST_ID_LENGTH]
