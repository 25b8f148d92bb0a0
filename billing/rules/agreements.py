"""The periods of a recurring agreement, and what each part of one costs. All days are local dates."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from billing.errors import DatesRefused, IllegalStep
from billing.money import EXACT, Money
from billing.rules.dates import plausible

ONE_DAY = timedelta(days=1)
# Each month has these.
LAST_BILLING_DAY = 28


class Interval(StrEnum):
    """How long one period is."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"

    @property
    def months(self) -> int:
        return {Interval.MONTHLY: 1, Interval.QUARTERLY: 3, Interval.YEARLY: 12}[self]


@dataclass(frozen=True, slots=True)
class Plan:
    """When an agreement is billed. ``ends_on`` is its last day; a period begins on ``billing_day`` of a month."""

    starts_on: date
    ends_on: date | None
    interval: Interval
    billing_day: int
    in_advance: bool


@dataclass(frozen=True, slots=True)
class Period:
    """Both days belong to it. ``whole`` is how many days it would have if it were not cut short at either end."""

    first: date
    last: date
    whole_first: date
    whole: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_whole(self) -> bool:
        return self.days == self.whole


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many of something from the first day to the last."""

    quantity: Decimal
    first: date
    last: date


def check(plan: Plan) -> None:
    """Raises `DatesRefused` for an agreement that ends before it begins, a day that cannot be meant, or one not every
    month has.
    """
    if not 1 <= plan.billing_day <= LAST_BILLING_DAY:
        raise DatesRefused(
            f"The billing day is one from 1 to {LAST_BILLING_DAY}, as each month has it."
        )
    plausible(plan.starts_on, name="The first day")
    if plan.ends_on is None:
        return
    plausible(plan.ends_on, name="The last day")
    if plan.ends_on < plan.starts_on:
        raise DatesRefused("The agreement ends before it begins.")


def check_fee(quantity: Decimal) -> None:
    """Raises `IllegalStep` for a fixed fee that is to be billed more than once, or not at all: it knows no quantity."""
    if quantity != 1:
        many = f"{quantity.normalize():f}"
        raise IllegalStep(
            f"A fixed fee is billed once; choose Per seat or Product to bill {many} of them."
        )


def periods(plan: Plan) -> Iterator[Period]:
    """All of them in order, without an end where the agreement has none. The first and the last may be cut short.

    A first period that does not begin on the billing day lasts until the next one; whole ones follow.
    """
    boundary = _boundary_up_to(plan.starts_on, plan.billing_day)
    months = 1 if boundary != plan.starts_on else plan.interval.months
    number = 0
    first = plan.starts_on
    whole_first = boundary if months == plan.interval.months else _stub_from(plan, boundary)
    following = _later(boundary, months)
    while plan.ends_on is None or first <= plan.ends_on:
        last = following - ONE_DAY
        cut = last if plan.ends_on is None else min(last, plan.ends_on)
        yield Period(first, cut, whole_first, (following - whole_first).days)
        first = whole_first = following
        number += 1
        following = _later(boundary, months + number * plan.interval.months)


def billed_on(plan: Plan, period: Period) -> date:
    """The day of its invoice: its first day, or the day after its last where it is billed in arrears."""
    return period.first if plan.in_advance else period.last + ONE_DAY


def cost(unit_price: Decimal, stretch: Stretch, period: Period, currency: str) -> Money:
    """What a stretch of a period costs, by its days. Stretches that cover a period cost what the period does, to the
    cent: each is what has come together by its end less what had by its beginning.
    """
    full = EXACT.multiply(unit_price, stretch.quantity)
    until = (stretch.last - period.whole_first).days + 1
    before = (stretch.first - period.whole_first).days
    return _share(full, until, period.whole, currency) - _share(
        full, before, period.whole, currency
    )


def stretches(changes: Iterable[tuple[date, Decimal]], period: Period) -> list[Stretch]:
    """How many there were in a period, day by day, from (day, quantity) in any order; none before the first."""
    known = sorted(changes)
    before = [quantity for day, quantity in known if day <= period.first]
    inside = {day: quantity for day, quantity in known if period.first < day <= period.last}
    marks = [(period.first, before[-1] if before else Decimal(0)), *sorted(inside.items())]
    ends = [day - ONE_DAY for day, _ in marks[1:]] + [period.last]
    found = [Stretch(quantity, day, end) for (day, quantity), end in zip(marks, ends, strict=True)]
    return [one for one in found if one.quantity]


def _share(full: Decimal, days: int, whole: int, currency: str) -> Money:
    return Money.of(EXACT.divide(EXACT.multiply(full, Decimal(days)), Decimal(whole)), currency)


def _boundary_up_to(day: date, billing_day: int) -> date:
    """The latest billing day up to this one."""
    this_month = day.replace(day=billing_day)
    return this_month if this_month <= day else _later(this_month, -1)


def _stub_from(plan: Plan, boundary: date) -> date:
    """Where a first period that is cut short would have begun if it were a whole one."""
    return _later(boundary, 1 - plan.interval.months)


def _later(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
