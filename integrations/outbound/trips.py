"""One request under way and the pushes that wait for its answer. What runs in I/O threads sees the adapter alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from integrations.errors import SyncError
from integrations.gateway import Books
from integrations.models import SyncJob
from integrations.outbound import keys
from integrations.outbound.effects import (
    IoEffect,
    LaneEffect,
    LookUp,
    OpenIntent,
    Outcome,
    ReadTarget,
    Send,
    SendBatch,
    Steps,
    TravellingBatch,
)
from integrations.outbound.look_ups import look_up
from integrations.ports import AccountingSystem, Call, CallRecord
from regentra import clock


@dataclass(slots=True)
class Flight:
    """One push under way."""

    job: SyncJob
    steps: Steps
    waiting: IoEffect | None = None
    outcome: Outcome | None = None
    error: SyncError | None = None

    @property
    def landed(self) -> bool:
        return self.outcome is not None or self.error is not None

    @property
    def intent(self) -> OpenIntent:
        """The write it waits for, or whose fate it asks for."""
        assert isinstance(self.waiting, Send | LookUp)
        return self.waiting.intent


@dataclass(frozen=True, slots=True)
class Answer:
    """What an I/O thread brings back: the requests it made, and for each flight a value or an error.

    ``error`` is that of the whole request; then there are no outcomes.
    """

    records: list[CallRecord]
    outcomes: list[Any] = field(default_factory=list)
    error: SyncError | None = None


Question = Callable[[AccountingSystem], list[Any]]


@dataclass(slots=True)
class Trip:
    """One request for one or more flights; ``question`` asks it and answers for each."""

    flights: list[Flight]
    effect: IoEffect | LaneEffect
    question: Question
    until: float = float("inf")
    renewed: bool = False
    generation: int = 0

    @property
    def batch(self) -> TravellingBatch | None:
        return self.effect.batch if isinstance(self.effect, SendBatch) else None

    def is_fulfilled_by(self, answer: Answer) -> bool:
        """Whether this is a write by itself that was done."""
        return answer.error is None and isinstance(self.effect, Send)

    def make(self, books: Books) -> Answer:
        """Runs in an I/O thread. The gate looks at the deadline last, so that a worker held up does not send."""
        try:
            with books.gate.no_later_than(self.until):
                outcomes = self.question(books.system)
        except SyncError as error:
            return Answer(books.take_records(), error=error)
        return Answer(books.take_records(), outcomes)


def alone(flight: Flight) -> Trip:
    """A write or a reading by itself."""
    effect = flight.waiting
    assert effect is not None
    if isinstance(effect, Send):
        return Trip([flight], effect, partial(_send, effect.intent), _last_moment([effect.intent]))
    assert isinstance(effect, ReadTarget)
    return Trip([flight], effect, partial(_read, effect))


def gathered(flights: list[Flight], *, numbered: bool) -> Trip:
    """One look-up for all of these."""
    intents = [flight.intent for flight in flights]
    assert flights[0].waiting is not None
    return Trip(flights, flights[0].waiting, partial(_look_up, intents, numbered))


def together(flights: list[Flight], batch: TravellingBatch) -> Trip:
    """One batch of writes."""
    return Trip(flights, SendBatch(batch), partial(_send_batch, batch), _last_moment(batch.intents))


def _last_moment(intents: Sequence[OpenIntent]) -> float:
    """Until when, on this process's own clock, these writes may be put on the wire."""
    first = min(intent.send_deadline for intent in intents)
    return clock.ticks() + (first - clock.now()).total_seconds()


def _send(intent: OpenIntent, system: AccountingSystem) -> list[Any]:
    return [system.send(_as_call(intent))]


def _read(effect: ReadTarget, system: AccountingSystem) -> list[Any]:
    return [system.read(effect.kind, effect.remote_id)]


def _look_up(intents: list[OpenIntent], numbered: bool, system: AccountingSystem) -> list[Any]:
    found = look_up(system, intents, numbered=numbered)
    return [found for _ in intents]


def _send_batch(batch: TravellingBatch, system: AccountingSystem) -> list[Any]:
    calls = [_as_call(intent) for intent in batch.intents]
    return list(system.send_batch(calls, batch.request_id))


def _as_call(intent: OpenIntent) -> Call:
    return Call(intent.operation, intent.kind, intent.body, keys.request_id(intent.op_key))
