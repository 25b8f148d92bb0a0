"""What waits in one company goes to another one that staff name, with all that hangs on it.

Only what was never sent there: a write whose outcome is unknown may still be done. Runs inside ``within()``, after
`wishes.choose_company`, which holds the companies, so that no worker takes up any of it meanwhile.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from billing.models import CreditMemo, Payment, Refund
from integrations.documents import Kind
from integrations.models import Connection, Link, SyncJob
from integrations.outbound import jobs, safe_mode
from integrations.outbound.refunds import posted_as


def may_move(away: Connection, kind: Kind, local_id: UUID) -> bool:
    """Whether this document waits there and was never sent."""
    return _waiting(away, kind, [local_id]).exists()


def move(kind: Kind, local_id: UUID, *, away: Connection, to: Connection) -> None:
    """An invoice brings its e-mail and its credit memos, either brings payments that are about nothing else there."""
    moved = _move(kind, [local_id], away, to)
    invoices = moved if kind is Kind.INVOICE else []
    of_invoices = CreditMemo.objects.filter(invoice__in=invoices).values_list("pk", flat=True)
    memos = moved if kind is Kind.CREDIT_MEMO else _move(Kind.CREDIT_MEMO, of_invoices, away, to)
    _move(Kind.MAIL, invoices, away, to)
    payments = _move(Kind.PAYMENT, payments_of_only(away, invoices, memos), away, to)
    for refund in Refund.objects.filter(payment__in=payments):
        of_refund, refund_id = posted_as(refund)
        _move(of_refund, [refund_id], away, to)


def payments_of_only(
    connection: Connection, invoices: Collection[UUID], memos: Collection[UUID]
) -> Iterable[UUID]:
    """The payments of these that touch nothing else this company has or is to get."""
    touching = Q(allocations__invoice__in=invoices) | Q(credit_uses__credit_memo__in=memos)
    payments = Payment.objects.filter(touching)
    for rows in (SyncJob.objects, Link.objects):
        here = rows.filter(connection=connection).values_list("local_id", flat=True)
        payments = payments.exclude(allocations__invoice__in=here.filter(kind=Kind.INVOICE))
        payments = payments.exclude(credit_uses__credit_memo__in=here.filter(kind=Kind.CREDIT_MEMO))
    return payments.values_list("pk", flat=True).distinct()


def _move(kind: Kind, local_ids: Iterable[UUID], away: Connection, to: Connection) -> list[UUID]:
    """Those of these that were moved."""
    waiting = list(_waiting(away, kind, local_ids))
    for job in waiting:
        jobs.want(to, kind, job.local_id, urgent=True, rank=job.rank)
        job.delete()
    return [job.local_id for job in waiting]


def _waiting(away: Connection, kind: Kind, local_ids: Iterable[UUID]) -> QuerySet[SyncJob]:
    """In safe mode nobody knows what was sent."""
    if safe_mode.since(away.pk) is not None:
        return SyncJob.objects.none()
    return jobs.lying(away, kind, local_ids)
