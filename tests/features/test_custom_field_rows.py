"""Rows about what an organization says in its own way on an invoice: custom fields, PO number, wordings (X-79)."""

from collections.abc import Callable
from typing import Any

import pytest

from tenants.models import Role
from tests import factories
from tests.features import steps
from tests.features.pages import Page, Visitor
from tests.features.test_mapping_page_rows import bring_in, downloaded
from tests.features.test_tracking_rows import add_location
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

RULES_PAGE = "settings/sync-rules/"
MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"
FIELDS = ["P.O. Number", "Crew", "Site"]

Opened = tuple[World, Visitor]
Open = Callable[..., Opened]


@pytest.fixture
def opened(unconnected: World) -> Open:
    """Another organization, connected to a company with custom fields, with a customer."""

    def open_one(fields: list[str] = FIELDS, **rules: str) -> Opened:
        made = factories.organization(features=["quickbooks"])
        owner = factories.member(made, role=Role.OWNER)
        app = (unconnected.box, unconnected.client_id, unconnected.verifier)
        world, person = World(*app, made, owner), Visitor(made, owner)
        world.connect(custom_numbers=True, custom_fields=fields)
        world.work()
        world.customer()
        if rules:
            person.go(RULES_PAGE)
            assert "Changed: " in person.press("Save", rules).text
        return world, person

    return open_one


def chosen(person: Visitor, **fields: str) -> Page:
    """On the mapping page; PO number and the like by the name of the field there."""
    person.go(MAPPING_PAGE)
    labels = {
        f"Custom field for {name.replace('_', ' ')}": theirs for name, theirs in fields.items()
    }
    return person.press("Save", labels)


def fields_there(world: World) -> dict[str, str]:
    (theirs,) = world.held("Invoice")
    return {one["Name"]: one.get("StringValue", "") for one in theirs["CustomField"]}


def written_there(world: World, **values: str) -> None:
    """The bookkeeper writes into custom fields, by their definition ids."""
    (theirs,) = world.held("Invoice")
    fields = [
        {
            **one,
            "StringValue": values.get(f"field_{one['DefinitionId']}", one.get("StringValue", "")),
        }
        for one in theirs["CustomField"]
    ]
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "CustomField": fields})


def look(world: World) -> None:
    world.due_now()
    world.work()


def test_X_79_po_number_stands_in_the_field_that_was_chosen_and_follows_edits(opened: Open) -> None:
    (world, alice), (other, charlie) = opened(), opened()
    chosen(alice, PO_number="P.O. Number")
    for each, person in ((world, alice), (other, charlie)):
        steps.generate(person, po_number="PO-4711")
        each.work()
    assert fields_there(world) == {"P.O. Number": "PO-4711", "Crew": "", "Site": ""}
    assert fields_there(other) == {"P.O. Number": "", "Crew": "", "Site": ""}
    assert "PO number PO-4711" in alice.again().region("Details")
    steps.edit_invoice(alice, po_number="PO-4712")
    world.work()
    assert fields_there(world)["P.O. Number"] == "PO-4712"
    steps.edit_invoice(alice, po_number="")
    world.work()
    assert fields_there(world)["P.O. Number"] == ""
    assert "Synced" in alice.again().region("QuickBooks")


def test_X_79_what_people_wrote_into_other_fields_stays_and_asks_nobody(opened: Open) -> None:
    world, alice = opened()
    chosen(alice, PO_number="P.O. Number")
    number = steps.generate(alice, po_number="PO-1")
    world.work()
    written_there(world, field_2="Night shift")
    look(world)
    assert "Nothing needs you" in alice.go("exceptions/").text
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, po_number="PO-2")
    world.work()
    assert fields_there(world) == {"P.O. Number": "PO-2", "Crew": "Night shift", "Site": ""}


def test_X_79_po_number_changed_there_is_a_question_and_can_be_taken(opened: Open) -> None:
    world, alice = opened()
    chosen(alice, PO_number="P.O. Number")
    number = steps.generate(alice, po_number="PO-1")
    world.work()
    written_there(world, field_1="PO-9", field_2="Night shift")
    look(world)
    steps.open_invoice(alice, number)
    alice.press("Take theirs")
    world.work()
    assert steps.invoice(world, number).po_number == "PO-9"
    assert fields_there(world) == {"P.O. Number": "PO-9", "Crew": "Night shift", "Site": ""}
    assert "Synced" in steps.open_invoice(alice, number).region("QuickBooks")


def test_X_79_one_field_holds_one_thing(opened: Open) -> None:
    _, alice = opened()
    page = chosen(alice, PO_number="Site", Location="Site")
    assert "Site holds something else already; each is used once." in page.text


