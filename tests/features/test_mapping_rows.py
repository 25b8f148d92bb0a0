"""Rows about what our lines, terms and taxes stand for in QuickBooks, chosen on the mapping page or found by name."""

from datetime import timedelta
from typing import Any

import pytest

from billing.models import Payment, Service
from integrations.documents import Kind
from integrations.models import Connection
from integrations.outbound import wishes
from regentra import clock
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"


def new_item(world: World, name: str, **more: object) -> dict[str, Any]:
    """The bookkeeper adds a service item, and we hear of it."""
    (income,) = [one["Id"] for one in world.held("Account") if one["Name"] == "Services"]
    body = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": income}, **more}
    made = world.bookkeeper("Item", body)
    steps.notified(world)
    return made


def new_service(world: World, name: str) -> Service:
    with world.inside():
        return factories.service(name)


def choose(person: Visitor, **typed: str) -> None:
    """On the mapping page, all at once."""
    person.go(MAPPING_PAGE)
    person.press("Save", {label.replace("_", " "): value for label, value in typed.items()})


def items_of(theirs: dict[str, Any]) -> list[str]:
    """The item of each line of an invoice over there."""
    return [line["SalesItemLineDetail"]["ItemRef"]["name"] for line in steps.sold(theirs)]


def test_R_19_L_10_lines_go_to_the_item_that_was_chosen_and_the_account_goes_nowhere(
    world: World, alice: Visitor
) -> None:
    accounts = {one["Name"]: one for one in world.held("Account")}
    other = next(
        name
        for name, one in accounts.items()
        if one["AccountType"] == "Income" and name != "Services"
    )
    service = {"Type": "Service", "IncomeAccountRef": {"value": accounts["Services"]["Id"]}}
    world.bookkeeper("Item", {"Name": "Zebra support", **service})
    steps.notified(world)
    alice.go(MAPPING_PAGE)
    chosen = {"Default service item": "Zebra support", "Default income account": other}
    alice.press("Save", chosen)
    world.customer()
    steps.generate(alice)
    world.work()
    (theirs,) = world.held("Invoice")
    (line,) = steps.sold(theirs)
    assert line["SalesItemLineDetail"]["ItemRef"]["name"] == "Zebra support"
    assert line["SalesItemLineDetail"]["ItemAccountRef"]["name"] == "Services"
    assert f"selected>{other}<" in alice.go(MAPPING_PAGE).html, "kept for reference"


def test_L_12_terms_of_the_invoice_are_those_of_the_same_name(world: World, bob: Visitor) -> None:
    with world.inside():
        terms = factories.term("Net 15", 15)
    world.customer(terms=terms)
    steps.generate(bob, issued_on="2026-11-21")
    world.work()
    (theirs,) = world.held("Invoice")
    assert (theirs["SalesTermRef"]["name"], theirs["DueDate"]) == ("Net 15", "2026-12-06")


def test_L_11_L_55_L_81_line_waits_for_the_tax_code_of_its_region_and_then_bears_it(
    unconnected: World, alice: Visitor
) -> None:
    world = unconnected
    world.organization.currency = "CAD"
    world.organization.save(update_fields=["currency"])
    world.connect(country="CA", custom_numbers=True)
    world.work()
    with world.inside():
        region = factories.tax_region("Ontario", "13")
    world.customer(tax_region=region)
    steps.generate(alice, **{"lines-0-taxable": True})
    world.work()
    assert world.held("Invoice") == []
    shown = alice.glance().region("QuickBooks")
    assert "No QuickBooks tax code is chosen for Ontario." in shown
    alice.again()
    alice.follow("Open the mapping")
    alice.press("Save", {"Tax code for Ontario": "HST ON"})
    world.work()
    (theirs,) = world.held("Invoice")
    (line,) = steps.sold(theirs)
    codes = {one["Id"]: one["Name"] for one in world.held("TaxCode")}
    assert codes[line["SalesItemLineDetail"]["TaxCodeRef"]["value"]] == "HST ON"
    assert steps.money(theirs["TotalAmt"]) == 113


def test_K_23_K_24_L_10_L_54_each_line_books_against_the_item_of_its_service_else_the_default(
    world: World, alice: Visitor
) -> None:
    new_service(world, "Backup")
    new_item(world, "Cloud backup")
    new_item(world, "Zebra support")
    choose(alice, Item_for_Backup="Cloud backup", Default_service_item="Zebra support")
    world.customer()
    lines = (("Backup of November", "1", "40"), ("Cabling", "1", "60"))
    steps.generate(alice, lines=lines, **{"lines-0-service": "Backup"})
    world.work()
    (theirs,) = world.held("Invoice")
    assert items_of(theirs) == ["Cloud backup", "Zebra support"]
    assert steps.money(theirs["TotalAmt"]) == 100


