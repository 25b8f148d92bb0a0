"""What we are about to write, committed before the call and settled by its answer."""

from typing import ClassVar

from django.db import models

from integrations.documents import Kind, Operation
from integrations.models.connection import Connection
from integrations.models.sync_job import SyncJob
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class IntentState(models.TextChoices):
    """How far a write has come. Only OPEN ones may still have happened without our knowing."""

    OPEN = "open", "Sent or about to be; no answer stored yet"
    ANSWERED = "answered", "The answer is stored"
    ADOPTED = "adopted", "Found over there after a lost answer"
    REFUSED = "refused", "Definitely not written"


class Intent(TenantModel):
    """One write, fixed to the byte. While its outcome is unknown nothing in it changes.

    ``send_deadline`` is the last moment a worker may put it on the wire, so a copy can appear over there until
    ``send_deadline`` plus the vendor's cut-off and no later. ``may_exist_since`` is set in safe mode: an earlier
    write of the same may have been forgotten, so what it made is looked for from then on.
    """

    connection = TenantForeignKey(Connection, models.PROTECT, related_name="intents")
    job = TenantForeignKey(SyncJob, models.PROTECT, related_name="intents")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    local_id = models.UUIDField()
    operation = models.CharField(max_length=10, choices=[(op.value, op.value) for op in Operation])
    op_key = models.CharField(max_length=64)
    marker = models.CharField(max_length=12)
    body = models.TextField()
    document = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    target_id = models.CharField(max_length=40, blank=True)
    target_version = models.CharField(max_length=40, blank=True)
    epoch = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=IntentState.choices, default=IntentState.OPEN)
    created_at = models.DateTimeField(default=clock.now)
    send_deadline = models.DateTimeField()
    may_exist_since = models.DateTimeField(null=True)
    sends = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "connection", "kind", "local_id"],
                condition=models.Q(state="open"),
                name="one_open_intent_per_document",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "connection", "marker"], name="intent_by_marker"),
            models.Index(
                fields=["organization", "kind", "local_id", "created_at"],
                name="intents_of_document",
            ),
        ]
