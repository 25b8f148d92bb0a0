"""The list of invoices, the page of one, and its steps."""

from datetime import UTC, datetime
from typing import Any

import pytest

from billing.models import Invoice, Payment
from regentra import clock
from tenants.models import Organization, Role
from tenants.scope import within
from tests import factories
from tests.ui.browsing import Browser

NOON = datetime(2026, 3, 16, 16, 0, tzinfo=UTC)


@pytest.fixture
def sent(northwind: Organization) -> Invoice:
    with within(northwind):
        customer = factories.customer("Harbor Dental", terms=factories.term())
        return factories.invoice(customer)


def fresh(invoice: Invoice) -> Invoice:
    with within(invoice.organization_id):
        return Invoice.objects.get(pk=invoice.pk)


def test_the_page_shows_lines_balance_and_what_happened(browser: Browser, sent: Invoice) -> None:
    with within(browser.organization):
        factories.payment(sent, "40", reference="check 4711")
    page = browser.read("billing:invoice", sent.pk)
    for words in ("INV-1001", "Harbor Dental", "Managed workstation", "$60.00", "check 4711"):
        assert words in page
    assert "Payment of $40.00 applied" in page
    assert "Apr 15, 2026" in page


def test_part_paid_says_what_is_left(browser: Browser, sent: Invoice) -> None:
    with within(browser.organization), clock.frozen(NOON):
        factories.payment(sent, "40")
        assert "Part paid · $60.00 left" in browser.read("billing:invoice", sent.pk)


def test_overdue_follows_from_the_organizations_own_calendar(
    browser: Browser, sent: Invoice
) -> None:
    # Due on 15 April; at 03:50 UTC on the 16th it is still the 15th in New York.
    with clock.frozen(datetime(2026, 4, 16, 3, 50, tzinfo=UTC)) as now:
        assert "Overdue" not in browser.read("billing:invoice", sent.pk)
        now.advance(seconds=60 * 20)
        assert "Overdue" in browser.read("billing:invoice", sent.pk)


def test_sending_a_draft_says_first_what_will_happen(browser: Browser) -> None:
    with within(browser.organization):
        draft = factories.draft()
    assert "becomes <strong>Sent</strong>" in browser.read("billing:invoice_send", draft.pk)
    assert fresh(draft).status == "DRAFT"
    assert "is sent." in browser.said(browser.send("billing:invoice_send", draft.pk))
    assert fresh(draft).status == "SENT"


def test_a_question_comes_as_a_page_or_as_a_dialog(browser: Browser, sent: Invoice) -> None:
    page = browser.open("billing:invoice_void", sent.pk).content.decode()
    dialog = browser.open("billing:invoice_void", sent.pk, htmx=True).content.decode()
    assert "<!doctype html>" in page
    assert dialog.lstrip().startswith("<form")
    for question in (page, dialog):
        assert "In QuickBooks it is voided too" in question


def test_void_is_refused_in_a_sentence_while_money_is_applied(
    browser: Browser, sent: Invoice
) -> None:
    with within(browser.organization):
        factories.payment(sent, "40")
    page = browser.said(browser.send("billing:invoice_void", sent.pk))
    assert "INV-1001 has payments applied. Void or move them first" in page
    assert fresh(sent).status == "PARTIAL"


def test_mark_paid_records_date_method_and_reference(browser: Browser, sent: Invoice) -> None:
    typed = {"received_on": "2026-03-20", "method": "check", "reference": "4711"}
    assert "is paid." in browser.said(browser.send("billing:invoice_mark_paid", sent.pk, **typed))
    with within(browser.organization):
        payment = Payment.objects.get()
    assert (payment.received_on.isoformat(), payment.method, payment.reference) == (
        "2026-03-20",
        "check",
        "4711",
    )
    assert fresh(sent).status == "PAID"


def test_mark_paid_twice_is_refused_in_a_sentence(browser: Browser, sent: Invoice) -> None:
    typed = {"received_on": "2026-03-20", "method": "check"}
    browser.send("billing:invoice_mark_paid", sent.pk, **typed)
    assert "is paid already" in browser.said(
        browser.send("billing:invoice_mark_paid", sent.pk, **typed)
    )
    with within(browser.organization):
        assert Payment.objects.count() == 1


def test_notes_and_due_date_can_be_edited_while_it_is_open(browser: Browser, sent: Invoice) -> None:
    typed = {"due_on": "2026-05-01", "notes": "Net 45 as agreed", "memo": "called Mia"}
    page = browser.said(browser.send("billing:invoice_edit", sent.pk, **typed))
    assert "May 1, 2026" in page
    assert "Net 45 as agreed" in page


def test_the_due_date_of_a_paid_invoice_is_fixed_but_notes_are_not(
    browser: Browser, sent: Invoice
) -> None:
    with within(browser.organization):
        factories.payment(sent)
    assert "is paid already" in browser.read("billing:invoice_edit", sent.pk)
    browser.send("billing:invoice_edit", sent.pk, due_on="2027-01-01", notes="Thanks")
    assert (fresh(sent).due_on, fresh(sent).notes) == (sent.due_on, "Thanks")


def test_a_due_date_before_the_invoice_date_is_refused(browser: Browser, sent: Invoice) -> None:
    page = browser.said(browser.send("billing:invoice_edit", sent.pk, due_on="2026-01-01"))
    assert 'role="alert"' in page
    assert fresh(sent).due_on == sent.due_on


def test_readers_see_the_invoice_but_no_button(northwind: Organization, sent: Invoice) -> None:
    reader = Browser(northwind, factories.member(northwind, role=Role.READ_ONLY))
    page = reader.read("billing:invoice", sent.pk)
    assert "INV-1001" in page
    for step in ("send", "paid", "void", "edit"):
        assert f"/{step}/" not in page


def test_the_moving_part_comes_alone(browser: Browser, sent: Invoice) -> None:
    fragment = browser.read("billing:invoice_live", sent.pk)
    assert fragment.lstrip().startswith('<div id="invoice-live"')
    assert "<!doctype" not in fragment


def test_another_tenants_invoice_is_not_there(browser: Browser, contoso: Organization) -> None:
    with within(contoso):
        theirs = factories.invoice()
    assert browser.open("billing:invoice", theirs.pk).status_code == 404


def test_a_void_invoice_offers_no_further_step(browser: Browser, sent: Invoice) -> None:
    browser.send("billing:invoice_void", sent.pk)
    page = browser.read("billing:invoice", sent.pk)
    for name in ("billing:invoice_send", "billing:invoice_mark_paid", "billing:invoice_void"):
        assert browser.address(name, sent.pk) not in page


def test_an_empty_list_offers_the_first_step(browser: Browser) -> None:
    page = browser.read("billing:invoices")
    assert "Invoices appear here" in page
    assert browser.address("billing:generate") in page


def test_money_is_written_with_its_sign_and_thousands(browser: Browser) -> None:
    with within(browser.organization):
        invoice = factories.invoice(lines=[factories.line("123456.5", "10")])
    assert "$1,234,565.00" in browser.read("billing:invoice", invoice.pk)


def test_steps_ask_for_post(browser: Browser, sent: Invoice) -> None:
    response: Any = browser.client.put(browser.address("billing:invoice_void", sent.pk))
    assert response.status_code == 405
