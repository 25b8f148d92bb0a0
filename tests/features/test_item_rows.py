"""Rows about items of QuickBooks and services here: brought in once, and each field kept by whoever owns it."""

from decimal import Decimal
from typing import Any

import pytest

from billing.models import InvoiceLine, Service
from billing.services import catalogue
from integrations import invariants
from integrations.job_states import JobState
from integrations.models import Mapping, MappingSubject
from integrations.outbound import relay
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

RULES_PAGE = "settings/sync-rules/"
MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"
OWNERS = ("item_name_owner", "item_description_owner", "item_price_owner", "item_tax_owner")


def choose(person: Visitor, **rules: str) -> None:
    person.go(RULES_PAGE)
    assert "Changed: " in person.press("Save", rules).text


def their_item(world: World, name: str = "Backup", **fields: Any) -> dict[str, Any]:
    """The bookkeeper adds an item."""
    (income,) = [one["Id"] for one in world.held("Account") if one["Name"] == "Services"]
    body = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": income}, **fields}
    return world.bookkeeper("Item", body)


def looked(world: World) -> None:
    world.due_now()
    world.work()


def services(world: World) -> list[tuple[str, str, Decimal, bool]]:
    with world.inside():
        rows = Service.objects.order_by("name")
        return list(rows.values_list("name", "description", "unit_price", "taxable"))


def changed_there(world: World, item: str, **fields: Any) -> None:
    """The bookkeeper changes it, and Regentra looks."""
    theirs = of_id(world, item)
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Item", {**keys, "sparse": True, **fields})
    looked(world)
    world.work()


def of_id(world: World, item: str) -> dict[str, Any]:
    return next(one for one in world.held("Item") if one["Id"] == item)


def new_service(person: Visitor, name: str, price: str = "7") -> None:
    person.go("catalogue/new/")
    person.press("Add service", {"name": name, "unit_price": price})


def map_to(person: Visitor, service: str, item: str) -> None:
    person.go(MAPPING_PAGE)
    person.press("Save", {f"Item for {service}": item})


def chosen_for(world: World, service: str) -> str:
    """The id of the item that lines of this service book against."""
    with world.inside():
        ours = str(Service.objects.get(name=service).pk)
        chosen = Mapping.objects.get(subject=MappingSubject.SERVICE, local_key=ours)
    return chosen.remote_id


def price_there(world: World, item: dict[str, Any]) -> Decimal:
    return steps.money(of_id(world, item["Id"])["UnitPrice"])


def posts(world: World) -> list[dict[str, Any]]:
    return [one for one in world.journal() if one["method"] == "POST"]


def edited_here(person: Visitor, service: str, **typed: str | bool) -> None:
    person.go("catalogue/")
    person.follow(service)
    person.press("Save", typed)


def test_X_11_items_become_services_once_where_that_is_chosen(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, items_made_there="It becomes a service of the catalogue")
    for each in (world, other):
        their_item(each, Description="Nightly", UnitPrice=19.5, Taxable=True)
        looked(each)
    assert services(world) == []
    assert services(other) == [
        ("Backup", "Nightly", Decimal("19.5"), True),
        ("IT services", "", Decimal(0), False),
    ]
    for _ in range(2):
        looked(other)
    assert len(services(other)) == 2, "nothing comes in twice"
    other.customer()
    steps.generate(charlie, **{"lines-0-service": "Backup"})
    other.work()
    (theirs,) = other.held("Invoice")
    (line,) = steps.sold(theirs)
    assert line["SalesItemLineDetail"]["ItemRef"]["name"] == "Backup"


def test_X_11_a_service_of_the_same_name_is_taken_for_the_item(
    world: World, alice: Visitor
) -> None:
    new_service(alice, "Backup")
    item = their_item(world, UnitPrice=19.5)
    choose(alice, items_made_there="bring_in")
    looked(world)
    assert [name for name, *_ in services(world)] == ["Backup", "IT services"]
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    (theirs,) = world.held("Invoice")
    assert steps.sold(theirs)[0]["SalesItemLineDetail"]["ItemRef"]["value"] == item["Id"]


