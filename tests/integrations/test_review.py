"""What a hostile reading of the engine found, each as the story that went wrong."""

import json
from typing import Any

import pytest

from billing.models import Status
from billing.services import customers, invoices, payments
from integrations.models import Discrepancy, Intent
from integrations.outbound import relay
from tests import factories
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def paid_invoice(world: World) -> tuple[Any, Any]:
    """An invoice and its payment, both of ours and both over there."""
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        invoices.send(invoice=world.fresh(invoice))
        payment = payments.mark_paid(
            invoice=world.fresh(invoice), received_on=factories.TODAY, method="cash"
        )
    world.work()
    return invoice, payment


def at(point: str, then: Any) -> Any:
    """Does something at a named point of a push, once."""
    done: list[str] = []

    def observe(phase: str, effect: object) -> None:
        if f"{phase} {type(effect).__name__}" == point and not done:
            done.append(point)
            then()

    return observe


def test_edit_that_never_arrived_is_not_taken_for_done(world: World) -> None:
    customer = world.linked_customer()
    world.trouble("request_dropped", entity="Customer")
    with world.inside():
        customers.update(customer=customer, line1="1 Main Street", contact_name="Ann Lee")
    world.work()
    assert world.job(customer).state == "pending"
    world.later(minutes=5)
    world.work()
    (theirs,) = world.held("Customer")
    assert theirs["BillAddr"]["Line1"] == "1 Main Street"
    assert world.job(customer).state == "synced"


def test_edit_that_was_held_up_on_its_way_and_arrives_at_last_is_known_again(world: World) -> None:
    """It comes after it was looked for and before it is sent again, so the version has moved on by ourselves."""
    invoice = world.invoice(world.linked_customer())
    world.work()
    world.trouble("request_dropped", entity="Invoice")
    with world.inside():
        invoices.edit(invoice=world.fresh(invoice), lines=[factories.line("150")])
    world.work()
    with world.inside():
        lost = Intent.objects.get(local_id=invoice.pk, state="open")
    world.later(minutes=5)
    world.work(at("before Send", lambda: world.posted("invoice", json.loads(lost.body))))
    assert world.job(invoice).state == "synced"
    assert world.fresh(lost).state == "adopted"
    world.due_now()
    world.work()
    assert float(world.held("Invoice")[0]["TotalAmt"]) == 150
    with world.inside():
        assert not Discrepancy.objects.exists()


def test_unapplied_payment_is_voided_over_there_too(world: World) -> None:
    _, payment = paid_invoice(world)
    with world.inside():
        payments.change(payment=world.fresh(payment), allocations={})
    world.work()
    with world.inside():
        payments.void(payment=world.fresh(payment))
    world.work()
    assert float(world.held("Payment")[0]["TotalAmt"]) == 0


def test_payment_and_then_its_invoice_are_voided(world: World) -> None:
    invoice, payment = paid_invoice(world)
    with world.inside():
        payments.void(payment=world.fresh(payment))
        invoices.void(invoice=world.fresh(invoice))
    world.work()
    assert (world.job(payment).state, world.job(invoice).state) == ("synced", "synced")
    assert float(world.held("Payment")[0]["TotalAmt"]) == 0
    assert float(world.held("Invoice")[0]["TotalAmt"]) == 0


def test_nothing_is_begun_after_a_disconnect_in_the_middle_of_a_turn(world: World) -> None:
    customer = world.linked_customer()
    for _ in range(12):
        world.invoice(customer)
    world.work(observe=at("after CommitAnswer", world.disconnect))
    assert len(world.held("Invoice")) < 12
    world.connect(realm=world.realm)
    for _ in range(3):
        world.later(minutes=5)
        world.work()
    numbers = [theirs["DocNumber"] for theirs in world.held("Invoice")]
    assert len(numbers) == len(set(numbers)) == 12


def test_disconnect_with_a_lost_answer_goes_on_after_reconnecting(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.trouble("request_dropped", entity="Invoice")
    world.work(observe=at("before Send", world.disconnect))
    world.calm()
    world.connect(realm=world.realm)
    for _ in range(3):
        world.later(minutes=5)
        world.work()
    assert world.job(invoice).state == "synced"
    assert len(world.held("Invoice")) == 1


def test_edit_during_a_send_that_is_refused_goes_out(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.trouble("fault", code="6000", entity="Invoice")

    def cure() -> None:
        with world.inside():
            invoices.edit(invoice=world.fresh(invoice), notes="cured")
        relay.relay(world.organization.id)

    world.work(observe=at("before Send", cure))
    world.work()
    assert world.job(invoice).state == "synced"
    assert world.held("Invoice")[0]["CustomerMemo"]["value"] == "cured"


def test_older_state_in_the_change_feed_settles_no_update(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    world.trouble("request_dropped", entity="Invoice")
    with world.inside():
        invoices.edit(invoice=world.fresh(invoice), notes="lost on the way")
    world.work()
    world.due_now()
    world.work()
    with world.inside():
        assert not Discrepancy.objects.exists()
    world.later(minutes=5)
    world.work()
    assert world.held("Invoice")[0]["CustomerMemo"]["value"] == "lost on the way"


def test_void_of_what_was_deleted_over_there_is_done(world: World) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="delete")
    with world.inside():
        invoices.void(invoice=world.fresh(invoice))
    world.work()
    assert world.fresh(invoice).status == Status.VOID
    assert world.job(invoice).state == "synced"


def test_settings_of_the_company_are_read_again_with_its_lists(world: World) -> None:
    with world.inside():
        connection = world.connection
        known = connection.company
        connection.company = {**known, "edition": "as it was at connect", "uses_tax": False}
        connection.lists_read_at = None
        connection.save(update_fields=["lists_read_at", "company"])
    world.due_now()
    world.work()
    assert world.connection.company == known
