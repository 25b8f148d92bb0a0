"""Rows that do not add up stop sending; the page says so, and an owner resumes it."""

import pytest
from django.core import mail

from integrations.checkup import check_up
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.damage import Damage, done
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

WRONG = Damage(
    "invoice_lines",
    ("UPDATE billing_invoice SET subtotal_minor = 10001, total_minor = tax_minor + 10001",),
    ("UPDATE billing_invoice SET subtotal_minor = 10000, total_minor = tax_minor + 10000",),
)


def test_sending_stops_is_told_and_goes_on_when_the_owner_resumes_it(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    world.customer()
    number = steps.generate(alice)
    with done(world, WRONG):
        check_up(world.organization.id)
        world.work()
        assert world.held("Invoice") == []
        assert "Needs sending resumed" in steps.open_invoice(alice, number).text
        page = alice.follow("See why sending is stopped")
        assert "was stopped" in page.text
        assert f"invoice {number}" in page.text
        assert not page.offers("Resume sending")
        alice.press("Check again")
        assert not alice.page.offers("Resume sending")
    alice.press("Check again")
    assert "All holds again" in alice.page.text
    assert not bob.go(steps.QUICKBOOKS_PAGE).offers("Resume sending")
    world.later(minutes=20)
    world.work()
    assert world.held("Invoice") == []
    assert "Sending goes on." in alice.press("Resume sending").text
    world.work()
    assert [one["DocNumber"] for one in world.held("Invoice")] == [number]
    assert "Nothing needs you" in alice.go("notices/").text


def test_owner_is_mailed_once_and_the_notice_follows_what_holds(
    world: World, alice: Visitor
) -> None:
    world.customer()
    steps.generate(alice)
    with done(world, WRONG):
        check_up(world.organization.id)
        check_up(world.organization.id)
        (letter,) = mail.outbox
        assert "Sending to QuickBooks is stopped" in letter.subject
        assert "The QuickBooks page says what was found" in alice.go("notices/").text
    check_up(world.organization.id)
    assert "All holds again" in alice.go("notices/").text
    assert len(mail.outbox) == 1


def test_resuming_while_it_does_not_hold_changes_nothing(world: World, alice: Visitor) -> None:
    world.customer()
    steps.generate(alice)
    with done(world, WRONG):
        check_up(world.organization.id)
    check_up(world.organization.id)
    alice.go(steps.QUICKBOOKS_PAGE)
    with done(world, WRONG):
        alice.press("Resume sending")
        assert "was stopped" in alice.page.text
        world.later(minutes=20)
        world.work()
        assert world.held("Invoice") == []
