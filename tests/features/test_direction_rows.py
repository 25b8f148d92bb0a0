"""X-32: which way new documents go, kind by kind. Two tenants that differ only in it."""

from typing import Any

import pytest

from billing.models import CreditMemo, Customer, Invoice, Payment, Service
from integrations.policies import Direction
from regentra import clock
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_import_rows import bring_in
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

RULES_PAGE = "settings/sync-rules/"
MATRIX = "settings/sync-rules/matrix/"
WAYS = [("push", 1, 0), ("pull", 0, 1), ("off", 0, 0)]


def choose(person: Visitor, **rules: str) -> None:
    person.go(RULES_PAGE)
    assert "Changed: " in person.press("Save", rules).text


def looked(world: World) -> None:
    world.due_now()
    world.work()
    world.work()


def line(world: World) -> dict[str, Any]:
    (item, *_) = world.held("Item")
    detail = {"ItemRef": {"value": item["Id"]}}
    return {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}


def one_payment_on_each_side(world: World) -> None:
    customer = world.linked_customer()
    ours, theirs = world.invoice(customer), world.invoice(customer)
    world.work()
    with world.inside():
        factories.payment(ours, "100")
    world.pays(theirs, "100")
    looked(world)


def one_credit_memo_on_each_side(world: World) -> None:
    customer = world.linked_customer()
    invoice = world.invoice(customer)
    world.work()
    with world.inside():
        factories.payment(invoice, "100")
        factories.credit_memo(Invoice.objects.get(), "10")
    (theirs,) = world.held("Customer")
    world.bookkeeper("CreditMemo", {"CustomerRef": {"value": theirs["Id"]}, "Line": [line(world)]})
    looked(world)


@pytest.mark.parametrize(("way", "goes", "comes"), WAYS)
def test_X_32_payments_go_the_way_that_was_chosen(
    world: World,
    alice: Visitor,
    other: World,
    charlie: Visitor,
    way: str,
    goes: int,
    comes: int,
) -> None:
    choose(charlie, payments_direction=way)
    for each, out, back in ((world, 1, 1), (other, goes, comes)):
        one_payment_on_each_side(each)
        assert len(each.held("Payment")) == 1 + out
        with each.inside():
            assert Payment.objects.count() == 1 + back
    assert "Nothing needs you" in charlie.go("exceptions/").text
    words = {"push": "those made there stay there", "pull": "those made here stay here"}
    assert words.get(way, "stay where they are made") in charlie.go(MATRIX).region("Payments")
    choose(charlie, payments_direction="both")
    other.work()
    assert len(other.held("Payment")) == 2, "what waited goes"


@pytest.mark.parametrize(("way", "goes", "comes"), WAYS)
def test_X_32_credit_memos_go_the_way_that_was_chosen(
    world: World,
    alice: Visitor,
    other: World,
    charlie: Visitor,
    way: str,
    goes: int,
    comes: int,
) -> None:
    choose(charlie, credit_memos_direction=way)
    for each, out, back in ((world, 1, 1), (other, goes, comes)):
        one_credit_memo_on_each_side(each)
        assert len(each.held("CreditMemo")) == 1 + out
        with each.inside():
            assert CreditMemo.objects.count() == 1 + back
    assert "Nothing needs you" in charlie.go("exceptions/").text


@pytest.mark.parametrize(
    ("rules", "goes", "comes"),
    [
        ({"push_when": "generated", "invoices_made_there": "bring_in"}, 1, 1),
        ({"push_when": "generated", "invoices_made_there": "stay"}, 1, 0),
        ({"push_when": "never", "invoices_made_there": "bring_in"}, 0, 1),
        ({"push_when": "never", "invoices_made_there": "stay"}, 0, 0),
    ],
)
def test_X_32_invoices_go_the_way_that_two_rules_say_together(
    world: World, alice: Visitor, rules: dict[str, str], goes: int, comes: int
) -> None:
    alice.go(RULES_PAGE)
    alice.press("Save", rules)
    world.linked_customer()
    (theirs,) = world.held("Customer")
    ref = {"CustomerRef": {"value": theirs["Id"]}, "DocNumber": "Q-1"}
    world.bookkeeper("Invoice", {**ref, "Line": [line(world)]})
    with world.inside():
        customer = Customer.objects.get()
    world.invoice(customer)
    looked(world)
    assert len(world.held("Invoice")) == 1 + goes
    with world.inside():
        assert Invoice.objects.count() == 1 + comes
    shown = alice.go(MATRIX).region("Invoices that nothing is paid on")
    way = Direction.of(goes=bool(goes), comes=bool(comes))
    assert {
        Direction.BOTH: "go both ways",
        Direction.PUSH: "those made there stay there",
        Direction.PULL: "those made here stay here",
        Direction.OFF: "stay where they are made",
    }[way] in shown


def one_customer_on_each_side(world: World, person: Visitor) -> None:
    world.customer()
    steps.generate(person)
    world.bookkeeper("Customer", {"DisplayName": "Tailspin", "CompanyName": "Tailspin Toys"})
    looked(world)


