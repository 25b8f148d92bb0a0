"""What the whole installation has spent, and its own pulse."""

import uuid
from typing import ClassVar

from django.db import models


class ReadBudget(models.Model):
    """The metered reads of one Intuit app in one calendar month (UTC), and on the last ``day`` that had any.

    ``refused_since`` is when the vendor began to refuse every read; until ``writes_only_until`` nobody reads.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client_hash = models.CharField(max_length=64)
    month = models.DateField()
    used = models.BigIntegerField(default=0)
    day = models.DateField(null=True)
    used_on_day = models.BigIntegerField(default=0)
    refused_since = models.DateTimeField(null=True)
    writes_only_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["client_hash", "month"], name="one_budget_a_month")
        ]

    def __str__(self) -> str:
        return f"reads in {self.month:%Y-%m}"


class Pulse(models.Model):
    """When something that should happen all the time last happened. A gap is an outage of our own."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
