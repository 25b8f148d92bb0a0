"""Generate an invoice: work, free lines, live totals, refusals."""

import re
import uuid
from decimal import Decimal
from typing import Any

import pytest

from billing import destinations
from billing.models import Customer, Invoice, OutboxEvent, TimeEntry
from tenants.models import Organization
from tenants.scope import within
from tests import factories
from tests.ui.browsing import Browser, draft_form, line


@pytest.fixture
def customer(northwind: Organization) -> Customer:
    with within(northwind):
        region = factories.tax_region("New York", "8.875")
        return factories.customer("Harbor Dental", terms=factories.term(), tax_region=region)


@pytest.fixture
def entry(customer: Customer) -> TimeEntry:
    with within(customer.organization_id):
        return factories.time_entry(customer, hours="1.5")


def made(organization: Organization) -> list[Invoice]:
    with within(organization):
        return list(Invoice.objects.prefetch_related("lines"))


def test_work_and_free_lines_become_a_numbered_draft(
    browser: Browser, customer: Customer, entry: TimeEntry
) -> None:
    form = draft_form(customer, line(0, "Cable", "12.50", "2"), time_entries=[str(entry.pk)])
    page = browser.said(browser.send("billing:generate", **form))
    assert "INV-1001 is generated." in page
    (invoice,) = made(browser.organization)
    assert [each.description for each in invoice.lines.all()] == ["On-site visit", "Cable"]
    assert (invoice.status, invoice.total_minor) == ("DRAFT", 17500)
    assert invoice.due_on.isoformat() == "2026-04-15", "the customer's own terms"


def test_work_alone_is_billed_with_the_empty_line_that_the_page_opens_with(
    browser: Browser, customer: Customer, entry: TimeEntry
) -> None:
    page = browser.read("billing:generate")
    fields = re.findall(r'<input[^>]* name="(lines-[^"]+)"[^>]* value="([^"]*)"', page)
    blank = {"lines-0-description": "", "lines-0-unit_price": "", "lines-0-service": ""}
    form = {**draft_form(customer, time_entries=[str(entry.pk)]), **dict(fields), **blank}
    assert form["lines-TOTAL_FORMS"] == "1"
    assert "INV-1001 is generated." in browser.said(browser.send("billing:generate", **form))
    (invoice,) = made(browser.organization)
    assert [each.description for each in invoice.lines.all()] == ["On-site visit"]


def test_choosing_a_customer_brings_their_unbilled_work_ticked(
    browser: Browser, customer: Customer, entry: TimeEntry
) -> None:
    part = browser.open("billing:generate", htmx=True, customer=str(customer.pk))
    html = part.content.decode()
    assert f'value="{entry.pk}"' in html
    assert "checked" in html
    assert "<!doctype" not in html
    assert "recount" in part.headers["HX-Trigger-After-Settle"]


def test_another_customers_work_is_not_offered_and_refused(
    browser: Browser, customer: Customer, entry: TimeEntry
) -> None:
    with within(browser.organization):
        other = factories.customer("Juniper Books")
    assert str(entry.pk) not in browser.read("billing:generate", customer=str(other.pk))
    form = draft_form(other, line(0, "Cable", "10"), time_entries=[str(entry.pk)])
    page = browser.said(browser.send("billing:generate", **form))
    assert "was done for another customer" in page
    assert made(browser.organization) == []


def test_the_same_work_cannot_be_billed_twice(
    browser: Browser, customer: Customer, entry: TimeEntry
) -> None:
    form = draft_form(customer, time_entries=[str(entry.pk)])
    browser.send("billing:generate", **form)
    browser.said(browser.send("billing:generate", **form))
    assert len(made(browser.organization)) == 1


def test_totals_are_counted_while_typing_and_nothing_is_saved(
    browser: Browser, customer: Customer, entry: TimeEntry
) -> None:
    form = draft_form(customer, line(0, "", "100", "3", taxable="on"), time_entries=[str(entry.pk)])
    part = browser.said(browser.send("billing:generate_totals", **form))
    assert "2 lines" in part
    assert "$450.00" in part
    assert "$26.63" in part, "8.875 % of 300.00, half up"
    assert "$476.63" in part
    assert made(browser.organization) == []


