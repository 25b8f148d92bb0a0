"""The call ledger: every request we made, what it was for and what it cost."""

from typing import ClassVar

from django.db import models
from django.db.models import Case, Value, When

from integrations.models.connection import Connection
from tenants.tables import TenantForeignKey, TenantLog


class CallLane(models.TextChoices):
    """What kind of request it was: a write by itself, writes that travelled together, or a question."""

    SINGLE = "single", "One by one"
    BATCH = "batch", "Batch"
    READ = "read", "Reading"


class ApiCall(TenantLog):
    """One HTTP request to a vendor. ``reference`` is the vendor's own id for it, for their support.

    ``items`` is the number of parts of a batch, should the vendor count those. ``lane`` follows from the request: each
    write has a request id, and writes that travel together go to an address of their own.
    """

    connection = TenantForeignKey(Connection, models.CASCADE, related_name="calls")
    kind = models.CharField(max_length=20, blank=True)
    local_id = models.UUIDField(null=True)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField(null=True)
    metered = models.BooleanField()
    items = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    reference = models.CharField(max_length=100, blank=True)
    request_id = models.CharField(max_length=50, blank=True)
    outcome = models.CharField(max_length=40)
    lane = models.GeneratedField(
        expression=Case(
            When(request_id="", then=Value(CallLane.READ.value)),
            When(path__endswith="/batch", then=Value(CallLane.BATCH.value)),
            default=Value(CallLane.SINGLE.value),
        ),
        output_field=models.CharField(max_length=6, choices=CallLane.choices),
        db_persist=True,
    )

    class Meta(TenantLog.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "kind", "local_id", "id"], name="calls_of_document"
            ),
            models.Index(fields=["organization", "started_at"], name="calls_by_moment"),
        ]

    @property
    def lane_name(self) -> str:
        return CallLane(self.lane).label
