"""Dates on documents; all are the organization's local dates."""

from calendar import monthrange
from datetime import date, timedelta

from billing.errors import DatesRefused

EARLIEST = date(1990, 1, 1)
LATEST = date(2100, 12, 31)


def plausible(day: date, *, name: str) -> date:
    """The day, if it can be meant. Raises `DatesRefused`: a year of 0202 or 20026 is a slip of the hand."""
    if not EARLIEST <= day <= LATEST:
        raise DatesRefused(f"{name} is not between {EARLIEST.year} and {LATEST.year}.")
    return day


def due_date(*, issued_on: date, due_days: int) -> date:
    """The invoice date plus the days of the terms."""
    return plausible(issued_on, name="The invoice date") + timedelta(days=due_days)


def due_by_month(*, issued_on: date, day: int, at_least_days: int) -> date:
    """This day of the month, of the next month when it is fewer than so many days off; 31 is the last day of any."""
    plausible(issued_on, name="The invoice date")
    this = _day_of(issued_on.year, issued_on.month, day)
    if this >= issued_on + timedelta(days=at_least_days):
        return this
    return _day_of(issued_on.year + issued_on.month // 12, issued_on.month % 12 + 1, day)


def _day_of(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def check_order(*, issued_on: date, due_on: date) -> None:
    """Raises `DatesRefused` unless both can be meant and the due date is not before the invoice date."""
    plausible(issued_on, name="The invoice date")
    plausible(due_on, name="The due date")
    if due_on < issued_on:
        raise DatesRefused("The due date is before the invoice date.")
