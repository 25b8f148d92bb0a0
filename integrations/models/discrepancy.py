"""What differs between the sides and waits for a person's decision."""

from typing import ClassVar

from django.db import models

from integrations.models.connection import Connection
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class Discrepancy(TenantModel):
    """One difference, one task. Opened once per document and reason; closes when the difference is gone.

    ``seen`` is what else was seen of theirs, where a question needs it: number, total, balance, when it was made.
    """

    connection = TenantForeignKey(Connection, models.PROTECT, related_name="discrepancies")
    kind = models.CharField(max_length=20)
    remote_id = models.CharField(max_length=40, blank=True)
    remote_version = models.CharField(max_length=40, blank=True)
    local_id = models.UUIDField(null=True)
    reason_code = models.CharField(max_length=60)
    sentence = models.TextField()
    ours = models.JSONField(default=dict)
    theirs = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "connection", "kind", "remote_id", "reason_code"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_discrepancy",
            )
        ]
