"""Ordinary edits of the bookkeeper that meet what was done here: none holds up a company, none stops sending."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from billing.models import Invoice, Payment
from billing.services import taking_over
from integrations.checkup import check_up
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_credit_rows import issue, open_payment_of
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
from tests.features.test_invoice_edit_rows import edit
from tests.features.test_refund_rows import open_refund
from tests.features.test_shared_payment_rows import only_there, pays, respread, sent
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


def credited(world: World) -> list[tuple[str, str]]:
    """The lines of Q-1 that a credit memo takes something off, and how much they come to."""
    with world.inside():
        lines = Invoice.objects.get(number="Q-1").lines.select_related("invoice")
        found = lines.filter(credits__isnull=False)
        return [(one.description, str(one.amount)) for one in found]


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


def changed_on_both_sides(
    world: World, person: Visitor, number: str, here: dict[str, str], **there: Any
) -> None:
    """The bookkeeper's change is on the invoice's page as a question, ours has not gone out."""
    bookkeeper_changes(world, **there)
    if "lines_0_unit_price" in here:
        edit(person, number, **here)
    else:
        steps.open_invoice(person, number)
        steps.edit_invoice(person, **here)
    settle(world)
    assert "Differs" in steps.open_invoice(person, number).region("QuickBooks")


@pytest.mark.parametrize(
    "here", [{"lines_0_unit_price": "200"}, {"notes": "Ours", "memo": "For us"}]
)
def test_what_was_changed_here_goes_out_once_theirs_is_taken(
    world: World, alice: Visitor, here: dict[str, str]
) -> None:
    number = sent_invoice(world, alice)
    changed_on_both_sides(world, alice, number, here, DueDate="2027-01-31")
    alice.press("Take theirs")
    settle(world)
    (held,) = world.held("Invoice")
    invoice = steps.invoice(world, number)
    assert held["DueDate"] == invoice.due_on.isoformat() == "2027-01-31"
    amount = here.get("lines_0_unit_price", "100")
    assert [steps.money(one["Amount"]) for one in steps.sold(held)] == [steps.money(amount)]
    assert steps.money(held["TotalAmt"]) == invoice.total.amount == steps.money(amount)
    assert held.get("CustomerMemo", {}).get("value", "") == invoice.notes == here.get("notes", "")
    assert here.get("memo", "") in held["PrivateNote"]
    assert "Synced" in alice.again().region("QuickBooks")
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_due_date_changed_here_goes_out_once_their_date_is_taken(
    world: World, alice: Visitor
) -> None:
    number = sent_invoice(world, alice)
    invoice = steps.invoice(world, number)
    day = invoice.issued_on - timedelta(days=5)
    there = {"TxnDate": day.isoformat(), "DueDate": invoice.due_on.isoformat()}
    changed_on_both_sides(world, alice, number, {"due_on": "2027-02-01"}, **there)
    alice.press("Take theirs")
    settle(world)
    (held,) = world.held("Invoice")
    assert (held["TxnDate"], held["DueDate"]) == (day.isoformat(), "2027-02-01")
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_taking_theirs_sends_nothing_where_nothing_was_changed_here(
    world: World, alice: Visitor
) -> None:
    number = sent_invoice(world, alice)
    bookkeeper_changes(world, DueDate="2027-01-31", Line=[their_line(world, "80")])
    settle(world)
    steps.open_invoice(alice, number)
    (before,) = world.held("Invoice")
    alice.press("Take theirs")
    settle(world)
    assert world.held("Invoice") == [before]
    assert steps.invoice(world, number).total.amount == 80
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("kind", ["Invoice", "CreditMemo"])
def test_what_has_no_place_here_stays_there_and_the_page_says_so_when_theirs_is_taken(
    world: World, alice: Visitor, kind: str
) -> None:
    number = sent_invoice(world, alice)
    if kind == "CreditMemo":
        steps.open_invoice(alice, number)
        steps.mark_paid(alice)
        issue(alice, number)
        world.work()
    (held,) = world.held(kind)
    changed_there(world, kind, held["Id"], DocNumber="BK-7", CustomerMemo={"value": "Theirs"})
    page = steps.open_invoice(alice, number)
    if kind == "CreditMemo":
        alice.go("credit-memos/")
        page = alice.follow("CM-1001")
    assert "Number" in page.region("QuickBooks")
    page = alice.press("Take theirs")
    said = "This cannot be taken over here and stays in QuickBooks as it is there: Number."
    assert said in page.text
    assert "Theirs" in page.text
    settle(world)
    (after,) = world.held(kind)
    assert after["DocNumber"] == "BK-7"
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_what_nothing_here_stands_for_stays_there_and_the_page_says_so_when_ours_is_sent_again(
    world: World, alice: Visitor
) -> None:
    number = sent_invoice(world, alice)
    with world.inside():
        mine = steps.Invoice.objects.get(number=number)
        payment = factories.payment(mine, "40", method="other")
    world.work()
    (paid,) = world.held("Payment")
    (check,) = [one["Id"] for one in world.held("PaymentMethod") if one["Name"] == "Check"]
    changed = {"PaymentMethodRef": {"value": check}, "PaymentRefNum": "X-1"}
    changed_there(world, "Payment", paid["Id"], **changed)
    alice.go(f"payments/{payment.pk}/")
    page = alice.press("Send ours again")
    said = "Nothing here stands for this, so it stays in QuickBooks as it is there: Payment method."
    assert said in page.text
    settle(world)
    (held,) = world.held("Payment")
    assert held["PaymentMethodRef"]["value"] == check
    assert held.get("PaymentRefNum", "") == ""
    assert "Nothing needs you" in alice.go("exceptions/").text


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


@pytest.mark.parametrize("how", ["moved", "lowered"])
def test_payment_that_comes_to_less_there_than_was_paid_back_here_is_a_question(
    world: World, alice: Visitor, how: str
) -> None:
    number, bill = sent(world, alice)
    payment = pays(world, "100", (bill, "100"))
    pay_back(alice, number, "80")
    if how == "moved":
        respread(world, payment, (bill, "60"), (only_there(world, bill, "40"), "40"))
    else:
        respread(world, payment, (bill, "20"), TotalAmt=20)
    amount = "$60.00" if how == "moved" else "$20.00"
    said = f"$80.00 of this payment has been paid back, so it cannot come to {amount}"
    assert said in alice.go("exceptions/").text
    assert not is_stopped(world)
    with world.inside():
        assert str(Payment.objects.get().amount) == "$100.00"
    open_refund(alice)
    alice.follow("Void")
    alice.press("Void RF-1001")
    world.later(minutes=20)
    look(world)
    assert "cannot come to" not in alice.go("exceptions/").text, "it is tried again by itself"
    with world.inside():
        assert str(Payment.objects.get().amount) == amount


def test_payment_of_ours_lowered_there_below_its_refund_is_not_taken_by_hand(
    world: World, alice: Visitor
) -> None:
    number, bill = sent(world, alice)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    world.work()
    pay_back(alice, number, "80")
    (paid,) = world.held("Payment")
    respread(world, paid["Id"], (bill, "20"), TotalAmt=20)
    open_payment_of(alice, number)
    page = alice.press("Take theirs")
    assert "$80.00 of this payment has been paid back, so it cannot come to $20.00" in page.text
    assert not is_stopped(world)


def pay_back(person: Visitor, number: str, amount: str) -> None:
    open_payment_of(person, number)
    person.follow("Record a refund")
    person.press("Record refund", {"Amount in USD": amount})


def test_lines_swapped_there_keep_what_was_credited_of_each(world: World, alice: Visitor) -> None:
    bill = paid_there(world, alice)
    issue(alice, "Q-1", Support="60")
    world.work()
    swapped = [line(world, "Travel", "40"), line(world, "Support", "60")]
    changed_there(world, "Invoice", bill["Id"], Line=swapped)
    assert credited(world) == [("Support", "$60.00")]
    assert not is_stopped(world)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_line_lowered_there_below_what_was_credited_of_it_lets_go_of_that(
    world: World, alice: Visitor
) -> None:
    bill = paid_there(world, alice)
    issue(alice, "Q-1", Support="60")
    world.work()
    moved = [line(world, "Support", "50"), line(world, "Travel", "50")]
    changed_there(world, "Invoice", bill["Id"], Line=moved)
    assert credited(world) == []
    assert not is_stopped(world)
    page = issue(alice, "Q-1", Travel="41")
    assert "$40.00 can be credited" in page.text, "it is still taken off the invoice"
