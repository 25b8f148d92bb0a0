"""The two traces that every change leaves: a line in the audit log and an event in the outbox."""

from typing import Any

from billing import outbox
from billing.events import Event
from tenants import audit
from tenants.models import User
from tenants.tables import TenantModel


def enter(
    event: Event, action: str, row: TenantModel, *, actor: User | None, **detail: Any
) -> None:
    """Writes both, in the current transaction. `action` is the model and a verb: invoice.sent."""
    if event.origin:
        detail["origin"] = event.origin
    note(action, row, actor=actor, **detail)
    outbox.record(event)


def note(action: str, row: TenantModel, *, actor: User | None, **detail: Any) -> None:
    """Writes the audit line alone, for what concerns nobody outside."""
    kind = action.partition(".")[0]
    audit.record(action, actor=actor, object_kind=kind, object_id=row.pk, **detail)


def actor_id(actor: User | None) -> Any:
    """The id for an event; None when nobody in person acted."""
    return actor.pk if actor else None
