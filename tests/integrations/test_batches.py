"""The batch lane: thirty writes in one metered call, each with a fate of its own, none ever doubled."""

import json

import pytest

from billing.models import Customer, Invoice
from billing.services import invoices
from integrations.models import Batch, Connection, Intent, SyncDue, SyncJob
from integrations.outbound import batch_choice, relay
from integrations.outbound.keys import REQUEST_ID_LENGTH
from tenants.models import AuditEntry
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def catch_up(world: World) -> None:
    with world.inside():
        batch_choice.catch_up(world.connection, actor=world.owner)


def waiting(world: World, many: int, customer: Customer | None = None) -> list[Invoice]:
    """So many invoices of a known customer, not yet sent, with the wish to catch up."""
    customer = customer or world.linked_customer()
    made = [world.invoice(customer) for _ in range(many)]
    world.forget_calls()
    catch_up(world)
    return made


def kinds_of_call(world: World) -> list[str]:
    return [call["path"].rpartition("/")[2] for call in world.journal()]


def settle(world: World) -> None:
    """Long enough for everything that was in doubt."""
    for _ in range(3):
        world.later(minutes=4)
        world.work()


def assert_each_is_there_once(world: World, made: list[Invoice]) -> None:
    numbers = [theirs["DocNumber"] for theirs in world.held("Invoice")]
    assert sorted(numbers) == sorted(invoice.number for invoice in made)
    with world.inside():
        assert not SyncJob.objects.exclude(state="synced").exists()
        assert not Intent.objects.filter(state="open").exists()


def test_thirty_travel_in_one_metered_call(world: World) -> None:
    made = waiting(world, 65)
    world.work()
    assert_each_is_there_once(world, made)
    assert [(call["metered"], call["path"].rpartition("/")[2]) for call in world.journal()] == [
        (True, "batch")
    ] * 3
    with world.inside():
        rows = list(Batch.objects.order_by("created_at"))
    assert [len(row.intent_ids) for row in rows] == [30, 30, 5]
    assert all(row.answered_at and len(row.request_id) <= 36 for row in rows)
    assert not world.connection.catch_up, "the wish ends with the backlog"


def test_without_need_nothing_is_batched(world: World) -> None:
    customer = world.linked_customer()
    made = [world.invoice(customer) for _ in range(5)]
    world.forget_calls()
    world.work()
    assert kinds_of_call(world) == ["invoice"] * len(made)


def test_customers_come_before_their_invoices_in_batches_too(world: World) -> None:
    names = [f"Customer {number}" for number in range(4)]
    made = [
        world.invoice(world.customer(name, email=f"c{number}@example.com"))
        for number, name in enumerate(names)
    ]
    catch_up(world)
    world.work()
    assert_each_is_there_once(world, made)
    assert kinds_of_call(world) == ["batch", "batch"]


def test_edits_travel_in_batches_and_voids_by_themselves(world: World) -> None:
    made = waiting(world, 3)
    world.work()
    with world.inside():
        for invoice in made[:2]:
            invoices.edit(invoice=world.fresh(invoice), notes="edited")
        invoices.void(invoice=world.fresh(made[2]))
    world.forget_calls()
    catch_up(world)
    world.work()
    assert sorted(kinds_of_call(world)) == ["batch", "invoice"]
    notes = [theirs.get("CustomerMemo", {}).get("value", "") for theirs in world.held("Invoice")]
    assert notes[:2] == ["edited", "edited"]


def test_one_refused_part_holds_up_no_other(world: World) -> None:
    customer = world.linked_customer()
    made = waiting(world, 3, customer)
    theirs = {"value": world.link(customer).remote_id}
    line = {"DetailType": "SalesItemLineDetail", "Amount": "5.00"}
    taken = {"CustomerRef": theirs, "DocNumber": made[1].number, "Line": [
        {**line, "SalesItemLineDetail": {"ItemRef": {"value": world.held("Item")[0]["Id"]}}}
    ]}  # fmt: skip
    world.bookkeeper("Invoice", taken)
    world.work()
    assert [world.job(invoice).state for invoice in made] == ["synced", "blocked", "synced"]


@pytest.mark.parametrize("trouble", ["answer_dropped", "truncated"])
def test_lost_answer_is_looked_up_with_one_query_for_all(world: World, trouble: str) -> None:
    world.trouble("requestid_ignored", times=None)
    made = waiting(world, 12)
    world.trouble(trouble, path="/batch")
    world.work()
    assert kinds_of_call(world) == ["batch", "query"]
    assert_each_is_there_once(world, made)


def test_batch_that_never_arrived_is_sent_again_when_it_no_longer_can(world: World) -> None:
    world.trouble("requestid_ignored", times=None)
    made = waiting(world, 4)
    world.trouble("request_dropped", path="/batch")
    world.work()
    assert world.held("Invoice") == []
    world.later(minutes=1)
    world.work()
    assert world.held("Invoice") == [], "it could still arrive"
    settle(world)
    assert_each_is_there_once(world, made)


