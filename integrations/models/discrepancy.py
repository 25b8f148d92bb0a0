"""What differs between the sides and waits for a person's decision."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from billing.money import Money
from integrations.documents import Held, Kind, currency_of, from_json, to_json
from integrations.models.connection import Connection
from regentra import clock
from tenants.tables import TenantForeignKey, TenantModel


class Discrepancy(TenantModel):
    """One difference, one task. Opened once per document and reason; closes when the difference is gone.

    ``seen`` is what else was seen of theirs: number, total and balance in minor units, when it was made and changed.
    ``keeps_out`` says that theirs is to be brought in, unless somebody says that it is one of ours.
    """

    connection = TenantForeignKey(Connection, models.PROTECT, related_name="discrepancies")
    kind = models.CharField(max_length=20)
    remote_id = models.CharField(max_length=40, blank=True)
    remote_version = models.CharField(max_length=40, blank=True)
    local_id = models.UUIDField(null=True)
    reason_code = models.CharField(max_length=60)
    sentence = models.TextField()
    ours = models.JSONField(default=dict)
    theirs = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    keeps_out = models.BooleanField(default=False, db_default=False)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "connection", "kind", "remote_id", "reason_code"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_discrepancy",
            )
        ]

    @staticmethod
    def what_was_seen(held: Held) -> dict[str, Any]:
        """The columns that keep what they hold, as `held` gives it back."""
        return {
            "remote_version": held.version,
            "theirs": {} if held.document is None else to_json(held.document),
            "seen": {
                "number": held.number,
                "total_minor": held.total.minor if held.total else None,
                "balance_minor": held.balance.minor if held.balance else None,
                "created_at": held.created_at.isoformat() if held.created_at else None,
                "updated_at": held.updated_at.isoformat() if held.updated_at else None,
            },
        }

    def held(self) -> Held:
        """Theirs as it was when somebody was asked."""
        document = from_json(self.theirs) if self.theirs else None
        currency = currency_of(document)
        return Held(
            Kind(self.kind),
            self.remote_id,
            self.remote_version,
            document,
            created_at=_moment(self.seen.get("created_at")),
            updated_at=_moment(self.seen.get("updated_at")),
            total=_amount(self.seen.get("total_minor"), currency),
            balance=_amount(self.seen.get("balance_minor"), currency),
            number=self.seen.get("number", ""),
        )


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _amount(minor: int | None, currency: str) -> Money | None:
    return Money(minor, currency) if minor is not None and currency else None
