"""Which connections have work, for the scheduler to see before any tenant is known."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Case, When
from django.db.models.functions import Greatest, Least

from regentra import clock
from tenants.models import Organization

# How a turn ends that nothing stopped.
THROUGH = "through"


class SyncDue(models.Model):
    """When a connection is next to be served, and who is serving it now.

    ``send_due_at`` and ``sweep_due_at`` change in the transaction that changes what is owed. ``lease_token`` rises with
    each lease, so a worker that wakes up late finds that it has lost it.

    ``urgent`` says that a person waits for something that is owed. ``active_at`` is when something last went on there;
    a company that sleeps is looked at rarely. ``ready_at`` is the moment from which a worker may take it up: the
    earlier of what is due, but not while it is paused or leased. The scheduler looks for nothing else, so idle ones
    cost nothing. ``look_asked`` says that a person wants the next look. ``reads_on`` is the last day (UTC) on which the
    company took metered reads, ``reads_used`` how many. ``safe_since`` is when it entered safe mode
    (`integrations/outbound/safe_mode.py`).
    ``last_result`` is how the last turn ended: THROUGH, or the name of the error that ended it. ``failing_since`` is
    when the first turn failed since one last went through; turns that leave out what failed change neither.
    """

    connection_id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    send_due_at = models.DateTimeField(null=True)
    sweep_due_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.BigIntegerField(default=0)
    last_served_at = models.DateTimeField(null=True)
    urgent = models.BooleanField(default=False)
    active_at = models.DateTimeField(null=True)
    safe_since = models.DateTimeField(null=True)
    last_result = models.CharField(max_length=40, blank=True)
    failing_since = models.DateTimeField(null=True)
    look_asked = models.BooleanField(default=False)
    reads_on = models.DateField(null=True)
    reads_used = models.PositiveIntegerField(default=0)
    ready_at = models.GeneratedField(
        expression=Case(
            When(send_due_at__isnull=True, sweep_due_at__isnull=True, then=None),
            # PostgreSQL's LEAST and GREATEST pass over what is NULL.
            default=Greatest(Least("send_due_at", "sweep_due_at"), "paused_until", "lease_until"),
        ),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["ready_at"],
                include=["urgent", "last_served_at", "connection_id", "organization"],
                condition=models.Q(ready_at__isnull=False),
                name="ready_to_serve",
            ),
        ]

    def __str__(self) -> str:
        return f"connection {self.connection_id}"

    @property
    def pause_ends_at(self) -> datetime | None:
        """Until when the other side asked us to leave it alone; None once that is over."""
        is_paused = self.paused_until is not None and self.paused_until > clock.now()
        return self.paused_until if is_paused else None
