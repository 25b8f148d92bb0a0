"""What a person does on the way from unbilled work to a paid invoice, in the words of the pages."""

import re
from decimal import Decimal
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

from tests.e2e.books import Document, sold_lines
from tests.e2e.browsing import Seat

PASSWORD = "northwind-demo"
COMPANY = "Northwind Managed IT"
# A payment made over there is rung in, gathered for 3 s, read, and asked for by the page every 3 to 12 s.
COMES_BACK_MS = 40_000


class Line(NamedTuple):
    """One line of an invoice, as a page shows it and as the books hold it."""

    description: str
    quantity: Decimal
    amount: Decimal


def open_quickbooks_settings(seat: Seat) -> None:
    seat.go_to("Settings", "Integrations", "QuickBooks Online")


def answer_consent(page: Page, company: str, button: str) -> None:
    """On Intuit's page: which company, and yes or no."""
    page.get_by_role("button", name=re.compile("Connect QuickBooks")).click()
    page.locator("label", has_text=company).get_by_role("radio").check()
    page.get_by_role("button", name=button, exact=True).click()


def log_time(seat: Seat, *, customer: str, service: str, hours: str, description: str) -> None:
    seat.go_to("Time", "Log time")
    page = seat.page
    page.get_by_role("combobox", name="Customer").select_option(customer)
    page.get_by_role("combobox", name="Service").select_option(service)
    page.get_by_label("Hours").fill(hours)
    page.get_by_label("Description").fill(description)
    page.get_by_role("main").get_by_role("button", name="Log time").click()
    expect(page.get_by_role("cell", name=description).first).to_be_visible()


def begin_invoice(seat: Seat, customer: str) -> None:
    seat.go_to("Invoices", "Generate invoice")
    seat.page.get_by_role("combobox", name="Customer").select_option(customer)
    expect(seat.page.get_by_role("checkbox", name="QuickBooks", exact=True)).to_be_checked()


def add_free_line(page: Page, *, service: str, quantity: str) -> None:
    """Of a service, whose price the page fills in."""
    line = page.get_by_role("group", name="Line 1")
    line.get_by_role("combobox", name="Service").select_option(service)
    expect(line.get_by_label("Price")).not_to_have_value("")
    line.get_by_label("Quantity").fill(quantity)


def finish_invoice(page: Page) -> str:
    """Presses the button; returns the number that the invoice got."""
    page.get_by_role("main").get_by_role("button", name="Generate invoice").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile(r"INV-\d+"))
    return heading.inner_text()


def generate_small_invoice(seat: Seat, customer: str) -> str:
    """With one free line, and sent to QuickBooks."""
    begin_invoice(seat, customer)
    add_free_line(seat.page, service="Firewall Management", quantity="2")
    number = finish_invoice(seat.page)
    expect(state(seat.page)).to_contain_text("Synced")
    return number


def state(page: Page) -> Locator:
    """The pills beside the invoice's number."""
    return page.locator(".page-title-line")


def choose_in_menu(page: Page, number: str, item: str) -> None:
    page.get_by_label(f"More for {number}").click()
    page.get_by_role("link", name=item).click()


def record_payment_there(books_page: Page, amount: str | None = None) -> None:
    """As the bookkeeper in QuickBooks; without an amount all that is open."""
    if amount is not None:
        books_page.get_by_label("Amount", exact=True).fill(amount)
    books_page.get_by_role("button", name="Record payment").click()
    books_page.wait_for_load_state()


def lines_here(page: Page) -> list[Line]:
    rows = page.get_by_role("region", name="Lines").locator("tbody tr")
    return [_line(row) for row in rows.all()]


def lines_there(invoice: Document) -> list[Line]:
    return [
        Line(line["Description"], line["SalesItemLineDetail"]["Qty"], line["Amount"])
        for line in sold_lines(invoice)
    ]


def lines_on_their_page(books_page: Page) -> list[Line]:
    rows = [row.locator("td").all_inner_texts() for row in books_page.locator("tr").all()]
    return [Line(row[1], money(row[2]), money(row[4])) for row in rows if len(row) >= 5 and row[0]]


def money(text: str) -> Decimal:
    return Decimal(re.sub(r"[^\d.]", "", text))


def _line(row: Locator) -> Line:
    cells = row.locator("td")
    return Line(
        cells.nth(0).locator(".prewrap").inner_text(),
        money(cells.nth(1).inner_text()),
        money(cells.nth(3).inner_text()),
    )
