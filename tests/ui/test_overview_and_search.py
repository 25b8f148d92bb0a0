"""The first page of the day, and finding things."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from billing.models import CreditMemo
from billing.money import Money
from billing.services import invoices, payments
from regentra import clock
from tenants.models import Organization, Role
from tenants.scope import within
from tests import factories
from tests.ui.browsing import Browser

NOON = datetime(2026, 3, 20, 16, 0, tzinfo=UTC)


def test_the_overview_adds_up_open_overdue_drafts_and_received(browser: Browser) -> None:
    with within(browser.organization), clock.frozen(NOON):
        factories.invoice(issued_on=date(2026, 1, 5), lines=[factories.line("1300")])
        partly = factories.invoice(due_on=date(2026, 4, 30), lines=[factories.line("500")])
        factories.payment(partly, "120")
        factories.draft(lines=[factories.line("75")])
        page = browser.read("billing:overview")
    for amount in ("$1,680.00", "$1,300.00", "$75.00", "$120.00"):
        assert amount in page
    assert "61–90 days" in page
    assert "Payment of $120.00 recorded" in page


def test_the_bars_lead_to_the_invoices_they_add_up(browser: Browser) -> None:
    with within(browser.organization), clock.frozen(NOON):
        factories.invoice(issued_on=date(2026, 1, 5))
        page = browser.read("billing:overview")
        assert "?status=open&amp;due_until=2026-01-18&amp;due_from=2025-12-20" in page
        shown = browser.read(
            "billing:invoices", status="open", due_until="2026-01-18", due_from="2025-12-20"
        )
    assert "INV-1001" in shown


def listed(browser: Browser, address: str) -> tuple[int, Decimal]:
    """How many rows the list at this address has, and what is open or was received together."""
    query = dict(parse_qsl(urlsplit(unescape(address)).query))
    name = "billing:payments" if "/payments/" in address else "billing:invoices"
    found = list(csv.DictReader(io.StringIO(browser.read(name, **query, format="csv"))))
    column = "Amount" if "/payments/" in address else "Balance"
    return len(found), sum((Decimal(row[column]) for row in found), Decimal(0))


def a_mixed_lot() -> None:
    """Open, overdue, drafts and payments, with archived ones, in euros, void, and of credit alone."""
    euros = factories.customer("Abroad", currency="EUR")
    for customer in (None, None, euros):
        late = factories.invoice(customer, issued_on=date(2026, 1, 5), lines=[factories.line("70")])
        factories.payment(late, "20", received_on=date(2026, 3, 10))
        factories.invoice(customer, due_on=date(2026, 4, 30))
        factories.draft(customer)
    for each in (late, factories.invoice(due_on=date(2026, 4, 30)), factories.draft()):
        invoices.archive(invoice=each)
    invoices.archive(invoice=factories.invoice(issued_on=date(2026, 1, 5)))
    factories.payment(factories.invoice(), received_on=date(2026, 2, 18))
    factories.payment(factories.invoice(), received_on=date(2026, 2, 19))
    payments.void(payment=factories.payment(factories.invoice(), received_on=date(2026, 3, 11)))
    other = factories.invoice(late.customer)
    memo = factories.credit_memo(factories.invoice(late.customer), "20")
    amount = Money.of(20, "EUR")
    payments.record(
        customer=late.customer,
        amount=Money.zero("EUR"),
        received_on=date(2026, 3, 12),
        allocations={other.pk: amount},
        used={memo.pk: amount},
    )


def test_each_figure_is_what_the_list_has_that_it_leads_to(browser: Browser) -> None:
    with within(browser.organization), clock.frozen(NOON):
        a_mixed_lot()
        page = browser.read("billing:overview")
        figures = re.findall(
            r'<a class="figure" href="([^"]+)"><div class="figure-label">([^<]+)</div>'
            r'<div class="figure-value[^"]*">\$([\d,.]+)</div><div class="figure-note">(\d+)',
            page,
        )
        assert [label for _, label, *_ in figures] == [
            "Open",
            "Overdue",
            "Drafts",
            "Received in 30 days",
        ]
        for address, label, amount, count in figures:
            has, sum_ = listed(browser, address)
            assert (has, sum_) == (int(count), Decimal(amount.replace(",", ""))), label
        ages = re.findall(r'<a href="([^"]+)">([^<]+)</a></th>.*?\$([\d,.]+)</td>', page)
        assert len(ages) == 5
        for address, label, amount in ages:
            assert listed(browser, address)[1] == Decimal(amount.replace(",", "")), label
        longest = page.partition("Longest overdue")[2].partition("What is open")[0]
        assert longest.count("<tr data-href") == listed(browser, "?status=overdue")[0]


def test_what_is_owed_on_archived_invoices_is_in_the_balance_of_their_customer_and_its_list(
    browser: Browser,
) -> None:
    with within(browser.organization):
        away = factories.invoice()
        invoices.archive(invoice=away)
    page = browser.read("billing:customer", away.customer_id)
    assert "1 open invoice<" in page
    shown = browser.read("billing:invoices", status="open", customer=away.customer_id)
    assert away.number in shown
    assert "Archived</span>" in shown
    assert away.number not in browser.read("billing:invoices")


def test_a_new_organization_is_shown_the_first_steps(browser: Browser) -> None:
    page = browser.read("billing:overview")
    for words in ("First steps", "Add a customer", "Generate an invoice", "Get paid"):
        assert words in page


def test_the_steps_go_once_somebody_paid(browser: Browser) -> None:
    with within(browser.organization):
        factories.payment(factories.invoice())
    assert "First steps" not in browser.read("billing:overview")


def test_who_bills_already_is_told_to_connect_quickbooks(northwind: Organization) -> None:
    northwind.features = ["quickbooks"]
    northwind.save(update_fields=["features"])
    with within(northwind):
        factories.payment(factories.invoice())
    for role, is_told in ((Role.OWNER, True), (Role.STAFF, False)):
        page = Browser(northwind, factories.member(northwind, role=role)).read("billing:overview")
        assert ("until it works by itself" in page) is is_told
        assert ("Connect QuickBooks" in page) is is_told


def test_readers_are_not_told_to_do_things(northwind: Organization) -> None:
    reader = Browser(northwind, factories.member(northwind, role=Role.READ_ONLY))
    page = reader.read("billing:overview")
    assert "First steps" not in page
    assert "Generate invoice" not in page


def test_a_whole_number_leads_straight_to_the_invoice(browser: Browser) -> None:
    with within(browser.organization):
        invoice = factories.invoice()
    response = browser.open("billing:search", q="inv-1001")
    assert response.headers["Location"] == browser.address("billing:invoice", invoice.pk)


@pytest.mark.parametrize("words", ["Harbor", "mia@harbor", "1,234.50", "$1234.5", "4711", "INV-10"])
def test_search_finds_by_number_customer_amount_and_reference(browser: Browser, words: str) -> None:
    with within(browser.organization):
        customer = factories.customer("Harbor Dental", email="mia@harbor.example")
        invoice = factories.invoice(customer, lines=[factories.line("1234.50")])
        factories.payment(invoice, reference="4711")
    page = browser.read("billing:search", q=words)
    assert "Nothing found" not in page
    assert "Harbor Dental" in page


@pytest.mark.parametrize(
    ("currency", "price", "by", "never_by"),
    [
        ("USD", "5000", ["5000", "5,000.00", "$5000"], ["50", "500000"]),
        ("JPY", "5000", ["5000", "¥5,000", "5000.00"], ["50", "500000", "50.00"]),
        ("KWD", "5000.125", ["5000.125", "5,000.125"], ["50001.25", "5000.13", "5000.12"]),
    ],
)
def test_amounts_are_found_in_the_currency_of_their_document(
    browser: Browser, currency: str, price: str, by: list[str], never_by: list[str]
) -> None:
    with within(browser.organization):
        customer = factories.customer("Kyoto", currency=currency)
        paid = factories.invoice(customer, lines=[factories.line(price)])
        payment = factories.payment(paid)
        paid.refresh_from_db()
        memo = factories.credit_memo(paid)
        number = factories.refund(payment, price).number
    for words in by:
        page = browser.read("billing:search", q=words)
        assert all(shown in page for shown in (paid.number, memo.number, number, "Payments</h2>"))
    for words in never_by:
        assert "Nothing found" in browser.read("billing:search", q=words)


def test_refund_is_found_by_its_number_and_listed_by_a_part_of_it(browser: Browser) -> None:
    with within(browser.organization):
        refund = factories.refund()
    response = browser.open("billing:search", q=refund.number.lower())
    assert response.headers["Location"] == browser.address("billing:refund", refund.pk)
    page = browser.read("billing:search", q=refund.number[:-1])
    assert refund.number in page


def test_documents_that_share_a_number_are_both_shown(browser: Browser) -> None:
    with within(browser.organization):
        invoice = factories.invoice()
        memo = factories.credit_memo(invoice)
        CreditMemo.objects.filter(pk=memo.pk).update(number=invoice.number)
    page = browser.read("billing:search", q=invoice.number)
    assert browser.address("billing:invoice", invoice.pk) in page
    assert browser.address("billing:credit_memo", memo.pk) in page


@pytest.mark.parametrize("words", ["nowhere", "\0", "9" * 40, "1e999", "NaN", "💥", "%"])
def test_what_is_nowhere_is_said_to_be_nowhere(browser: Browser, words: str) -> None:
    page = browser.read("billing:search", q=words)
    assert "Nothing found" in page or "What are you looking for?" in page


def test_another_tenants_documents_are_not_found(browser: Browser, contoso: Organization) -> None:
    with within(contoso):
        factories.payment(factories.invoice(factories.customer("Hidden")), reference="hidden")
    for words in ("hidden", "INV-1001", "100"):
        assert "Nothing found" in browser.read("billing:search", q=words)
