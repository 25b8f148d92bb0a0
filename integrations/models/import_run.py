"""Bringing in what was made over there: how far it is, so that it goes on after anything."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from integrations.documents import Kind
from integrations.models.connection import Connection
from regentra import clock
from tenants import as_shown
from tenants.models import User
from tenants.tables import TenantForeignKey, TenantModel


class ImportState(models.TextChoices):
    """Where an import stands. Only those not over take a worker's time."""

    COUNTING = "counting", "Counting"
    COUNTED = "counted", "Waits for your word"
    RUNNING = "running", "Under way"
    DONE = "done", "Done"
    ENDED = "ended", "Ended"


OVER = (ImportState.DONE, ImportState.ENDED)


class ImportRun(TenantModel):
    """One import of a company.

    ``stage`` is the kind that is brought in now, ``position`` the place of the next page in its list and ``tail`` the
    ids the page before ended with. ``found`` is how many there are of each kind, ``looked_at`` how many have been
    looked at, ``brought`` how many of those are new here. ``calls`` were metered.
    """

    connection = TenantForeignKey(Connection, models.CASCADE, related_name="imports")
    state = models.CharField(
        max_length=8, choices=ImportState.choices, default=ImportState.COUNTING
    )
    stage = models.CharField(max_length=20, default=Kind.CUSTOMER.value)
    position = models.PositiveIntegerField(default=1)
    tail = models.JSONField(default=list)
    found = models.JSONField(default=dict)
    looked_at = models.JSONField(default=dict)
    brought = models.JSONField(default=dict)
    calls = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "connection"],
                condition=~Q(state__in=OVER),
                name="one_import_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"import of {self.connection_id}, {self.state}"

    @property
    def mark(self) -> str:
        """Of what was counted, for the word that it waits for."""
        return as_shown.mark(str(self.pk), str(self.found))

    @property
    def is_over(self) -> bool:
        return self.state in OVER
