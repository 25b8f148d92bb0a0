"""A second copy of ours over there: what proves that a lost call of ours made it, and its removal.

A copy is proven when its mark and all it says are ours, nobody has touched it, and it was made while our write could
still be done (design 5.4). QuickBooks' own "Copy" keeps the memo and so our mark; what it makes is never removed by us.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from django.db.models import QuerySet

from integrations.documents import (
    Document,
    Held,
    Kind,
    Operation,
)
from integrations.errors import OutcomeUnknown, Refused, Stale, Vanished
from integrations.inbound import drift
from integrations.inbound.matching import MARKED_COPY, MARKED_COPY_SAYS, SURPLUS_COPY
from integrations.models import Connection, Discrepancy, Intent, Link
from integrations.outbound import keys
from integrations.outbound.effects import OpenIntent
from integrations.outbound.push import IN_FLIGHT_WINDOW, is_void
from integrations.outbound.recognise import CLOCK_ALLOWANCE, holds_what_was_sent
from integrations.outbound.store import Store, stored_intent
from integrations.ports import AccountingSystem, Bodies, Call
from tenants import audit

log = structlog.get_logger()

Ask = Callable[[Callable[[AccountingSystem], Any]], Any]

# These bear our mark; customers and items are told by their names, which are unique.
REMOVED = (
    Kind.INVOICE,
    Kind.CREDIT_MEMO,
    Kind.PAYMENT,
    Kind.EXPENSE,
    Kind.REFUND_RECEIPT,
)


def is_proven(held: Held, creates: Iterable[OpenIntent]) -> bool:
    """Whether one of these creates of ours made it, and nobody has looked at it since. Pure."""
    sent = list(creates)
    if not sent or held.created_at is None or not held.untouched or held.kind not in REMOVED:
        return False
    first = min(one.oldest for one in sent) - CLOCK_ALLOWANCE
    last = max(one.send_deadline for one in sent) + IN_FLIGHT_WINDOW
    return first <= held.created_at <= last and any(_says(held, one) for one in sent)


def creates_of(connection: Connection, held: Held) -> list[OpenIntent]:
    """The creates of ours whose mark it bears. Inside ``within()``."""
    rows = Intent.objects.filter(connection=connection, kind=held.kind, marker=held.marker)
    return [stored_intent(row) for row in rows.filter(operation=Operation.CREATE)]


def left(connection: Connection) -> bool:
    """Whether a proven copy is still there. Inside ``within()``."""
    return _open(connection).exists()


@dataclass(slots=True)
class Copies:
    """Removes the proven copies of one company, under its lease."""

    store: Store
    ask: Ask
    bodies: Bodies

    def remove(self) -> None:
        """Each is read once more, with the one that stays: somebody may have touched it since it was met."""
        connection = self.store.connection
        if connection.held or connection.stopped_at or connection.paused_at:
            return
        with self.store.transaction():
            questions = list(_open(connection))
        for question in questions:
            self._remove(question)

    def _remove(self, question: Discrepancy) -> None:
        copy = self._read(question.kind, question.remote_id)
        if copy is None:
            self._close(question)
        elif self._may_go(copy):
            self._void(question, copy)
        else:
            self._ask_a_person(question, copy)

    def _read(self, kind: str, remote_id: str) -> Held | None:
        """None when it does not stand there any more."""
        try:
            held: Held = self.ask(lambda system: system.read(Kind(kind), remote_id))
        except Vanished:
            return None
        return None if held.document is None or is_void(held.document) else held

    def _may_go(self, copy: Held) -> bool:
        """Still proven, and the other one is there."""
        with self.store.transaction():
            creates = creates_of(self.store.connection, copy)
            link = _link_of(self.store.connection, copy)
        stays = link is not None and link.remote_id != copy.id
        if link is None or not stays or not is_proven(copy, creates):
            return False
        return self._read(link.kind, link.remote_id) is not None

    def _void(self, question: Discrepancy, copy: Held) -> None:
        """Names the version that was proven, so what somebody touches meanwhile is refused and not removed."""
        body = self.bodies.text(self.bodies.void(copy.kind, id=copy.id, version=copy.version))
        with self.store.sending():
            local_id = _local_id(self.store.connection, copy)
            key = keys.removal_key(self.store.organization_id, copy)
        call = Call(Operation.VOID, copy.kind, body, keys.request_id(key))
        try:
            self.ask(lambda system: system.send(call))
        except OutcomeUnknown:
            # Still open; the next look reads it again and finds it void, or as it was.
            return
        except (Refused, Stale, Vanished) as no:
            log.info("copy stays", reason=type(no).__name__, code=no.code)
            self._ask_a_person(question, copy)
            return
        with self.store.transaction():
            drift.close(question)
            audit.record(
                f"{copy.kind}.second_copy_voided",
                object_kind=copy.kind,
                object_id=local_id,
                remote_id=copy.id,
            )

    def _close(self, question: Discrepancy) -> None:
        with self.store.transaction():
            drift.close(question)

    def _ask_a_person(self, question: Discrepancy, copy: Held) -> None:
        with self.store.transaction():
            drift.close(question)
            drift.open_one(self.store.connection, copy, code=MARKED_COPY, sentence=MARKED_COPY_SAYS)


def _says(held: Held, sent: OpenIntent) -> bool:
    """All that matters, and the number: the copy a person makes gets another one."""
    if _number(held.document) != _number(sent.document):
        return False
    return held.marker == sent.marker and holds_what_was_sent(sent, held)


def _number(document: Document | None) -> str:
    return str(getattr(document, "number", ""))


def _open(connection: Connection) -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(
        connection=connection, reason_code=SURPLUS_COPY, closed_at=None
    )


def _link_of(connection: Connection, copy: Held) -> Link | None:
    local_id = _local_id(connection, copy)
    return Link.objects.filter(connection=connection, kind=copy.kind, local_id=local_id).first()


def _local_id(connection: Connection, copy: Held) -> Any:
    rows = Intent.objects.filter(connection=connection, kind=copy.kind, marker=copy.marker)
    return rows.values_list("local_id", flat=True).first()
