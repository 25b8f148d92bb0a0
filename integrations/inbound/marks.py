"""Which document of ours a mark belongs to, when no write of ours with it is stored. Runs inside ``within()``."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from billing.models import CreditMemo, Invoice, Payment, Refund
from integrations.documents import Held, Kind
from integrations.models import Connection, SyncJob
from integrations.outbound import keys
from integrations.outbound.recognise import CLOCK_ALLOWANCE
from tenants.models import AuditEntry
from tenants.scope import current_organization_id

Marked = Invoice | CreditMemo | Payment | Refund

# As the history calls them (`integrations.connecting`).
CONNECTED, DISCONNECTED = "quickbooks.connected", "quickbooks.disconnected"

MARKED: dict[Kind, type[Marked]] = {
    Kind.INVOICE: Invoice,
    Kind.CREDIT_MEMO: CreditMemo,
    Kind.PAYMENT: Payment,
    Kind.EXPENSE: Refund,
    Kind.REFUND_RECEIPT: Refund,
}


@dataclass(frozen=True, slots=True)
class Time:
    """Between two moments a company was connected; ``end`` is None where it still is."""

    begin: datetime
    end: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Also where their clock is not ours."""
        is_before_end = self.end is None or moment <= self.end + CLOCK_ALLOWANCE
        return is_before_end and moment >= self.begin - CLOCK_ALLOWANCE


@dataclass(slots=True)
class Marks:
    """The marks of all our documents of a kind, computed when the first one is asked for: about 1 s for a million."""

    connection: Connection
    _known: dict[Kind, dict[str, UUID]] = field(default_factory=dict)
    _times: list[Time] | None = None

    def owner(self, held: Held) -> UUID | None:
        """Our document whose mark this one bears."""
        if held.kind not in self._known:
            self._known[held.kind] = _marks_of(self.connection, held.kind)
        return self._known[held.kind].get(held.marker)

    def is_foreign(self, held: Held) -> bool:
        """Whether another organization made it, which had the company before: it bears no mark of a document here, and
        was made while this one was not connected. What was made since and lost here, as by a restore, is ours.
        """
        if not held.marker or held.created_at is None or self.owner(held) is not None:
            return False
        if self._times is None:
            self._times = _times_of(self.connection)
        return not any(time.holds(held.created_at) for time in self._times)


def _marks_of(connection: Connection, kind: Kind) -> dict[str, UUID]:
    organization = current_organization_id()
    rows = MARKED[kind]._default_manager.values_list("pk", flat=True)
    again = _made_again(connection, kind)
    return {
        keys.marker(
            organization=organization,
            kind=kind,
            local_id=local_id,
            incarnation=again.get(local_id, 1),
        ): local_id
        for local_id in rows.iterator()
    }


def first_connected(connection: Connection) -> datetime:
    """By the history; it may have been disconnected and connected again since."""
    told = _history_of(connection).filter(action=CONNECTED).values_list("at", flat=True)
    return told.first() or connection.connected_at


def _history_of(connection: Connection) -> QuerySet[AuditEntry]:
    lines = AuditEntry.objects.filter(object_kind="connection", object_id=str(connection.pk))
    return lines.order_by("id")


def _times_of(connection: Connection) -> list[Time]:
    """By the history, which is never changed, and what a restore may have taken from it."""
    told = _history_of(connection).filter(action__in=(CONNECTED, DISCONNECTED))
    times: list[Time] = []
    begin = connection.forgotten_since
    for action, at in told.values_list("action", "at"):
        if action == CONNECTED:
            begin = begin or at
        elif begin is not None:
            times.append(Time(begin, at))
            begin = None
    return [*times, Time(begin or connection.connected_at, None)]


def _made_again(connection: Connection, kind: Kind) -> dict[UUID, int]:
    jobs = SyncJob.objects.filter(connection=connection, kind=kind, incarnation__gt=1)
    return dict(jobs.values_list("local_id", "incarnation"))
