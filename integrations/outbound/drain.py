"""Sends what is owed to one company: in dependency order, several at a time, one worker per company."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError

from integrations import tokens
from integrations.documents import Kind, holder_of
from integrations.errors import (
    AlreadyThere,
    AppRefused,
    Broken,
    Locked,
    NeedsConsent,
    PeriodClosed,
    Refused,
    SyncError,
    Temporary,
    Vanished,
    Waiting,
)
from integrations.gateway import Books
from integrations.governor.limits import BATCH_SIZE
from integrations.models import Doorbell, Link, SyncJob
from integrations.outbound import (
    batch_choice,
    closed_books,
    due,
    jobs,
    links,
    locked_there,
    name_taken,
    number_taken,
    reviving,
    taking_nothing,
)
from integrations.outbound.batch_plan import Lane
from integrations.outbound.calls import Calls, ThreadedCalls
from integrations.outbound.effects import Agreed, HoldsOther, LookAgain, LookUp, Send
from integrations.outbound.lease import LeaseLost
from integrations.outbound.materials import Materials
from integrations.outbound.named import named
from integrations.outbound.perform import Observer, Performer, unobserved
from integrations.outbound.push import ChangedOverThere, NumberTaken, PaidOverThere, push
from integrations.outbound.settled import NO_ROOM
from integrations.outbound.store import MayNotSend, Store
from integrations.outbound.trips import Answer, Flight, Trip
from integrations.tallies import Collected
from regentra import clock

log = structlog.get_logger()

# At ten a second and half a second for each, five are under way; older rules allowed ten (reference quickbooks 3.1).
IN_FLIGHT = 8
# Three batches keep forty a minute up when each takes four seconds.
AT_ONCE = {Lane.SINGLE: IN_FLIGHT, Lane.BATCH: 3}
# How many documents one request carries.
PASSENGERS = {Lane.SINGLE: 1, Lane.BATCH: BATCH_SIZE}
ROUND = {Lane.SINGLE: 32, Lane.BATCH: 6 * BATCH_SIZE}
THREADS: Callable[[], Calls] = partial(ThreadedCalls, IN_FLIGHT)
# How long to wait for answers before the lease is looked after.
HEARTBEAT_SECONDS = 5.0
# After this the company's changes are looked at, and others have a turn; the rest stays due.
TURN_SECONDS = 20.0
# While other companies wait for a worker, a turn is this many documents.
FAIR_SHARE = {Lane.SINGLE: 4, Lane.BATCH: BATCH_SIZE}


@dataclass(slots=True)
class Drain:
    """One worker's turn at a company."""

    store: Store
    books: Books
    observe: Observer = unobserved
    calls: Callable[[], Calls] = THREADS
    collected: Collected = field(default_factory=Collected)
    stopped_by: str = ""
    app_refused: AppRefused | None = None
    taken: int = 0
    # Without those that the company was too busy for, or closed to.
    heard_of: int = 0
    lane: Lane = Lane.SINGLE
    beside: int = 0
    # What is sent in so many rounds ends by itself and goes as a whole.
    in_rounds: bool = False
    # Only who holds the lease has a job wait for another document.
    any_waits: bool = True
    ends_at: float = field(default_factory=lambda: clock.ticks() + TURN_SECONDS)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be started on this turn."""
        if self.stopped or clock.ticks() >= self.ends_at:
            return True
        return not self.in_rounds and self._others_wait()

    def _others_wait(self) -> bool:
        """Asked each time a share is through. The first turn at what is owed is one request, so all get one soon."""
        is_first = self.store.lease.is_first and self.taken == PASSENGERS[self.lane]
        is_through = self.taken > 0 and self.taken % FAIR_SHARE[self.lane] == 0
        return (is_first or is_through) and due.anybody_waits()

    @property
    def stopped(self) -> bool:
        """Whether an error ended the turn for all documents; ``stopped_by`` is its name.

        ``app_refused`` is the one that is about no company either.
        """
        return bool(self.stopped_by)

    def run(self, *, rounds: int | None = None) -> int:
        """Sends everything that may go out now. Returns how many documents were heard of. Raises `LeaseLost`.

        With ``rounds`` only so many, whoever waits: one is what is sent side by side, or in batches, before looking
        anew.
        One kind is through before the next begins, as what comes later may refer to it; what a person waits for comes
        before all that nobody waits for.
        """
        self.in_rounds = rounds is not None
        with self.store.transaction():
            if not jobs.any_ready(self.store.connection):
                return 0
            self.lane = batch_choice.lane_for(self.store.connection)
            self.any_waits = jobs.any_waits(self.store.connection)
        with self.calls() as calls:
            performer = Performer(self.store, self.books, calls, self.observe, self.lane)
            while rounds != 0 and not self.is_over and (found := self._next_round(performer)):
                self._send(*found, performer)
                rounds = None if rounds is None else rounds - 1
        return self.heard_of

    def _next_round(self, performer: Performer) -> tuple[deque[SyncJob], Materials] | None:
        """What may go out now, with what it is built from."""
        try:
            with self.store.together():
                ready = jobs.ready(self.store.connection, ROUND[self.lane])
                return (deque(ready), self.store.gather(ready)) if ready else None
        except MayNotSend as ended:
            self._begin_nothing_more(ended, performer)
            return None

    def _send(self, queue: deque[SyncJob], gathered: Materials, performer: Performer) -> None:
        self.beside = len(queue) - 1
        while queue or performer.is_busy:
            self._fill(queue, gathered, performer)
            done = performer.calls.answered(performer.in_air, HEARTBEAT_SECONDS)
            self.store.lease.beat()
            for future in done:
                self._take_answer(future, performer)

    def _fill(self, queue: deque[SyncJob], gathered: Materials, performer: Performer) -> None:
        """Sends off as many as may be under way, once half of that is free: intents are committed several at a time."""
        if len(performer.in_air) <= AT_ONCE[self.lane] // 2:
            self._start_some(queue, gathered, performer)
        performer.depart(last=not queue)

    def _start_some(self, queue: deque[SyncJob], gathered: Materials, performer: Performer) -> None:
        free = (AT_ONCE[self.lane] - len(performer.in_air)) * PASSENGERS[self.lane]
        try:
            with self.store.together():
                for _ in range(min(free, len(queue))):
                    if self.is_over:
                        queue.clear()
                        return
                    self._start(queue.popleft(), gathered, performer)
        except MayNotSend as ended:
            queue.clear()
            self._begin_nothing_more(ended, performer)

    def _begin_nothing_more(self, ended: MayNotSend, performer: Performer) -> None:
        """What is in the air is still heard, and the turn says when to come again."""
        self.stopped_by = type(ended).__name__
        performer.leave_behind()

    def _start(self, job: SyncJob, gathered: Materials, performer: Performer) -> None:
        self.taken += 1
        with self._contained(job):
            flight = self._flight(job, gathered)
            if flight is not None:
                performer.start(flight)
                self._land_if_done(flight)

    def _take_answer(self, future: Future[Answer], performer: Performer) -> None:
        trip = performer.in_air.pop(future)
        if broken := future.exception():
            self._park_all(trip, broken)
        elif trip.is_fulfilled_by(future.result()):
            self._take_fulfilled(trip, future.result(), performer)
        elif answer := performer.take_in(trip, future.result()):
            with self.store.together():
                self._hear(trip, answer, performer)

    def _take_fulfilled(self, trip: Trip, answer: Answer, performer: Performer) -> None:
        """The usual case in one transaction. The ledger has the call even when somebody else serves by now."""
        try:
            with self.store.together():
                performer.take_in(trip, answer)
                self._hear(trip, answer, performer)
        except LeaseLost:
            performer.book(trip, answer)
            raise

    def _hear(self, trip: Trip, answer: Answer, performer: Performer) -> None:
        """A push that would begin another write when none may be any more is left; the others keep their answers."""
        outcomes = answer.outcomes or [None] * len(trip.flights)
        for flight, outcome in zip(trip.flights, outcomes, strict=True):
            try:
                with self._contained(flight.job):
                    performer.resume(flight, answer, outcome)
                    self._land_if_done(flight)
            except MayNotSend as ended:
                self._begin_nothing_more(ended, performer)

    def _park_all(self, trip: Trip, broken: BaseException) -> None:
        for flight in trip.flights:
            with self._contained(flight.job):
                raise broken

    def _land_if_done(self, flight: Flight) -> None:
        if flight.landed:
            self._land(flight)

    def _flight(self, job: SyncJob, gathered: Materials) -> Flight | None:
        """A push for this job, or None when it is blocked."""
        if job.kind == Kind.CUSTOMER:
            gathered = self._matched(job)
        work = self.store.take_up(job, gathered)
        if isinstance(work, list):
            with self.store.transaction():
                jobs.block(job, work)
                self.any_waits = True
                reviving.by_rule(self.store.connection, work)
            self.collected.outcome(job.kind, work[0].need)
            return None
        return Flight(job, push(work, self.books.bodies))

    def _matched(self, job: SyncJob) -> Materials:
        """Customers are looked at one by one: those before may have taken a name or an address."""
        self.store.link_by_match(job)
        return self.store.gather([job])

    def _land(self, flight: Flight) -> None:
        self.heard_of += not isinstance(flight.error, Temporary | Waiting)
        with self.store.transaction():
            if flight.error is None:
                self._record(flight)
            else:
                self._record_error(flight.job, flight.error)

    def _record(self, flight: Flight) -> None:
        match flight.outcome:
            case Agreed(version):
                jobs.agreed(flight.job, version, is_awaited=self.any_waits)
                locked_there.close(flight.job)
                self.collected.confirmed(flight.job.kind, clock.now() - flight.job.state_since)
                if not isinstance(flight.waiting, Send | LookUp):
                    self._count_what_stayed(flight.job)
            case HoldsOther(fields):
                jobs.holds_other(flight.job, fields)
                self.collected.outcome(flight.job.kind, jobs.HOLDS_OTHER)
            case LookAgain(at):
                jobs.look_again(flight.job, at)
                self.collected.outcome(flight.job.kind, "outcome_unknown")

    def _count_what_stayed(self, job: SyncJob) -> None:
        """Nothing had to be sent, but what goes without a tax may have been counted anew here (C-17)."""
        if job.kind in (Kind.INVOICE, Kind.CREDIT_MEMO):
            mine = {"kind": job.kind, "local_id": job.local_id}
            for link in Link.objects.filter(connection=self.store.connection, **mine):
                links.count_anew(link)

    def _record_error(self, job: SyncJob, error: SyncError) -> None:
        ended = type(error).__name__
        log.info("push ended", outcome=ended, code=error.code, intuit_tid=error.reference)
        self.collected.outcome(job.kind, error.code or ended)
        match error:
            case NeedsConsent():
                self.stopped_by = ended
                tokens.end_consent(self.store.connection)
            case AppRefused():
                self.stopped_by, self.app_refused = ended, error
            case Waiting():
                self.stopped_by = ended
                taking_nothing.begin(self.store.connection, error)
            case Temporary():
                jobs.retry(job, error)
                if error.throttled:
                    self.stopped_by = ended
                    due.pause(self.store.connection.id, seconds=error.retry_after_seconds)
            case Refused():
                self._record_refusal(job, error)
            case Vanished():
                jobs.park(job, error)
                self._have_it_looked_for(job)
            case _:
                jobs.again_soon(job, error)

    def _have_it_looked_for(self, job: SyncJob) -> None:
        """The next look sees what became of it, and what the rules say of that; word of it may have come before."""
        connection, kind = self.store.connection, holder_of(Kind(job.kind))
        if remote_id := links.remote_id_of(connection, kind, job.local_id):
            Doorbell.ring_again(connection, kind, remote_id)
            due.look_by_itself(connection.id, clock.now())

    def _record_refusal(self, job: SyncJob, refused: Refused) -> None:
        connection = self.store.connection
        match refused:
            case ChangedOverThere():
                jobs.park(job, refused)
                # The next look puts both values before a person.
                self._have_it_looked_for(job)
            case PaidOverThere():
                jobs.park(job, refused)
                for payment in refused.payments:
                    Doorbell.ring_again(connection, Kind.PAYMENT, payment)
                due.look_by_itself(connection.id, clock.now())
            case PeriodClosed():
                closed_books.refused(connection, job, refused)
            case NumberTaken():
                number_taken.ask(connection, job, refused)
            case AlreadyThere() if job.kind == Kind.CUSTOMER:
                name_taken.settle(connection, job, refused)
            case Locked():
                jobs.park(job, refused)
                locked_there.ask(connection, job)
            case _ if self._is_crowded(job, refused):
                jobs.again_soon(job, refused)
            case _:
                jobs.park(job, refused)

    def _is_crowded(self, job: SyncJob, refused: Refused) -> bool:
        """A payment may need the room that another one on its way is about to leave, or an invoice's change to make."""
        if job.kind != Kind.PAYMENT or refused.code not in NO_ROOM:
            return False
        return self.beside > 0 or jobs.room_may_come(job)

    @contextmanager
    def _contained(self, job: SyncJob) -> Iterator[None]:
        """A job that fails in a way nobody foresaw is parked by itself and holds up no other; its log lines name it."""
        with named(job):
            try:
                yield
            except (LeaseLost, OperationalError, InterfaceError):
                raise
            except Exception:
                log.exception("push broke")
                self.collected.outcome(job.kind, Broken.__name__)
                with self.store.transaction():
                    jobs.park(job, Broken())