def test_X_11_price_of_many_decimals_is_rounded_here(world: World, alice: Visitor) -> None:
    their_item(world, "Kilobyte", UnitPrice=0.0012345)
    looked(world)
    choose(alice, items_made_there="bring_in")
    assert [(name, price) for name, _, price, _ in services(world)] == [
        ("IT services", Decimal(0)),
        ("Kilobyte", Decimal("0.001235")),
    ]
    their_item(world)
    looked(world)
    assert "Backup" in [name for name, *_ in services(world)], "the company is still looked at"


def test_X_11_item_whose_names_are_taken_comes_in_under_another_one(
    world: World, alice: Visitor
) -> None:
    group = world.bookkeeper("Item", {"Name": "Managed " * 12, "Type": "Category"})
    parent = {"ParentRef": {"value": group["Id"]}, "SubItem": True}
    inner = their_item(world, **parent)
    for name in ("Backup", f"Backup ({inner['Id']})"):
        alice.go("catalogue/new/")
        alice.press("Add service", {"name": name, "unit_price": "7"})
    looked(world)
    alice.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    alice.press("Save", {"Item for Backup": "IT services"})
    choose(alice, items_made_there="bring_in")
    assert [name for name, *_ in services(world)] == [
        "Backup",
        f"Backup ({inner['Id']})",
        f"Backup ({inner['Id']}, 2)",
    ]
    assert len(inner["FullyQualifiedName"]) > 100


def test_X_11_services_that_share_an_item_keep_it_when_items_of_their_names_come_in(
    world: World, alice: Visitor
) -> None:
    shared = ("Backup", "Storage")
    for name in shared:
        new_service(alice, name)
        map_to(alice, name, "IT services")
    choose(alice, items_made_there="bring_in")
    for name in shared:
        their_item(world, name)
    looked(world)
    brought = [name for name, *_ in services(world)]
    assert [one for one in brought if one in shared] == ["Backup", "Storage"]
    assert len(brought) == 4, "the new items are services of their own"
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    (theirs,) = world.held("Invoice")
    assert steps.sold(theirs)[0]["SalesItemLineDetail"]["ItemRef"]["name"] == "IT services"


@pytest.mark.parametrize(
    ("rule", "field", "there", "here", "kept"),
    [
        ("item_name_owner", "name", {"Name": "Cloud backup"}, "Cloud backup", "Backup"),
        ("item_description_owner", "description", {"Description": "Hourly"}, "Hourly", "Nightly"),
        ("item_price_owner", "unit_price", {"UnitPrice": 25}, Decimal(25), Decimal("19.5")),
        ("item_tax_owner", "taxable", {"Taxable": False}, False, True),
    ],
)
@pytest.mark.parametrize("owner", ["theirs", "ours"])
def test_X_11_change_there_is_taken_over_or_undone_by_whoever_owns_the_field(
    world: World,
    alice: Visitor,
    other: World,
    charlie: Visitor,
    rule: str,
    field: str,
    there: dict[str, Any],
    here: object,
    kept: object,
    owner: str,
) -> None:
    choose(charlie, **{rule: owner})
    for each, person in ((world, alice), (other, charlie)):
        choose(person, items_made_there="bring_in")
        item = their_item(each, Description="Nightly", UnitPrice=19.5, Taxable=True)
        looked(each)
        with each.inside():
            service = Service.objects.get(name="Backup")
        changed_there(each, item["Id"], **there)
        theirs = of_id(each, item["Id"])
        undone = each is other and owner == "ours"
        ((name, value),) = there.items()
        said = steps.money(theirs[name]) if field == "unit_price" else theirs[name]
        assert (said == value) is not undone
        taken = each is other and owner == "theirs"
        assert getattr(each.fresh(service), field) == (here if taken else kept)
        each.forget_calls()
        looked(each)
        assert [one for one in each.journal() if one["method"] == "POST"] == [], "at rest"


