"""What was paid there beyond our invoices follows what becomes of it, see `integrations.outbound.beyond`.

Where both totals are the same again, it pays our invoice too; where it was let go there, nothing takes it any more.
Needs no call; runs inside ``within()``. Where billing refuses, it stays as it is. Amounts are in minor units.
"""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from billing.models import Allocation, Invoice, Payment
from integrations.announced import unread
from integrations.documents import Kind, PaymentDocument
from integrations.inbound import apply
from integrations.job_states import JobState
from integrations.models import Connection, Discrepancy, Link, SyncJob
from integrations.outbound.beyond import shares

Parts = dict[UUID, int]


@dataclass(frozen=True, slots=True)
class _Taking:
    """A payment that takes something outside, as it is agreed on, and the invoices of ours that it pays there."""

    payment: Payment
    link: Link
    invoices: Mapping[str, Link]
    parts: Parts

    def anew(self) -> tuple[Parts, int]:
        """What it is to settle here at most, by invoice, and to take outside."""
        agreed = self.link.our_document()
        assert isinstance(agreed, PaymentDocument)
        there = {
            one: minor for (kind, one), minor in shares(agreed).items() if kind is Kind.INVOICE
        }
        parts, beyond = dict(self.parts), 0
        for remote_id in there.keys() & self.invoices.keys():
            invoice = self.invoices[remote_id]
            over = there.pop(remote_id) - parts.get(invoice.local_id, 0)
            # What came here after the payment is told by the payment itself, see `settled.came_here`.
            if over > 0 and invoice.linked_at <= self.link.agreed_at:
                more = max(0, over - max(0, invoice.variance_minor))
                parts[invoice.local_id] = parts.get(invoice.local_id, 0) + more
                over -= more
            beyond += max(0, over)
        others = sum(-part.amount.minor for part in agreed.others if part.amount.minor < 0)
        came_off = agreed.amount.minor - self.payment.amount_minor
        outside = beyond + max(0, sum(there.values()) + others - came_off)
        return {one: minor for one, minor in parts.items() if minor}, min(
            outside, self.payment.outside_minor
        )

    @property
    def has_moved(self) -> bool:
        return self.anew() != (self.parts, self.payment.outside_minor)


def follow(connection: Connection) -> None:
    """Before a look: payments that take something outside which is not there, or not beyond ours, any more."""
    taking = Payment.objects.filter(outside_minor__gt=0)
    for one in _known(connection, list(taking)):
        if one.has_moved:
            _follow_one(connection, one.payment.pk)


def _known(connection: Connection, payments: list[Payment]) -> list[_Taking]:
    """Those that are there, with what is needed to tell whether they have moved."""
    if not payments:
        return []
    ids = [one.pk for one in payments]
    rows = Link.objects.filter(connection=connection, kind=Kind.PAYMENT, local_id__in=ids)
    links = {row.local_id: row for row in rows if not row.ours.get("voided")}
    named = {part["invoice"] for row in links.values() for part in row.ours["applications"]}
    theirs = Link.objects.filter(connection=connection, kind=Kind.INVOICE, remote_id__in=named)
    invoices = {row.remote_id: row for row in theirs}
    parts: dict[UUID, Parts] = defaultdict(dict)
    for part in Allocation.objects.filter(payment__in=list(links)):
        parts[part.payment_id][part.invoice_id] = part.amount_minor
    return [
        _Taking(one, links[one.pk], invoices, parts[one.pk]) for one in payments if one.pk in links
    ]


def _follow_one(connection: Connection, payment_id: UUID) -> None:
    # Nobody changes it from here on, and what somebody did before is seen.
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    for one in _known(connection, [payment]):
        if not _stands_there_as_here(one.link):
            return
        parts, outside = one.anew()
        rooms = Invoice.objects.in_bulk(list(parts))
        for invoice_id, minor in parts.items():
            here = one.parts.get(invoice_id, 0)
            room = max(0, rooms[invoice_id].balance.minor)
            short = max(0, minor - here - room)
            parts[invoice_id], outside = minor - short, outside + short
        with suppress(apply.CannotApply):
            apply.take_outside(connection, payment, parts, outside)


def _stands_there_as_here(link: Link) -> bool:
    """Whether it is as agreed on both sides: nothing of ours is on its way, and nobody is asked."""
    if unread(Kind.PAYMENT, [link.local_id]):
        return False
    about = {"connection": link.connection, "kind": Kind.PAYMENT}
    jobs = SyncJob.objects.filter(**about, local_id=link.local_id)
    asked = Discrepancy.objects.filter(**about, remote_id=link.remote_id, closed_at=None)
    return not (jobs.exclude(state=JobState.SYNCED).exists() or asked.exists())
