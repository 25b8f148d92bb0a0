"""Which document of ours a mark belongs to, when no write of ours with it is stored. Runs inside ``within()``."""

from dataclasses import dataclass, field
from uuid import UUID

from billing.models import CreditMemo, Invoice, Payment, Refund
from integrations.documents import Held, Kind
from integrations.models import Connection, SyncJob
from integrations.outbound import keys
from tenants.scope import current_organization_id

Marked = Invoice | CreditMemo | Payment | Refund

MARKED: dict[Kind, type[Marked]] = {
    Kind.INVOICE: Invoice,
    Kind.CREDIT_MEMO: CreditMemo,
    Kind.PAYMENT: Payment,
    Kind.EXPENSE: Refund,
    Kind.REFUND_RECEIPT: Refund,
}


@dataclass(slots=True)
class Marks:
    """The marks of all our documents of a kind, computed when the first one is asked for: about 1 s for a million."""

    connection: Connection
    _known: dict[Kind, dict[str, UUID]] = field(default_factory=dict)

    def owner(self, held: Held) -> UUID | None:
        """Our document whose mark this one bears."""
        if held.kind not in self._known:
            self._known[held.kind] = _marks_of(self.connection, held.kind)
        return self._known[held.kind].get(held.marker)


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


def _made_again(connection: Connection, kind: Kind) -> dict[UUID, int]:
    jobs = SyncJob.objects.filter(connection=connection, kind=kind, incarnation__gt=1)
    return dict(jobs.values_list("local_id", "incarnation"))