def test_X_11_change_here_goes_to_the_item_where_the_field_is_ours(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, **dict.fromkeys(OWNERS, "ours"))
    for each, person in ((world, alice), (other, charlie)):
        choose(person, items_made_there="bring_in")
        item = their_item(each, UnitPrice=19.5)
        looked(each)
        each.forget_calls()
        edited_here(
            person,
            "Backup",
            name="Cloud backup",
            description="Hourly",
            unit_price="25.125",
            taxable=True,
        )
        each.work()
        theirs = of_id(each, item["Id"])
        said = (theirs["Name"], theirs.get("Description", ""), steps.money(theirs["UnitPrice"]))
        if each is world:
            assert said == ("Backup", "", Decimal("19.5"))
            assert each.journal() == []
        else:
            assert said == ("Cloud backup", "Hourly", Decimal("25.125"))
            assert theirs["Taxable"] is True
            metered = [one["metered"] for one in each.journal()]
            assert metered == [True, False], "theirs is read and goes with ours on top, once"
        each.forget_calls()
        looked(each)
        assert [one for one in each.journal() if one["method"] == "POST"] == []


def test_X_11_change_here_stays_here_and_is_overwritten_where_quickbooks_owns_it(
    world: World, alice: Visitor
) -> None:
    choose(alice, items_made_there="bring_in", item_price_owner="theirs")
    item = their_item(world, UnitPrice=19.5)
    looked(world)
    edited_here(alice, "Backup", unit_price="25")
    looked(world)
    assert steps.money(of_id(world, item["Id"])["UnitPrice"]) == Decimal("19.5")
    assert ("Backup", "", Decimal("19.5"), False) in services(world)


def test_X_11_item_that_was_made_active_again_stands_for_its_service_from_then_on(
    world: World, alice: Visitor
) -> None:
    item = their_item(world, UnitPrice=19.5)
    looked(world)
    new_service(alice, "Backup", "19.5")
    map_to(alice, "Backup", "Backup")
    changed_there(world, item["Id"], Active=False)
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Backup"})
    world.work()
    alice.go(MAPPING_PAGE)
    alice.follow("Make Backup active again")
    alice.press("Make it active again")
    world.work()
    choose(alice, item_price_owner="ours")
    edited_here(alice, "Backup", unit_price="25")
    steps.generate(alice)
    world.work()
    assert price_there(world, item) == 25
    assert len(world.held("Invoice")) == 2
    changed_there(world, item["Id"], UnitPrice=30)
    assert price_there(world, item) == 25, "a change there is undone as any other"
    with world.inside():
        assert invariants.violations() == []


def test_X_11_item_of_a_ledger_account_is_left_as_it_is_and_what_comes_later_goes_on(
    world: World, alice: Visitor
) -> None:
    choose(alice, income_account_use="The ledger account of its service")
    with world.inside():
        support = catalogue.create_ledger_account(code="4020", name="Support")
        factories.service("Helpdesk", ledger_account=support)
    alice.go(MAPPING_PAGE)
    alice.press("Save", {"Account for 4020 Support": "Hardware Sales"})
    world.customer()
    steps.generate(alice, **{"lines-0-service": "Helpdesk"})
    world.work()
    choose(alice, items_made_there="bring_in", item_price_owner="ours")
    looked(world)
    edited_here(alice, "4020 Support", unit_price="25")
    steps.generate(alice, **{"lines-0-service": "Helpdesk"})
    world.work()
    assert len(world.held("Invoice")) == 2
    (item,) = [one for one in world.held("Item") if one["Name"] == "4020 Support"]
    assert steps.money(item.get("UnitPrice", 0)) == 0


def test_X_11_item_that_stood_for_another_service_is_left_as_it_is_and_what_comes_later_goes_on(
    world: World, alice: Visitor
) -> None:
    choose(alice, item_price_owner="ours")
    item = their_item(world, UnitPrice=19.5)
    looked(world)
    new_service(alice, "Storage")
    new_service(alice, "Archive")
    map_to(alice, "Storage", "Backup")
    edited_here(alice, "Storage", unit_price="25")
    world.work()
    map_to(alice, "Storage", "The default service item")
    map_to(alice, "Archive", "Backup")
    edited_here(alice, "Archive", unit_price="30")
    world.customer()
    steps.generate(alice)
    world.work()
    assert len(world.held("Invoice")) == 1
    assert price_there(world, item) == 25


