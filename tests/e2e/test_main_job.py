"""The main job as a newcomer walks it: connect QuickBooks, bill work, and see the customer's payment come back."""

from decimal import Decimal

from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.books import Books
from tests.e2e.browsing import Seat

LINKED_CUSTOMER = "Granite Legal LLP"  # in the books already, with the same e-mail address
NEW_CUSTOMER = "Solano Solar"  # not there yet
PART = Decimal("50.00")


def test_from_connecting_quickbooks_to_an_invoice_paid_by_itself(seat: Seat, books: Books) -> None:
    seat.log_in("alice@example.com", steps.PASSWORD)
    expect(seat.page.get_by_role("heading", name="Overview")).to_be_visible()
    seat.picture("01-overview")
    decline_first(seat, books)
    connect(seat, books)
    choose_mapping(seat)
    number = bill_work(seat, books)
    their_page = compare_in_quickbooks(seat, books, number)
    customer_pays(seat, books, number, their_page)
    edit_a_draft(seat, books)
    void_another(seat, books)
    mark_paid_here(seat, books)
    disconnect_and_return(seat, books, number)


def decline_first(seat: Seat, books: Books) -> None:
    page = seat.page
    steps.open_quickbooks_settings(seat)
    expect(page.get_by_text("Not connected", exact=True)).to_be_visible()
    seat.picture("02-not-connected")
    steps.answer_consent(page, steps.COMPANY, "Cancel")
    expect(page.get_by_text("Access was declined at Intuit.")).to_be_visible()
    expect(page.get_by_text("Not connected", exact=True)).to_be_visible()
    seat.picture("03-declined")
    assert books.calls(realm=books.realm) == []


def connect(seat: Seat, books: Books) -> None:
    page = seat.page
    steps.answer_consent(page, steps.COMPANY, "Connect")
    expect(page.get_by_text("Connected", exact=True).first).to_be_visible()
    card = page.get_by_role("region", name=steps.COMPANY)
    expect(card).to_contain_text(books.realm)
    expect(card).to_contain_text("Sandbox")
    seat.picture("04-connected")


def choose_mapping(seat: Seat) -> None:
    page = seat.page
    seat.go_to("Configure mapping")
    item = page.get_by_label("Default service item")
    expect(item.locator("option", has_text="Help Desk Hour")).to_be_attached()
    expect(page.get_by_text("Being read", exact=True)).to_be_hidden()
    item.focus()
    item.select_option("Help Desk Hour")
    expect(page.locator("#row-default_item").get_by_role("status")).to_contain_text("Saved")
    expect(item).to_be_focused()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The mapping is saved.")).to_be_visible()
    expect(item.locator("option:checked")).to_have_text("Help Desk Hour")
    seat.picture("05-mapping")


def bill_work(seat: Seat, books: Books) -> str:
    """Logs time, generates the invoice, and sees it Synced while nobody touches the page."""
    page = seat.page
    steps.log_time(
        seat,
        customer=LINKED_CUSTOMER,
        service="On-site Hour",
        hours="1.5",
        description="Cabled the new reception desk",
    )
    steps.begin_invoice(seat, LINKED_CUSTOMER)
    expect(page.get_by_label("Cabled the new reception desk").first).to_be_checked()
    steps.add_free_line(page, service="Managed Workstation", quantity="3")
    work = page.get_by_role("region", name="Unbilled work").locator("tbody tr")
    expect(page.locator("#totals")).to_contain_text(f"{work.count() + 1} lines")
    seat.picture("06-generate")
    number = steps.finish_invoice(page)
    stay_on(page)
    expect(steps.state(page)).to_contain_text("Draft")
    expect(steps.state(page)).to_contain_text("Synced")
    seat.picture("07-synced")
    assert_not_reloaded(page)
    created = books.calls(entity="Invoice", method="POST")
    assert [(call["status"], call["metered"]) for call in created] == [(200, False)]
    return number


def compare_in_quickbooks(seat: Seat, books: Books, number: str) -> Page:
    here, theirs = steps.lines_here(seat.page), books.invoice(number)
    assert ("Cabled the new reception desk", Decimal("1.5")) in {line[:2] for line in here}
    assert here == steps.lines_there(theirs)
    expect(seat.page.get_by_role("row", name="Total", exact=False).last).to_contain_text(
        f"{theirs['TotalAmt']:,.2f}"
    )
    their_page = seat.follow("View in QuickBooks")
    expect(their_page.get_by_role("heading", level=1)).to_contain_text(number)
    assert steps.lines_on_their_page(their_page) == here
    seat.picture("08-in-quickbooks", their_page)
    return their_page


