"""A worker that was held up, for long or while another one took over, sends and commits nothing that is not its own."""

import pytest
from django.db.models import F

from integrations.models import ApiCall, Intent, IntentState, SyncDue
from integrations.outbound.effects import Effect, LaneEffect, Send
from integrations.outbound.push import SEND_WITHIN
from regentra import clock
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def test_answer_that_comes_once_another_worker_serves_is_left_to_that_one(world: World) -> None:
    invoice = world.invoice(world.linked_customer())

    def taken_over(phase: str, effect: Effect | LaneEffect) -> None:
        if phase == "before" and isinstance(effect, Send):
            SyncDue.objects.update(lease_token=F("lease_token") + 1)

    world.work(observe=taken_over)
    assert len(world.held("Invoice")) == 1
    assert world.job(invoice).state == "pending"
    with world.inside():
        assert Intent.objects.get(local_id=invoice.pk).state == IntentState.OPEN
        assert ApiCall.objects.filter(local_id=invoice.pk).count() == 1, "the ledger has it"
    SyncDue.objects.update(lease_until=None)
    world.later(minutes=5)
    world.work()
    assert world.job(invoice).state == "synced"
    assert len(world.held("Invoice")) == 1


def test_write_that_was_held_up_before_it_left_is_not_sent_any_more(world: World) -> None:
    """Another worker may have looked for it in vain by then."""
    invoice = world.invoice(world.linked_customer())

    def held_up(phase: str, effect: Effect | LaneEffect) -> None:
        if phase == "before" and isinstance(effect, Send):
            standing.advance(seconds=SEND_WITHIN.total_seconds() + 1)

    with clock.frozen(clock.now()) as standing:
        world.work(observe=held_up)
    assert world.held("Invoice") == []
    world.later(minutes=5)
    world.work()
    assert len(world.held("Invoice")) == 1
    assert world.job(invoice).state == "synced"
