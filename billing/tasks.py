"""Celery's part in billing: wakes up what is due by the calendar. What is due is in the database."""

from uuid import UUID

import structlog
from celery import shared_task

from billing.home import local_today
from billing.services import agreements
from regentra import clock
from tenants.models import Organization
from tenants.scope import within

log = structlog.get_logger()

# Then other messages get a turn at this worker.
SHIFT_SECONDS = 20.0


@shared_task
def bill_agreements(after: str = "") -> None:
    """Agreements whose day has come: organizations in the order of their ids, from the one that comes ``after``.

    Goes on in another message when the shift is over. Should that one be lost, the next hour does it.
    """
    ends_at = clock.ticks() + SHIFT_SECONDS
    behind = Organization.objects.filter(pk__gt=after) if after else Organization.objects.all()
    for organization_id in list(behind.order_by("pk").values_list("pk", flat=True)):
        _bill(organization_id)
        if clock.ticks() >= ends_at:
            bill_agreements.delay(str(organization_id))
            return


def _bill(organization_id: UUID) -> None:
    """What fails in a way nobody foresaw holds up no other organization."""
    try:
        with within(organization_id):
            agreements.bill_due(local_today())
    except Exception:
        log.exception("billing of agreements broke", organization=str(organization_id))
