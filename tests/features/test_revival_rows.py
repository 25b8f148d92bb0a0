"""Rows about items and accounts that were made inactive in QuickBooks and are needed: made active again."""

from typing import Any

import pytest

from billing.models import LedgerAccount
from billing.services import catalogue
from integrations import invariants
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

RULES_PAGE = "settings/sync-rules/"
MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"


def choose(person: Visitor, **rules: str) -> None:
    person.go(RULES_PAGE)
    assert "Changed: " in person.press("Save", rules).text


def their_item(world: World, name: str) -> dict[str, Any]:
    (income,) = [one["Id"] for one in world.held("Account") if one["Name"] == "Services"]
    body = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": income}}
    return world.bookkeeper("Item", {**body, "Description": "Theirs", "UnitPrice": 12})


def looked(world: World) -> None:
    world.due_now()
    world.work()
    world.work()


def of_id(world: World, entity: str, remote_id: str) -> dict[str, Any]:
    return next(one for one in world.held(entity) if one["Id"] == remote_id)


def made_inactive(world: World, entity: str, remote_id: str) -> None:
    theirs = of_id(world, entity, remote_id)
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper(entity, {**keys, "sparse": True, "Active": False})
    looked(world)


def test_X_38_item_that_an_invoice_needs_is_made_active_again_by_rule(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, inactive_entries="It is made active again")
    for each, person in ((world, alice), (other, charlie)):
        item, unused = their_item(each, "Cloud backup"), their_item(each, "Unused")
        looked(each)
        with each.inside():
            factories.service("Backup")
            factories.service("Nobody buys it")
        person.go(MAPPING_PAGE)
        chosen = {"Item for Backup": "Cloud backup", "Item for Nobody buys it": "Unused"}
        person.press("Save", chosen)
        for one in (item, unused):
            made_inactive(each, "Item", one["Id"])
        each.customer()
        steps.generate(person, **{"lines-0-service": "Backup"})
        for _ in range(3):
            each.work()
        is_by_rule = each is other
        theirs = of_id(each, "Item", item["Id"])
        assert theirs["Active"] is is_by_rule
        assert len(each.held("Invoice")) == int(is_by_rule)
        assert of_id(each, "Item", unused["Id"])["Active"] is False, "nothing waits for it"
        if is_by_rule:
            assert (theirs["Name"], theirs["Description"]) == ("Cloud backup", "Theirs")
            assert steps.money(theirs["UnitPrice"]) == 12
    assert "Cloud backup, chosen for the service Backup, is no longer active" in alice.again().text


def test_X_38_item_is_made_active_again_on_confirmation_and_what_waits_goes_on(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = their_item(world, "Cloud backup")
    looked(world)
    with world.inside():
        factories.service("Backup")
    alice.go(MAPPING_PAGE)
    alice.press("Save", {"Item for Backup": "Cloud backup"})
    made_inactive(world, "Item", item["Id"])
    # Of items no sparse update is documented: what is not sent may be gone.
    steps.no_sparse_updates_of(monkeypatch, "Item")
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    assert world.held("Invoice") == []
    alice.go(MAPPING_PAGE)
    alice.follow("Make Cloud backup active again")
    alice.press("Make it active again")
    world.work()
    world.work()
    again = of_id(world, "Item", item["Id"])
    assert again["Active"] is True
    assert [again[name] for name in ("Name", "Description")] == ["Cloud backup", "Theirs"]
    (theirs,) = world.held("Invoice")
    assert steps.sold(theirs)[0]["SalesItemLineDetail"]["ItemRef"]["value"] == item["Id"]
    world.forget_calls()
    looked(world)
    assert [one for one in world.journal() if one["method"] == "POST"] == []


def test_X_38_account_that_payments_go_to_is_made_active_again_by_rule(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, inactive_entries="reactivate")
    for each, person in ((world, alice), (other, charlie)):
        bank = each.bookkeeper("Account", {"Name": "Second bank", "AccountType": "Bank"})
        looked(each)
        person.go(MAPPING_PAGE)
        person.press("Save", {"Deposit account": "Second bank"})
        made_inactive(each, "Account", bank["Id"])
        each.customer()
        number = steps.generate(person)
        steps.send(person, number)
        steps.mark_paid(person)
        for _ in range(3):
            each.work()
        is_by_rule = each is other
        assert of_id(each, "Account", bank["Id"])["Active"] is is_by_rule
        payments = each.held("Payment")
        assert len(payments) == int(is_by_rule)
        with each.inside():
            assert invariants.violations() == [], "an entry of theirs leads somewhere, too"
        if is_by_rule:
            assert payments[0]["DepositToAccountRef"]["value"] == bank["Id"]


def test_X_38_account_of_a_ledger_account_is_made_active_again_and_keeps_its_name(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(
        alice, inactive_entries="reactivate", income_account_use="The ledger account of its service"
    )
    theirs = world.bookkeeper("Account", {"Name": "Backup income", "AccountType": "Income"})
    looked(world)
    with world.inside():
        account = catalogue.create_ledger_account(code="4100", name="Backups")
        factories.service("Backup", ledger_account=account)
    alice.go(MAPPING_PAGE)
    alice.press("Save", {"Account for 4100 Backups": "Backup income"})
    made_inactive(world, "Account", theirs["Id"])
    steps.no_sparse_updates_of(monkeypatch, "Account")
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    for _ in range(4):
        world.work()
    now = of_id(world, "Account", theirs["Id"])
    assert (now["Active"], now["Name"]) == (True, "Backup income")
    assert len(world.held("Invoice")) == 1
    with world.inside():
        assert LedgerAccount.objects.get(code="4100").name == "Backups"


def test_X_38_what_was_refused_is_not_tried_again_by_itself(world: World, alice: Visitor) -> None:
    choose(alice, inactive_entries="reactivate")
    item = their_item(world, "Cloud backup")
    looked(world)
    with world.inside():
        factories.service("Backup")
    alice.go(MAPPING_PAGE)
    alice.press("Save", {"Item for Backup": "Cloud backup"})
    made_inactive(world, "Item", item["Id"])
    their_item(world, "Cloud backup")
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.forget_calls()
    for _ in range(3):
        world.work()
        world.due_now()
    writes = [one for one in world.journal() if one["path"].endswith("/item")]
    assert len(writes) == 1
