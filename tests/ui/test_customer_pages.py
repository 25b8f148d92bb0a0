"""Customers, the catalogue, time and the conditions."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Customer, Service, TaxRegion, Term, TimeEntry
from billing.services import drafting
from tenants.models import Organization, Role
from tenants.scope import within
from tests import factories
from tests.ui.browsing import Browser

DETAILS = {
    "name": "Harbor Dental",
    "contact_name": "Mia Lopez",
    "email": "mia@harbor.example",
    "phone": "518-555-0142",
    "line1": "12 Quay Street",
    "city": "Albany",
    "region": "NY",
    "postal_code": "12207",
    "country": "us",
    "notes": "Prefers calls",
}


def only(organization: Organization, model: Any) -> Any:
    with within(organization):
        return model.objects.get()


def test_a_customer_is_added_with_terms_and_tax(browser: Browser) -> None:
    with within(browser.organization):
        chosen = {"terms": factories.term().pk, "tax_region": factories.tax_region("Texas").pk}
    page = browser.said(browser.send("billing:customer_new", **DETAILS, **chosen))
    for words in (
        "Harbor Dental",
        "Mia Lopez",
        "12 Quay Street",
        "Net 30",
        "Texas · 8.25 %",
        "Staff",
    ):
        assert words in page
    assert only(browser.organization, Customer).country == "US"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "This field is required"),
        ("name", "x" * 201, "at most 200 characters"),
        ("email", "not an address", "Enter one e-mail address, such as ap@example.com."),
        ("country", "Germany", "at most 2 characters"),
        ("country", "1?", "A country is two letters"),
        ("phone", "\0", "Null characters are not allowed"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(
    browser: Browser, field: str, typed: str, words: str
) -> None:
    page = browser.said(browser.send("billing:customer_new", **{**DETAILS, field: typed}))
    assert words in page
    assert f'id="id_{field}_error"' in page
    with within(browser.organization):
        assert not Customer.objects.exists()


def test_a_customer_is_edited(browser: Browser) -> None:
    with within(browser.organization):
        customer = factories.customer("Harbor Dental")
    assert 'value="Harbor Dental"' in browser.read("billing:customer_edit", customer.pk)
    page = browser.said(
        browser.send("billing:customer_edit", customer.pk, **{**DETAILS, "name": "Harbor"})
    )
    assert "Harbor is saved." in page
    assert "Customer changed" in page


def test_an_archived_customer_leaves_the_list_and_comes_back(browser: Browser) -> None:
    with within(browser.organization):
        customer = factories.customer("Harbor Dental")
    browser.send("billing:customer_archive", customer.pk)
    assert "Harbor Dental is archived." in browser.read("billing:customers")
    assert "Harbor Dental" not in browser.read("billing:customers")
    assert "Harbor Dental" in browser.read("billing:customers", status="archived")
    browser.send("billing:customer_archive", customer.pk, back="yes")
    assert browser.address("billing:customer", customer.pk) in browser.read("billing:customers")


def test_the_page_of_a_customer_says_what_is_open_and_unbilled(browser: Browser) -> None:
    with within(browser.organization):
        customer = factories.customer("Harbor Dental")
        factories.payment(factories.invoice(customer), "30")
        factories.time_entry(customer, hours="1.5")
    page = browser.read("billing:customer", customer.pk)
    assert "$70.00" in page
    assert "1.5 h" in page
    assert "worth $150.00" in page


def test_work_is_worth_what_its_customer_will_be_billed_in_its_currency(browser: Browser) -> None:
    with within(browser.organization):
        here, abroad = factories.customer("Home"), factories.customer("Abroad", currency="EUR")
        service = factories.service("Labour")
        entries = [
            factories.time_entry(each, hours="1", service=service) for each in (here, abroad)
        ]
    together = browser.read("billing:work").partition("Together")[2]
    assert "2 h</span> · €100.00 · $100.00<" in together
    assert "worth $100.00" in browser.read("billing:customer", here.pk)
    assert "worth €100.00" in browser.read("billing:customer", abroad.pk)
    head, *rows = csv.reader(io.StringIO(browser.read("billing:work", format="csv")))
    worth = {row[head.index("Customer")]: row[head.index("Currency")] for row in rows}
    assert worth == {"Home": "USD", "Abroad": "EUR"}
    with within(browser.organization):
        line = drafting.line_of(entries[1])
        assert str(factories.invoice(abroad, lines=[line]).total) == "€100.00"


def test_a_service_is_added_changed_retired_and_sold_again(browser: Browser) -> None:
    typed = {"name": "Server care", "unit_price": "240", "taxable": "on"}
    assert "in the catalogue" in browser.said(browser.send("billing:service_new", **typed))
    service = only(browser.organization, Service)
    assert (service.unit_price, service.taxable) == (Decimal(240), True)
    browser.send("billing:service", service.pk, name="Server care", unit_price="250.5")
    assert "250.50" in browser.read("billing:catalogue")
    assert "is retired." in browser.said(browser.send("billing:service", service.pk, active="no"))
    assert "Server care" not in browser.read("billing:catalogue")
    assert "Retired" in browser.read("billing:catalogue", retired="on")
    browser.send("billing:service", service.pk, active="yes")
    assert "Server care" in browser.read("billing:catalogue")


def test_a_name_that_is_taken_is_refused_in_a_sentence(browser: Browser) -> None:
    with within(browser.organization):
        factories.service("Server care")
    page = browser.said(browser.send("billing:service_new", name="Server care", unit_price="1"))
    assert "“Server care” exists already." in page


def test_time_is_logged_at_the_price_of_its_service(browser: Browser) -> None:
    with within(browser.organization):
        chosen = {"customer": factories.customer().pk, "service": factories.service().pk}
    typed = {**chosen, "worked_on": "2026-03-16", "hours": "1.25", "description": "New switch"}
    page = browser.said(browser.send("billing:work_log", **typed))
    assert "New switch" in page
    assert "1.25 h" in page
    assert only(browser.organization, TimeEntry).rate == Decimal(100)


def test_log_and_add_another_keeps_customer_and_day(browser: Browser) -> None:
    with within(browser.organization):
        customer, service = factories.customer(), factories.service()
    typed = {
        "customer": customer.pk,
        "service": service.pk,
        "worked_on": "2026-03-16",
        "hours": "1",
    }
    response = browser.send("billing:work_log", **typed, another="yes")
    page = browser.said(response)
    assert f'<option value="{customer.pk}" selected>' in page
    assert 'value="2026-03-16"' in page


@pytest.mark.parametrize("hours", ["0", "-1", "1001", "1.234", "an hour"])
def test_hours_that_are_none_are_refused(browser: Browser, hours: str) -> None:
    with within(browser.organization):
        chosen = {"customer": factories.customer().pk, "service": factories.service().pk}
    typed = {**chosen, "worked_on": "2026-03-16", "hours": hours}
    assert browser.send("billing:work_log", **typed).status_code == 200
    with within(browser.organization):
        assert not TimeEntry.objects.exists()


def test_unbilled_time_can_be_removed_but_billed_time_cannot(browser: Browser) -> None:
    with within(browser.organization):
        customer = factories.customer()
        free, billed = factories.time_entry(customer), factories.time_entry(customer)
        factories.draft(customer, time_entries=[billed])
    assert "The time is removed." in browser.said(browser.send("billing:work_remove", free.pk))
    page = browser.said(browser.send("billing:work_remove", billed.pk))
    assert "on an invoice and cannot be removed" in page
    with within(browser.organization):
        assert TimeEntry.objects.get() == billed


def test_owners_and_admins_keep_terms_and_tax_regions(northwind: Organization) -> None:
    admin = Browser(northwind, factories.member(northwind, role=Role.ADMIN))
    assert "Net 45" in admin.said(admin.send("billing:term_new", name="Net 45", due_days="45"))
    assert "8.875 %" in admin.said(
        admin.send("billing:tax_region_new", name="New York", rate_percent="8.875")
    )
    assert only(northwind, Term).due_days == 45
    assert only(northwind, TaxRegion).rate_percent == Decimal("8.875")
    taken = admin.said(admin.send("billing:term_new", name="Net 45", due_days="40"))
    assert "exists already" in taken


def test_the_organizations_details_can_be_changed(northwind: Organization) -> None:
    admin = Browser(northwind, factories.member(northwind, role=Role.ADMIN))
    page = admin.said(
        admin.send("tenants:settings_edit", name="Northwind", timezone="Europe/Berlin")
    )
    assert "Europe/Berlin" in page
    refused = admin.said(admin.send("tenants:settings_edit", name="", timezone="Mars/Base"))
    assert "Mars/Base is not one of the available choices" in refused
    northwind.refresh_from_db()
    assert northwind.timezone == "Europe/Berlin"


def test_members_are_listed_with_what_they_may_do(browser: Browser, alice: Any) -> None:
    page = browser.read("tenants:members")
    for words in ("Alice", "Owner", "Bob", "Staff", "(you)"):
        assert words in page
