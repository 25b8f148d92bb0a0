"""Deliveries as rows: written once, found again while they wait."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection as database

from integrations import gateway, sealed
from integrations.gateway import Event
from tenants.models import Route
from webhooks.models import Delivery

# An event says when it happened; what is further off than this is no time anybody meant.
PLAUSIBLE = timedelta(days=400)
# What is known of an event before it is known whose it is, with the type of each column.
TOLD = {
    "id": "uuid",
    "vendor": "text",
    "event_hash": "text",
    "account_hash": "text",
    "kind": "text",
    "remote_id": "text",
    "merged_away_id": "text",
    "operation": "text",
    "event_at": "timestamptz",
    "received_at": "timestamptz",
    "attempts": "integer",
    "body_sealed": "text",
}
PLACES = f"({', '.join(f'%s::{kind}' for kind in TOLD.values())})"
# Every post does this, several hundred times a second, so it is one statement: all events or none, whose they are is
# found by the way, and one that is kept already stays as it is. What leads somewhere keeps no text.
INSERT = f"""
    INSERT INTO webhooks_delivery ({", ".join(TOLD)}, organization_id, connection_id)
    SELECT {", ".join(f"told.{name}" for name in TOLD if name != "body_sealed")},
        CASE WHEN route.id IS NULL THEN told.body_sealed ELSE '' END,
        route.organization_id, route.object_id
    FROM (VALUES {{values}}) AS told ({", ".join(TOLD)})
    LEFT JOIN tenants_route route ON route.kind = %s AND route.key_hash = told.account_hash
    WHERE %s::uuid IS NULL OR route.organization_id = %s::uuid
    ON CONFLICT DO NOTHING
"""  # noqa: S608


def store(
    vendor: str, route_kind: str, events: Iterable[Event], *, only: UUID | None = None
) -> None:
    """Writes each event once, however often it is delivered, under the organization it leads to.

    Of what ``only`` one organization's app says, whatever does not concern a company of its own is not kept.
    """
    # Each once and in one order, so that two posts of the same events do not wait for each other.
    by_hash = {row.event_hash: row for row in (_row(vendor, event) for event in events)}
    rows = [by_hash[key] for key in sorted(by_hash)]
    if not rows:
        return
    told = [getattr(row, name) for row in rows for name in TOLD]
    with database.cursor() as cursor:
        statement = INSERT.format(values=", ".join([PLACES] * len(rows)))
        cursor.execute(statement, [*told, route_kind, only, only])


def waiting_places() -> list[tuple[UUID, UUID]]:
    """The (organization, connection) pairs with deliveries not yet handed over."""
    waiting = _waiting().order_by("organization_id", "connection_id")
    return list(waiting.values_list("organization_id", "connection_id").distinct())


def waiting_rows(organization_id: UUID, connection_id: UUID, limit: int) -> list[UUID]:
    """The keys of the waiting ones that were tried least often, the oldest first."""
    rows = _waiting().filter(organization_id=organization_id, connection_id=connection_id)
    return list(rows.order_by("attempts", "received_at").values_list("pk", flat=True)[:limit])


def claim_waiting(
    organization_id: UUID, connection_id: UUID, limit: int, *, only: UUID | None = None
) -> list[Delivery]:
    """The oldest waiting ones, or ``only`` one, locked until the transaction ends; those another worker holds are left
    to it.
    """
    rows = _waiting().filter(organization_id=organization_id, connection_id=connection_id)
    if only is not None:
        rows = rows.filter(pk=only)
    locked = rows.select_for_update(skip_locked=True, of=("self",))
    return list(locked.order_by("attempts", "received_at")[:limit])


def event_of(row: Delivery) -> Event:
    """The event again, without the account: the connection stands for it from here on."""
    return Event(
        key=row.event_hash,
        account="",
        kind=gateway.kind_named(row.kind),
        remote_id=row.remote_id,
        operation=row.operation,
        at=row.event_at,
        merged_away_id=row.merged_away_id,
    )


def _waiting() -> Any:
    return Delivery.objects.filter(handed_over_at__isnull=True, organization__isnull=False)


def _row(vendor: str, event: Event) -> Delivery:
    row = Delivery(vendor=vendor, event_hash=_hash(vendor, event.account, event.key))
    row.event_at = _moment(event.at, row.received_at)
    row.account_hash = Route.hash_of(event.account)
    row.kind, row.operation = event.kind or "", event.operation
    row.remote_id, row.merged_away_id = event.remote_id, event.merged_away_id
    sealed.write(row, "body", json.dumps(asdict(event), default=str))
    return row


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _moment(told: datetime | None, now: datetime) -> datetime:
    return told if told is not None and abs(told - now) < PLAUSIBLE else now
