"""An invoice whose number another invoice bears over there: a question to a person, until it is answered or gone.

Runs inside ``within()``.
"""

from uuid import UUID

from django.db.models import QuerySet

from billing.models import Invoice
from integrations.documents import Held, Kind
from integrations.models import Connection, Discrepancy, Link, SyncJob
from integrations.outbound import jobs
from integrations.outbound.prerequisites import Missing, Need
from integrations.outbound.push import NumberTaken
from regentra import clock

CODE = Need.NUMBER.value
SAYS = "Another invoice in QuickBooks has the number {number}. Compare both and decide whether they are the same."


def ask(connection: Connection, job: SyncJob, taken: NumberTaken) -> None:
    """Holds the invoice until somebody says whether the other one is the same."""
    number = Invoice.objects.values_list("number", flat=True).get(pk=job.local_id)
    sentence = SAYS.format(number=number)
    _put(connection, job, taken.bearer, sentence)
    jobs.block(job, [Missing(Need.NUMBER, sentence)])


def about(local_id: UUID) -> Discrepancy | None:
    """The open question about this invoice of ours."""
    return _asked().filter(local_id=local_id).select_related("connection").first()


def close(local_id: UUID) -> None:
    """It is answered, or the invoice is owed no more, or it is there after all."""
    _asked().filter(local_id=local_id).update(closed_at=clock.now())


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


def _put(connection: Connection, job: SyncJob, bearer: Held, sentence: str) -> None:
    close(job.local_id)
    Discrepancy.objects.update_or_create(
        connection=connection,
        kind=Kind.INVOICE,
        remote_id=bearer.id,
        reason_code=CODE,
        closed_at=None,
        defaults={
            "local_id": job.local_id,
            "sentence": sentence,
            **Discrepancy.what_was_seen(bearer),
        },
    )