def test_X_101_each_choice_is_saved_as_it_is_made_and_no_other_with_it(
    world: World, alice: Visitor
) -> None:
    service = new_service(world, "Backup")
    made = new_item(world, "Cloud backup")
    row = f"service_{service.pk}"
    page = alice.go(MAPPING_PAGE)
    (place,) = [one for one in page.tree.all("div") if one["id"] == f"row-{row}"]
    assert (place["hx-trigger"], place["hx-target"]) == ("settled", "this")
    assert place.has("data-settles")
    form = page.form("Save")
    assert form is not None
    button = form.button("Save")
    assert button is not None
    sent = form.sent(button, {row: "Cloud backup", "Default service item": "IT services"})
    answer = alice.client.post(
        place["hx-post"], {**sent, "saved": row}, headers={"HX-Request": "1"}
    )
    assert "Saved" in answer.content.decode()
    again = alice.go(MAPPING_PAGE).form("Save")
    assert again is not None
    stands = again.sent(button, {})
    assert (stands[row], stands["default_item"]) == ([made["Id"]], [""])


def test_L_81_inactive_item_is_named_with_the_service_that_lacks_one(
    world: World, alice: Visitor
) -> None:
    new_service(world, "Backup")
    made = new_item(world, "Cloud backup")
    choose(alice, Item_for_Backup="Cloud backup")
    world.bookkeeper("Item", {**made, "Active": False})
    steps.notified(world)
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    assert world.held("Invoice") == []
    shown = alice.again().region("QuickBooks")
    assert "Cloud backup" in shown
    assert "chosen for the service Backup, is no longer active in QuickBooks." in shown
    alice.follow("Open the mapping")
    alice.press("Save", {"Item for Backup": "IT services"})
    world.work()
    (theirs,) = world.held("Invoice")
    assert items_of(theirs) == ["IT services"]


def test_L_12_L_56_terms_of_another_name_are_those_that_were_chosen(
    world: World, alice: Visitor
) -> None:
    with world.inside():
        terms = factories.term("Half a month", 15)
    choose(alice, Terms_for_Half_a_month="Net 15")
    world.customer(terms=terms)
    steps.generate(alice, issued_on="2026-11-21")
    world.work()
    (theirs,) = world.held("Invoice")
    assert (theirs["SalesTermRef"]["name"], theirs["DueDate"]) == ("Net 15", "2026-12-06")


def paid(world: World, person: Visitor, **typed: str) -> dict[str, Any]:
    """The payment over there of an invoice that was generated and marked paid here."""
    before = len(world.held("Payment"))
    steps.generate(person)
    world.work()
    steps.mark_paid(person, **typed)
    world.work()
    assert len(world.held("Payment")) == before + 1
    return world.held("Payment")[-1]


def test_T_54_L_58_payment_bears_the_method_and_goes_to_the_account_that_were_chosen(
    world: World, alice: Visitor
) -> None:
    world.customer()
    accounts = {one["Name"]: one["Id"] for one in world.held("Account")}
    unchosen = paid(world, alice, Method="Cash")
    assert unchosen["DepositToAccountRef"]["value"] == accounts["Undeposited Funds"]
    choose(
        alice,
        Deposit_account="Checking",
        Deposit_account_for_Check="Undeposited Funds",
        Payment_method_for_Cash="Check",
    )
    cash, check = paid(world, alice, Method="Cash"), paid(world, alice, Method="Check")
    assert cash["PaymentMethodRef"]["value"] == check["PaymentMethodRef"]["value"]
    assert cash["DepositToAccountRef"]["value"] == accounts["Checking"]
    assert check["DepositToAccountRef"]["value"] == accounts["Undeposited Funds"]


def test_L_58_payment_that_is_there_stays_in_its_account(world: World, alice: Visitor) -> None:
    world.customer()
    first = paid(world, alice, Method="Cash")
    choose(alice, Deposit_account="Checking")
    with world.inside():
        payment = Payment.objects.get()
        wishes.send_now(Kind.PAYMENT, payment.id)
    world.work()
    (after,) = world.held("Payment")
    assert after["DepositToAccountRef"] == first["DepositToAccountRef"]


