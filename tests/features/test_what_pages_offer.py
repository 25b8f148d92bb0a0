"""What a page counts or leads to is what is found behind it."""

import pytest

from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_import_rows import changed_there, look
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def tab(page_of: Visitor, label: str) -> str:
    (found,) = [one.text for one in page_of.page.tree.all("a") if one.text.startswith(label)]
    return found.removeprefix(label).strip()


def test_tab_counts_the_differences_that_it_shows(world: World, alice: Visitor) -> None:
    world.customer()
    steps.send(alice, steps.generate(alice))
    world.work()
    alice.go("exceptions/")
    assert tab(alice, "Needs attention") == ""
    (theirs,) = world.held("Invoice")
    changed_there(world, "Invoice", theirs["Id"], DueDate="2031-01-01")
    look(world)
    alice.go("exceptions/")
    assert tab(alice, "Needs attention") == "1"


def test_archived_invoice_is_on_no_list_of_its_customer(world: World, alice: Visitor) -> None:
    world.customer()
    number = steps.generate(alice)
    steps.open_invoice(alice, number)
    alice.press("Archive")
    assert number not in steps.open_customer(alice).region("Invoices")


def test_lines_of_a_paid_invoice_are_not_offered_to_be_edited(world: World, alice: Visitor) -> None:
    world.customer()
    number = steps.generate(alice)
    assert steps.open_invoice(alice, number).links("Edit lines")
    steps.send(alice, number)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    assert not steps.open_invoice(alice, number).links("Edit lines")
