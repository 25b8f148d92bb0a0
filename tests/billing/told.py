"""Reads back what services wrote down."""

from billing import events
from billing.models import OutboxEvent
from tenants.models import AuditEntry


def told() -> list[events.Event]:
    """Every event of the organization in force, oldest first."""
    rows = OutboxEvent.objects.order_by("id")
    return [events.from_payload(row.kind, row.payload) for row in rows]


def told_since(count: int) -> list[events.Event]:
    """The events after the first so many."""
    return told()[count:]


def actions(object_id: object) -> list[str]:
    """The audit log's actions on one object, oldest first."""
    rows = AuditEntry.objects.filter(object_id=str(object_id)).order_by("id")
    return list(rows.values_list("action", flat=True))
