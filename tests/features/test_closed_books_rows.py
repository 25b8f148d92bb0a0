"""Rows about closed books: two tenants that differ only in the rule, and their companies end differently."""

from datetime import date, timedelta
from typing import Any

import pytest
import requests

from billing.models import CreditMemo, Payment
from tenants.days import in_words
from tests import factories
from tests.features import steps
from tests.features import test_field_rows as field_rows
from tests.features import test_refund_rows as refund_rows
from tests.features.pages import Visitor
from tests.features.test_import_rows import changed_there
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

HOLD, SHIFT = "It waits", "It is dated the first open day in QuickBooks"


def close_books(*worlds: World, until: date | str, password: bool = False) -> None:
    """The bookkeeper closes the books, or opens them with an empty date."""
    for world in worlds:
        form = {"close_date": str(until), "close_password": str(password).lower()}
        answer = requests.post(
            f"{world.box.url}/company/{world.realm}/settings", data=form, timeout=10
        )
        assert answer.ok, answer.text


def choose(person: Visitor, value: str) -> None:
    person.go("settings/sync-rules/")
    assert "Changed: " in person.press("Save", {"closed_period": value}).text


def invoiced(world: World, person: Visitor) -> str:
    """An invoice of today, sent as far as it goes."""
    if not world.held("Customer"):
        world.linked_customer()
    number = steps.generate(person)
    world.work()
    return number


def today(world: World) -> date:
    with world.inside():
        return factories.local_today()


def dates(world: World, entity: str = "Invoice") -> list[str]:
    return [one["TxnDate"] for one in world.held(entity)]


def sync_of(person: Visitor) -> str:
    return person.again().region("QuickBooks")


def test_C_23_X_66_closing_date_is_read_and_a_document_of_closed_books_is_asked_about(
    world: World, alice: Visitor
) -> None:
    day = today(world)
    close_books(world, until=day)
    steps.notified(world)
    world.forget_calls()
    number = invoiced(world, alice)
    assert world.held("Invoice") == []
    refused = [one for one in world.journal() if one["status"] == 400]
    assert refused == [], "QuickBooks is not even asked"
    assert "Needs an open period" in sync_of(alice)
    assert f"the books in QuickBooks are closed until {in_words(day, 'US')}" in alice.page.text
    assert number in alice.go("exceptions/").text
    close_books(world, until="")
    steps.notified(world)
    world.work()
    assert dates(world) == [str(day)], "opened again, it goes by itself"


def test_C_23_X_34_ask_lets_a_person_date_it_the_first_open_day(
    world: World, alice: Visitor
) -> None:
    day = today(world)
    close_books(world, until=day)
    steps.notified(world)
    invoiced(world, alice)
    alice.again()
    open_day = in_words(day + timedelta(days=1), world.organization.country)
    alice.press(f"Date it {open_day} in QuickBooks")
    assert f"Dated {open_day} elsewhere" in alice.page.text
    world.work()
    assert dates(world) == [str(day + timedelta(days=1))]
    assert "as the books were closed" in sync_of(alice)
    steps.edit_invoice(alice, notes="Thank you")
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs["CustomerMemo"]["value"] == "Thank you"
    assert theirs["TxnDate"] == str(day + timedelta(days=1)), "an edit does not move it back"


@pytest.mark.parametrize(("posting", "entity"), refund_rows.POSTED_ALONE)
def test_C_23_X_34_refund_is_dated_the_first_open_day_likewise(
    world: World, alice: Visitor, posting: str, entity: str
) -> None:
    first_open = today(world) + timedelta(days=1)
    open_day = in_words(first_open, world.organization.country)
    refund_rows.choose(alice, posting)
    refund_rows.map_accounts(world, alice)
    refund_rows.paid(world, alice)
    close_books(world, until=today(world))
    steps.notified(world)
    refund_rows.pay_back(world, alice, "40")
    alice.again()
    alice.press(f"Date it {open_day} in QuickBooks")
    world.work()
    assert dates(world, entity) == [str(first_open)]


