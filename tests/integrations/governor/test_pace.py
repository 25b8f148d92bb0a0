"""Intuit's limits are kept by all workers together, and by each alone when Redis is away."""

from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
import redis
from django.conf import settings

from integrations.governor import pace
from integrations.governor.limits import seconds_for
from integrations.governor.pace import Busy, LocalPace, Pace, SharedPace
from regentra import clock
from regentra.clock import FrozenClock

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
PERCENT = 97


def started(pace: Pace, frozen: FrozenClock, many: int, *, batch: bool = False) -> list[float]:
    """When each of so many requests starts, one asked for as soon as the one before has."""
    moments = []
    for _ in range(many):
        frozen.advance(seconds=pace.reserve("company", batch=batch))
        moments.append((clock.now() - START).total_seconds())
    return moments


def most_within(seconds: float, moments: Iterable[float]) -> int:
    """The fullest window of this length, as the other side counts it."""
    window: deque[float] = deque()
    most = 0
    for moment in moments:
        window.append(moment)
        while window[0] <= moment - seconds:
            window.popleft()
        most = max(most, len(window))
    return most


@pytest.fixture
def frozen() -> Iterable[FrozenClock]:
    with clock.frozen(START) as standing:
        yield standing


def test_no_second_and_no_minute_holds_more_than_intuit_allows(frozen: FrozenClock) -> None:
    moments = started(SharedPace(PERCENT), frozen, 1500)
    assert most_within(1, moments) <= 9
    assert most_within(60, moments) <= 495


def test_nearly_all_that_intuit_allows_is_used(frozen: FrozenClock) -> None:
    moments = started(SharedPace(PERCENT), frozen, 1000)
    assert moments[-1] == pytest.approx(1000 / (500 * 0.97 / 60), rel=0.01)


def test_batches_have_a_limit_of_their_own(frozen: FrozenClock) -> None:
    moments = started(SharedPace(PERCENT), frozen, 100, batch=True)
    assert most_within(60, moments) <= 39


def test_batch_that_waits_for_its_turn_keeps_no_request_waiting(frozen: FrozenClock) -> None:
    shared = SharedPace(PERCENT)
    for _ in range(5):
        shared.reserve("company", batch=True)
    assert shared.reserve("company", batch=False) <= 0.13


def test_two_workers_share_one_budget(frozen: FrozenClock) -> None:
    one, other = SharedPace(PERCENT), SharedPace(PERCENT)
    moments = []
    for turn in range(600):
        frozen.advance(seconds=(one, other)[turn % 2].reserve("company", batch=False))
        moments.append((clock.now() - START).total_seconds())
    assert most_within(1, moments) <= 9
    assert most_within(60, moments) <= 495


def test_companies_do_not_share(frozen: FrozenClock) -> None:
    shared = SharedPace(PERCENT)
    started(shared, frozen, 50)
    assert shared.reserve("another", batch=False) <= 0.13


def test_lost_bucket_starts_empty(frozen: FrozenClock) -> None:
    """After a wiped Redis nobody knows what was spent a moment ago, so nothing may have been saved up."""
    shared, queue = SharedPace(PERCENT), redis.Redis.from_url(settings.REDIS_URL)
    moments = started(shared, frozen, 400)
    queue.flushdb()
    moments += started(SharedPace(PERCENT), frozen, 400)
    assert most_within(60, moments) <= 495
    assert most_within(1, moments) <= 9


def test_idle_company_has_saved_up_a_little(frozen: FrozenClock) -> None:
    shared = SharedPace(PERCENT)
    started(shared, frozen, 1)
    frozen.advance(seconds=300)
    before = clock.now()
    started(shared, frozen, 9)
    assert (clock.now() - before).total_seconds() < 1.0


@pytest.mark.parametrize("batch", [False, True])
def test_worker_without_redis_neither_stops_nor_bursts(
    frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch, batch: bool
) -> None:
    nobody = redis.Redis(port=1, **pace.PATIENCE).register_script(pace.SCRIPT)
    monkeypatch.setattr(pace, "_script", lambda _process: nobody)
    moments = started(SharedPace(PERCENT), frozen, 700, batch=batch)
    assert most_within(1, moments) <= 9
    assert most_within(60, moments) <= (39 if batch else 495)
    assert moments[-1] <= seconds_for(701, PERCENT, batch=batch)


def test_redis_that_comes_back_knows_nothing_and_nothing_bursts(
    frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, script = SharedPace(PERCENT), pace._script
    nobody = redis.Redis(port=1, **pace.PATIENCE).register_script(pace.SCRIPT)
    monkeypatch.setattr(pace, "_script", lambda _process: nobody)
    moments = started(shared, frozen, 300)
    monkeypatch.setattr(pace, "_script", script)
    moments += started(shared, frozen, 300)
    assert most_within(60, moments) <= 495


def test_both_counts_agree(frozen: FrozenClock) -> None:
    """The script and its double in Python book the same slots."""
    shared, local = SharedPace(PERCENT), LocalPace(PERCENT)
    for batch in [False, True, False, False] * 20:
        assert shared.reserve("company", batch=batch) == pytest.approx(
            local.reserve("company", batch=batch), abs=1e-5
        )
        frozen.advance(seconds=0.7)


def test_who_would_wait_long_comes_again_and_books_nothing(frozen: FrozenClock) -> None:
    shared = SharedPace(PERCENT)
    with pytest.raises(Busy) as busy:
        for _ in range(200):
            shared.reserve("company", batch=False)
    assert busy.value.retry_after_seconds is not None
    frozen.advance(seconds=busy.value.retry_after_seconds)
    assert shared.reserve("company", batch=False) <= 0.13


def test_clock_that_was_set_back_does_not_hold_a_company_up(frozen: FrozenClock) -> None:
    shared = SharedPace(PERCENT)
    started(shared, frozen, 3)
    frozen.advance(seconds=-3600)
    assert shared.reserve("company", batch=False) <= 0.13
