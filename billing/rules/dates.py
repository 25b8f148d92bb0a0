"""Dates on documents; all are the organization's local dates."""

from datetime import date, timedelta

from billing.errors import DatesRefused

EARLIEST = date(1990, 1, 1)
LATEST = date(2100, 12, 31)


def plausible(day: date, *, name: str) -> date:
    """The day, if it can be meant. Raises `DatesRefused`: a year of 0202 or 20026 is a slip of the hand."""
    if not EARLIEST <= day <= LATEST:
        raise DatesRefused(f"{name} {day} is not between {EARLIEST.year} and {LATEST.year}.")
    return day


def due_date(*, issued_on: date, due_days: int) -> date:
    """The invoice date plus the days of the terms."""
    return plausible(issued_on, name="The invoice date") + timedelta(days=due_days)


def check_order(*, issued_on: date, due_on: date) -> None:
    """Raises `DatesRefused` unless both can be meant and the due date is not before the invoice date."""
    plausible(issued_on, name="The invoice date")
    plausible(due_on, name="The due date")
    if due_on < issued_on:
        raise DatesRefused(f"The due date {due_on} is before the invoice date {issued_on}.")
