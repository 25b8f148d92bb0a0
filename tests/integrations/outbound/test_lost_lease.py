"""A worker that was held up while another one took over commits nothing more, whatever it has learned."""

import pytest
from django.db.models import F

from integrations.models import ApiCall, Intent, IntentState, SyncDue
from integrations.outbound.push import Effect, LaneEffect, Send
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
