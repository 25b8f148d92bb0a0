from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import AmountRefused, CurrencyDiffers
from billing.money import LARGEST_MINOR, Money, MoneySum

minors = st.integers(min_value=-(10**14), max_value=10**14)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.34", "USD", 1234),
        ("0.005", "USD", 1),  # half-up, not to even
        ("0.015", "USD", 2),
        ("-0.005", "USD", -1),  # away from zero, as bookkeepers round a credit
        ("0.0049999999999999999999999999999", "USD", 0),  # beyond the default 28 digits
        ("1000000000", "USD", 100_000_000_000),
        ("1234.5", "JPY", 1235),
        ("1.2345", "KWD", 1235),
    ],
)
def test_major_units_become_minor_units_half_up(amount: str, currency: str, minor: int) -> None:
    assert Money.of(Decimal(amount), currency) == Money(minor, currency)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1E999999", "10000000000000"])
def test_what_is_no_amount_is_refused_with_a_sentence(amount: str) -> None:
    with pytest.raises(AmountRefused, match=r"^The amount .*\.$"):
        Money.of(Decimal(amount), "USD")


@pytest.mark.parametrize("minor", [1.0, Decimal(1), True, "1"])
def test_minor_units_are_whole(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["", "usd", "US", "USDD", "ÜSD"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(ValueError, match="three capital letters"):
        Money(1, currency)


def test_currencies_do_not_mix() -> None:
    for meet in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a >= b):
        with pytest.raises(CurrencyDiffers):
            meet(Money(1, "USD"), Money(1, "EUR"))
    assert Money(1, "USD") != Money(1, "EUR")


def test_a_sum_beyond_fifteen_digits_is_refused() -> None:
    with pytest.raises(AmountRefused, match=r"largest is \$9,999,999,999,999\.99"):
        Money(LARGEST_MINOR, "USD") + Money(1, "USD")


def test_what_documents_come_to_together_has_no_limit() -> None:
    both = MoneySum.total([Money(LARGEST_MINOR, "USD")] * 2, "USD")
    assert (str(both), str(-both)) == ("$19,999,999,999,999.98", "−$19,999,999,999,999.98")
    assert both + both > both - Money(1, "USD") > MoneySum.zero("USD")


def test_reads_with_the_currencys_decimals() -> None:
    assert str(Money(-123456, "USD")) == "−$1,234.56"
    assert str(Money(1234, "JPY")) == "¥1,234"
    assert str(Money(5, "KWD")) == "0.005 KWD"
    assert Money(-123456, "USD").digits == "−1,234.56"


@pytest.mark.parametrize("code", ["-1234.56 USD", "1234 JPY", "0.005 KWD"])
def test_what_is_kept_is_read_again(code: str) -> None:
    assert Money.of_code(code).code == code


def test_what_was_kept_with_separators_is_read_too() -> None:
    assert Money.of_code("1,234.56 USD") == Money(123456, "USD")


@given(minors, minors, minors)
def test_adding_is_ordinary_arithmetic(a: int, b: int, c: int) -> None:
    x, y, z = Money(a, "USD"), Money(b, "USD"), Money(c, "USD")
    assert (x + y) + z == x + (y + z) == Money.total([z, x, y], "USD")
    assert x - y == x + -y
    assert (x + y) - y == x
    assert (x < y) == (a < b)


@given(minors, st.sampled_from(["USD", "JPY", "KWD"]))
def test_major_units_and_back_lose_nothing(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.of(money.amount, currency) == money
