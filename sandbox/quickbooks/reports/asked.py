"""What a caller asks of a report, with QuickBooks' defaults."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sandbox.quickbooks.faults import Fault

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books


class Asked:
    """Parameters of one report, checked. Raises `Fault` for what is not a date or a number."""

    def __init__(self, books: Books, query: dict[str, str]) -> None:
        self.query, self.today = query, books.today
        if query.get("accounting_method", "Accrual").lower() != "accrual":
            raise Fault(
                5030, "Feature Not Supported Error : this sandbox reports on the accrual basis only"
            )
        if query.get("summarize_column_by", "Total").lower() != "total":
            raise Fault(5030, "Feature Not Supported Error : this sandbox summarizes by Total only")
        self.start, self.end = self._period()

    def day(self, name: str, default: date) -> date:
        text = self.query.get(name)
        if not text:
            return default
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise Fault(2060, f"Invalid Date Format : {name}", element=name) from error

    def number(self, name: str, default: int, most: int) -> int:
        text = self.query.get(name)
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
            raise Fault(2080, f"Invalid Number Format : {name}", element=name)
        return int(text)

    def ids(self, name: str) -> set[int] | None:
        text = self.query.get(name)
        if not text:
            return None
        parts = [part.strip() for part in text.split(",")]
        if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
            raise Fault(
                2030, f"Id should be a valid number. Supplied value:{text[:60]}", element=name
            )
        return {int(part) for part in parts}

    def _period(self) -> tuple[date, date]:
        """Given dates win, then the macro, then the fiscal year to date."""
        start, end = macro(self.query.get("date_macro", "This Fiscal Year-to-date"), self.today)
        start, end = self.day("start_date", start), self.day("end_date", end)
        if start > end:
            raise Fault(2190, f"Invalid Date Range. Supplied value:{start} to {end}")
        return start, end


def macro(name: str, today: date) -> tuple[date, date]:
    first = today.replace(day=1)
    year = today.replace(month=1, day=1)
    spans = {
        "today": (today, today),
        "this month": (first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)),
        "this month-to-date": (first, today),
        "last month": ((first - timedelta(days=1)).replace(day=1), first - timedelta(days=1)),
        "this fiscal year": (year, today.replace(month=12, day=31)),
        "this fiscal year-to-date": (year, today),
        "this year": (year, today.replace(month=12, day=31)),
        "this year-to-date": (year, today),
        "last fiscal year": (year.replace(year=year.year - 1), year - timedelta(days=1)),
        "last year": (year.replace(year=year.year - 1), year - timedelta(days=1)),
        "all": (date(1900, 1, 1), date(2099, 12, 31)),
    }
    if name.lower() not in spans:
        raise Fault(
            2170,
            f"Invalid Enumeration : date_macro. Supplied value:{name[:40]}",
            element="date_macro",
        )
    return spans[name.lower()]
