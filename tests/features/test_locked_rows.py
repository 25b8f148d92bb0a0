"""Payments that QuickBooks lets nobody change any more, as once they are deposited: theirs can be taken here."""

import pytest

from billing.models import Payment
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.steps import money
from tests.features.test_credit_rows import open_payment_of
from tests.features.test_import_rows import changed_there, look
from tests.features.test_payment_rows import open_invoices, record
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
QUIET = "Nothing needs you"


def settle(world: World) -> None:
    """Hours pass; all that goes by itself has gone."""
    for _ in range(4):
        world.later(minutes=20)
        world.work()
        look(world)


def deposited(world: World) -> None:
    """The bookkeeper puts the only payment into a deposit at the bank."""
    (payment,) = world.held("Payment")
    (bank, *_) = [one for one in world.held("Account") if one["AccountType"] == "Bank"]
    link = {"TxnId": payment["Id"], "TxnType": "Payment", "TxnLineId": "0"}
    line = {"Amount": payment["TotalAmt"], "LinkedTxn": [link]}
    world.bookkeeper("Deposit", {"DepositToAccountRef": {"value": bank["Id"]}, "Line": [line]})
    look(world)


def paid(world: World, person: Visitor) -> tuple[str, str]:
    """An invoice of 100.00 and the payment of it, on both sides: its number and the address of the payment."""
    number, _ = open_invoices(world, person)
    record(person, "100", **{number: "100"})
    world.work()
    return number, person.page.address


def void(person: Visitor, payment: str) -> None:
    person.open(payment)
    person.follow("Void")
    person.press(
        next(one.text for one in person.page.tree.all("button") if one.text.startswith("Void"))
    )


def change(person: Visitor, payment: str, **parts: str) -> None:
    """The payment of this address is put on these invoices."""
    page = person.open(payment)
    person.follow("Apply differently" if page.offers("Apply differently") else "Apply the rest")
    person.press("Apply", {f"Applied to {number}": part for number, part in parts.items()})


