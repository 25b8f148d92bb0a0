"""How often a company is looked at, and what a month of that costs."""

import random
from datetime import timedelta

import pytest

from integrations.governor.reads import Reads
from integrations.inbound import rhythm

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("idle", "expected"),
    [
        (timedelta(0), timedelta(minutes=15)),
        (timedelta(minutes=59), timedelta(minutes=15)),
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(hours=8), timedelta(hours=6, minutes=15)),
        (timedelta(days=90), timedelta(hours=6, minutes=15)),
    ],
)
def test_interval(idle: timedelta, expected: timedelta) -> None:
    assert rhythm.interval(idle) == expected


def test_sleeping_company_costs_less_than_four_calls_a_day() -> None:
    assert DAY / rhythm.interval(timedelta(days=3)) < 4


def test_what_has_to_be_spared_makes_looks_rarer() -> None:
    assert rhythm.interval(timedelta(0), 2.0) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("idle", "at_most", "minutes"),
    [(0, 5, 5), (0, 60, 15), (2, 60, 60), (24, 60, 60), (24, 15, 15)],
)
def test_objective_shortens_the_interval_and_never_makes_it_longer(
    idle: int, at_most: int, minutes: int
) -> None:
    found = rhythm.interval(timedelta(hours=idle), at_most=timedelta(minutes=at_most))
    assert found == timedelta(minutes=minutes)


def looks_in_a_day(active_hours: int, stretch: float) -> int:
    """A day in which something goes on for so many hours from midnight."""
    now, looks, last_active = timedelta(0), 0, timedelta(0)
    while now < DAY:
        if now < timedelta(hours=active_hours):
            last_active = now
        now += rhythm.interval(now - last_active, stretch)
        looks += 1
    return looks


def test_a_thousand_busy_companies_never_use_up_the_month() -> None:
    """Sweeps slow down by themselves: every company works ten hours a day, which nothing could pay for."""
    chance, allowance, used, days = random.Random(1), 500_000, 0, 30
    for day in range(days):
        stretch = Reads(used, allowance, day / days).stretch
        used += sum(looks_in_a_day(chance.randint(8, 10), stretch) for _ in range(1000))
    assert used <= allowance


def test_five_hundred_mixed_companies_are_hardly_slowed_down() -> None:
    chance, allowance, used, days, slowest = random.Random(2), 500_000, 0, 30, 1.0
    working = [chance.choice([0, 0, 1, 2, 4, 8]) for _ in range(500)]
    for day in range(days):
        stretch = Reads(used, allowance, day / days).stretch
        slowest = max(slowest, stretch)
        used += sum(looks_in_a_day(hours, stretch) for hours in working)
    assert used <= allowance
    assert slowest < 1.5