def test_C_23_X_34_shift_dates_it_the_first_open_day_by_itself(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    day = today(world)
    first_open = day + timedelta(days=1)
    choose(charlie, SHIFT)
    close_books(world, other, until=day)
    steps.notified(world, other)
    for each, person in ((world, alice), (other, charlie)):
        invoiced(each, person)
    assert (dates(world), dates(other)) == ([], [str(first_open)])
    steps.open_invoice(charlie, "INV-1001")
    steps.send(charlie, "INV-1001")
    steps.mark_paid(charlie)
    other.work()
    assert dates(other, "Payment") == [str(first_open)], "payments likewise"
    assert steps.invoice(other, "INV-1001").issued_on == day, "here it keeps its date"
    close_books(other, until="")
    steps.notified(other)
    other.work()
    assert dates(other) == [str(first_open)], "it does not move back when the books are opened"


def test_C_23_hold_waits_and_asks_nobody(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, HOLD)
    day = today(world)
    close_books(world, other, until=day)
    steps.notified(world, other)
    number = invoiced(world, alice)
    assert invoiced(other, charlie) == number
    assert number in alice.go("exceptions/").text
    assert "Nothing needs you" in charlie.go("exceptions/").text
    steps.open_invoice(charlie, number)
    assert "Needs the books opened" in sync_of(charlie)
    close_books(other, until="")
    steps.notified(other)
    other.work()
    assert (dates(world), dates(other)) == ([], [str(day)])


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("ask", "Open them, then press Sync now."),
        ("hold", "It waits until they are opened and somebody presses Sync now."),
    ],
)
def test_C_23_where_nobody_looks_unasked_it_goes_once_somebody_presses_sync_now(
    world: World, alice: Visitor, rule: str, says: str
) -> None:
    day = today(world)
    close_books(world, until=day)
    steps.notified(world)
    number = invoiced(world, alice)
    assert "Open them, and it goes on by itself." in sync_of(alice)
    alice.go("settings/sync-rules/")
    alice.press("Save", {"sync_cadence": "manual", "closed_period": rule})
    world.work()
    steps.open_invoice(alice, number)
    assert says in sync_of(alice)
    close_books(world, until="")
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Sync now")
    world.work()
    world.work()
    assert dates(world) == [str(day)]


def test_C_23_change_and_void_in_closed_books_wait_and_go_when_they_are_opened(
    world: World, alice: Visitor
) -> None:
    choose(alice, SHIFT)
    first, second = invoiced(world, alice), invoiced(world, alice)
    close_books(world, until=today(world))
    steps.notified(world)
    steps.open_invoice(alice, first)
    steps.edit_invoice(alice, notes="Thank you")
    world.work()
    assert "It stands in closed books" in sync_of(alice)
    steps.open_invoice(alice, second)
    steps.void(alice, second)
    world.work()
    assert "It stands in closed books" in sync_of(alice)
    assert [steps.money(one["Balance"]) for one in world.held("Invoice")] == [100, 100]
    close_books(world, until="")
    steps.notified(world)
    world.work()
    kept, void = world.held("Invoice")
    assert kept["CustomerMemo"]["value"] == "Thank you"
    assert steps.money(void["Balance"]) == 0


@pytest.mark.parametrize("password", [False, True], ids=["6200", "6210"])
def test_C_23_refusal_for_closed_books_that_nobody_told_us_of_ends_in_the_same_state(
    world: World, alice: Visitor, password: bool
) -> None:
    day = today(world)
    world.later(minutes=11)
    close_books(world, until=day, password=password)
    number = invoiced(world, alice)
    world.work()
    assert world.held("Invoice") == []
    assert "Needs an open period" in sync_of(alice)
    assert f"closed until {in_words(day, 'US')}" in alice.page.text, (
        "the settings were read because of the refusal"
    )
    assert number in alice.go("exceptions/").text
    steps.open_invoice(alice, number)
    close_books(world, until="", password=False)
    alice.press("Try again")
    world.work()
    world.work()
    assert dates(world) == [str(day)]
    assert posted_calls(world) <= 2


def posted_calls(world: World) -> int:
    calls: list[dict[str, Any]] = world.journal()
    return len([one for one in calls if one["path"].endswith("/invoice")])


