"""Rows about recognising customers by themselves, and about the wizard for those that are not recognised."""

from datetime import timedelta
from typing import Any

import pytest

from billing.models import Customer
from billing.services import customers
from integrations import checkup
from integrations.models import Connection, Link
from regentra import clock
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_customer_link_rows import names
from tests.features.test_import_rows import look
from tests.features.test_rule_rows import choose
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

WIZARD = "sync/customers/"


def there(world: World, name: str, **fields: Any) -> str:
    """Made by the bookkeeper and heard of; its id."""
    made = world.bookkeeper("Customer", {"DisplayName": name, **fields})
    world.due_now()
    world.work()
    return str(made["Id"])


def mail(address: str) -> dict[str, Any]:
    return {"PrimaryEmailAddr": {"Address": address}}


def phone(number: str) -> dict[str, Any]:
    return {"PrimaryPhone": {"FreeFormNumber": number}}


@pytest.mark.parametrize(
    ("keys", "found"),
    [("phone", "Phone"), ("id", "Id"), ("name,phone", "Phone"), ("id,email", "Id")],
)
def test_C_06_T_14_T_16_T_19_customer_is_recognised_by_phone_or_id_when_it_is_sent(
    world: World, alice: Visitor, other: World, charlie: Visitor, keys: str, found: str
) -> None:
    choose(charlie, **steps.ranked(keys))
    for each, person in ((world, alice), (other, charlie)):
        ids = {
            "Phone": there(each, "Phone", **phone("+1 (555) 010-0199")),
            "Id": there(each, "Id"),
        }
        person.go("customers/new/")
        typed = {"name": "Adatum", "phone": "555.0100.199", "external_id": ids["Id"]}
        person.press("Add customer", typed)
        steps.generate(person)
        each.work()
    assert other.held("Invoice")[0]["CustomerRef"]["value"] == ids[found]
    assert names(world) == ["Phone", "Id", "Adatum"], "by default only the mailbox counts"


def test_C_06_A_01_customer_there_that_was_left_out_comes_in_once_ours_is_another_one(
    world: World, alice: Visitor
) -> None:
    choose(alice, customers_made_there="bring_in")
    world.customer()
    for name in ("East", "West"):
        world.bookkeeper("Customer", {"DisplayName": name, **mail("ap@adatum.example")})
    look(world)
    world.work()
    with world.inside():
        assert Customer.objects.count() == 1, "it may be either"
    steps.open_customer(alice)
    alice.press("Use this customer", {"customer": "East"})
    for _ in range(3):
        with world.inside():
            # The feed does not tell of it once more.
            Connection.objects.update(changes_since=clock.now() + timedelta(seconds=5))
        look(world)
    with world.inside():
        linked = Link.objects.filter(kind="customer").values_list("remote_id", flat=True)
        assert set(linked) == {one["Id"] for one in world.held("Customer")}
        assert {one.name for one in Customer.objects.all()} == {"Adatum", "West"}
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_C_06_A_01_customer_there_is_new_here_where_ours_would_have_another_name_there(
    world: World, alice: Visitor
) -> None:
    choose(alice, customers_made_there="bring_in", customer_display_name="contact")
    world.customer(contact_name="Ann Lee", email="")
    theirs = there(world, "Adatum")
    for _ in range(2):
        look(world)
    assert names(world) == ["Adatum"], "ours is made when it is needed"
    with world.inside():
        assert [one.remote_id for one in Link.objects.filter(kind="customer")] == [theirs]
        assert [one.name for one in Customer.objects.all()] == ["Adatum", "Adatum"]
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_C_06_phone_of_several_is_a_question(world: World, alice: Visitor) -> None:
    choose(alice, **steps.ranked("phone"))
    for name in ("East", "West"):
        there(world, name, **phone("555 010 0199"))
    world.customer(phone="(555) 010-0199")
    steps.generate(alice)
    world.work()
    assert world.held("Invoice") == []
    assert "for East, West." in alice.go("exceptions/").row("Customer Adatum")


def test_T_17_T_14_T_20_customers_are_linked_once_a_company_is_connected(
    unconnected: World, alice: Visitor
) -> None:
    world = unconnected
    world.realm = world.new_company()
    for name, address in (
        ("Adatum Corp", "ap@adatum.example"),
        ("Payables 1", "shared@contoso.example"),
        ("Fabrikam", "x@fabrikam.example"),
    ):
        world.bookkeeper("Customer", {"DisplayName": name, **mail(address)})
    adatum = world.customer()
    east, west = (world.customer(name, email="Shared@contoso.example") for name in ("East", "West"))
    steps.connect(world, alice)
    assert world.link(adatum).remote_id == world.held("Customer")[0]["Id"]
    rows = alice.go("customers/?linked=no")
    assert "Adatum" not in rows.region_of("Customers")
    assert ("East" in rows.text, "West" in rows.text) == (True, True), "one mailbox, two customers"
    assert len(world.held("Customer")) == 3
    assert (east.name, west.name) == ("East", "West")


def test_T_18_nightly_linking_links_who_has_become_recognisable_where_it_is_on(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, nightly_linking="off")
    for each in (world, other):
        each.customer()
        there(each, "Adatum Corp", **mail("ap@adatum.example"))
        checkup.check_up(each.organization.id)
        assert "Not synced" in (alice if each is world else charlie).go("customers/").row("Adatum")
        with each.inside():
            Connection.objects.update(customers_linked_at=clock.now() - timedelta(days=1))
        checkup.check_up(each.organization.id)
    assert "Synced" in alice.go("customers/").row("Adatum")
    assert "Not synced" in charlie.go("customers/").row("Adatum")


