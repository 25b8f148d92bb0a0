"""What was paid there beyond our invoices follows what becomes of it, see `integrations.outbound.beyond`.

Where both totals are the same again, it pays our invoice too; where it was let go there, nothing takes it any more.
Needs no call; runs inside ``within()``. Where billing refuses, it stays as it is.
"""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from billing.models import Allocation, Invoice, Payment
from integrations.announced import unread
from integrations.documents import Kind, PaymentDocument
from integrations.inbound import apply
from integrations.job_states import JobState
from integrations.models import Connection, Discrepancy, Link, SyncJob
from integrations.outbound.beyond import shares


def follow(connection: Connection, since: datetime) -> None:
    """Before a look: payments that take anything outside, where they or what they pay was agreed on ``since``."""
    taking = Payment.objects.filter(outside_minor__gt=0)
    agreed = Link.objects.filter(connection=connection, agreed_at__gte=since)
    own = agreed.filter(kind=Kind.PAYMENT, local_id__in=taking.values("pk"))
    parts = Allocation.objects.filter(payment__in=taking)
    paid = agreed.filter(kind=Kind.INVOICE, local_id__in=parts.values("invoice"))
    paying = parts.filter(invoice__in=paid.values("local_id"))
    found = {*own.values_list("local_id", flat=True), *paying.values_list("payment", flat=True)}
    for payment_id in sorted(found):
        _follow_one(connection, payment_id)


def _follow_one(connection: Connection, payment_id: UUID) -> None:
    # Nobody changes it from here on, and what somebody did before is seen.
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    link = Link.objects.filter(connection=connection, kind=Kind.PAYMENT, local_id=payment_id)
    agreed = link.first()
    if agreed is not None and _stands_there_as_here(agreed):
        document = agreed.our_document()
        if isinstance(document, PaymentDocument):
            _take(connection, payment, document)


def _stands_there_as_here(link: Link) -> bool:
    """Whether it is as agreed on both sides: nothing of ours is on its way, and nobody is asked."""
    if unread(Kind.PAYMENT, [link.local_id]):
        return False
    about = {"connection": link.connection, "kind": Kind.PAYMENT}
    jobs = SyncJob.objects.filter(**about, local_id=link.local_id)
    asked = Discrepancy.objects.filter(**about, remote_id=link.remote_id, closed_at=None)
    return not (jobs.exclude(state=JobState.SYNCED).exists() or asked.exists())


def _take(connection: Connection, payment: Payment, agreed: PaymentDocument) -> None:
    former = dict(payment.allocations.values_list("invoice_id", "amount_minor"))
    there = {one: minor for (kind, one), minor in shares(agreed).items() if kind is Kind.INVOICE}
    parts, beyond = dict(former), 0
    for link in Link.objects.filter(connection=connection, kind=Kind.INVOICE, remote_id__in=there):
        over = there.pop(link.remote_id) - parts.get(link.local_id, 0)
        if link.local_id in parts and over > 0:
            room = Invoice.objects.get(pk=link.local_id).balance.minor
            more = max(0, min(over - max(0, link.variance_minor), room))
            parts[link.local_id] += more
            over -= more
        beyond += max(0, over)
    others = sum(-part.amount.minor for part in agreed.others if part.amount.minor < 0)
    came_off = agreed.amount.minor - payment.amount_minor
    outside = beyond + max(0, sum(there.values()) + others - came_off)
    outside = min(outside, payment.outside_minor)
    if parts != former or outside != payment.outside_minor:
        with suppress(apply.CannotApply):
            apply.take_outside(connection, payment, parts, outside)
