from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import AmountRefused, CurrencyDiffers, NotFound, OverAllocated
from billing.money import Money
from billing.rules.allocation import OpenInvoice, check, check_amount, proposed


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def invoice(balance: int, *, due: int = 1, number: str = "INV-1") -> OpenInvoice:
    return OpenInvoice(uuid4(), number, date(2026, 3, due), usd(balance))


def by_id(*invoices: OpenInvoice) -> dict[UUID, OpenInvoice]:
    return {each.id: each for each in invoices}


def test_the_oldest_due_date_is_paid_first() -> None:
    newer, older = invoice(500, due=20), invoice(300, due=2)
    assert proposed(usd(400), [newer, older]) == {older.id: usd(300), newer.id: usd(100)}


def test_equal_due_dates_go_by_number() -> None:
    second, first = invoice(500, number="INV-2"), invoice(500, number="INV-1")
    assert list(proposed(usd(600), [second, first])) == [first.id, second.id]


def test_what_is_left_over_stays_unapplied() -> None:
    only = invoice(300)
    assert proposed(usd(1000), [only]) == {only.id: usd(300)}
    assert proposed(usd(1000), []) == {}


def test_more_than_the_invoice_is_refused() -> None:
    only = invoice(300)
    with pytest.raises(OverAllocated, match=r"INV-1 has \$3\.00 open, so \$3\.01 cannot"):
        check(usd(1000), {only.id: usd(301)}, by_id(only))


def test_more_than_the_payment_is_refused() -> None:
    one, two = invoice(300), invoice(300)
    with pytest.raises(OverAllocated, match=r"payment is \$5\.00, but \$6\.00"):
        check(usd(500), {one.id: usd(300), two.id: usd(300)}, by_id(one, two))


@pytest.mark.parametrize("minor", [0, -1])
def test_a_part_or_payment_of_nothing_is_refused(minor: int) -> None:
    only = invoice(300)
    with pytest.raises(AmountRefused, match="above zero"):
        check(usd(500), {only.id: usd(minor)}, by_id(only))
    with pytest.raises(AmountRefused, match="above zero"):
        check_amount(usd(minor), credit=usd(0))


def test_an_unknown_invoice_is_refused() -> None:
    with pytest.raises(NotFound):
        check(usd(500), {uuid4(): usd(1)}, {})


def test_another_currency_is_refused() -> None:
    only = invoice(300)
    with pytest.raises(CurrencyDiffers):
        check(usd(500), {only.id: Money(1, "EUR")}, by_id(only))


balances = st.lists(st.integers(0, 10**6), max_size=8)


@given(st.integers(1, 10**7), balances)
def test_a_proposal_is_always_allowed_and_uses_all_it_can(amount: int, balances: list[int]) -> None:
    invoices = [invoice(each, due=1 + place) for place, each in enumerate(balances)]
    parts = proposed(usd(amount), invoices)
    check(usd(amount), parts, by_id(*invoices))
    assert Money.total(parts.values(), "USD") == usd(min(amount, sum(balances)))
