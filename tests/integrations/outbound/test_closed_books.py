"""Which documents go although the books are closed, and under which day: a table."""

from dataclasses import replace
from datetime import date

import pytest

from billing.money import Money
from integrations.documents import (
    CreditMemoDocument,
    CustomerDocument,
    Document,
    ExpenseDocument,
    InvoiceDocument,
    ItemDocument,
    Kind,
    PaymentDocument,
    RefundReceiptDocument,
    kind_of,
)
from integrations.outbound.closed_books import DAY_OF, Books, Posting, placed
from integrations.outbound.prerequisites import Missing, Need
from integrations.policies import ClosedPeriod
from tenants.days import in_words

BEFORE, LAST, FIRST, LATER = (
    date(2026, 3, 16),
    date(2026, 3, 31),
    date(2026, 4, 1),
    date(2026, 4, 9),
)
INVOICE = InvoiceDocument("INV-1", "7", BEFORE, date(2026, 3, 20), "USD")
PAYMENT = PaymentDocument("7", BEFORE, Money(100, "USD"))
CREDIT_MEMO = CreditMemoDocument("CM-1", "7", BEFORE, "USD")
EXPENSE = ExpenseDocument("RF-1", "7", BEFORE, Money(100, "USD"))
REFUND_RECEIPT = RefundReceiptDocument("RF-1", "7", BEFORE, "USD")
DATED: list[Document] = [INVOICE, CREDIT_MEMO, PAYMENT, EXPENSE, REFUND_RECEIPT]
OPEN = Books(None, ClosedPeriod.ASK, None, None)
CLOSED = replace(OPEN, closed_on=LAST)
SHIFTING = replace(CLOSED, rule=ClosedPeriod.SHIFT)

each = pytest.mark.parametrize("document", DATED, ids=kind_of)


def day_of(document: Document) -> date:
    day = getattr(document, DAY_OF[kind_of(document)])
    assert isinstance(day, date)
    return day


def dated(document: Document, day: date) -> Document:
    return replace(document, **{DAY_OF[kind_of(document)]: day})  # type: ignore[type-var]


def goes(document: Document, books: Books) -> tuple[Document, Posting | None]:
    place = placed(document, books)
    assert not isinstance(place, Missing), place
    return place


def waits(document: Document, books: Books) -> Missing:
    place = placed(document, books)
    assert isinstance(place, Missing)
    return place


def test_every_kind_says_under_which_day_it_stands_or_has_none() -> None:
    assert {kind_of(one) for one in DATED} == set(DAY_OF)
    assert set(Kind) - set(DAY_OF) == {Kind.CUSTOMER, Kind.ACCOUNT, Kind.ITEM, Kind.MAIL}
    for document in (CustomerDocument("Adatum"), ItemDocument("Support")):
        assert goes(document, CLOSED) == (document, None)


@each
def test_open_books_take_it_as_it_is(document: Document) -> None:
    assert goes(document, OPEN) == (document, None)
    assert goes(dated(document, FIRST), CLOSED) == (dated(document, FIRST), None)


@each
@pytest.mark.parametrize("day", [BEFORE, LAST])
def test_new_ones_wait_or_move_as_the_rule_says(document: Document, day: date) -> None:
    document = dated(document, day)
    assert waits(document, CLOSED).need is Need.CLOSED
    held = waits(document, replace(CLOSED, rule=ClosedPeriod.HOLD))
    assert held.need is Need.CLOSED_HELD
    assert in_words(LAST, "") in held.sentence
    moved, posting = goes(document, SHIFTING)
    assert (day_of(moved), posting) == (FIRST, Posting(FIRST, day))


def test_moved_invoice_is_not_due_before_its_date() -> None:
    moved, _ = goes(INVOICE, SHIFTING)
    assert isinstance(moved, InvoiceDocument)
    assert moved.due_on == FIRST
    late, _ = goes(replace(INVOICE, due_on=LATER), SHIFTING)
    assert isinstance(late, InvoiceDocument)
    assert late.due_on == LATER


@each
def test_chosen_day_stays_though_the_books_are_opened_or_closed_further(document: Document) -> None:
    chosen = Posting(FIRST, BEFORE)
    there = dated(document, FIRST)
    for closed_on in (None, LAST, LATER):
        books = Books(closed_on, ClosedPeriod.SHIFT, chosen, agreed=goes(document, SHIFTING)[0])
        place, posting = goes(document, books)
        assert (day_of(place), posting) == (day_of(there), chosen)


@each
def test_chosen_day_that_was_closed_meanwhile_is_chosen_anew(document: Document) -> None:
    books = replace(SHIFTING, closed_on=LATER, chosen=Posting(FIRST, BEFORE))
    moved, posting = goes(document, books)
    assert day_of(moved) == date(2026, 4, 10)
    assert posting == Posting(date(2026, 4, 10), BEFORE)


@each
def test_chosen_day_does_not_outlive_a_change_of_ones_own(document: Document) -> None:
    books = replace(CLOSED, chosen=Posting(FIRST, BEFORE))
    assert goes(dated(document, LATER), books) == (dated(document, LATER), None)
    assert waits(dated(document, LAST), books).need is Need.CLOSED


@each
@pytest.mark.parametrize("rule", [ClosedPeriod.ASK, ClosedPeriod.SHIFT])
def test_what_stands_in_closed_books_is_not_changed_voided_or_moved_out(
    document: Document, rule: ClosedPeriod
) -> None:
    books = replace(CLOSED, rule=rule, agreed=document)
    assert goes(document, books) == (document, None), "nothing is to be written"
    for change in ({"memo": "new"}, {"voided": True}):
        assert waits(replace(document, **change), books).need is Need.CLOSED  # type: ignore[type-var]
    assert waits(dated(document, LATER), books).need is Need.CLOSED


@each
def test_what_is_void_on_both_sides_or_was_never_there_needs_nothing(document: Document) -> None:
    void = replace(document, voided=True)  # type: ignore[type-var]
    assert goes(void, CLOSED) == (void, None)
    assert goes(replace(void, memo="x"), replace(CLOSED, agreed=void))[1] is None  # type: ignore[type-var]
