"""Rows about the switch on a customer's form, and about linking by hand to one that exists in QuickBooks."""

from typing import Any

import pytest

from billing.models import Customer, Payment
from integrations.models import MirrorEntry
from integrations.outbound import customer_choice
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_customer_field_rows import edited
from tests.features.test_rule_rows import choose, their_customer
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

TOGGLE = "Create New Customer in QuickBooks"
CREATE_RULE = "customer_create_policy"


def add(person: Visitor, name: str = "Adatum", **typed: str | bool) -> None:
    """On the page for a new customer."""
    person.go("customers/new/")
    person.press("Add customer", {"name": name, "email": "ap@adatum.example", **typed})


def names(world: World) -> list[str]:
    return [one["DisplayName"] for one in world.held("Customer")]


def search(person: Visitor, words: str) -> str:
    """What the list under the field shows once this was typed."""
    return person.go(f"sync/customer/search/?find_customer={words}").text


def test_T_03_T_04_T_11_C_05_switch_is_on_for_new_customers_and_makes_them_at_once(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(alice, customer_create_policy="toggle_on")
    choose(charlie, customer_create_policy="toggle_off")
    for each, person in ((world, alice), (other, charlie)):
        add(person)
        each.work()
    assert (names(world), names(other)) == (["Adatum"], [])
    assert "Synced" in alice.again().region("QuickBooks")
    charlie.follow("Edit")
    charlie.press("Save", {TOGGLE: True})
    other.work()
    assert names(other) == ["Adatum"]
    assert TOGGLE not in charlie.follow("Edit").text, "it is there already"


def test_T_03_C_05_without_the_switch_rule_there_is_no_switch(world: World, alice: Visitor) -> None:
    assert TOGGLE not in alice.go("customers/new/").text
    assert "Select Existing" in alice.page.text


def test_C_05_toggle_makes_none_on_edit_nor_for_an_invoice_until_asked(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_create_policy="toggle_on")
    add(alice, **{TOGGLE: False})
    alice.follow("Edit")
    alice.press("Save", {"Phone": "555 0100"})
    steps.generate(alice)
    world.work()
    assert (names(world), world.held("Invoice")) == ([], [])
    assert "Needs its customer in QuickBooks" in alice.again().region("QuickBooks")
    alice.follow("Open the customer")
    assert "Create it there with its button" in alice.page.region("QuickBooks")
    alice.press("Try again")
    world.work()
    assert (names(world), len(world.held("Invoice"))) == (["Adatum"], 1)


def test_T_04_K_17_switch_links_the_one_with_the_same_mailbox_and_makes_no_second(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_create_policy="toggle_on")
    known = their_customer(world, "Adatum Corp")
    add(alice)
    world.work()
    assert names(world) == ["Adatum Corp"]
    assert world.link(steps.customer(world)).remote_id == known


def test_A_13_C_05_never_sends_no_customer_whatever_is_done_with_it(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, customer_create_policy="never")
    for each, person in ((world, alice), (other, charlie)):
        add(person)
        person.follow("Edit")
        person.press("Save", {"Phone": "555 0100"})
        each.work()
    charlie.again()
    charlie.press("Sync to QuickBooks")
    other.work()
    assert (names(world), names(other)) == (["Adatum"], [])
    assert "The sync rules make no customer" in charlie.again().region("QuickBooks")


def test_T_22_T_23_switch_off_one_is_searched_for_and_linked_as_it_is(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_create_policy="toggle_on")
    known = their_customer(world, "Contoso Holding", "books@contoso.example")
    assert "Contoso Holding" in search(alice, "olding cont")
    assert "Contoso Holding" in search(alice, "books@")
    assert "No active customer" in search(alice, "fabrikam")
    typed: dict[str, Any] = {TOGGLE: False, "Select Existing": "contoso holding"}
    add(alice, **typed)
    world.work()
    assert names(world) == ["Contoso Holding"]
    assert world.link(steps.customer(world)).remote_id == known
    steps.generate(alice)
    world.work()
    (invoice,) = world.held("Invoice")
    assert invoice["CustomerRef"]["value"] == known


def test_T_22_words_that_fit_several_are_answered_with_a_choice(
    world: World, alice: Visitor
) -> None:
    for name in ("Contoso East", "Contoso West"):
        west = their_customer(world, name, f"{name[8:]}@contoso.example")
    add(alice, **{"Select Existing": "contoso"})
    assert "Choose one of the customers below" in alice.page.text
    with world.inside():
        assert not Customer.objects.exists()
    alice.press("Add customer", {"existing_customer": "Contoso West"})
    world.work()
    assert world.link(steps.customer(world)).remote_id == west


def test_T_22_one_that_another_customer_has_is_never_given_twice(
    world: World, alice: Visitor
) -> None:
    their_customer(world, "Contoso")
    add(alice, "First", **{"Select Existing": "Contoso"})
    assert "linked to First" in search(alice, "contoso")
    add(alice, "Second", **{"Select Existing": "Contoso"})
    assert "Contoso is linked to another customer here." in alice.page.text
    with world.inside():
        assert [one.name for one in Customer.objects.all()] == ["First"]


def test_T_22_ten_thousand_customers_are_searched_in_the_mirror_by_an_index(
    world: World, alice: Visitor, django_assert_max_num_queries: Any
) -> None:
    connection = world.connection
    with world.inside():
        MirrorEntry.objects.bulk_create(
            MirrorEntry(
                connection=connection,
                kind="customer",
                remote_id=str(100_000 + number),
                name=f"Client {number:05}",
                name_key=f"client {number:05}",
            )
            for number in range(10_000)
        )
    world.forget_calls()
    with django_assert_max_num_queries(20):
        shown = search(alice, "09999")
    assert "Client 09999" in shown
    assert "There are more" in search(alice, "client")
    assert world.journal() == []


def test_T_22_wrong_link_is_undone_and_the_right_one_gets_the_documents(
    world: World, alice: Visitor
) -> None:
    wrong, right = their_customer(world, "Wrong"), their_customer(world, "Right", "b@b.example")
    add(alice, **{"Select Existing": "Wrong"})
    world.work()
    alice.again()
    alice.follow("Linked to the wrong one?")
    alice.press("Unlink")
    steps.generate(alice)
    world.work()
    assert world.held("Invoice") == [], "the address alone does not link it again"
    alice.again()
    alice.follow("Open the customer")
    assert "was unlinked from its customer" in alice.page.region("QuickBooks")
    alice.follow("Link to an existing customer")
    alice.press("Link", {"Select Existing": "Right"})
    world.work()
    (invoice,) = world.held("Invoice")
    assert invoice["CustomerRef"]["value"] == right != wrong


def test_T_22_change_that_the_wrong_one_was_told_goes_to_the_right_one_as_well(
    world: World, alice: Visitor
) -> None:
    their_customer(world, "Wrong")
    right = their_customer(world, "Right", "b@b.example")
    add(alice, **{"Select Existing": "Wrong"})
    world.work()
    edited(alice, phone="555 0001")
    world.work()
    steps.open_customer(alice)
    alice.follow("Linked to the wrong one?")
    alice.press("Unlink")
    edited(alice, phone="")
    world.work()
    steps.open_customer(alice)
    alice.follow("Link to an existing customer")
    alice.press("Link", {"Select Existing": "Right"})
    world.work()
    edited(alice, phone="555 0001")
    world.work()
    assert [one["PrimaryPhone"]["FreeFormNumber"] for one in world.held("Customer")] == [
        "555 0001"
    ] * 2
    steps.generate(alice)
    world.work()
    (invoice,) = world.held("Invoice")
    assert invoice["CustomerRef"]["value"] == right


def test_T_22_change_goes_again_to_one_that_was_unlinked_and_chosen_once_more(
    world: World, alice: Visitor
) -> None:
    their_customer(world, "Right")
    add(alice, **{"Select Existing": "Right"})
    world.work()
    for phone in ("555 0001", ""):
        edited(alice, phone=phone)
        world.work()
    steps.open_customer(alice)
    alice.follow("Linked to the wrong one?")
    alice.press("Unlink")
    world.work()
    steps.open_customer(alice)
    alice.follow("Link to an existing customer")
    alice.press("Link", {"Select Existing": "Right"})
    world.work()
    edited(alice, phone="555 0001")
    world.work()
    (theirs,) = world.held("Customer")
    assert theirs["PrimaryPhone"]["FreeFormNumber"] == "555 0001"


def test_T_22_customer_with_documents_there_is_not_unlinked(world: World, alice: Visitor) -> None:
    their_customer(world, "Adatum Corp")
    add(alice)
    steps.generate(alice)
    world.work()
    steps.open_customer(alice)
    alice.follow("Linked to the wrong one?")
    alice.press("Unlink")
    assert "1 document of Adatum stand" in alice.page.text
    assert "Adatum Corp" in alice.page.region("Linked")


def test_T_22_another_organizations_customer_is_not_found(
    world: World, alice: Visitor, other: World
) -> None:
    their_customer(other, "Secret")
    assert "Secret" not in search(alice, "secret")
    with other.inside():
        theirs = factories.customer()
    for page in ("link", "unlink"):
        address = f"/o/{world.organization.slug}/sync/customer/{theirs.pk}/{page}/"
        alice.client.handler.enforce_csrf_checks = False
        assert alice.client.post(address).status_code == 404


def test_T_22_document_put_together_for_the_former_customer_is_not_sent(
    world: World, alice: Visitor
) -> None:
    """The invoice names the wrong one already when the two change places under the worker's hands."""
    wrong = their_customer(world, "Wrong")
    add(alice, **{"Select Existing": "Wrong"})
    world.work()
    mine = steps.customer(world)
    second = world.customer("Second", email="")
    steps.generate(alice)
    moved: list[str] = []

    def move(phase: str, effect: Any) -> None:
        if (phase, type(effect).__name__) == ("before", "CommitIntent") and not moved:
            moved.append("once")
            customer_choice.unlink(world.connection, mine, actor=world.owner)
            customer_choice.link(world.connection, second, wrong, actor=world.owner)

    world.work(move)
    world.later(minutes=5)
    world.work()
    assert moved
    assert world.held("Invoice") == []
    assert "Adatum is not linked to QuickBooks yet" in alice.go("exceptions/").text


def test_T_23_customer_that_is_being_made_is_not_linked_beside(
    world: World, alice: Visitor
) -> None:
    their_customer(world, "Contoso", "b@contoso.example")
    add(alice)
    world.trouble("request_dropped", entity="Customer")
    alice.press("Sync to QuickBooks")
    world.work()
    alice.go(f"sync/customer/{steps.customer(world).pk}/link/")
    alice.press("Link", {"Select Existing": "Contoso"})
    assert "on its way to QuickBooks" in alice.page.text
    world.later(minutes=5)
    world.work()
    assert names(world) == ["Contoso", "Adatum"]
    assert "Synced" in steps.open_customer(alice).region("QuickBooks")


def test_X_10_part_of_a_customer_is_made_below_it_and_brings_it_along(
    world: World, alice: Visitor
) -> None:
    for name, above in (("Contoso", ""), ("East", "contoso"), ("East office", "East")):
        alice.go("customers/new/")
        alice.press("Add customer", {"Company name": name, "Part of": above})
    assert "Part of East" in alice.page.text
    steps.generate(alice, "East office")
    for _ in range(3):
        world.work()
    paths = {one["DisplayName"]: one["FullyQualifiedName"] for one in world.held("Customer")}
    assert paths == {
        "Contoso": "Contoso",
        "East": "Contoso:East",
        "East office": "Contoso:East:East office",
    }
    (invoice,) = world.held("Invoice")
    assert invoice["CustomerRef"]["name"] in ("East office", "Contoso:East:East office")
    world.due_now()
    world.forget_calls()
    world.work()
    assert [one for one in world.journal() if one["method"] == "POST"] == []


def test_X_10_whole_pays_for_its_part(world: World, alice: Visitor) -> None:
    """The payment is that of whoever paid, on both sides."""
    alice.go("customers/new/")
    alice.press("Add customer", {"Company name": "Contoso"})
    alice.press("Sync to QuickBooks")
    world.work()
    (contoso,) = world.held("Customer")
    billed = {"Job": True, "BillWithParent": True, "ParentRef": {"value": contoso["Id"]}}
    email = {"PrimaryEmailAddr": {"Address": "east@contoso.example"}}
    world.bookkeeper("Customer", {"DisplayName": "East", **billed, **email})
    world.due_now()
    world.work()
    alice.go("customers/new/")
    alice.press("Add customer", {"Company name": "East", "E-mail": "east@contoso.example"})
    number = steps.generate(alice, "East")
    world.work()
    (invoice,) = world.held("Invoice")
    paid = {"Amount": 100, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
    payer = {"CustomerRef": {"value": contoso["Id"]}}
    world.bookkeeper("Payment", {**payer, "TotalAmt": 100, "Line": [paid]})
    world.due_now()
    world.work()
    assert "Paid" in steps.open_invoice(alice, number).text
    assert "Nothing needs you" in alice.go("exceptions/").text
    alice.go("payments/")
    with world.inside():
        payment = Payment.objects.get()
    alice.go(f"payments/{payment.pk}/apply/")
    alice.press("Apply", {f"Applied to {number}": "40"})
    world.work()
    (held,) = world.held("Payment")
    assert (held["CustomerRef"]["value"], held["UnappliedAmt"]) == (contoso["Id"], 60)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_10_customer_moves_below_another_and_below_itself_it_cannot(
    world: World, alice: Visitor
) -> None:
    for name in ("Contoso", "East"):
        alice.go("customers/new/")
        alice.press("Add customer", {"Company name": name})
        alice.press("Sync to QuickBooks")
        world.work()
    alice.follow("Edit")
    alice.press("Save", {"Part of": "Contoso"})
    world.work()
    (east,) = [one for one in world.held("Customer") if one["DisplayName"] == "East"]
    assert east["FullyQualifiedName"] == "Contoso:East"
    steps.open_customer(alice, "Contoso")
    alice.follow("Edit")
    page = alice.press("Save", {"Part of": "East"})
    assert "Contoso cannot belong to itself or to a part of it." in page.text
    assert "No customer is called Nobody" in alice.press("Save", {"Part of": "Nobody"}).text


def test_X_10_customer_that_was_made_there_stays_where_it_is(world: World, alice: Visitor) -> None:
    their_customer(world, "East", "east@contoso.example")
    for name, above, email in (("Contoso", "", ""), ("East", "Contoso", "east@contoso.example")):
        alice.go("customers/new/")
        typed = {"Company name": name, "Part of": above, "E-mail": email}
        alice.press("Add customer", typed)
        alice.press("Sync to QuickBooks")
        world.work()
    names = {one["DisplayName"]: one["FullyQualifiedName"] for one in world.held("Customer")}
    assert names == {"East": "East", "Contoso": "Contoso"}


def test_X_10_sub_customer_is_found_by_its_path_and_gets_the_invoices(
    world: World, alice: Visitor
) -> None:
    parent = their_customer(world, "Contoso", "a@contoso.example")
    child = world.bookkeeper(
        "Customer", {"DisplayName": "East", "Job": True, "ParentRef": {"value": parent}}
    )
    world.due_now()
    world.work()
    assert "Contoso:East" in search(alice, "contoso east")
    add(alice, **{"Select Existing": "Contoso:East"})
    alice.follow("Edit")
    alice.press("Save", {"Notes": "Pays on Fridays"})
    steps.generate(alice)
    world.work()
    (invoice,) = world.held("Invoice")
    assert invoice["CustomerRef"]["value"] == child["Id"]
    (theirs,) = [one for one in world.held("Customer") if one["Id"] == child["Id"]]
    assert (theirs["FullyQualifiedName"], theirs["Notes"]) == ("Contoso:East", "Pays on Fridays")
