"""Hands stored events over to the inbound side, where each marks a document as changed."""

from uuid import UUID

import structlog
from celery import shared_task
from django.db.models import F

from integrations.inbound import doorbells
from regentra import clock, keeping
from regentra.removing import remove_all
from tenants.scope import within
from webhooks import stored
from webhooks.models import Delivery

log = structlog.get_logger()

AT_ONCE = 500
# The timetable sends another one, so that those of an hour without workers are not gone through one by one.
EXPIRES_SECONDS = 10


@shared_task
def hand_over() -> None:
    """Everything that waits, company by company; one that fails does not hold up the others."""
    for organization_id, connection_id in stored.waiting_places():
        try:
            while _hand_over(organization_id, connection_id) == AT_ONCE:
                pass
        except Exception:
            log.exception("hand-over failed", connection=str(connection_id))
            _hand_over_one_by_one(organization_id, connection_id)


def hand_over_soon() -> None:
    """Has a worker hand over; costs nothing when nobody took the message in time."""
    hand_over.apply_async(expires=EXPIRES_SECONDS)


@shared_task
def forget_old() -> None:
    """Removes deliveries past their keeping, a little at a time."""
    remove_all(Delivery.objects.filter(received_at__lt=clock.now() - keeping.WEBHOOKS))


def _hand_over(organization_id: UUID, connection_id: UUID, only: UUID | None = None) -> int:
    """Rings and marks in one transaction, so a crash in between rings again and loses nothing."""
    with within(organization_id):
        rows = stored.claim_waiting(organization_id, connection_id, AT_ONCE, only=only)
        doorbells.ring(organization_id, connection_id, [stored.event_of(row) for row in rows])
        handed = Delivery.objects.filter(pk__in=[row.pk for row in rows])
        return handed.update(handed_over_at=clock.now(), attempts=F("attempts") + 1)


def _hand_over_one_by_one(organization_id: UUID, connection_id: UUID) -> None:
    """What is wrong with one row holds up no other; only that one counts as tried."""
    for row_id in stored.waiting_rows(organization_id, connection_id, AT_ONCE):
        try:
            _hand_over(organization_id, connection_id, only=row_id)
        except Exception:
            log.exception("hand-over of one failed", delivery=str(row_id))
            Delivery.objects.filter(pk=row_id).update(attempts=F("attempts") + 1)
