"""Ordinary edits of the bookkeeper that meet what was done here: none holds up a company, none stops sending."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from billing.services import taking_over
from integrations.checkup import check_up
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_credit_rows import issue
from tests.features.test_field_rows import bookkeeper_changes, sent_invoice, settle
from tests.features.test_import_rows import (
    bring_in,
    changed_there,
    choose,
    look,
    their_customer,
    their_invoice,
    their_line,
    their_payment,
)
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def line(world: World, words: str, amount: str) -> dict[str, Any]:
    return {**their_line(world, amount), "Description": words}


def paid_there(world: World, person: Visitor) -> dict[str, Any]:
    """Q-1, made in QuickBooks with Support of 60.00 and Travel of 40.00, paid there and brought in."""
    lines = [line(world, "Support", "60"), line(world, "Travel", "40")]
    bill = their_invoice(world, their_customer(world), number="Q-1", Line=lines)
    their_payment(world, bill, "100")
    bring_in(world, person)
    return bill


def still_flows(world: World, person: Visitor, bill: dict[str, Any]) -> None:
    """What the bookkeeper does after it is taken in."""
    later = their_invoice(world, bill["CustomerRef"]["value"], number="Q-2")
    look(world)
    changed_there(world, "Invoice", later["Id"], CustomerMemo={"value": "After it"})
    assert "After it" in steps.open_invoice(person, "Q-2").text


def is_stopped(world: World) -> bool:
    """Whether a look over the rows stops sending."""
    check_up(world.organization.id)
    return world.connection.stopped_at is not None


def test_lines_merged_there_of_which_one_was_credited_here_are_followed(
    world: World, alice: Visitor
) -> None:
    choose(alice, invoices_made_there="It is brought in here")
    bill = paid_there(world, alice)
    issue(alice, "Q-1", Travel="40")
    world.work()
    merged = [line(world, "Support and travel", "100")]
    changed_there(world, "Invoice", bill["Id"], Line=merged)
    shown = steps.open_invoice(alice, "Q-1").text
    assert "Support and travel" in shown
    assert "Nothing needs you" in alice.go("exceptions/").text
    assert not is_stopped(world)
    still_flows(world, alice, bill)


@pytest.mark.parametrize("rule", ["per_field", "qbo", "by hand"])
def test_date_moved_there_beyond_our_due_date_moves_that_along(
    world: World, alice: Visitor, rule: str
) -> None:
    if rule == "per_field":
        choose(alice, unpaid_edit_owner=rule, due_date_owner="ours", invoice_date_owner="theirs")
    elif rule == "qbo":
        choose(alice, unpaid_edit_owner=rule)
    number = sent_invoice(world, alice)
    due_on = steps.invoice(world, number).due_on
    day = due_on + timedelta(days=10)
    bookkeeper_changes(world, TxnDate=day.isoformat(), DueDate=due_on.isoformat())
    settle(world)
    if rule == "by hand":
        steps.open_invoice(alice, number)
        alice.press("Take theirs")
        settle(world)
    invoice = steps.invoice(world, number)
    assert (invoice.issued_on, invoice.due_on) == (day, day)
    assert "Nothing needs you" in alice.go("exceptions/").text
    (held,) = world.held("Invoice")
    assert held["TxnDate"] == day.isoformat()
    if rule == "per_field":
        assert held["DueDate"] == day.isoformat(), "ours is the one that counts"


def test_due_date_moved_there_before_the_date_here_is_the_date_here(
    world: World, alice: Visitor
) -> None:
    choose(alice, unpaid_edit_owner="per_field", due_date_owner="theirs", invoice_date_owner="ours")
    number = sent_invoice(world, alice)
    ours = steps.invoice(world, number).issued_on
    day = (ours - timedelta(days=10)).isoformat()
    bookkeeper_changes(world, TxnDate=day, DueDate=day)
    settle(world)
    invoice = steps.invoice(world, number)
    assert (invoice.issued_on, invoice.due_on) == (ours, ours)
    assert "Nothing needs you" in alice.go("exceptions/").text
    (held,) = world.held("Invoice")
    assert held["TxnDate"] == ours.isoformat()


def test_document_that_breaks_in_a_way_nobody_foresaw_is_a_question_and_holds_up_no_other(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(alice, invoices_made_there="It is brought in here")
    bill = paid_there(world, alice)

    def broken(**_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    with monkeypatch.context() as patched:
        patched.setattr(taking_over, "follow", broken)
        world.bookkeeper("Invoice", _sparse(world, bill, CustomerMemo={"value": "Theirs"}))
        their_invoice(world, bill["CustomerRef"]["value"], number="Q-2")
        look(world)
    page = alice.go("exceptions/")
    assert "Regentra itself failed on it" in page.text
    assert "$100.00" in alice.go("invoices/").row("Q-2"), "what came after it is taken in"
    world.later(minutes=20)
    look(world)
    assert "Nothing needs you" in alice.go("exceptions/").text, "it was tried again by itself"
    assert "Theirs" in steps.open_invoice(alice, "Q-1").text


def _sparse(world: World, bill: dict[str, Any], **fields: Any) -> dict[str, Any]:
    (held,) = [one for one in world.held("Invoice") if one["Id"] == bill["Id"]]
    return {"Id": held["Id"], "SyncToken": held["SyncToken"], "sparse": True, **fields}
