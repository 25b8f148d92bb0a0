"""The audit log: one line for each thing a person or the system did."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tenants.models import AuditEntry, User


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
