"""Rows about month ends: what waits is shown with the time it takes, and travels in batches when somebody says so."""

from datetime import timedelta

import pytest
from django.db.models import F

from billing.models import Customer
from integrations.backlog import in_words
from integrations.governor import reads
from integrations.models import Connection, ReadBudget, SyncJob
from integrations.outbound import batch_choice, relay
from integrations.outbound.batch_plan import Lane
from tenants.models import AuditEntry, Role
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_rule_rows import choose
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def month_end(world: World, many: int = 31) -> None:
    """So many invoices of one customer, all of them waiting to go out."""
    customer = world.linked_customer()
    for _ in range(many):
        world.invoice(customer)
    relay.relay(world.organization.id)
    world.forget_calls()


def paths(world: World) -> list[str]:
    return [call["path"].rpartition("/")[2] for call in world.journal()]


def test_N_02_X_85_catching_up_fast_shows_time_and_metered_calls_and_then_sends_batches(
    world: World, alice: Visitor
) -> None:
    month_end(world)
    assert "31 waiting, about 4 seconds" in alice.go(steps.QUICKBOOKS_PAGE).region("On the way")
    asked = alice.follow("Catch up fast")
    assert asked.row("One by one").endswith("about 4 seconds 0")
    assert asked.row("In batches").endswith("about 4 seconds 2")
    alice.press("Catch up fast")
    assert "In batches" in alice.page.region("On the way")
    world.work()
    # The one that is left over has nobody to travel with.
    assert sorted(paths(world)) == ["batch", "invoice"]
    assert len(world.held("Invoice")) == 31
    assert "On the way" not in alice.again().text
    assert not world.connection.catch_up, "the wish ends with the backlog"


def test_N_02_wish_to_catch_up_can_be_ended_and_the_rest_goes_one_by_one(
    world: World, alice: Visitor
) -> None:
    month_end(world)
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Catch up fast")
    alice.press("Catch up fast")
    alice.press("Go on one by one")
    assert not alice.page.offers("Go on one by one")
    world.work()
    assert paths(world) == ["invoice"] * 31
    with world.inside():
        actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"quickbooks.catch_up", "quickbooks.catch_up_ended"} <= actions


def test_N_02_staff_read_how_long_it_takes_and_only_admins_choose(
    world: World, bob: Visitor
) -> None:
    month_end(world)
    shown = bob.go(steps.QUICKBOOKS_PAGE)
    assert "31 waiting" in shown.region("On the way")
    assert not shown.offers("Catch up fast")
    bob.go(f"{steps.QUICKBOOKS_PAGE}catch-up/", status=403)


def test_where_batches_save_nothing_none_are_offered(world: World, alice: Visitor) -> None:
    month_end(world, many=3)
    assert "3 waiting" in alice.go(steps.QUICKBOOKS_PAGE).region("On the way")
    assert not alice.page.offers("Catch up fast")
    alice.go(f"{steps.QUICKBOOKS_PAGE}catch-up/")
    assert "Nothing waits that batches would bring over sooner" in alice.page.text


def test_backlog_of_another_organization_is_not_shown_nor_hurried(world: World) -> None:
    month_end(world)
    elsewhere = factories.organization("other", features=["quickbooks"])
    charlie = factories.member(elsewhere, "charlie@example.com", Role.OWNER)
    there = Visitor(elsewhere, charlie)
    there.go(f"{steps.QUICKBOOKS_PAGE}catch-up/")
    assert "waiting" not in there.page.text
    assert there.post(f"{steps.QUICKBOOKS_PAGE}catch-up/", {}, of=world.organization) == 404
    assert not world.connection.catch_up
    with world.inside():
        assert SyncJob.objects.filter(state="pending").count() == 31


def wished(world: World, person: Visitor) -> None:
    """A month end that somebody wants to go fast."""
    month_end(world)
    person.go(steps.QUICKBOOKS_PAGE)
    person.follow("Catch up fast")
    person.press("Catch up fast")


def test_N_02_second_person_who_asks_to_catch_up_reads_that_it_goes_fast_already(
    world: World, alice: Visitor
) -> None:
    month_end(world)
    second = Visitor(world.organization, world.owner)
    for person in (alice, second):
        person.go(f"{steps.QUICKBOOKS_PAGE}catch-up/")
    alice.press("Catch up fast")
    said = second.press("Catch up fast").text
    assert "31 documents travel in batches already: about 4 seconds." in said
    assert "Nothing waits" not in said


def test_N_02_wish_to_catch_up_ends_when_only_what_goes_by_night_is_left(
    world: World, alice: Visitor
) -> None:
    wished(world, alice)
    choose(alice, push_when="nightly")
    with world.inside():
        customer = Customer.objects.get()
    tonight = world.invoice(customer)
    world.work()
    assert len(world.held("Invoice")) == 31
    assert world.job(tonight).state == "pending"
    assert not world.connection.catch_up
    world.forget_calls()
    for _ in range(3):
        world.invoice(customer)
    relay.relay(world.organization.id)
    world.later(minutes=24 * 60)
    world.work()
    assert [one for one in paths(world) if one in ("batch", "invoice")] == ["invoice"] * 4


def test_N_02_wish_to_catch_up_outlives_a_pause_of_quickbooks(world: World, alice: Visitor) -> None:
    wished(world, alice)
    world.trouble("throttled", entity="Invoice", times=2)
    world.work()
    assert world.connection.catch_up


def test_N_02_documents_travel_as_the_page_says_when_more_wait_than_calls_are_left_for(
    unconnected: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scaled down: 60 stand for the most that is counted where nothing is metered."""
    world = unconnected
    world.connect(custom_numbers=True, environment="production")
    world.work()
    monkeypatch.setattr(batch_choice, "ENOUGH", 60)
    month_end(world, many=151)
    with world.inside():
        Connection.objects.update(catch_up=True)
    calls = 4
    ReadBudget.objects.update(used=F("used") + reads.now().to_spare - calls)
    assert reads.now().to_spare == calls, "six batches would be needed"
    shown = alice.go(steps.QUICKBOOKS_PAGE).region("On the way")
    assert "They go one by one: this month’s metered calls do not suffice for batches." in shown
    with world.inside():
        assert batch_choice.lane_for(world.connection) is Lane.SINGLE
    second = Visitor(world.organization, world.owner)
    said = second.go(f"{steps.QUICKBOOKS_PAGE}catch-up/").text
    assert "asked for already, but this month’s metered calls do not suffice" in said


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "about 1 second"),
        (3.2, "about 4 seconds"),
        (60, "about 60 seconds"),
        (61, "about 2 minutes"),
        (3600, "about 60 minutes"),
        (7801, "about 2 h 11 min"),
    ],
)
def test_durations_are_rounded_up_to_what_is_worth_saying(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
