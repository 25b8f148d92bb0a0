"""Settings as an admin goes through them once: what stands for what, without a mouse, and what goes when."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e import steps
from tests.e2e.books import Books
from tests.e2e.browsing import DESK, PHONE, Seat

SERVICE, ITEM = "Endpoint Protection", "Email Security"
ASKED, AS_CHOSEN = "Somebody is asked", "As a credit memo"
SECTION = "Payments, credit memos and refunds"
QUESTION = "How is a refund of a payment posted?"


def test_mapping_and_sync_rules_are_chosen_by_keyboard(seat: Seat, books: Books) -> None:
    seat.log_in("alice@example.com", steps.PASSWORD)
    be_connected(seat)
    choose_item_by_its_name(seat)
    refresh_lists(seat, books)
    look_by_phone(seat)
    change_one_rule(seat, AS_CHOSEN)
    change_one_rule(seat, ASKED)


def be_connected(seat: Seat) -> None:
    """Whoever came before may have connected the company."""
    page = seat.page
    steps.open_quickbooks_settings(seat)
    expect(page.get_by_role("heading", name="App credentials")).to_be_visible()
    if page.get_by_text("Not connected", exact=True).count():
        steps.answer_consent(page, steps.COMPANY, "Connect")
    expect(page.get_by_text("Connected", exact=True).first).to_be_visible()


def choose_item_by_its_name(seat: Seat) -> None:
    """Letter by letter, each of which chooses something else on the way: only what was meant is saved."""
    page = seat.page
    press_with_enter(page, page.get_by_role("link", name="Configure mapping"))
    expect(page.get_by_text("Being read", exact=True)).to_be_hidden()
    item = page.get_by_label(f"Item for {SERVICE}", exact=True)
    expect(item.locator("option", has_text=ITEM)).to_be_attached()
    reach(page, item)
    page.keyboard.type(ITEM, delay=60)
    saved = page.locator(".mapping-row", has=item).get_by_role("status")
    expect(saved).to_have_text("Saved")
    expect(item).to_be_focused()
    page.reload()
    expect(item.locator("option:checked")).to_have_text(ITEM)
    seat.picture("20-mapping-by-keyboard")


def refresh_lists(seat: Seat, books: Books) -> None:
    """Read anew from the company; the page says so by itself, and what was chosen stays."""
    page = seat.page
    before = len(books.calls(realm=books.realm, metered=True))
    press_with_enter(page, page.get_by_role("button", name="Refresh"))
    lists = page.get_by_role("region", name="The company's lists")
    expect(page.get_by_text("The company's lists are being read.")).to_be_visible()
    expect(lists).to_contain_text("just now")
    expect(lists.get_by_role("button", name="Refresh")).to_be_visible()
    assert len(books.calls(realm=books.realm, metered=True)) > before
    chosen = page.get_by_label(f"Item for {SERVICE}", exact=True).locator("option:checked")
    expect(chosen).to_have_text(ITEM)


def look_by_phone(seat: Seat) -> None:
    seat.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    seat.picture("22-mapping-by-phone")
    seat.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})


def change_one_rule(seat: Seat, answer: str) -> None:
    page = seat.page
    seat.go_to("Sync rules")
    rule = page.get_by_role("group", name=QUESTION)
    unfold(page, rule)
    rule.get_by_role("radio", checked=True).focus()
    for _ in range(4):
        if rule.get_by_role("radio", name=answer, exact=True).is_checked():
            break
        page.keyboard.press("ArrowDown")
    press_with_enter(page, page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text(f"Changed: {QUESTION} {answer}.")).to_be_visible()
    unfold(page, rule)
    expect(rule.get_by_role("radio", name=answer, exact=True)).to_be_checked()
    seat.picture("21-sync-rule")


def unfold(page: Page, rule: Locator) -> None:
    """The section of the rule, unless it is open because something in it was changed."""
    # Of a page that is still being read it cannot be told.
    page.wait_for_load_state()
    if not rule.is_visible():
        press_with_enter(page, page.locator("summary", has_text=SECTION))
    expect(rule).to_be_visible()


def press_with_enter(page: Page, control: Locator) -> None:
    control.focus()
    page.keyboard.press("Enter")


def reach(page: Page, control: Locator) -> None:
    """By Tab, from the first control of the page on."""
    page.get_by_role("main").get_by_role("link").first.focus()
    for _ in range(60):
        if control.evaluate("control => control === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the control cannot be reached by Tab")
