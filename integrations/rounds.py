"""Whose turn it is to be looked over: every organization each 15 minutes, spread over that time.

The rows are the cursor: taking one moves it on, so a worker that dies, or several at once, go on where the others are.
"""

from datetime import timedelta
from random import random
from uuid import UUID

from django.db import transaction

from integrations.models import Round
from regentra import clock
from tenants.models import Organization

EVERY = timedelta(minutes=15)


def enrol() -> None:
    """Gives each new organization a moment of its own within the 15 minutes."""
    now = clock.now()
    known = Round.objects.values("organization_id")
    new = Organization.objects.exclude(pk__in=known).values_list("pk", flat=True)
    Round.objects.bulk_create(
        (Round(organization_id=each, due_at=now + random() * EVERY) for each in new),
        ignore_conflicts=True,
    )


def ask_for(organization_id: UUID) -> None:
    """This organization is looked over within seconds of the commit, because there is something to tell it."""
    Round.objects.update_or_create(
        organization_id=organization_id, defaults={"due_at": clock.now()}
    )


def take_next() -> UUID | None:
    """The organization that waits longest, or None when none is due; it is due again in 15 minutes."""
    now = clock.now()
    with transaction.atomic():
        waiting = Round.objects.select_for_update(skip_locked=True).filter(due_at__lte=now)
        row = waiting.order_by("due_at").first()
        if row is None:
            return None
        row.due_at = now + EVERY
        row.save(update_fields=["due_at"])
    return row.organization_id
