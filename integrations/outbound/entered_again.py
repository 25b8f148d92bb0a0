"""What a restore has lost here and is in QuickBooks, and staff have entered once more: it is taken for that document.

Runs inside ``within()``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from integrations.documents import Held, Kind
from integrations.models import Connection, Discrepancy, Link, SyncJob
from integrations.outbound import cursor
from integrations.outbound.effects import Work
from integrations.outbound.recognise import (
    CLOCK_ALLOWANCE,
    MADE_BY_LOST,
    is_entered_again,
)
from regentra import clock

KINDS = (Kind.INVOICE, Kind.CREDIT_MEMO, Kind.PAYMENT, Kind.EXPENSE, Kind.REFUND_RECEIPT)


@dataclass(slots=True)
class Lost:
    """What staff are asked about, as it was then. Of one round, in which each is claimed once."""

    unclaimed: list[Held]

    @classmethod
    def among(cls, connection: Connection, new: Iterable[SyncJob]) -> "Lost":
        """What these may be, of which nothing is there."""
        kinds = {job.kind for job in new}.intersection(KINDS)
        if not kinds:
            return cls([])
        there = Link.objects.filter(
            connection=connection, kind=OuterRef("kind"), remote_id=OuterRef("remote_id")
        )
        asked = Discrepancy.objects.filter(
            ~Exists(there), connection=connection, kind__in=kinds, reason_code=MADE_BY_LOST
        )
        # Also what staff have left as it is; of what was asked about several times as it was last.
        last = {(one.kind, one.remote_id): one for one in asked.order_by("opened_at", "pk")}
        return cls([one.held() for one in last.values()])

    def claim(self, work: Work) -> str:
        """The id of the one that this document may be, or ""."""
        ours = work.open_intent.document if work.open_intent else work.document
        if ours is None:
            return ""
        alike = [one for one in self.unclaimed if is_entered_again(ours, one.document)]
        if not alike:
            return ""
        number = getattr(ours, "number", "")
        found = next((one for one in alike if number and one.number == number), alike[0])
        self.unclaimed.remove(found)
        return found.id


def close(connection: Connection, local_id: UUID, held: Held) -> None:
    """It has its counterpart here again. What else was done there to it, or was paid on it, was nobody's until now.

    Inside the lease, as `due.hold`.
    """
    asked = Discrepancy.objects.filter(
        connection=connection,
        kind=held.kind,
        remote_id=held.id,
        reason_code=MADE_BY_LOST,
        local_id=None,
    )
    claimed = asked.update(closed_at=clock.now(), local_id=local_id)
    if claimed and held.created_at is not None:
        cursor.look_back(connection.pk, held.created_at - CLOCK_ALLOWANCE)
