"""Differences that somebody has to decide: opened once, closed when gone. Runs inside ``within()``."""

from uuid import UUID

from django.db.models import Q, QuerySet

from integrations.documents import Document, Held, to_json
from integrations.inbound.matching import CREDIT_APPLIED, SAME_PAYMENT
from integrations.models import Connection, Discrepancy
from integrations.outbound import number_taken
from regentra import clock

# Theirs, refused here; what stands in the way may go by itself, so it is looked at again.
CANNOT_APPLY = "cannot_apply"
# Made over there and to be here as well, but it is not known for which customer, or our books cannot hold it.
CUSTOMER_OPEN = "customer_to_choose"
CANNOT_BRING_IN = "cannot_bring_in"
# Theirs, in a form nobody foresaw.
ILLEGIBLE = "illegible"


def open_one(
    connection: Connection,
    held: Held,
    *,
    code: str,
    sentence: str,
    local_id: UUID | None = None,
    ours: Document | None = None,
) -> None:
    """Puts the difference on the list of exceptions; the same one only once while it is open.

    What was asked about one of our documents before is of an older state of it.
    What staff have left as it is stays closed until the document is changed over there.
    """
    if (local_id is None or code == CREDIT_APPLIED) and _was_left(connection, held, code):
        return
    seen = Discrepancy.what_was_seen(held)
    Discrepancy.objects.update_or_create(
        connection=connection,
        kind=held.kind,
        remote_id=held.id,
        reason_code=code,
        closed_at=None,
        defaults={**seen, "sentence": sentence},
        create_defaults={
            **seen,
            "ours": {} if ours is None else to_json(ours),
            "local_id": local_id,
            "sentence": sentence,
        },
    )
    older = _only_theirs(connection, held) if local_id is None else _asked_so_far(connection, held)
    older.exclude(reason_code=code).update(closed_at=clock.now())


def close_all(connection: Connection, held: Held) -> bool:
    """The document is as agreed: whatever was asked about it is answered. Says whether anything was."""
    return bool(_asked_so_far(connection, held).update(closed_at=clock.now()))


def is_asked(connection: Connection, held: Held) -> bool:
    """Whether somebody has to decide something about this document."""
    return _asked_so_far(connection, held).exists()


def close_theirs(connection: Connection, held: Held) -> None:
    """It concerns nothing of ours (any more), so neither do the questions that no document of ours has."""
    _only_theirs(connection, held).update(closed_at=clock.now())


def close(question: Discrepancy) -> None:
    """Somebody has decided."""
    Discrepancy.objects.filter(pk=question.pk, closed_at=None).update(closed_at=clock.now())


def about(local_id: UUID) -> Discrepancy | None:
    """The newest open question about one of our documents; that about a number has a page of its own."""
    asked = Discrepancy.objects.filter(local_id=local_id, closed_at=None)
    asked = asked.exclude(reason_code=number_taken.CODE)
    return asked.select_related("connection").order_by("-opened_at").first()


def _asked_so_far(connection: Connection, held: Held) -> QuerySet[Discrepancy]:
    """Without that about a number, which is about another document of ours."""
    asked = Discrepancy.objects.filter(connection=connection, kind=held.kind, remote_id=held.id)
    return asked.filter(closed_at=None).exclude(reason_code=number_taken.CODE)


def _only_theirs(connection: Connection, held: Held) -> QuerySet[Discrepancy]:
    asked = Discrepancy.objects.filter(connection=connection, kind=held.kind, remote_id=held.id)
    return asked.filter(Q(local_id=None) | Q(reason_code=SAME_PAYMENT), closed_at=None)


def _was_left(connection: Connection, held: Held, code: str) -> bool:
    asked = Discrepancy.objects.filter(connection=connection, kind=held.kind, remote_id=held.id)
    same = asked.filter(reason_code=code, remote_version=held.version)
    same = same.filter(Q(local_id=None) | Q(reason_code=CREDIT_APPLIED))
    return same.exclude(closed_at=None).exists() and not same.filter(closed_at=None).exists()
