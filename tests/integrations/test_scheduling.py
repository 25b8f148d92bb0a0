"""Whose turn it is: people first, then the least recently served; nobody's flood keeps anybody waiting."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.db import connections, transaction

from billing.models import OutboxEvent, Wake
from integrations import pulse, serving, tasks
from integrations.documents import Kind
from integrations.models import Pulse, SyncDue, SyncJob
from integrations.outbound import due, jobs, lease, pause, relay, restored
from integrations.outbound.batch_plan import Lane
from integrations.outbound.drain import FAIR_SHARE, IN_FLIGHT
from regentra import clock
from tenants.models import Organization
from tests import factories
from tests.integrations.world import World
from webhooks.tasks import hand_over_soon

pytestmark = pytest.mark.django_db(transaction=True)


def company(organization: Organization, **row: Any) -> SyncDue:
    """Another company as the scheduler sees it: due a minute ago unless told otherwise."""
    past = clock.now() - timedelta(minutes=1)
    values = {"send_due_at": past, "last_served_at": past, **row}
    return SyncDue.objects.create(connection_id=uuid4(), organization=organization, **values)


def served_in_order() -> list[Any]:
    return [row.connection_id for row in due.due_connections(10)]


def test_where_a_person_waits_comes_first_then_the_least_recently_served() -> None:
    organization, now = factories.organization(), clock.now()
    recent = company(organization, last_served_at=now - timedelta(seconds=1))
    long_ago = company(organization, last_served_at=now - timedelta(hours=1))
    never = company(organization, last_served_at=None)
    awaited = company(organization, last_served_at=now, urgent=True)
    expected = [awaited, never, long_ago, recent]
    assert served_in_order() == [row.connection_id for row in expected]


@pytest.mark.parametrize(
    "not_now",
    [
        {"send_due_at": None},
        {"send_due_at": None, "sweep_due_at": timedelta(minutes=1)},
        {"paused_until": timedelta(minutes=1)},
        {"lease_until": timedelta(seconds=1)},
    ],
)
def test_nothing_due_paused_or_leased_is_not_served(not_now: dict[str, Any]) -> None:
    at = {name: wait and clock.now() + wait for name, wait in not_now.items()}
    row = company(factories.organization(), **at)
    assert served_in_order() == []
    assert lease.take(row.connection_id) is None


def test_ended_lease_and_pause_no_longer_count() -> None:
    past = clock.now() - timedelta(seconds=1)
    row = company(factories.organization(), lease_until=past, paused_until=past)
    assert served_in_order() == [row.connection_id]


def test_who_was_served_meanwhile_is_not_served_again() -> None:
    row = company(factories.organization())
    mine = lease.take(row.connection_id)
    assert mine is not None
    SyncDue.objects.update(send_due_at=None)
    mine.release()
    assert lease.take(row.connection_id) is None


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_round_reads_one_index_however_many_companies_are_idle() -> None:
    organization, later = factories.organization(), clock.now() + timedelta(hours=1)
    SyncDue.objects.bulk_create(
        SyncDue(connection_id=uuid4(), organization=organization, sweep_due_at=later)
        for _ in range(3000)
    )
    company(organization)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE integrations_syncdue")
    rows = SyncDue.objects.filter(ready_at__lte=clock.now())
    plan = rows.only("connection_id", "organization_id").order_by("-urgent").explain()
    assert "Index Only Scan using ready_to_serve" in plan


def test_workers_that_come_at_once_serve_one_company_each() -> None:
    organization, now = factories.organization(), clock.now()
    ago = [now - timedelta(minutes=minutes) for minutes in (3, 2, 1)]
    first, second, third = [company(organization, last_served_at=at) for at in ago]
    restored.notice()
    with transaction.atomic():
        mine = lease.take_next()
        with ThreadPoolExecutor(1) as another:
            theirs = another.submit(taken_elsewhere).result()
    last = lease.take_next()
    assert [taken and taken.connection_id for taken in (mine, theirs, last)] == [
        first.connection_id,
        second.connection_id,
        third.connection_id,
    ]
    assert lease.take_next() is None


def taken_elsewhere() -> lease.Lease | None:
    """By a worker with a database connection of its own."""
    try:
        return lease.take_next()
    finally:
        connections.close_all()


def test_round_wakes_one_worker_and_who_sees_more_waiting_wakes_another() -> None:
    organization = factories.organization()
    tasks.tick()
    assert messages() == []
    company(organization)
    tasks.tick()
    assert messages() == ["integrations.tasks.serve_due"]
    tasks.serve_due()
    assert len(messages()) == 1, "nobody else waited"
    for _ in range(30):
        company(organization)
    tasks.serve_due()
    assert messages() == ["integrations.tasks.serve_due"] * 2


def test_wake_ups_that_nobody_took_in_time_are_dropped() -> None:
    company(factories.organization())
    tasks.tick_soon()
    hand_over_soon()
    tasks.tick()
    assert len(messages()) == 3
    for text in waiting_texts():
        ends_at = datetime.fromisoformat(json.loads(text)["headers"]["expires"])
        assert ends_at - clock.now() <= timedelta(seconds=tasks.EXPIRES_SECONDS)


def messages() -> list[str]:
    """The tasks in the queue of the workers."""
    return [json.loads(text)["headers"]["task"] for text in waiting_texts()]


def waiting_texts() -> list[bytes]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
        return list(client.lrange(f"{prefix}{settings.CELERY_TASK_DEFAULT_QUEUE}", 0, -1))


def test_flood_of_one_sends_one_document_and_then_a_share_while_another_waits(world: World) -> None:
    customer = world.linked_customer()
    flood = [world.invoice(customer) for _ in range(20)]
    company(factories.organization())
    relay.relay(world.organization.id)
    world.turn(world.connections[-1])
    assert len(world.held("Invoice")) == 1
    world.turn(world.connections[-1])
    share = FAIR_SHARE[Lane.SINGLE]
    assert share < len(world.held("Invoice")) <= share + IN_FLIGHT
    SyncDue.objects.exclude(connection_id=world.connections[-1]).delete()
    world.work()
    assert len(world.held("Invoice")) == len(flood)


def test_first_turn_of_a_flood_sends_all_while_nobody_waits(world: World) -> None:
    customer = world.linked_customer()
    flood = [world.invoice(customer) for _ in range(20)]
    world.work()
    assert len(world.held("Invoice")) == len(flood)


def test_batch_before_a_pause_goes_as_a_whole_while_another_waits(world: World) -> None:
    customer = world.linked_customer()
    for _ in range(FAIR_SHARE[Lane.SINGLE] + 2):
        world.invoice(customer)
    with world.inside():
        pause.begin_after_batch(world.connection, actor=world.owner)
    company(factories.organization())
    world.work()
    assert len(world.held("Invoice")) == FAIR_SHARE[Lane.SINGLE] + 2
    assert world.connection.paused_at is not None


def test_what_a_person_waits_for_overtakes_what_nobody_waits_for(world: World) -> None:
    with world.inside():
        for kind in (Kind.INVOICE, Kind.INVOICE, Kind.CUSTOMER):
            jobs.want(world.connection, kind, uuid4())
        jobs.want(world.connection, Kind.PAYMENT, uuid4(), urgent=True)
        first = jobs.ready(world.connection, 10)
        SyncJob.objects.filter(urgent=True).delete()
        second = jobs.ready(world.connection, 10)
    assert [job.kind for job in first] == ["payment"]
    assert [job.kind for job in second] == ["customer"]


def test_company_is_no_longer_urgent_when_nobody_waits(world: World) -> None:
    world.invoice(world.linked_customer())
    relay.relay(world.organization.id)
    row = SyncDue.objects.filter(connection_id=world.connections[-1])
    assert row.get().urgent
    world.work()
    assert not row.get().urgent


def test_turn_that_breaks_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.invoice(world.linked_customer())
    relay.relay(world.organization.id)

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(serving.Turn, "take", broken)
        assert serving.serve_next()
    assert not serving.serve_next(), "tried again later"
    world.later(minutes=1)
    world.work()
    assert len(world.held("Invoice")) == 1


def test_event_that_breaks_holds_up_no_other(world: World) -> None:
    """It stays where it is seen as not taken up, and is tried again."""
    customer = world.linked_customer()
    with world.inside():
        broken = OutboxEvent.objects.create(kind="invoice.sent", payload={})
    invoice = world.invoice(customer)
    world.work()
    assert [one["DocNumber"] for one in world.held("Invoice")] == [invoice.number]
    with world.inside():
        assert list(OutboxEvent.objects.filter(relayed_at=None)) == [broken]
    assert relay.waiting_organizations(10) == [world.organization.id]
    assert relay.relay_some(world.organization.id) == 0


def test_many_events_that_break_hold_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = world.linked_customer()
    monkeypatch.setattr(relay, "BATCH", 3)
    with world.inside():
        for _ in range(7):
            OutboxEvent.objects.create(kind="invoice.sent", payload={})
    for _ in range(4):
        world.invoice(customer)
    while relay.relay_some(world.organization.id):
        pass
    world.work()
    assert len(world.held("Invoice")) == 4


def test_many_events_of_one_organization_are_relayed_in_parts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = world.linked_customer()
    monkeypatch.setattr(relay, "BATCH", 3)
    for _ in range(5):
        world.invoice(customer)
    assert relay.relay_some(world.organization.id) == 3
    assert relay.waiting_organizations(10) == [world.organization.id]
    while relay.waiting_organizations(10):
        relay.relay_some(world.organization.id)
    assert not Wake.objects.exists()
    world.work()
    assert len(world.held("Invoice")) == 5


def test_every_company_is_looked_at_after_an_outage_of_our_own() -> None:
    organization, now = factories.organization(), clock.now()
    asleep = company(organization, send_due_at=None, sweep_due_at=now + timedelta(hours=6))
    cut_off = company(organization, send_due_at=None, sweep_due_at=None)
    pulse.beat()
    asleep.refresh_from_db()
    assert asleep.sweep_due_at == now + timedelta(hours=6)
    Pulse.objects.update(at=now - timedelta(hours=1))
    pulse.beat()
    asleep.refresh_from_db()
    cut_off.refresh_from_db()
    assert asleep.sweep_due_at <= clock.now() + pulse.SPREAD
    assert cut_off.sweep_due_at is None, "a company that is not connected stays alone"
