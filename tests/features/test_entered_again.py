"""What a restore has lost here and stands in QuickBooks, entered once more by staff."""

from collections.abc import Iterator

import pytest

from billing.models import Invoice, Payment
from integrations.checkup import check_up
from tests.backup import Backup
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.steps import money
from tests.features.test_email_rows import compare, restore
from tests.features.test_import_rows import look
from tests.features.test_payment_rows import open_invoices
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


@pytest.fixture(autouse=True)
def sending_goes_on(unconnected: World) -> Iterator[None]:
    yield
    check_up(unconnected.organization.id)
    assert unconnected.connection.stopped_for == ""


def looks(world: World) -> None:
    for _ in range(4):
        world.later(minutes=20)
        world.work()
        look(world)


def long_after(world: World) -> None:
    """No look reads back as far as to what was there before."""
    world.control("POST", "clock", {"advance": 1200})
    looks(world)


def left_there(world: World) -> dict[str, int]:
    return {one["DocNumber"]: int(money(one["Balance"])) for one in world.held("Invoice")}


def left_here(world: World) -> dict[str, int]:
    with world.inside():
        return {one.number: int(one.balance.amount) for one in Invoice.objects.all()}


def lose_invoice_that_was_paid_there(world: World, person: Visitor, amount: str) -> str:
    backup = Backup.of(world.organization.pk)
    number = steps.generate(person)
    steps.send(person, number)
    world.work()
    world.pays(steps.invoice(world, number), amount)
    look(world)
    restore(world, backup)
    compare(world)
    long_after(world)
    return number


@pytest.mark.parametrize("amount", ["100", "40"])
def test_invoice_comes_back_with_what_was_paid_on_it_there(
    world: World, alice: Visitor, amount: str
) -> None:
    open_invoices(world, alice)
    number = lose_invoice_that_was_paid_there(world, alice, amount)
    assert steps.generate(alice) == number
    steps.send(alice, number)
    looks(world)
    assert left_there(world)[number] == 100 - int(amount)
    assert left_here(world) == left_there(world)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_invoice_that_was_paid_there_is_paid_once_when_staff_enter_its_payment_too(
    world: World, alice: Visitor
) -> None:
    open_invoices(world, alice)
    number = lose_invoice_that_was_paid_there(world, alice, "100")
    assert steps.generate(alice) == number
    steps.send(alice, number)
    steps.mark_paid(alice)
    looks(world)
    assert len(world.held("Payment")) == 1
    assert left_here(world) == left_there(world)
    with world.inside():
        assert Payment.objects.count() == 1
