"""Rows about documents that QuickBooks gives to another customer: the money follows, or somebody is asked."""

from typing import Any

import pytest

from billing.models import CreditMemo, Payment
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.steps import money
from tests.features.test_credit_rows import credit_there
from tests.features.test_import_rows import bring_in, changed_there, choose, look, their_invoice
from tests.features.test_payment_rows import open_invoices, record
from tests.features.test_shared_payment_rows import pays, respread, sent
from tests.integrations.inbound.test_vanished_customers import merge
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def stranger(world: World) -> dict[str, Any]:
    """A customer of theirs who is not here."""
    return {"value": world.bookkeeper("Customer", {"DisplayName": "Fabrikam"})["Id"]}


def alive(world: World, model: type[Payment] | type[CreditMemo]) -> list[str]:
    """The customers of what is not void."""
    with world.inside():
        rows = model._default_manager.filter(voided_at=None)
        return list(rows.values_list("customer__name", flat=True))


def test_A_11_payment_that_is_given_to_a_stranger_is_void_here_until_it_is_given_back(
    world: World, alice: Visitor
) -> None:
    number, bill = sent(world, alice)
    payment = pays(world, "100", (bill, "60"))
    respread(world, payment, CustomerRef=stranger(world))
    assert alive(world, Payment) == []
    assert steps.invoice(world, number).status == "SENT"
    respread(world, payment, (bill, "60"), CustomerRef=bill["CustomerRef"])
    assert alive(world, Payment) == ["Adatum"]
    assert steps.invoice(world, number).status == "PARTIAL"
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_11_payment_that_is_given_to_another_customer_pays_that_ones_invoice(
    world: World, alice: Visitor
) -> None:
    number, bill = sent(world, alice)
    payment = pays(world, "100", (bill, "100"))
    foreign = their_invoice(world, stranger(world)["value"])
    bring_in(world, alice)
    respread(world, payment, (foreign, "100"), CustomerRef=foreign["CustomerRef"])
    assert alive(world, Payment) == ["Fabrikam"]
    assert [steps.invoice(world, one).status for one in (number, "Q-1")] == ["SENT", "PAID"]
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_L_13_credit_memo_of_theirs_that_is_given_to_another_customer_is_that_ones_here(
    world: World, alice: Visitor
) -> None:
    _, bill = sent(world, alice)
    memo = credit_there(world, "50")
    look(world)
    changed_there(world, "CreditMemo", memo["Id"], CustomerRef=stranger(world))
    assert alive(world, CreditMemo) == []
    changed_there(world, "CreditMemo", memo["Id"], CustomerRef=bill["CustomerRef"])
    assert alive(world, CreditMemo) == ["Adatum"]
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("owner", ["local", "qbo"])
def test_X_98_invoice_that_is_given_to_another_customer_is_not_taken(
    world: World, alice: Visitor, owner: str
) -> None:
    if owner != "local":
        choose(alice, unpaid_edit_owner=owner)
    number, bill = sent(world, alice)
    changed_there(world, "Invoice", bill["Id"], CustomerRef=stranger(world))
    steps.open_invoice(alice, number)
    page = alice.press("Take theirs")
    assert "It was given to another customer in QuickBooks" in page.text
    assert "Differs" in page.region("QuickBooks")
    alice.press("Send ours again")
    world.work()
    (held,) = world.held("Invoice")
    assert held["CustomerRef"]["value"] == bill["CustomerRef"]["value"]
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_N_11_invoice_of_a_customer_whose_merge_nobody_told_of_still_follows(
    world: World, alice: Visitor
) -> None:
    gone = str(world.bookkeeper("Customer", {"DisplayName": "Adatum"})["Id"])
    their_invoice(world, gone)
    bring_in(world, alice)
    left = stranger(world)["value"]
    look(world)
    merge(world, gone, left)
    look(world)
    world.work()
    steps.open_customer(alice)
    alice.follow("Link to an existing customer")
    alice.press("Link", {"Select Existing": "Fabrikam"})
    world.work()
    (held,) = world.held("Invoice")
    changed_there(world, "Invoice", held["Id"], CustomerMemo={"value": "Thank you"})
    assert "Nothing needs you" in alice.go("exceptions/").text
    assert steps.invoice(world, "Q-1").notes == "Thank you"


@pytest.mark.parametrize("is_known", [False, True])
def test_X_98_payment_of_ours_that_is_given_to_its_true_customer_there_is_taken(
    world: World, alice: Visitor, is_known: bool
) -> None:
    """Staff had recorded it for the wrong one. It is booked anew where it pays what is here."""
    number, _ = open_invoices(world, alice)
    record(alice, "100", **{number: "100"})
    world.work()
    page = alice.page.address
    (payment,) = world.held("Payment")
    whose, parts = stranger(world), []
    if is_known:
        foreign = their_invoice(world, whose["value"])
        bring_in(world, alice)
        parts = [(foreign, "100")]
    respread(world, payment["Id"], *parts, CustomerRef=whose)
    shown = alice.open(page)
    assert "Customer: Adatum here, Fabrikam in QuickBooks" in shown.text
    assert "Here it is now as it is in QuickBooks." in alice.press("Take theirs").text
    for _ in range(3):
        world.later(minutes=20)
        world.work()
        look(world)
    assert alive(world, Payment) == (["Fabrikam"] if is_known else [])
    assert "Left to pay $100.00" in steps.open_invoice(alice, number).text
    (held,) = world.held("Payment")
    assert (held["CustomerRef"]["value"], money(held["TotalAmt"])) == (whose["value"], 100)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_98_payment_of_ours_that_was_given_away_and_paid_back_is_not_taken(
    world: World, alice: Visitor
) -> None:
    number, _ = open_invoices(world, alice)
    record(alice, "100", **{number: "100"})
    world.work()
    page = alice.page.address
    alice.follow("Record a refund")
    alice.press("Record refund", {"Amount in USD": "40"})
    world.work()
    (payment,) = world.held("Payment")
    respread(world, payment["Id"], CustomerRef=stranger(world))
    alice.open(page)
    assert "paid a part of this payment back" in alice.press("Take theirs").text
    assert alive(world, Payment) == ["Adatum"]
    assert steps.invoice(world, number).status == "PAID"
