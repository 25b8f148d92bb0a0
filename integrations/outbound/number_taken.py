"""An invoice whose number another invoice bears over there: a question to a person, until it is answered or gone.

Runs inside ``within()``.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from billing.models import Invoice
from integrations.documents import Held, Kind
from integrations.models import (
    Connection,
    Discrepancy,
    Doorbell,
    Link,
    SyncJob,
)
from integrations.outbound import due, jobs
from integrations.outbound.prerequisites import Missing, Need
from integrations.outbound.push import NumberTaken
from integrations.outbound.recognise import MADE_BY_LOST
from regentra import clock

CODE = Need.NUMBER.value
SAYS = "Another invoice in QuickBooks has the number {number}. Compare both and decide whether they are the same."


def ask(connection: Connection, job: SyncJob, taken: NumberTaken) -> None:
    """Holds the invoice until somebody says whether the other one is the same."""
    invoice = Invoice.objects.only("number").get(pk=job.local_id)
    former = _asked().filter(local_id=invoice.pk, keeps_out=False)
    former.exclude(connection=connection, remote_id=taken.bearer.id).update(closed_at=clock.now())
    _put(connection, invoice, taken.bearer, keeps_out=_was_kept_out(connection, taken.bearer))
    jobs.block(job, [missing(invoice)])


def keep_out(connection: Connection, invoice: Invoice, theirs: Held) -> None:
    """Theirs is to be brought in and may be this one of ours: neither goes anywhere until somebody has said.

    Asked once: what staff have left out stays out until it is changed there.
    """
    asked = _about_theirs(connection, theirs).filter(local_id=invoice.pk, keeps_out=True)
    if not asked.filter(remote_version=theirs.version).exists():
        _put(connection, invoice, theirs, keeps_out=True)
        jobs.want(connection, Kind.INVOICE, invoice.pk)


def held_for_answer(connection: Connection, invoices: Iterable[UUID]) -> set[UUID]:
    """Those of these invoices of ours for which one of theirs is kept out."""
    asked = _asked().filter(connection=connection, local_id__in=list(invoices), keeps_out=True)
    return {one.local_id for one in asked.only("local_id") if one.local_id is not None}


def linked_late(
    connection: Connection, pairs: Collection[tuple[str, UUID]]
) -> dict[tuple[str, UUID], datetime]:
    """Which of these invoices, by their id and ours, became one when both were there, and when: as staff said so, or
    entered again what a restore had lost.
    """
    ours = {local_id for _, local_id in pairs}
    codes = (CODE, MADE_BY_LOST)
    asked = Discrepancy.objects.filter(
        connection=connection, reason_code__in=codes, local_id__in=ours
    )
    answered = asked.exclude(closed_at=None).order_by("closed_at")
    when = {
        (remote_id, local_id): at
        for remote_id, local_id, at in answered.values_list("remote_id", "local_id", "closed_at")
        if local_id is not None and at is not None
    }
    return {pair: when[pair] for pair in pairs if pair in when}


def missing(invoice: Invoice) -> Missing:
    """What it waits for."""
    return Missing(Need.NUMBER, _sentence(invoice))


def about(local_id: UUID) -> Discrepancy | None:
    """The open question about this invoice of ours, the oldest one where several of theirs have its number."""
    asked = _asked().filter(local_id=local_id).select_related("connection")
    return asked.order_by("opened_at", "pk").first()


def close(local_id: UUID) -> None:
    """It is answered, or the invoice is owed no more, or it is there after all.

    What was kept out for it is looked at anew, and comes in unless it is ours. After `due.hold`.
    """
    asked = list(_asked().filter(local_id=local_id).select_related("connection"))
    if not asked:
        return
    _asked().filter(pk__in=[one.pk for one in asked]).update(closed_at=clock.now())
    for one in asked:
        if one.keeps_out:
            Doorbell.ring_again(one.connection, one.kind, one.remote_id)
            due.look_now(one.connection_id)


def follow(connection: Connection, held: Held) -> None:
    """What became of the other invoice: one that has let go of the number asks nothing any more."""
    asked = _asked().filter(connection=connection, kind=held.kind, remote_id=held.id).first()
    if asked is None or asked.local_id is None:
        return
    if not held.deleted and held.number == asked.seen.get("number"):
        Discrepancy.objects.filter(pk=asked.pk).update(**Discrepancy.what_was_seen(held))
        return
    close(asked.local_id)
    jobs.want(connection, Kind.INVOICE, asked.local_id, urgent=True)


def is_linked(question: Discrepancy) -> bool:
    """Whether the other invoice is the counterpart of another one of ours."""
    theirs = Link.objects.filter(
        connection=question.connection, kind=Kind.INVOICE, remote_id=question.remote_id
    )
    return any(one != question.local_id for one in theirs.values_list("local_id", flat=True))


def _asked() -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(reason_code=CODE, closed_at=None)


def _was_kept_out(connection: Connection, theirs: Held) -> bool:
    return _about_theirs(connection, theirs).filter(keeps_out=True).exists()


def _about_theirs(connection: Connection, theirs: Held) -> QuerySet[Discrepancy]:
    asked = Discrepancy.objects.filter(connection=connection, reason_code=CODE)
    return asked.filter(kind=Kind.INVOICE, remote_id=theirs.id)


def _put(connection: Connection, invoice: Invoice, theirs: Held, *, keeps_out: bool) -> None:
    Discrepancy.objects.update_or_create(
        connection=connection,
        kind=Kind.INVOICE,
        remote_id=theirs.id,
        reason_code=CODE,
        closed_at=None,
        defaults={
            "local_id": invoice.pk,
            "sentence": _sentence(invoice),
            "keeps_out": keeps_out,
            **Discrepancy.what_was_seen(theirs),
        },
    )


def _sentence(invoice: Invoice) -> str:
    return SAYS.format(number=invoice.number)
