"""Rows about how late changes may be seen and what that costs: two tenants, their companies, and the day's reads."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from billing.models import Invoice
from integrations.governor import reads
from integrations.models import Connection, SyncDue
from integrations.outbound import relay
from regentra import clock
from tenants.models import Role
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

RULES_PAGE = "settings/sync-rules/"


@pytest.fixture
def world(unconnected: World) -> World:
    """Alice's company, whose calls Intuit counts."""
    return with_real_books(unconnected)


@pytest.fixture
def other(world: World) -> World:
    """Charlie's organization, like Alice's."""
    contoso = factories.organization(features=["quickbooks"])
    charlie = factories.member(contoso, "charlie@example.com", Role.OWNER)
    return with_real_books(World(world.box, world.client_id, world.verifier, contoso, charlie))


@pytest.fixture
def charlie(other: World) -> Visitor:
    return Visitor(other.organization, other.owner)


def with_real_books(made: World) -> World:
    made.connect(custom_numbers=True, environment="production")
    made.work()
    return made


def choose(person: Visitor, choice: str) -> None:
    person.go(RULES_PAGE)
    assert "Changed: " in person.press("Save", {"seen_within": choice}).text


def sent_invoice(world: World) -> Invoice:
    """It stands over there, and then nothing has gone on for two days."""
    invoice = world.invoice(world.linked_customer())
    world.work()
    asleep(world)
    return invoice


def asleep(world: World) -> None:
    """The last look, two days after anything went on, has met nothing."""
    world.due_now()
    world.work()
    with world.inside():
        Connection.objects.update(changes_since=clock.now() + timedelta(minutes=1))
    SyncDue.objects.filter(connection_id=world.connection.id).update(
        active_at=clock.now() - timedelta(days=2), sweep_due_at=clock.now()
    )
    world.work()


def paid(world: World, invoice: Invoice) -> bool:
    return bool(world.fresh(invoice).status == "PAID")


def used_up(world: World) -> None:
    """Its part of today's reads is gone."""
    day = clock.now().date()
    part = reads.today(world.connection.id).part_of_company
    SyncDue.objects.filter(connection_id=world.connection.id).update(reads_on=day, reads_used=part)


def looked_at(world: World, minutes: int) -> None:
    """Time passes since the last look."""
    world.later(minutes=minutes)
    with world.inside():
        passed = timedelta(minutes=minutes)
        Connection.objects.update(changes_since=F("changes_since") - passed)
    world.work()


@pytest.mark.parametrize(
    ("choice", "minutes"),
    [("5 minutes", 5), ("15 minutes", 15), ("an hour", 60)],
)
def test_N_09_change_is_seen_within_the_chosen_time_though_no_message_comes(
    world: World, alice: Visitor, other: World, charlie: Visitor, choice: str, minutes: int
) -> None:
    choose(charlie, f"Within {choice}")
    ours = [(each, sent_invoice(each)) for each in (world, other)]
    for each, invoice in ours:
        each.pays(invoice, "100")
    for each, _ in ours:
        each.later(minutes=minutes)
        each.work()
    assert [paid(*one) for one in ours] == [False, True]
    world.later(minutes=375)
    world.work()
    assert paid(*ours[0]), "as needed means six hours for a company that sleeps"


def test_N_09_month_end_travels_in_batches_when_one_by_one_would_be_seen_too_late(
    world: World, alice: Visitor, other: World, charlie: Visitor, settings: Any
) -> None:
    settings.QUICKBOOKS_LIMIT_PERCENT = 1  # five a minute
    choose(charlie, "Within 5 minutes")
    for each in (world, other):
        customer = each.linked_customer()
        for _ in range(31):
            each.invoice(customer)
        relay.relay(each.organization.id)
        each.forget_calls()
        # While another company waits, a turn is a few documents.
        for _ in range(9):
            each.work()
        assert len(each.held("Invoice")) == 31
    assert [batches(each) for each in (world, other)] == [0, 1]


def batches(world: World) -> int:
    return sum(call["path"].endswith("/batch") for call in world.journal())


def test_N_09_page_says_what_each_choice_costs_and_what_is_unused(
    world: World, alice: Visitor
) -> None:
    asleep(world)
    page = alice.go(RULES_PAGE).text
    a_day = [int(said) for said in re.findall(r"About (\d+) metered calls a day", page)]
    as_needed, five, quarter, hour = a_day
    assert 0 < as_needed < hour < quarter < five
    # What differs is the looks alone: 288, 96 and 24 a day.
    assert (five - quarter, quarter - hour) == (192, 72)
    month = reads.now()
    assert f"have used {month.used} of the 500,000 metered calls" in page
    assert f"{month.allowance - month.used:,} are unused" in page
    assert f"Today: {reads.today(world.connection.id).used_by_company} of the" in page


def test_X_23_company_whose_day_is_used_up_is_looked_at_every_quarter_of_an_hour_and_others_go_on(
    world: World, alice: Visitor, other: World
) -> None:
    ours = [(each, sent_invoice(each)) for each in (world, other)]
    used_up(other)
    for each, invoice in ours:
        each.pays(invoice, "100")
    steps.notified(world, other)
    assert [paid(*one) for one in ours] == [True, False]
    looked_at(other, 15)
    assert paid(*ours[1])


def test_X_23_what_a_person_asks_for_is_done_though_the_day_is_used_up(
    world: World, alice: Visitor
) -> None:
    invoice = sent_invoice(world)
    used_up(world)
    world.pays(invoice, "100")
    steps.notified(world)
    assert not paid(world, invoice)
    choose(alice, "Within an hour")
    world.work()
    assert paid(world, invoice)


def test_X_23_batches_that_nobody_asked_for_wait_for_another_day(
    world: World, alice: Visitor, settings: Any
) -> None:
    settings.QUICKBOOKS_LIMIT_PERCENT = 1
    choose(alice, "Within 5 minutes")
    customer = world.linked_customer()
    used_up(world)
    for _ in range(31):
        world.invoice(customer)
    relay.relay(world.organization.id)
    assert "In batches" not in alice.go(steps.QUICKBOOKS_PAGE).region("On the way")
    alice.follow("Catch up fast")
    alice.press("Catch up fast")
    assert "In batches" in alice.page.region("On the way")


def test_X_23_one_company_takes_a_tenth_of_the_day_and_what_others_take_counts_for_the_day(
    world: World, other: World
) -> None:
    mine, theirs = (reads.today(each.connection.id) for each in (world, other))
    assert mine.part_of_company == round(mine.share / 10)
    # Connecting itself took some before there was a company.
    assert mine.used == theirs.used > mine.used_by_company + theirs.used_by_company
    assert mine.used_by_company > 0 < theirs.used_by_company