def undo_deposit(world: World) -> None:
    (deposit,) = world.held("Deposit")
    keys = {name: deposit[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Deposit", keys, operation="delete")


def money_here(world: World) -> list[int]:
    """What live payments here come to."""
    with world.inside():
        live = Payment.objects.filter(voided_at=None).order_by("created_at")
        return [int(one.amount.amount) for one in live]


def test_X_98_theirs_of_a_deposited_payment_can_be_taken_once_ours_was_refused(
    world: World, alice: Visitor
) -> None:
    """The bank got 90.00: the bookkeeper says so and deposits it. "Send ours again" was the wrong answer (6540)."""
    number, payment = paid(world, alice)
    (held,) = world.held("Payment")
    line = [{"Amount": 90, "LinkedTxn": held["Line"][0]["LinkedTxn"]}]
    changed_there(
        world, "Payment", held["Id"], TotalAmt=90, Line=line, CustomerRef=held["CustomerRef"]
    )
    deposited(world)
    alice.open(payment)
    alice.press("Send ours again")
    settle(world)
    page = alice.open(payment)
    assert "It is part of a deposit in QuickBooks" in page.text
    assert "Amount: $100.00 here, $90.00 in QuickBooks" in page.region("QuickBooks")
    assert not page.offers("Send ours again"), "that is refused; Try again asks for it all the same"
    alice.press("Take theirs")
    settle(world)
    assert money_here(world) == [90]
    assert "Left to pay $10.00" in steps.open_invoice(alice, number).text
    assert QUIET in alice.go("exceptions/").text


def test_X_98_question_about_a_deposited_payment_ends_with_the_change_that_was_refused(
    world: World, alice: Visitor
) -> None:
    number, payment = paid(world, alice)
    deposited(world)
    change(alice, payment, **{number: "60"})
    settle(world)
    assert alice.open(payment).offers("Take theirs")
    change(alice, payment, **{number: "100"})
    world.work()
    assert QUIET in alice.go("exceptions/").text
    assert not alice.open(payment).offers("Take theirs")


def test_X_98_deposited_payment_that_was_put_elsewhere_here_is_as_there_when_theirs_is_taken(
    world: World, alice: Visitor
) -> None:
    number, payment = paid(world, alice)
    deposited(world)
    change(alice, payment, **{number: "60"})
    settle(world)
    alice.open(payment)
    alice.press("Take theirs")
    settle(world)
    assert "Paid" in steps.open_invoice(alice, number).text
    assert QUIET in alice.go("exceptions/").text


def test_X_98_change_that_was_refused_goes_once_the_deposit_is_undone(
    world: World, alice: Visitor
) -> None:
    number, payment = paid(world, alice)
    deposited(world)
    change(alice, payment, **{number: "60"})
    settle(world)
    undo_deposit(world)
    alice.open(payment)
    alice.press("Try again")
    settle(world)
    (held,) = world.held("Payment")
    assert [money(one["Amount"]) for one in held["Line"]] == [60]
    assert QUIET in alice.go("exceptions/").text


def test_X_98_void_of_a_settled_payment_that_is_refused_is_taken_back_here(
    unconnected: World, alice: Visitor
) -> None:
    """Paid online (6450): it can be refunded only once it is had back."""
    world = unconnected
    world.connect(custom_numbers=True, payments_enabled=True)
    world.work()
    world.customer()
    number = steps.generate(alice)
    steps.send(alice, number)
    world.work()
    alice.again()
    steps.pay_online(alice, "Pay by card")
    steps.notified(world)
    open_payment_of(alice, number)
    void(alice, alice.page.address)
    settle(world)
    alice.again()
    page = alice.press("Take theirs")
    assert "Here it is now as it is in QuickBooks." in page.text
    assert page.offers("Record a refund"), "that page is of the payment as it was booked anew"
    settle(world)
    assert money_here(world) == [100]
    assert "Paid" in steps.open_invoice(alice, number).text
    assert QUIET in alice.go("exceptions/").text


def test_X_98_void_of_a_deposited_payment_is_taken_back_once_nothing_stands_in_its_place(
    world: World, alice: Visitor
) -> None:
    """Staff void 100.00 and enter 90.00 for a slip: QuickBooks refuses both."""
    number, payment = paid(world, alice)
    deposited(world)
    void(alice, payment)
    world.work()
    record(alice, "90", **{number: "90"})
    slip = alice.page.address
    settle(world)
    alice.open(payment)
    page = alice.press("Take theirs")
    assert "Theirs cannot be taken" in page.text
    assert "$10.00" in page.text, "what is left to pay of the invoice"
    void(alice, slip)
    alice.open(payment)
    alice.press("Take theirs")
    settle(world)
    assert money_here(world) == [100]
    (held,) = world.held("Payment")
    assert money(held["TotalAmt"]) == 100
    assert QUIET in alice.go("exceptions/").text


def test_X_98_payment_whose_void_was_refused_and_that_is_deleted_there_asks_nothing_more(
    world: World, alice: Visitor
) -> None:
    _, payment = paid(world, alice)
    deposited(world)
    void(alice, payment)
    settle(world)
    assert alice.open(payment).offers("Take theirs")
    undo_deposit(world)
    (held,) = world.held("Payment")
    keys = {name: held[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Payment", keys, operation="delete")
    settle(world)
    assert money_here(world) == []
    assert QUIET in alice.go("exceptions/").text


def test_X_98_payment_that_was_had_back_follows_what_is_changed_there(
    world: World, alice: Visitor
) -> None:
    number, payment = paid(world, alice)
    deposited(world)
    void(alice, payment)
    settle(world)
    alice.open(payment)
    alice.press("Take theirs")
    settle(world)
    undo_deposit(world)
    (held,) = world.held("Payment")
    changed_there(world, "Payment", held["Id"], operation="delete")
    settle(world)
    assert money_here(world) == []
    assert "Left to pay $100.00" in steps.open_invoice(alice, number).text
    assert QUIET in alice.go("exceptions/").text
