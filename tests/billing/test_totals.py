from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import AmountRefused, BelowZero
from billing.money import Money
from billing.rules.totals import (
    Line,
    check_discounts,
    document_totals,
    line_amount,
    net_of,
    percent_of,
    shared_out,
)


def line(quantity: str, price: str, *, taxable: bool = True) -> Line:
    return Line(Decimal(quantity), Decimal(price), taxable)


@pytest.mark.parametrize(
    ("quantity", "price", "minor"),
    [
        ("1", "100", 10_000),
        ("14.50", "128.35", 186_108),  # 1861.075: the example on which QuickBooks insists
        ("0.25", "0.02", 1),  # 0.005
        ("1.005", "1", 101),  # a binary fraction is a little less than each of these two
        ("2.675", "1", 268),
        ("-2", "50", -10_000),
        ("-1", "0.005", -1),
        ("2", "-0.0025", -1),
        ("1000000000", "1", 100_000_000_000),
        ("0", "99999999999", 0),
    ],
)
def test_line_amount_is_quantity_times_price_half_up(quantity: str, price: str, minor: int) -> None:
    assert line_amount(line(quantity, price), "USD") == Money(minor, "USD")


@pytest.mark.parametrize(
    ("quantity", "price", "words"),
    [
        ("100000000000", "1", "The quantity is too large"),
        ("1", "-1E11", "The price is too large"),
        ("1E999999", "1", "The quantity is too large"),
        ("0.123456", "1", "The quantity has too many decimals"),
        ("1", "0.1234567", "The price has too many decimals"),
        ("NaN", "1", "The quantity is not a number"),
        ("1", "Infinity", "The price is not a number"),
        ("99999999999", "99999999999", "The amount is too large"),
    ],
)
def test_numbers_that_cannot_be_kept_are_refused(quantity: str, price: str, words: str) -> None:
    with pytest.raises(AmountRefused, match=words):
        line_amount(line(quantity, price), "USD")


@pytest.mark.parametrize("quantity", ["1.00000000000", "1E3", "10.50000000"])
def test_trailing_zeros_are_no_decimals(quantity: str) -> None:
    assert line_amount(line(quantity, "1"), "USD").amount == Decimal(quantity)


def test_tax_is_rounded_once_on_the_taxable_subtotal() -> None:
    # 3 x 0.10 at 8.25 %: one cent each would make 0.03, together 0.02475 make 0.02.
    totals = document_totals(
        [line("1", "0.10")] * 3 + [line("1", "5", taxable=False)],
        tax_rate_percent=Decimal("8.25"),
        currency="USD",
    )
    assert [each.minor for each in totals.lines] == [10, 10, 10, 500]
    assert (totals.subtotal.minor, totals.tax.minor, totals.total.minor) == (530, 2, 532)


def test_a_negative_line_lowers_the_invoice_and_its_tax() -> None:
    totals = document_totals(
        [line("1", "100"), line("-1", "20")], tax_rate_percent=Decimal(10), currency="USD"
    )
    assert (totals.subtotal.minor, totals.tax.minor, totals.total.minor) == (8000, 800, 8800)


def test_an_invoice_may_come_to_nothing_but_not_below() -> None:
    free = [line("1", "20"), line("-1", "20")]
    assert not document_totals(free, tax_rate_percent=Decimal(0), currency="USD").total
    with pytest.raises(AmountRefused, match=r"comes to −\$0\.01.*credit memo"):
        document_totals([line("-1", "0.01")], tax_rate_percent=Decimal(0), currency="USD")


def test_a_document_whose_sum_cannot_be_kept_is_refused() -> None:
    with pytest.raises(AmountRefused):
        document_totals(
            [line("1000", "9999999999")] * 2, tax_rate_percent=Decimal(0), currency="USD"
        )


numbers = st.decimals(min_value=-9999, max_value=9999, places=3)
lines = st.lists(st.builds(Line, numbers, numbers, st.booleans()), max_size=20)


@given(numbers, numbers)
def test_line_amount_equals_exact_arithmetic(quantity: Decimal, price: Decimal) -> None:
    exact = Fraction(quantity) * Fraction(price) * 100
    half_up = floor(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)
    assert line_amount(Line(quantity, price, taxable=True), "USD").minor == half_up


@given(lines, st.decimals(min_value=0, max_value=30, places=3))
def test_totals_add_up_or_are_refused(lines: list[Line], rate: Decimal) -> None:
    try:
        totals = document_totals(lines, tax_rate_percent=rate, currency="USD")
    except AmountRefused:
        return
    assert totals.subtotal == Money.total(totals.lines, "USD")
    assert totals.total == totals.subtotal + totals.tax
    assert totals.total.minor >= 0
    reordered = document_totals(lines[::-1], tax_rate_percent=rate, currency="USD")
    assert reordered.total == totals.total


# --- discounts on the whole document ---


def sold(amount: str, *, taxable: bool = False) -> Line:
    return Line(Decimal(1), Decimal(amount), taxable)


def off(amount: str, *, after_it_tax: bool = False) -> Line:
    return Line(Decimal(1), -Decimal(amount), after_it_tax, discount=True)


