"""X-32: which way new documents go, kind by kind. Two tenants that differ only in it."""

from typing import Any

import pytest

from billing.models import CreditMemo, Customer, Invoice, Payment
from integrations.policies import Direction
from tests import factories
from tests.features.pages import Visitor
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
