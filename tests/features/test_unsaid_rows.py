"""Rows about what nobody here has said: it stays as it is in QuickBooks. What was refused or is asked about waits."""

from typing import Any

import pytest

from billing.services import catalogue
from integrations.models import SyncJob
from tests.features import steps
from tests.features import test_field_rows as field_rows
from tests.features import test_invoice_edit_rows as edit_rows
from tests.features import test_payment_rows as payment_rows
from tests.features.pages import Visitor
from tests.features.test_import_rows import their_line
from tests.features.test_tax_rows import DELEGATED, Open, generated, opened, taxes
from tests.features.test_tracking_rows import (
    MAPPING_PAGE,
    add_location,
    choose,
    in_texas,
    keys,
    location,
    look,
    tracked,
)
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

__all__ = ["opened", "tracked"]


def in_austin(world: World, person: Visitor) -> str:
    """An invoice with automated sales tax that bears a location of its own."""
    world.bookkeeper("Department", {"Name": "Austin"})
    look(world)
    add_location(person, "Texas branch")
    choose(person, **{"QuickBooks location for Texas branch": "Austin"})
    person.go(f"customers/{steps.customer(world).pk}/edit/")
    person.press("Save", {"Location": "Texas branch"})
    return generated(world, person)


@pytest.mark.parametrize("taken_away", [False, True])
def test_C_17_X_102_tax_is_computed_for_the_new_lines_though_a_location_goes_with_them(
    opened: Open, taken_away: bool
) -> None:
    world, person = opened(DELEGATED, ast=True)
    number = in_austin(world, person)
    assert taxes(world) == ["8.00 of 108.00"]
    if taken_away:
        steps.open_invoice(person, number)
        steps.edit_invoice(person, Location="None")
    edit_rows.edit(person, number, lines_0_unit_price="200")
    world.work()
    assert taxes(world) == ["16.00 of 216.00"]


def test_C_17_X_102_location_that_is_taken_away_overrides_no_automated_tax(opened: Open) -> None:
    world, person = opened(DELEGATED, ast=True)
    number = in_austin(world, person)
    steps.open_invoice(person, number)
    steps.edit_invoice(person, Location="None")
    world.work()
    (held,) = world.held("Invoice")
    assert location(held) == ""
    assert "TaxReviewStatus" not in held["TxnTaxDetail"]


def test_C_17_X_102_tax_corrected_there_while_a_location_is_taken_away_is_settled(
    opened: Open,
) -> None:
    world, person = opened(DELEGATED, ast=True)
    number = in_austin(world, person)
    (theirs,) = world.held("Invoice")
    tax = {"TxnTaxDetail": {"TotalTax": 7.5}}
    world.bookkeeper("Invoice", {**keys(theirs), "sparse": True, **tax})
    steps.open_invoice(person, number)
    steps.edit_invoice(person, Location="None")
    for _ in range(4):
        look(world)
    assert "Synced" in person.again().region("QuickBooks")


def test_C_04_location_stays_there_once_the_company_keeps_none(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    number = in_texas(world, alice)
    (settings,) = world.held("Preferences")
    accounting = {**settings["AccountingInfoPrefs"], "TrackDepartments": False}
    changed = {"AccountingInfoPrefs": accounting}
    world.bookkeeper("Preferences", {**keys(settings), "sparse": True, **changed})
    alice.go(MAPPING_PAGE)
    alice.press("Refresh")
    world.work()
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, Notes="Thank you")
    world.work()
    (held,) = world.held("Invoice")
    assert held["CustomerMemo"]["value"] == "Thank you"
    assert location(held) == tracked["Austin"]


def test_C_04_terms_that_quickbooks_filled_in_stay_when_ours_is_sent_again(
    world: World, alice: Visitor
) -> None:
    world.linked_customer()
    (there,) = world.held("Customer")
    (net, *_) = [one["Id"] for one in world.held("Term")]
    terms = {"SalesTermRef": {"value": net}}
    world.bookkeeper("Customer", {**keys(there), "sparse": True, **terms})
    number = steps.generate(alice)
    world.work()
    field_rows.bookkeeper_changes(world, CustomerMemo={"value": "theirs"})
    field_rows.settle(world)
    steps.open_invoice(alice, number)
    alice.press("Send ours again")
    world.work()
    (held,) = world.held("Invoice")
    assert held["SalesTermRef"]["value"] == net
    assert not held.get("CustomerMemo", {}).get("value")


