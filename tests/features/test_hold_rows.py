"""Rows about what is held back on purpose: invoices on hold or not approved, and a company whose sending is paused."""

import pytest

from integrations.outbound import drain
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def count(world: World) -> int:
    return len(world.held("Invoice"))


def test_X_67_where_approval_is_needed_only_approved_invoices_go(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    charlie.go("settings/sync-rules/")
    charlie.press("Save", {"approval": "needed"})
    for each, person in ((world, alice), (other, charlie)):
        each.customer()
        number = steps.generate(person)
        each.work()
    assert (count(world), count(other), other.held("Customer")) == (1, 0, [])
    assert "Needs approval" in charlie.again().region("QuickBooks")
    assert number not in charlie.go("exceptions/").text, "it is meant"
    steps.open_invoice(charlie, number)
    charlie.press("Approve")
    other.work()
    assert count(other) == 1


def test_X_58_invoice_on_hold_goes_once_it_is_approved_and_its_payment_after_it(
    world: World, alice: Visitor
) -> None:
    world.linked_customer()
    number = steps.generate(alice)
    alice.press("Put on hold")
    steps.send(alice, number)
    steps.mark_paid(alice)
    world.work()
    world.due_now()
    world.work()
    assert (world.held("Invoice"), world.held("Payment")) == ([], [])
    world.work()
    assert "It is on hold" in alice.again().region("QuickBooks")
    alice.press("Send to QuickBooks" if alice.page.form("Send to QuickBooks") else "Try again")
    world.work()
    assert count(world) == 0, "no button passes over a hold"
    alice.again()
    alice.press("Approve")
    world.work()
    world.work()
    (theirs,) = world.held("Invoice")
    assert steps.money(theirs["Balance"]) == 0
    assert "Invoice approved" in alice.again().text


def test_X_53_paused_company_gets_nothing_and_what_it_changes_is_taken_in(
    world: World, alice: Visitor
) -> None:
    world.linked_customer()
    first = steps.generate(alice)
    world.work()
    alice.go(steps.QUICKBOOKS_PAGE)
    assert "Sending is paused" in alice.press("Pause sending").text
    number = steps.generate(alice)
    world.work()
    assert count(world) == 1
    assert "Needs sending to go on" in alice.again().region("QuickBooks")
    assert number not in alice.go("exceptions/").text
    world.pays(steps.invoice(world, first), "40")
    steps.notified(world)
    assert "Part paid" in steps.open_invoice(alice, first).text
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Go on sending")
    world.work()
    assert count(world) == 2


def test_X_53_next_batch_is_sent_and_then_nothing(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "ROUND", dict.fromkeys(drain.ROUND, 2))
    world.linked_customer()
    for _ in range(3):
        steps.generate(alice)
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Send the next batch, then pause")
    world.work()
    assert count(world) == 2, "as many as go together"
    assert "Sending is paused" in alice.again().text
    world.due_now()
    world.work()
    assert count(world) == 2
    alice.press("Go on sending")
    world.work()
    assert count(world) == 3


def test_X_53_next_batch_after_which_it_pauses_is_one_that_went(
    world: World, alice: Visitor
) -> None:
    customer = world.linked_customer()
    world.invoice(customer)
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Send the next batch, then pause")
    world.trouble("throttled", entity="Invoice")
    world.work()
    assert "Sending is paused" not in alice.again().text
    world.later(minutes=5)
    world.work()
    assert len(world.held("Invoice")) == 1
    assert "Sending is paused" in alice.again().text
