"""A wake-up keeps nobody waiting, costs little when many ring, and is not given up when the queue is away."""

from queue import Queue
from threading import Event

import pytest

from regentra.nudge import REST_AFTER_FAILURE_SECONDS, REST_SECONDS, Nudge

PATIENCE_SECONDS = 20


@pytest.fixture
def rests() -> Queue[float]:
    """How long it rests each time, which takes no time here."""
    return Queue()


def test_rings_while_it_wakes_are_one_more_call(rests: Queue[float]) -> None:
    calls: Queue[int] = Queue()
    goes_on = Event()

    def wake() -> None:
        calls.put(1)
        assert goes_on.wait(PATIENCE_SECONDS)

    bell = Nudge(wake, rest=rests.put)
    bell.ring()
    calls.get(timeout=PATIENCE_SECONDS)
    for _ in range(50):
        bell.ring()
    goes_on.set()
    calls.get(timeout=PATIENCE_SECONDS)
    assert [rests.get(timeout=PATIENCE_SECONDS) for _ in range(2)] == [REST_SECONDS] * 2
    assert calls.empty()


def test_queue_that_is_away_is_left_alone_for_a_while_and_then_tried_again(
    rests: Queue[float],
) -> None:
    outcomes: Queue[Exception | None] = Queue()
    outcomes.put(ConnectionError())
    outcomes.put(None)

    def wake() -> None:
        if problem := outcomes.get(timeout=PATIENCE_SECONDS):
            raise problem

    bell = Nudge(wake, rest=rests.put)
    bell.ring()
    assert rests.get(timeout=PATIENCE_SECONDS) == REST_AFTER_FAILURE_SECONDS
    bell.ring()
    assert rests.get(timeout=PATIENCE_SECONDS) == REST_SECONDS
