"""Which document of ours is which document of theirs, and what both sides agreed on last."""

from typing import ClassVar

from django.db import models

from integrations.documents import Document, Kind, from_json
from integrations.models.connection import Connection
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class Link(TenantModel):
    """One document on both sides.

    ``ours`` is what we sent or agreed to, ``theirs`` what the other side made of it; each side is compared with its own
    half, because a vendor adds defaults and re-flows addresses. ``variance_minor`` is their total minus ours, in minor
    units of the document's currency. ``ripples_until`` marks a document that a write of ours has moved over there, so
    that its change event costs no read. ``taken`` says of an invoice of ours which parts stand there as they were taken
    here, in other words than ours (`outbound/as_taken.py`), of a payment the account that it goes back to, and of an
    expense its purchase tax as it was taken.
    """

    connection = TenantForeignKey(Connection, models.PROTECT, related_name="links")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    local_id = models.UUIDField()
    remote_id = models.CharField(max_length=40)
    remote_version = models.CharField(max_length=40)
    remote_updated_at = models.DateTimeField(null=True)
    remote_number = models.CharField(max_length=40, blank=True)
    ours = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    theirs = models.JSONField(null=True)
    their_fingerprint = models.CharField(max_length=64, blank=True)
    their_total_minor = models.BigIntegerField(null=True)
    variance_minor = models.BigIntegerField(default=0)
    made_by_us = models.BooleanField(default=True)
    taken = models.JSONField(default=dict, db_default={})
    ripples_until = models.DateTimeField(null=True)
    linked_at = models.DateTimeField(default=clock.now)
    agreed_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "connection", "kind", "local_id"], name="link_ours_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "connection", "kind", "remote_id"], name="link_theirs_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "connection"],
                condition=~models.Q(variance_minor=0),
                name="links_that_vary",
            )
        ]

    def our_document(self) -> Document:
        """What we last sent or agreed to."""
        return from_json(self.ours)

    def their_document(self) -> Document | None:
        """What the other side last held; None when it was linked without being read."""
        return from_json(self.theirs) if self.theirs else None
