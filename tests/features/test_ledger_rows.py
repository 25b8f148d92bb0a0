"""Rows about ledger accounts: kept here, linked to accounts there, and what lines book to."""

from typing import Any

import pytest

from billing.models import LedgerAccount, Service
from billing.services import catalogue
from integrations import invariants
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"
BY_ACCOUNT = {"income_account_use": "The ledger account of its service"}


def ledger_account(world: World, code: str = "4020", name: str = "Support") -> LedgerAccount:
    with world.inside():
        return catalogue.create_ledger_account(code=code, name=name)


def sell(world: World, name: str, account: LedgerAccount) -> Service:
    with world.inside():
        return factories.service(name, ledger_account=account)


def book_by_account(person: Visitor) -> None:
    person.go("settings/sync-rules/")
    assert "Changed: " in person.press("Save", BY_ACCOUNT).text


def link(person: Visitor, **accounts: str) -> None:
    """On the mapping page, all at once."""
    person.go(MAPPING_PAGE)
    typed = {f"Account for {label.replace('_', ' ')}": name for label, name in accounts.items()}
    person.press("Save", typed)


def booked(world: World) -> list[tuple[str, str]]:
    """Item and income account of each line of the one invoice over there."""
    (theirs,) = world.held("Invoice")
    details = [line["SalesItemLineDetail"] for line in steps.sold(theirs)]
    return [(one["ItemRef"]["name"], one["ItemAccountRef"]["name"]) for one in details]


def items_named(world: World, name: str) -> list[dict[str, Any]]:
    return [one for one in world.held("Item") if one["Name"].startswith(name)]


def accounts_named(world: World, name: str) -> list[dict[str, Any]]:
    return [one for one in world.held("Account") if one["Name"] == name]


def look(world: World) -> None:
    """The change feed is read, whether QuickBooks told of a change or not."""
    world.due_now()
    world.work()


def test_T_42_service_belongs_to_the_default_ledger_account_until_another_is_chosen(
    unconnected: World, alice: Visitor
) -> None:
    alice.go("catalogue/new/")
    alice.press("Add service", {"Name": "Backup", "Price per unit": "10"})
    alice.go("settings/ledger-accounts/")
    assert "Default" in alice.page.row("4000 Service revenue")
    alice.follow("Add account")
    alice.press("Add", {"Code": "5010", "Name": "Licences", "Kind": "Expense"})
    assert "Expense" in alice.page.row("5010 Licences")
    alice.follow("5010 Licences")
    alice.press("Save", {"Code": "5020"})
    alice.follow("5020 Licences")
    alice.press("Make it the default")
    assert "Default" in alice.page.row("5020 Licences")
    assert "Default" not in alice.page.row("4000 Service revenue")
    alice.go("catalogue/new/")
    alice.press("Add service", {"Name": "Resold licence", "Price per unit": "5"})
    with unconnected.inside():
        found = dict(Service.objects.values_list("name", "ledger_account__code"))
    assert found == {"Backup": "4000", "Resold licence": "5020"}


def test_T_42_ledger_account_with_a_code_that_is_taken_is_refused(
    unconnected: World, alice: Visitor
) -> None:
    ledger_account(unconnected)
    alice.go("settings/ledger-accounts/new/")
    alice.press("Add", {"Code": "4020", "Name": "Other"})
    assert "exists already" in alice.page.text


