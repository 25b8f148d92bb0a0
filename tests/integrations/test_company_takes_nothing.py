"""A company whose subscription has lapsed, or that was reset: all waits, asks seldom, and goes on by itself."""

import pytest
from django.test import Client

from billing.models import Invoice
from integrations.checkup import check_up
from integrations.models import ApiCall, Connection, ReadBudget, SyncDue, set_policies
from integrations.outbound import pause
from integrations.policies import Policies, SyncCadence
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", ["6190", "10200"])
def test_everything_waits_and_goes_on_by_itself(world: World, client: Client, code: str) -> None:
    customer = world.linked_customer()
    world.trouble("fault", code=code, method="POST", times=None)
    bills = [world.invoice(customer) for _ in range(3)]
    for _ in range(8):
        world.work()
        world.later(minutes=20)
    assert {world.job(each).state for each in bills} <= {"blocked", "pending"}
    assert world.held("Invoice") == []
    world.calm()
    for _ in range(2):
        world.work()
        world.later(minutes=20)
    assert {world.job(each).state for each in bills} == {"synced"}


def test_it_is_said_where_the_document_is(world: World, client: Client) -> None:
    customer = world.linked_customer()
    world.trouble("fault", code="6190", method="POST", times=None)
    invoice = world.invoice(customer)
    world.work()
    assert world.job(invoice).reason_code == "company_takes_nothing"
    client.force_login(world.owner)
    page = client.get(f"/o/{world.organization.slug}/invoices/{invoice.pk}/").content.decode()
    assert "Needs the company put right in QuickBooks" in page
    assert "what waits goes out by itself" in page


def test_a_round_asks_once_and_not_for_each_document(world: World) -> None:
    customer = world.linked_customer()
    world.trouble("fault", code="6190", method="POST", times=None)
    for _ in range(40):
        world.invoice(customer)
    world.forget_calls()
    world.work()
    refused = len(world.journal())
    assert refused <= 32, "what was under way already"
    world.work()
    assert len(world.journal()) == refused


def test_it_goes_on_by_itself_where_nobody_looks_unasked(world: World) -> None:
    customer = world.linked_customer()
    with world.inside():
        set_policies(Policies(sync_cadence=SyncCadence.MANUAL))
    SyncDue.objects.update(sweep_due_at=None)
    assert_tried_every_quarter_of_an_hour(world, world.invoice(customer))


def test_it_goes_on_by_itself_while_the_months_reads_are_used_up(unconnected: World) -> None:
    unconnected.connect(custom_numbers=True, environment="production")
    unconnected.work()
    customer = unconnected.linked_customer()
    ReadBudget.objects.update(used=500_000)
    assert_tried_every_quarter_of_an_hour(unconnected, unconnected.invoice(customer))


def test_it_goes_on_by_itself_after_a_pause_in_which_its_time_came(world: World) -> None:
    customer = world.linked_customer()
    SyncDue.objects.update(sweep_due_at=None)
    bill = lapsed(world, world.invoice(customer))
    with world.inside():
        pause.begin(world.connection, actor=world.owner)
    for _ in range(3):
        pass_time(world, minutes=16)
    world.calm()
    assert world.job(bill).reason_code == "sending_paused"
    with world.inside():
        pause.end(world.connection, actor=world.owner)
    world.work()
    assert world.job(bill).state == "synced"


def test_what_a_worker_of_before_blocked_goes_on_by_itself_where_nobody_looks_unasked(
    world: World,
) -> None:
    """It said nothing of when the company is tried again."""
    customer = world.linked_customer()
    with world.inside():
        set_policies(Policies(sync_cadence=SyncCadence.MANUAL))
    SyncDue.objects.update(sweep_due_at=None)
    bill = lapsed(world, world.invoice(customer))
    SyncDue.objects.update(send_due_at=None)
    with world.inside():
        Connection.objects.update(try_again_at=None)
    check_up(world.organization.id)
    world.work()
    assert world.job(bill).state == "blocked"
    world.calm()
    pass_time(world, minutes=16)
    assert world.job(bill).state == "synced"


def assert_tried_every_quarter_of_an_hour(world: World, bill: Invoice) -> None:
    lapsed(world, bill)
    for _ in range(4):
        pass_time(world, minutes=16)
    with world.inside():
        refused = ApiCall.objects.filter(kind="invoice", status=400).count()
    assert refused in (5, 6), "once more where a look is due"
    world.calm()
    pass_time(world, minutes=16)
    assert world.job(bill).state == "synced"


def lapsed(world: World, bill: Invoice) -> Invoice:
    """The subscription ends, and the invoice finds out."""
    world.trouble("fault", code="6190", method="POST", times=None)
    world.work()
    assert world.job(bill).reason_code == "company_takes_nothing"
    return bill


def pass_time(world: World, *, minutes: int) -> None:
    """Two turns, as what the first one has released may go with the next."""
    world.later(minutes=minutes)
    world.work()
    world.work()