@pytest.mark.parametrize(
    ("lines", "tax", "total"),
    [
        ([sold("100", taxable=True), off("10")], "10.00", "100.00"),
        ([sold("100", taxable=True), off("10", after_it_tax=True)], "9.00", "99.00"),
        # The untaxed half bears its share of the discount.
        ([sold("50", taxable=True), sold("50"), off("10", after_it_tax=True)], "4.50", "94.50"),
        # 5/6 of 3 cents is two and a half: up, though the share alone would be rounded down.
        ([sold("5", taxable=True), sold("1"), off("0.03", after_it_tax=True)], "0.50", "6.47"),
        ([sold("100"), off("10", after_it_tax=True)], "0.00", "90.00"),
    ],
)
def test_tax_is_computed_before_a_discount_or_on_what_it_leaves(
    lines: list[Line], tax: str, total: str
) -> None:
    totals = document_totals(lines, tax_rate_percent=Decimal(10), currency="USD")
    assert (totals.tax.amount, totals.total.amount) == (Decimal(tax), Decimal(total))


def test_percentage_is_of_all_that_is_sold_rounded_half_up() -> None:
    lines = [sold("99.99"), sold("100"), off("5")]
    assert percent_of(lines, Decimal("12.5"), "USD").amount == Decimal("25.00")


@pytest.mark.parametrize("percent", ["0", "-1", "100.01", "1.00001"])
def test_percentage_that_makes_no_sense_is_refused(percent: str) -> None:
    with pytest.raises(AmountRefused):
        percent_of([sold("100")], Decimal(percent), "USD")


@pytest.mark.parametrize("discounts", [[off("1"), off("2")], [off("-1")]])
def test_there_is_one_discount_and_it_takes_off(discounts: list[Line]) -> None:
    with pytest.raises(AmountRefused):
        check_discounts([sold("100"), *discounts])


def test_discount_larger_than_what_is_sold_is_refused() -> None:
    with pytest.raises(AmountRefused, match="below zero"):
        document_totals([sold("1"), off("2")], tax_rate_percent=Decimal(0), currency="USD")


@pytest.mark.parametrize(
    ("quantity", "price", "percent_off", "minor"),
    [
        ("3", "33.33", "10", 8_999),  # 99.99 less 9.999 is 89.991; rounded before, it were the same
        ("1", "0.15", "10", 14),  # 0.135: rounded once
        ("1", "100", "0", 10_000),
        ("1", "100", "100", 0),
        ("-1", "50", "33.3333", -3_333),
    ],
)
def test_what_is_off_one_line_is_rounded_with_it(
    quantity: str, price: str, percent_off: str, minor: int
) -> None:
    whole = Line(Decimal(quantity), Decimal(price), False, percent_off=Decimal(percent_off))
    assert line_amount(whole, "USD") == Money(minor, "USD")


@pytest.mark.parametrize("percent_off", ["-1", "100.01", "1.00001"])
def test_what_cannot_be_off_a_line_is_refused(percent_off: str) -> None:
    with pytest.raises(AmountRefused, match="The discount"):
        line_amount(Line(Decimal(1), Decimal(1), False, percent_off=Decimal(percent_off)), "USD")


def test_tax_inside_prices_is_rounded_line_by_line() -> None:
    # 10.00 at 13 % is 8.85 and 1.15; of 88.50 it were 11.51.
    totals = document_totals(
        [line("1", "10")] * 10, tax_rate_percent=Decimal(13), currency="CAD", inclusive=True
    )
    assert (totals.total, totals.tax) == (Money(10_000, "CAD"), Money(1_150, "CAD"))
    assert totals.subtotal == Money(8_850, "CAD")


def test_an_untaxed_line_holds_no_tax_and_below_zero_is_refused_as_ever() -> None:
    lines = [line("1", "113"), line("1", "50", taxable=False)]
    totals = document_totals(lines, tax_rate_percent=Decimal(13), currency="CAD", inclusive=True)
    assert (totals.total.minor, totals.tax.minor) == (16_300, 1_300)
    with pytest.raises(BelowZero):
        document_totals(
            [line("-1", "1")], tax_rate_percent=Decimal(13), currency="CAD", inclusive=True
        )


@given(
    st.decimals(min_value=-1000, max_value=1000, places=2),
    st.decimals(min_value=0, max_value=30, places=4),
)
def test_what_a_price_is_without_tax_equals_exact_arithmetic(gross: Decimal, rate: Decimal) -> None:
    exact = Fraction(gross) * 100 / (100 + Fraction(rate)) * 100
    rounded = floor(abs(exact) + Fraction(1, 2))
    assert net_of(Money.of(gross, "CAD"), rate).minor == (rounded if exact >= 0 else -rounded)


@pytest.mark.parametrize(
    ("minor", "costs", "shares"),
    [
        (5000, ["60", "40"], [3000, 2000]),
        (-5000, ["60", "40"], [-3000, -2000]),
        (4500, ["60", "40", "-10"], [3000, 2000, -500]),
        # What rounding leaves is a part of the largest.
        (100, ["1", "1", "1.01"], [33, 33, 34]),
        (1, ["0.5", "0.5"], [0, 1]),
        # No share of nothing.
        (0, ["60", "40", "-100"], [0, 0, 0]),
    ],
)
def test_what_is_shared_out_adds_up_to_the_cent(
    minor: int, costs: list[str], shares: list[int]
) -> None:
    found = shared_out(Money(minor, "USD"), [Decimal(cost) for cost in costs])
    assert [share.minor for share in found] == shares