def test_C_16_lines_book_against_an_item_of_their_ledger_account_or_against_the_chosen_item(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    book_by_account(charlie)
    for each, person in ((world, alice), (other, charlie)):
        sell(each, "Backup", ledger_account(each))
        link(person, **{"4020_Support": "Hardware Sales"})
        each.customer()
        steps.generate(person, **{"lines-0-service": "Backup"})
        each.work()
    assert booked(world) == [("IT services", "Services")]
    assert booked(other) == [("4020 Support", "Hardware Sales")]
    with other.inside():
        assert invariants.violations() == [], "an item of an account leads somewhere, too"


def test_C_16_T_42_L_81_invoice_waits_until_its_ledger_accounts_are_linked(
    world: World, alice: Visitor
) -> None:
    book_by_account(alice)
    sell(world, "Backup", ledger_account(world))
    world.customer()
    lines = (("Backup of November", "1", "40"), ("Cabling", "1", "60"))
    steps.generate(alice, lines=lines, **{"lines-0-service": "Backup"})
    world.work()
    assert world.held("Invoice") == []
    shown = alice.glance().region("QuickBooks")
    assert "No QuickBooks account is chosen for the ledger account 4020 Support." in shown
    alice.again()
    alice.follow("Link the ledger account")
    alice.press("Save", {"Account for 4020 Support": "Hardware Sales"})
    world.work()
    assert booked(world) == [("4020 Support", "Hardware Sales")] * 2, "the first is the default"


def test_C_16_item_of_the_service_is_used_where_it_books_to_the_account(
    world: World, alice: Visitor
) -> None:
    book_by_account(alice)
    sell(world, "Backup", ledger_account(world))
    (services,) = accounts_named(world, "Services")
    body = {"Type": "Service", "IncomeAccountRef": {"value": services["Id"]}}
    world.bookkeeper("Item", {"Name": "Cloud backup", **body})
    steps.notified(world)
    link(alice, **{"4020_Support": "Services"})
    alice.press("Save", {"Item for Backup": "Cloud backup"})
    world.customer()
    lines = (("Backup of November", "1", "40"), ("Cabling", "1", "60"))
    steps.generate(alice, lines=lines, **{"lines-0-service": "Backup"})
    world.work()
    assert booked(world) == [("Cloud backup", "Services"), ("IT services", "Services")]
    assert items_named(world, "4020") == [], "there was one already"


def test_C_16_item_of_an_account_that_was_made_inactive_is_made_anew_and_none_twice(
    world: World, alice: Visitor
) -> None:
    book_by_account(alice)
    sell(world, "Backup", ledger_account(world))
    link(alice, **{"4020_Support": "Hardware Sales"})
    world.customer()
    for _ in range(2):
        steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    (made,) = items_named(world, "4020 Support")
    world.bookkeeper("Item", {**made, "Active": False})
    look(world)
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    assert [one["Active"] for one in items_named(world, "4020 Support")] == [False, True]
    assert len(world.held("Invoice")) == 3


@pytest.mark.parametrize("trouble", ["answer_dropped", "request_dropped"])
def test_C_16_item_of_an_account_is_made_once_whatever_gets_lost(
    world: World, alice: Visitor, trouble: str
) -> None:
    book_by_account(alice)
    sell(world, "Backup", ledger_account(world))
    link(alice, **{"4020_Support": "Hardware Sales"})
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.trouble("requestid_forgotten", times=None, method="POST")
    world.trouble(trouble, entity="Item")
    for _ in range(3):
        world.work()
        world.later(minutes=5)
    assert len(items_named(world, "4020 Support")) == 1
    assert booked(world) == [("4020 Support", "Hardware Sales")]


def test_C_16_refused_item_of_an_account_says_why_and_is_tried_again_when_the_mapping_is_saved(
    world: World, alice: Visitor
) -> None:
    book_by_account(alice)
    sell(world, "Backup", ledger_account(world))
    link(alice, **{"4020_Support": "Hardware Sales"})
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.trouble("fault", code="6000", entity="Item")
    world.work()
    assert world.held("Invoice") == []
    alice.go("exceptions/")
    alice.follow("Item 4020 Support")
    assert "4020 Support" in alice.page.text
    alice.go(MAPPING_PAGE)
    assert "An item that books to it was not created:" in alice.page.text
    alice.press("Save")
    world.work()
    assert booked(world) == [("4020 Support", "Hardware Sales")]


def test_T_70_inactive_account_is_shown_with_what_waits_and_holds_the_invoice(
    world: World, alice: Visitor
) -> None:
    book_by_account(alice)
    sell(world, "Backup", ledger_account(world))
    link(alice, **{"4020_Support": "Hardware Sales"})
    (hardware,) = accounts_named(world, "Hardware Sales")
    world.bookkeeper("Account", {**hardware, "Active": False})
    steps.notified(world)
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    assert world.held("Invoice") == []
    shown = alice.go(MAPPING_PAGE).text
    assert (
        "Hardware Sales is no longer active in QuickBooks. Invoices that book to it wait" in shown
    )
    assert "waits for a choice on this page" in shown
    alice.press("Save", {"Account for 4020 Support": "Services"})
    world.work()
    assert booked(world) == [("IT services", "Services")]


def test_X_101_ledger_account_is_linked_as_the_choice_is_made(world: World, alice: Visitor) -> None:
    account = ledger_account(world)
    row = f"ledger_account_{account.pk}"
    page = alice.go(MAPPING_PAGE)
    (place,) = [one for one in page.tree.all("div") if one["id"] == f"row-{row}"]
    assert (place["hx-trigger"], place["hx-target"]) == ("settled", "this")
    form = page.form("Save")
    assert form is not None
    button = form.button("Save")
    assert button is not None
    sent = form.sent(button, {row: "Hardware Sales"})
    headers = {"HX-Request": "1"}
    answer = alice.client.post(place["hx-post"], {**sent, "saved": row}, headers=headers)
    assert "Saved" in answer.content.decode()
    (hardware,) = accounts_named(world, "Hardware Sales")
    again = alice.go(MAPPING_PAGE).form("Save")
    assert again is not None
    assert again.sent(button, {})[row] == [hardware["Id"]]


def create_account(person: Visitor, name: str) -> None:
    person.go(MAPPING_PAGE)
    person.follow(f"Create {name} in QuickBooks")
    person.press("Create in QuickBooks")


def test_X_104_missing_income_and_expense_accounts_are_created_on_confirmation_and_linked(
    world: World, alice: Visitor
) -> None:
    account = ledger_account(world)
    with world.inside():
        kinds = LedgerAccount.Kind
        catalogue.create_ledger_account(code="5010", name="Licences", kind=kinds.EXPENSE)
        catalogue.create_ledger_account(code="3010", name="Owner", kind=kinds.EQUITY)
    alice.go(MAPPING_PAGE)
    assert not alice.page.offers("Create Owner in QuickBooks")
    alice.follow("Create Support in QuickBooks")
    assert accounts_named(world, "Support") == [], "not before it is confirmed"
    alice.press("Create in QuickBooks")
    assert "It is being created." in alice.page.text
    create_account(alice, "Licences")
    world.work()
    (support,), (licences,) = accounts_named(world, "Support"), accounts_named(world, "Licences")
    assert (support["AccountType"], licences["AccountType"]) == ("Income", "Expense")
    with world.inside():
        assert invariants.violations() == []
    form = alice.go(MAPPING_PAGE).form("Save")
    assert form is not None
    button = form.button("Save")
    assert button is not None
    assert form.sent(button, {})[f"ledger_account_{account.pk}"] == [support["Id"]]


@pytest.mark.parametrize("trouble", ["answer_dropped", "request_dropped"])
def test_X_104_account_is_created_once_whatever_gets_lost(
    world: World, alice: Visitor, trouble: str
) -> None:
    ledger_account(world)
    create_account(alice, "Support")
    world.trouble("requestid_forgotten", times=None, method="POST")
    world.trouble(trouble, entity="Account")
    for _ in range(3):
        world.work()
        world.later(minutes=5)
    assert len(accounts_named(world, "Support")) == 1
    assert "It is being created." not in alice.go(MAPPING_PAGE).text


def test_X_104_account_asked_for_twice_is_one_and_one_lost_can_be_made_anew(
    world: World, alice: Visitor
) -> None:
    account = ledger_account(world)
    page = f"{MAPPING_PAGE}account/{account.pk}/"
    for _ in range(2):
        alice.go(page)
        alice.press("Create in QuickBooks")
    world.work()
    alice.go(page)
    alice.press("Create in QuickBooks")
    world.work()
    (made,) = accounts_named(world, "Support")
    world.bookkeeper("Account", {**made, "Active": False})
    look(world)
    create_account(alice, "Support")
    world.work()
    assert [one["Active"] for one in world.held("Account") if "Support" in one["Name"]] == [
        False,
        True,
    ]


def test_X_104_account_name_that_quickbooks_cannot_keep_or_has_is_refused_with_a_sentence(
    world: World, alice: Visitor
) -> None:
    ledger_account(world, name='Support "gold"')
    create_account(alice, 'Support "gold"')
    world.work()
    assert "It was not created:" in alice.go(MAPPING_PAGE).text
    assert "Account 4020 Support" in alice.go("exceptions/").text
    ledger_account(world, "4030", "Rent or Lease")
    create_account(alice, "Rent or Lease")
    world.work()
    assert "Something in QuickBooks already has this name" in alice.go(MAPPING_PAGE).text
    assert len(accounts_named(world, "Rent or Lease")) == 1


def test_X_104_account_of_another_organization_is_not_found(
    world: World, alice: Visitor, other: World
) -> None:
    theirs = ledger_account(other)
    alice.go(f"{MAPPING_PAGE}account/{theirs.pk}/", status=404)
    alice.go(f"sync/item/{theirs.pk}/", status=404)
    alice.go(f"settings/ledger-accounts/{theirs.pk}/", status=404)
