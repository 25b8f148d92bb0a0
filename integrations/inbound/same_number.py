"""Two invoices with the same number: what differs, what may be done, and what is best. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from billing.money import Money
from integrations.documents import InvoiceDocument, LineDocument
from integrations.outbound.links import our_total


class Answer(StrEnum):
    """What can be done about it."""

    LINK = "link"
    TAKE = "take"
    RENUMBER = "renumber"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Pair:
    """Both invoices as far as deciding needs them, with what was paid on each."""

    ours: InvoiceDocument
    theirs: InvoiceDocument
    is_linked: bool
    paid_here: Money
    paid_there: Money


@dataclass(frozen=True, slots=True)
class Advice:
    """What may be done, which of it is recommended, and why."""

    possible: tuple[Answer, ...]
    best: Answer
    because: str


@dataclass(frozen=True, slots=True)
class Row:
    """One field of both, in words."""

    label: str
    ours: str
    theirs: str

    @property
    def differs(self) -> bool:
        return self.ours != self.theirs


def advise(pair: Pair) -> Advice:
    """Linking is possible only where both can be the same sale: for one customer, alive, and nobody else's."""
    if why := _cannot_be_the_same(pair):
        return Advice((Answer.RENUMBER, Answer.LEAVE), Answer.RENUMBER, why)
    return Advice(tuple(Answer), *_best(pair))


def rows(pair: Pair, *, ours_for: str, theirs_for: str) -> list[Row]:
    """Both invoices field by field, as a person compares them."""
    ours, theirs = pair.ours, pair.theirs
    return [
        Row("Number", ours.number, theirs.number),
        Row("Customer", ours_for, theirs_for),
        Row("Invoice date", _day(ours.issued_on), _day(theirs.issued_on)),
        Row("Due date", _day(ours.due_on), _day(theirs.due_on)),
        *_line_rows(ours, theirs),
        Row("Tax", _sum(ours.tax), _sum(theirs.tax)),
        Row("Total", str(_total(ours)), str(_total(theirs))),
        Row("Paid", _sum(pair.paid_here), _sum(pair.paid_there)),
        Row("Notes to the customer", ours.customer_memo, theirs.customer_memo),
    ]


def _cannot_be_the_same(pair: Pair) -> str:
    if pair.theirs.voided:
        return "The one in QuickBooks is void and keeps its number."
    if pair.is_linked:
        return "The one in QuickBooks belongs to another invoice here."
    if pair.ours.customer != pair.theirs.customer:
        return "They are for different customers, so they are two invoices."
    if pair.ours.currency != pair.theirs.currency:
        return "They are in different currencies, so they are two invoices."
    return ""


def _best(pair: Pair) -> tuple[Answer, str]:
    if _total(pair.ours) != _total(pair.theirs):
        return Answer.RENUMBER, "Their totals differ, so they are probably two invoices."
    if pair.paid_there:
        return (
            Answer.TAKE,
            "Same customer and total, and something was paid on the one in QuickBooks: it is the one in use.",
        )
    return Answer.LINK, "Same customer and total, so they are most likely the same invoice."


def _line_rows(ours: InvoiceDocument, theirs: InvoiceDocument) -> Iterator[Row]:
    for place in range(max(len(ours.lines), len(theirs.lines))):
        yield Row(f"Line {place + 1}", _line(ours.lines, place), _line(theirs.lines, place))


def _line(lines: tuple[LineDocument, ...], place: int) -> str:
    if place >= len(lines):
        return ""
    line = lines[place]
    return f"{line.description.strip()}: {line.amount}"


def _total(invoice: InvoiceDocument) -> Money:
    return Money(our_total(invoice), invoice.currency)


def _sum(amount: Money | None) -> str:
    return str(amount) if amount else ""


def _day(day: date) -> str:
    return day.isoformat()
