"""Payments: recorded over several invoices, applied anew, taken back."""

from datetime import date
from typing import Any

import pytest

from billing.models import Customer, Invoice, Payment
from tenants.models import Organization
from tenants.scope import within
from tests import factories
from tests.ui.browsing import Browser


@pytest.fixture
def customer(northwind: Organization) -> Customer:
    with within(northwind):
        return factories.customer("Harbor Dental", terms=factories.term())


@pytest.fixture
def open_invoices(customer: Customer) -> list[Invoice]:
    """Two of 100.00 each; the one with the later number is due first."""
    with within(customer.organization_id):
        later = factories.invoice(customer, issued_on=date(2026, 3, 16))
        earlier = factories.invoice(customer, issued_on=date(2026, 2, 1))
        return [earlier, later]


def form(customer: Customer, amount: str, **parts: Any) -> dict[str, Any]:
    typed = {
        "customer": customer.pk,
        "amount": amount,
        "received_on": "2026-03-20",
        "method": "check",
    }
    return {**typed, **parts}


def part(invoice: Invoice) -> str:
    return f"apply-{invoice.pk}"


def standing(organization: Organization) -> dict[str, tuple[str, int]]:
    with within(organization):
        return {each.number: (each.status, each.balance.minor) for each in Invoice.objects.all()}


def test_the_proposal_is_oldest_first_and_says_what_is_left(
    browser: Browser, customer: Customer, open_invoices: list[Invoice]
) -> None:
    spread = browser.said(browser.send("billing:payment_spread", **form(customer, "130")))
    first, second = spread.index("INV-1002"), spread.index("INV-1001")
    assert first < second
    assert 'value="100.00"' in spread
    assert 'value="30.00"' in spread
    assert "All of it is applied" in spread
    assert "stays as a credit" in browser.said(
        browser.send("billing:payment_spread", **form(customer, "250"))
    )


def test_one_payment_settles_several_invoices(
    browser: Browser, customer: Customer, open_invoices: list[Invoice]
) -> None:
    earlier, later = open_invoices
    parts = {part(earlier): "100", part(later): "30"}
    page = browser.said(
        browser.send("billing:payment_record", **form(customer, "$130.00", **parts))
    )
    assert "payment is recorded" in page
    assert "Applied" in page
    assert standing(browser.organization) == {
        "INV-1001": ("PARTIAL", 7000),
        "INV-1002": ("PAID", 0),
    }


def test_the_proposal_comes_without_scripts_too(
    browser: Browser, customer: Customer, open_invoices: list[Invoice]
) -> None:
    page = browser.said(
        browser.send("billing:payment_record", **form(customer, "130"), step="spread")
    )
    assert "<!doctype html>" in page
    assert 'value="30.00"' in page
    with within(browser.organization):
        assert not Payment.objects.exists()


def test_more_applied_than_came_in_is_refused(
    browser: Browser, customer: Customer, open_invoices: list[Invoice]
) -> None:
    parts = {part(each): "100" for each in open_invoices}
    page = browser.said(browser.send("billing:payment_record", **form(customer, "150", **parts)))
    assert "but $200.00 would be applied" in page
    assert standing(browser.organization)["INV-1001"] == ("SENT", 10000)


def test_more_than_the_open_balance_is_refused(
    browser: Browser, customer: Customer, open_invoices: list[Invoice]
) -> None:
    parts = {part(open_invoices[0]): "100.01"}
    page = browser.said(browser.send("billing:payment_record", **form(customer, "150", **parts)))
    assert "has $100.00 open, so $100.01 cannot be applied" in page


@pytest.mark.parametrize("amount", ["", "0", "-5", "12.345", "much", "1e30"])
def test_an_amount_that_is_none_is_refused_at_the_form(
    browser: Browser, customer: Customer, amount: str
) -> None:
    response = browser.send("billing:payment_record", **form(customer, amount))
    assert response.status_code == 200
    with within(browser.organization):
        assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("currency", "typed", "said", "minor"),
    [
        ("JPY", "10.50", "An amount in JPY has no decimals.", None),
        ("JPY", "1,050", "", 1050),
        ("JPY", "10.00", "", 10),
        ("KWD", "10.555", "", 10555),
        ("KWD", "10.5555", "no more than 3 decimal places", None),
        ("EUR", "10.555", "An amount in EUR has at most 2 decimals.", None),
        ("", "10.555", "An amount in USD has at most 2 decimals.", None),
    ],
)
def test_an_amount_is_as_exact_as_the_currency_of_its_customer(
    browser: Browser, currency: str, typed: str, said: str, minor: int | None
) -> None:
    with within(browser.organization):
        customer = factories.customer("Harbor Dental", currency=currency)
    page = browser.said(browser.send("billing:payment_record", **form(customer, typed)))
    assert said in page
    with within(browser.organization):
        recorded = Payment.objects.first()
    assert (recorded and recorded.amount_minor) == minor


def test_adding_up_shows_when_too_much_is_applied(
    browser: Browser, customer: Customer, open_invoices: list[Invoice]
) -> None:
    parts = {part(each): "100" for each in open_invoices}
    left = browser.said(
        browser.send("billing:payment_spread", keep="yes", **form(customer, "150", **parts))
    )
    assert "more is applied than came in" in left


def test_money_without_an_invoice_waits_as_a_credit(browser: Browser, customer: Customer) -> None:
    page = browser.said(browser.send("billing:payment_record", **form(customer, "50")))
    assert "$50.00 not applied" in page
    assert "Apply the rest" in page


def test_a_payment_is_applied_anew(
    browser: Browser, customer: Customer, open_invoices: list[Invoice]
) -> None:
    earlier, later = open_invoices
    with within(browser.organization):
        payment = factories.payment(earlier)
    page = browser.read("billing:payment_apply", payment.pk)
    assert "INV-1001" in page
    assert 'value="100.00"' in page
    typed = {part(earlier): "40", part(later): "60"}
    assert "applied as you said" in browser.said(
        browser.send("billing:payment_apply", payment.pk, **typed)
    )
    assert standing(browser.organization) == {
        "INV-1001": ("PARTIAL", 4000),
        "INV-1002": ("PARTIAL", 6000),
    }


def test_voiding_says_which_invoices_open_again(
    browser: Browser, customer: Customer, open_invoices: list[Invoice]
) -> None:
    with within(browser.organization):
        payment = factories.payment(open_invoices[0])
    assert "INV-1002 is open again" in browser.read("billing:payment_void", payment.pk)
    assert "The payment is void." in browser.said(browser.send("billing:payment_void", payment.pk))
    assert standing(browser.organization)["INV-1002"] == ("SENT", 10000)
    page = browser.said(browser.send("billing:payment_void", payment.pk))
    assert "void and cannot be changed any more" in page


def test_another_tenants_invoice_cannot_be_paid(
    browser: Browser, customer: Customer, contoso: Organization
) -> None:
    with within(contoso):
        theirs = factories.invoice()
    browser.send("billing:payment_record", **form(customer, "100", **{part(theirs): "100"}))
    assert standing(contoso)["INV-1001"] == ("SENT", 10000)


def test_the_list_shows_what_a_payment_was_applied_to(
    browser: Browser, open_invoices: list[Invoice]
) -> None:
    with within(browser.organization):
        factories.payment(open_invoices[0], "40", reference="ACH 77")
    page = browser.read("billing:payments")
    for words in ("Harbor Dental", "INV-1002", "ACH 77", "$40.00"):
        assert words in page