def test_T_24_T_25_T_26_L_61_counts_open_the_customers_they_count(
    world: World, alice: Visitor
) -> None:
    world.linked_customer()
    for name in ("Contoso", "Fabrikam"):
        world.customer(name, email="")
    card = alice.go(steps.QUICKBOOKS_PAGE)
    assert "Mapped1" in card.region("Customers").replace(" ", "")
    assert "Unmapped2" in card.region("Customers").replace(" ", "")
    (unmapped,) = [one["href"] for one in card.tree.all("a") if one.text.startswith("Unmapped")]
    rows = alice.open(unmapped).region_of("Customers")
    assert ("Contoso" in rows, "Fabrikam" in rows, "Adatum" in rows) == (True, True, False)
    assert "QBO Linked" in rows
    alice.go(steps.QUICKBOOKS_PAGE)
    (mapped,) = [one["href"] for one in alice.page.tree.all("a") if one.text.startswith("Mapped")]
    rows = alice.open(mapped).region_of("Customers")
    assert ("Contoso" in rows, "Adatum" in rows) == (False, True)
    alice.go(steps.QUICKBOOKS_PAGE)
    assert "Match customers" in alice.follow("Run setup wizard").text


def test_T_01_health_says_what_holds_customers_up_and_how_to_create_or_link(
    world: World, alice: Visitor
) -> None:
    for name in ("East", "West"):
        there(world, name, **mail("ap@adatum.example"))
    world.customer()
    steps.generate(alice)
    world.work()
    shown = alice.go(steps.QUICKBOOKS_PAGE).region("Customers")
    assert "Waiting 1" in shown
    assert "Link a customer that is in QuickBooks already" in shown
    assert "Create one that is not" in shown


def test_T_01_customer_that_waits_for_its_company_or_the_one_it_is_part_of_needs_no_answer(
    world: World, alice: Visitor
) -> None:
    for name in ("East", "West"):
        there(world, name, **mail("ap@adatum.example"))
    parent = world.customer()
    with world.inside():
        customers.create(name="Branch", email="branch@adatum.example", parent=parent)
    for name in ("Adatum", "Branch"):
        steps.generate(alice, name)
    world.work()
    assert "Waiting 1" in alice.go(steps.QUICKBOOKS_PAGE).region("Customers")
    alice.press("Pause sending")
    world.customer("Contoso", email="ap@contoso.example")
    steps.generate(alice, "Contoso")
    world.work()
    assert "Waiting 1 need an answer" in alice.go(steps.QUICKBOOKS_PAGE).region("Customers")


def test_T_02_pencil_beside_the_account_information_opens_the_form(
    world: World, alice: Visitor
) -> None:
    world.customer()
    steps.open_customer(alice)
    section = alice.page.region("Account Information")
    assert section.startswith("Account Information Edit")
    alice.follow("Edit")
    assert alice.page.address.endswith("/edit/")


def test_L_20_L_61_L_62_L_63_L_64_wizard_links_equal_ones_together_and_close_ones_singly(
    world: World, alice: Visitor
) -> None:
    ours = {name: world.customer(name, email="") for name in ("Adatum", "Contoso", "Fabrikam Inc")}
    ours["Northbay"] = world.customer("Northbay", email="")
    ids = {name: there(world, name) for name in ("Adatum", "Contoso", "Fabrikam, Inc.", "Zeta")}
    alice.go(WIZARD)
    assert "looks like Fabrikam, Inc." in alice.page.row("Fabrikam Inc")
    assert "nobody there has a similar name" in alice.page.row("Northbay")
    alice.press("Accept exact matches")
    assert world.link(ours["Adatum"]).remote_id == ids["Adatum"]
    assert world.link(ours["Contoso"]).remote_id == ids["Contoso"]
    alice.press("Yes, link")
    assert world.link(ours["Fabrikam Inc"]).remote_id == ids["Fabrikam, Inc."]
    alice.follow("Link by hand")
    alice.press("Link", {"Select Existing": "Zeta"})
    world.work()
    assert world.link(ours["Northbay"]).remote_id == ids["Zeta"]
    assert len(world.held("Customer")) == 4
    assert "Every other customer is linked" in alice.go(WIZARD).text


def test_L_21_L_65_C_05_wizard_makes_the_ticked_ones_and_nothing_else_does(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, customer_create_policy="wizard")
    for each, person in ((world, alice), (other, charlie)):
        each.customer()
        steps.generate(person)
        each.work()
    assert (names(world), names(other)) == (["Adatum"], [])
    charlie.again()
    charlie.follow("Open the customer")
    assert "in the customer wizard only" in charlie.page.region("QuickBooks")
    charlie.go(WIZARD)
    charlie.press("Create in QuickBooks")
    other.work()
    assert (names(other), len(other.held("Invoice"))) == (["Adatum"], 1)


def test_L_21_two_with_one_mailbox_are_not_matched_by_the_wizard(
    world: World, alice: Visitor
) -> None:
    there(world, "Payables", **mail("ap@adatum.example"))
    for name in ("East", "West"):
        world.customer(name)
    assert not alice.go(WIZARD).offers("Accept exact matches")


def test_L_20_another_organizations_customer_is_not_linked_by_the_wizard(
    world: World, alice: Visitor, other: World
) -> None:
    known = there(world, "Adatum")
    theirs, mine = other.customer("Adatum"), world.customer("Adatum", email="")
    form = alice.go(WIZARD).form("Accept exact matches")
    assert form is not None
    token = next(form.element.all("input"))["value"]
    sent = {"csrfmiddlewaretoken": token, "pair": f"{theirs.pk}:{known}"}
    alice.client.post(form.element["action"], sent)
    assert "is not here any more" in alice.go(WIZARD).text
    with world.inside():
        assert Customer.objects.get().pk == mine.pk
    assert "Not synced" in alice.go("customers/").row("Adatum")
