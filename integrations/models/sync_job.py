"""What is owed to the other side: one wish per document, however often it was edited."""

from typing import ClassVar

from django.db import models

from integrations.documents import Kind
from integrations.job_states import JobState
from integrations.models.connection import Connection
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class SyncJob(TenantModel):
    """The wish "this document should look the same over there".

    ``wanted`` rises with every change here, ``done`` becomes the version that was composed for the answer that came
    back; while they differ the job is not finished, so an edit during a send does not vanish.

    ``next_attempt_at`` of one that is Blocked is the night that it goes in at the earliest, where it waited for one.

    ``posted_on`` is the day under which the document goes over there because its own, ``instead_of``, lies in closed
    books; it holds as long as its own day stays that one.

    ``withheld`` says that something of ours was not sent when it was put together last, as QuickBooks owns that field
    by the sync rules. ``ours_by_answer`` names the parts that go all the same, as a person has decided, until they
    have gone.
    """

    connection = TenantForeignKey(Connection, models.PROTECT, related_name="jobs")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    local_id = models.UUIDField()
    rank = models.PositiveSmallIntegerField()
    wanted = models.PositiveIntegerField(default=1)
    done = models.PositiveIntegerField(default=0)
    state = models.CharField(
        max_length=10, choices=[(state.value, state.value) for state in JobState]
    )
    urgent = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    tried_since = models.DateTimeField(null=True, help_text="the first attempt since it is pending")
    incarnation = models.PositiveIntegerField(
        default=1, help_text="rises when somebody decides to make the document over there again"
    )
    refusals = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    withheld = models.BooleanField(default=False, db_default=False)
    ours_by_answer = models.JSONField(default=list, db_default=[])
    posted_on = models.DateField(null=True)
    instead_of = models.DateField(null=True)
    waits_for = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    reason_code = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    state_since = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "connection", "kind", "local_id"],
                name="one_job_per_document",
            ),
            models.CheckConstraint(
                condition=models.Q(done__lte=models.F("wanted")), name="done_not_ahead"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="synced") | models.Q(done=models.F("wanted")),
                name="synced_means_done",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "connection", "-urgent", "rank", "next_attempt_at"],
                condition=models.Q(state="pending"),
                name="jobs_in_order",
            ),
            models.Index(
                fields=["organization", "connection", "next_attempt_at"],
                condition=models.Q(state="pending"),
                name="jobs_by_moment",
            ),
            models.Index(fields=["organization", "kind", "local_id"], name="jobs_of_document"),
            models.Index(fields=["organization", "state", "state_since"], name="jobs_by_state"),
        ]

    @property
    def is_moving(self) -> bool:
        """Whether this changes by itself soon."""
        return self.state == JobState.PENDING
