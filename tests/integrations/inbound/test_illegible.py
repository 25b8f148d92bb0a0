"""One document of a form nobody foresaw: it is a question, and everything else of its answer is taken."""

from typing import Any

import pytest
from django.test import Client

from billing.models import Status
from integrations.documents import Kind
from integrations.inbound import decisions, drift
from integrations.models import Discrepancy, Doorbell
from integrations.quickbooks_online import feed
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def garble(world: World, invoice: Any, date: str = "the day before yesterday") -> str:
    """The invoice bears a date over there that is none. Returns its id."""
    theirs = world.link(invoice).remote_id
    world.box.core.store.execute(
        "UPDATE objects SET body=json_set(body, '$.TxnDate', ?) WHERE realm=? AND kind='Invoice' AND id=?",
        (date, int(world.realm), int(theirs)),
    )
    return theirs


def open_questions(world: World) -> list[Discrepancy]:
    with world.inside():
        return list(Discrepancy.objects.filter(closed_at=None))


@pytest.mark.parametrize("cut_off", [False, True])
def test_others_of_the_answer_are_taken(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch, cut_off: bool
) -> None:
    if cut_off:
        monkeypatch.setattr(feed, "ANSWER_LIMIT", 1)
    customer = world.linked_customer()
    strange, sound = world.invoice(customer), world.invoice(customer)
    world.work()
    theirs = garble(world, strange)
    world.pays(sound, "100")
    world.due_now()
    world.work()
    assert world.fresh(sound).status == Status.PAID
    (question,) = open_questions(world)
    assert (question.reason_code, question.remote_id) == (drift.ILLEGIBLE, theirs)
    client.force_login(world.owner)
    page = client.get(f"/o/{world.organization.slug}/exceptions/").content.decode()
    assert f"The invoice {theirs} in QuickBooks has a form that Regentra cannot read" in page


def test_the_question_closes_when_it_can_be_read(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    (there,) = world.held("Invoice")
    garble(world, invoice)
    world.due_now()
    world.work()
    assert len(open_questions(world)) == 1
    garble(world, invoice, there["TxnDate"])
    world.due_now()
    world.work()
    assert open_questions(world) == []


def test_a_mark_on_it_is_answered_and_holds_up_no_look(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    theirs = garble(world, invoice)
    world.due_now()
    world.work()
    (question,) = open_questions(world)
    before = world.connection.changes_since
    with world.inside():
        decisions.try_again(question, actor=world.owner)
    world.due_now()
    world.work()
    after = world.connection.changes_since
    assert before is not None and after is not None and after > before
    assert world.due_in().total_seconds() > 60, "nothing is left to be looked at"
    assert [one.remote_id for one in open_questions(world)] == [theirs]


def leave_the_feed(world: World, theirs: str) -> None:
    """The change feed tells of it no more."""
    world.box.core.store.execute(
        "UPDATE objects SET updated=updated-86400 WHERE realm=? AND kind='Invoice' AND id=?",
        (int(world.realm), int(theirs)),
    )


@pytest.mark.parametrize("code", ["2030", "5030", "6000"])
def test_a_mark_on_what_they_refuse_to_show_is_a_question_and_holds_up_no_look(
    world: World, client: Client, code: str
) -> None:
    invoice, paid = world.invoice(world.linked_customer()), world.invoice(world.customer("Contoso"))
    world.work()
    theirs = world.link(invoice).remote_id
    leave_the_feed(world, theirs)
    world.trouble("fault", code=code, path=f"/invoice/{theirs}", times=None)
    with world.inside():
        Doorbell.ring_again(world.connection, Kind.INVOICE, theirs)
    before = world.connection.changes_since
    world.pays(paid, "100")
    world.due_now()
    world.work()
    after = world.connection.changes_since
    assert before is not None and after is not None and after > before
    assert world.due_in().total_seconds() > 60, "nothing is left to be looked at"
    assert world.fresh(paid).status == Status.PAID
    (question,) = open_questions(world)
    assert (question.reason_code, question.remote_id) == (drift.ILLEGIBLE, theirs)
    client.force_login(world.owner)
    page = client.get(f"/o/{world.organization.slug}/exceptions/").content.decode()
    assert f"QuickBooks refused to show its invoice {theirs} (it answered {code})" in page
    world.calm()
    with world.inside():
        decisions.try_again(question, actor=world.owner)
    world.due_now()
    world.work()
    assert open_questions(world) == []