def test_T_70_entry_of_the_same_name_is_proposed_and_accepted_with_one_click(
    world: World, alice: Visitor
) -> None:
    new_service(world, "Backup")
    new_item(world, "backup")
    alice.go(MAPPING_PAGE)
    assert "QuickBooks has backup, too." in alice.page.text
    alice.press("Use backup")
    assert "QuickBooks has backup, too." not in alice.page.text
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    (theirs,) = world.held("Invoice")
    assert items_of(theirs) == ["backup"]


BOOKED = {"Income account": "Sales of Product Income"}


def test_X_104_nothing_is_created_before_an_account_is_chosen(world: World, alice: Visitor) -> None:
    new_service(world, "Backup")
    alice.go(MAPPING_PAGE)
    alice.follow("Create Backup in QuickBooks")
    alice.press("Create in QuickBooks")
    assert "This field is required." in alice.page.text
    world.work()
    assert backups(world) == []


def test_X_104_missing_item_is_created_on_confirmation_and_lines_book_against_it(
    world: World, alice: Visitor
) -> None:
    service = new_service(world, "Backup")
    alice.go(MAPPING_PAGE)
    alice.follow("Create Backup in QuickBooks")
    assert [one["Name"] for one in world.held("Item") if one["Name"] == "Backup"] == []
    accounts = {one["Name"]: one["Id"] for one in world.held("Account")}
    alice.press("Create in QuickBooks", BOOKED)
    assert "It is being created." in alice.page.text
    world.work()
    (made,) = [one for one in world.held("Item") if one["Name"] == "Backup"]
    assert made["IncomeAccountRef"]["value"] == accounts["Sales of Product Income"]
    assert made["Type"] == "Service"
    form = alice.again().form("Save")
    assert form is not None
    button = form.button("Save")
    assert button is not None
    assert form.sent(button, {})[f"service_{service.pk}"] == [made["Id"]]
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    (theirs,) = world.held("Invoice")
    assert items_of(theirs) == ["Backup"]


@pytest.mark.parametrize("trouble", ["answer_dropped", "request_dropped"])
def test_X_104_item_is_created_once_whatever_gets_lost(
    world: World, alice: Visitor, trouble: str
) -> None:
    new_service(world, "Backup")
    alice.go(MAPPING_PAGE)
    alice.follow("Create Backup in QuickBooks")
    alice.press("Create in QuickBooks", BOOKED)
    world.trouble("requestid_forgotten", times=None, method="POST")
    world.trouble(trouble, entity="Item")
    for _ in range(3):
        world.work()
        world.later(minutes=5)
    assert len(backups(world)) == 1
    assert "It is being created." not in alice.go(MAPPING_PAGE).text


def backups(world: World) -> list[dict[str, Any]]:
    """The items over there that were ever called Backup."""
    return [one for one in world.held("Item") if one["Name"].startswith("Backup")]


def create_backup(person: Visitor) -> None:
    person.go(MAPPING_PAGE)
    person.follow("Create Backup in QuickBooks")
    person.press("Create in QuickBooks", BOOKED)


def test_X_104_asked_for_twice_is_one_item_and_one_made_inactive_can_be_made_anew(
    world: World, alice: Visitor
) -> None:
    service = new_service(world, "Backup")
    create_backup(alice)
    page = f"{MAPPING_PAGE}item/{service.pk}/"
    alice.go(page)
    alice.press("Create in QuickBooks", BOOKED)
    world.work()
    alice.go(page)
    alice.press("Create in QuickBooks", BOOKED)
    world.work()
    (made,) = backups(world)
    world.bookkeeper("Item", {**made, "Active": False})
    world.due_now()
    world.work()
    create_backup(alice)
    world.work()
    assert [one["Active"] for one in backups(world)] == [False, True]
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    (theirs,) = world.held("Invoice")
    assert items_of(theirs) == ["Backup"]


def test_X_104_item_chosen_while_another_was_being_created_stays_chosen(
    world: World, alice: Visitor
) -> None:
    new_service(world, "Backup")
    create_backup(alice)
    choose(alice, Item_for_Backup="IT services")
    world.work()
    assert len(backups(world)) == 1
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    (theirs,) = world.held("Invoice")
    assert items_of(theirs) == ["IT services"]


