"""Rows about what comes back: by webhook in either format, by the sweep, edited, voided and deleted documents."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from billing.services import payments
from integrations.quickbooks_online import feed
from regentra import clock
from sandbox.quickbooks import cdc
from tenants.models import Role
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def generated(world: World, person: Visitor) -> str:
    """An invoice that is on both sides; its number."""
    world.customer()
    number = steps.generate(person)
    world.work()
    return number


def second_world(world: World) -> World:
    """Charlie's organization, connected to a company of its own through the same app."""
    contoso = factories.organization("contoso", features=["quickbooks"])
    charlie = factories.member(contoso, "charlie@example.com", Role.OWNER)
    other = World(world.box, world.client_id, world.verifier, contoso, charlie)
    other.connect(custom_numbers=True)
    other.work()
    return other


@pytest.fixture
def legacy(world: World) -> Iterator[None]:
    """QuickBooks tells in the format of before July 2026."""
    world.control("POST", "switches", {"webhook_format": "legacy"})
    yield
    world.control("POST", "switches", {"webhook_format": "cloudevents"})


def paid_in_two_companies(world: World, bob: Visitor) -> None:
    """One post of QuickBooks speaks of both; each finds its own invoice."""
    other = second_world(world)
    charlie = Visitor(other.organization, other.owner)
    numbers = [generated(world, bob), generated(other, charlie)]
    steps.notified(world, other)
    for one, number in zip((world, other), numbers, strict=True):
        one.pays(steps.invoice(one, number), "100.00")
    assert steps.notified(world, other) == 1, "both companies in one post"
    for person, number in zip((bob, charlie), numbers, strict=True):
        assert f"{number} Paid" in person.glance().text


def test_X_81_cloud_events_of_two_companies_arrive_in_one_post(world: World, bob: Visitor) -> None:
    paid_in_two_companies(world, bob)


@pytest.mark.usefixtures("legacy")
def test_X_81_legacy_events_of_two_companies_arrive_in_one_post(world: World, bob: Visitor) -> None:
    paid_in_two_companies(world, bob)


def test_X_82_forged_word_of_a_payment_is_refused_and_nothing_is_read(
    world: World, bob: Visitor
) -> None:
    number = generated(world, bob)
    steps.notified(world)
    world.pays(steps.invoice(world, number), "100.00")
    (post,) = [one for one in world.box.core.webhooks.due() if one.client_id == world.client_id]
    forged = {**post.headers, "intuit-signature": "A" * 43 + "="}
    address, kind = "/webhooks/quickbooks/", "application/json"
    answer = bob.client.post(address, post.body, content_type=kind, headers=forged)
    assert answer.status_code == 400
    world.forget_calls()
    world.later(seconds=steps.HASTE)
    world.work()
    assert world.journal() == []
    assert "Draft" in bob.glance().text
    steps.notified(world)
    assert f"{number} Paid" in bob.glance().text


def test_L_52_what_no_webhook_said_is_found_within_fifteen_minutes(
    world: World, bob: Visitor
) -> None:
    number = generated(world, bob)
    world.pays(steps.invoice(world, number), "100.00")
    world.later(minutes=14)
    world.work()
    assert "Draft" in bob.glance().text
    world.later(minutes=2)
    world.work()
    assert f"{number} Paid" in bob.glance().text


def test_X_86_after_forty_days_of_silence_a_payment_older_than_the_feed_is_found(
    world: World, bob: Visitor
) -> None:
    number = generated(world, bob)
    world.pays(steps.invoice(world, number), "100.00")
    silence = timedelta(days=40)
    world.control("POST", "clock", {"advance": silence.total_seconds()})
    try:
        with clock.frozen(clock.now() + silence):
            world.work()
    finally:
        world.control("POST", "clock", {"advance": -silence.total_seconds()})
    assert f"{number} Paid" in bob.glance().text


def test_X_87_payment_that_a_full_answer_of_the_feed_left_out_is_found(
    world: World, bob: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,000 objects fill an answer; here three do, on both sides."""
    monkeypatch.setattr(cdc, "MOST", 3)
    monkeypatch.setattr(feed, "ANSWER_LIMIT", 3)
    number = generated(world, bob)
    for name in ("Contoso", "Fabrikam", "Tailspin"):
        world.bookkeeper("Customer", {"DisplayName": name})
    world.pays(steps.invoice(world, number), "100.00")
    world.due_now()
    world.work()
    assert f"{number} Paid" in bob.glance().text


def test_X_22_clock_of_ours_that_runs_ahead_loses_no_change(world: World, bob: Visitor) -> None:
    number = generated(world, bob)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        world.due_now()
        world.work()
    world.pays(steps.invoice(world, number), "100.00")
    world.later(minutes=180)
    world.work()
    assert f"{number} Paid" in bob.again().text


def test_X_68_payment_deleted_there_opens_the_invoice_again(world: World, bob: Visitor) -> None:
    number = generated(world, bob)
    steps.send(bob, number)
    paid = world.pays(steps.invoice(world, number), "100.00")
    steps.notified(world)
    assert f"{number} Paid" in bob.glance().text
    keys = {name: paid[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Payment", keys, operation="delete")
    steps.notified(world)
    shown = bob.glance().text
    assert f"{number} Paid" not in shown
    assert "Left to pay $100.00" in shown


def test_X_68_our_payment_deleted_there_while_a_change_of_it_waits_is_void_and_asks_nothing(
    world: World, bob: Visitor
) -> None:
    """The change is refused before word of it comes."""
    number = generated(world, bob)
    with world.inside():
        payment = factories.payment(steps.Invoice.objects.get(number=number), "40")
    world.work()
    with world.inside():
        payments.change(payment=payment, reference="R-7")
    (paid,) = world.held("Payment")
    keys = {name: paid[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Payment", keys, operation="delete")
    world.work()
    steps.notified(world)
    world.work()
    assert "Voided" in bob.go(f"payments/{payment.pk}/").region("QuickBooks")
    assert "Nothing needs you" in bob.go("exceptions/").text


def test_L_17_X_97_X_106_edit_there_is_one_task_that_closes_itself_once_it_is_undone(
    world: World, bob: Visitor
) -> None:
    number = generated(world, bob)
    for memo in ("first", "second"):
        (theirs,) = world.held("Invoice")
        keys = {name: theirs[name] for name in ("Id", "SyncToken")}
        world.bookkeeper("Invoice", {**keys, "sparse": True, "CustomerMemo": {"value": memo}})
        world.due_now()
        world.work()
    assert "Differs" in bob.go("invoices/").row(number)
    assert "It was changed in QuickBooks after we sent it." in bob.go("exceptions/").row(number)
    assert "second" in bob.follow(f"Invoice {number}").region("QuickBooks")
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "CustomerMemo": {"value": ""}})
    world.due_now()
    world.work()
    assert "Differs" not in bob.go("invoices/").row(number)
    shown = bob.go("exceptions/").text
    assert "Nothing needs you" in shown
    assert number not in shown


@pytest.mark.parametrize(("done", "words"), [("void", "voided in"), ("delete", "deleted in")])
def test_L_18_L_19_void_and_deletion_there_are_put_before_people(
    world: World, bob: Visitor, done: str, words: str
) -> None:
    number = generated(world, bob)
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation=done)
    world.due_now()
    world.work()
    assert f"{words} QuickBooks" in bob.go("exceptions/").row(number)
    assert "Draft" in steps.open_invoice(bob, number).text, "nothing happens here by itself"
