"""Deliveries as rows: written once, found again while they wait."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection as database

from integrations import gateway, sealed
from integrations.gateway import Event
from tenants.models import Route
from webhooks.models import Delivery

# An event says when it happened; what is further off than this is no time anybody meant.
PLAUSIBLE = timedelta(days=400)
# Every post does both, several hundred times a second, so they are spared the making of a query.
FIELDS = Delivery._meta.concrete_fields
COLUMNS = ", ".join(str(field.column) for field in FIELDS)
INSERT = f"INSERT INTO {Delivery._meta.db_table} ({COLUMNS}) VALUES"
PLACES = f"({', '.join(['%s'] * len(FIELDS))})"
ROUTES = (
    "SELECT key_hash, organization_id, object_id FROM tenants_route"
    " WHERE kind = %s AND key_hash = ANY(%s)"
)


class Place(NamedTuple):
    """Where a company's events go."""

    organization_id: UUID
    connection_id: UUID


def store(vendor: str, route_kind: str, events: Iterable[Event]) -> None:
    """Writes each event once, however often it is delivered, under the organization it leads to."""
    wanted = list(events)
    routes = _routes(route_kind, {event.account for event in wanted})
    _insert([_row(vendor, event, routes.get(event.account)) for event in wanted])


def store_of(organization_id: UUID, vendor: str, route_kind: str, events: Iterable[Event]) -> None:
    """The same for what one organization's own app says: whatever concerns another company is not kept."""
    wanted = list(events)
    routes = _routes(route_kind, {event.account for event in wanted})
    theirs = {
        account for account, place in routes.items() if place.organization_id == organization_id
    }
    store(vendor, route_kind, [event for event in wanted if event.account in theirs])


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


def _routes(kind: str, accounts: set[str]) -> dict[str, Place]:
    by_hash = {Route.hash_of(account): account for account in accounts}
    with database.cursor() as cursor:
        cursor.execute(ROUTES, [kind, list(by_hash)])
        return {by_hash[key]: Place(*place) for key, *place in cursor.fetchall()}


def _row(vendor: str, event: Event, place: Place | None) -> Delivery:
    row = Delivery(vendor=vendor, event_hash=_hash(vendor, event.account, event.key))
    row.event_at = _moment(event.at, row.received_at)
    row.account_hash = Route.hash_of(event.account)
    row.kind, row.operation = event.kind or "", event.operation
    row.remote_id, row.merged_away_id = event.remote_id, event.merged_away_id
    if place is None:
        sealed.write(row, "body", json.dumps(asdict(event), default=str))
    else:
        row.organization_id, row.connection_id = place
    return row


def _insert(rows: list[Delivery]) -> None:
    """In one statement, so all or none; one that is kept already stays as it is."""
    if not rows:
        return
    values = ", ".join([PLACES] * len(rows))
    with database.cursor() as cursor:
        cursor.execute(
            f"{INSERT} {values} ON CONFLICT DO NOTHING",
            [getattr(row, field.attname) for row in rows for field in FIELDS],
        )


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _moment(told: datetime | None, now: datetime) -> datetime:
    return told if told is not None and abs(told - now) < PLAUSIBLE else now
