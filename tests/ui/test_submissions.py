"""One effect for each rendered form, however often it is sent."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from billing.models import Customer, Invoice, Payment
from tenants.models import Organization, Role, Submission
from tenants.scope import within
from tests import factories
from tests.ui.browsing import Browser, draft_form, line

AT_ONCE = 20


def count(organization: Organization, model: Any) -> int:
    with within(organization):
        return int(model.objects.count())


@pytest.fixture
def customer(northwind: Organization) -> Customer:
    with within(northwind):
        return factories.customer("Harbor Dental")


def test_sent_again_it_answers_as_the_first_time(browser: Browser, customer: Customer) -> None:
    form = draft_form(customer, line(0, "Cable", "10"), form_token=str(uuid.uuid4()))
    first = browser.send("billing:generate", **form)
    again = browser.send("billing:generate", **form)
    assert first.headers["Location"] == again.headers["Location"]
    assert count(browser.organization, Invoice) == 1


def test_changed_and_sent_again_it_makes_nothing_and_says_so(
    browser: Browser, customer: Customer
) -> None:
    token = str(uuid.uuid4())
    browser.send(
        "billing:generate", **draft_form(customer, line(0, "Cable", "10"), form_token=token)
    )
    other = draft_form(customer, line(0, "Cable", "99"), form_token=token)
    page = browser.said(browser.send("billing:generate", **other))
    assert "This form was sent before" in page
    assert count(browser.organization, Invoice) == 1


def test_a_refused_form_can_be_corrected_and_sent_with_the_same_token(
    browser: Browser, customer: Customer
) -> None:
    token = str(uuid.uuid4())
    refused = draft_form(customer, line(0, "Return", "10", "-1"), form_token=token)
    assert browser.send("billing:generate", **refused).status_code == 200
    assert count(browser.organization, Submission) == 0
    corrected = draft_form(customer, line(0, "Cable", "10"), form_token=token)
    assert browser.send("billing:generate", **corrected).status_code == 302


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_a_form_without_its_token_makes_nothing(
    browser: Browser, customer: Customer, token: str
) -> None:
    form = draft_form(customer, line(0, "Cable", "10"), form_token=token)
    assert browser.send("billing:generate", **form).status_code == 400
    assert count(browser.organization, Invoice) == 0


def test_the_same_token_of_another_organization_is_another_form(
    browser: Browser, customer: Customer, contoso: Organization
) -> None:
    token = str(uuid.uuid4())
    browser.send("billing:customer_new", name="Juniper Books", form_token=token)
    charlie = Browser(contoso, factories.member(contoso, role=Role.STAFF))
    charlie.send("billing:customer_new", name="Juniper Books", form_token=token)
    assert count(contoso, Customer) == 1


def test_every_page_that_makes_something_carries_a_token(
    browser: Browser, customer: Customer
) -> None:
    with within(browser.organization):
        invoice = factories.invoice(customer)
    pages = [
        browser.read("billing:generate"),
        browser.read("billing:payment_record"),
        browser.read("billing:customer_new"),
        browser.read("billing:service_new"),
        browser.read("billing:work_log"),
        browser.read("billing:invoice_mark_paid", invoice.pk),
    ]
    assert [page.count('name="form_token"') for page in pages] == [1] * len(pages)


class Crowd:
    """Many browsers of one person that send the same form at the same moment."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.person = factories.member(organization, role=Role.STAFF)

    def send(self, name: str, *arguments: Any, **fields: Any) -> list[str]:
        """Where each of them is led."""
        fields["form_token"] = str(uuid.uuid4())
        browsers = [Browser(self.organization, self.person) for _ in range(AT_ONCE)]

        def one(browser: Browser) -> str:
            try:
                return str(browser.send(name, *arguments, **fields).headers["Location"])
            finally:
                connection.close()

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(one, browsers))


@pytest.fixture
def crowd(transactional_db: None) -> Crowd:
    return Crowd(factories.organization("northwind"))


def test_twenty_at_once_generate_one_invoice(crowd: Crowd) -> None:
    with within(crowd.organization):
        customer = factories.customer()
    places = crowd.send("billing:generate", **draft_form(customer, line(0, "Cable", "10")))
    assert len(set(places)) == 1
    assert count(crowd.organization, Invoice) == 1


def test_twenty_at_once_record_one_payment(crowd: Crowd) -> None:
    with within(crowd.organization):
        customer = factories.customer()
    typed = {"customer": customer.pk, "amount": "50", "received_on": "2026-03-16", "method": "cash"}
    places = crowd.send("billing:payment_record", **typed)
    assert len(set(places)) == 1
    assert count(crowd.organization, Payment) == 1


def test_twenty_at_once_mark_an_invoice_paid_once(crowd: Crowd) -> None:
    with within(crowd.organization):
        invoice = factories.invoice()
    typed = {"received_on": "2026-03-16", "method": "cash"}
    places = crowd.send("billing:invoice_mark_paid", invoice.pk, **typed)
    assert len(set(places)) == 1
    assert count(crowd.organization, Payment) == 1
