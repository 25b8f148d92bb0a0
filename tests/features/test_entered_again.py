"""What a restore has lost here and stands in QuickBooks, entered once more by staff."""

from collections.abc import Iterator

import pytest

from billing.models import Invoice, Payment
from integrations.checkup import check_up
from tests.backup import Backup
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.steps import money
from tests.features.test_email_rows import compare, restore
from tests.features.test_import_rows import look
from tests.features.test_payment_rows import open_invoices
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


@pytest.fixture(autouse=True)
def sending_goes_on(unconnected: World) -> Iterator[None]:
    yield
    check_up(unconnected.organization.id)
    assert unconnected.connection.stopped_for == ""


def looks(world: World) -> None:
    for _ in range(4):
        world.later(minutes=20)
        world.work()
        look(world)


def long_after(world: World) -> None:
    """No look reads back as far as to what was there before."""
    world.control("POST", "clock", {"advance": 1200})
    looks(world)


def left_there(world: World) -> dict[str, int]:
    return {one["DocNumber"]: int(money(one["Balance"])) for one in world.held("Invoice")}


def left_here(world: World) -> dict[str, int]:
    with world.inside():
        return {one.number: int(one.balance.amount) for one in Invoice.objects.all()}


def lose_invoice_that_was_paid_there(world: World, person: Visitor, amount: str) -> str:
    backup = Backup.of(world.organization.pk)
    number = steps.generate(person)
    steps.send(person, number)
    world.work()
    world.pays(steps.invoice(world, number), amount)
    look(world)
    restore(world, backup)
    compare(world)
    long_after(world)
    return number


@pytest.mark.parametrize("amount", ["100", "40"])
def test_invoice_comes_back_with_what_was_paid_on_it_there(
    world: World, alice: Visitor, amount: str
) -> None:
    open_invoices(world, alice)
    number = lose_invoice_that_was_paid_there(world, alice, amount)
    assert steps.generate(alice) == number
    steps.send(alice, number)
    looks(world)
    assert left_there(world)[number] == 100 - int(amount)
    assert left_here(world) == left_there(world)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_invoice_that_was_paid_there_is_paid_once_when_staff_enter_its_payment_too(
    world: World, alice: Visitor
) -> None:
    open_invoices(world, alice)
    number = lose_invoice_that_was_paid_there(world, alice, "100")
    assert steps.generate(alice) == number
    steps.send(alice, number)
    steps.mark_paid(alice)
    looks(world)
    assert len(world.held("Payment")) == 1
    assert left_here(world) == left_there(world)
    with world.inside():
        assert Payment.objects.count() == 1


LOST = "nothing here belongs to it"


def lose_sale(world: World, person: Visitor, **memo: str) -> str:
    open_invoices(world, person)
    backup = Backup.of(world.organization.pk)
    number = steps.generate(person, lines=(("Firewall", "1", "100"),), **memo)
    steps.send(person, number)
    world.work()
    restore(world, backup)
    compare(world)
    long_after(world)
    assert LOST in person.go("exceptions/").text
    return number


def descriptions(world: World) -> list[str]:
    return [one["Line"][0]["Description"] for one in world.held("Invoice")]


@pytest.mark.parametrize("words", ["Printer lease, November", "Firewall, one piece"])
def test_sale_of_other_words_is_asked_about_and_writes_over_nothing(
    world: World, alice: Visitor, words: str
) -> None:
    number = lose_sale(world, alice)
    assert steps.generate(alice, lines=((words, "1", "100"),)) == number
    steps.send(alice, number)
    looks(world)
    assert descriptions(world) == ["Managed workstation"] * 2 + ["Firewall"]
    asked = alice.go("exceptions/").text
    assert LOST in asked
    assert f"Another invoice in QuickBooks has the number {number}" in asked


