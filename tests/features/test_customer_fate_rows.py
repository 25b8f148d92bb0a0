"""Rows about names that are taken in QuickBooks, and about customers that are made inactive there."""

from typing import Any

import pytest
from django.test import Client

from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_customer_link_rows import names
from tests.features.test_rule_rows import choose
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def changed_there(world: World, **fields: Any) -> None:
    """The bookkeeper changes the one customer there is, and Regentra looks."""
    (theirs,) = world.held("Customer")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Customer", {**keys, "sparse": True, **fields})
    world.due_now()
    world.work()
    world.work()


def is_active(world: World) -> bool:
    (theirs,) = world.held("Customer")
    return bool(theirs["Active"])


@pytest.mark.parametrize(
    ("rule", "archived", "active"), [("archive", True, False), ("recreate", False, True)]
)
def test_A_16_C_08_customer_made_inactive_there_is_archived_here_or_made_active_as_was_chosen(
    world: World,
    alice: Visitor,
    other: World,
    charlie: Visitor,
    rule: str,
    archived: bool,
    active: bool,
) -> None:
    choose(charlie, remote_delete_policy=rule)
    for each in (world, other):
        each.linked_customer()
        changed_there(each, Active=False)
    assert "made inactive in QuickBooks" in alice.go("exceptions/").row("Adatum")
    assert (steps.customer(world).is_archived, is_active(world)) == (False, False)
    assert (steps.customer(other).is_archived, is_active(other)) == (archived, active)
    assert "Nothing needs you" in charlie.go("exceptions/").text


