"""Word from the other side that something changed there, not yet looked at."""

from datetime import timedelta
from typing import ClassVar

from django.db import models

from integrations.models.connection import Connection
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel

# A document whose mark is this old and that no answer has held is read by itself.
READ_ALONE_AFTER = timedelta(seconds=30)


class Doorbell(TenantModel):
    """Marks one document over there as changed. Closed by an answer that is later than ``event_at`` and holds it."""

    connection = TenantForeignKey(Connection, models.CASCADE, related_name="doorbells")
    kind = models.CharField(max_length=20)
    remote_id = models.CharField(max_length=40)
    event_at = models.DateTimeField()
    rung_at = models.DateTimeField(default=clock.now)
    deleted = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "connection", "kind", "remote_id"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_doorbell",
            )
        ]

    @classmethod
    def ring_again(cls, connection: Connection, kind: str, remote_id: str) -> None:
        """Has one document of theirs read and judged anew by the next look."""
        now = clock.now()
        cls.objects.update_or_create(
            connection=connection,
            kind=kind,
            remote_id=remote_id,
            closed_at=None,
            defaults={"event_at": now, "rung_at": now - READ_ALONE_AFTER},
        )
