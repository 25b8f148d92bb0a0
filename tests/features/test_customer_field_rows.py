"""Rows about a customer that both sides change, field by field. Two tenants that differ only in who owns a field."""

from typing import Any

import pytest

from integrations.models import policies_in_force
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_import_rows import choose, look
from tests.integrations.inbound.test_vanished_customers import merge, merged
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

ADDRESS = {"Line1": "9 Rue Neuve", "City": "Lyon"}
# Each field by the rule of its owner: as it is called here, and as somebody writes it there.
FIELDS = [
    ("customer_contact_owner", "contact_name", {"GivenName": "Tim", "FamilyName": "Theirs"}),
    ("customer_email_owner", "email", {"PrimaryEmailAddr": {"Address": "theirs@adatum.example"}}),
    ("customer_phone_owner", "phone", {"PrimaryPhone": {"FreeFormNumber": "555 0002"}}),
    ("customer_address_owner", "line1", {"BillAddr": ADDRESS}),
    ("customer_notes_owner", "notes", {"Notes": "Theirs"}),
]

PHONE_THERE = {"PrimaryPhone": {"FreeFormNumber": "555 7777"}}


def linked(world: World, person: Visitor) -> None:
    world.customer(phone="555 0000")
    steps.open_customer(person)
    person.press("Sync to QuickBooks")
    world.work()


def changed_there(world: World, **fields: Any) -> None:
    (theirs,) = world.held("Customer")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Customer", {**keys, "sparse": True, **fields})


def edited(person: Visitor, **typed: str) -> None:
    steps.open_customer(person)
    person.follow("Edit")
    person.press("Save", typed)


def settle(world: World) -> None:
    for _ in range(3):
        look(world)
        world.work()


def phones(world: World) -> tuple[str, str]:
    """Here and there."""
    (theirs,) = world.held("Customer")
    return steps.customer(world).phone, theirs.get("PrimaryPhone", {}).get("FreeFormNumber", "")


@pytest.mark.parametrize(
    ("owner", "changed_alone_there", "changed_alone_here", "changed_by_both"),
    [
        ("ours", ("555 0000", "555 0000"), ("555 0001", "555 0001"), ("555 0003", "555 0003")),
        ("theirs", ("555 0002", "555 0002"), ("555 0001", "555 0002"), ("555 0004", "555 0004")),
        ("ask", ("555 0002", "555 0002"), ("555 0001", "555 0001"), ("555 0003", "555 0004")),
    ],
)
def test_N_08_field_of_a_customer_goes_to_its_owner(
    world: World,
    alice: Visitor,
    other: World,
    charlie: Visitor,
    owner: str,
    changed_alone_there: tuple[str, str],
    changed_alone_here: tuple[str, str],
    changed_by_both: tuple[str, str],
) -> None:
    choose(charlie, customer_phone_owner=owner)
    for each, person in ((world, alice), (other, charlie)):
        linked(each, person)
        changed_there(each, PrimaryPhone={"FreeFormNumber": "555 0002"})
        settle(each)
    assert phones(world) == ("555 0000", "555 0002"), "each side has its own"
    assert phones(other) == changed_alone_there
    edited(charlie, phone="555 0001")
    settle(other)
    assert phones(other) == changed_alone_here
    changed_there(other, PrimaryPhone={"FreeFormNumber": "555 0004"})
    edited(charlie, phone="555 0003")
    settle(other)
    assert phones(other) == changed_by_both
    assert ("Nothing needs you" in charlie.go("exceptions/").text) is (owner != "ask")


@pytest.mark.parametrize(("rule", "name", "there"), FIELDS, ids=[one[0] for one in FIELDS])
def test_N_08_each_field_of_a_customer_can_follow_quickbooks(
    world: World, alice: Visitor, rule: str, name: str, there: dict[str, Any]
) -> None:
    choose(alice, **{rule: "theirs"})
    linked(world, alice)
    changed_there(world, **there)
    settle(world)
    taken = getattr(steps.customer(world), name)
    assert taken == "Tim Theirs" or f"'{taken}'" in str(there)
    assert "Nothing needs you" in alice.go("exceptions/").text
    world.forget_calls()
    settle(world)
    assert all(call["method"] == "GET" for call in world.journal()), "nothing goes back"