def test_X_11_change_here_goes_to_the_item_that_was_chosen_last_and_the_choice_stays(
    world: World, alice: Visitor
) -> None:
    choose(alice, item_price_owner="ours")
    former, latter = their_item(world, "Backup"), their_item(world, "Cloud backup")
    looked(world)
    new_service(alice, "Storage")
    map_to(alice, "Storage", "Backup")
    edited_here(alice, "Storage", unit_price="25")
    world.work()
    map_to(alice, "Storage", "Cloud backup")
    edited_here(alice, "Storage", unit_price="30")
    world.work()
    assert (price_there(world, former), price_there(world, latter)) == (25, 30)
    assert chosen_for(world, "Storage") == latter["Id"]


def test_X_11_choice_made_while_a_change_of_the_former_item_was_due_stays(
    world: World, alice: Visitor
) -> None:
    choose(alice, item_price_owner="ours")
    their_item(world, "Backup")
    latter = their_item(world, "Cloud backup")
    looked(world)
    new_service(alice, "Storage")
    map_to(alice, "Storage", "Backup")
    edited_here(alice, "Storage", unit_price="25")
    relay.relay(world.organization.id)
    map_to(alice, "Storage", "Cloud backup")
    world.work()
    assert chosen_for(world, "Storage") == latter["Id"]
    looked(world)
    world.work()
    assert price_there(world, latter) == 25


def test_X_11_price_of_many_decimals_is_taken_over_rounded(world: World, alice: Visitor) -> None:
    choose(alice, items_made_there="bring_in", item_price_owner="theirs")
    made = [their_item(world, name, UnitPrice=19.5) for name in ("Backup", "Kilobyte")]
    looked(world)
    world.forget_calls()
    for item, price in zip(made, (25, 0.0012345), strict=True):
        changed_there(world, item["Id"], UnitPrice=price)
    assert [(name, price) for name, _, price, _ in services(world)] == [
        ("Backup", Decimal(25)),
        ("IT services", Decimal(0)),
        ("Kilobyte", Decimal("0.001235")),
    ]
    assert posts(world) == []


def test_X_11_price_that_was_rounded_here_is_not_sent_back(world: World, alice: Visitor) -> None:
    choose(alice, items_made_there="bring_in", **dict.fromkeys(OWNERS, "ours"))
    item = their_item(world, "Kilobyte", UnitPrice=0.0012345)
    looked(world)
    edited_here(alice, "Kilobyte", description="A thousand bytes")
    world.work()
    looked(world)
    theirs = of_id(world, item["Id"])
    assert (theirs["Description"], theirs["UnitPrice"]) == ("A thousand bytes", 0.0012345)


def test_X_11_description_of_several_lines_goes_once(world: World, alice: Visitor) -> None:
    choose(alice, items_made_there="bring_in", item_description_owner="ours")
    item = their_item(world, Description="Nightly\nWeekly")
    looked(world)
    world.forget_calls()
    edited_here(alice, "Backup", description="Nightly\r\nWeekly")
    looked(world)
    assert posts(world) == [], "a browser ends lines in its own way"
    edited_here(alice, "Backup", description="Nightly\r\nHourly")
    for _ in range(3):
        world.work()
        looked(world)
    assert of_id(world, item["Id"])["Description"] == "Nightly\nHourly"
    assert len(posts(world)) == 1