@pytest.mark.parametrize("operation", ["update", "void", "delete"])
def test_C_23_X_98_theirs_is_taken_in_closed_books_and_nothing_waits(
    world: World, alice: Visitor, operation: str
) -> None:
    invoiced(world, alice)
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    said = {"sparse": True, "CustomerMemo": {"value": "theirs"}} if operation == "update" else {}
    world.bookkeeper("Invoice", {**keys, **said}, operation=operation)
    close_books(world, until=today(world))
    steps.notified(world)
    world.due_now()
    world.work()
    alice.again()
    alice.press("Take theirs" if operation == "update" else "Void it here too")
    for _ in range(2):
        world.work()
        world.due_now()
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("entity", ["Payment", "CreditMemo"])
def test_C_23_X_98_own_day_of_what_was_shifted_stays_when_another_change_of_theirs_is_taken(
    world: World, alice: Visitor, entity: str
) -> None:
    day = today(world)
    number = invoiced(world, alice)
    choose(alice, SHIFT)
    close_books(world, until=day)
    steps.notified(world)
    with world.inside():
        invoice = steps.Invoice.objects.get(number=number)
        factories.payment(invoice, received_on=day)
        invoice.refresh_from_db()
        factories.credit_memo(invoice, "30", issued_on=day)
    world.work()
    first_open = str(day + timedelta(days=1))
    changed = {"PaymentRefNum": "X-1"} if entity == "Payment" else {"PrivateNote": "theirs"}
    (held,) = world.held(entity)
    changed_there(world, entity, held["Id"], **changed)
    with world.inside():
        mine = (Payment if entity == "Payment" else CreditMemo).objects.get()
    address = "payments" if entity == "Payment" else "credit-memos"
    alice.go(f"{address}/{mine.pk}/")
    alice.press("Take theirs")
    world.work()
    with world.inside():
        mine.refresh_from_db()
        if isinstance(mine, Payment):
            assert (mine.received_on, mine.reference) == (day, "X-1")
        else:
            assert (mine.issued_on, mine.memo) == (day, "theirs")
    assert dates(world, entity) == [first_open]
    assert "Synced" in sync_of(alice)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_C_23_N_08_lines_that_follow_field_by_field_in_closed_books_leave_nothing_waiting(
    world: World, alice: Visitor
) -> None:
    alice.go("settings/sync-rules/")
    alice.press("Save", {"unpaid_edit_owner": "per_field"})
    number = invoiced(world, alice)
    (theirs,) = world.held("Invoice")
    income = {"value": world.held("Item")[0]["IncomeAccountRef"]["value"]}
    other = world.bookkeeper(
        "Item", {"Name": "Hours", "Type": "Service", "IncomeAccountRef": income}
    )
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    detail = {"ItemRef": {"value": other["Id"]}, "TaxCodeRef": {"value": "NON"}}
    line = {"Amount": 120, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "Line": [line]})
    close_books(world, until=today(world))
    steps.notified(world)
    for _ in range(2):
        world.due_now()
        world.work()
    assert "$120.00" in steps.open_invoice(alice, number).text
    assert "Synced" in alice.page.region("QuickBooks")


def test_C_23_N_08_moved_date_that_quickbooks_holds_is_never_after_the_due_date(
    world: World, alice: Visitor
) -> None:
    """The first open day stays there, while the due date is ours and may be earlier."""
    choose(alice, SHIFT)
    field_rows.choose(alice, unpaid_edit_owner="per_field", invoice_date_owner="theirs")
    day = today(world)
    first_open = str(day + timedelta(days=40))
    close_books(world, until=day + timedelta(days=39))
    steps.notified(world)
    number = invoiced(world, alice)
    steps.open_invoice(alice, number)
    close_books(world, until="")
    steps.notified(world)
    steps.edit_invoice(alice, notes="Thank you")
    world.work()
    (held,) = world.held("Invoice")
    assert held["CustomerMemo"]["value"] == "Thank you"
    assert (held["TxnDate"], held["DueDate"]) == (first_open, first_open)
    assert steps.invoice(world, number).issued_on == day


def test_C_23_N_08_due_date_that_quickbooks_holds_stays_as_it_is_there(
    world: World, alice: Visitor
) -> None:
    """Even before the date of the invoice, as a bookkeeper may have it."""
    choose(alice, SHIFT)
    owners = dict.fromkeys(("invoice_date_owner", "due_date_owner"), "theirs")
    field_rows.choose(alice, unpaid_edit_owner="per_field", **owners)
    day = today(world)
    close_books(world, until=day + timedelta(days=39))
    steps.notified(world)
    number = invoiced(world, alice)
    close_books(world, until="")
    steps.notified(world)
    soon = str(day + timedelta(days=5))
    field_rows.bookkeeper_changes(world, DueDate=soon)
    field_rows.settle(world)
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, notes="Thank you")
    world.work()
    (held,) = world.held("Invoice")
    assert held["CustomerMemo"]["value"] == "Thank you"
    assert (held["TxnDate"], held["DueDate"]) == (str(day + timedelta(days=40)), soon)