def test_write_that_went_out_alone_before_keeps_its_own_key_though_others_travel_together(
    world: World,
) -> None:
    """Held up on the wire, looked for in vain and throttled, the first copy arrives after all."""
    customer = world.linked_customer()
    invoice = world.invoice(customer)
    world.trouble("request_dropped", entity="invoice")
    world.work()
    world.trouble("throttled", entity="invoice")
    world.later(minutes=5)
    world.work()
    with world.inside():
        (lost,) = Intent.objects.filter(local_id=invoice.pk)
    assert (lost.state, lost.sends) == ("refused", 1)
    world.posted("invoice", json.loads(lost.body), requestid=lost.op_key[:REQUEST_ID_LENGTH])
    others = waiting(world, 3, customer=customer)
    world.later(minutes=5)
    world.work()
    assert sorted(kinds_of_call(world)) == ["batch", "invoice"]
    assert_each_is_there_once(world, [invoice, *others])


def test_write_that_went_out_alone_after_a_batch_keeps_its_own_key_from_then_on(
    world: World,
) -> None:
    made = waiting(world, 2)
    world.trouble("request_dropped", path="/batch")
    world.work()
    with world.inside():
        Connection.objects.update(catch_up=False)
    world.trouble("request_dropped", times=2, entity="invoice")
    world.later(minutes=5)
    world.work()
    assert world.held("Invoice") == []
    world.forget_calls()
    catch_up(world)
    world.later(minutes=5)
    world.work()
    assert [kind for kind in kinds_of_call(world) if kind != "query"] == ["invoice", "invoice"]
    assert_each_is_there_once(world, made)


def test_half_of_a_batch_was_done_before_the_line_went_dead(world: World) -> None:
    """The other half is missing over there when we look."""
    world.trouble("requestid_ignored", times=None)
    made = waiting(world, 6)
    world.trouble("answer_dropped", path="/batch")
    world.trouble("status", status=500, path="/query")
    world.work()
    world.calm()
    world.trouble("requestid_ignored", times=None)
    for theirs in world.held("Invoice")[::2]:
        keys = {name: theirs[name] for name in ("Id", "SyncToken")}
        world.bookkeeper("Invoice", keys, operation="delete")
    settle(world)
    settle(world)
    numbers = [theirs["DocNumber"] for theirs in world.held("Invoice")]
    assert sorted(numbers) == sorted(invoice.number for invoice in made)


def test_batch_refused_as_a_whole_goes_out_one_by_one(world: World) -> None:
    made = waiting(world, 3)
    world.trouble("fault", code="1040", path="/batch")
    world.work()
    assert kinds_of_call(world) == ["invoice", "invoice", "invoice"], "beside the refused one"
    assert_each_is_there_once(world, made)


def test_throttled_batch_waits_a_minute_and_counts_against_nobody(world: World) -> None:
    made = waiting(world, 3)
    world.trouble("throttled", path="/batch")
    world.work()
    row = SyncDue.objects.get(connection_id=world.connections[-1])
    assert row.paused_until is not None
    with world.inside():
        assert not SyncJob.objects.filter(refusals__gt=0).exists()
    settle(world)
    assert_each_is_there_once(world, made)


def test_token_that_expired_is_renewed_once_for_a_whole_batch(world: World) -> None:
    made = waiting(world, 3)
    world.trouble("expired_token", path="/batch")
    world.work()
    assert_each_is_there_once(world, made)
    assert kinds_of_call(world) == ["batch"], "beside the one with the old token"


def test_interrupted_round_is_looked_up_with_one_query(world: World) -> None:
    """A worker that died left many writes in doubt; the next asks once for all of them."""
    customer = world.linked_customer()
    made = [world.invoice(customer) for _ in range(6)]
    world.trouble("answer_dropped", times=6, entity="Invoice")
    world.trouble("status", status=500, times=6, path="/query")
    world.work()
    world.calm()
    world.forget_calls()
    world.later(minutes=20)
    SyncDue.objects.update(sweep_due_at=None)
    world.work()
    assert kinds_of_call(world) == ["query"]
    assert_each_is_there_once(world, made)


def test_what_catching_up_takes_is_told_before_and_kept(world: World) -> None:
    customer = world.linked_customer()
    for _ in range(31):
        world.invoice(customer)
    relay.relay(world.organization.id)
    with world.inside():
        plan = batch_choice.catch_up(world.connection, actor=world.owner)
        (noted,) = AuditEntry.objects.filter(action="quickbooks.catch_up")
    assert (plan.documents, plan.batch.metered, plan.single.metered) == (31, 2, 0)
    assert noted.detail == {"documents": 31, "metered_calls": 2}
