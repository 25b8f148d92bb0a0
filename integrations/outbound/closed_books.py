"""Documents whose date lies in closed books: what goes, under which day, and what waits. Pure but for `refused`.

QuickBooks refuses every write dated up to its closing date, also of what stands there already.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from integrations.documents import (
    CreditMemoDocument,
    Document,
    ExpenseDocument,
    InvoiceDocument,
    Kind,
    PaymentDocument,
    RefundReceiptDocument,
    changed_fields,
    kind_of,
)
from integrations.errors import PeriodClosed
from integrations.models import Connection, SyncJob, policies_in_force
from integrations.outbound import company_settings, jobs
from integrations.outbound.prerequisites import Missing, Need
from integrations.policies import ClosedPeriod
from regentra import clock
from tenants import as_shown
from tenants.days import in_words

# The field that says under which day a document stands in the books; the other kinds have none.
DAY_OF = {
    Kind.INVOICE: "issued_on",
    Kind.CREDIT_MEMO: "issued_on",
    Kind.PAYMENT: "received_on",
    Kind.EXPENSE: "paid_on",
    Kind.REFUND_RECEIPT: "paid_on",
}
# What billing calls that day.
DAY_HERE = {**DAY_OF, Kind.EXPENSE: "refunded_on", Kind.REFUND_RECEIPT: "refunded_on"}


@dataclass(frozen=True, slots=True)
class Posting:
    """Under which day a document goes, and which of its own days that replaces."""

    on: date
    instead_of: date

    @property
    def mark(self) -> str:
        """Another one as soon as one of the days is."""
        return as_shown.mark(self.on.isoformat(), self.instead_of.isoformat())


@dataclass(frozen=True, slots=True)
class Books:
    """What is known of the books over there and of the document in them: our half of its link.

    ``country`` is that of the company, by which days are written. ``read_unasked`` says whether anybody finds out by
    themselves that the books were opened.
    """

    closed_on: date | None
    rule: ClosedPeriod
    chosen: Posting | None
    agreed: Document | None
    country: str = ""
    read_unasked: bool = True

    def holds_closed(self, day: date) -> bool:
        """Whether nothing can be written under this day."""
        return self.closed_on is not None and day <= self.closed_on


def posting_of(job: SyncJob) -> Posting | None:
    """What was chosen for this document before, by a person or by the sync rules."""
    if job.posted_on is None or job.instead_of is None:
        return None
    return Posting(job.posted_on, job.instead_of)


def placed(document: Document, books: Books) -> tuple[Document, Posting | None] | Missing:
    """The document under the day it goes, or why it waits."""
    name = DAY_OF.get(kind_of(document))
    if name is None:
        return document, None
    own: date = getattr(document, name)
    chosen = books.chosen if books.chosen and books.chosen.instead_of == own else None
    there = as_chosen(document, chosen)
    if not _is_written(there, books.agreed) or not _touches_closed(there, name, books):
        return there, chosen
    if books.agreed is None and books.rule is ClosedPeriod.SHIFT:
        shifted = Posting(first_open(books.closed_on), own)
        return _dated(document, shifted.on), shifted
    return _missing(own, books)


def as_chosen(document: Document, chosen: Posting | None) -> Document:
    """The document under the day that was chosen for the one it has."""
    name = DAY_OF.get(kind_of(document))
    if chosen is None or name is None or getattr(document, name) != chosen.instead_of:
        return document
    return _dated(document, chosen.on)


def first_open(closed_on: date | None) -> date:
    """The day after the closing date."""
    assert closed_on is not None
    return closed_on + timedelta(days=1)


def may_shift(job: SyncJob | None, document: Any, *, is_there: bool) -> Posting | None:
    """The day a person may let a waiting document of billing go under; None when that answers nothing."""
    if job is None or is_there or job.reason_code not in (Need.CLOSED, Need.CLOSED_HELD):
        return None
    closed_on = job.connection.company_settings().books_closed_on
    own = getattr(document, DAY_HERE[Kind(job.kind)])
    return Posting(first_open(closed_on), own) if closed_on else None


def refused(connection: Connection, job: SyncJob, error: PeriodClosed) -> None:
    """QuickBooks says that the books are closed, which its settings did not when they were read last."""
    held = policies_in_force().closed_period is ClosedPeriod.HOLD
    need = Need.CLOSED_HELD if held else Need.CLOSED
    jobs.block(job, [Missing(need, f"{error.words} {error.hint}")])
    now = clock.now()
    if not company_settings.is_read_since(connection, now - company_settings.FRESH):
        company_settings.ask_again(connection, now)


def _is_written(document: Document, agreed: Document | None) -> bool:
    if agreed is None:
        return not getattr(document, "voided", False)
    return bool(changed_fields(agreed, document)) and not _is_void_already(document, agreed)


def _is_void_already(document: Document, agreed: Document) -> bool:
    return bool(getattr(document, "voided", False) and getattr(agreed, "voided", False))


def _touches_closed(document: Document, name: str, books: Books) -> bool:
    """A change is refused under the day it had as well as under the one it gets."""
    days = [getattr(one, name) for one in (document, books.agreed) if one is not None]
    return any(books.holds_closed(day) for day in days)


def _dated(document: Document, day: date) -> Document:
    """An invoice is never due before its date."""
    match document:
        case InvoiceDocument():
            return replace(document, issued_on=day, due_on=max(day, document.due_on))
        case CreditMemoDocument():
            return replace(document, issued_on=day)
        case PaymentDocument():
            return replace(document, received_on=day)
        case ExpenseDocument() | RefundReceiptDocument():
            return replace(document, paid_on=day)
        case _:
            return document


def _missing(own: date, books: Books) -> Missing:
    assert books.closed_on is not None
    closed_on = in_words(books.closed_on, books.country)
    until = f"the books in QuickBooks are closed until {closed_on}"
    if books.agreed is not None:
        says = f"It stands in closed books: {until}, so it can't be changed there."
    else:
        says = f"It is dated {in_words(own, books.country)}, and {until}."
    if books.rule is ClosedPeriod.HOLD:
        asked = "" if books.read_unasked else " and somebody presses Sync now"
        return Missing(Need.CLOSED_HELD, f"{says} It waits until they are opened{asked}.")
    what_now = "and it goes on by itself" if books.read_unasked else "then press Sync now"
    return Missing(Need.CLOSED, f"{says} Open them, {what_now}.")