def test_X_11_name_that_is_taken_there_is_refused_once_until_somebody_changes_it(
    world: World, alice: Visitor
) -> None:
    choose(alice, items_made_there="bring_in", item_name_owner="ours")
    item = their_item(world)
    world.bookkeeper("Item", {"Name": "Storage", "Type": "Category"})
    looked(world)
    edited_here(alice, "Backup", name="Storage")
    world.work()
    with world.inside():
        service = Service.objects.get(name="Storage")
    assert world.job(service).state == JobState.ERRORED
    world.forget_calls()
    for _ in range(3):
        looked(world)
        world.work()
    assert posts(world) == []
    assert world.job(service).state == JobState.ERRORED
    changed_there(world, item["Id"], Name="Old backup")
    assert len(posts(world)) == 1, "a change there is undone, or refused"
    edited_here(alice, "Storage", name="Cloud storage")
    world.work()
    assert of_id(world, item["Id"])["Name"] == "Cloud storage"
    assert world.job(service).state == JobState.SYNCED


def test_X_11_owner_that_is_chosen_later_counts_for_what_differs_already(
    world: World, alice: Visitor
) -> None:
    choose(alice, items_made_there="bring_in", item_price_owner="ours")
    item = their_item(world, UnitPrice=19.5, Description="Nightly")
    looked(world)
    edited_here(alice, "Backup", unit_price="25", description="Hourly")
    world.work()
    looked(world)
    assert of_id(world, item["Id"])["Description"] == "Nightly"
    choose(alice, item_description_owner="ours")
    world.work()
    assert of_id(world, item["Id"])["Description"] == "Hourly"


def test_X_33_import_brings_items_in_as_services_that_the_invoices_then_name(
    world: World, alice: Visitor
) -> None:
    item = their_item(world, UnitPrice=19.5)
    customer = world.bookkeeper("Customer", {"DisplayName": "Adatum"})
    line = {
        "Amount": 19.5,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}},
    }
    body = {"CustomerRef": {"value": customer["Id"]}, "DocNumber": "Q-1", "Line": [line]}
    world.bookkeeper("Invoice", body)
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("See what there is")
    world.work()
    assert "2 items" in alice.again().region("Invoices made in QuickBooks")
    alice.press("Bring them in", {"items": True})
    for _ in range(8):
        world.work()
    assert [name for name, *_ in services(world)] == ["Backup", "IT services"]
    with world.inside():
        named = list(InvoiceLine.objects.values_list("service__name", flat=True))
    assert named == ["Backup"]


def test_pieces_that_were_sold_meanwhile_stay_sold_when_a_price_goes_again(
    world: World, alice: Visitor
) -> None:
    accounts = {one.get("AccountSubType"): one["Id"] for one in world.held("Account")}
    (income,) = [one["Id"] for one in world.held("Account") if one["Name"] == "Services"]
    choose(alice, **dict.fromkeys(OWNERS, "ours"), items_made_there="bring_in")
    item = world.bookkeeper(
        "Item",
        {
            "Name": "Backup",
            "Type": "Inventory",
            "TrackQtyOnHand": True,
            "QtyOnHand": 10,
            "InvStartDate": "2026-01-01",
            "UnitPrice": 19.5,
            "IncomeAccountRef": {"value": income},
            "ExpenseAccountRef": {"value": accounts["SuppliesMaterialsCogs"]},
            "AssetAccountRef": {"value": accounts["Inventory"]},
        },
    )
    looked(world)
    customer = world.bookkeeper("Customer", {"DisplayName": "Walk-in"})
    world.trouble("status", status=503, times=1, method="POST", entity="Item")
    edited_here(alice, "Backup", unit_price="25")
    world.work()
    assert price_there(world, item) != 25, "it has not arrived"
    world.bookkeeper(
        "Invoice",
        {
            "CustomerRef": {"value": customer["Id"]},
            "Line": [
                {
                    "DetailType": "SalesItemLineDetail",
                    "Amount": 78,
                    "SalesItemLineDetail": {
                        "ItemRef": {"value": item["Id"]},
                        "Qty": 4,
                        "UnitPrice": 19.5,
                    },
                }
            ],
        },
    )
    assert of_id(world, item["Id"])["QtyOnHand"] == 6
    for _ in range(3):
        world.later(minutes=5)
        world.work()
    assert price_there(world, item) == 25
    assert of_id(world, item["Id"])["QtyOnHand"] == 6
