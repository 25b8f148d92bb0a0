"""Rows about deposits on invoices in QuickBooks: money that is no payment, so it is asked about and never lost."""

from typing import Any

import pytest

from billing.models import Invoice
from tests.features import steps
from tests.features import test_number_rows as number_rows
from tests.features.pages import Visitor
from tests.features.steps import money
from tests.features.test_field_rows import bookkeeper_changes, sent_invoice, settle
from tests.features.test_import_rows import (
    bring_in,
    changed_there,
    choose,
    their_customer,
    their_invoice,
    their_payment,
)
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

SAYS = "It has a deposit of $50.00 in QuickBooks, which cannot be booked here."


def there(world: World) -> dict[str, Any]:
    (theirs,) = world.held("Invoice")
    return theirs


def test_X_33_invoice_with_a_deposit_is_asked_about_and_comes_in_once_that_is_a_payment(
    world: World, alice: Visitor
) -> None:
    bill = their_invoice(world, their_customer(world), "150", "Q-1", Deposit=50)
    bring_in(world, alice)
    shown = alice.go("exceptions/").text
    assert f"Invoice Q-1 was made in QuickBooks. It cannot stand in the books here. {SAYS}" in shown
    with world.inside():
        assert not Invoice.objects.exists()
    changed_there(world, "Invoice", bill["Id"], Deposit=0)
    their_payment(world, bill, "50")
    settle(world)
    assert "Nothing needs you" in alice.go("exceptions/").text
    assert "$100.00" in alice.go("invoices/").row("Q-1")


def test_A_08_deposit_on_an_invoice_of_ours_is_asked_about_and_nothing_sent_takes_it_away(
    world: World, alice: Visitor
) -> None:
    number = sent_invoice(world, alice)
    bookkeeper_changes(world, Deposit=50)
    settle(world)
    shown = steps.open_invoice(alice, number).region("QuickBooks")
    assert "It was changed in QuickBooks after we sent it." in shown
    assert "Deposit: nothing here, $50.00 in QuickBooks" in shown
    assert f"Theirs cannot be taken: {SAYS}" in alice.press("Take theirs").text
    alice.press("Send ours again")
    settle(world)
    steps.edit_invoice(alice, notes="Thank you")
    settle(world)
    assert there(world)["CustomerMemo"]["value"] == "Thank you"
    assert money(there(world)["Balance"]) == 50
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_08_deposit_is_asked_about_also_when_it_came_before_the_answer_was_looked_up(
    world: World, alice: Visitor
) -> None:
    world.linked_customer()
    world.trouble("answer_dropped", entity="Invoice")
    world.trouble("answer_dropped", path="/query")
    number = steps.generate(alice)
    world.work()
    bookkeeper_changes(world, Deposit=50)
    for _ in range(3):
        world.later(minutes=5)
        world.work()
    settle(world)
    shown = steps.open_invoice(alice, number).region("QuickBooks")
    assert "Deposit: nothing here, $50.00 in QuickBooks" in shown


@pytest.mark.parametrize("owner", ["qbo", "per_field"])
def test_A_08_deposit_is_asked_about_whoever_owns_edits_and_its_question_closes_with_it(
    world: World, alice: Visitor, owner: str
) -> None:
    choose(alice, unpaid_edit_owner=owner)
    sent_invoice(world, alice)
    bookkeeper_changes(world, Deposit=50)
    settle(world)
    assert "changed in QuickBooks" in alice.go("exceptions/").text
    bookkeeper_changes(world, Deposit=0)
    settle(world)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_33_deposit_on_what_came_in_is_asked_about_and_its_other_changes_wait(
    world: World, alice: Visitor
) -> None:
    bill = their_invoice(world, their_customer(world), "150", "Q-1")
    bring_in(world, alice)
    changed_there(world, "Invoice", bill["Id"], Deposit=50)
    assert SAYS in alice.go("exceptions/").text
    changed_there(world, "Invoice", bill["Id"], Deposit=0, CustomerMemo={"value": "theirs"})
    assert "Nothing needs you" in alice.go("exceptions/").text
    assert "theirs" in steps.open_invoice(alice, "Q-1").text


@pytest.mark.parametrize("said", ["link", "take"])
def test_X_30_invoice_of_the_same_number_with_a_deposit_is_not_taken_for_ours(
    world: World, alice: Visitor, said: str
) -> None:
    world.linked_customer()
    number_rows.theirs(world, Deposit="50")
    number_rows.meet(world, alice)
    assert SAYS in alice.press("Do this", {"answer": said}).text
    assert number_rows.open_questions(world) == 1
    assert money(there(world)["Balance"]) == 50
