"""A payment or refund that QuickBooks lets nobody change any more: until ours goes after all, theirs may be taken.

Runs inside ``within()``.
"""

from uuid import UUID

from django.db.models import Q, QuerySet

from billing.models import PostedAs, Refund
from billing.money import Money
from integrations.documents import Held, Kind, currency_of
from integrations.models import Connection, Discrepancy, Link, SyncJob
from integrations.outbound import jobs
from integrations.outbound.push import is_void
from regentra import clock

CODE = "locked_there"
KINDS = (Kind.PAYMENT, Kind.EXPENSE, Kind.REFUND_RECEIPT)
SAYS = (
    "QuickBooks keeps it as it is there. Take theirs, or have ours go once it can be changed there."
)


def ask(connection: Connection, job: SyncJob) -> None:
    """Once a change of it was refused. What is asked about it already can be answered the same way."""
    link = Link.objects.filter(connection=connection, kind=job.kind, local_id=job.local_id).first()
    held = _theirs(link) if link and job.kind in KINDS else None
    if link is None or held is None or _is_void_refund(link):
        return
    asked = Discrepancy.objects.filter(
        connection=connection, kind=held.kind, remote_id=held.id, closed_at=None
    )
    if not asked.exists():
        Discrepancy.objects.create(
            connection=connection,
            kind=held.kind,
            remote_id=held.id,
            local_id=link.local_id,
            reason_code=CODE,
            sentence=SAYS,
            ours=link.ours,
            **Discrepancy.what_was_seen(held),
        )


def close(job: SyncJob) -> None:
    """Ours has gone, or is as theirs again."""
    if job.kind in KINDS:
        _asked(job.connection, job.kind, job.local_id).update(closed_at=clock.now())


def see(link: Link, held: Held) -> bool:
    """Takes note of what is there now, where nothing of it was changed. Says whether it stays asked."""
    asked = _asked(link.connection, link.kind, link.local_id)
    return link.kind in KINDS and bool(asked.update(**Discrepancy.what_was_seen(held)))


def go_on(link: Link) -> None:
    """Theirs has become what ours is, or is gone: nothing that is refused is left to do."""
    asked = _asked(link.connection, link.kind, link.local_id)
    if link.kind in KINDS and asked.update(closed_at=clock.now()):
        jobs.want(link.connection, Kind(link.kind), link.local_id)


def _asked(connection: Connection, kind: str, local_id: UUID) -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(
        connection=connection, kind=kind, local_id=local_id, reason_code=CODE, closed_at=None
    )


def _theirs(link: Link) -> Held | None:
    """As it was met last; None where it is gone there."""
    document = link.their_document()
    if document is None or is_void(document):
        return None
    total = link.their_total_minor
    return Held(
        Kind(link.kind),
        link.remote_id,
        link.remote_version,
        document,
        updated_at=link.remote_updated_at,
        total=None if total is None else Money(total, currency_of(document)),
        number=link.remote_number,
    )


def _is_void_refund(link: Link) -> bool:
    """A refund is not had back: it may be paid out anew, or was posted as a credit memo."""
    gone = Q(voided_at__isnull=False) | Q(posting=PostedAs.CREDIT_MEMO)
    return Refund.objects.filter(gone, pk=link.local_id).exists()
