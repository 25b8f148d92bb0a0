"""An answer is stored whole or not at all, whichever statement a worker dies before."""

from contextlib import suppress
from itertools import count
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from billing.models import Invoice
from integrations.models import Intent, IntentState, Link, SyncDue
from integrations.outbound.effects import Effect, LaneEffect, Send
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

# Marking the intent, the link and the job takes more statements than this.
AT_LEAST = 5
# What the server does by itself for a process that is gone.
CLEARING = ("ROLLBACK", "RELEASE")


class Killed(BaseException):
    """The process ended here; it says nothing to the database any more."""


class Doomed:
    """A worker that dies before the statement of this number after its request has been answered."""

    def __init__(self, lives_for: int) -> None:
        self.lives_for = lives_for
        self.has_sent = self.is_dead = False

    def observe(self, phase: str, effect: Effect | LaneEffect) -> None:
        if phase == "before" and isinstance(effect, Send):
            self.has_sent = True

    def on_statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.has_sent and not sql.startswith(CLEARING):
            self.is_dead = self.is_dead or self.lives_for == 0
            if self.is_dead:
                raise Killed
            self.lives_for -= 1
        return execute(sql, params, many, context)

    def works(self, world: World) -> None:
        """A turn in a thread of its own: with its own connection, and nothing of it outlives it."""
        thread = Thread(target=self._turn, args=[world])
        thread.start()
        thread.join()

    def _turn(self, world: World) -> None:
        with suppress(Killed), connection.execute_wrapper(self.on_statement):
            world.work(observe=self.observe)
        connection.close()


def test_worker_that_dies_while_it_stores_an_answer_leaves_the_intent_open_or_all_of_it(
    world: World,
) -> None:
    """QuickBooks forgets request ids besides, so that a second sending would be a second invoice."""
    customer = world.linked_customer()
    world.trouble("requestid_ignored", times=None)
    for lives_for in count():
        invoice = world.invoice(customer)
        worker = Doomed(lives_for)
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


def _is_whole(world: World, invoice: Invoice) -> bool:
    with world.inside():
        intent = Intent.objects.get(local_id=invoice.pk)
        is_linked = Link.objects.filter(local_id=invoice.pk).exists()
    return intent.state == (IntentState.ANSWERED if is_linked else IntentState.OPEN)
