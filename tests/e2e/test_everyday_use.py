"""Daily work without a mouse, on a phone, and by those who may not connect anything."""

from playwright.sync_api import Locator, expect

from tests.e2e import steps
from tests.e2e.browsing import Seat

PLACES = {
    "overview": "",
    "invoices": "invoices/",
    "generate": "invoices/generate/",
    "customers": "customers/",
    "payments": "payments/",
    "record-payment": "payments/record/",
    "time": "time/",
    "log-time": "time/new/",
    "credit-memos": "credit-memos/",
    "agreements": "agreements/",
    "add-agreement": "agreements/new/",
    "catalogue": "catalogue/",
    "exceptions": "exceptions/",
    "calls": "calls/",
    "notices": "notices/",
    "integrations": "settings/integrations/",
    "quickbooks": "settings/integrations/quickbooks/",
    "members": "settings/members/",
    "numbers": "settings/invoice-numbers/",
    "accounts": "settings/ledger-accounts/",
    "customer-forms": "settings/customer-forms/",
    "sync-rules": "settings/sync-rules/",
}


def focused(seat: Seat) -> Locator:
    return seat.page.locator(":focus")


def test_invoices_are_found_and_opened_by_keyboard(seat: Seat) -> None:
    page, press = seat.page, seat.page.keyboard.press
    seat.log_in("bob@example.com", steps.PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.wait_for_load_state()
    press("Tab")
    expect(focused(seat)).to_have_text("Skip to the page")
    press("/")
    expect(focused(seat)).to_have_attribute("type", "search")
    page.keyboard.type("Granite")
    press("Enter")
    expect(page.get_by_role("link", name="Granite Legal LLP").first).to_be_visible()
    seat.go_to("Invoices")
    expect(page.get_by_role("heading", level=1)).to_have_text("Invoices")
    page.wait_for_load_state()
    rows = page.locator("tbody tr")
    for key, row in [("j", 0), ("j", 1), ("j", 2), ("k", 1)]:
        press(key)
        expect(rows.nth(row).get_by_role("link").first).to_be_focused()
    number = focused(seat).inner_text()
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(number)


def test_questions_are_left_by_escape_and_give_the_focus_back(seat: Seat) -> None:
    page, press = seat.page, seat.page.keyboard.press
    seat.log_in("bob@example.com", steps.PASSWORD)
    seat.go_to("Invoices")
    page.get_by_role("navigation", name="Status").get_by_role("link", name="Draft").click()
    page.locator("tbody tr").first.get_by_role("link").first.press("Enter")
    send = page.get_by_role("link", name="Send", exact=True)
    send.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Send INV-")).to_be_focused()
    press("Escape")
    expect(dialog).to_be_hidden()
    expect(send).to_be_focused()
    menu = page.get_by_label("More for")
    menu.press("Enter")
    expect(page.get_by_role("link", name="Edit notes and due date")).to_be_visible()
    press("Escape")
    expect(page.get_by_role("link", name="Edit notes and due date")).to_be_hidden()
    expect(menu).to_be_focused()
    menu.press("Enter")
    page.get_by_role("link", name="Void", exact=True).press("Enter")
    expect(dialog.get_by_role("link", name="Keep it")).to_be_focused()
    expect(page.get_by_role("link", name="Edit notes and due date")).to_be_hidden()
    press("Escape")
    expect(menu).to_be_focused()


def test_every_page_fits_a_phone(phone: Seat) -> None:
    page = phone.page
    phone.log_in("alice@example.com", steps.PASSWORD)
    page.get_by_label("Open the menu").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Invoices").click()
    page.locator("tbody tr").first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("INV-")
    phone.picture("phone-invoice")
    for name, place in PLACES.items():
        page.goto(f"{phone.address}/o/northwind/{place}")
        phone.picture(f"phone-{name}")
    expect(
        page.get_by_role("navigation", name="Settings").locator("[aria-current]")
    ).to_be_in_viewport(ratio=1)


def test_R_21_R_22_R_23_where_quickbooks_is_not_configured_the_page_says_whom_to_ask(
    seat: Seat,
) -> None:
    page = seat.page
    seat.log_in("charlie@example.com", steps.PASSWORD)
    steps.open_quickbooks_settings(seat)
    expect(page.get_by_text("QuickBooks integration not configured")).to_be_visible()
    expect(page.get_by_role("link", name="support@regentra.io")).to_be_visible()
    expect(page.get_by_role("button", name="Connect")).to_have_count(0)
    seat.picture("19-not-configured")


def test_L_25_staff_cannot_connect(seat: Seat) -> None:
    seat.log_in("bob@example.com", steps.PASSWORD)
    steps.open_quickbooks_settings(seat)
    main = seat.page.get_by_role("main")
    expect(main.get_by_role("heading", level=2).first).to_be_visible()
    expect(main.get_by_role("button", name="QuickBooks")).to_have_count(0)
    expect(main.get_by_role("link", name="Disconnect")).to_have_count(0)
