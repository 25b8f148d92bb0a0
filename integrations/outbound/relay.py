"""From what happened to what is owed: reads the events of billing, each once, and has sync jobs made of them."""

from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Min, QuerySet

from billing import events
from billing.models import OutboxEvent, Wake
from integrations.outbound import wishes
from integrations.outbound.relay_table import plan
from regentra import clock
from tenants.scope import current_organization_id, within

log = structlog.get_logger()

# So that one organization's ten thousand events keep nobody else's waiting for more than a second.
BATCH = 200


def relay(organization_id: UUID) -> int:
    """Turns all unrelayed events of an organization into jobs. May run twice or at once in two places."""
    told = 0
    while batch := relay_some(organization_id):
        told += batch
    return told


def relay_some(organization_id: UUID) -> int:
    """The oldest ones only; says how many. What is left keeps the organization among those that wait.

    One that breaks holds up no other; it is tried again with the next ones.
    """
    with within(organization_id):
        rows = _claimed()
        told = _planned(rows)
        is_left = len(rows) == BATCH or len(told) < len(rows)
        while len(rows) == BATCH and not told:
            rows = list(_unread().filter(pk__gt=rows[-1].pk)[:BATCH])
            told = _planned(rows)
        OutboxEvent.objects.filter(pk__in=told).update(relayed_at=clock.now())
        if is_left:
            Wake.objects.create(organization_id=organization_id)
        return len(told)


def waiting_organizations(limit: int) -> list[UUID]:
    """Organizations whose wake-up may have been lost, longest first."""
    first = Wake.objects.values("organization_id").annotate(first=Min("id")).order_by("first")
    return list(first.values_list("organization_id", flat=True)[:limit])


def _claimed() -> list[OutboxEvent]:
    wishes.choose_company(alone=False)
    # The wake rows go first: an event recorded meanwhile brings its own, which this transaction does not see. Those
    # that another worker holds are left to it.
    wakes = Wake.objects.filter(organization_id=current_organization_id())
    held = wakes.select_for_update(skip_locked=True).values_list("pk", flat=True)
    Wake.objects.filter(pk__in=list(held)).delete()
    return list(_unread()[:BATCH])


def _unread() -> QuerySet[OutboxEvent]:
    """The oldest first; those that another worker holds are left to it."""
    rows = OutboxEvent.objects.filter(relayed_at=None).order_by("id")
    return rows.select_for_update(skip_locked=True)


def _planned(rows: list[OutboxEvent]) -> list[int]:
    """The events whose jobs are made: all together, or each by itself where one of them breaks."""
    if not rows or _are_planned(rows):
        return [row.pk for row in rows]
    return [row.pk for row in rows if _are_planned([row])]


def _are_planned(rows: list[OutboxEvent]) -> bool:
    try:
        with transaction.atomic():
            for row in rows:
                plan(events.from_payload(row.kind, row.payload))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(rows) == 1:
            log.exception(
                "relay broke", organization=str(current_organization_id()), of=rows[0].kind
            )
        return False
    return True
