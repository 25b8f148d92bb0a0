"""A document of theirs that could not be booked here: looked at again by itself, tried again, or left (L-14)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from billing.models import Invoice, Payment
from billing.services import payments
from integrations.documents import Kind, PaymentDocument, UsedCredit, to_json
from integrations.inbound import doorbells
from integrations.models import Connection, Discrepancy, Doorbell, Link
from regentra import clock
from tenants.models import AuditEntry
from tests import factories
from tests.integrations.shown import with_what_was_shown
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def refused(world: World) -> tuple[Invoice, Payment, dict[str, Any]]:
    """An invoice, ours that stands in the way of theirs, and theirs."""
    invoice = world.invoice(world.customer())
    world.work()
    theirs = world.pays(invoice, "100.00")
    with world.inside():
        ours = factories.payment(world.fresh(invoice))
    look(world)
    return invoice, ours, theirs


def look(world: World) -> None:
    world.due_now()
    world.work()


def feed_has_passed(world: World) -> None:
    """The change feed does not name theirs any more."""
    with world.inside():
        Connection.objects.update(changes_since=clock.now() + timedelta(seconds=1))


def reads(world: World) -> int:
    return len([one for one in world.journal() if "/payment/" in one["path"]])


def questions(world: World) -> list[str]:
    with world.inside():
        found = Discrepancy.objects.filter(closed_at=None)
        return list(found.values_list("reason_code", flat=True))


def booked(world: World) -> list[int]:
    with world.inside():
        return [one.amount.minor for one in Payment.objects.all() if not one.is_void]


def press(world: World, client: Client, said: str) -> str:
    client.force_login(world.owner)
    with world.inside():
        question = Discrepancy.objects.get(closed_at=None)
    address = f"/o/{world.organization.slug}/sync/difference/{question.pk}/theirs/"
    sent = with_what_was_shown(world, question, said)
    return client.post(address, sent, follow=True).content.decode()


def take_out_of_the_way(world: World, payment: Payment) -> None:
    with world.inside():
        payments.void(payment=world.fresh(payment))


def test_it_is_booked_by_itself_once_the_cause_is_gone(world: World) -> None:
    _, ours, _ = refused(world)
    assert questions(world) == ["cannot_apply"]
    take_out_of_the_way(world, ours)
    feed_has_passed(world)
    look(world)
    assert (booked(world), questions(world)) == ([10000], [])


def test_it_is_read_again_every_quarter_of_an_hour_and_no_more_often(world: World) -> None:
    refused(world)
    world.forget_calls()
    for expected in (1, 1, 2):
        feed_has_passed(world)
        world.later(minutes=20)
        if expected == reads(world):
            with world.inside():
                Doorbell.objects.update(rung_at=clock.now())
        world.work()
        assert reads(world) == expected


def test_it_is_read_the_more_rarely_the_longer_it_stays(world: World) -> None:
    refused(world)
    look(world)
    world.forget_calls()
    now = clock.now()
    for days, hours_since_read, expected in ((1, 4, 0), (1, 6, 1), (30, 22, 1), (30, 24, 2)):
        with world.inside():
            Discrepancy.objects.update(opened_at=now - timedelta(days=days))
            Doorbell.objects.update(rung_at=now - timedelta(hours=hours_since_read))
        feed_has_passed(world)
        look(world)
        assert reads(world) == expected


def test_what_has_a_reason_to_succeed_is_read_before_what_stays_refused(world: World) -> None:
    connection = world.connection
    uses = (UsedCredit("55", factories.usd("40")),)
    paid = PaymentDocument("7", factories.TODAY, factories.usd("0"), credits=uses)
    asked = {"connection": connection, "kind": Kind.PAYMENT}
    with world.inside():
        Link.objects.create(
            connection=connection, kind=Kind.CREDIT_MEMO, local_id=uuid4(), remote_id="55"
        )
        for remote_id in range(900, 930):
            Discrepancy.objects.create(**asked, remote_id=remote_id, reason_code="cannot_apply")
        Discrepancy.objects.create(
            **asked, remote_id="777", reason_code="credit_applied", theirs=to_json(paid)
        )
        doorbells.ring_for_refused(connection)
        rung = set(Doorbell.objects.values_list("remote_id", flat=True))
    assert "777" in rung
    assert len(rung) == doorbells.REFUSED_AT_ONCE


def test_trying_again_books_it_now(world: World, client: Client) -> None:
    _, ours, _ = refused(world)
    take_out_of_the_way(world, ours)
    feed_has_passed(world)
    page = press(world, client, "again")
    assert "read from QuickBooks again" in page
    world.work()
    assert (booked(world), questions(world)) == ([10000], [])


def test_what_is_left_stays_left_until_it_changes_there(world: World, client: Client) -> None:
    _, _, theirs = refused(world)
    page = press(world, client, "leave")
    assert "Left as it is" in page
    look(world)
    assert questions(world) == []
    with world.inside():
        assert AuditEntry.objects.filter(action="difference.left").count() == 1
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Payment", {**keys, "sparse": True, "PaymentRefNum": "9"})
    look(world)
    assert questions(world) == ["cannot_apply"]


def test_a_question_closes_when_theirs_is_gone(world: World) -> None:
    _, _, theirs = refused(world)
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Payment", keys, operation="delete")
    look(world)
    assert questions(world) == []


def test_the_page_of_exceptions_has_both_buttons(world: World, client: Client) -> None:
    refused(world)
    client.force_login(world.owner)
    page = client.get(f"/o/{world.organization.slug}/exceptions/").content.decode()
    assert "Try again" in page
    assert "Leave it" in page
    assert "Choose whether" in press(world, client, "something")
