"""What only a browser can tell: live totals, keys, dialogs, quiet updates, phones, and pages without scripts.

Rows are written by another thread, because Django refuses its database while Playwright's loop runs in this one.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from billing.models import Invoice
from tenants.models import Organization, Role
from tenants.scope import within
from tests import factories
from tests.e2e.browsing import CHROMIUM, DESK, PHONE, Seat, chromium

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here (apt-get install chromium)"),
]

T = TypeVar("T")
EMAIL = "bob@example.com"


def elsewhere(work: Callable[[], T]) -> T:
    """Runs it in a thread of its own, with a database connection of its own."""

    def run() -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture
def northwind(transactional_db: None) -> Organization:
    organization = factories.organization("northwind", name="Northwind IT")
    factories.member(organization, EMAIL, Role.STAFF)
    with within(organization):
        customer = factories.customer("Harbor Dental", terms=factories.term())
        service = factories.service("On-site visit", unit_price=Decimal(165))
        factories.time_entry(customer, service=service, hours="1.5")
        for _ in range(3):
            factories.invoice(customer)
    return organization


@contextmanager
def seated(address: str, size: tuple[int, int] = DESK) -> Iterator[Seat]:
    """Bob, logged in; nothing may have complained when he leaves."""
    with chromium() as browser:
        seat = Seat(browser, address, size)
        seat.log_in(EMAIL, factories.PASSWORD)
        expect(seat.page.get_by_role("heading", name="Overview")).to_be_visible()
        yield seat
        seat.leave()


def page_at(seat: Seat, path: str) -> Page:
    seat.page.goto(f"{seat.address}/o/northwind/{path}")
    return seat.page


def test_a_draft_is_counted_while_typed_then_sent_and_paid_in_dialogs(
    live_server: Any, northwind: Organization
) -> None:
    with seated(live_server.url) as seat:
        page = page_at(seat, "invoices/generate/")
        page.locator("#id_customer").select_option(label="Harbor Dental")
        expect(page.locator("#totals")).to_contain_text("$247.50")
        page.locator("#id_lines-0-service").select_option(label="On-site visit")
        expect(page.locator("#id_lines-0-unit_price")).to_have_value("165")
        page.locator("#id_lines-0-quantity").fill("2")
        expect(page.locator("#totals")).to_contain_text("$577.50")
        page.get_by_role("button", name="Add a line").click()
        expect(page.locator("#id_lines-1-service")).to_be_focused()
        page.get_by_role("button", name="Remove line 2").click()
        expect(page.locator("#id_lines-1-service")).to_have_count(0)
        page.locator("#id_lines-0-quantity").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("INV-1004 is generated.")
        _send_and_pay(page)


def test_lines_of_a_sent_invoice_are_changed_by_keyboard_and_counted_while_typed(
    live_server: Any, northwind: Organization
) -> None:
    with seated(live_server.url) as seat:
        page = page_at(seat, "invoices/")
        page.get_by_role("link", name="INV-1003").click()
        page.get_by_role("link", name="Edit lines").first.focus()
        page.keyboard.press("Enter")
        page.locator("#id_lines-0-quantity").focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("3")
        expect(page.locator("#totals")).to_contain_text("$300.00")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type("10")
        expect(page.locator("#totals")).to_contain_text("$270.00")
        page.get_by_role("button", name="Add a line").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#id_lines-1-service")).to_be_focused()
        page.locator("#id_lines-1-service").select_option(label="On-site visit")
        expect(page.locator("#totals")).to_contain_text("$435.00")
        page.locator("#id_lines-1-quantity").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("INV-1003 is saved.")
        expect(page.get_by_text("10 % off").first).to_be_visible()


def _send_and_pay(page: Page) -> None:
    send = page.get_by_role("link", name="Send", exact=True)
    send.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Send INV-1004?")
    page.keyboard.press("Escape")
    expect(send).to_be_focused()
    send.click()
    dialog.get_by_role("button", name="Send INV-1004").click()
    expect(page.get_by_role("status")).to_contain_text("INV-1004 is sent.")
    page.get_by_role("link", name="Mark paid").click()
    dialog.get_by_label("Reference").fill("4711")
    dialog.get_by_role("button", name="Record $577.50").click()
    expect(page.get_by_role("status")).to_contain_text("INV-1004 is paid.")


def test_the_list_is_walked_with_j_k_enter_and_searched_with_a_slash(
    live_server: Any, northwind: Organization
) -> None:
    with seated(live_server.url) as seat:
        page = page_at(seat, "invoices/")
        for key in ("j", "j", "j", "k"):
            page.keyboard.press(key)
        expect(page.locator("tr.is-current")).to_contain_text("INV-1002")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="INV-1002")).to_be_visible()
        page.keyboard.press("/")
        page.keyboard.type("inv-1003")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="INV-1003")).to_be_visible()


def test_a_row_opens_by_a_click_and_in_a_tab_by_the_middle_button(
    live_server: Any, northwind: Organization
) -> None:
    with seated(live_server.url) as seat:
        page = page_at(seat, "invoices/")
        row = page.locator("tr", has_text="INV-1001")
        with seat.context.expect_page() as opened:
            row.get_by_text("Harbor Dental").click(button="middle")
        expect(opened.value.get_by_role("heading", name="INV-1001")).to_be_visible()
        row.get_by_text("Harbor Dental").click()
        expect(page.get_by_role("heading", name="INV-1001")).to_be_visible()


def test_a_payment_from_elsewhere_shows_without_a_reload_and_without_a_jump(
    live_server: Any, northwind: Organization
) -> None:
    with seated(live_server.url) as seat:
        page = page_at(seat, "invoices/?q=INV-1002")
        page.get_by_role("link", name="INV-1002").click()
        page.evaluate("window.untouched = true; window.scrollTo(0, 60)")
        before = page.evaluate("window.scrollY")
        elsewhere(lambda: _pay(northwind, "INV-1002"))
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator(".page-title-line")).to_contain_text("Paid")
        assert page.evaluate("window.untouched && window.scrollY") == before


def _pay(organization: Organization, number: str) -> None:
    from billing.models import Invoice

    with within(organization):
        factories.payment(Invoice.objects.get(number=number))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(
    live_server: Any, northwind: Organization, scheme: Any
) -> None:
    places = ["", "invoices/", "invoices/generate/", "customers/", "payments/", "payments/record/"]
    places += ["time/", "time/new/", "catalogue/", "settings/", "settings/members/", "exceptions/"]
    with within(northwind):
        places.append(f"invoices/{Invoice.objects.get(number='INV-1003').pk}/lines/")
    with seated(live_server.url, PHONE) as seat:
        seat.page.emulate_media(color_scheme=scheme)
        for place in places:
            page = page_at(seat, place)
            wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not page.evaluate(wide), place


def test_the_menu_of_a_phone_opens_and_leads_on(live_server: Any, northwind: Organization) -> None:
    with seated(live_server.url, PHONE) as seat:
        seat.page.get_by_role("link", name="Open the menu").click()
        seat.page.get_by_role("link", name="Payments", exact=True).click()
        expect(seat.page.get_by_role("heading", name="Payments")).to_be_visible()


def test_an_invoice_is_generated_without_scripts(live_server: Any, northwind: Organization) -> None:
    with chromium() as browser:
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(f"{live_server.url}/o/northwind/invoices/generate/")
        page.get_by_label("E-mail address").fill(EMAIL)
        page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.locator("#id_customer").select_option(label="Harbor Dental")
        page.get_by_role("button", name="Show unbilled work").click()
        page.get_by_label("On-site visit").first.check()
        page.get_by_role("button", name="Add a line").click()
        page.locator("#id_lines-0-description").fill("Cable")
        page.locator("#id_lines-0-unit_price").fill("12.50")
        page.get_by_role("button", name="Generate invoice").click()
        expect(page.get_by_role("heading", name="INV-1004")).to_be_visible()
        expect(page.get_by_text("$260.00").first).to_be_visible()
