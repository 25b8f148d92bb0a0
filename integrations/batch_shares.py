"""What a document that travelled with others has cost: its share of each batch. Runs inside ``within()``."""

from uuid import UUID

from django.db.models import Q

from integrations.documents import Kind
from integrations.models import Batch, Intent
from regentra import clock

MOST_WRITES = 50


def batch_shares(kind: Kind, local_id: UUID) -> list[str]:
    """Such as ["1/30", "1/4"], oldest first: of how many documents' batches it was one."""
    found = Q()
    for write in _writes(kind, local_id):
        found |= _batches_of(write)
    if not found:
        return []
    together = Batch.objects.filter(found).order_by("created_at")
    return [f"1/{len(ids)}" for ids in together.values_list("intent_ids", flat=True)]


def _writes(kind: Kind, local_id: UUID) -> list[Intent]:
    """The newest ones; the others are history."""
    writes = Intent.objects.filter(kind=kind, local_id=local_id)
    return list(writes.order_by("-created_at")[:MOST_WRITES])


def _batches_of(write: Intent) -> Q:
    """A batch is made after its writes and before they are settled, so the index on time narrows it down."""
    return Q(
        connection_id=write.connection_id,
        created_at__gte=write.created_at,
        created_at__lte=write.settled_at or clock.now(),
        intent_ids__contains=[write.pk],
    )
