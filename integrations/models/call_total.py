"""What is left of the call ledger when its lines have gone."""

from typing import ClassVar

from django.db import models

from integrations.models.api_call import CallLane
from integrations.models.connection import Connection
from tenants.tables import TenantForeignKey, TenantModel


class CallTotal(TenantModel):
    """The calls of one calendar month (UTC) that are no longer kept one by one, by kind and lane.

    ``parts`` counts what travelled in batches one by one; ``duration_ms`` is the sum of all calls.
    """

    connection = TenantForeignKey(Connection, models.CASCADE, related_name="call_totals")
    month = models.DateField(help_text="its first day")
    kind = models.CharField(max_length=20, blank=True)
    lane = models.CharField(max_length=6, choices=CallLane.choices)
    calls = models.BigIntegerField(default=0)
    parts = models.BigIntegerField(default=0)
    metered = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    duration_ms = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "connection", "month", "kind", "lane"],
                name="one_total_of_a_month",
            )
        ]

    def __str__(self) -> str:
        return f"{self.calls} {self.kind} calls in {self.month:%Y-%m}"