def test_C_04_terms_in_use_no_more_stay_and_what_is_wrong_is_said(
    world: World, alice: Visitor
) -> None:
    (net,) = [one for one in world.held("Term") if one["Name"] == "Net 30"]
    with world.inside():
        term = catalogue.create_term(name="Net 30", due_days=30)
    world.customer(terms=term)
    number = steps.generate(alice)
    world.work()
    world.bookkeeper("Term", {**net, "Active": False})
    look(world)
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, Notes="Thank you")
    world.work()
    (held,) = world.held("Invoice")
    assert held["SalesTermRef"]["value"] == net["Id"]
    told = "Something this refers to was deleted or made inactive in QuickBooks"
    assert told in alice.again().region("QuickBooks")


def test_C_04_method_of_their_payment_stays_when_the_rest_of_it_is_applied_here(
    world: World, alice: Visitor
) -> None:
    """It is none of ours, so here it is another method."""
    first, second = payment_rows.open_invoices(world, alice)
    method = {"value": world.bookkeeper("PaymentMethod", {"Name": "PayPal"})["Id"]}
    look(world)
    world.pays(steps.invoice(world, first), "100", TotalAmt="150", PaymentMethodRef=method)
    look(world)
    rows = alice.go("payments/").tree.all("tr")
    (row,) = [one for one in rows if "/payments/" in one["data-href"]]
    alice.open(row["data-href"])
    alice.follow("Apply the rest")
    alice.press("Apply", {f"Applied to {second}": "50"})
    world.work()
    (held,) = world.held("Payment")
    assert len(held["Line"]) == 2
    assert held["PaymentMethodRef"]["value"] == method["value"]


def paid_in_part_there(world: World, person: Visitor) -> dict[str, Any]:
    """A payment of 120 that finds room for 80 there, while the lines of its invoice are asked about."""
    field_rows.choose(person, unpaid_edit_owner="per_field")
    number = field_rows.sent_invoice(world, person)
    field_rows.bookkeeper_changes(world, Line=[their_line(world, "80")])
    edit_rows.edit(person, number, lines_0_unit_price="120")
    field_rows.settle(world)
    steps.open_invoice(person, number)
    steps.mark_paid(person, "$120.00")
    field_rows.settle(world)
    (theirs,) = world.held("Payment")
    return theirs


def there_is_room(world: World) -> None:
    field_rows.bookkeeper_changes(world, Line=[their_line(world, "120", Qty=1, UnitPrice=120)])
    field_rows.settle(world)
    world.forget_calls()


def writes(world: World) -> list[str]:
    return [call["path"] for call in world.journal() if "/payment" in call["path"]]


def test_C_04_X_84_payment_that_is_asked_about_is_not_tried_when_there_is_room(
    world: World, alice: Visitor
) -> None:
    """Each try would cost a reading of it, and each reading a look at the changes."""
    theirs = paid_in_part_there(world, alice)
    world.bookkeeper("Payment", {**keys(theirs), "sparse": True, "PaymentRefNum": "4711"})
    field_rows.settle(world)
    there_is_room(world)
    for _ in range(6):
        look(world)
        world.work()
    assert writes(world) == []
    assert len(world.journal()) == 6, "the looks that were asked for"


def test_C_04_payment_that_was_refused_waits_for_a_person_though_there_is_room(
    world: World, alice: Visitor
) -> None:
    """Its money is part of a bank deposit there (6540)."""
    theirs = paid_in_part_there(world, alice)
    (bank, *_) = [one["Id"] for one in world.held("Account") if one["AccountType"] == "Bank"]
    part = {"TxnId": theirs["Id"], "TxnType": "Payment", "TxnLineId": "0"}
    line = {"Amount": 120, "LinkedTxn": [part]}
    world.bookkeeper("Deposit", {"DepositToAccountRef": {"value": bank}, "Line": [line]})
    field_rows.settle(world)
    there_is_room(world)
    for _ in range(6):
        look(world)
        world.work()
    assert writes(world) == []
    with world.inside():
        assert SyncJob.objects.get(kind="payment").state == "errored"