@pytest.mark.parametrize("owner", ["theirs", "ask"])
def test_N_08_what_our_customers_cannot_hold_is_taken_as_far_as_they_can_and_stays_there(
    world: World, alice: Visitor, owner: str
) -> None:
    choose(alice, customer_address_owner=owner, customer_email_owner=owner)
    linked(world, alice)
    both = "theirs@adatum.example, cfo@adatum.example"
    changed_there(
        world,
        PrimaryEmailAddr={"Address": both},
        BillAddr={"Line1": "1 Main St", "Country": "United States"},
    )
    settle(world)
    taken = steps.customer(world)
    assert (taken.email, taken.line1, taken.country) == (
        "theirs@adatum.example",
        "1 Main St",
        "US",
    )
    edited(alice, phone="555 0001")
    settle(world)
    (theirs,) = world.held("Customer")
    assert theirs["PrimaryPhone"]["FreeFormNumber"] == "555 0001"
    assert theirs["PrimaryEmailAddr"]["Address"] == both
    assert theirs["BillAddr"]["Country"] == "United States"
    assert "Nothing needs you" in alice.go("exceptions/").text
    assert "Synced" in steps.open_customer(alice).region("QuickBooks")


def test_N_08_what_stands_there_in_words_of_no_ours_takes_nothing_away_here(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_address_owner="ask")
    linked(world, alice)
    edited(alice, country="AT")
    settle(world)
    changed_there(
        world,
        BillAddr={"Line1": "1 Main St", "Country": "Österreich"},
    )
    settle(world)
    taken = steps.customer(world)
    assert (taken.line1, taken.country) == ("1 Main St", "AT")
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("owner", ["each", "ask"])
def test_N_08_what_stands_there_in_words_of_no_ours_stays_once_quickbooks_owns_it_no_more(
    world: World, alice: Visitor, owner: str
) -> None:
    choose(alice, customer_address_owner="theirs")
    linked(world, alice)
    edited(alice, country="AT")
    settle(world)
    changed_there(world, BillAddr={"Line1": "1 Main St", "Country": "Österreich"})
    settle(world)
    edited(alice, phone="555 0001")
    settle(world)
    choose(alice, customer_address_owner=owner)
    edited(alice, phone="555 0003")
    settle(world)
    (theirs,) = world.held("Customer")
    assert theirs["PrimaryPhone"]["FreeFormNumber"] == "555 0003"
    assert theirs["BillAddr"]["Country"] == "Österreich"
    edited(alice, line1="2 Main St")
    settle(world)
    (theirs,) = world.held("Customer")
    assert theirs["BillAddr"]["Line1"] == "2 Main St"
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize(
    ("answer", "phone", "owner"),
    [("Send ours again", "555 0001", "ours"), ("Take theirs", "555 0002", "theirs")],
)
def test_N_08_conflict_of_a_customer_is_asked_and_one_click_decides_it_next_time(
    world: World, alice: Visitor, answer: str, phone: str, owner: str
) -> None:
    choose(alice, customer_phone_owner="ask")
    linked(world, alice)
    changed_there(
        world,
        PrimaryPhone={"FreeFormNumber": "555 0002"},
        PrimaryEmailAddr={"Address": "theirs@adatum.example"},
    )
    edited(alice, phone="555 0001", notes="Ours")
    settle(world)
    assert "Phone: 555 0001 here, 555 0002 in QuickBooks" in steps.open_customer(alice).text
    alice.press(answer, {"remember": True})
    settle(world)
    assert phones(world) == (phone, phone)
    (theirs,) = world.held("Customer")
    assert theirs["Notes"] == "Ours", "what we alone changed is there as well"
    assert theirs["PrimaryEmailAddr"]["Address"] == "theirs@adatum.example"
    with world.inside():
        assert policies_in_force().customer_phone_owner == owner
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("owner", ["ask", "ours", "each"])
def test_N_08_what_was_changed_here_while_quickbooks_owned_it_goes_once_it_does_not(
    world: World, alice: Visitor, other: World, charlie: Visitor, owner: str
) -> None:
    for each, person in ((world, alice), (other, charlie)):
        choose(person, customer_phone_owner="theirs")
        linked(each, person)
        edited(person, phone="555 0001")
        settle(each)
        assert phones(each) == ("555 0001", "555 0000"), "QuickBooks owns it"
    choose(charlie, customer_phone_owner=owner)
    for each in (world, other):
        settle(each)
    assert phones(world) == ("555 0001", "555 0000")
    assert phones(other) == ("555 0001", "555 0001")
    assert "Synced" in steps.open_customer(charlie).region("QuickBooks")


