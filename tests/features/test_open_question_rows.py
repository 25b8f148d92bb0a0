"""Rows about questions whose page stands open while what they are about changes, here or in QuickBooks."""

from datetime import timedelta
from typing import Any

import pytest

from billing.services import catalogue
from tenants.as_shown import CHANGED
from tests.features import steps
from tests.features import test_closed_books_rows as closed_books_rows
from tests.features import test_customer_link_rows as customer_link_rows
from tests.features import test_customer_match_rows as customer_match_rows
from tests.features import test_ledger_rows as ledger_rows
from tests.features import test_mapping_rows as mapping_rows
from tests.features import test_number_rows as number_rows
from tests.features import test_revival_rows as revival_rows
from tests.features.pages import Page, Visitor
from tests.features.test_field_rows import bookkeeper_changes, sent_invoice, settle
from tests.features.test_import_rows import (
    bring_in,
    changed_there,
    their_customer,
    their_invoice,
    their_line,
    turns,
)
from tests.features.test_number_rows import counted
from tests.features.test_revival_rows import MAPPING_PAGE
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
__all__ = ["counted"]


def changed_twice(world: World, person: Visitor, then: dict[str, Any]) -> str:
    """The due date there, which the person has in front of them, and then something else before they answer."""
    number = sent_invoice(world, person)
    bookkeeper_changes(world, DueDate="2027-01-05")
    settle(world)
    assert "Due date" in steps.open_invoice(person, number).region("QuickBooks")
    bookkeeper_changes(world, **then)
    settle(world)
    return number


def there(world: World) -> tuple[Any, ...]:
    (theirs,) = world.held("Invoice")
    return steps.money(theirs["TotalAmt"]), theirs["DueDate"], theirs["SyncToken"]


def test_L_17_X_98_theirs_is_taken_as_it_was_shown_or_not_at_all(
    world: World, alice: Visitor
) -> None:
    number = changed_twice(world, alice, {"Line": [their_line(world, "1")]})
    page = alice.press("Take theirs")
    assert CHANGED in page.text
    assert "1 for $1.00 in QuickBooks" in page.region("QuickBooks")
    assert steps.invoice(world, number).total.amount == 100
    page = alice.press("Take theirs")
    assert "Here it is now as it is in QuickBooks." in page.text
    assert steps.invoice(world, number).total.amount == 1


def test_L_17_X_98_ours_is_sent_over_what_was_shown_or_not_at_all(
    world: World, alice: Visitor
) -> None:
    changed_twice(world, alice, {"Line": [their_line(world, "250")]})
    stands = there(world)
    page = alice.press("Send ours again")
    assert CHANGED in page.text
    settle(world)
    assert there(world) == stands
    assert "1 for $250.00 in QuickBooks" in alice.again().region("QuickBooks")
    alice.press("Send ours again")
    settle(world)
    assert there(world)[0] == 100


def test_L_17_X_98_lines_that_a_colleague_has_changed_since_are_not_written_over_unseen(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    number = sent_invoice(world, alice)
    bookkeeper_changes(world, Line=[their_line(world, "80")])
    settle(world)
    steps.open_invoice(alice, number).loaded()
    steps.open_invoice(bob, number)
    bob.follow("Edit lines")
    bob.press("Save", {"lines-0-unit_price": "500"})
    assert CHANGED in alice.press("Take theirs").text
    assert steps.invoice(world, number).total.amount == 500
    alice.press("Take theirs")
    assert steps.invoice(world, number).total.amount == 80


def test_L_18_X_98_void_there_is_no_answer_to_what_was_changed_there(
    world: World, alice: Visitor
) -> None:
    number = sent_invoice(world, alice)
    bookkeeper_changes(world, DueDate="2027-01-05")
    settle(world)
    steps.open_invoice(alice, number).loaded()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="void")
    settle(world)
    alice.press("Take theirs")
    assert steps.invoice(world, number).status == "SENT"
    assert "Void it here too" in alice.page.text


def changed_in_length(world: World, one: dict[str, Any], amount: str) -> None:
    """The bookkeeper gives the only line of theirs another price."""
    keys = {name: one[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "Line": [their_line(world, amount)]})
    settle(world)


