"""What the connected company has in its lists, so that a push never has to ask."""

from typing import ClassVar

from django.db import models

from integrations.documents import ListKind
from integrations.models.connection import Connection
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class MirrorEntry(TenantModel):
    """One customer, item, account, term … over there. Filled at connect, kept up by the change feed."""

    connection = TenantForeignKey(Connection, models.CASCADE, related_name="mirror")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in ListKind])
    remote_id = models.CharField(max_length=40)
    name = models.CharField(max_length=500)
    name_key = models.CharField(max_length=500)
    email_key = models.CharField(max_length=200, blank=True)
    phone_key = models.CharField(max_length=30, blank=True)
    active = models.BooleanField(default=True)
    detail = models.JSONField(default=dict)
    remote_version = models.CharField(max_length=40, blank=True)
    seen_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "connection", "kind", "remote_id"], name="mirror_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "connection", "kind", "name_key"], name="mirror_by_name"
            ),
            models.Index(
                fields=["organization", "connection", "kind", "email_key"], name="mirror_by_email"
            ),
            models.Index(
                fields=["organization", "connection", "kind", "phone_key"], name="mirror_by_phone"
            ),
        ]

    @property
    def above(self) -> str:
        """The entry of theirs that it is a part of, or ""."""
        return str(self.detail.get("parent", ""))
