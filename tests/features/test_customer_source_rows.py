"""Rows about customers who enter themselves, and what the sync rules make of where a customer comes from."""

import pytest
from django.test import Client

from billing.models import Customer
from tests.features import steps
from tests.features.pages import HERE, Visitor
from tests.features.test_customer_link_rows import names
from tests.features.test_rule_rows import choose
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def link(person: Visitor, source: str) -> str:
    """The link that an admin makes; it is shown once."""
    person.go("settings/customer-forms/")
    text = person.press(f"New link for {source}").text
    assert HERE not in person.go("settings/customer-forms/").text
    return next(word for word in text.split() if word.startswith(f"{HERE}/intake/"))


def enter(address: str, name: str = "Adatum", **more: str) -> str:
    """Somebody who is not logged in fills in the form; what the page says."""
    sent = {"name": name, "email": f"ap@{name.lower()}.example", **more}
    answer = Client().post(address.removeprefix(HERE), sent)
    assert answer.status_code == 200
    return answer.content.decode()


def come_in(person: Visitor) -> None:
    """One customer by each of the three ways; staff leave the switch as it is."""
    enter(link(person, "Intake form"), "Intake")
    enter(link(person, "Storefront"), "Store")
    person.go("customers/new/")
    person.press("Add customer", {"name": "Hand", "email": "ap@hand.example"})


@pytest.mark.parametrize(
    ("rule", "made"),
    [("toggle_on", ["Hand", "Intake"]), ("toggle_off", []), ("automatic", ["Hand", "Intake"])],
)
def test_T_12_T_13_C_05_intake_forms_follow_the_default_and_the_storefront_does_not(
    world: World, alice: Visitor, other: World, charlie: Visitor, rule: str, made: list[str]
) -> None:
    choose(charlie, customer_create_policy=rule)
    for each, person in ((world, alice), (other, charlie)):
        come_in(person)
        each.work()
        each.work()
    assert (names(world), sorted(names(other))) == ([], made)
    assert "Not synced" in charlie.go("customers/").row("Store")


@pytest.mark.parametrize(
    ("excluded", "made"),
    [
        ("storefront", ["Hand", "Intake"]),
        ("storefront,intake_form", ["Hand"]),
        ("nothing", ["Hand", "Intake", "Store"]),
    ],
)
def test_T_13_C_05_sources_that_are_excluded_are_not_made_by_themselves(
    world: World, alice: Visitor, excluded: str, made: list[str]
) -> None:
    choose(alice, customer_create_policy="toggle_on")
    if excluded != "storefront":
        choose(alice, customer_sources_excluded=excluded)
    come_in(alice)
    world.work()
    assert sorted(names(world)) == made


def test_T_13_customer_of_the_storefront_is_made_by_its_button(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_create_policy="automatic")
    enter(link(alice, "Storefront"))
    world.work()
    assert names(world) == []
    steps.open_customer(alice)
    alice.press("Sync to QuickBooks")
    world.work()
    assert names(world) == ["Adatum"]


def test_T_12_form_refuses_what_cannot_be_kept_and_programs_leave_nothing(
    world: World, alice: Visitor
) -> None:
    address = link(alice, "Intake form")
    assert "Enter one e-mail address, such as ap@example.com." in enter(address, email="nobody")
    assert "Thank you" in enter(address, "Robot", website="http://spam.example")
    assert "Robot" not in alice.go("customers/").text
    newer = link(alice, "Intake form")
    assert Client().get(address.removeprefix(HERE)).status_code == 404
    assert "Thank you" in enter(newer)
    assert "Intake form" in steps.open_customer(alice).text
    alice.go("settings/customer-forms/")
    alice.press("Close Intake form")
    assert Client().get(newer.removeprefix(HERE)).status_code == 404


def test_T_12_form_that_is_sent_twice_is_one_customer(world: World, alice: Visitor) -> None:
    address = link(alice, "Intake form")
    for notes in ("", "", "Please call back"):
        assert "Thank you" in enter(address, notes=notes)
    with world.inside():
        found = Customer.objects.filter(source="intake_form").values_list("notes", flat=True)
        assert sorted(found) == ["", "Please call back"]


def test_T_12_endless_entries_are_stopped(world: World, alice: Visitor) -> None:
    address = link(alice, "Intake form")
    for number in range(60):
        world.customer(f"C{number}", source="intake_form", email="")
    assert "Too many have sent this form" in enter(address)
