"""Rows about customers, by their pages: sent, edited, found again, never guessed and never overwritten."""

import pytest

from integrations.documents import Kind
from integrations.outbound import wishes
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

DETAILS = {
    "Company name": "Adatum",
    "Primary contact": "Dana Cruz",
    "E-mail": "ap@adatum.example",
    "Phone": "555 0100",
    "Street": "1 Harbor Way",
    "City": "Bangor",
    "State or region": "ME",
    "Postal code": "04401",
    "Notes": "Pays on Fridays",
}


def there_already(world: World, *names: str, **more: object) -> list[str]:
    """Customers in QuickBooks that all use ap@adatum.example, and that we have heard of; their ids."""
    mail = {"PrimaryEmailAddr": {"Address": "AP@adatum.example"}}
    made = [world.bookkeeper("Customer", {"DisplayName": name, **mail, **more}) for name in names]
    steps.notified(world)
    world.forget_calls()
    return [one["Id"] for one in made]


def test_R_62_R_63_T_06_T_07_T_08_T_09_T_10_T_36_K_16_customer_goes_by_its_button_and_on_edit(
    world: World, bob: Visitor
) -> None:
    bob.go("customers/new/")
    bob.press("Add customer", DETAILS)
    world.work()
    assert world.held("Customer") == []
    bob.press("Sync to QuickBooks")
    world.work()
    (theirs,) = world.held("Customer")
    assert (theirs["CompanyName"], theirs["Notes"]) == ("Adatum", "Pays on Fridays")
    assert theirs["PrimaryEmailAddr"]["Address"] == "ap@adatum.example"
    assert theirs["PrimaryPhone"]["FreeFormNumber"] == "555 0100"
    assert (theirs["GivenName"], theirs["FamilyName"]) == ("Dana", "Cruz")
    address = theirs["BillAddr"]
    assert (address["Line1"], address["City"]) == ("1 Harbor Way", "Bangor")
    assert (address["CountrySubDivisionCode"], address["PostalCode"]) == ("ME", "04401")
    bob.follow("Edit")
    bob.press("Save", {"Phone": "555 0199"})
    world.work()
    (theirs,) = world.held("Customer")
    assert theirs["PrimaryPhone"]["FreeFormNumber"] == "555 0199"


def test_K_07_customer_that_is_missing_there_is_made_before_its_invoice(
    world: World, bob: Visitor
) -> None:
    world.customer()
    steps.generate(bob)
    world.work()
    (customer,), (invoice,) = world.held("Customer"), world.held("Invoice")
    assert customer["DisplayName"] == "Adatum"
    assert invoice["CustomerRef"]["value"] == customer["Id"]


def test_R_64_K_06_K_17_T_15_T_19_X_108_customer_is_found_by_mail_and_left_as_it_is(
    world: World, bob: Visitor
) -> None:
    phone = {"PrimaryPhone": {"FreeFormNumber": "555 7777"}}
    (known,) = there_already(world, "Adatum Corporation", **phone)
    world.customer(phone="555 0100")
    steps.generate(bob)
    world.work()
    (theirs,), (invoice,) = world.held("Customer"), world.held("Invoice")
    assert invoice["CustomerRef"]["value"] == theirs["Id"] == known
    steps.open_customer(bob)
    bob.follow("Edit")
    bob.press("Save", {"Notes": "Pays on Fridays"})
    world.work()
    (theirs,) = world.held("Customer")
    assert theirs["Notes"] == "Pays on Fridays"
    assert theirs["DisplayName"] == "Adatum Corporation"
    assert theirs["PrimaryPhone"]["FreeFormNumber"] == "555 7777"


def test_T_20_T_22_T_23_T_30_T_40_T_48_T_59_customer_that_may_be_two_waits_until_one_is_chosen(
    world: World, bob: Visitor
) -> None:
    _, west = there_already(world, "Adatum East", "Adatum West")
    world.customer()
    steps.generate(bob)
    steps.mark_paid(bob)
    world.work()
    assert world.held("Invoice") == world.held("Payment") == []
    assert "Needs its customer in QuickBooks" in bob.again().region("QuickBooks")
    shown = bob.go("exceptions/")
    assert "Adatum East, Adatum West" in shown.row("Customer Adatum")
    assert "is not linked to QuickBooks yet" in shown.row("Payment of $100.00")
    bob.follow("Open the customer")
    assert "Needs a customer chosen" in bob.page.region("QuickBooks")
    bob.press("Use this customer", {"customer": "Adatum West"})
    world.work()
    (invoice,), (payment,) = world.held("Invoice"), world.held("Payment")
    assert invoice["CustomerRef"]["value"] == payment["CustomerRef"]["value"] == west
    assert len(world.held("Customer")) == 2


def test_K_06_T_22_second_of_two_alike_is_asked_about_and_never_shares_a_counterpart(
    world: World, bob: Visitor
) -> None:
    twins = [world.customer(), world.customer()]
    with world.inside():
        for each in twins:
            wishes.send_now(Kind.CUSTOMER, each.pk)
    world.work()
    (theirs,) = world.held("Customer")
    (second,) = [each for each in twins if world.job(each).state != "synced"]
    page = bob.go(f"customers/{second.pk}/")
    assert "Needs a customer chosen" in page.region("QuickBooks")
    assert "linked to another customer here" in page.region("QuickBooks")
    assert "give this customer another name" in page.region("QuickBooks")
    assert "Adatum only once" in bob.go("exceptions/").row("Customer Adatum")
    bob.go(f"customers/{second.pk}/edit/")
    bob.press("Save", {"Company name": "Adatum Bakery"})
    world.work()
    bob.again()
    bob.press("Use this customer", {"customer": "None of them"})
    world.work()
    assert [one["DisplayName"] for one in world.held("Customer")] == ["Adatum", "Adatum Bakery"]
    assert world.link(second).remote_id != theirs["Id"]


def test_T_20_without_a_match_nothing_is_linked_and_none_is_made_unasked(
    world: World, bob: Visitor
) -> None:
    there_already(world, "Adatum East", "Adatum West")
    world.customer("Contoso", email="ap@contoso.example")
    world.due_now()
    world.work()
    assert "Not synced" in steps.open_customer(bob, "Contoso").region("QuickBooks")
    assert len(world.held("Customer")) == 2


def test_T_21_T_26_linked_customer_says_so_in_the_list_and_opens_in_quickbooks(
    world: World, bob: Visitor
) -> None:
    world.linked_customer()
    world.customer("Contoso", email="ap@contoso.example")
    rows = bob.go("customers/")
    assert ("Synced" in rows.row("Adatum"), "Not synced" in rows.row("Contoso")) == (True, True)
    bob.follow("Contoso")
    assert not bob.page.offers("View in QuickBooks")
    steps.open_customer(bob)
    bob.follow("View in QuickBooks")
    (theirs,) = world.held("Customer")
    assert bob.page.address.endswith(f"/company/{world.realm}/customers/{theirs['Id']}")
    assert "ap@adatum.example" in bob.page.text


def test_A_18_archived_customer_stays_as_it_is_in_quickbooks(world: World, bob: Visitor) -> None:
    world.linked_customer()
    world.forget_calls()
    steps.open_customer(bob)
    bob.press("Archive")
    world.work()
    assert "Archived" in bob.page.text
    assert world.journal() == []
    assert [one["Active"] for one in world.held("Customer")] == [True]
