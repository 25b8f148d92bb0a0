"""Rows about payments recorded here, by their pages."""

import pytest

from tests.features import steps
from tests.features.pages import Visitor
from tests.features.steps import money
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def open_invoices(world: World, person: Visitor) -> list[str]:
    """Two of 100.00 on both sides; their numbers."""
    world.customer()
    numbers = []
    for _ in range(2):
        numbers.append(steps.generate(person))
        steps.send(person, numbers[-1])
    world.work()
    return numbers


def record(person: Visitor, amount: str, **parts: str) -> None:
    """From the customer's page."""
    steps.open_customer(person)
    person.follow("Record payment")
    applied = {f"Applied to {number}": part for number, part in parts.items()}
    person.press("Record payment", {"Amount in USD": amount, **applied})


def applied(payment: dict[str, object]) -> dict[str, object]:
    """Amounts by the id of the invoice that they were applied to in QuickBooks."""
    lines: list[dict[str, list[dict[str, str]]]] = payment["Line"]  # type: ignore[assignment]
    return {line["LinkedTxn"][0]["TxnId"]: money(line["Amount"]) for line in lines}


def test_X_06_X_07_X_15_X_75_one_payment_here_settles_two_invoices_there_and_the_rest_is_seen(
    world: World, bob: Visitor
) -> None:
    first, second = open_invoices(world, bob)
    record(bob, "250", **{first: "100", second: "150"})
    assert f"{second} has $100.00 open, so $150.00 cannot be applied" in bob.page.text
    world.work()
    assert world.held("Payment") == []
    record(bob, "250", **{first: "100", second: "100"})
    assert "Not applied $50.00" in bob.page.text
    world.work()
    (payment,) = world.held("Payment")
    ids = {one["DocNumber"]: one["Id"] for one in world.held("Invoice")}
    assert applied(payment) == {ids[first]: 100, ids[second]: 100}
    assert (money(payment["TotalAmt"]), money(payment["UnappliedAmt"])) == (250, 50)
    assert {money(one["Balance"]) for one in world.held("Invoice")} == {0}
    rows = bob.go("invoices/")
    assert ["Paid" in rows.row(number) for number in (first, second)] == [True, True]


def test_T_55_part_payment_here_lowers_the_balance_there(world: World, bob: Visitor) -> None:
    first, _ = open_invoices(world, bob)
    record(bob, "40", **{first: "40"})
    world.work()
    balances = {one["DocNumber"]: money(one["Balance"]) for one in world.held("Invoice")}
    assert balances[first] == 60
    assert "Part paid · $60.00 left" in steps.open_invoice(bob, first).text


def test_A_07_A_33_payment_taken_back_here_opens_the_invoice_there(
    world: World, bob: Visitor
) -> None:
    first, _ = open_invoices(world, bob)
    record(bob, "100", **{first: "100"})
    world.work()
    bob.follow("Void")
    button = next(one.text for one in bob.page.tree.all("button") if one.text.startswith("Void"))
    bob.press(button)
    world.work()
    assert {money(one["Balance"]) for one in world.held("Invoice")} == {100}
    assert "Left to pay $100.00" in steps.open_invoice(bob, first).text
