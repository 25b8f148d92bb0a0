"""Performs the effects of pushes: commits in this thread, requests in I/O threads, for one push or for many."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from integrations.errors import NeedsConsent, Refused, Stale, SyncError, TokenRejected, Vanished
from integrations.gateway import Books
from integrations.governor.limits import BATCH_SIZE
from integrations.models import SyncJob
from integrations.outbound import batches, look_ups, name_taken, trips
from integrations.outbound.batch_plan import Lane
from integrations.outbound.calls import Calls
from integrations.outbound.effects import (
    CommitAnswer,
    CommitBatch,
    CommitIntent,
    CommitRebase,
    CommitRefusal,
    CommitResend,
    Effect,
    LaneEffect,
    LookUp,
    OpenIntent,
    ReadTarget,
    Send,
    StoreEffect,
)
from integrations.outbound.named import named
from integrations.outbound.store import Store
from integrations.outbound.trips import Answer, Flight, Trip


class Observer(Protocol):
    """Told before and after each effect. Production passes one that does nothing."""

    def __call__(self, phase: str, effect: Effect | LaneEffect) -> None: ...


def unobserved(phase: str, effect: Effect | LaneEffect) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class Performer:
    """Drives flights forward until each waits for an answer, or for others to travel with, or has landed."""

    store: Store
    books: Books
    calls: Calls
    observe: Observer = unobserved
    lane: Lane = Lane.SINGLE
    in_air: dict[Future[Answer], Trip] = field(default_factory=dict)
    leaving: list[Flight] = field(default_factory=list)
    boarding: list[Flight] = field(default_factory=list)
    asking: list[Flight] = field(default_factory=list)

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way or about to be."""
        return bool(self.in_air or self.leaving or self.boarding or self.asking)

    def start(self, flight: Flight) -> None:
        """Takes a push to its first request, or all the way."""
        self._advance(flight, lambda: next(flight.steps))

    def depart(self, *, last: bool) -> None:
        """Sends off who travels alone and full batches; when nobody else comes, as the ``last`` ones, all that wait.

        What they were told to do is committed by then.
        """
        leaving, self.leaving = self.leaving, []
        for flight in leaving:
            self._take_off(trips.alone(flight))
        while len(self.boarding) >= BATCH_SIZE or (last and self.boarding):
            passengers, self.boarding = self.boarding[:BATCH_SIZE], self.boarding[BATCH_SIZE:]
            self._send_together(passengers)
        if last and self.asking:
            asking, self.asking = self.asking, []
            self._look_up_together(asking)

    def leave_behind(self) -> None:
        """Who has not taken off stays; what was committed for them is looked for before it is sent."""
        self.leaving, self.boarding, self.asking = [], [], []

    def take_in(self, trip: Trip, answer: Answer) -> Answer | None:
        """Books the calls of a trip that has come back; what its flights are to be told, or None when it goes again."""
        self.book(trip, answer)
        if trip.batch and isinstance(answer.error, Refused | Stale | Vanished):
            # What is wrong with one part must not be held against the others: each hears its own verdict.
            for flight in trip.flights:
                self._go(trips.alone(flight))
            return None
        told: Answer | None = answer
        if isinstance(answer.error, TokenRejected) and not trip.renewed:
            told = self._again_with_new_token(trip)
        if told is not None:
            for effect in _observed(trip):
                self.observe("after", effect)
        return told

    def resume(self, flight: Flight, answer: Answer, outcome: Any) -> None:
        """Goes on with a push whose request has come back. It may have landed afterwards."""
        error = answer.error if answer.error is not None else outcome
        if isinstance(error, SyncError):
            final = _final(error)
            self._advance(flight, lambda: flight.steps.throw(final))
        else:
            told = self._told(flight, outcome)
            self._advance(flight, lambda: flight.steps.send(told))

    def _told(self, flight: Flight, outcome: Any) -> Any:
        """What a push is told of the answer: what was found by its name may be another one's, and what an invoice is
        settled by may be here.
        """
        match flight.waiting:
            case LookUp() if flight.job.kind in name_taken.NAMED:
                return self.store.namesakes(flight.job, outcome)
            case ReadTarget() if outcome.settled_by:
                return self.store.settled_by_strangers(outcome)
            case _:
                return outcome

    def _advance(self, flight: Flight, step: Callable[[], Effect]) -> None:
        try:
            effect = step()
            while not isinstance(effect, Send | LookUp | ReadTarget):
                effect = flight.steps.send(self._commit(flight.job, effect))
        except StopIteration as end:
            flight.outcome = end.value
        except SyncError as error:
            flight.error = error
        else:
            flight.waiting = effect
            self._queue(flight, effect)

    def _queue(self, flight: Flight, effect: Send | LookUp | ReadTarget) -> None:
        match effect:
            case LookUp():
                self.asking.append(flight)
            case Send(intent) if self.lane is Lane.BATCH and intent.operation in batches.BATCHED:
                self.boarding.append(flight)
            case _:
                self.leaving.append(flight)

    def _send_together(self, boarded: list[Flight]) -> None:
        """One that went out alone before keeps its own key: only under that would a late copy of it be told again."""
        by_document = {flight.job.local_id: flight.intent for flight in boarded}
        late = batches.on_the_wire_before(self.store, by_document)
        flights = [flight for flight in boarded if flight.intent.op_key not in late]
        by_themselves = [flight for flight in boarded if flight.intent.op_key in late]
        if len(flights) == 1:
            by_themselves += flights
        for flight in by_themselves:
            self._take_off(trips.alone(flight))
        if len(flights) > 1:
            self._take_off_together(flights)

    def _take_off_together(self, flights: list[Flight]) -> None:
        effect = CommitBatch(tuple(flight.intent for flight in flights))
        self.observe("before", effect)
        batch = batches.commit(self.store, effect.intents)
        self.observe("after", effect)
        self._take_off(trips.together(flights, batch))

    def _look_up_together(self, flights: list[Flight]) -> None:
        numbered = self.store.connection.company_settings().custom_numbers
        waiting = {flight.intent.id: flight for flight in flights}
        intents = [flight.intent for flight in flights]
        for group in look_ups.groups(intents, numbered=numbered):
            passengers = [waiting[intent.id] for intent in group]
            self._take_off(trips.gathered(passengers, numbered=numbered))

    def _take_off(self, trip: Trip) -> None:
        for effect in _observed(trip):
            self.observe("before", effect)
        self._go(trip)

    def _go(self, trip: Trip) -> None:
        trip.generation = self.books.generation
        with named(*(flight.job for flight in trip.flights)):
            self.in_air[self.calls.start(partial(trip.make, self.books))] = trip

    def book(self, trip: Trip, answer: Answer) -> None:
        """Writes the requests of a trip into the ledger."""
        if trip.batch:
            batches.record(self.store, trip.batch.id, answer.records)
        else:
            self.store.record_calls(trip.flights[0].job, answer.records)

    def _again_with_new_token(self, trip: Trip) -> Answer | None:
        """Nothing was done with the old one. When no newer can be had, that is the answer."""
        trip.renewed = True
        try:
            # Of several requests refused with one token the first brings the next for all.
            if self.books.generation == trip.generation:
                self.books.renew()
        except SyncError as error:
            return Answer([], error=error)
        self._go(trip)
        return None

    def _commit(self, job: SyncJob, effect: StoreEffect) -> OpenIntent | None:
        self.observe("before", effect)
        value = self._stored(job, effect)
        self.observe("after", effect)
        return value

    def _stored(self, job: SyncJob, effect: StoreEffect) -> OpenIntent | None:
        match effect:
            case CommitIntent():
                return self.store.commit_intent(job, effect)
            case CommitResend():
                return self.store.commit_resend(job, effect)
            case CommitAnswer():
                self.store.commit_answer(job, effect)
            case CommitRefusal():
                self.store.commit_refusal(job, effect)
            case CommitRebase():
                self.store.commit_rebase(job, effect)
        return None


def _observed(trip: Trip) -> list[Effect | LaneEffect]:
    """A batch is one effect; look-ups gathered into one request are still those of each push."""
    if trip.batch:
        return [trip.effect]
    return [flight.waiting for flight in trip.flights if flight.waiting is not None]


def _final(error: SyncError) -> SyncError:
    """A token refused twice means that consent has ended."""
    return (
        NeedsConsent(error.words, reference=error.reference)
        if isinstance(error, TokenRejected)
        else error
    )
