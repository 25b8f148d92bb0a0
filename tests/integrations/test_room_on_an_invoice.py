"""Payments move from invoice to invoice: whatever arrives first over there, both sides end up equal."""

from typing import Any

import pytest

from billing.models import Invoice, Payment
from billing.money import Money
from billing.services import invoices, payments
from integrations.documents import Kind
from integrations.job_states import JobState
from integrations.models import Discrepancy, SyncJob
from integrations.outbound import wishes
from tests import factories
from tests.features.test_import_rows import their_invoice
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def bills(world: World, number: int = 2) -> tuple[Invoice, ...]:
    customer = world.linked_customer()
    made = tuple(world.invoice(customer) for _ in range(number))
    with world.inside():
        for one in made:
            invoices.send(invoice=one)
    world.work()
    return made


def pay(world: World, invoice: Invoice, amount: str = "100") -> Payment:
    with world.inside():
        return factories.payment(world.fresh(invoice), amount)


def move(world: World, payment: Payment, *to: Invoice, each: int = 10000) -> None:
    """It settles these invoices now."""
    with world.inside():
        allocations = {one.pk: Money(each, "USD") for one in to}
        payments.change(payment=world.fresh(payment), allocations=allocations)


def passes(world: World) -> None:
    """Time in which all that goes by itself goes."""
    for _ in range(6):
        world.later(minutes=5)
        world.work()


def places(world: World) -> dict[str, list[str]]:
    return {one["Id"]: applied(one) for one in world.held("Payment")}


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


@pytest.mark.parametrize("are_refused", [False, True])
def test_payments_that_change_places_while_nothing_goes_arrive(
    world: World, are_refused: bool
) -> None:
    """Each needs the room of the other, so both let go first; also once somebody has them tried again."""
    first, second = bills(world)
    one, other = pay(world, first), pay(world, second)
    world.work()
    move(world, one)
    move(world, other, first)
    move(world, one, second)
    if are_refused:
        world.work()
        with world.inside():
            SyncJob.objects.filter(kind=Kind.PAYMENT).update(state=JobState.ERRORED)
            for payment in (one, other):
                wishes.send_now(Kind.PAYMENT, payment.pk)
    passes(world)
    assert places(world) == {
        world.link(one).remote_id: [world.link(second).remote_id],
        world.link(other).remote_id: [world.link(first).remote_id],
    }
    assert (world.job(one).state, world.job(other).state) == ("synced", "synced")


def test_payments_that_go_round_three_invoices_in_parts_arrive(world: World) -> None:
    bill = bills(world, 3)
    paid = [pay(world, one) for one in bill]
    world.work()
    for payment in paid:
        move(world, payment)
    for payment, left in zip(paid, bill, strict=True):
        move(world, payment, *(one for one in bill if one != left), each=5000)
    passes(world)
    ids = [world.link(one).remote_id for one in bill]
    for payment, left in zip(paid, ids, strict=True):
        there = places(world)[world.link(payment).remote_id]
        assert sorted(there) == sorted(one for one in ids if one != left)
        assert world.job(payment).state == "synced"


def test_payment_that_lets_go_and_finds_no_room_is_parked_with_what_it_let_go(
    world: World,
) -> None:
    first, second = bills(world)
    payment = pay(world, first)
    world.work()
    world.pays(second, "100.00")
    move(world, payment, second)
    newer = pay(world, first)
    passes(world)
    assert (world.job(payment).state, world.job(newer).state) == ("errored", "synced")
    held = places(world)
    assert held[world.link(payment).remote_id] == []
    assert held[world.link(newer).remote_id] == [world.link(first).remote_id]


def test_what_a_payment_keeps_on_an_invoice_of_theirs_is_not_let_go_for_want_of_room(
    world: World,
) -> None:
    """It lets nothing go, so it goes as a whole, and is refused as a whole."""
    first, second = bills(world)
    theirs = their_invoice(world, world.held("Invoice")[0]["CustomerRef"]["value"])
    parts = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": bill, "TxnType": "Invoice"}]}
        for amount, bill in ((100, theirs["Id"]), (50, world.link(first).remote_id))
    ]
    whose = {"CustomerRef": theirs["CustomerRef"]}
    world.bookkeeper("Payment", {**whose, "TotalAmt": 200, "Line": parts})
    world.due_now()
    world.work()
    with world.inside():
        payment = Payment.objects.get()
    assert payment.amount.minor == 10000
    world.pays(second, "100.00")
    move(world, payment, first, second, each=5000)
    other = pay(world, second, "20")
    passes(world)
    assert {world.job(payment).state, world.job(other).state} == {"errored"}
    held = places(world)[world.link(payment).remote_id]
    assert sorted(held) == sorted([theirs["Id"], world.link(first).remote_id])


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
