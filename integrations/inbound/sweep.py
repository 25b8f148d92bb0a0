"""Looks at what changed over there: doorbell and sweep are this one function."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

import structlog

from integrations.documents import Changes, Held, Illegible, Kind, holder_of
from integrations.errors import NotUnderstood, Refused, Vanished
from integrations.gateway import Books
from integrations.governor import reads
from integrations.inbound import (
    copies,
    customers,
    doorbells,
    items_there,
    lists,
    merged_entries,
    paid_beyond,
    parts_there,
    reading,
    rhythm,
    terms_there,
)
from integrations.inbound.comparison import Comparison
from integrations.inbound.copies import Copies
from integrations.inbound.echoes import Theirs
from integrations.inbound.intake import ORDER, Intake
from integrations.inbound.matching import REFUNDS
from integrations.models import Connection, Doorbell, SyncDue, policies_in_force
from integrations.models.doorbell import READ_ALONE_AFTER
from integrations.outbound import due, mails, safe_mode
from integrations.outbound.cursor import OVERLAP, read_up_to
from integrations.outbound.store import Store
from integrations.policies import SyncCadence
from integrations.ports import AccountingSystem
from regentra import clock

log = structlog.get_logger()

# The feed goes back thirty days and silently no further (reference quickbooks 2.10); one is left to spare.
FEED_REACHES = timedelta(days=29)
LOOK_AGAIN = timedelta(seconds=10)
# Before the first QuickBooks Online company.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

Answer = TypeVar("Answer")

# Documents that one request asks for by their ids.
AT_ONCE = 100

# What leaves its trace on another document alone is not there to be read.
READ_BY_ID = [kind for kind in Kind if holder_of(kind) is kind]
WATCHED = [Kind.CUSTOMER, Kind.INVOICE, Kind.CREDIT_MEMO, Kind.PAYMENT, *REFUNDS]


@dataclass(slots=True)
class Sweep:
    """One look at a company's changes, under its lease."""

    store: Store
    books: Books
    began: datetime = BEGINNING
    safe_since: datetime | None = None
    # Their time, as the cursor is compared with it.
    looked_at: datetime = BEGINNING

    @property
    def connection(self) -> Connection:
        return self.store.connection

    def run(self) -> None:
        """Takes in everything since the cursor, closes the marks it answers, then moves the cursor.

        The first look of a day reads further back, as the sync rules say.
        """
        with self.store.transaction():
            paid_beyond.follow(self.connection)
            self._begin()
            cursor = read_up_to(self.connection)
            since = self._further_back(cursor)
        self._take_in_since(since, cursor)

    def run_whole(self) -> None:
        """As if nothing had ever been looked at: every document and list there, and what is gone."""
        with self.store.transaction():
            self._begin()
        self._take_in_since(BEGINNING, BEGINNING)

    def _further_back(self, cursor: datetime) -> datetime:
        days = policies_in_force().look_back.days
        if not days or due.night_after(cursor + OVERLAP) > clock.now():
            return cursor
        return min(cursor, clock.now() - timedelta(days=days))

    def _begin(self) -> None:
        self.began, self.safe_since = clock.now(), self.store.lease.safe_since
        self.connection.refresh_from_db(fields=["changes_since", "connected_at"])
        doorbells.ring_for_refused(self.connection)

    def _take_in_since(self, since: datetime, cursor: datetime) -> None:
        left: list[Doorbell] = []
        for changes in self._answers(since, cursor):
            left = self._take(changes)
            if any(_is_news(held, cursor) for held in changes.documents):
                due.note_activity(self.connection.pk)
        self._read_leftovers(left)
        Copies(self.store, self._ask, self.books.bodies).remove()
        with self.store.transaction():
            parts_there.follow(self.connection)
            terms_there.follow(self.connection)
            self._move_cursor()
            self._leave_safe_mode()
            self._come_again()

    def _move_cursor(self) -> None:
        """Not where somebody has set it back since this look began."""
        as_read = {"pk": self.connection.pk, "changes_since": self.connection.changes_since}
        moved = self.looked_at - OVERLAP
        Connection.objects.filter(**as_read).update(changes_since=moved)

    def _leave_safe_mode(self) -> None:
        """All of ours over there has been met, and nothing that was on its way can have come since."""
        entered = self.safe_since
        if entered is not None and self.began >= entered + safe_mode.ARRIVED_AFTER:
            safe_mode.leave(self.connection.pk, entered)

    def _answers(self, since: datetime, cursor: datetime) -> Iterator[Changes]:
        """One answer for all kinds; when it was cut off, or does not reach back so far, each kind by itself besides.

        In safe mode likewise. One that was cut off because it reached behind the cursor is asked for anew from there.
        """
        reaches = clock.now() - since < FEED_REACHES
        asked_since = since if reaches else clock.now() - FEED_REACHES
        first = self._ask(lambda system: system.changes(WATCHED, lists.FEED, since=asked_since))
        if since < cursor and not first.complete:
            yield from self._answers(cursor, cursor)
            return
        self.looked_at = first.server_time
        if first.complete and reaches and self.safe_since is None:
            yield first
            return
        log.info("full comparison", feed_reaches=reaches)
        whole = Comparison(self.store, self._ask, since, first)
        # Before the documents that name their entries.
        whole.lists()
        yield first
        is_safe_mode = self.safe_since is not None
        yield from whole.answers(WATCHED, feed_reaches=reaches, thorough=is_safe_mode)

    def _take(self, changes: Changes) -> list[Doorbell]:
        """Takes in an answer; says which marks it has left."""
        intake = Intake(self.store)
        with self.store.transaction():
            lists.upsert(self.connection, list(changes.entries))
            lists.forget(self.connection, list(changes.gone_entries))
            # Before the documents that name them.
            merged_entries.follow(self.connection, changes.gone_entries, changes.documents)
            customers.follow(self.connection)
            items_there.follow(self.connection)
        intake.take(changes.documents)
        intake.cannot_read(changes.illegible)
        with self.store.transaction():
            # Once they are linked; safe mode may have begun with one of them.
            entered = self.store.lease.safe_since
            if entered is not None:
                mails.settle_forgotten(self.connection, changes.documents, asked_by=entered)
            return doorbells.close(self.connection, _seen(changes), changes.server_time)

    def _read_leftovers(self, left: list[Doorbell]) -> None:
        """Documents that somebody told us of and that no answer has held."""
        oldest = clock.now() - READ_ALONE_AFTER
        told = sorted((bell for bell in left if bell.rung_at <= oldest), key=_place)
        for kind, group in groupby(told, key=attrgetter("kind")):
            bells = list(group)
            for start in range(0, len(bells), AT_ONCE):
                self._read_some(kind, bells[start : start + AT_ONCE])

    def _read_some(self, kind: str, bells: Sequence[Doorbell]) -> None:
        """Several of a kind by one request; by itself what is not in its answer, as only that tells of its end."""
        met: set[str] = set()
        if len(bells) > 1 and kind in READ_BY_ID:
            met = self._take_in_some(Kind(kind), [bell.remote_id for bell in bells])
        for bell in bells:
            if bell.remote_id not in met:
                self._read_alone(bell)
                continue
            with self.store.transaction():
                doorbells.close_read(bell)

    def _take_in_some(self, kind: Kind, remote_ids: Sequence[str]) -> set[str]:
        try:
            read = self._ask(lambda system: system.some(kind, remote_ids))
        except (NotUnderstood, Refused):
            return set()
        intake = Intake(self.store)
        intake.take(tuple(one for one in read if isinstance(one, Held)))
        intake.cannot_read(one for one in read if isinstance(one, Illegible))
        return {one.id for one in read}

    def _read_alone(self, bell: Doorbell) -> None:
        """A mark that was set again meanwhile stays open, as it asks for another look."""
        if bell.kind in READ_BY_ID:
            self._take_in(Kind(bell.kind), bell.remote_id)
        with self.store.transaction():
            doorbells.close_read(bell)

    def _take_in(self, kind: Kind, remote_id: str) -> None:
        found = self._read(kind, remote_id)
        if isinstance(found, Illegible):
            Intake(self.store).cannot_read([found])
        else:
            Intake(self.store).take((found,))

    def _read(self, kind: Kind, remote_id: str) -> Held | Illegible:
        """What is refused would be refused at each look, and hold up the cursor."""
        try:
            return self._ask(lambda system: system.read(kind, remote_id))
        except Vanished:
            return Held(kind, remote_id, "", None)
        except NotUnderstood:
            return Illegible(kind, remote_id)
        except Refused as refusal:
            return Illegible(kind, remote_id, refusal=refusal.code)

    def _come_again(self) -> None:
        """Who asked since this look began has another one taken: the answer to this one may have been told before."""
        now, row = clock.now(), SyncDue.objects.filter(connection_id=self.connection.pk)
        found = row.get()
        if not self._is_asked_again(found):
            wait = LOOK_AGAIN if self._is_unfinished() else self._interval(found)
            row.update(sweep_due_at=None if wait is None else now + wait, look_asked=False)
        entered = found.safe_since
        if entered is not None:
            due.sweep_by(
                self.connection.pk, max(now + LOOK_AGAIN, entered + safe_mode.ARRIVED_AFTER)
            )

    def _is_asked_again(self, row: SyncDue) -> bool:
        return row.look_asked and row.sweep_due_at is not None and row.sweep_due_at > self.began

    def _is_unfinished(self) -> bool:
        """Where nobody looks unless asked, what was told of meanwhile is for the next who asks."""
        marks = doorbells.still_open(self.connection)
        if not policies_in_force().sync_cadence.looks_by_itself:
            marks = [bell for bell in marks if bell.rung_at <= self.began]
        return bool(marks) or copies.left(self.connection)

    def _interval(self, row: SyncDue) -> timedelta | None:
        """None where nobody looks unless asked."""
        policies = policies_in_force()
        cadence = policies.sync_cadence
        if not cadence.looks_by_itself:
            return None
        if cadence is SyncCadence.NIGHTLY:
            return due.next_night_here() - clock.now()
        spared = reads.is_metered(self.connection)
        stretch = reads.now(self.connection.client_hash).stretch if spared else 1.0
        if cadence.every is not None:
            return cadence.every * stretch
        idle = clock.now() - (row.active_at or self.connection.connected_at)
        return rhythm.interval(idle, stretch, policies.seen_within.at_most)

    def _ask(self, question: Callable[[AccountingSystem], Answer]) -> Answer:
        return reading.ask(self.store, self.books, question)


def _place(bell: Doorbell) -> int:
    """As in one answer: a payment after what it settles and uses."""
    return ORDER[Kind(bell.kind)] if bell.kind in READ_BY_ID else len(ORDER)


def _is_news(held: Held, cursor: datetime) -> bool:
    """Whether it was changed since the last look."""
    return held.updated_at is None or held.updated_at >= cursor


def _seen(changes: Changes) -> set[Theirs]:
    read: list[Held | Illegible] = [*changes.documents, *changes.illegible]
    documents = {(one.kind.value, one.id) for one in read}
    entries = {(entry.kind.value, entry.id) for entry in changes.entries}
    return documents | entries | {(kind.value, gone) for kind, gone in changes.gone_entries}
