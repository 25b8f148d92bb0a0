"""An answer is stored whole or not at all, whichever statement a worker dies before."""

from itertools import count
from typing import Any

import pytest

from billing.models import Invoice
from integrations.models import Intent, IntentState, Link, SyncDue
from integrations.outbound import new_entries
from integrations.outbound.effects import Effect, LaneEffect, Send
from tests.integrations.doomed import Doomed
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

# Marking the intent, the link and the job takes more statements than this.
AT_LEAST = 5


def test_worker_that_dies_while_it_stores_an_answer_leaves_the_intent_open_or_all_of_it(
    world: World,
) -> None:
    """QuickBooks forgets request ids besides, so that a second sending would be a second invoice."""
    customer = world.linked_customer()
    world.trouble("requestid_ignored", times=None)
    for lives_for in count():
        invoice = world.invoice(customer)
        worker = Doomed(lives_for, once=sends)
        worker.works(world)
        if not worker.is_dead:
            break
        assert _is_whole(world, invoice), f"in two pieces after {lives_for} statements"
        SyncDue.objects.update(lease_until=None)
        world.later(minutes=5)
        world.work()
        assert world.job(invoice).state == "synced"
        numbers = [one["DocNumber"] for one in world.held("Invoice")]
        assert numbers.count(world.fresh(invoice).number) == 1
    assert lives_for > AT_LEAST


def test_answer_that_breaks_while_it_is_stored_takes_no_mark_of_what_moved_with_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both invoices move their customer's balance over there; the change event of that is an echo of the second."""
    customer = world.linked_customer()
    for _ in range(2):
        world.invoice(customer)
    take_over, numbers = new_entries.take_over, count()

    def broken_once(*given: Any) -> None:
        if next(numbers) == 0:
            raise ZeroDivisionError
        take_over(*given)

    monkeypatch.setattr(new_entries, "take_over", broken_once)
    world.work()
    with world.inside():
        assert Link.objects.filter(kind="invoice").count() == 1, "the other is asked about later"
    assert world.link(customer).ripples_until is not None


def sends(phase: str, effect: Effect | LaneEffect) -> bool:
    return phase == "before" and isinstance(effect, Send)


def _is_whole(world: World, invoice: Invoice) -> bool:
    with world.inside():
        intent = Intent.objects.get(local_id=invoice.pk)
        is_linked = Link.objects.filter(local_id=invoice.pk).exists()
    return intent.state == (IntentState.ANSWERED if is_linked else IntentState.OPEN)