def names_here(world: World) -> set[str]:
    with world.inside():
        return set(Customer.objects.values_list("name", flat=True))


def names_there(world: World) -> set[str]:
    return {one["DisplayName"] for one in world.held("Customer")}


@pytest.mark.parametrize(
    ("rules", "goes", "comes"),
    [
        ({"customers_made_there": "It becomes a customer here"}, True, True),
        (
            {"customers_made_there": "bring_in", "customer_create_policy": "never"},
            False,
            True,
        ),
        ({"customer_create_policy": "never"}, False, False),
    ],
)
def test_X_32_customers_go_the_way_that_two_rules_say_together(
    world: World,
    alice: Visitor,
    other: World,
    charlie: Visitor,
    rules: dict[str, str],
    goes: bool,
    comes: bool,
) -> None:
    choose(charlie, **rules)
    for each, person, out, back in ((world, alice, True, False), (other, charlie, goes, comes)):
        one_customer_on_each_side(each, person)
        assert names_there(each) == {"Tailspin", *(["Adatum"] if out else [])}
        assert names_here(each) == {"Adatum", *(["Tailspin"] if back else [])}
    way = Direction.of(goes=goes, comes=comes)
    words = {Direction.BOTH: "go both ways", Direction.PULL: "those made here stay here"}
    shown = charlie.go(MATRIX).region("Customers")
    assert words.get(way, "stay where they are made") in shown
    assert "those made there stay there" in alice.go(MATRIX).region("Customers")


def test_X_32_customer_that_was_there_when_the_rule_was_chosen_waits_for_an_import(
    world: World, alice: Visitor
) -> None:
    """Also when the first look of a day reads further back. The import leaves out who may be one of ours."""
    mail = {"PrimaryEmailAddr": {"Address": "ap@adatum.example"}}
    for name in ("East", "West"):
        world.bookkeeper("Customer", {"DisplayName": name, **mail})
    with clock.frozen(clock.now()) as now:

        def passes(minutes: int) -> None:
            now.advance(seconds=minutes * 60)
            world.control("POST", "clock", {"advance": minutes * 60})

        passes(20)
        choose(alice, customers_made_there="bring_in", look_back="3_days")
        passes(20)
        world.bookkeeper("Customer", {"DisplayName": "Tailspin"})
        looked(world)
        passes(26 * 60)
        looked(world)
        assert names_here(world) == {"Tailspin"}
        world.customer()
        next_day = Visitor(world.organization, world.owner)
        bring_in(world, next_day)
        assert names_here(world) == {"Tailspin", "Adatum"}
        steps.open_customer(next_day)
        next_day.press("Use this customer", {"customer": "East"})
        for _ in range(3):
            looked(world)
        assert names_here(world) == {"Tailspin", "Adatum", "West"}
    world.control("POST", "clock", {"advance": -(26 * 60 + 40) * 60})


def test_X_32_customer_made_there_that_is_here_already_is_linked_and_not_made_twice(
    world: World, alice: Visitor
) -> None:
    choose(alice, customers_made_there="bring_in")
    ours = world.customer()
    made = world.bookkeeper(
        "Customer",
        {"DisplayName": "Adatum Inc", "PrimaryEmailAddr": {"Address": ours.email}},
    )
    looked(world)
    assert names_here(world) == {"Adatum"}
    assert world.link(ours).remote_id == made["Id"]


def test_X_32_customer_of_ours_whose_answer_was_lost_does_not_come_back_as_another_one(
    world: World, alice: Visitor
) -> None:
    choose(alice, customers_made_there="bring_in")
    world.customer()
    world.trouble("answer_dropped", entity="Customer")
    steps.generate(alice)
    for _ in range(4):
        looked(world)
        world.later(minutes=2)
    assert names_here(world) == {"Adatum"} == names_there(world)
    assert len(world.held("Invoice")) == 1


@pytest.mark.parametrize(
    ("rule", "comes"), [("It becomes a service of the catalogue", 1), ("stay", 0)]
)
def test_X_32_items_made_there_come_in_as_was_chosen_and_ours_go_once_confirmed(
    world: World, alice: Visitor, rule: str, comes: int
) -> None:
    if comes:
        choose(alice, items_made_there=rule)
    with world.inside():
        factories.service("Backup")
    (income,) = [one["Id"] for one in world.held("Account") if one["Name"] == "Services"]
    made = {"Name": "Zebra support", "Type": "Service", "IncomeAccountRef": {"value": income}}
    world.bookkeeper("Item", made)
    looked(world)
    with world.inside():
        assert Service.objects.filter(name="Zebra support").count() == comes
    assert "Backup" not in [one["Name"] for one in world.held("Item")]
    alice.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    alice.follow("Create Backup in QuickBooks")
    alice.press("Create in QuickBooks", {"Income account": "Sales of Product Income"})
    world.work()
    assert "Backup" in [one["Name"] for one in world.held("Item")]
