"""After a restore: the rows here are those of an earlier moment, and QuickBooks holds more."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from billing.models import CreditMemo, Customer, Invoice, Method, Payment
from billing.services import invoices, payments
from integrations import rule_changes, tasks
from integrations.documents import Kind
from integrations.inbound import decisions, importing
from integrations.models import (
    Discrepancy,
    Intent,
    KnownDatabase,
    Link,
    SyncDue,
    SyncJob,
    set_policies,
)
from integrations.outbound import restored, safe_mode, wishes
from integrations.policies import Policies, PushWhen
from regentra import clock
from tenants.models import Organization
from tests import factories
from tests.backup import Backup
from tests.features.test_import_rows import moved_to_another
from tests.features.test_once_rows import SETTLED_AFTER_MINUTES, Killed, dies_at
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def restore(world: World, backup: Backup) -> None:
    """The vendor has forgotten our request ids meanwhile, so nothing but a look-up helps."""
    backup.restore()
    world.trouble("requestid_forgotten", times=None, method="POST")


def command(wish: str) -> str:
    out = io.StringIO()
    call_command("safe-mode", wish, stdout=out)
    return out.getvalue()


def safe_since(world: World) -> Any:
    return SyncDue.objects.get(connection_id=world.connections[-1]).safe_since


def long_ago(world: World) -> None:
    """Whatever was under way when safe mode began has arrived."""
    since = safe_since(world) - safe_mode.ARRIVED_AFTER - timedelta(seconds=1)
    SyncDue.objects.exclude(safe_since=None).update(safe_since=since)


def all_done(world: World) -> None:
    for _ in range(4):
        world.work()
        world.later(minutes=5)
    world.work()


def paid_invoice(world: World) -> tuple[Any, Any, Any]:
    """A customer, an invoice and its payment that were never sent."""
    customer = world.customer()
    invoice = world.invoice(customer)
    with world.inside():
        invoices.send(invoice=world.fresh(invoice))
        payment = factories.payment(world.fresh(invoice), amount="40")
    return customer, invoice, payment


def counts(world: World) -> dict[str, int]:
    return {entity: len(world.held(entity)) for entity in ("Customer", "Invoice", "Payment")}


def test_without_safe_mode_a_restore_doubles_what_was_sent_after_the_backup(world: World) -> None:
    paid_invoice(world)
    backup = Backup.of(world.organization.pk)
    world.work()
    restore(world, backup)
    all_done(world)
    assert counts(world)["Payment"] == 2, "the test would prove nothing otherwise"


@pytest.mark.parametrize("at_once", [True, False])
def test_what_was_sent_after_the_backup_is_found_and_linked(world: World, at_once: bool) -> None:
    customer, invoice, payment = paid_invoice(world)
    backup = Backup.of(world.organization.pk)
    world.work()
    theirs = [world.link(each).remote_id for each in (customer, invoice, payment)]
    restore(world, backup)
    command("on")
    if not at_once:
        long_ago(world)
    all_done(world)
    assert counts(world) == {"Customer": 1, "Invoice": 1, "Payment": 1}
    assert [world.link(each).remote_id for each in (customer, invoice, payment)] == theirs
    assert {world.job(each).state for each in (customer, invoice, payment)} == {"synced"}


def test_where_quickbooks_counts_for_itself_everything_is_found_as_well(world: World) -> None:
    world.connect(custom_numbers=False)
    world.use_company()
    world.work()
    _, invoice, payment = paid_invoice(world)
    backup = Backup.of(world.organization.pk)
    world.work()
    restore(world, backup)
    command("on")
    all_done(world)
    assert counts(world) == {"Customer": 1, "Invoice": 1, "Payment": 1}
    assert (world.job(invoice).state, world.job(payment).state) == ("synced", "synced")


def test_a_first_send_is_looked_up_before_and_then_made_once(world: World) -> None:
    customer = world.linked_customer()
    command("on")
    long_ago(world)
    SyncDue.objects.update(sweep_due_at=None)
    invoice = world.invoice(customer)
    world.forget_calls()
    world.work()
    calls = [call["operation"] for call in world.journal()]
    assert calls == ["query", "query", "create"], "by number, then by customer and time"
    assert world.job(invoice).state == "synced"


def test_a_full_comparison_ends_it_for_that_company(world: World) -> None:
    command("on")
    world.work()
    assert safe_since(world) is not None, "what was under way may still arrive"
    long_ago(world)
    world.due_now()
    world.work()
    assert safe_since(world) is None
    customer = world.linked_customer()
    world.forget_calls()
    world.invoice(customer)
    world.work()
    assert [call["operation"] for call in world.journal()] == ["create"]


@pytest.mark.parametrize("order", [("chosen", "on"), ("on", "chosen")])
def test_company_that_is_looked_at_only_when_somebody_asks_leaves_it_by_itself(
    world: World, order: tuple[str, ...]
) -> None:
    world.work()
    for step in order:
        if step == "on":
            command("on")
        else:
            with world.inside():
                rule_changes.adopt({"sync_cadence": "manual"}, actor=world.owner)
    for minutes in (0, 5, 10):
        with clock.frozen(clock.now() + timedelta(minutes=minutes)):
            world.work()
    assert safe_since(world) is None
    assert SyncDue.objects.get().sweep_due_at is None


def test_disconnected_company_stays_in_it_until_it_is_connected_again(world: World) -> None:
    world.work()
    world.disconnect()
    command("on")
    world.work()
    assert safe_since(world) is not None
    assert SyncDue.objects.get().sweep_due_at is None
    world.connect(realm=world.realm)
    long_ago(world)
    world.work()
    assert safe_since(world) is None


def test_a_comparison_links_what_no_job_would_look_for(world: World) -> None:
    """At the moment of the backup staff had not asked to send it; after it they did."""
    customer = world.linked_customer()
    with world.inside():
        invoice = factories.draft(customer, actor=world.owner)
    backup = Backup.of(world.organization.pk)
    with world.inside():
        wishes.send_now(Kind.INVOICE, invoice.pk)
    world.work()
    (theirs,) = world.held("Invoice")
    restore(world, backup)
    command("on")
    world.due_now()
    all_done(world)
    assert world.link(invoice).remote_id == theirs["Id"]
    assert counts(world)["Invoice"] == 1


def test_what_was_left_to_the_button_and_is_there_is_linked_and_paid(world: World) -> None:
    """In the backup it waits for the night; after it the invoice was sent, and its payment was not yet."""
    with world.inside():
        set_policies(Policies(push_when=PushWhen.NIGHTLY))
    customer, invoice, payment = paid_invoice(world)
    world.work()
    backup = Backup.of(world.organization.pk)
    with world.inside():
        wishes.send_now(Kind.INVOICE, invoice.pk)
    world.work()
    assert counts(world) == {"Customer": 1, "Invoice": 1, "Payment": 0}
    restore(world, backup)
    command("on")
    with world.inside():
        rule_changes.adopt({"push_when": "button"}, actor=world.owner)
        assert not SyncJob.objects.exists()
    world.due_now()
    all_done(world)
    assert counts(world) == {"Customer": 1, "Invoice": 1, "Payment": 1}
    assert {world.job(each).state for each in (customer, invoice, payment)} == {"synced"}


def test_our_own_payment_is_not_booked_a_second_time(world: World) -> None:
    *_, payment = paid_invoice(world)
    world.work()
    with world.inside():
        Link.objects.filter(local_id=payment.pk).delete()
        Intent.objects.filter(local_id=payment.pk).delete()
    (theirs,) = world.held("Payment")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper(
        "Payment", {**keys, "sparse": True, "PaymentRefNum": theirs.get("PaymentRefNum", "")}
    )
    world.due_now()
    world.work()
    with world.inside():
        assert Payment.objects.count() == 1
    assert world.link(payment).remote_id == theirs["Id"]
    assert safe_since(world) is not None, "a mark without a write of ours"


def test_what_they_changed_since_is_asked(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    backup = Backup.of(world.organization.pk)
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    memo = {"CustomerMemo": {"value": "changed by the bookkeeper"}}
    world.bookkeeper("Invoice", {**keys, "sparse": True, **memo})
    restore(world, backup)
    command("on")
    all_done(world)
    with world.inside():
        (question,) = Discrepancy.objects.filter(closed_at=None)
    assert (question.local_id, question.reason_code) == (invoice.pk, "changed_there")
    assert world.held("Invoice")[0]["CustomerMemo"]["value"] == "changed by the bookkeeper"
    with world.inside():
        decisions.send_ours(question, actor=world.owner)
    world.work()
    assert not world.held("Invoice")[0].get("CustomerMemo", {}).get("value")


def test_a_document_whose_own_row_was_lost_is_a_question(world: World, client: Client) -> None:
    customer = world.linked_customer()
    backup = Backup.of(world.organization.pk)
    world.invoice(customer)
    world.work()
    restore(world, backup)
    command("on")
    world.due_now()
    all_done(world)
    with world.inside():
        (question,) = Discrepancy.objects.filter(closed_at=None)
    assert question.reason_code == "made_by_lost"
    client.force_login(world.owner)
    page = client.get(f"/o/{world.organization.slug}/exceptions/").content.decode()
    assert "nothing here belongs to it" in page


def bring_in(world: World) -> None:
    with world.inside():
        run = importing.ask_for(world.connection, actor=world.owner)
    world.work()
    with world.inside():
        assert importing.begin(run, actor=world.owner)
    for _ in range(6):
        world.work()


def test_import_brings_in_nothing_that_a_restore_lost(world: World) -> None:
    """Unlike what another organization made that had the company before."""
    customer = world.linked_customer()
    backup = Backup.of(world.organization.pk)
    world.invoice(customer)
    world.work()
    restore(world, backup)
    bring_in(world)
    with world.inside():
        assert Invoice.objects.count() == 0
        assert Discrepancy.objects.get(closed_at=None).reason_code == "made_by_lost"
    assert safe_since(world) is not None


def test_lost_payment_that_cannot_be_booked_keeps_no_company_in_safe_mode(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    backup = Backup.of(world.organization.pk)
    with world.inside():
        factories.payment(world.fresh(invoice), amount="100")
    world.work()
    restore(world, backup)
    with world.inside():
        factories.payment(world.fresh(invoice), amount="100")
    command("on")
    long_ago(world)
    for _ in range(3):
        world.due_now()
        all_done(world)
    with world.inside():
        assert Discrepancy.objects.filter(reason_code="cannot_apply", closed_at=None).exists()
    assert safe_since(world) is None


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("days", [0, 3])
def test_company_that_was_connected_after_the_backup_is_compared_once_it_is_connected_again(
    unconnected: World, told: bool, days: int
) -> None:
    """Its row is gone with all that was sent; the organization was there when the backup was taken."""
    world = unconnected
    customer, invoice, payment = paid_invoice(world)
    restored.notice()
    backup = Backup.of(world.organization.pk)
    world.connect()
    all_done(world)
    assert counts(world) == {"Customer": 1, "Invoice": 1, "Payment": 1}
    restore(world, backup)
    world.connections.clear()
    world.control("POST", "clock", {"advance": days * 24 * 3600})
    with clock.frozen(clock.now() + timedelta(days=days)):
        if told:
            assert "0 companies in safe mode" in command("on")
        else:
            KnownDatabase.objects.update(identity="7000000000000000000.00000001.1.1")
        world.connect(realm=world.realm)
        all_done(world)
    assert counts(world) == {"Customer": 1, "Invoice": 1, "Payment": 1}
    assert {world.job(each).state for each in (customer, invoice, payment)} == {"synced"}


def test_what_was_sent_by_hand_to_a_company_of_after_the_backup_is_linked_and_not_sent_by_hand_again(
    unconnected: World,
) -> None:
    world = unconnected
    with world.inside():
        invoice = factories.draft(world.customer(), actor=world.owner)
    tasks.tick()
    backup = Backup.of(world.organization.pk)
    world.connect()
    with world.inside():
        wishes.send_now(Kind.INVOICE, invoice.pk)
    all_done(world)
    (theirs,) = world.held("Invoice")
    restore(world, backup)
    world.connections.clear()
    command("on")
    world.connect(realm=world.realm)
    all_done(world)
    assert world.link(invoice).remote_id == theirs["Id"]
    with world.inside():
        wishes.send_now(Kind.INVOICE, invoice.pk)
    all_done(world)
    assert counts(world)["Invoice"] == 1


def test_company_that_comes_long_after_a_restore_is_connected_as_any_other(
    unconnected: World,
) -> None:
    command("on")
    begun = clock.now() - safe_mode.FORGOTTEN_WITHIN - timedelta(seconds=1)
    KnownDatabase.objects.update(safe_since=begun)
    Organization.objects.update(created_at=begun - timedelta(days=1))
    unconnected.connect()
    assert safe_since(unconnected) is None


def test_company_of_an_organization_that_came_after_the_restore_is_connected_as_any_other(
    unconnected: World,
) -> None:
    command("on")
    Organization.objects.update(created_at=clock.now())
    unconnected.connect()
    assert safe_since(unconnected) is None


def test_another_database_is_noticed_by_the_timetable_and_by_each_turn(world: World) -> None:
    assert safe_since(world) is None
    for noticed in (tasks.tick, lambda: (world.due_now(), world.work())):
        command("off")
        KnownDatabase.objects.update(identity="7000000000000000000.00000001.1.1")
        noticed()
        assert safe_since(world) is not None


def test_the_same_database_is_no_reason(world: World) -> None:
    for _ in range(2):
        tasks.tick()
    assert safe_since(world) is None


def test_the_page_says_so(world: World, client: Client) -> None:
    client.force_login(world.owner)
    address = f"/o/{world.organization.slug}/settings/integrations/quickbooks/"
    assert "before it sends anything for the first time" not in client.get(address).content.decode()
    command("on")
    assert "before it sends anything for the first time" in client.get(address).content.decode()


def test_the_command_says_which_companies(world: World) -> None:
    assert "0 of 1 company in safe mode" in command("status")
    assert "1 company in safe mode" in command("on")
    assert world.organization.slug in command("status")
    assert "1 company taken out" in command("off")
    assert safe_since(world) is None


def company_forgotten(world: World) -> None:
    """It was connected after the backup and was sent an invoice, of which nothing is known after the restore."""
    restored.notice()
    backup = Backup.of(world.organization.pk)
    world.connect()
    world.work()
    world.invoice(world.linked_customer())
    world.work()
    restore(world, backup)
    command("on")
    world.control("POST", "clock", {"advance": 3600})
    world.connections.clear()


def test_lost_invoice_of_a_company_that_the_restore_lost_too_is_told(unconnected: World) -> None:
    world = unconnected
    company_forgotten(world)
    with clock.frozen(clock.now() + timedelta(hours=1)):
        world.connect(realm=world.realm)
        world.due_now()
        all_done(world)
    with world.inside():
        asked = Discrepancy.objects.filter(closed_at=None).values_list("reason_code", flat=True)
        assert (Invoice.objects.count(), list(asked)) == (0, ["made_by_lost"])


def test_import_into_a_company_that_the_restore_lost_brings_in_nothing_of_ours(
    unconnected: World,
) -> None:
    world = unconnected
    company_forgotten(world)
    with clock.frozen(clock.now() + timedelta(hours=1)):
        world.connect(realm=world.realm)
        all_done(world)
        bring_in(world)
    with world.inside():
        assert not Link.objects.filter(kind=Kind.INVOICE).exists()


def test_what_another_organization_made_while_ours_was_away_is_none_that_the_restore_lost(
    unconnected: World,
) -> None:
    ours = unconnected
    restored.notice()
    command("on")
    ours.connect()
    all_done(ours)
    command("off")
    with clock.frozen(clock.now()) as now:

        def hour_passes() -> None:
            now.advance(seconds=3600)
            ours.control("POST", "clock", {"advance": 3600})

        hour_passes()
        ours.disconnect()
        hour_passes()
        new, _ = moved_to_another(ours)
        new.invoice(new.linked_customer())
        new.work()
        assert len(new.held("Invoice")) == 1
        new.disconnect()
        hour_passes()
        ours.connect(realm=ours.realm)
        ours.due_now()
        all_done(ours)
    ours.control("POST", "clock", {"advance": -3 * 3600})
    with ours.inside():
        assert not Discrepancy.objects.filter(closed_at=None).exists()
    assert safe_since(ours) is None


def test_company_that_is_connected_once_the_clock_was_set_back_leaves_it_all_the_same(
    unconnected: World,
) -> None:
    restored.notice()
    KnownDatabase.objects.update(safe_since=clock.now() + timedelta(days=20))
    unconnected.connect()
    entered = safe_since(unconnected)
    assert entered is not None
    assert entered <= clock.now()


def test_company_that_was_in_it_before_the_clock_was_set_back_leaves_it_all_the_same(
    world: World,
) -> None:
    customer = world.linked_customer()
    start = clock.now()
    ahead = start + timedelta(days=20)
    SyncDue.objects.update(safe_since=ahead, sweep_due_at=ahead)
    invoice = world.invoice(customer)
    for minutes in range(0, 10, 3):
        with clock.frozen(start + timedelta(minutes=minutes)):
            world.work()
    assert world.job(invoice).state == "synced"
    assert safe_since(world) is None


def lost(world: World, made: Callable[[World], Any], entity: str) -> list[dict[str, Any]]:
    """Made and sent after the backup; what QuickBooks holds of it once staff are asked about it."""
    backup = Backup.of(world.organization.pk)
    made(world)
    all_done(world)
    restore(world, backup)
    command("on")
    for _ in range(2):
        world.due_now()
        all_done(world)
    with world.inside():
        assert list(Discrepancy.objects.filter(closed_at=None).values_list("reason_code")) == [
            ("made_by_lost",)
        ]
    return world.held(entity)


def prepaid(world: World) -> Payment:
    """50.00 on no invoice, sent by its button."""
    with world.inside():
        payment = payments.record(
            customer=Customer.objects.get(),
            amount=factories.usd(50),
            allocations={},
            received_on=factories.local_today(),
            method=Method.CHECK,
        )
        wishes.send_now(Kind.PAYMENT, payment.pk)
        return payment


def credited(world: World) -> CreditMemo:
    with world.inside():
        return factories.credit_memo(Invoice.objects.get(), amount="40")


def billed(world: World) -> Invoice:
    with world.inside():
        customer = Customer.objects.get()
    return world.invoice(customer)


ENTERED_AGAIN = [(prepaid, "Payment"), (credited, "CreditMemo"), (billed, "Invoice")]


@pytest.fixture
def known(world: World) -> World:
    """A customer with an invoice that is paid on both sides."""
    invoice = world.invoice(world.linked_customer())
    with world.inside():
        invoices.send(invoice=world.fresh(invoice))
        factories.payment(world.fresh(invoice))
    all_done(world)
    return world


@pytest.mark.parametrize(("made", "entity"), ENTERED_AGAIN)
def test_what_a_restore_lost_and_staff_enter_again_is_linked_and_not_sent(
    known: World, made: Callable[[World], Any], entity: str
) -> None:
    there = lost(known, made, entity)
    again = made(known)
    all_done(known)
    assert [one["Id"] for one in known.held(entity)] == [one["Id"] for one in there]
    assert known.link(again).remote_id == there[-1]["Id"]
    assert known.job(again).state == "synced"
    with known.inside():
        assert not Discrepancy.objects.filter(closed_at=None).exists()


def test_what_a_restore_lost_and_was_voided_there_is_not_what_staff_enter_again(
    known: World,
) -> None:
    *_, former = lost(known, prepaid, "Payment")
    keys = {name: former[name] for name in ("Id", "SyncToken")}
    known.bookkeeper("Payment", {**keys, "sparse": True}, operation="update", include="void")
    again = prepaid(known)
    all_done(known)
    assert known.link(again).remote_id != former["Id"]
    with known.inside():
        assert not known.fresh(again).is_void


def test_two_like_the_one_that_a_restore_lost_are_that_one_and_another(known: World) -> None:
    before = len(known.held("Payment"))
    lost(known, prepaid, "Payment")
    one, other = prepaid(known), prepaid(known)
    all_done(known)
    assert known.link(one).remote_id != known.link(other).remote_id
    assert len(known.held("Payment")) == before + 2


@pytest.mark.parametrize(
    "point",
    [
        "after CommitIntent",
        "before ReadTarget",
        "after ReadTarget",
        "before CommitAnswer",
        "after CommitAnswer",
    ],
)
def test_what_staff_enter_again_is_linked_wherever_the_worker_dies(
    known: World, point: str
) -> None:
    there = lost(known, prepaid, "Payment")
    again = prepaid(known)
    with pytest.raises(Killed):
        known.work(dies_at(point))
    known.later(minutes=SETTLED_AFTER_MINUTES)
    all_done(known)
    assert [one["Id"] for one in known.held("Payment")] == [one["Id"] for one in there]
    assert known.link(again).remote_id == there[-1]["Id"]


def test_what_staff_enter_again_is_not_sent_because_quickbooks_does_not_answer(
    known: World,
) -> None:
    there = lost(known, prepaid, "Payment")
    again = prepaid(known)
    known.trouble("status", status=500, entity="Payment", method="GET")
    all_done(known)
    assert len(known.held("Payment")) == len(there)
    known.later(minutes=SETTLED_AFTER_MINUTES)
    all_done(known)
    assert [one["Id"] for one in known.held("Payment")] == [one["Id"] for one in there]
    assert known.link(again).remote_id == there[-1]["Id"]
