"""What is due and is not done is said: to operators at once, to people on the next round."""

from datetime import timedelta
from typing import Any

import pytest
import structlog
from django.test import Client

from billing.models import Wake
from integrations import tasks
from integrations.checkup import check_up
from integrations.models import NoticeKind, Notification, SyncDue
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
