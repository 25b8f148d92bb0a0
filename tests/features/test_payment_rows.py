"""Rows about payments recorded here, by their pages."""

from typing import Any

import pytest

from billing.models import Payment
from billing.money import Money
from sandbox.quickbooks import writing
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.steps import money
from tests.features.test_import_rows import look
from tests.features.test_rule_rows import choose, goes_on, hold_up, their_customer
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


def reference_changed_there(world: World, person: Visitor) -> str:
    """The payment of an invoice, to which a bookkeeper gives a number; that of the invoice. Its page is open."""
    first, _ = open_invoices(world, person)
    record(person, "100", **{first: "100"})
    world.work()
    (theirs,) = world.held("Payment")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Payment", {**keys, "sparse": True, "PaymentRefNum": "4711"})
    world.due_now()
    world.work()
    person.again()
    return first


def updates_let_go(monkeypatch: pytest.MonkeyPatch, *, whatever_they_say: bool) -> None:
    """QuickBooks lets go of what a payment settles where a change of it does not say that, or in any case."""
    merge = writing.merge

    def merged(books: Any, kind: Any, former: Any, clean: Any) -> Any:
        found = merge(books, kind, former, clean)
        if kind.name == "Payment" and (whatever_they_say or "Line" not in clean):
            found["Line"] = []
        return found

    monkeypatch.setattr(writing, "merge", merged)


def balance(world: World, number: str) -> object:
    (theirs,) = [one for one in world.held("Invoice") if one["DocNumber"] == number]
    return money(theirs["Balance"])


