"""Days as the people of an organization write them."""

from datetime import date

from django.utils import dateformat

MONTH_FIRST = {"US", "CA", "PH"}


def day_format(country: str) -> str:
    """Django's format of a day in this country; without a country the day comes first."""
    return "M j, Y" if country in MONTH_FIRST else "j M Y"


def in_words(day: date, country: str) -> str:
    """Nov 12, 2026 or 12 Nov 2026."""
    return dateformat.format(day, day_format(country))
