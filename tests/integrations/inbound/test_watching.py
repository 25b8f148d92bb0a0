"""When a company is looked at, what that costs, and what is found after a long silence."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from billing.models import Payment, Status
from billing.services import payments
from integrations.governor.pace import Unpaced
from integrations.inbound import rhythm
from integrations.inbound.sweep import Sweep
from integrations.models import (
    Connection,
    Discrepancy,
    Doorbell,
    MirrorEntry,
    ReadBudget,
    SyncDue,
)
from integrations.outbound import lease
from integrations.outbound.drain import THREADS
from integrations.outbound.perform import unobserved
from integrations.serving import Turn, store_of
from regentra import clock
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def production(unconnected: World) -> World:
    """A company whose reads Intuit meters."""
    unconnected.connect(custom_numbers=True, environment="production")
    unconnected.work()
    unconnected.forget_calls()
    return unconnected


def due(world: World) -> SyncDue:
    return SyncDue.objects.get(connection_id=world.connections[-1])


def idle_for(**time: float) -> None:
    SyncDue.objects.update(active_at=clock.now() - timedelta(**time))


def operations(world: World) -> list[str]:
    return [call["path"].rpartition("/")[2] for call in world.journal()]


def test_company_falls_asleep_and_wakes_up_with_work(world: World) -> None:
    idle_for(days=2)
    world.due_now()
    world.work()
    assert world.due_in() > timedelta(hours=6)
    world.invoice(world.customer())
    world.work()
    world.due_now()
    SyncDue.objects.update(sweep_due_at=clock.now())
    world.work()
    assert world.due_in() <= rhythm.AWAKE


def test_long_look_keeps_its_lease(world: World) -> None:
    """A full comparison of a large company lasts longer than one lease."""
    world.invoice(world.customer())
    world.work()
    held = lease.take_now(world.connections[-1])
    assert held is not None
    held.until = clock.now() + timedelta(seconds=1)
    SyncDue.objects.update(lease_until=held.until)
    turn = Turn(store_of(held), Unpaced(), unobserved, THREADS)
    Sweep(turn.store, turn.books()).run_whole()
    until = due(world).lease_until
    assert until is not None and until - clock.now() > timedelta(seconds=20)


def test_change_over_there_keeps_a_company_awake(world: World) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    world.pays(invoice, "40.00")
    idle_for(days=2)
    world.due_now()
    world.work()
    assert world.due_in() <= rhythm.AWAKE


def test_what_is_read_counts_against_the_month(production: World) -> None:
    before = ReadBudget.objects.get().used
    production.due_now()
    production.work()
    assert ReadBudget.objects.get().used == before + 1


def test_writes_go_on_when_the_reads_of_the_month_are_used_up(
    production: World, settings: Any
) -> None:
    settings.INTUIT_MONTHLY_READS = 1
    ReadBudget.objects.update(used=1)
    invoice = production.invoice(production.customer())
    production.due_now()
    production.work()
    assert production.job(invoice).state == "synced"
    assert operations(production) == ["customer", "invoice"]
    assert due(production).sweep_due_at > clock.now() + timedelta(minutes=30)


def test_company_that_is_not_metered_is_looked_at_when_the_reads_of_the_month_are_used_up(
    world: World, settings: Any
) -> None:
    assert world.connection.environment == "sandbox"
    invoice = world.invoice(world.customer())
    world.work()
    settings.INTUIT_MONTHLY_READS = 0
    world.pays(invoice, "100.00")
    world.due_now()
    world.work()
    assert world.fresh(invoice).status == "PAID"


def test_lost_answer_waits_for_reads_and_is_never_sent_twice(
    production: World, settings: Any
) -> None:
    invoice = production.invoice(production.linked_customer())
    settings.INTUIT_MONTHLY_READS = 1
    ReadBudget.objects.update(used=1)
    production.trouble("requestid_ignored", times=None)
    production.trouble("answer_dropped", entity="Invoice")
    for _ in range(4):
        production.work()
        production.later(minutes=20)
    assert production.job(invoice).state == "pending"
    settings.INTUIT_MONTHLY_READS = 1000
    production.later(minutes=20)
    production.work()
    assert production.job(invoice).state == "synced"
    assert len(production.held("Invoice")) == 1


def test_after_more_than_thirty_days_everything_is_compared(world: World) -> None:
    """The change feed goes no further back: a payment, a deletion and a new customer are found all the same."""
    customer = world.linked_customer()
    paid, gone = world.invoice(customer), world.invoice(customer)
    world.work()
    (theirs,) = [one for one in world.held("Invoice") if one["DocNumber"] == gone.number]
    world.pays(paid, "100.00")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="delete")
    world.bookkeeper("Customer", {"DisplayName": "Fabrikam"})
    world.control("POST", "clock", {"advance": 40 * 86_400})
    with world.inside():
        Connection.objects.update(changes_since=F("changes_since") - timedelta(days=40))
    world.due_now()
    world.work()
    assert world.fresh(paid).status == Status.PAID
    with world.inside():
        assert Discrepancy.objects.get(closed_at=None).reason_code == "deleted_there"
        assert MirrorEntry.objects.filter(name="Fabrikam", active=True).exists()


def test_own_payment_deleted_during_a_long_silence_is_found(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    with world.inside():
        payments.mark_paid(
            invoice=world.fresh(invoice), received_on=world.fresh(invoice).issued_on, method="cash"
        )
    world.work()
    (theirs,) = world.held("Payment")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Payment", keys, operation="delete")
    with world.inside():
        Connection.objects.update(changes_since=F("changes_since") - timedelta(days=40))
    world.due_now()
    world.work()
    with world.inside():
        assert Payment.objects.get().is_void


def bills_of_a_stranger(world: World, count: int) -> list[dict[str, Any]]:
    """Of a customer of theirs who is not here, as most of a company's may be."""
    stranger = world.bookkeeper("Customer", {"DisplayName": "Not ours"})
    item = {"ItemRef": {"value": world.held("Item")[0]["Id"]}}
    line = {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": item}
    body = {"CustomerRef": {"value": stranger["Id"]}, "Line": [line]}
    return [world.bookkeeper("Invoice", body) for _ in range(count)]


def late_word_comes(world: World) -> list[str]:
    """The webhooks of all that a look has seen already; says what is asked because of them."""
    for minutes in (0, 20):
        world.control("POST", "clock", {"advance": minutes * 60})
        world.due_now()
        world.work()
    world.forget_calls()
    world.deliver(Client())
    for _ in range(4):
        world.later(seconds=40)
        world.work()
    return [call["path"] for call in world.journal()]


def test_late_word_of_many_documents_is_answered_by_one_request_for_each_kind(world: World) -> None:
    bills_of_a_stranger(world, 20)
    asked = late_word_comes(world)
    assert len([path for path in asked if path.endswith("/query")]) == 1, asked
    assert not [path for path in asked if "/invoice/" in path]
    with world.inside():
        assert not Doorbell.objects.filter(closed_at=None).exists()


def test_late_word_of_one_that_is_gone_by_then_is_followed(world: World) -> None:
    """An answer about several leaves out what is gone; the others are not kept waiting."""
    ours = world.invoice(world.linked_customer())
    world.work()
    world.later(minutes=30)
    (theirs,) = world.held("Invoice")
    bills_of_a_stranger(world, 3)
    late_word_comes(world)
    with world.inside():
        for bill in world.held("Invoice"):
            Doorbell.ring_again(world.connection, "invoice", bill["Id"])
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="delete")
    with world.inside():
        Connection.objects.update(changes_since=clock.now() + timedelta(days=1))
    world.later(seconds=40)
    world.due_now()
    world.work()
    with world.inside():
        asked = Discrepancy.objects.get(closed_at=None)
        assert not Doorbell.objects.filter(closed_at=None).exists()
    assert (asked.local_id, asked.reason_code) == (ours.pk, "deleted_there")
