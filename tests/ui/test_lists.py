"""What every list can do: search, filters in the address, sorting, paging, a file."""

import csv
import io
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import OperationalError

from billing.models import CreditMemo, Customer, Invoice, Payment, Service, TimeEntry
from billing.views import invoices, listing
from billing.views.listing import harmless
from regentra import clock
from tenants.models import Organization
from tenants.scope import within
from tests import factories
from tests.ui.browsing import Browser

NOON = datetime(2026, 3, 20, 16, 0, tzinfo=UTC)
LISTS = (
    "billing:invoices",
    "billing:customers",
    "billing:payments",
    "billing:work",
    "billing:catalogue",
)


@pytest.fixture
def books(northwind: Organization) -> Organization:
    """INV-1001 overdue, 1002 sent, 1003 draft, 1004 paid, 1005 void."""
    with within(northwind):
        harbor, juniper = factories.customer("Harbor Dental"), factories.customer("Juniper Books")
        factories.invoice(harbor, issued_on=date(2026, 1, 5), lines=[factories.line("300")])
        factories.invoice(juniper, due_on=date(2026, 4, 30), lines=[factories.line("50")])
        factories.draft(juniper, lines=[factories.line("75")])
        factories.payment(factories.invoice(harbor))
        from billing.services import invoices

        invoices.void(invoice=factories.invoice(harbor))
    return northwind


def numbers(page: str) -> list[str]:
    """The invoices of a page, in order."""
    return re.findall(r'class="title"[^>]*>(INV-\d+)', page)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["INV-1005", "INV-1004", "INV-1003", "INV-1002", "INV-1001"]),
        ({"status": "draft"}, ["INV-1003"]),
        ({"status": "open"}, ["INV-1002", "INV-1001"]),
        ({"status": "overdue"}, ["INV-1001"]),
        ({"status": "paid"}, ["INV-1004"]),
        ({"status": "void"}, ["INV-1005"]),
        ({"status": "part_paid"}, []),
        ({"q": "juniper"}, ["INV-1003", "INV-1002"]),
        ({"q": "1004"}, ["INV-1004"]),
        ({"issued_until": "2026-01-31"}, ["INV-1001"]),
        ({"due_from": "2026-04-01"}, ["INV-1002"]),
        ({"sort": "total"}, ["INV-1002", "INV-1003", "INV-1004", "INV-1005", "INV-1001"]),
        ({"sort": "customer"}, ["INV-1001", "INV-1004", "INV-1005", "INV-1002", "INV-1003"]),
        # What nobody offers changes nothing.
        (
            {"sort": "organization__name"},
            ["INV-1005", "INV-1004", "INV-1003", "INV-1002", "INV-1001"],
        ),
        ({"status": "lost"}, ["INV-1005", "INV-1004", "INV-1003", "INV-1002", "INV-1001"]),
        ({"issued_from": "soon"}, ["INV-1005", "INV-1004", "INV-1003", "INV-1002", "INV-1001"]),
        ({"customer": "nobody"}, ["INV-1005", "INV-1004", "INV-1003", "INV-1002", "INV-1001"]),
    ],
)
def test_the_address_says_what_is_shown(
    browser: Browser, books: Organization, query: dict[str, str], found: list[str]
) -> None:
    with clock.frozen(NOON):
        shown = numbers(browser.read("billing:invoices", **query))
    assert (
        sorted(shown) == sorted(found)
        if query.get("sort") in {"customer", "total"}
        else shown == found
    )


def test_a_filter_is_a_chip_that_lifts_itself_alone(browser: Browser, books: Organization) -> None:
    page = browser.read("billing:invoices", status="open", due_from="2026-04-01", q="juniper")
    assert 'href="?status=open&amp;q=juniper"' in page
    assert "Due from" in page


def test_a_customer_filter_shows_the_name(browser: Browser, books: Organization) -> None:
    with within(books):
        from billing.models import Customer

        juniper = Customer.objects.get(name="Juniper Books")
    page = browser.read("billing:invoices", customer=str(juniper.pk))
    assert "Customer: Juniper Books" in page
    assert numbers(page) == ["INV-1003", "INV-1002"]


def test_the_page_size_is_remembered_for_every_list(
    browser: Browser, northwind: Organization
) -> None:
    with within(northwind):
        for _ in range(30):
            factories.service()
    assert "1–25 of 30" in browser.read("billing:catalogue")
    assert "1–30 of 30" in browser.read("billing:catalogue", size="50")
    assert "1–30 of 30" in browser.read("billing:catalogue")
    assert "<option selected>50</option>" in browser.read("billing:customers")
    assert "1–30 of 30" in browser.read("billing:catalogue", size="7"), "not one of the sizes"


