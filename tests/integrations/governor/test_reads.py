"""The month's reads: counted in PostgreSQL, slowed down first, and writes go on when they are used up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.governor import reads
from integrations.governor.reads import Reads
from integrations.models import Environment, ReadBudget, SyncDue
from integrations.ports import CallRecord
from regentra import clock
from regentra.clock import FrozenClock
from tests import factories

pytestmark = pytest.mark.django_db

MIDDLE = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)  # half of November


@pytest.fixture
def frozen() -> Iterator[FrozenClock]:
    with clock.frozen(MIDDLE) as standing:
        yield standing


def read(status: int | None = 200, *, metered: bool = True, items: int = 1) -> CallRecord:
    method, path = ("POST", "/batch") if items > 1 else ("GET", "/cdc")
    return CallRecord(method, path, status, metered, MIDDLE, 150, "", "", items=items)


def test_answered_metered_calls_of_production_companies_count(frozen: FrozenClock) -> None:
    reads.count(
        [read(), read(), read(metered=False), read(500), read(None)], Environment.PRODUCTION
    )
    reads.count([read()], Environment.SANDBOX)
    assert reads.now().used == 2


@pytest.mark.parametrize(("counted_as", "used"), [("call", 1), ("item", 30)])
def test_batch_counts_as_the_setting_says(
    frozen: FrozenClock, settings: Any, counted_as: str, used: int
) -> None:
    settings.BATCH_METERED_AS = counted_as
    reads.count([read(items=30)], Environment.PRODUCTION)
    assert reads.now().used == used


def test_a_new_month_starts_at_nothing(frozen: FrozenClock) -> None:
    reads.count([read()], Environment.PRODUCTION)
    frozen.advance(days=15)
    assert reads.now().used == 0


def test_throttles_that_clear_within_ten_minutes_block_nobody(frozen: FrozenClock) -> None:
    for _ in range(9):
        reads.count([read(429)], Environment.PRODUCTION)
        frozen.advance(seconds=65)
    reads.count([read()], Environment.PRODUCTION)
    reads.count([read(429)], Environment.PRODUCTION)
    assert reads.now().may_look_up


def test_throttles_that_do_not_clear_leave_writes_only_and_one_read_is_tried_an_hour_later(
    frozen: FrozenClock,
) -> None:
    for _ in range(11):
        reads.count([read(429)], Environment.PRODUCTION)
        frozen.advance(seconds=60)
    reads.count([read(429)], Environment.PRODUCTION)
    assert not reads.now().may_sweep
    assert not reads.now().may_look_up
    frozen.advance(seconds=timedelta(hours=1).total_seconds())
    assert reads.now().may_look_up
    reads.count([read(429)], Environment.PRODUCTION)
    assert not reads.now().may_look_up, "the first refusal is enough now"
    frozen.advance(seconds=timedelta(hours=1).total_seconds())
    reads.count([read()], Environment.PRODUCTION)
    assert reads.now().may_look_up
    assert ReadBudget.objects.get().refused_since is None


def test_sandbox_throttles_say_nothing_about_the_month(frozen: FrozenClock) -> None:
    for _ in range(20):
        reads.count([read(429)], Environment.SANDBOX)
        frozen.advance(seconds=60)
    assert reads.now().may_look_up


@pytest.mark.parametrize(
    ("used", "elapsed", "stretch"),
    [
        (0, 0.0, 1.0),
        (250, 0.5, 1.0),
        (400, 0.5, 1.0),  # hardly ahead
        (600, 0.5, 0.5 / 0.35),
        (900, 0.5, 0.5 / 0.05),
        (940, 0.1, 24.0),  # never slower than a day
        (940, 0.99, 1.0),  # the month is over anyway
    ],
)
def test_sweeps_slow_down_so_that_the_rest_lasts(used: int, elapsed: float, stretch: float) -> None:
    assert Reads(used, 1000, elapsed).stretch == pytest.approx(stretch)


@pytest.mark.parametrize(
    ("used", "sweep", "look_up"), [(0, True, True), (950, False, True), (1000, False, False)]
)
def test_look_ups_go_on_longer_than_sweeps(used: int, sweep: bool, look_up: bool) -> None:
    month = Reads(used, 1000, 0.5)
    assert (month.may_sweep, month.may_look_up) == (sweep, look_up)


def test_forecast_goes_on_as_before() -> None:
    assert Reads(200, 1000, 0.5).forecast == 400


@pytest.mark.parametrize(
    ("day", "used", "share"),
    [
        (1, 0, 31_667),  # 475,000 for thirty days, and twice of that
        (16, 0, 63_333),
        (16, 400_000, 10_000),
        (30, 400_000, 75_000),  # the last day may take all that is to spare
        (16, 480_000, 0),
    ],
)
def test_day_has_twice_an_even_share_of_what_is_left(day: int, used: int, share: int) -> None:
    month = Reads(used, 500_000, (day - 1) / 30)
    assert reads.day_share(month, datetime(2026, 11, day, 12, tzinfo=UTC)) == share


def test_reads_of_a_day_are_those_of_the_company_and_end_with_the_day(
    frozen: FrozenClock,
) -> None:
    organization = factories.organization()
    mine, theirs = (
        SyncDue.objects.create(organization=organization).connection_id for _ in range(2)
    )
    reads.count([read(), read()], Environment.PRODUCTION, company=mine)
    reads.count([read()], Environment.PRODUCTION, company=theirs)
    before = reads.today(mine)
    assert (before.used, before.used_by_company) == (3, 2)
    assert before.left == before.part_of_company - 2
    frozen.advance(days=1)
    reads.count([read()], Environment.PRODUCTION, company=mine)
    assert (reads.today(mine).used_by_company, reads.today(theirs).used_by_company) == (1, 0)
    assert reads.today(theirs).used == 1 and reads.now().used == 4
