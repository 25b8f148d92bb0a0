"""What was paid there beyond our invoices follows what becomes of it, see `integrations.outbound.beyond`.

Where both totals are the same again, it pays our invoice too; where it was let go there, nothing takes it any more.
Needs no call; runs inside ``within()``. Where billing refuses, it stays as it is.
"""

from collections.abc import Iterator
from contextlib import suppress

from billing.models import Invoice, Payment
from integrations.documents import Kind, PaymentDocument
from integrations.inbound import apply
from integrations.job_states import JobState
from integrations.models import Connection, Discrepancy, Link, SyncJob
from integrations.outbound.beyond import shares


def take_back(connection: Connection) -> None:
    """After sending: for each payment of which something is taken outside, and that stands there as it does here."""
    for link in _taking_outside(connection):
        payment, agreed = Payment.objects.get(pk=link.local_id), link.our_document()
        if isinstance(agreed, PaymentDocument):
            _follow(connection, payment, agreed)


def _taking_outside(connection: Connection) -> Iterator[Link]:
    payments = {"connection": connection, "kind": Kind.PAYMENT}
    taking = Payment.objects.filter(outside_minor__gt=0)
    owed = SyncJob.objects.filter(**payments).exclude(state=JobState.SYNCED)
    asked = Discrepancy.objects.filter(**payments, closed_at=None)
    links = Link.objects.filter(**payments, local_id__in=taking.values("pk"))
    links = links.exclude(local_id__in=owed.values("local_id"))
    yield from links.exclude(remote_id__in=asked.values("remote_id"))


def _follow(connection: Connection, payment: Payment, agreed: PaymentDocument) -> None:
    parts = dict(payment.allocations.values_list("invoice_id", "amount_minor"))
    there = {one: minor for (kind, one), minor in shares(agreed).items() if kind is Kind.INVOICE}
    ours = Link.objects.filter(connection=connection, kind=Kind.INVOICE, remote_id__in=there)
    beyond = 0
    for link in ours:
        over = there.pop(link.remote_id) - parts.get(link.local_id, 0)
        if link.local_id in parts and over > 0:
            more = min(over - max(0, link.variance_minor), _open(link))
            parts[link.local_id] += max(0, more)
            over -= max(0, more)
        beyond += max(0, over)
    others = sum(-part.amount.minor for part in agreed.others if part.amount.minor < 0)
    came_off = agreed.amount.minor - payment.amount_minor
    outside = beyond + max(0, sum(there.values()) + others - came_off)
    with suppress(apply.CannotApply):
        apply.take_outside(connection, payment, parts, min(outside, payment.outside_minor))


def _open(link: Link) -> int:
    return Invoice.objects.get(pk=link.local_id).balance.minor