@pytest.mark.parametrize("owner", ["theirs", "ours"])
def test_N_08_what_was_withheld_goes_also_when_the_rule_changed_while_disconnected(
    world: World, alice: Visitor, owner: str
) -> None:
    choose(alice, customer_phone_owner="theirs")
    linked(world, alice)
    edited(alice, phone="555 0001")
    settle(world)
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Disconnect QuickBooks")
    alice.press("Disconnect QuickBooks")
    if owner == "ours":
        choose(alice, customer_phone_owner=owner)
    steps.connect(world, alice)
    world.forget_calls()
    settle(world)
    assert phones(world) == ("555 0001", "555 0001" if owner == "ours" else "555 0000")
    if owner == "theirs":
        assert all(call["method"] == "GET" for call in world.journal()), "nothing is sent"
    assert "Synced" in steps.open_customer(alice).region("QuickBooks")


@pytest.mark.parametrize("owner", ["theirs", "ask"])
def test_N_08_words_of_theirs_stay_when_the_owner_changes_and_when_something_beside_them_does(
    world: World, alice: Visitor, owner: str
) -> None:
    owners = ("customer_address_owner", "customer_email_owner", "customer_phone_owner")
    choose(alice, **dict.fromkeys(owners, owner))
    linked(world, alice)
    both = "theirs@adatum.example, cfo@adatum.example"
    changed_there(
        world,
        PrimaryEmailAddr={"Address": both},
        BillAddr={"Line1": "1 Main St", "Country": "Österreich"},
    )
    settle(world)
    edited(alice, phone="555 0001")
    settle(world)
    choose(alice, **dict.fromkeys(owners, "ask" if owner == "theirs" else "each"))
    settle(world)
    edited(alice, line1="2 Main St")
    settle(world)
    (theirs,) = world.held("Customer")
    assert theirs["PrimaryPhone"]["FreeFormNumber"] == "555 0001"
    assert theirs["PrimaryEmailAddr"]["Address"] == both
    assert (theirs["BillAddr"]["Line1"], theirs["BillAddr"]["Country"]) == (
        "2 Main St",
        "Österreich",
    )
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_N_08_words_of_theirs_that_replace_others_are_the_ones_that_stay(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_address_owner="ask")
    linked(world, alice)
    for country in ("Österreich", "Schweiz"):
        changed_there(world, BillAddr={"Line1": "1 Main St", "Country": country})
        settle(world)
    edited(alice, line1="2 Main St")
    settle(world)
    (theirs,) = world.held("Customer")
    assert (theirs["BillAddr"]["Line1"], theirs["BillAddr"]["Country"]) == ("2 Main St", "Schweiz")
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_N_08_where_ours_holds_what_is_added_there_is_undone(world: World, alice: Visitor) -> None:
    choose(alice, customer_email_owner="ours")
    linked(world, alice)
    (before,) = world.held("Customer")
    ours = before["PrimaryEmailAddr"]["Address"]
    changed_there(world, PrimaryEmailAddr={"Address": f"{ours}, cfo@adatum.example"})
    settle(world)
    (theirs,) = world.held("Customer")
    assert theirs["PrimaryEmailAddr"]["Address"] == ours