def customer_pays(seat: Seat, books: Books, number: str, their_page: Page) -> None:
    """In two parts, both recorded over there; the page here follows by itself."""
    page = seat.page
    total = books.invoice(number)["TotalAmt"]
    steps.record_payment_there(their_page, str(PART))
    left = f"Part paid · ${total - PART:,.2f} left"
    expect(steps.state(page)).to_contain_text(left, timeout=steps.COMES_BACK_MS)
    seat.picture("09-part-paid")
    steps.record_payment_there(their_page)
    expect(steps.state(page)).to_contain_text("Paid", timeout=steps.COMES_BACK_MS)
    expect(page.get_by_role("region", name="Payments").locator("tbody tr")).to_have_count(2)
    seat.picture("10-paid")
    assert_not_reloaded(page)
    theirs = books.invoice(number)
    assert theirs["Balance"] == 0
    assert [each["TotalAmt"] for each in books.payments_on(theirs)] == [PART, total - PART]


def edit_a_draft(seat: Seat, books: Books) -> None:
    page = seat.page
    number = steps.generate_small_invoice(seat, LINKED_CUSTOMER)
    version = books.invoice(number)["SyncToken"]
    steps.choose_in_menu(page, number, "Edit notes and due date")
    page.get_by_label("Notes").fill("Thank you. Call us about the <b>new</b> firewall.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Updated in QuickBooks")).to_be_visible()
    expect(steps.state(page)).to_contain_text("Synced")
    seat.picture("11-edited")
    theirs = books.invoice(number)
    assert theirs["CustomerMemo"]["value"] == "Thank you. Call us about the <b>new</b> firewall."
    assert int(theirs["SyncToken"]) == int(version) + 1


def void_another(seat: Seat, books: Books) -> None:
    page = seat.page
    number = steps.generate_small_invoice(seat, LINKED_CUSTOMER)
    steps.choose_in_menu(page, number, "Void")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("In QuickBooks it is voided too")
    seat.picture("12-void-asks")
    dialog.get_by_role("button", name=f"Void {number}").click()
    expect(page.get_by_text("Voided in QuickBooks")).to_be_visible()
    expect(steps.state(page)).to_contain_text("Void")
    seat.picture("13-void")
    theirs = books.invoice(number)
    assert (theirs["TotalAmt"], theirs["Balance"]) == (0, 0)


def mark_paid_here(seat: Seat, books: Books) -> None:
    """For a customer that QuickBooks does not know: it is made there first, once."""
    page = seat.page
    number = steps.generate_small_invoice(seat, NEW_CUSTOMER)
    page.get_by_role("link", name="Mark paid").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Method").select_option("Check")
    dialog.get_by_label("Reference").fill("4711")
    seat.picture("14-mark-paid")
    dialog.get_by_role("button", name="Record").click()
    expect(steps.state(page)).to_contain_text("Paid")
    page.get_by_role("region", name="Payments").get_by_role("link").click()
    expect(steps.state(page)).to_contain_text("Synced")
    seat.picture("15-payment-in-quickbooks")
    theirs = books.invoice(number)
    (payment,) = books.payments_on(theirs)
    assert (payment["PaymentRefNum"], payment["TotalAmt"]) == ("4711", theirs["TotalAmt"])
    assert theirs["Balance"] == 0
    assert len([each for each in books.all("Customer") if each["DisplayName"] == NEW_CUSTOMER]) == 1


def disconnect_and_return(seat: Seat, books: Books, number: str) -> None:
    page = seat.page
    steps.open_quickbooks_settings(seat)
    seat.go_to("Disconnect QuickBooks")
    seat.picture("16-disconnect-asks")
    page.get_by_role("button", name="Disconnect QuickBooks").click()
    expect(page.get_by_text("Not connected", exact=True)).to_be_visible()
    expect(page.get_by_text(f"{steps.COMPANY} was disconnected")).to_be_visible()
    seat.picture("17-disconnected")
    assert books.calls(path="/v2/oauth2/tokens/revoke", status=200)
    before = len(books.all("Invoice"))
    steps.answer_consent(page, steps.COMPANY, "Connect")
    expect(page.get_by_text("Connected", exact=True).first).to_be_visible()
    page.get_by_label("Search invoices").fill(number)
    page.keyboard.press("Enter")
    expect(steps.state(page)).to_contain_text("Synced")
    expect(page.get_by_role("link", name="View in QuickBooks")).to_be_visible()
    seat.picture("18-connected-again")
    assert len(books.all("Invoice")) == before


def stay_on(page: Page) -> None:
    """Leaves a mark in the page that would not survive a reload."""
    page.evaluate("window.stayed = true")


def assert_not_reloaded(page: Page) -> None:
    assert page.evaluate("window.stayed") is True
