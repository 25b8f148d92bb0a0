"""Several writes that travel in one call."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from integrations.models.connection import Connection
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class Batch(TenantModel):
    """One batch, committed before it is sent: which writes, in which order, under which request id.

    A write's place in ``intent_ids``, from 1, is its name inside the batch. The outcome is stored with each write; one
    whose answer was lost is looked for, never assumed. ``request_id`` comes from the writes' own keys, so the same
    writes make the same batch.
    """

    connection = TenantForeignKey(Connection, models.CASCADE, related_name="batches")
    intent_ids = ArrayField(models.UUIDField())
    request_id = models.CharField(max_length=36)
    epoch = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "connection", "created_at"], name="batches_by_time"
            ),
        ]