def test_X_06_change_of_a_payment_says_what_it_settles_so_that_nothing_of_it_is_let_go(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = reference_changed_there(world, alice)
    updates_let_go(monkeypatch, whatever_they_say=False)
    alice.press("Send ours again")
    world.work()
    (payment,) = world.held("Payment")
    assert payment.get("PaymentRefNum", "") == ""
    assert balance(world, number) == 0
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_06_payment_that_an_answer_shows_unapplied_is_told_and_not_taken_for_synced(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = reference_changed_there(world, alice)
    updates_let_go(monkeypatch, whatever_they_say=True)
    alice.press("Send ours again")
    world.work()
    assert balance(world, number) == 100
    assert "keeps something else than we sent" in alice.again().region("QuickBooks")


def settle(world: World) -> None:
    """Hours pass; all that goes by itself has gone."""
    for _ in range(4):
        world.later(minutes=20)
        world.work()
        look(world)


def left_unapplied(world: World) -> None:
    """A payment of 100.00 that is on no invoice, here as there; nothing is asked."""
    (theirs,) = world.held("Payment")
    assert (money(theirs["TotalAmt"]), money(theirs["UnappliedAmt"])) == (100, 100)
    with world.inside():
        (ours,) = Payment.objects.all()
    assert (ours.amount, ours.allocated_minor) == (Money(10000, "USD"), 0)


def void(person: Visitor, number: str) -> None:
    steps.open_invoice(person, number)
    steps.void(person, number)


@pytest.mark.parametrize("moves_version", [True, False])
def test_payment_made_there_before_its_invoice_is_voided_here_is_booked_unapplied(
    world: World, alice: Visitor, moves_version: bool
) -> None:
    """Also where a company takes the void, as the payment has not moved the version of the invoice there."""
    world.control("POST", "switches", {"payment_bumps_invoice_sync_token": moves_version})
    number, _ = open_invoices(world, alice)
    world.pays(steps.invoice(world, number), "100")
    void(alice, number)
    world.work()
    settle(world)
    assert totals(world)[number] == 0
    left_unapplied(world)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_payment_made_there_while_the_void_of_its_invoice_waits_is_booked_unapplied(
    world: World, alice: Visitor
) -> None:
    number, _ = open_invoices(world, alice)
    hold_up(alice, "pause")
    void(alice, number)
    world.work()
    world.pays(steps.invoice(world, number), "100")
    settle(world)
    assert "Nothing needs you" in alice.go("exceptions/").text
    goes_on(world, alice, "pause")
    settle(world)
    assert totals(world)[number] == 0
    left_unapplied(world)


def test_invoice_is_not_voided_there_over_a_payment_that_stays_there_until_that_is_off_it(
    world: World, alice: Visitor
) -> None:
    choose(alice, payments_direction="push")
    number, _ = open_invoices(world, alice)
    theirs = world.pays(steps.invoice(world, number), "100")
    void(alice, number)
    world.work()
    settle(world)
    assert totals(world)[number] == 100
    assert "A payment that is not here is on it there" in steps.open_invoice(alice, number).text
    world.bookkeeper("Payment", {**theirs, "Line": []})
    settle(world)
    assert totals(world)[number] == 0
    assert "Nothing needs you" in alice.go("exceptions/").text


def totals(world: World) -> dict[str, int]:
    """What the invoices there come to, by their numbers."""
    return {one["DocNumber"]: int(money(one["TotalAmt"])) for one in world.held("Invoice")}


def test_X_32_money_that_is_on_no_invoice_goes_where_its_customer_is_and_is_put_on_one_later(
    world: World, alice: Visitor
) -> None:
    number, _ = open_invoices(world, alice)
    record(alice, "50")
    address = alice.page.address
    world.work()
    (held,) = world.held("Payment")
    assert (money(held["TotalAmt"]), applied(held)) == (50, {})
    alice.open(address)
    assert "Synced" in alice.page.region("QuickBooks")
    alice.follow("Apply the rest")
    alice.press("Apply", {f"Applied to {number}": "50"})
    world.work()
    (held,) = world.held("Payment")
    assert list(applied(held).values()) == [50]


def test_X_32_money_that_is_on_no_invoice_goes_with_its_customer_before_anything_is_billed(
    world: World, alice: Visitor
) -> None:
    world.customer()
    record(alice, "50")
    address = alice.page.address
    world.work()
    (held,) = world.held("Payment")
    (theirs,) = world.held("Customer")
    assert (held["CustomerRef"]["value"], applied(held)) == (theirs["Id"], {})
    assert "Synced" in alice.open(address).region("QuickBooks")
    number = steps.generate(alice)
    alice.open(address)
    alice.follow("Apply the rest")
    alice.press("Apply", {f"Applied to {number}": "50"})
    world.work()
    (held,) = world.held("Payment")
    assert list(applied(held).values()) == [50]


def test_X_32_C_05_money_that_is_on_no_invoice_waits_for_a_customer_that_people_make_there(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_create_policy="never")
    world.customer()
    record(alice, "50")
    world.work()
    assert (world.held("Payment"), world.held("Customer")) == ([], [])
    assert "Customer Adatum Not linked" in alice.again().region("QuickBooks")
    theirs = their_customer(world, "Adatum Corp")
    world.work()
    (held,) = world.held("Payment")
    assert held["CustomerRef"]["value"] == theirs


def test_X_32_money_on_no_invoice_that_is_void_before_its_customer_is_there_never_goes(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_create_policy="never")
    world.customer()
    record(alice, "50")
    world.work()
    alice.again()
    alice.follow("Void")
    alice.press("Void the payment")
    world.work()
    their_customer(world, "Adatum Corp")
    world.work()
    assert world.held("Payment") == []
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_32_money_on_no_invoice_that_the_rules_keep_here_keeps_its_customer_here_too(
    world: World, alice: Visitor
) -> None:
    choose(alice, payments_direction="pull")
    world.customer()
    record(alice, "50")
    world.work()
    assert (world.held("Payment"), world.held("Customer")) == ([], [])
    choose(alice, payments_direction="both")
    world.work()
    assert (len(world.held("Payment")), len(world.held("Customer"))) == (1, 1)


@pytest.mark.parametrize("is_there", [True, False])
def test_X_32_money_that_is_on_no_invoice_stays_where_invoices_go_only_by_their_button(
    world: World, alice: Visitor, is_there: bool
) -> None:
    if is_there:
        open_invoices(world, alice)
    else:
        world.customer()
    customers = len(world.held("Customer"))
    choose(alice, push_when="button")
    record(alice, "50")
    world.work()
    assert (world.held("Payment"), len(world.held("Customer"))) == ([], customers)
    assert "Not synced" in alice.again().region("QuickBooks")
    alice.press("Send to QuickBooks")
    world.work()
    assert (len(world.held("Payment")), len(world.held("Customer"))) == (1, 1)


def test_X_32_money_that_is_taken_off_an_invoice_which_stays_here_goes_by_itself(
    world: World, alice: Visitor
) -> None:
    world.customer()
    number = steps.generate(alice, QuickBooks=False)
    record(alice, "50", **{number: "50"})
    world.work()
    assert world.held("Payment") == []
    alice.again()
    alice.follow("Apply differently")
    alice.press("Apply", {f"Applied to {number}": ""})
    world.work()
    (held,) = world.held("Payment")
    assert (money(held["TotalAmt"]), applied(held)) == (50, {})
    assert world.held("Invoice") == []


def test_X_32_money_on_no_invoice_from_before_the_company_is_left_to_the_button(
    unconnected: World, alice: Visitor
) -> None:
    """The books of the company may have it already."""
    unconnected.customer()
    record(alice, "50")
    address = alice.page.address
    unconnected.work()
    unconnected.connect()
    number = steps.generate(alice)
    steps.send(alice, number)
    unconnected.work()
    assert (len(unconnected.held("Invoice")), unconnected.held("Payment")) == (1, [])
    alice.open(address)
    alice.press("Send to QuickBooks")
    unconnected.work()
    assert len(unconnected.held("Payment")) == 1


def test_X_32_money_on_no_invoice_goes_to_the_company_that_took_the_place_of_another(
    world: World, alice: Visitor
) -> None:
    another_company(world, alice)
    number = steps.generate(alice)
    steps.send(alice, number)
    world.work()
    record(alice, "50")
    world.work()
    (held,) = world.held("Payment")
    assert (money(held["TotalAmt"]), applied(held)) == (50, {})


def test_X_32_money_on_no_invoice_waits_until_the_company_that_took_the_place_has_its_customer(
    world: World, alice: Visitor
) -> None:
    """What the former one had may be no customer of the new one."""
    another_company(world, alice)
    record(alice, "50")
    address = alice.page.address
    world.work()
    assert world.held("Payment") == []
    assert "Not synced" in alice.again().region("QuickBooks")
    number = steps.generate(alice)
    steps.send(alice, number)
    world.work()
    assert "Synced" in alice.open(address).region("QuickBooks")
    (held,) = world.held("Payment")
    assert (money(held["TotalAmt"]), applied(held)) == (50, {})


def test_X_32_money_on_no_invoice_is_owed_to_no_former_company_once_it_is_on_an_invoice_of_another(
    world: World, alice: Visitor
) -> None:
    open_invoices(world, alice)
    world.disconnect()
    record(alice, "50")
    address = alice.page.address
    world.work()
    assert "Needs QuickBooks reconnected" in alice.again().region("QuickBooks")
    world.connect()
    world.work()
    world.use_company()
    number = steps.generate(alice)
    steps.send(alice, number)
    world.work()
    alice.open(address)
    alice.follow("Apply the rest")
    alice.press("Apply", {f"Applied to {number}": "50"})
    world.work()
    (held,) = world.held("Payment")
    assert list(applied(held).values()) == [50]
    assert "Nothing needs you" in alice.go("exceptions/").text


def another_company(world: World, person: Visitor) -> None:
    """A customer with two invoices is in one that is disconnected."""
    open_invoices(world, person)
    world.disconnect()
    world.connect()
    world.work()
    world.use_company()