@pytest.mark.parametrize(
    ("owner", "after"),
    [
        ("ours", ("555 0001", "555 0001")),
        ("theirs", ("555 0002", "555 0002")),
        ("each", ("555 0001", "555 0001")),
    ],
)
def test_N_08_what_was_asked_about_is_answered_by_the_owner_that_is_chosen_then(
    world: World, alice: Visitor, owner: str, after: tuple[str, str]
) -> None:
    choose(alice, customer_phone_owner="ask")
    linked(world, alice)
    changed_there(world, PrimaryPhone={"FreeFormNumber": "555 0002"})
    edited(alice, phone="555 0001")
    settle(world)
    assert "It was changed in QuickBooks and here" in alice.go("exceptions/").text
    choose(alice, customer_phone_owner=owner)
    assert "Nothing needs you" in alice.go("exceptions/").text
    settle(world)
    assert phones(world) == after


def test_N_08_change_here_that_cannot_go_yet_is_asked_about_and_not_lost(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_phone_owner="ask")
    linked(world, alice)
    choose(alice, customer_create_policy="never")
    world.customer("Fabrikam", email="ap@fabrikam.example")
    edited(alice, phone="555 0001", parent="Fabrikam")
    world.work()
    assert "Fabrikam" in steps.open_customer(alice).region("QuickBooks")
    changed_there(world, PrimaryPhone={"FreeFormNumber": "555 0002"})
    settle(world)
    assert phones(world) == ("555 0001", "555 0002")
    assert "It was changed in QuickBooks and here" in alice.go("exceptions/").text


def test_N_08_fields_of_the_customer_that_it_was_merged_into_go_to_their_owner(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_phone_owner="theirs", customer_notes_owner="ours")
    linked(world, alice)
    merged(world, steps.customer(world), **PHONE_THERE, Notes="theirs")
    steps.notified(world)
    settle(world)
    (survivor,) = world.held("Customer")
    assert (phones(world), survivor.get("Notes", "")) == (("555 7777", "555 7777"), "")
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("answer", ["Take theirs", "Send ours again"])
def test_N_08_question_about_a_customer_is_asked_anew_after_a_merge(
    world: World, alice: Visitor, answer: str
) -> None:
    choose(alice, customer_phone_owner="ask")
    linked(world, alice)
    changed_there(world, PrimaryPhone={"FreeFormNumber": "555 0002"})
    edited(alice, phone="555 0001")
    settle(world)
    merged(world, steps.customer(world), **PHONE_THERE)
    steps.notified(world)
    settle(world)
    assert phones(world) == ("555 0001", "555 7777")
    steps.open_customer(alice)
    alice.press(answer)
    settle(world)
    assert phones(world) == ({"Take theirs": "555 7777"}.get(answer, "555 0001"),) * 2
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize(
    ("owner", "expected"),
    [("ask", ("555 0001", "555 7777")), ("ours", ("555 0001", "555 0001"))],
)
def test_N_08_change_that_met_a_merge_goes_on_with_a_survivor_that_was_there_before(
    world: World, alice: Visitor, owner: str, expected: tuple[str, str]
) -> None:
    survivor = world.bookkeeper("Customer", {"DisplayName": "Adatum Group", **PHONE_THERE})
    choose(alice, customer_phone_owner=owner)
    linked(world, alice)
    settle(world)
    merge(world, world.link(steps.customer(world)).remote_id, survivor["Id"])
    edited(alice, phone="555 0001")
    steps.notified(world)
    settle(world)
    assert phones(world) == expected
    is_asked = "It was changed in QuickBooks and here" in alice.go("exceptions/").text
    assert is_asked is (owner == "ask")
    assert ("Nothing needs you" in alice.page.text) is (owner != "ask")
