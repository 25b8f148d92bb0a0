"""Rows about questions whose page stands open while what they are about changes, here or in QuickBooks."""

from datetime import timedelta
from typing import Any

import pytest

from tenants.as_shown import CHANGED
from tests.features import steps
from tests.features import test_closed_books_rows as closed_books_rows
from tests.features import test_number_rows as number_rows
from tests.features.pages import Page, Visitor
from tests.features.test_field_rows import bookkeeper_changes, sent_invoice, settle
from tests.features.test_import_rows import (
    bring_in,
    changed_there,
    their_customer,
    their_invoice,
    their_line,
)
from tests.features.test_number_rows import counted
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