@pytest.mark.parametrize("answer", ["link", "take", "renumber", "leave"])
def test_X_30_X_31_number_is_answered_about_the_invoices_that_were_compared(
    counted: World, alice: Visitor, answer: str
) -> None:
    one = number_rows.theirs(counted)
    assert "$1.00" not in number_rows.meet(counted, alice).text
    changed_in_length(counted, one, "1")
    page = alice.press("Do this", {"answer": answer})
    assert CHANGED in page.text
    assert "$1.00" in page.row("Total")
    assert steps.invoice(counted, number_rows.NUMBER).total.amount == 100
    assert [steps.money(each["TotalAmt"]) for each in counted.held("Invoice")] == [1]
    assert CHANGED not in alice.press("Do this", {"answer": answer}).text
    assert number_rows.open_questions(counted) == 0


def test_X_30_X_31_number_is_answered_about_ours_as_it_was_compared(
    counted: World, alice: Visitor, bob: Visitor
) -> None:
    number_rows.theirs(counted)
    number_rows.meet(counted, alice)
    steps.open_invoice(bob, number_rows.NUMBER)
    bob.follow("Edit lines")
    bob.press("Save", {"lines-0-unit_price": "500"})
    page = alice.press("Do this", {"answer": "take"})
    assert CHANGED in page.text
    assert "$500.00" in page.row("Total")
    assert steps.invoice(counted, number_rows.NUMBER).total.amount == 500


@pytest.mark.parametrize("answer", ["Leave it", "Try again"])
def test_A_01_answer_on_the_list_is_about_what_the_list_said(
    world: World, alice: Visitor, answer: str
) -> None:
    bill = their_invoice(world, their_customer(world), "150", "Q-1", Deposit=50)
    bring_in(world, alice)
    assert "deposit of $50.00" in alice.go("exceptions/").text
    changed_there(world, "Invoice", bill["Id"], Deposit=120)
    page = alice.press(answer)
    assert CHANGED in page.text
    assert "deposit of $120.00" in page.text
    settle(world)
    assert "deposit of $120.00" in alice.go("exceptions/").text
    assert CHANGED not in alice.press("Leave it").text
    settle(world)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_C_23_X_34_document_goes_under_the_day_that_the_button_named(
    world: World, alice: Visitor
) -> None:
    day = closed_books_rows.today(world)
    closed_books_rows.close_books(world, until=day)
    steps.notified(world)
    closed_books_rows.invoiced(world, alice)
    page = alice.again()
    assert dating(page)
    closed_books_rows.close_books(world, until=day + timedelta(days=90))
    steps.notified(world)
    named = dating(page)
    page = alice.press(named)
    assert CHANGED in page.text
    assert dating(page) != named
    world.work()
    assert closed_books_rows.dates(world) == []
    alice.press(dating(page))
    world.work()
    assert closed_books_rows.dates(world) == [str(day + timedelta(days=91))]


def dating(page: Page) -> str:
    """The button that lets it go under another day."""
    (button,) = [one.text for one in page.tree.all("button") if one.text.startswith("Date it")]
    return button


@pytest.mark.parametrize("mark", [None, "0" * 32])
def test_X_98_answer_of_a_page_that_shows_no_mark_of_what_stands_is_not_taken(
    world: World, alice: Visitor, mark: str | None
) -> None:
    number = sent_invoice(world, alice)
    bookkeeper_changes(world, Line=[their_line(world, "1")])
    settle(world)
    form = steps.open_invoice(alice, number).form("Take theirs")
    assert form is not None
    button = form.button("Take theirs")
    assert button is not None
    sent = {name: value for name, value in form.sent(button, {}).items() if name != "shown-mark"}
    if mark:
        sent["shown-mark"] = [mark]
    alice.client.post(form.element["action"], sent)
    assert CHANGED in alice.again().text
    assert steps.invoice(world, number).total.amount == 100


def renamed_there(world: World, entity: str, row_id: str, name: str) -> None:
    called = {"DisplayName": name} if entity == "Customer" else {"Name": name}
    changed_there(world, entity, row_id, **called)


@pytest.mark.parametrize("answer", ["West", "None of them"])
def test_X_33_customer_is_chosen_among_those_that_were_shown(
    world: World, alice: Visitor, answer: str
) -> None:
    mailbox = customer_match_rows.mail("ap@adatum.example")
    _, west = (customer_match_rows.there(world, name, **mailbox) for name in ("East", "West"))
    customer = world.customer()
    steps.generate(alice)
    world.work()
    assert "West" in steps.open_customer(alice).region("QuickBooks")
    renamed_there(world, "Customer", west, "Southridge")
    world.work()
    page = alice.press("Use this customer", {"customer": answer})
    assert CHANGED in page.text
    assert "Southridge" in page.region("QuickBooks")
    world.work()
    assert (world.held("Invoice"), len(world.held("Customer"))) == ([], 2)
    alice.press("Use this customer", {"customer": "Southridge"})
    assert world.link(customer).remote_id == west


