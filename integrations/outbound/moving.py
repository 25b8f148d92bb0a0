"""What waits in one company, or was refused there, goes to another one that staff name, with all that hangs on it.

Only what was never written there: a write whose outcome is unknown may still be done. Runs inside ``within()``, after
`wishes.choose_company`, which holds the companies, so that no worker takes up any of it meanwhile.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, QuerySet

from billing.models import CreditMemo, Refund
from integrations.documents import Kind
from integrations.models import Connection, ConnectionStatus, Intent, SyncJob
from integrations.outbound import jobs, left_to_button, number_taken, safe_mode
from integrations.outbound.refunds import posted_as


def may_move(away: Connection, kind: Kind, local_id: UUID) -> bool:
    """Whether this document waits there or was refused, and was never written."""
    return _waiting(away, kind, [local_id]).exists()


def move(kind: Kind, local_id: UUID, *, away: Connection, to: Connection) -> None:
    """An invoice brings its e-mail and its credit memos, either brings payments that are about nothing else there.

    The customer that came along with it is owed there no more.
    """
    moved = _move(kind, [local_id], away, to)
    invoices = moved if kind is Kind.INVOICE else []
    of_invoices = CreditMemo.objects.filter(invoice__in=invoices).values_list("pk", flat=True)
    memos = moved if kind is Kind.CREDIT_MEMO else _move(Kind.CREDIT_MEMO, of_invoices, away, to)
    _move(Kind.MAIL, invoices, away, to)
    for invoice_id in invoices:
        number_taken.close(invoice_id)
    left_to_button.leave_customers(away, invoices)
    _move_payments(left_to_button.payments_of_only(away, invoices, memos), away, to)


def follow(payment_id: UUID, to: Connection) -> None:
    """A payment is on what this company has: one that was disconnected before it got the payment is owed it no more."""
    owing = SyncJob.objects.filter(kind=Kind.PAYMENT, local_id=payment_id).exclude(connection=to)
    former = owing.filter(connection__status=ConnectionStatus.DISCONNECTED)
    for job in former.select_related("connection"):
        _move_payments([payment_id], job.connection, to)


def _move_payments(payment_ids: Iterable[UUID], away: Connection, to: Connection) -> None:
    """With their refunds."""
    payments = _move(Kind.PAYMENT, payment_ids, away, to)
    for refund in Refund.objects.filter(payment__in=payments):
        kind, refund_id = posted_as(refund)
        _move(kind, [refund_id], away, to)


def _move(kind: Kind, local_ids: Iterable[UUID], away: Connection, to: Connection) -> list[UUID]:
    """Those of these that were moved."""
    waiting = list(_waiting(away, kind, local_ids))
    for job in waiting:
        jobs.want(to, kind, job.local_id, urgent=True, rank=job.rank)
        _hand_over(job, to)
    return [job.local_id for job in waiting]


def _hand_over(job: SyncJob, to: Connection) -> None:
    """What was refused stays in the document's history. It counts on, so that no key is used again where it returns."""
    mine = SyncJob.objects.filter(connection=to, kind=job.kind, local_id=job.local_id)
    Intent.objects.filter(job=job).update(job=mine.get())
    mine.update(refusals=F("refusals") + job.refusals)
    job.delete()


def _waiting(away: Connection, kind: Kind, local_ids: Iterable[UUID]) -> QuerySet[SyncJob]:
    """In safe mode nobody knows what was sent."""
    if safe_mode.since(away.pk) is not None:
        return SyncJob.objects.none()
    return jobs.lying(away, kind, local_ids)