def test_X_104_refused_item_says_why_and_can_be_asked_for_again(
    world: World, alice: Visitor
) -> None:
    new_service(world, "Backup")
    alice.go(MAPPING_PAGE)
    alice.follow("Create Backup in QuickBooks")
    world.trouble("fault", code="6000", entity="Item")
    alice.press("Create in QuickBooks", BOOKED)
    world.work()
    assert "It was not created:" in alice.go(MAPPING_PAGE).text
    assert "Item Backup" in alice.go("exceptions/").text
    alice.go(MAPPING_PAGE)
    alice.follow("Create Backup in QuickBooks")
    alice.press("Create in QuickBooks", BOOKED)
    world.work()
    assert len(backups(world)) == 1


def test_T_70_all_proposals_are_accepted_at_once(world: World, alice: Visitor) -> None:
    for name in ("Backup", "Cabling"):
        new_service(world, name)
        new_item(world, name)
    alice.go(MAPPING_PAGE)
    alice.press("Accept all 2 proposals")
    world.customer()
    lines = (("Backup of November", "1", "40"), ("Two rooms", "1", "60"))
    services = {"lines-0-service": "Backup", "lines-1-service": "Cabling"}
    steps.generate(alice, lines=lines, **services)
    world.work()
    (theirs,) = world.held("Invoice")
    assert items_of(theirs) == ["Backup", "Cabling"]


def test_T_70_inactive_item_is_shown_with_what_waits_for_it_and_another_is_proposed(
    world: World, alice: Visitor
) -> None:
    new_service(world, "Backup")
    made = new_item(world, "Cloud backup")
    choose(alice, Item_for_Backup="Cloud backup")
    world.bookkeeper("Item", {**made, "Active": False})
    steps.notified(world)
    new_item(world, "Backup")
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    shown = alice.go(MAPPING_PAGE).region(f"Mapping to {world.connection.company_name}")
    assert "1 document waits for a choice on this page." in shown
    assert "is no longer active in QuickBooks. Invoices with this service wait." in shown
    alice.press("Use Backup instead")
    world.work()
    (theirs,) = world.held("Invoice")
    assert items_of(theirs) == ["Backup"]
    assert "waits for a choice" not in alice.again().text


def test_T_70_renamed_item_is_shown_until_somebody_agrees_and_is_used_meanwhile(
    world: World, alice: Visitor
) -> None:
    new_service(world, "Backup")
    made = new_item(world, "Cloud backup")
    choose(alice, Item_for_Backup="Cloud backup")
    world.bookkeeper("Item", {**made, "Name": "Online backup"})
    steps.notified(world)
    assert "It was called Cloud backup in QuickBooks when it was chosen." in alice.again().text
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    (theirs,) = world.held("Invoice")
    assert items_of(theirs) == ["Online backup"]
    alice.go(MAPPING_PAGE)
    alice.press("Keep Online backup")
    assert "It was called" not in alice.page.text


def asked_for_lists(world: World) -> int:
    """Our batches that asked for whole lists since `forget_calls`."""
    return sum("/batch" in call["path"] for call in world.journal())


def test_T_70_old_lists_are_read_again_once_when_the_page_is_opened(
    world: World, alice: Visitor
) -> None:
    alice.go(MAPPING_PAGE)
    assert "Being read" not in alice.page.text, "read a moment ago"
    with world.inside():
        Connection.objects.update(lists_read_at=clock.now() - timedelta(hours=25))
    world.forget_calls()
    for _ in range(2):
        assert "Being read" in alice.go(MAPPING_PAGE).text
    world.customer()
    steps.generate(alice)
    world.work()
    assert len(world.held("Invoice")) == 1, "nothing waits for the reading"
    assert "Being read" not in alice.go(MAPPING_PAGE).text
    world.work()
    assert asked_for_lists(world) == 1, "the lists, the company and its settings in one call"


def test_T_70_lists_that_are_asked_for_while_they_are_read_are_read_once_more(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Visitor(world.organization, world.owner)
    for browser in (alice, elsewhere):
        browser.go(MAPPING_PAGE)
    alice.press("Refresh")
    world.forget_calls()
    steps.meanwhile(monkeypatch, lambda: elsewhere.press("Refresh"))
    for _ in range(3):
        world.work()
    assert asked_for_lists(world) == 2
    assert "Being read" not in alice.go(MAPPING_PAGE).text


def test_K_26_page_tells_to_spot_check_tax_after_the_first_sync(
    world: World, alice: Visitor
) -> None:
    shown = alice.go(MAPPING_PAGE).text
    assert "QuickBooks decides by the customer's address" in shown
    assert "Spot-check a few invoices after the first sync" in shown