def test_L_63_of_those_matched_together_only_who_is_called_as_shown_is_linked(
    world: World, alice: Visitor
) -> None:
    ours = {name: world.customer(name, email="") for name in ("Adatum", "Contoso")}
    ids = {name: customer_match_rows.there(world, name) for name in ours}
    alice.go(customer_match_rows.WIZARD)
    renamed_there(world, "Customer", ids["Contoso"], "Contosso")
    page = alice.press("Accept exact matches")
    assert "Contoso, or Contosso in QuickBooks, has changed since this page was opened" in page.text
    assert "1 customer is linked." in page.text
    assert world.link(ours["Adatum"]).remote_id == ids["Adatum"]
    assert "looks like Contosso" in page.row("Contoso")
    renamed_there(world, "Customer", ids["Contoso"], "Contoso A")
    alice.press("Yes, link")
    assert "looks like Contoso A" in alice.page.row("Contoso")
    alice.press("Yes, link")
    assert world.link(ours["Contoso"]).remote_id == ids["Contoso"]


def test_T_22_link_that_a_colleague_has_put_right_is_not_ended_for_the_wrong_one(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    _, right = (customer_match_rows.there(world, name) for name in ("Wrong", "Right"))
    customer_link_rows.add(alice, **{"Select Existing": "Wrong"})
    world.work()
    customer = steps.customer(world)
    for person in (alice, bob):
        person.go(f"sync/customer/{customer.pk}/link/")
    bob.press("Unlink")
    bob.press("Link", {"Select Existing": "Right"})
    page = alice.press("Unlink")
    assert CHANGED in page.text
    assert "is Right in" in page.text
    assert world.link(customer).remote_id == right


def test_X_104_item_and_account_are_made_by_the_name_that_was_confirmed(
    world: World, alice: Visitor
) -> None:
    service = mapping_rows.new_service(world, "Backup")
    account = ledger_rows.ledger_account(world)
    alice.go(MAPPING_PAGE)
    alice.follow("Create Backup in QuickBooks")
    with world.inside():
        catalogue.update_service(service=service, name="Backup old")
    assert "Create Backup old in" in alice.press("Create in QuickBooks", mapping_rows.BOOKED).text
    assert CHANGED in alice.page.text
    alice.go(MAPPING_PAGE)
    alice.follow("Create Support in QuickBooks")
    with world.inside():
        catalogue.update_ledger_account(account=account, name="Helpdesk")
    assert "Create Helpdesk in" in alice.press("Create in QuickBooks").text
    assert CHANGED in alice.page.text
    world.work()
    assert mapping_rows.backups(world) == []
    assert ledger_rows.accounts_named(world, "Helpdesk") == []


def test_X_38_entry_is_made_active_again_by_the_name_that_was_confirmed(
    world: World, alice: Visitor
) -> None:
    item = revival_rows.their_item(world, "Cloud backup")
    revival_rows.looked(world)
    mapping_rows.new_service(world, "Backup")
    alice.go(MAPPING_PAGE)
    alice.press("Save", {"Item for Backup": "Cloud backup"})
    revival_rows.made_inactive(world, "Item", item["Id"])
    alice.go(MAPPING_PAGE)
    alice.follow("Make Cloud backup active again")
    renamed_there(world, "Item", item["Id"], "Tape")
    assert CHANGED in alice.press("Make it active again").text
    world.work()
    assert revival_rows.of_id(world, "Item", item["Id"])["Active"] is False


def test_A_01_what_is_brought_in_is_what_the_page_said_was_counted(
    world: World, alice: Visitor
) -> None:
    adatum = their_customer(world)
    their_invoice(world, adatum, number="Q-1")
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("See what there is")
    turns(world)
    second = Visitor(world.organization, world.owner)
    second.go(steps.QUICKBOOKS_PAGE)
    alice.again()
    second.press("Not now")
    their_invoice(world, adatum, number="Q-2")
    second.press("See what there is")
    turns(world)
    page = alice.press("Bring them in")
    assert CHANGED in page.text
    assert "2 invoices" in page.region("Invoices made in QuickBooks")
    turns(world)
    assert "Q-1" not in alice.go("invoices/").text
