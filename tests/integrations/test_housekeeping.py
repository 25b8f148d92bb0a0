"""What was kept long enough goes, a little at a time; what is younger and what is needed stays."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from billing.models import OutboxEvent
from integrations import housekeeping, tasks, tickets
from integrations.models import (
    QUICKBOOKS,
    ApiCall,
    CallTotal,
    Connection,
    Doorbell,
    NoticeKind,
    Notification,
    OAuthState,
    Severity,
)
from regentra import clock, keeping, removing
from tenants.models import AuditEntry, Organization, Submission, User
from tenants.scope import within
from tests import factories
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

Maker = Callable[[datetime], object]


@pytest.fixture
def organization() -> Organization:
    return factories.organization()


@pytest.fixture
def person(organization: Organization) -> User:
    return factories.member(organization)


@pytest.fixture
def connection(organization: Organization) -> Connection:
    with within(organization):
        return Connection.objects.create(account_sealed="x", account_hash="x", status="connected")


def call(connection: Connection, at: datetime, **values: Any) -> ApiCall:
    defaults = {"kind": "invoice", "method": "POST", "path": "/", "metered": False, "outcome": "ok"}
    return ApiCall.objects.create(
        connection=connection, started_at=at, duration_ms=100, **{**defaults, **values}
    )


def rows(organization: Organization, connection: Connection, person: User) -> dict[Any, Maker]:
    """For each table: how a row of an age is made, inside ``within()``."""
    return {
        OutboxEvent: lambda at: OutboxEvent.objects.create(kind="x", payload={}, relayed_at=at),
        Doorbell: lambda at: Doorbell.objects.create(
            connection=connection, kind="invoice", remote_id="1", event_at=at, closed_at=at
        ),
        Submission: lambda at: Submission.objects.create(
            token=uuid4(), user=person, digest="x", location="/", at=at
        ),
        Notification: lambda at: Notification.objects.create(
            kind=NoticeKind.WORK_LATE, key="x", severity=Severity.SOON, closed_at=at
        ),
        ApiCall: lambda at: call(connection, at),
    }


KEPT = {
    OutboxEvent: keeping.RELAYED_EVENTS,
    Doorbell: keeping.CLOSED_DOORBELLS,
    Submission: keeping.FORM_TOKENS,
    Notification: keeping.SETTLED_NOTICES,
    ApiCall: keeping.CALLS,
}


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_rows_go_when_their_time_has_come_and_not_before(
    model: Any, organization: Organization, connection: Connection, person: User
) -> None:
    make, now, kept = rows(organization, connection, person)[model], clock.now(), KEPT[model]
    with within(organization):
        make(now - kept - timedelta(minutes=1))
        young = make(now - kept + timedelta(minutes=1))
    tasks.clean_up()
    with within(organization):
        assert list(model.objects.all()) == [young]


def test_what_is_not_done_stays_however_old(
    organization: Organization, connection: Connection
) -> None:
    long_ago = clock.now() - timedelta(days=4000)
    with within(organization):
        OutboxEvent.objects.create(kind="x", payload={}, created_at=long_ago)
        Doorbell.objects.create(
            connection=connection, kind="invoice", remote_id="1", event_at=long_ago
        )
        Notification.objects.create(
            kind=NoticeKind.WORK_LATE, key="x", severity=Severity.SOON, opened_at=long_ago
        )
        AuditEntry.objects.create(action="invoice.sent", at=long_ago)
    tasks.clean_up()
    with within(organization):
        for model in (OutboxEvent, Doorbell, Notification, AuditEntry):
            assert model.objects.count() == 1


def test_calls_leave_the_sums_of_their_month(
    organization: Organization, connection: Connection
) -> None:
    may = datetime(2024, 5, 31, 23, 59, tzinfo=UTC)
    with within(organization):
        call(connection, may)
        call(connection, may, metered=True, outcome="throttled")
        call(connection, may, kind="payment")
    tasks.clean_up()
    with within(organization):
        call(connection, may - timedelta(days=3))
    tasks.clean_up()
    with within(organization):
        kept = CallTotal.objects.order_by("kind").values_list(
            "month", "kind", "calls", "parts", "metered", "failed", "duration_ms"
        )
        assert list(kept) == [
            (may.date().replace(day=1), "invoice", 3, 3, 1, 1, 300),
            (may.date().replace(day=1), "payment", 1, 1, 0, 0, 100),
        ]
        assert not ApiCall.objects.exists()


def test_worker_that_dies_counts_no_call_twice(
    organization: Organization, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process dies here."""

    def dies(*_: object) -> int:
        raise Killed

    with within(organization):
        call(connection, datetime(2024, 5, 1, tzinfo=UTC))
    with monkeypatch.context() as broken, pytest.raises(Killed):
        broken.setattr(housekeeping, "remove_some", dies)
        broken.setattr(housekeeping, "OF_AN_ORGANIZATION", housekeeping.OF_AN_ORGANIZATION[-1:])
        tasks.clean_up()
    tasks.clean_up()
    with within(organization):
        assert CallTotal.objects.get().calls == 1