def test_sale_of_other_words_that_staff_say_is_the_same_is_lost_no_more(
    world: World, alice: Visitor
) -> None:
    number = lose_sale(world, alice)
    assert steps.generate(alice, lines=(("Firewall, one piece", "1", "100"),)) == number
    steps.send(alice, number)
    looks(world)
    alice.go("exceptions/")
    alice.follow("Compare both")
    alice.press("Do this", {"answer": "link"})
    looks(world)
    assert descriptions(world) == ["Managed workstation"] * 2 + ["Firewall, one piece"]
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_what_is_said_otherwise_of_what_was_entered_again_is_asked(
    world: World, alice: Visitor
) -> None:
    number = lose_sale(world, alice)
    assert steps.generate(alice, lines=(("firewall ", "1", "100"),)) == number
    steps.send(alice, number)
    looks(world)
    assert descriptions(world)[-1] == "Firewall"
    asked = alice.go("exceptions/").text
    assert LOST not in asked
    assert "It was changed in QuickBooks after we sent it" in asked


def pay(person: Visitor, reference: str, **parts: str) -> None:
    steps.open_customer(person)
    person.follow("Record payment")
    applied = {f"Applied to {number}": part for number, part in parts.items()}
    said = {"Amount in USD": "100", "Reference": reference, **applied}
    person.press("Record payment", said)


def enter_payment_after_another_was_lost(
    world: World,
    person: Visitor,
    lost: tuple[str, dict[str, str]],
    entered: tuple[str, dict[str, str]],
) -> list[str]:
    """The references that payments bear there then."""
    backup = Backup.of(world.organization.pk)
    pay(person, lost[0], **lost[1])
    world.work()
    restore(world, backup)
    compare(world)
    long_after(world)
    assert LOST in person.go("exceptions/").text
    pay(person, entered[0], **entered[1])
    looks(world)
    return sorted(one.get("PaymentRefNum", "") for one in world.held("Payment"))


@pytest.mark.parametrize(
    ("lost", "entered", "is_same"),
    [
        ("4711", "4711", True),
        ("4711", "", True),
        ("4711", "4712", False),
    ],
)
@pytest.mark.parametrize("direction", ["push", "both"])
def test_payment_on_account_is_told_by_its_reference(
    world: World, alice: Visitor, direction: str, lost: str, entered: str, is_same: bool
) -> None:
    alice.go("settings/sync-rules/")
    alice.press("Save", {"payments_direction": direction})
    open_invoices(world, alice)
    there = enter_payment_after_another_was_lost(world, alice, (lost, {}), (entered, {}))
    assert there == ([lost] if is_same else [lost, entered])
    assert (LOST not in alice.go("exceptions/").text) is is_same


@pytest.mark.parametrize("is_same", [True, False])
def test_payment_without_a_reference_is_told_by_what_it_pays(
    world: World, alice: Visitor, is_same: bool
) -> None:
    """Where payments only go; otherwise what was paid on an invoice comes back by itself."""
    alice.go("settings/sync-rules/")
    alice.press("Save", {"payments_direction": "push"})
    first, second = open_invoices(world, alice)
    lost, entered = {first: "100"}, {first if is_same else second: "100"}
    there = enter_payment_after_another_was_lost(world, alice, ("", lost), ("", entered))
    assert len(there) == (1 if is_same else 2)
    assert left_there(world) == {first: 0, second: 100 if is_same else 0}
    assert (LOST not in alice.go("exceptions/").text) is is_same


def test_payment_that_staff_left_as_it_is_and_enter_later_is_there_once(
    world: World, alice: Visitor
) -> None:
    open_invoices(world, alice)
    backup = Backup.of(world.organization.pk)
    pay(alice, "4711")
    world.work()
    restore(world, backup)
    compare(world)
    alice.go("exceptions/")
    alice.press("Leave it")
    assert LOST not in alice.go("exceptions/").text
    pay(alice, "4711")
    looks(world)
    assert [one["PaymentRefNum"] for one in world.held("Payment")] == ["4711"]
    assert "Nothing needs you" in alice.go("exceptions/").text
