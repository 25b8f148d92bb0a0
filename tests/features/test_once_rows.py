"""Rows about doing it once and cheaply: lost answers, dead workers, two at a time, what each document cost."""

import threading
from typing import Any

import pytest
from django.db import connections

from integrations.models import ApiCall, Intent, Link
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

# From the decision to the stored answer.
POINTS = ("after CommitIntent", "before Send", "after Send", "after CommitAnswer")
SETTLED_AFTER_MINUTES = 5


class Killed(BaseException):
    """The worker is gone in the middle of a step."""


def dies_at(point: str) -> Any:
    """Watches a worker, which does not live to take the step after this one."""

    def observe(phase: str, effect: object) -> None:
        if f"{phase} {type(effect).__name__}" == point:
            raise Killed

    return observe


@pytest.mark.parametrize("point", POINTS)
def test_N_03_X_18_X_24_worker_dies_anywhere_and_there_is_exactly_one_invoice(
    world: World, bob: Visitor, point: str
) -> None:
    """QuickBooks ignores the request id besides, so that only the mark in the document tells."""
    world.linked_customer()
    number = steps.generate(bob)
    world.trouble("requestid_ignored", times=None)
    with pytest.raises(Killed):
        world.work(dies_at(point))
    for _ in range(3):
        world.later(minutes=SETTLED_AFTER_MINUTES)
        world.work()
    assert [one["DocNumber"] for one in world.held("Invoice")] == [number]
    assert "Synced" in bob.again().region("QuickBooks")


def test_X_16_X_18_answer_that_was_lost_is_looked_for_and_not_sent_again(
    world: World, bob: Visitor
) -> None:
    world.linked_customer()
    world.trouble("answer_dropped", entity="Invoice")
    steps.generate(bob)
    world.work()
    assert len(world.held("Invoice")) == 1
    shown = bob.again()
    assert "Synced" in shown.region("QuickBooks")
    assert "Found in QuickBooks after a lost answer; not sent again" in shown.text


def test_X_17_sent_again_under_the_same_request_id_it_stays_the_same_document(
    world: World, bob: Visitor
) -> None:
    """Our rows are those of a backup made before the invoice went out."""
    world.linked_customer()
    steps.generate(bob)
    world.work()
    with world.inside():
        Link.objects.filter(kind="invoice").delete()
        Intent.objects.filter(kind="invoice").delete()
    world.forget_calls()
    bob.again()
    bob.press("Try again")
    world.work()
    assert [call["replayed"] for call in world.journal()] == [True]
    assert len(world.held("Invoice")) == 1
    assert "Synced" in bob.again().region("QuickBooks")


def test_X_36_pressed_twice_and_taken_up_by_a_second_worker_meanwhile_it_is_sent_once(
    world: World, bob: Visitor
) -> None:
    world.linked_customer()
    world.forget_calls()
    steps.generate(bob, QuickBooks=False)
    form = bob.page
    for _ in range(2):
        bob.page = form
        bob.press("Send to QuickBooks")

    def meanwhile(phase: str, effect: object) -> None:
        if (phase, type(effect).__name__) == ("before", "Send"):
            second_worker(world)

    world.work(meanwhile)
    assert [call["operation"] for call in world.journal()] == ["create"]
    assert "Synced" in bob.again().region("QuickBooks")


def second_worker(world: World) -> None:
    """Takes a turn of its own, with a database connection of its own."""

    def turn() -> None:
        world.work()
        connections.close_all()

    worker = threading.Thread(target=turn)
    worker.start()
    worker.join()


def test_N_01_X_41_invoice_of_a_known_customer_costs_one_free_call_and_every_call_is_on_record(
    unconnected: World, bob: Visitor
) -> None:
    world = unconnected
    world.connect(custom_numbers=True)
    world.work()
    world.linked_customer()
    before = len(world.journal())
    many = tuple((f"Seat {place}", "1", "10") for place in range(3))
    for lines in (steps.ONE_LINE, many):
        steps.generate(bob, lines=lines)
        world.work()
        assert "Cost 1 call, 0 metered" in bob.again().region("QuickBooks")
    calls = world.journal()
    assert [(call["method"], call["metered"]) for call in calls[before:]] == [("POST", False)] * 2
    with world.inside():
        on_record = list(ApiCall.objects.values_list("reference", flat=True))
    assert sorted(on_record) == sorted(call["intuit_tid"] for call in calls)
