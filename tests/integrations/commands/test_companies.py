"""What an operator has done at once: sync, sweep, drain and reconcile, beside workers and never against them."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from billing.models import Invoice, Status
from integrations import rule_changes
from integrations.models import Connection, ConnectionStatus, SyncDue
from integrations.outbound import due, lease, relay
from regentra import clock
from tests import factories
from tests.integrations.conftest import box, connected, intuit, running, unconnected, world
from tests.integrations.world import World

__all__ = ["box", "connected", "intuit", "running", "unconnected", "world"]

pytestmark = pytest.mark.django_db(transaction=True)


def run(command: str, *words: str) -> tuple[str, str]:
    """What it said, and what it complained of. A company that is busy is not waited for."""
    out, complaints = io.StringIO(), io.StringIO()
    try:
        call_command(command, *words, "--patience=0", stdout=out, stderr=complaints)
    except CommandError as failed:
        complaints.write(f"\nfailed: {failed}")
    return out.getvalue(), complaints.getvalue()


@pytest.fixture
def invoice(world: World) -> Iterator[Invoice]:
    """Of a customer both sides know, not sent yet."""
    yield world.invoice(world.linked_customer())


def test_drain_sends_what_is_owed_until_nothing_is_due(world: World) -> None:
    customer = world.linked_customer()
    made = [world.invoice(customer) for _ in range(5)]
    relay.relay(world.organization.id)
    said, complaints = run("drain")
    assert "5 sent\n1 of 1 companies served." in said
    assert complaints == ""
    numbers = sorted(one["DocNumber"] for one in world.held("Invoice"))
    assert numbers == sorted(each.number for each in made)


def test_drain_says_what_did_not_go_out(world: World, invoice: Invoice) -> None:
    world.trouble("fault", code="6000", entity="Invoice")
    relay.relay(world.organization.id)
    said, _ = run("drain")
    assert "0 sent, 1 errored (6000)" in said


@pytest.mark.parametrize("command", ["drain", "sync"])
def test_what_quickbooks_does_not_confirm_is_no_success(
    world: World, invoice: Invoice, command: str
) -> None:
    world.trouble("fault", code="10000", entity="Invoice", times=None)
    relay.relay(world.organization.id)
    said, complaints = run(command)
    assert "0 of 1 companies served" in said
    assert "0 sent, 1 pending (" in complaints
    assert (
        "QuickBooks has not confirmed what is pending; it is tried again by itself." in complaints
    )
    assert "failed: 1 could not be served" in complaints


def test_what_is_to_go_in_the_night_is_no_failure(world: World, invoice: Invoice) -> None:
    with world.inside():
        rule_changes.adopt({"push_when": "nightly"}, actor=world.owner)
    relay.relay(world.organization.id)
    said, complaints = run("drain")
    assert "0 sent, 1 pending (goes_by_night)" in said
    assert complaints == ""


def test_sweep_takes_in_what_was_changed_there(world: World, invoice: Invoice) -> None:
    world.work()
    world.pays(invoice, "100.00")
    said, _ = run("sweep", "--organization", world.organization.slug)
    assert "changes read" in said
    assert world.fresh(invoice).status == Status.PAID


def test_sync_takes_up_sends_and_looks(world: World, invoice: Invoice) -> None:
    said, complaints = run("sync", "--connection", str(world.connections[-1]))
    assert "1 sent, changes read" in said
    assert complaints == ""
    world.pays(invoice, "100.00")
    run("sync")
    assert world.fresh(invoice).status == Status.PAID


def passed_over(world: World) -> None:
    """Looking for changes begins after all that has happened so far."""
    with world.inside():
        Connection.objects.update(changes_since=clock.now() + timedelta(minutes=10))


def test_reconcile_finds_what_no_look_at_changes_shows(world: World, invoice: Invoice) -> None:
    world.work()
    (theirs,) = world.held("Invoice")
    changed = {"Id": theirs["Id"], "SyncToken": theirs["SyncToken"], "sparse": True}
    world.bookkeeper("Invoice", {**changed, "CustomerMemo": {"value": "Thanks"}})
    passed_over(world)
    _, complaints = run("reconcile")
    assert "failed: Not equal: 1" in complaints


def test_reconcile_reports_by_kind_and_is_content_when_both_hold_the_same(
    world: World, invoice: Invoice
) -> None:
    said, complaints = run("reconcile")
    assert "both sides hold the same" in said
    assert complaints == ""
    world.trouble("fault", code="6000", entity="Customer")
    second = world.customer("Contoso", email="ap@contoso.example")
    world.invoice(second)
    said, complaints = run("reconcile")
    assert "customer: 1 errored; invoice: 1 blocked" in said
    assert "failed: Not equal: 2" in complaints


def test_reconcile_books_a_payment_that_was_overlooked(world: World, invoice: Invoice) -> None:
    world.work()
    world.pays(invoice, "100.00")
    passed_over(world)
    assert "both sides hold the same" in run("reconcile")[0]
    assert world.fresh(invoice).status == Status.PAID


def test_company_that_a_worker_is_at_is_left_to_it(world: World, invoice: Invoice) -> None:
    relay.relay(world.organization.id)
    worker = lease.take(world.connections[-1])
    assert worker is not None
    said, complaints = run("drain")
    assert "A worker is at it; its lease lasts until" in complaints
    assert "failed: 1 could not be served" in complaints
    assert "0 of 1 companies served" in said
    assert world.held("Invoice") == []
    worker.release()
    run("drain")
    assert len(world.held("Invoice")) == 1


def test_company_that_asked_for_a_pause_is_left_alone(world: World, invoice: Invoice) -> None:
    relay.relay(world.organization.id)
    due.pause(world.connections[-1])
    assert "QuickBooks asked us to pause until" in run("drain")[1]
    assert world.held("Invoice") == []


def test_throttled_in_the_middle_it_stops_and_says_so(world: World, invoice: Invoice) -> None:
    world.trouble("throttled")
    relay.relay(world.organization.id)
    _, complaints = run("drain")
    assert "0 sent, 1 pending (" in complaints
    row = SyncDue.objects.get(connection_id=world.connections[-1])
    assert row.paused_until is not None and row.lease_until is None


def test_company_that_is_held_or_disconnected_gets_nothing(world: World, invoice: Invoice) -> None:
    relay.relay(world.organization.id)
    with world.inside():
        Connection.objects.update(held=True)
    assert "0 sent, 1 blocked (company_not_confirmed)" in run("drain")[0]
    world.disconnect()
    assert "0 of 0 companies served" in run("drain")[0]
    named = run("drain", "--connection", str(world.connections[-1]))
    assert "It is not connected." in named[1]
    assert world.held("Invoice") == []


@pytest.mark.parametrize("command", ["sync", "sweep", "drain", "reconcile"])
def test_company_that_needs_reconnect_is_named(world: World, command: str) -> None:
    with world.inside():
        Connection.objects.update(status=ConnectionStatus.NEEDS_CONSENT)
    said, complaints = run(command)
    assert "0 of 1 companies served" in said
    assert f"{world.organization.slug}, {world.connection.company_name}: It has to be" in complaints
    assert "an admin presses Reconnect" in complaints
    assert "failed: 1 could not be served" in complaints


@pytest.mark.parametrize("command", ["sync", "sweep", "drain", "reconcile"])
def test_unknown_names_are_said(world: World, command: str) -> None:
    assert "There is no organization 'nobody'" in run(command, "--organization", "nobody")[1]
    stranger = str(uuid4())
    assert f"There is no connection {stranger}" in run(command, "--connection", stranger)[1]


def test_organization_that_was_not_named_is_not_touched(world: World, invoice: Invoice) -> None:
    relay.relay(world.organization.id)
    other = factories.organization("elsewhere")
    assert "0 of 0 companies served" in run("drain", "--organization", other.slug)[0]
    mine: dict[str, Any] = {"organization": other.slug, "connection": str(world.connections[-1])}
    words = [f"--{name}={value}" for name, value in mine.items()]
    assert "is not one of 'elsewhere'" in run("drain", *words)[1]
    assert world.held("Invoice") == []
