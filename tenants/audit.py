"""The audit log: one line for each thing a person or the system did."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from tenants.models import AuditEntry, User

# What an origin is called, by its first part.
ELSEWHERE = {"quickbooks_online": "QuickBooks", "stripe_payments": "Stripe"}


def record(
    action: str,
    *,
    actor: User | None = None,
    object_kind: str = "",
    object_id: UUID | str = "",
    **detail: Any,
) -> None:
    """Adds a line in the current transaction and organization. ``detail`` must hold no secret."""
    AuditEntry.objects.create(
        actor=actor,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        detail=detail,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says of one object among many to which the same was done."""

    object_id: UUID
    detail: dict[str, Any]


def record_all(action: str, object_kind: str, lines: Iterable[Line]) -> None:
    """Adds a line for each object, in one statement. Nobody in person did it."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            action=action,
            object_kind=object_kind,
            object_id=str(line.object_id),
            detail=line.detail,
        )
        for line in lines
    )


def who(entry: AuditEntry) -> str:
    """A person; where nobody in person did it, the place it came from, or Regentra itself."""
    if entry.actor:
        return str(entry.actor)
    origin = str(entry.detail.get("origin", "")).partition(":")[0]
    return ELSEWHERE.get(origin, "Regentra")


def last_to_change(row: Model, field: str = "", *, since: datetime) -> str:
    """Who changed this field of the row last, or anything of it; empty where no line since this moment says so."""
    lines = AuditEntry.objects.filter(
        object_kind=type(row).__name__.lower(),
        object_id=str(row.pk),
        at__gte=since,
    )
    if field:
        lines = lines.filter(detail__fields__contains=[field])
    line = lines.select_related("actor").order_by("-id").first()
    return who(line) if line else ""