def test_all_goes_though_only_a_little_goes_at_a_time(
    organization: Organization, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (removing, housekeeping):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    with within(organization):
        for _ in range(5):
            call(connection, datetime(2024, 5, 1, tzinfo=UTC))
    tasks.clean_up()
    with within(organization):
        assert not ApiCall.objects.exists()
        assert CallTotal.objects.get().calls == 5


def test_when_time_is_up_the_next_shift_goes_on_after_the_last_one_done() -> None:
    first, second = sorted((factories.organization() for _ in range(2)), key=lambda each: each.pk)
    over = clock.ticks() - 1
    assert housekeeping.clean_organizations("", over) == ""
    assert housekeeping.clean_organizations(str(first.pk), over) == str(first.pk)
    assert housekeeping.clean_organizations(str(second.pk), over) is None
    assert housekeeping.clean_organizations("", clock.ticks() + 60) is None


def test_one_organization_that_breaks_keeps_no_other_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = sorted((factories.organization() for _ in range(2)), key=lambda each: each.pk)
    with within(second):
        OutboxEvent.objects.create(
            kind="x", payload={}, relayed_at=clock.now() - timedelta(days=31)
        )
    cleaned = housekeeping.clean_organization

    def breaks_at_first(organization_id: Any, ends_at: float) -> bool:
        if organization_id == first.pk:
            raise ZeroDivisionError
        return cleaned(organization_id, ends_at)

    monkeypatch.setattr(housekeeping, "clean_organization", breaks_at_first)
    tasks.clean_up()
    with within(second):
        assert not OutboxEvent.objects.exists()


def test_ended_log_ins_and_old_sign_in_tickets_go(organization: Organization, person: User) -> None:
    Client().force_login(person)
    tickets.issue(user=person, organization=organization, session_key="s", vendor=QUICKBOOKS)
    tasks.clean_up()
    assert (Session.objects.count(), OAuthState.objects.count()) == (1, 1)
    with clock.frozen(clock.now() + timedelta(days=2)):
        tasks.clean_up()
    assert (Session.objects.count(), OAuthState.objects.count()) == (0, 0)


def test_month_whose_calls_are_gone_still_shows_its_sums(world: World) -> None:
    month = clock.now()
    with world.inside():
        before = ApiCall.objects.count()
    with clock.frozen(month + keeping.CALLS + timedelta(days=1)):
        tasks.clean_up()
        alice = Visitor(world.organization, world.owner)
        page = alice.go(f"calls/?month={month:%Y-%m}")
    with world.inside():
        assert not ApiCall.objects.exists()
        assert sum(CallTotal.objects.values_list("calls", flat=True)) == before > 0
    assert "Reading" in page.text
