"""Payments move from invoice to invoice: whatever arrives first over there, both sides end up equal."""

from typing import Any

import pytest

from billing.models import Invoice, Payment
from billing.money import Money
from billing.services import invoices, payments
from integrations.documents import Kind
from integrations.models import Discrepancy
from integrations.outbound import wishes
from tests import factories
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def bills(world: World) -> tuple[Invoice, Invoice]:
    customer = world.linked_customer()
    made = world.invoice(customer), world.invoice(customer)
    with world.inside():
        for one in made:
            invoices.send(invoice=one)
    world.work()
    return made


def pay(world: World, invoice: Invoice) -> Payment:
    with world.inside():
        return factories.payment(world.fresh(invoice), "100")


def move(world: World, payment: Payment, to: Invoice) -> None:
    """The whole of it settles another invoice now."""
    with world.inside():
        allocations = {to.pk: Money(10000, "USD")}
        payments.change(payment=world.fresh(payment), allocations=allocations)


def applied(payment: dict[str, Any]) -> list[str]:
    return [linked["TxnId"] for line in payment.get("Line", []) for linked in line["LinkedTxn"]]


def open_questions(world: World) -> int:
    with world.inside():
        return Discrepancy.objects.filter(closed_at=None).count()


def test_payment_that_finds_no_room_comes_again_when_another_is_about_to_make_it(
    world: World,
) -> None:
    first, second = bills(world)
    former = pay(world, first)
    world.work()
    move(world, former, second)
    newer = pay(world, first)
    with world.inside():
        wishes.send_now(Kind.PAYMENT, newer.pk)
    for _ in range(3):
        world.work()
        world.later(minutes=5)
    assert (world.job(former).state, world.job(newer).state) == ("synced", "synced")
    held = {one["Id"]: applied(one) for one in world.held("Payment")}
    assert held == {
        world.link(former).remote_id: [world.link(second).remote_id],
        world.link(newer).remote_id: [world.link(first).remote_id],
    }


def test_payment_that_finds_no_room_comes_again_when_its_invoice_is_about_to_rise(
    world: World,
) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    with world.inside():
        invoices.edit(invoice=world.fresh(invoice), lines=[factories.line("150")])
    world.trouble("status", status=503, entity="invoice")
    with world.inside():
        payment = factories.payment(world.fresh(invoice), "150")
    for _ in range(3):
        world.work()
        world.later(minutes=5)
    assert (world.job(invoice).state, world.job(payment).state) == ("synced", "synced")
    assert [float(one["Balance"]) for one in world.held("Invoice")] == [0]


def test_payment_that_finds_no_room_and_has_nothing_to_wait_for_is_parked(world: World) -> None:
    first, _ = bills(world)
    world.pays(first, "100.00")
    ours = pay(world, first)
    world.work()
    assert world.job(ours).state == "errored"


def test_invoice_is_voided_over_there_once_its_payment_has_been_taken_back(world: World) -> None:
    first, second = bills(world)
    payment = pay(world, first)
    world.work()
    world.trouble("request_dropped", entity="payment")
    move(world, payment, second)
    world.work()
    with world.inside():
        invoices.void(invoice=world.fresh(first))
    world.work()
    waiting = world.job(first)
    assert (waiting.state, waiting.reason_code) == ("blocked", "payment_not_taken_back")
    for _ in range(3):
        world.later(minutes=5)
        world.work()
    assert (world.job(first).state, world.job(payment).state) == ("synced", "synced")
    bill = next(one for one in world.held("Invoice") if one["Id"] == world.link(first).remote_id)
    assert float(bill["TotalAmt"]) == 0
    assert [applied(one) for one in world.held("Payment")] == [[world.link(second).remote_id]]
    assert open_questions(world) == 0
