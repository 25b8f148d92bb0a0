"""How amounts, dates and distances are written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from billing.forms.fields import NumberField
from billing.money import Money
from billing.templatetags.money import amount, money, plain, price
from regentra import clock
from tenants.models import Organization
from tenants.templatetags.ui import breakable, relative

NOW = datetime(2026, 3, 16, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "with_currency", "without"),
    [
        (Money(123456, "USD"), "$1,234.56", "1,234.56"),
        (Money(-123456, "USD"), "−$1,234.56", "−1,234.56"),
        (Money(0, "EUR"), "€0.00", "0.00"),
        (Money(1234, "JPY"), "¥1,234", "1,234"),
        (Money(-1234567, "KWD"), "−1,234.567 KWD", "−1,234.567"),
    ],
)
def test_money_is_written_with_its_sign(value: Money, with_currency: str, without: str) -> None:
    assert (money(value), amount(value)) == (with_currency, without)


@pytest.mark.parametrize(
    ("value", "quantity", "unit_price"),
    [
        ("1.50000", "1.5", "1.50"),
        ("120.000000", "120", "120.00"),
        ("0.0825", "0.0825", "0.0825"),
        ("1234567", "1,234,567", "1,234,567.00"),
        ("-3", "-3", "-3.00"),
    ],
)
def test_numbers_lose_needless_zeros_and_prices_keep_two(
    value: str, quantity: str, unit_price: str
) -> None:
    assert (plain(Decimal(value)), price(Decimal(value))) == (quantity, unit_price)


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("225.000000", "225.00"),
        ("6.2525", "6.2525"),
        ("6.250000", "6.25"),
        ("120", "120"),
        ("1E+3", "1000"),
        ("0.10000", "0.10"),
        ("NaN", "NaN"),
    ],
)
def test_fields_show_stored_numbers_without_the_zeros_of_the_database(
    stored: str, typed: str
) -> None:
    assert str(NumberField().prepare_value(Decimal(stored))) == typed


def test_addresses_part_at_their_signs_and_stay_text() -> None:
    assert breakable("a.b@c.example") == "a<wbr>.b<wbr>@c<wbr>.example"
    assert "<script>" not in breakable("<script>@x")
    assert breakable("") == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (44, "just now"),
        (46, "1 min ago"),
        (-90, "in 2 min"),
        (3600, "1 hour ago"),
        (-7200, "in 2 hours"),
        (86400, "1 day ago"),
        (5 * 86400, "5 days ago"),
        # From here on the date says more.
        (6 * 86400, ""),
    ],
)
def test_distances_in_time_are_in_the_largest_unit(seconds: int, words: str) -> None:
    assert relative(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("country", "timezone", "day", "exact"),
    [
        ("US", "America/New_York", "Mar 16, 2026", "Mar 15, 2026, 21:30:00 EDT"),
        ("GB", "Europe/London", "16 Mar 2026", "16 Mar 2026, 01:30:00 GMT"),
    ],
)
def test_dates_are_the_organizations(country: str, timezone: str, day: str, exact: str) -> None:
    request = RequestFactory().get("/")
    request.organization = Organization(country=country, timezone=timezone)  # type: ignore[attr-defined]
    context = Context({"request": request, "day": NOW.date(), "at": NOW.replace(hour=1, minute=30)})
    with clock.frozen(NOW):
        written = Template("{% load ui %}{% day day %}|{% moment at %}").render(context)
    assert written.startswith(f"{day}|<time")
    assert f'title="{exact}"' in written
    assert ">10 hours ago<" in written
