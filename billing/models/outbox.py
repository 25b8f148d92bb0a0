"""What happened and has not been told yet."""

from typing import ClassVar

from django.db import models

from regentra import clock
from tenants.tables import TenantLog


class OutboxEvent(TenantLog):
    """An event in the same transaction as the change it tells of; `relayed_at` once it is told."""

    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=clock.now)
    relayed_at = models.DateTimeField(null=True)

    class Meta(TenantLog.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "id"],
                name="outbox_unrelayed",
                condition=models.Q(relayed_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Wake(models.Model):
    """An organization has something to relay. Inserted, never updated, so nobody queues on a row."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        "tenants.Organization", models.CASCADE, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"wake {self.organization_id}"