def test_totals_below_zero_say_why(browser: Browser, customer: Customer) -> None:
    form = draft_form(customer, line(0, "Return", "100", "-1"))
    assert "cannot be below zero" in browser.said(browser.send("billing:generate_totals", **form))


def test_a_line_can_be_added_and_removed_without_scripts(
    browser: Browser, customer: Customer
) -> None:
    form = draft_form(customer, line(0, "Cable", "12.50"), notes="Thanks")
    page = browser.said(browser.send("billing:generate", **form, step="add"))
    assert 'name="lines-1-description"' in page
    assert "Cable" in page
    assert "Thanks" in page
    form = draft_form(customer, line(0, "Cable", "12.50"), line(1, "Switch", "80"))
    page = browser.said(browser.send("billing:generate", **form, step="remove:0"))
    assert "Cable" not in page
    assert "Switch" in page
    assert made(browser.organization) == []


def test_a_chosen_service_fills_its_line(browser: Browser, customer: Customer) -> None:
    with within(browser.organization):
        service = factories.service("Server care", unit_price=Decimal(240), taxable=True)
    form = draft_form(customer, {"lines-0-service": str(service.pk), "lines-0-quantity": "2"})
    part = browser.said(browser.send("billing:generate_lines", **form, step="service:0"))
    assert 'value="Server care"' in part
    assert 'value="240"' in part
    assert "checked" in part


def test_a_service_alone_is_a_line(browser: Browser, customer: Customer) -> None:
    with within(browser.organization):
        service = factories.service("Server care", unit_price=Decimal(240))
    typed = line(0, "", "240", service=str(service.pk))
    browser.send("billing:generate", **draft_form(customer, typed))
    (invoice,) = made(browser.organization)
    assert [each.description for each in invoice.lines.all()] == ["Server care"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (line(0, "", "10"), "Say what this line is for"),
        (line(0, "Cable", ""), "This field is required"),
        (line(0, "Cable", "ten"), "Enter a number"),
        (line(0, "Cable", "NaN"), "Enter a number"),
        (line(0, "Cable", "1e99"), "more than"),
        (line(0, "Cable", "1000000000", "99999999999"), "The amount is too large"),
        (line(0, "Cable", "10", "-1"), "cannot be below zero"),
        (line(0, "\0", "10"), "Null characters are not allowed"),
    ],
)
def test_what_cannot_be_billed_is_refused_at_the_form(
    browser: Browser, customer: Customer, typed: dict[str, str], words: str
) -> None:
    page = browser.said(browser.send("billing:generate", **draft_form(customer, typed)))
    assert words in page
    assert made(browser.organization) == []


def test_without_any_line_it_says_so(browser: Browser, customer: Customer) -> None:
    page = browser.said(browser.send("billing:generate", **draft_form(customer)))
    assert "An invoice has between one and" in page


def test_an_empty_line_is_left_out(browser: Browser, customer: Customer) -> None:
    form = draft_form(customer, line(0, "Cable", "10"), {"lines-1-quantity": "1"})
    browser.send("billing:generate", **form)
    (invoice,) = made(browser.organization)
    assert invoice.lines.count() == 1


def test_two_hundred_lines_make_one_invoice(browser: Browser, customer: Customer) -> None:
    form = draft_form(customer, *(line(place, f"Seat {place}", "1") for place in range(200)))
    assert browser.send("billing:generate", **form).status_code == 302
    (invoice,) = made(browser.organization)
    assert invoice.total_minor == 20_000


def test_a_thousand_free_lines_are_refused_in_words(browser: Browser, customer: Customer) -> None:
    form = draft_form(customer, *(line(place, "Seat", "1") for place in range(1000)))
    assert "at most 200 free lines" in browser.said(browser.send("billing:generate", **form))


