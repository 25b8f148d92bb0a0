"""What vendors told us, each event once."""

import uuid
from typing import ClassVar

from django.db import models

from regentra import clock
from tenants.models import Organization


class Delivery(models.Model):
    """One event of a vendor's webhook: a doorbell, never the truth about a document.

    A platform table, because it is written before the organization is known: ids, hashes, times and counters only. An
    event that leads to no organization keeps its text, sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vendor = models.CharField(max_length=40)
    event_hash = models.CharField(max_length=64, unique=True)
    account_hash = models.CharField(max_length=64, blank=True)
    organization = models.ForeignKey(Organization, models.CASCADE, null=True, related_name="+")
    connection_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40, blank=True)
    remote_id = models.CharField(max_length=64, blank=True)
    merged_away_id = models.CharField(max_length=64, blank=True)
    operation = models.CharField(max_length=20, blank=True)
    event_at = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)
    handed_over_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    body_sealed = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "connection_id", "received_at"],
                condition=models.Q(handed_over_at__isnull=True, organization__isnull=False),
                name="deliveries_waiting",
            ),
            models.Index(fields=["received_at"], name="deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} {self.kind} {self.operation}".strip()
