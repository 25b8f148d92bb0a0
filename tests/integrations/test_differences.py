"""Changed over there after we sent it: one question with both values, two answers (L-17 to L-19, X-98)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from billing.models import Invoice, Status
from billing.money import Money
from billing.services import invoices
from integrations.documents import Document, Held, InvoiceDocument, PaymentDocument, kind_of
from integrations.models import Discrepancy, set_policies
from integrations.policies import Policies
from tests import factories
from tests.integrations.shown import with_what_was_shown
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2026, 11, 20)
INVOICE_THERE = InvoiceDocument("INV-1042", "58", DAY, DAY, "USD")
PAYMENT_THERE = PaymentDocument("58", DAY, Money(10000, "USD"))


def changed_over_there(world: World, **change: Any) -> Invoice:
    """An invoice that somebody has edited in QuickBooks since, and that we have looked at again."""
    invoice = world.invoice(world.customer())
    world.work()
    edit_over_there(world, **change)
    world.due_now()
    world.work()
    return invoice


def edit_over_there(world: World, **change: Any) -> None:
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, **change})


def answer(world: World, client: Client, said: str) -> str:
    """Presses a button of the question; the page that follows."""
    client.force_login(world.owner)
    with world.inside():
        (question,) = Discrepancy.objects.filter(closed_at=None)
    address = f"/o/{world.organization.slug}/sync/difference/{question.pk}/"
    sent = with_what_was_shown(world, question, said)
    return client.post(address, sent, follow=True).content.decode()


def page_of(world: World, client: Client, invoice: Invoice) -> str:
    client.force_login(world.owner)
    return client.get(f"/o/{world.organization.slug}/invoices/{invoice.pk}/").content.decode()


def open_questions(world: World) -> int:
    with world.inside():
        return Discrepancy.objects.filter(closed_at=None).count()


def test_L_17_changed_invoice_shows_both_values(world: World, client: Client) -> None:
    invoice = changed_over_there(world, CustomerMemo={"value": "Call <me>"})
    page = page_of(world, client, invoice)
    assert "Differs from QuickBooks" in page
    assert "Call &lt;me&gt;" in page
    assert "Send ours again" in page


def test_X_98_theirs_is_taken_and_nothing_is_sent(world: World, client: Client) -> None:
    due_on = factories.TODAY + timedelta(days=45)
    invoice = changed_over_there(
        world, DueDate=due_on.isoformat(), CustomerMemo={"value": "theirs"}
    )
    world.forget_calls()
    answer(world, client, "theirs")
    world.work()
    taken = world.fresh(invoice)
    assert (taken.due_on, taken.notes) == (due_on, "theirs")
    assert world.journal() == []
    assert (world.job(invoice).state, open_questions(world)) == ("synced", 0)


def test_X_98_ours_is_sent_again(world: World, client: Client) -> None:
    invoice = changed_over_there(world, CustomerMemo={"value": "theirs"})
    answer(world, client, "ours")
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs.get("CustomerMemo", {}).get("value", "") == world.fresh(invoice).notes
    world.due_now()
    world.work()
    assert (world.job(invoice).state, open_questions(world)) == ("synced", 0)


def test_edits_on_both_sides_are_asked_about_and_neither_is_lost(
    world: World, client: Client
) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    edit_over_there(world, CustomerMemo={"value": "theirs"})
    with world.inside():
        invoices.edit(invoice=world.fresh(invoice), memo="ours")
    world.work()
    assert world.job(invoice).state == "errored"
    world.work()
    assert open_questions(world) == 1, "the question is there without waiting for the next round"
    answer(world, client, "ours")
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs["PrivateNote"].startswith("ours")
    assert world.job(invoice).state == "synced"


def test_L_18_void_over_there_is_followed_when_asked(world: World, client: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="void")
    world.due_now()
    world.work()
    assert "Void it here too" in page_of(world, client, invoice)
    answer(world, client, "theirs")
    world.work()
    assert world.fresh(invoice).status == Status.VOID
    assert world.job(invoice).state == "synced"


def test_L_19_deleted_invoice_is_asked_about(world: World, client: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="delete")
    world.due_now()
    world.work()
    assert "was deleted in QuickBooks" in page_of(world, client, invoice)
    answer(world, client, "theirs")
    assert world.fresh(invoice).status == Status.VOID


def test_deletion_that_was_taken_over_is_not_asked_about_again_when_it_is_met_again(
    world: World, client: Client
) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="delete")
    world.due_now()
    world.work()
    answer(world, client, "theirs")
    assert world.fresh(invoice).status == Status.VOID
    for _ in range(2):
        world.due_now()
        world.work()
    with world.inside():
        assert not Discrepancy.objects.filter(closed_at=None).exists()


def test_question_closes_by_itself_when_the_difference_is_gone(world: World) -> None:
    changed_over_there(world, CustomerMemo={"value": "theirs"})
    edit_over_there(world, CustomerMemo={"value": ""})
    world.due_now()
    world.work()
    assert open_questions(world) == 0


def test_ours_goes_out_once_the_difference_that_held_it_up_is_gone(world: World) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    edit_over_there(world, CustomerMemo={"value": "theirs"})
    with world.inside():
        invoices.edit(invoice=world.fresh(invoice), memo="ours")
    world.work()
    world.work()
    assert (world.job(invoice).state, open_questions(world)) == ("errored", 1)
    edit_over_there(world, CustomerMemo={"value": ""})
    world.due_now()
    world.work()
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs["PrivateNote"].startswith("ours")
    assert (world.job(invoice).state, open_questions(world)) == ("synced", 0)


def test_what_cannot_be_taken_says_why_and_stays_open(world: World, client: Client) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        invoices.send(invoice=world.fresh(invoice))
    world.work()
    edit_over_there(world, TxnDate="1985-05-01")
    world.due_now()
    world.work()
    page = answer(world, client, "theirs")
    assert "Theirs cannot be taken" in page
    assert "is not between 1990 and 2100" in page
    assert open_questions(world) == 1
    assert world.fresh(invoice).issued_on == invoice.issued_on


def gone_over_there(world: World, operation: str) -> Invoice:
    invoice = world.invoice(world.customer())
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation=operation)
    world.due_now()
    world.work()
    return invoice


def test_what_was_deleted_over_there_is_made_again_as_another_document(
    world: World, client: Client
) -> None:
    invoice = gone_over_there(world, "delete")
    former = world.link(invoice).remote_id
    assert "Make it again in QuickBooks" in page_of(world, client, invoice)
    answer(world, client, "again")
    world.work()
    assert (world.job(invoice).state, open_questions(world)) == ("synced", 0)
    (theirs,) = world.held("Invoice")
    assert theirs["Id"] == world.link(invoice).remote_id != former
    assert theirs["DocNumber"] == invoice.number


def test_what_was_voided_over_there_keeps_its_number_there_and_is_not_made_again(
    world: World, client: Client
) -> None:
    invoice = gone_over_there(world, "void")
    assert "Make it again" not in page_of(world, client, invoice)
    answer(world, client, "again")
    world.work()
    assert (len(world.held("Invoice")), open_questions(world)) == (1, 1)


def test_it_is_made_again_once_when_the_answer_is_lost(world: World, client: Client) -> None:
    invoice = gone_over_there(world, "delete")
    world.trouble("requestid_ignored", times=None)
    world.trouble("answer_dropped")
    answer(world, client, "again")
    for _ in range(3):
        world.work()
        world.later(seconds=200)
    assert world.job(invoice).state == "synced"
    assert len(world.held("Invoice")) == 1


@pytest.mark.parametrize("operation", ["void", "delete"])
def test_what_was_changed_and_is_gone_is_one_question(
    world: World, client: Client, operation: str
) -> None:
    invoice = changed_over_there(world, CustomerMemo={"value": "theirs"})
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation=operation)
    world.due_now()
    world.work()
    answer(world, client, "theirs")
    world.work()
    assert world.fresh(invoice).status == Status.VOID
    assert (world.job(invoice).state, open_questions(world)) == ("synced", 0)


def test_sync_rules_answer_what_is_gone_also_where_its_change_is_still_asked_about(
    world: World,
) -> None:
    with world.inside():
        set_policies(Policies.of({"remote_delete_policy": "archive"}))
    invoice = changed_over_there(world, CustomerMemo={"value": "theirs"})
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="delete")
    world.due_now()
    world.work()
    assert world.fresh(invoice).is_archived
    assert open_questions(world) == 0


def test_edit_over_there_between_our_change_and_its_lost_answer_is_asked_about(
    world: World, client: Client
) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        invoices.edit(invoice=world.fresh(invoice), notes="ours")
    world.trouble("answer_dropped", entity="Invoice", method="POST")
    world.trouble("status", status=503, method="GET", times=4)
    world.work()
    world.calm()
    due_on = factories.TODAY + timedelta(days=45)
    edit_over_there(world, DueDate=due_on.isoformat())
    for _ in range(3):
        world.work()
        world.later(minutes=20)
    assert world.job(invoice).state == "synced"
    page = page_of(world, client, invoice)
    assert "Due date" in page and "Take theirs" in page
    answer(world, client, "theirs")
    world.work()
    assert (world.fresh(invoice).due_on, world.fresh(invoice).notes) == (due_on, "ours")
    assert (world.job(invoice).state, open_questions(world)) == ("synced", 0)


@pytest.mark.parametrize("document", [INVOICE_THERE, PAYMENT_THERE], ids=["invoice", "payment"])
def test_what_was_seen_of_a_document_is_known_when_somebody_answers(
    unconnected: World, document: Document
) -> None:
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC)
    held = Held(
        kind_of(document),
        "145",
        "2",
        document,
        created_at=moment,
        updated_at=moment,
        total=Money(10000, "USD"),
        balance=Money(2500, "USD"),
        number="INV-1042",
    )
    with unconnected.inside():
        seen = Discrepancy.what_was_seen(held)
        question = Discrepancy(kind=held.kind, remote_id=held.id, **seen)
    assert question.held() == held
