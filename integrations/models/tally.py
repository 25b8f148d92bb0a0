"""What is counted for whoever watches the installation: counters and states, without names or documents.

Platform tables, because they are summed over all organizations at once. Each row is of one connection, which one worker
serves at a time, so nobody queues on a row that all share.
"""

from typing import ClassVar

from django.db import models

from tenants.models import Organization


class Tally(models.Model):
    """A counter that only rises: how often something of this ``name``, ``kind`` and ``code`` came about."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+", db_index=False)
    connection_id = models.UUIDField()
    name = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=60, blank=True)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["connection_id", "name", "kind", "code"], name="one_tally_of_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.kind} {self.code}"


class CompanyCount(models.Model):
    """How a connection stood when last looked at: its status, documents that are not through, open differences."""

    connection_id = models.UUIDField(primary_key=True)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+", db_index=False)
    status = models.CharField(max_length=16)
    pending = models.PositiveIntegerField(default=0)
    blocked = models.PositiveIntegerField(default=0)
    errored = models.PositiveIntegerField(default=0)
    differences = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"connection {self.connection_id}"