def test_emoji_and_markup_are_kept_and_escaped(browser: Browser, customer: Customer) -> None:
    form = draft_form(customer, line(0, "🚀 <script>alert(1)</script>", "10"))
    page = browser.said(browser.send("billing:generate", **form))
    assert "🚀 &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_commas_and_a_dollar_sign_are_understood(browser: Browser, customer: Customer) -> None:
    browser.send("billing:generate", **draft_form(customer, line(0, "Server", "$1,234.50")))
    assert made(browser.organization)[0].total_minor == 123450


def test_ticked_destinations_travel_with_the_event(browser: Browser, customer: Customer) -> None:
    destinations.register("paper", "Paper", lambda: True, str)
    try:
        form = draft_form(customer, line(0, "Cable", "10"), destinations=["paper"])
        assert browser.send("billing:generate", **form).status_code == 302
    finally:
        destinations.forget("paper")
    with within(browser.organization):
        event = OutboxEvent.objects.get(kind="InvoiceGenerated")
    assert event.payload["destinations"] == ["paper"]


def test_an_unavailable_destination_cannot_be_ticked_and_says_why(browser: Browser) -> None:
    destinations.register("paper", "Paper", lambda: False, lambda: "The printer is off.")
    try:
        page = browser.read("billing:generate")
    finally:
        destinations.forget("paper")
    assert "The printer is off." in page
    assert "disabled" in page


@pytest.mark.parametrize("key", ["", "nonsense", str(uuid.UUID(int=7))])
def test_a_customer_that_does_not_exist_is_no_error(browser: Browser, key: str) -> None:
    assert "Choose a customer" in browser.read("billing:generate", customer=key)


def test_another_tenants_customer_cannot_be_billed(browser: Browser, contoso: Organization) -> None:
    with within(contoso):
        theirs = factories.customer("Contoso's own")
    page = browser.said(
        browser.send("billing:generate", **draft_form(theirs, line(0, "Cable", "10")))
    )
    assert "This customer is archived." in page
    assert "Contoso&#x27;s own" not in page
    assert made(browser.organization) == []


def test_odd_line_counts_are_no_error(browser: Browser, customer: Customer) -> None:
    form: dict[str, Any] = draft_form(customer, line(0, "Cable", "10"))
    for count in ("", "-5", "many", "99999999999999999999"):
        form["lines-TOTAL_FORMS"] = count
        assert browser.send("billing:generate_lines", **form, step="add").status_code == 200
        assert browser.send("billing:generate", **form).status_code == 200


@pytest.mark.parametrize(
    ("currency", "below", "said"),
    [
        ("JPY", {"adjustment": "-0.50"}, "An amount in JPY has no decimals."),
        ("JPY", {"discount": "10.50"}, "An amount in JPY has no decimals."),
        ("JPY", {"discount": "12.5 %"}, ""),
        ("KWD", {"adjustment": "0.005", "discount": "0.125"}, ""),
        ("", {"discount": "0.125"}, "An amount in USD has at most 2 decimals."),
    ],
)
def test_what_is_typed_below_the_lines_is_as_exact_as_the_currency(
    browser: Browser, currency: str, below: dict[str, str], said: str
) -> None:
    with within(browser.organization):
        customer = factories.customer("Lakeside Legal", currency=currency)
    form = draft_form(customer, line(0, "Cable", "100"), **below)
    page = browser.said(browser.send("billing:generate", **form))
    assert (said or "is generated.") in page
    assert len(made(browser.organization)) == (0 if said else 1)


def test_lines_that_are_changed_are_as_exact_as_the_currency_of_the_invoice(
    browser: Browser,
) -> None:
    with within(browser.organization):
        invoice = factories.draft(factories.customer(currency="JPY"))
        kept = {"line_id": str(invoice.lines.get().pk)}
    form = draft_form(invoice.customer, line(0, "Cable", "100", **kept))
    form |= {"seen": invoice.updated_at.isoformat(), "adjustment": "0.50"}
    page = browser.said(browser.send("billing:invoice_lines", invoice.pk, **form))
    assert "An amount in JPY has no decimals." in page
    saved = browser.send("billing:invoice_lines", invoice.pk, **{**form, "adjustment": "5"})
    assert "is saved." in browser.said(saved)
    (invoice,) = made(browser.organization)
    assert invoice.total_minor == 105
