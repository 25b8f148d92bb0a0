"""Periods and parts of them: whatever is cut, the pieces come to the whole, to the cent."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import DatesRefused
from billing.money import Money
from billing.rules.agreements import (
    Interval,
    Period,
    Plan,
    Stretch,
    billed_on,
    check,
    cost,
    periods,
    stretches,
)

DAY = timedelta(days=1)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
plans = st.builds(
    Plan,
    starts_on=days,
    ends_on=st.none(),
    interval=st.sampled_from(Interval),
    billing_day=st.integers(1, 28),
    in_advance=st.booleans(),
)
prices = st.decimals(Decimal("0.01"), Decimal(10_000), places=4)
quantities = st.decimals(Decimal(0), Decimal(500), places=2)


def plan(start: str, end: str = "", interval: Interval = Interval.MONTHLY, day: int = 1) -> Plan:
    ends_on = date.fromisoformat(end) if end else None
    return Plan(date.fromisoformat(start), ends_on, interval, day, in_advance=True)


def shown(plan: Plan, count: int = 3) -> list[str]:
    found = islice(periods(plan), count)
    return [f"{one.first} {one.last} {one.days}/{one.whole}" for one in found]


@pytest.mark.parametrize(
    ("given_plan", "expected"),
    [
        (
            plan("2026-01-01"),
            [
                "2026-01-01 2026-01-31 31/31",
                "2026-02-01 2026-02-28 28/28",
                "2026-03-01 2026-03-31 31/31",
            ],
        ),
        (
            plan("2026-01-10", "2026-02-20"),
            ["2026-01-10 2026-01-31 22/31", "2026-02-01 2026-02-20 20/28"],
        ),
        # The stub of a quarter costs its share of the quarter that would end with it.
        (
            plan("2026-01-10", interval=Interval.QUARTERLY),
            [
                "2026-01-10 2026-01-31 22/92",
                "2026-02-01 2026-04-30 89/89",
                "2026-05-01 2026-07-31 92/92",
            ],
        ),
        (
            plan("2026-03-15", interval=Interval.YEARLY, day=15),
            [
                "2026-03-15 2027-03-14 365/365",
                "2027-03-15 2028-03-14 366/366",
                "2028-03-15 2029-03-14 365/365",
            ],
        ),
        (plan("2026-01-31", "2026-01-31"), ["2026-01-31 2026-01-31 1/31"]),
    ],
)
def test_periods(given_plan: Plan, expected: list[str]) -> None:
    assert shown(given_plan) == expected


@given(plans)
def test_periods_follow_one_another_without_gap_and_are_whole_after_the_first(plan: Plan) -> None:
    found = list(islice(periods(plan), 30))
    assert found[0].first == plan.starts_on
    assert all(before.last + DAY == after.first for before, after in pairwise(found))
    assert all(one.is_whole and one.first.day == plan.billing_day for one in found[1:])
    assert found[0].days <= found[0].whole


@given(plans, st.integers(0, 900))
def test_last_period_ends_with_the_agreement(plan: Plan, length: int) -> None:
    ends_on = plan.starts_on + length * DAY
    ending = Plan(plan.starts_on, ends_on, plan.interval, plan.billing_day, plan.in_advance)
    found = list(periods(ending))
    assert found[-1].last == ends_on
    assert sum(one.days for one in found) == length + 1


@given(plans, st.integers(0, 9), prices, quantities, st.sets(st.integers(0, 365), max_size=8))
def test_pieces_of_a_period_come_to_the_whole_to_the_cent(
    plan: Plan, number: int, price: Decimal, quantity: Decimal, cuts: set[int]
) -> None:
    period = next(islice(periods(plan), number, None))
    starts = sorted({0, *(cut for cut in cuts if cut < period.days)})
    ends = [*(start - 1 for start in starts[1:]), period.days - 1]
    pieces = [
        Stretch(quantity, period.first + start * DAY, period.first + end * DAY)
        for start, end in zip(starts, ends, strict=True)
    ]
    together = Money.total((cost(price, one, period, "USD") for one in pieces), "USD")
    all_of_it = Stretch(quantity, period.first, period.last)
    assert together == cost(price, all_of_it, period, "USD")
    if period.is_whole:
        assert together == Money.of(price * quantity, "USD")


@given(plans, prices, quantities)
def test_first_part_and_the_rest_that_was_before_it_come_to_a_whole_period(
    plan: Plan, price: Decimal, quantity: Decimal
) -> None:
    period = next(periods(plan))
    mine = cost(price, Stretch(quantity, period.first, period.last), period, "USD")
    before = Period(period.whole_first, period.last, period.whole_first, period.whole)
    if period.first > period.whole_first:
        theirs = cost(
            price, Stretch(quantity, period.whole_first, period.first - DAY), before, "USD"
        )
        assert mine + theirs == Money.of(price * quantity, "USD")


@given(st.lists(st.tuples(days, quantities), max_size=12), plans)
def test_stretches_cover_exactly_the_days_on_which_there_is_something(
    changes: list[tuple[date, Decimal]], plan: Plan
) -> None:
    period = next(islice(periods(plan), 1, None))
    by_day = dict(changes)
    found = stretches(by_day.items(), period)
    for number in range(period.days):
        day = period.first + number * DAY
        before = [since for since in by_day if since <= day]
        expected = by_day[max(before)] if before else Decimal(0)
        covering = [one.quantity for one in found if one.first <= day <= one.last]
        assert covering == ([expected] if expected else [])


def test_invoice_is_of_the_first_day_or_the_day_after_the_last() -> None:
    advance = plan("2026-01-10")
    arrears = Plan(advance.starts_on, None, advance.interval, 1, in_advance=False)
    period = next(periods(advance))
    assert billed_on(advance, period) == date(2026, 1, 10)
    assert billed_on(arrears, period) == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (plan("2026-01-10", "2026-01-09"), "before it begins"),
        (plan("2026-01-10", day=29), "1 to 28"),
        (plan("2026-01-10", day=0), "1 to 28"),
        (plan("0026-01-01"), "The first day is not between 1990 and 2100"),
        (plan("0001-01-01", day=15), "The first day is not between"),
        (plan("9999-12-31"), "The first day is not between"),
        (plan("2026-01-10", "2101-01-01"), "The last day is not between"),
    ],
)
def test_what_cannot_be_billed_is_refused(wrong: Plan, words: str) -> None:
    with pytest.raises(DatesRefused, match=words):
        check(wrong)