def test_X_79_N_14_one_field_holds_one_thing_also_where_a_file_says_otherwise(opened: Open) -> None:
    _, alice = opened()
    twice = '{"custom_field": {"po_number": "Site", "location": "Site"}}'
    rules = '{"push_when": "paid"}'
    said = bring_in(alice, f'{{"regentra_sync_rules": 1, "rules": {rules}, "mapping": {twice}}}')
    assert "Nothing was changed." in said
    assert "Site holds something else already; each is used once." in said
    assert "Custom field" not in downloaded(alice)
    assert '"push_when": "generated"' in downloaded(alice)


def test_X_79_field_that_is_switched_off_there_is_shown_and_what_needs_it_waits(
    opened: Open,
) -> None:
    world, alice = opened()
    chosen(alice, PO_number="P.O. Number")
    (preferences,) = world.held("Preferences")
    off = [{"CustomField": [
        {"Name": "SalesFormsPrefs.UseSalesCustom1", "Type": "BooleanType", "BooleanValue": False},
    ]}]  # fmt: skip
    keys = {name: preferences[name] for name in ("Id", "SyncToken")}
    body: dict[str, Any] = {**keys, "sparse": True, "SalesFormsPrefs": {"CustomField": off}}
    world.bookkeeper("Preferences", body)
    alice.go(MAPPING_PAGE)
    alice.press("Refresh")
    world.work()
    steps.generate(alice, po_number="PO-1")
    world.work()
    assert world.held("Invoice") == []
    assert "chosen for the PO number of invoices, is no longer active" in alice.again().text
    steps.edit_invoice(alice, po_number="")
    world.work()
    assert len(world.held("Invoice")) == 1, "without a PO number nothing needs the field"


def test_X_79_no_custom_fields_no_choice(opened: Open) -> None:
    _, alice = opened([])
    assert "Custom field for PO number" not in alice.go(MAPPING_PAGE).text


def test_X_79_texts_are_worded_as_the_organization_says(opened: Open) -> None:
    wording = "PO {po_number}\nInvoice {number} for {customer}\n{memo}"
    (world, alice), (other, charlie) = opened(memo_wording=wording), opened()
    for each, person in ((world, alice), (other, charlie)):
        steps.generate(person, po_number="PO-7", memo="Rush", notes="Thank you")
        each.work()
    number = next(alice.page.tree.all("h1")).text
    (theirs,), (plain,) = world.held("Invoice"), other.held("Invoice")
    assert theirs["PrivateNote"].startswith(f"PO PO-7\nInvoice {number} for Adatum\nRush\nRegentra")
    assert plain["PrivateNote"].startswith("Rush\nRegentra")
    assert theirs["CustomerMemo"] == plain["CustomerMemo"] == {"value": "Thank you"}
    steps.edit_invoice(alice, po_number="", memo="")
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs["PrivateNote"].startswith(f"Invoice {number} for Adatum\nRegentra")


def test_X_79_a_text_changed_there_is_taken_without_its_wording(opened: Open) -> None:
    world, alice = opened(message_wording="{notes}\nPlease quote {number}.")
    number = steps.generate(alice, notes="Thank you")
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs["CustomerMemo"] == {"value": f"Thank you\nPlease quote {number}."}
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    changed = {"value": f"Many thanks\nPlease quote {number}."}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "CustomerMemo": changed})
    look(world)
    steps.open_invoice(alice, number)
    alice.press("Take theirs")
    world.work()
    assert steps.invoice(world, number).notes == "Many thanks"
    assert world.held("Invoice")[0]["CustomerMemo"] == changed


@pytest.mark.parametrize(
    ("wording", "says"),
    [
        ("Thank you", "The wording has to hold {notes} once."),
        ("{notes} {notes}", "The wording has to hold {notes} once."),
        ("{notes} {colour}", "There is no {colour}. There are: {notes}, {number}"),
    ],
)
def test_X_79_wording_that_is_none_is_refused(opened: Open, wording: str, says: str) -> None:
    _, alice = opened()
    alice.go(RULES_PAGE)
    assert says in alice.press("Save", {"message_wording": wording}).text
    form = alice.go(RULES_PAGE).form("Save")
    assert form is not None
    (kept,) = [one for one in form.element.all("textarea") if one["name"] == "message_wording"]
    assert kept.content.strip() == "{notes}"


def test_X_79_location_with_a_long_name_fills_as_much_of_the_field_as_there_is(
    opened: Open,
) -> None:
    world, alice = opened()
    name = "Greater Boston and the North Shore"
    add_location(alice, name)
    chosen(alice, Location="Site")
    number = steps.generate(alice)
    world.work()
    steps.edit_invoice(alice, Location=name)
    world.work()
    assert fields_there(world)["Site"] == "Greater Boston and the North Sh"
    written_there(world, field_2="Anna")
    look(world)
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, memo="Rush")
    world.work()
    assert fields_there(world) == {**fields_there(world), "Crew": "Anna", "Site": name[:31]}
    assert "Synced" in alice.again().region("QuickBooks")
    assert "Nothing needs you" in alice.go("exceptions/").text
