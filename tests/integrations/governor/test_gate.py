"""Every request passes the gate, in its own thread."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from integrations.errors import SyncError
from integrations.governor.gate import Gate, Paused, ReadsUsedUp, TooLate
from integrations.governor.pace import Unpaced
from integrations.ports import CallRecord
from regentra import clock
from regentra.clock import FrozenClock

MOMENT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def frozen() -> Iterator[FrozenClock]:
    with clock.frozen(MOMENT) as standing:
        yield standing


def answered(status: int) -> CallRecord:
    return CallRecord("POST", "/v3/company/1/invoice", status, False, MOMENT, 150, "", "")


def test_nothing_passes_for_a_minute_after_a_throttle(frozen: FrozenClock) -> None:
    gate = Gate("company", Unpaced())
    gate.admit(metered=False, batch=False)
    gate.notice(answered(429))
    with pytest.raises(Paused) as paused:
        gate.admit(metered=False, batch=False)
    assert paused.value.retry_after_seconds == 60
    frozen.advance(seconds=61)
    gate.admit(metered=False, batch=False)


def test_throttle_while_waiting_for_a_slot_still_stops_the_request(frozen: FrozenClock) -> None:
    gate = Gate("company", Unpaced())
    gate.sleep = lambda _seconds: gate.notice(answered(429))
    with pytest.raises(Paused):
        gate.admit(metered=False, batch=False)


def test_a_batch_counts_as_a_request_too(frozen: FrozenClock) -> None:
    booked: list[bool] = []

    class Watched(Unpaced):
        def reserve(self, company: str, *, batch: bool) -> float:
            booked.append(batch)
            return 0.0

    Gate("company", Watched()).admit(metered=True, batch=True)
    assert booked == [True, False]


def test_writes_go_on_while_reads_are_used_up(frozen: FrozenClock) -> None:
    gate = Gate("company", Unpaced(), reads_open=False)
    gate.admit(metered=False, batch=False)
    with pytest.raises(ReadsUsedUp):
        gate.admit(metered=True, batch=False)


def test_write_whose_time_is_up_does_not_leave(frozen: FrozenClock) -> None:
    gate = Gate("company", Unpaced())
    gate.sleep = lambda _seconds: frozen.advance(seconds=30)
    with gate.no_later_than(clock.ticks() + 20), pytest.raises(TooLate):
        gate.admit(metered=False, batch=False)
    gate.admit(metered=False, batch=False)


def test_a_deadline_is_that_of_its_thread(frozen: FrozenClock) -> None:
    gate = Gate("company", Unpaced())
    refused: list[SyncError] = []

    def elsewhere() -> None:
        try:
            gate.admit(metered=False, batch=False)
        except SyncError as error:
            refused.append(error)

    with gate.no_later_than(clock.ticks() - 1):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert refused == []