@pytest.mark.parametrize("page", ["2", "99", "0", "last", "-1", "1e3"])
def test_any_page_number_leads_somewhere(
    browser: Browser, northwind: Organization, page: str
) -> None:
    with within(northwind):
        for _ in range(26):
            factories.service()
    assert "of 26 services" in browser.read("billing:catalogue", page=page)


@pytest.mark.parametrize("name", LISTS)
def test_a_filter_that_finds_nothing_offers_the_way_back(browser: Browser, name: str) -> None:
    assert 'href="?"' in browser.read(name, q="no such thing")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("words", ["\0", "%", "_", "'; --", "💥", "x" * 5000])
def test_odd_words_are_searched_for_like_any_other(browser: Browser, name: str, words: str) -> None:
    assert browser.open(name, q=words).status_code == 200


def rows(response: Any) -> list[list[str]]:
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_file_has_exactly_what_is_filtered(browser: Browser, books: Organization) -> None:
    response = browser.open("billing:invoices", status="open", sort="number", format="csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="invoices.csv"' in response.headers["Content-Disposition"]
    head, *lines = rows(response)
    assert head[:3] == ["Number", "Customer", "Status"]
    assert [line[0] for line in lines] == ["INV-1001", "INV-1002"]
    assert lines[0][-2:] == ["300.00", "300.00"]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_comes_as_a_file(browser: Browser, books: Organization, name: str) -> None:
    assert rows(browser.open(name, format="csv"))[0]


@pytest.mark.parametrize("name", [*LISTS, "billing:credit_memos", "billing:history"])
def test_file_has_all_rows_however_many_are_read_together(
    browser: Browser, books: Organization, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with within(books):
        factories.payment(factories.invoice())
        factories.time_entry(factories.customer("Adatum"))
        factories.credit_memo()
    whole = rows(browser.open(name, format="csv"))
    monkeypatch.setattr(listing, "ROWS_AT_ONCE", 1)
    assert rows(browser.open(name, format="csv")) == whole
    model = {
        "billing:invoices": Invoice,
        "billing:customers": Customer,
        "billing:payments": Payment,
        "billing:work": TimeEntry,
        "billing:catalogue": Service,
        "billing:credit_memos": CreditMemo,
    }
    with within(books):
        assert name not in model or len(whole) - 1 == model[name].objects.count()


def test_file_that_breaks_off_while_it_is_read_is_no_shorter_file(
    browser: Browser, books: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> object:
        raise OperationalError("statement timeout")

    monkeypatch.setattr(invoices, "FILE", [("Number", broken)])
    browser.client.raise_request_exception = False
    assert browser.open("billing:invoices", format="csv").status_code == 500


FORMULAS = ["=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_name_is_never_a_formula(text: str) -> None:
    cell = str(harmless(text))
    assert cell.strip()[0] not in "=+-@＝" or cell == " =1", (
        "a blank in front is text to a spreadsheet"
    )


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Adatum;=cmd()", "Adatum;'=cmd()"),
        ('Adatum;"=cmd()', "Adatum;\"'=cmd()"),
        ("a; +1", "a; '+1"),
        ("a; b, +1 555 0100", "a; b, +1 555 0100"),
    ],
)
def test_what_follows_a_semicolon_is_never_a_formula(text: str, cell: str) -> None:
    assert harmless(text) == cell


def test_every_field_of_a_file_is_quoted(browser: Browser, books: Organization) -> None:
    text = browser.open("billing:invoices", format="csv").getvalue().decode("utf-8-sig")
    assert all(line.startswith('"') and line.endswith('"') for line in text.splitlines())


def test_formulas_in_names_reach_the_file_as_text(
    browser: Browser, northwind: Organization
) -> None:
    with within(northwind):
        factories.customer("=HYPERLINK(1)")
    assert rows(browser.open("billing:customers", format="csv"))[1][0] == "'=HYPERLINK(1)"


def test_negative_amounts_stay_numbers_in_the_file() -> None:
    from decimal import Decimal

    assert harmless(Decimal("-1.50")) == Decimal("-1.50")


def test_another_tenants_rows_are_in_no_list(browser: Browser, contoso: Organization) -> None:
    with within(contoso):
        customer = factories.customer("Contoso's customer")
        factories.payment(factories.invoice(customer), reference="theirs")
        factories.time_entry(customer)
    for name in LISTS:
        for query in ({}, {"format": "csv"}, {"q": "Contoso"}):
            text = browser.open(name, **query).getvalue().decode()
            assert "Contoso&#x27;s customer" not in text
            assert "Contoso's customer" not in text


def test_a_box_that_nobody_ticked_is_no_filter(browser: Browser) -> None:
    assert "Filters in force" not in browser.read("billing:catalogue")
    assert "Retired too: yes" in browser.read("billing:catalogue", retired="on")
