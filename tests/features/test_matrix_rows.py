"""Rows about the page that says who wins: what it says is what then happens."""

from dataclasses import fields

import pytest

from integrations import sync_matrix
from integrations.policies import Policies
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MATRIX = "settings/sync-rules/matrix/"
RULES_PAGE = "settings/sync-rules/"
INVOICES = "Invoices that nothing is paid on"


def winner(person: Visitor, kind: str, label: str) -> str:
    """Who wins one field of a document made here, as the page says it."""
    person.go(RULES_PAGE)
    page = person.follow("Who wins, field by field")
    heads = {one["id"] for one in page.tree.all("h2") if one.text == kind}
    (part,) = [one for one in page.tree.all("section") if one["aria-labelledby"] in heads]
    (row,) = [one for one in part.all("tr") if next(one.all("th")).text == label]
    return next(next(row.all("td")).all("strong")).text


@pytest.mark.parametrize(
    ("rules", "says", "here", "there"),
    [
        ({"unpaid_edit_owner": "qbo"}, "QuickBooks", "theirs", "theirs"),
        (
            {"unpaid_edit_owner": "per_field", "notes_owner": "theirs"},
            "QuickBooks",
            "theirs",
            "theirs",
        ),
        ({"unpaid_edit_owner": "per_field", "notes_owner": "ours"}, "Regentra", "", None),
        ({"unpaid_edit_owner": "per_field"}, "Whoever changes it", "theirs", "theirs"),
    ],
)
def test_X_65_page_says_who_wins_a_field_and_that_side_wins_it(
    world: World,
    alice: Visitor,
    other: World,
    charlie: Visitor,
    rules: dict[str, str],
    says: str,
    here: str,
    there: str | None,
) -> None:
    charlie.go(RULES_PAGE)
    charlie.press("Save", rules)
    label = "Notes to the customer"
    assert winner(alice, INVOICES, label) == "Regentra, and a change there is asked about"
    assert winner(charlie, INVOICES, label) == says
    for each, person in ((world, alice), (other, charlie)):
        each.customer()
        steps.generate(person)
        each.work()
        (theirs,) = each.held("Invoice")
        keys = {name: theirs[name] for name in ("Id", "SyncToken")}
        each.bookkeeper("Invoice", {**keys, "sparse": True, "CustomerMemo": {"value": "theirs"}})
        for _ in range(2):
            each.due_now()
            each.work()
    assert "changed in QuickBooks" in alice.go("exceptions/").text
    assert "Nothing needs you" in charlie.go("exceptions/").text
    number = next(iter(other.held("Invoice")))["DocNumber"]
    assert steps.invoice(other, number).notes == here
    (theirs,) = other.held("Invoice")
    memo = theirs.get("CustomerMemo", {}).get("value")
    assert (memo or None) == there


def test_X_65_every_field_of_every_kind_has_its_row(world: World, alice: Visitor) -> None:
    page = alice.go(MATRIX)
    for kind, sample in sync_matrix.SAMPLES.items():
        shown = page.region(sync_matrix.TITLES[kind])
        for one in fields(sample):
            if one.compare and one.name not in sync_matrix.NEVER_CHANGES:
                assert sync_matrix.label_of(one.name) in shown
    assert len(sync_matrix.matrix(Policies())) == len(sync_matrix.SAMPLES)


def test_X_65_customers_are_never_overwritten_by_what_is_changed_there(
    world: World, alice: Visitor
) -> None:
    assert winner(alice, "Customers", "Phone") == "Regentra, once it is changed here"
    customer = world.linked_customer()
    (theirs,) = world.held("Customer")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    phone = {"PrimaryPhone": {"FreeFormNumber": "555-0100"}}
    world.bookkeeper("Customer", {**keys, "sparse": True, **phone})
    world.due_now()
    world.work()
    assert world.fresh(customer).phone == ""
    (theirs,) = world.held("Customer")
    assert theirs["PrimaryPhone"]["FreeFormNumber"] == "555-0100"
