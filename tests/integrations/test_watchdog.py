"""What is due and is not done is said: to operators at once, to people on the next round."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog
from django.db import DataError
from django.test import Client

from billing.models import Customer, Wake
from integrations import tasks
from integrations.checkup import check_up
from integrations.inbound.sweep import Sweep
from integrations.models import NoticeKind, Notification, SyncDue, set_policies
from integrations.outbound import due, lease, pause
from integrations.policies import Policies, PushWhen
from integrations.serving import serve_next
from regentra import clock
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def said() -> list[Any]:
    with structlog.testing.capture_logs() as lines:
        tasks.watch()
    return [line for line in lines if line["event"] == "work is late"]


def told(world: World) -> list[str]:
    check_up(world.organization.id)
    with world.inside():
        open_ones = Notification.objects.filter(kind=NoticeKind.WORK_LATE, closed_at=None)
        return list(open_ones.values_list("title", flat=True))


def two_hours_of_invoices(world: World, customer: Customer) -> datetime:
    """One in every ten minutes, each with its turns; when that began."""
    start = clock.now()
    for minutes in range(0, 121, 10):
        with clock.frozen(start + timedelta(minutes=minutes)):
            world.work()
            world.invoice(customer)
            world.work()
    return start


def test_quiet_while_all_is_done_in_time(world: World) -> None:
    world.invoice(world.customer())
    with clock.frozen(clock.now() + timedelta(minutes=4)):
        assert said() == []
        assert told(world) == []


def test_company_that_nobody_serves_is_late_until_somebody_does(world: World) -> None:
    SyncDue.objects.update(send_due_at=clock.now())
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        (line,) = said()
        assert line["log_level"] == "error"
        assert line["companies_seconds"] >= 360
        assert told(world) == ["QuickBooks is behind"]
        assert Client().get("/readyz").json()["database"] == "ok"
        world.work()
        assert said() == []
        assert told(world) == []


def test_company_with_much_to_send_is_not_late_while_it_is_served(world: World) -> None:
    an_hour_ago = clock.now() - timedelta(hours=1)
    SyncDue.objects.update(send_due_at=an_hour_ago, last_served_at=clock.now())
    assert said() == []
    assert told(world) == []


@pytest.mark.parametrize(
    "not_due", [{"paused_until": timedelta(hours=1)}, {"lease_until": timedelta(seconds=20)}]
)
def test_company_that_is_paused_or_being_served_is_not_late(
    world: World, not_due: dict[str, timedelta]
) -> None:
    at = {name: clock.now() + wait for name, wait in not_due.items()}
    SyncDue.objects.update(send_due_at=clock.now() - timedelta(hours=1), last_served_at=None, **at)
    assert said() == []


def test_event_that_nobody_relays_is_late(world: World) -> None:
    world.customer()
    Wake.objects.update(created_at=clock.now() - timedelta(minutes=6))
    (line,) = said()
    assert line["events_seconds"] >= 360
    world.work()
    assert said() == []


def test_how_long_work_may_wait_is_a_setting(world: World, settings: Any) -> None:
    settings.LATE_AFTER_SECONDS = 10
    world.customer()
    Wake.objects.update(created_at=clock.now() - timedelta(seconds=11))
    assert len(said()) == 1


def turns(world: World, *, minutes: int) -> None:
    """One each 15 minutes for so long, each followed by a look at what is to be told."""
    start = clock.now()
    for passed in range(0, minutes + 1, 15):
        with clock.frozen(start + timedelta(minutes=passed)):
            world.work()
            check_up(world.organization.id)


def open_notices(world: World) -> list[Notification]:
    with world.inside():
        return list(Notification.objects.filter(kind=NoticeKind.WORK_LATE, closed_at=None))


def test_outage_of_quickbooks_is_told_once_after_an_hour_and_ends_by_itself(world: World) -> None:
    world.due_now()
    world.trouble("status", status=503, times=None)
    start = clock.now()
    turns(world, minutes=60)
    assert open_notices(world) == []
    with clock.frozen(start + timedelta(minutes=75)):
        turns(world, minutes=0)
        (notice,) = open_notices(world)
        assert notice.title == "QuickBooks is behind"
        assert "busy or away for more than an hour" in notice.sentence
        with world.inside():
            Notification.objects.update(read_at=clock.now())
        turns(world, minutes=180)
        (same,) = open_notices(world)
        assert (same.pk, same.read_at) == (notice.pk, clock.now())
    world.calm()
    with clock.frozen(start + timedelta(minutes=270)):
        turns(world, minutes=30)
    assert open_notices(world) == []


def test_look_that_breaks_is_told_though_documents_go_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = world.linked_customer()
    with monkeypatch.context() as broken:
        broken.setattr(Sweep, "run", fail_with(ValueError("an answer nobody foresaw")))
        start = two_hours_of_invoices(world, customer)
    assert len(world.held("Invoice")) == 13
    with clock.frozen(start + timedelta(minutes=121)):
        check_up(world.organization.id)
        (notice,) = open_notices(world)
        assert "Regentra itself has failed" in notice.sentence
        turns(world, minutes=30)
        assert open_notices(world) == []


def fail_with(error: Exception) -> Any:
    def fail(_: object) -> None:
        raise error

    return fail


def test_documents_that_are_put_off_for_an_hour_are_told_where_nobody_looks_unasked(
    world: World,
) -> None:
    customer = world.linked_customer()
    SyncDue.objects.update(sweep_due_at=None)
    world.trouble("status", status=503, times=None)
    world.invoice(customer)
    turns(world, minutes=75)
    (notice,) = open_notices(world)
    assert "has been tried again for more than an hour" in notice.sentence


def test_turn_that_the_database_breaks_is_not_said_to_have_gone_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sweep, "run", fail_with(DataError("numeric field overflow")))
    world.due_now()
    assert serve_next()
    row = SyncDue.objects.get()
    assert (row.last_result, row.failing_since is None) == ("Broken", False)
    page = Client()
    page.force_login(world.owner)
    address = f"/o/{world.organization.slug}/settings/integrations/quickbooks/"
    assert "broke off, it is tried again" in page.get(address).content.decode()


def test_worker_that_dies_at_a_company_each_time_is_told(world: World) -> None:
    world.work()
    SyncDue.objects.update(send_due_at=clock.now())
    start = clock.now()
    for minutes in range(0, 70, 2):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert lease.take(world.connection.id) is not None
            check_up(world.organization.id)
    (notice,) = open_notices(world)
    assert "Regentra itself has failed" in notice.sentence


def test_company_that_takes_nothing_is_told_though_it_is_looked_at_in_between(world: World) -> None:
    customer = world.linked_customer()
    world.trouble("fault", code="6190", method="POST", times=None)
    bill = world.invoice(customer)
    start = clock.now()
    for minutes in range(0, 90, 3):
        with clock.frozen(start + timedelta(minutes=minutes)):
            world.work()
    with clock.frozen(start + timedelta(minutes=90)):
        check_up(world.organization.id)
        (notice,) = open_notices(world)
        assert "Put the company right in QuickBooks" in notice.sentence
    world.calm()
    with clock.frozen(start + timedelta(minutes=105)):
        turns(world, minutes=30)
    assert world.job(bill).state == "synced"
    assert open_notices(world) == []


def test_look_that_is_refused_is_told_as_what_it_is_though_documents_go_out(world: World) -> None:
    customer = world.linked_customer()
    world.trouble("status", status=503, path="/cdc", times=None)
    start = two_hours_of_invoices(world, customer)
    with clock.frozen(start + timedelta(minutes=121)):
        check_up(world.organization.id)
    (notice,) = open_notices(world)
    assert "busy or away for more than an hour" in notice.sentence


def test_look_that_breaks_is_taken_ever_more_rarely_and_documents_do_not_wait_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = world.linked_customer()
    world.due_now()
    looks: list[datetime] = []

    def broken(_: object) -> None:
        looks.append(clock.now())
        raise ValueError("an answer nobody foresaw")

    monkeypatch.setattr(Sweep, "run", broken)
    start = clock.now()
    for minutes in range(121):
        with clock.frozen(start + timedelta(minutes=minutes)):
            world.work()
    assert 8 <= len(looks) <= 15
    assert looks[-1] - looks[-2] == timedelta(minutes=15)
    with clock.frozen(start + timedelta(minutes=122)):
        bill = world.invoice(customer)
        world.work()
    assert world.job(bill).state == "synced"


def test_one_busy_answer_in_the_night_is_no_hour_of_trying_in_vain(world: World) -> None:
    customer = world.linked_customer()
    with world.inside():
        set_policies(Policies(push_when=PushWhen.NIGHTLY))
        night = due.next_night_here()
    day = night - timedelta(hours=8)
    with clock.frozen(day):
        invoice = world.invoice(customer)
        world.work()
        assert world.job(invoice).reason_code == "goes_by_night"
    for hours in range(8):
        with clock.frozen(day + timedelta(hours=hours)):
            world.work()
            check_up(world.organization.id)
    world.trouble("status", status=429, times=1, method="POST")
    with clock.frozen(night + timedelta(minutes=1)):
        world.due_now()
        world.serve()
        assert (world.job(invoice).state, world.job(invoice).attempts) == ("pending", 1)
        assert told(world) == []


def test_days_of_a_pause_between_two_busy_answers_are_no_hour_of_trying_in_vain(
    world: World,
) -> None:
    customer = world.linked_customer()
    world.trouble("status", status=429, times=1, method="POST")
    invoice = world.invoice(customer)
    world.work()
    assert (world.job(invoice).state, world.job(invoice).attempts) == ("pending", 1)
    with world.inside():
        pause.begin(world.connection, actor=world.owner)
    with clock.frozen(clock.now() + timedelta(days=2)):
        world.work()
        assert world.job(invoice).state == "blocked"
        with world.inside():
            pause.end(world.connection, actor=world.owner)
        world.trouble("status", status=429, times=1, method="POST")
        world.work()
        assert (world.job(invoice).state, world.job(invoice).attempts) == ("pending", 2)
        assert told(world) == []
