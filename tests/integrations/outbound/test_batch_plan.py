"""Which lane a backlog takes, and what each lane would cost."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.outbound.batch_plan import Backlog, Lane, Plan, plan_lane

NOW = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)


def plan(documents: int, *, waited_minutes: float = 0, **wish: object) -> Plan:
    since = NOW - timedelta(minutes=waited_minutes)
    usual: dict[str, object] = {
        "asked": False,
        "fresh_within": timedelta(minutes=15),
        "reads_left": 500_000,
        "percent": 100,
        "metered_as": "call",
    }
    return plan_lane(Backlog(documents, since), now=NOW, **{**usual, **wish})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("documents", "waited_minutes", "wish", "lane"),
    [
        (0, 0, {}, Lane.SINGLE),
        (1, 0, {"asked": True}, Lane.SINGLE),  # a batch of one is only dearer
        (2, 0, {"asked": True}, Lane.BATCH),
        (500, 0, {}, Lane.SINGLE),
        (7_500, 0, {}, Lane.SINGLE),  # exactly fifteen minutes at 500 a minute
        (7_501, 0, {}, Lane.BATCH),
        (10_000, 0, {}, Lane.BATCH),  # a month end
        (5_000, 6, {}, Lane.BATCH),  # the rest of it stays in the lane
        (2_000, 10, {}, Lane.SINGLE),  # the last ones make it in time anyway
        (2_501, 0, {"fresh_within": timedelta(minutes=5)}, Lane.BATCH),
        (30_000, 0, {"fresh_within": timedelta(hours=1)}, Lane.SINGLE),
        (10, 60, {}, Lane.SINGLE),  # late already, and a batch would not be faster
        (10_000, 0, {"reads_left": 333}, Lane.SINGLE),  # would use up the month
        (10_000, 0, {"reads_left": 334}, Lane.BATCH),
        (10_000, 0, {"metered_as": "item", "reads_left": 9_999}, Lane.SINGLE),
        (100, 0, {"asked": True, "reads_left": 0}, Lane.SINGLE),
    ],
)
def test_lane(documents: int, waited_minutes: float, wish: dict[str, object], lane: Lane) -> None:
    assert plan(documents, waited_minutes=waited_minutes, **wish).lane is lane


def test_what_each_lane_takes_is_told_before_choosing() -> None:
    month_end = plan(10_000)
    assert month_end.single.duration == timedelta(minutes=20)
    assert month_end.single.metered == 0
    assert month_end.batch.duration == timedelta(minutes=8, seconds=21)
    assert month_end.batch.metered == 334


def test_batches_counted_by_item_cost_as_many_calls_as_documents() -> None:
    assert plan(10_000, metered_as="item").batch.metered == 10_000


def test_part_of_the_limits_takes_longer() -> None:
    assert plan(10_000, percent=80).single.duration == timedelta(minutes=25)