def test_A_16_C_08_by_default_staff_archive_it_here_or_make_it_active_there(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    for each, person, button in (
        (world, alice, "Archive it here too"),
        (other, charlie, "Make it active again in QuickBooks"),
    ):
        each.linked_customer()
        changed_there(each, Active=False, Notes="theirs")
        steps.open_customer(person)
        person.press(button)
        each.work()
        assert "Nothing needs you" in person.go("exceptions/").text
    assert (steps.customer(world).is_archived, is_active(world)) == (True, False)
    assert (steps.customer(other).is_archived, is_active(other)) == (False, True)
    assert other.held("Customer")[0]["Notes"] == "theirs", "only that it is active goes out"


def test_A_16_T_22_unlinked_customer_has_no_question_left(world: World, alice: Visitor) -> None:
    world.linked_customer()
    changed_there(world, Active=False)
    steps.open_customer(alice)
    asked = alice.page
    alice.follow("Linked to the wrong one?")
    alice.press("Unlink")
    assert "made inactive" not in alice.go("exceptions/").text
    alice.page = asked
    alice.press("Make it active again in QuickBooks")
    world.work()
    assert not is_active(world)


def test_A_16_customer_taken_back_from_the_archive_is_active_there_again(
    world: World, alice: Visitor
) -> None:
    choose(alice, remote_delete_policy="archive")
    world.linked_customer()
    changed_there(world, Active=False)
    alice.go(f"customers/{steps.customer(world).pk}/")
    alice.press("Take back from the archive")
    world.work()
    assert is_active(world)
    assert names(world) == ["Adatum"]


def test_N_11_T_22_inactive_customer_of_the_name_is_made_active_and_linked_when_chosen(
    world: World, alice: Visitor
) -> None:
    made = world.bookkeeper("Customer", {"DisplayName": "Adatum", "Notes": "theirs"})
    changed_there(world, Active=False)
    world.customer()
    steps.generate(alice)
    world.work()
    assert world.held("Invoice") == []
    assert "inactive customer Adatum" in alice.go("exceptions/").row("Customer Adatum")
    assert "Make it active again and link it" in alice.page.text
    steps.open_customer(alice)
    assert "inactive; it is made active again" in alice.page.region("QuickBooks")
    alice.press("Use this customer", {"customer": made["Id"]})
    world.work()
    world.work()
    (theirs,), (invoice,) = world.held("Customer"), world.held("Invoice")
    assert (theirs["Active"], theirs["DisplayName"], theirs["Notes"]) == (True, "Adatum", "theirs")
    assert invoice["CustomerRef"]["value"] == made["Id"]


def test_N_11_name_of_a_vendor_is_explained_and_another_name_lets_it_go(
    world: World, alice: Visitor
) -> None:
    world.bookkeeper("Vendor", {"DisplayName": "Adatum"})
    world.customer()
    steps.generate(alice)
    for _ in range(2):
        world.work()
        world.later(minutes=1)
    world.work()
    shown = alice.go("exceptions/").row("Customer Adatum")
    assert "already has the vendor Adatum" in shown
    assert "or rename the vendor in QuickBooks" in shown
    steps.open_customer(alice)
    alice.follow("give this customer another name")
    alice.press("Save", {"Company name": "Adatum Bakery"})
    world.work()
    assert names(world) == ["Adatum Bakery"]
    assert len(world.held("Invoice")) == 1


def test_N_11_new_name_that_a_vendor_has_is_refused_and_says_who(
    world: World, alice: Visitor
) -> None:
    world.linked_customer()
    world.bookkeeper("Vendor", {"DisplayName": "Contoso"})
    world.due_now()
    world.work()
    steps.open_customer(alice)
    alice.follow("Edit")
    alice.press("Save", {"Company name": "Contoso"})
    world.work()
    shown = alice.go("exceptions/").row("Customer Contoso")
    assert "already has the vendor Contoso" in shown
    assert "Open the customer" in shown
    assert names(world) == ["Adatum"]


def test_T_05_customer_is_made_under_its_contacts_name_where_that_is_chosen(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, customer_display_name="contact")
    for each, person in ((world, alice), (other, charlie)):
        each.customer(contact_name="Dana Cruz")
        steps.generate(person)
        each.work()
    assert (names(world), names(other)) == (["Adatum"], ["Dana Cruz"])
    assert other.held("Customer")[0]["CompanyName"] == "Adatum"
    choose(charlie, customer_display_name="company")
    steps.open_customer(charlie)
    charlie.follow("Edit")
    charlie.press("Save", {"Notes": "Pays on Fridays"})
    other.work()
    (theirs,) = other.held("Customer")
    assert (theirs["DisplayName"], theirs["Notes"]) == ("Dana Cruz", "Pays on Fridays")


def test_T_05_second_customer_with_the_same_contact_is_a_question(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_display_name="contact")
    for name in ("Adatum", "Contoso"):
        world.customer(name, contact_name="Dana Cruz", email="")
        steps.generate(alice, name)
        world.work()
    assert names(world) == ["Dana Cruz"]
    assert "Dana Cruz only once" in alice.go("exceptions/").row("Customer Contoso")


@pytest.mark.parametrize("kind", ["answer_dropped", "request_dropped", "truncated"])
def test_N_11_customer_is_made_active_once_whatever_gets_lost(
    world: World, alice: Visitor, kind: str
) -> None:
    world.linked_customer()
    changed_there(world, Active=False)
    steps.open_customer(alice)
    world.trouble(kind, entity="Customer", method="POST")
    alice.press("Make it active again in QuickBooks")
    for _ in range(3):
        world.work()
        world.due_now()
    (theirs,) = world.held("Customer")
    assert (theirs["Active"], theirs["SyncToken"]) == (True, "2"), "made, inactive, active"
    assert "Synced" in steps.open_customer(alice).region("QuickBooks")


def test_A_16_message_of_a_change_that_comes_twice_asks_once(world: World, alice: Visitor) -> None:
    world.linked_customer()
    (theirs,) = world.held("Customer")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Customer", {**keys, "sparse": True, "Active": False})
    world.deliver(Client(), times=2)
    for _ in range(2):
        world.due_now()
        world.work()
    assert "made inactive" in alice.go("exceptions/").row("Adatum")
