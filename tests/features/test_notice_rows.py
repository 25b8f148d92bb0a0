"""Rows about being told: the bell, its list, the mail, and tokens that nobody uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from integrations import notices
from integrations.checkup import check_up
from integrations.models import Credential, NoticeKind, Notification, Severity
from regentra import clock
from tenants.models import Role
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

ATTENTION = "Accounting connection needs attention"
WALL_DAYS = 5 * 365 + 1


@contextmanager
def days_later(world: World, days: float) -> Iterator[None]:
    """For us and for Intuit."""
    seconds = timedelta(days=days).total_seconds()
    world.control("POST", "clock", {"advance": seconds})
    try:
        with clock.frozen(clock.now() + timedelta(days=days)):
            yield
    finally:
        world.control("POST", "clock", {"advance": -seconds})


def token_calls(world: World) -> int:
    calls = [one["path"] for one in world.control("GET", "journal")]
    return calls.count("/oauth2/v1/tokens/bearer")


def bell(person: Visitor) -> str:
    """How the bell reads."""
    page = person.go()
    (link,) = [one for one in page.tree.all("a") if one["href"].endswith("/notices/")]
    return str(link["aria-label"])


def refuse_access(world: World) -> None:
    """Somebody over there takes the access back; the next document finds out."""
    world.trouble("revoked_token")
    world.invoice(world.customer())
    world.work()


def test_L_73_ended_consent_rings_the_bell_and_is_mailed_once_a_day(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    factories.member(world.organization, "charlie@example.com", Role.ADMIN)
    assert bell(alice) == "Notices: none new"
    refuse_access(world)
    assert bell(alice) == "Notices: 1 new"
    assert ATTENTION in alice.go("notices/").row("Act now")
    assert bell(bob) == "Notices: none new"
    assert ATTENTION not in bob.go("notices/").text
    for _ in range(2):
        check_up(world.organization.id)
    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "alice@example.com",
        "charlie@example.com",
    ]
    assert ATTENTION in mail.outbox[0].subject
    assert f"/o/{world.organization.slug}/settings/integrations/quickbooks/" in mail.outbox[0].body
    with clock.frozen(clock.now() + timedelta(days=1)):
        check_up(world.organization.id)
    assert len(mail.outbox) == 4


def test_L_75_reconnecting_settles_the_notice_by_itself(world: World, alice: Visitor) -> None:
    refuse_access(world)
    steps.connect(world, alice, button="Reconnect QuickBooks")
    assert bell(alice) == "Notices: none new"
    page = alice.go("notices/")
    assert "Nothing needs you" in page.text
    assert ATTENTION in page.region("Settled in the last 30 days")
    check_up(world.organization.id)
    assert mail.outbox == []


def test_bell_is_quiet_once_somebody_has_taken_note_and_so_is_the_mail(
    world: World, alice: Visitor
) -> None:
    refuse_access(world)
    alice.go("notices/")
    page = alice.press("Mark all as read")
    assert ATTENTION in page.region("Open")
    assert bell(alice) == "Notices: none new"
    check_up(world.organization.id)
    assert mail.outbox == []


def test_notice_that_came_after_the_page_was_opened_stays_new_and_is_mailed(
    world: World, alice: Visitor
) -> None:
    _tell_that_work_is_late(world)
    alice.go("notices/")
    refuse_access(world)
    page = alice.press("Mark all as read")
    assert "New" not in page.row("Late")
    assert "New" in page.row(ATTENTION)
    assert bell(alice) == "Notices: 1 new"
    check_up(world.organization.id)
    assert [letter.to for letter in mail.outbox] == [["alice@example.com"]]
    alice.go("notices/")
    alice.press("Mark all as read")
    assert bell(alice) == "Notices: none new"


@pytest.mark.parametrize("comes_back", ["counts as many as were shown", "opened anew"])
def test_notice_that_rang_anew_after_the_page_was_opened_stays_new(
    world: World, alice: Visitor, comes_back: str
) -> None:
    _tell_that_work_is_late(world, counted=2)
    alice.go("notices/")
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        if comes_back == "opened anew":
            with world.inside():
                notices.close(NoticeKind.WORK_LATE, "turns")
        else:
            _tell_that_work_is_late(world, counted=1)
        _tell_that_work_is_late(world, counted=2)
        alice.press("Mark all as read")
    assert bell(alice) == "Notices: 1 new"


def _tell_that_work_is_late(world: World, *, counted: int | None = None) -> None:
    said: dict[str, Any] = {"title": "Late", "sentence": "It is late.", "counted": counted}
    with world.inside():
        notices.tell(NoticeKind.WORK_LATE, "turns", severity=Severity.SOON, **said)


def test_L_53_idle_company_is_renewed_each_week_and_keeps_its_consent(world: World) -> None:
    world.control("DELETE", "journal")
    for week in range(1, 17):
        with days_later(world, 7 * week + week / 24):
            check_up(world.organization.id)
            check_up(world.organization.id)
            assert world.connection.is_connected
    assert token_calls(world) == 16


def test_L_53_without_renewal_the_consent_would_be_lost(world: World) -> None:
    with days_later(world, 101):
        check_up(world.organization.id)
        assert world.connection.status == "needs_consent"


@pytest.mark.parametrize(
    ("days_left", "title", "mails"),
    [
        (15, None, 0),
        (14, "Access to QuickBooks ends within 14 days", 0),
        (8, "Access to QuickBooks ends within 14 days", 0),
        (7, "Access to QuickBooks ends within 7 days", 0),
        (2, "Access to QuickBooks ends within 2 days", 1),
        (1, "Access to QuickBooks ends within 2 days", 1),
    ],
)
def test_X_08_L_53_end_of_the_five_years_is_told_at_14_7_and_2_days(
    world: World, alice: Visitor, days_left: int, title: str | None, mails: int
) -> None:
    for days in range(60, WALL_DAYS - days_left, 60):
        with days_later(world, days):
            check_up(world.organization.id)
    with days_later(world, WALL_DAYS - days_left):
        check_up(world.organization.id)
        assert world.connection.is_connected
        with world.inside():
            told = Notification.objects.filter(kind=NoticeKind.CONSENT_EXPIRES, closed_at=None)
            assert [each.title for each in told] == ([title] if title else [])
    assert len(mail.outbox) == mails


def test_X_08_each_stage_rings_anew_and_reconnecting_settles_it(
    world: World, alice: Visitor
) -> None:
    told = []
    for days_left in (14, 10, 7, 5, 2):
        _ends_in(world, days=days_left)
        check_up(world.organization.id)
        told.append(bell(alice))
        alice.go("notices/")
        if alice.page.offers("Mark all as read"):
            alice.press("Mark all as read")
    one, none = "Notices: 1 new", "Notices: none new"
    assert told == [one, none, one, none, one]
    steps.connect(world, alice, button="Reconnect QuickBooks")
    assert "Nothing needs you" in alice.go("notices/").text


def _ends_in(world: World, *, days: float) -> None:
    with world.inside():
        ends_at = clock.now() + timedelta(days=days) - timedelta(minutes=1)
        Credential.objects.update(hard_expires_at=ends_at)


def test_refused_documents_are_one_notice_that_counts_and_goes_when_they_do(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    customer = world.linked_customer()
    world.trouble("fault", code="6000", entity="Invoice", times=2)
    invoices = [world.invoice(customer) for _ in range(2)]
    world.work()
    row = bob.go("notices/").row("QuickBooks refused documents")
    assert "2 documents wait" in row
    assert bell(bob) == "Notices: 1 new"
    world.calm()
    for invoice in invoices:
        steps.open_invoice(alice, invoice.number)
        alice.press("Try again")
    world.work()
    assert len(world.held("Invoice")) == 2
    assert "Nothing needs you" in bob.go("notices/").text
    assert mail.outbox == []


def test_documents_that_are_refused_after_the_notice_was_read_ring_again(
    world: World, alice: Visitor
) -> None:
    customer = world.linked_customer()
    world.trouble("fault", code="6000", entity="Invoice", method="POST", times=None)
    told = []
    for more in (2, 0, 1):
        refused = [world.invoice(customer) for _ in range(more)]
        world.work()
        check_up(world.organization.id)
        told.append(bell(alice))
        alice.go("notices/")
        if alice.page.offers("Mark all as read"):
            alice.press("Mark all as read")
    assert told == ["Notices: 1 new", "Notices: none new", "Notices: 1 new"]
    assert "3 documents wait" in alice.page.text
    steps.open_invoice(alice, refused[0].number)
    steps.void(alice, refused[0].number)
    world.work()
    assert bell(alice) == "Notices: none new", "fewer than before"
    world.invoice(customer)
    world.work()
    assert bell(alice) == "Notices: 1 new", "as many as before, but another one"
