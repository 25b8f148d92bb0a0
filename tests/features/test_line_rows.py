"""Rows about what the lines of an invoice can be: discounts, write-offs, rounding, returns; equal to the cent there."""

import random
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Customer, LineKind, Service
from billing.services import catalogue, customers, drafting, invoices
from billing.services.invoices import DraftLine
from tests import factories
from tests.features import steps
from tests.features.pages import Page, Visitor
from tests.features.steps import money
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

TWO_LINES = (("Managed workstation", "3", "33.33"), ("Licences", "1", "100"))
EVERY_SUM = 12


def off(theirs: dict[str, Any]) -> dict[str, Any]:
    (line,) = [one for one in theirs["Line"] if one["DetailType"] == "DiscountLineDetail"]
    return line


def generated_with(person: Visitor, lines: tuple[steps.Line, ...], more: dict[str, str]) -> str:
    """An invoice of these lines with what else is typed into them; its number."""
    steps.open_customer(person)
    person.follow("Generate invoice")
    filled: dict[str, str] = {}
    for place, line in enumerate(lines):
        if place:
            person.press("Add a line", filled)
        names = ("description", "quantity", "unit_price")
        filled = {f"lines-{place}-{name}": text for name, text in zip(names, line, strict=True)}
        filled |= {name: text for name, text in more.items() if name.startswith(f"lines-{place}-")}
    return next(person.press("Generate invoice", filled).tree.all("h1")).text


def taxed_customer(world: World) -> Customer:
    """Taxed by one of the company's own codes, which QuickBooks then computes itself."""
    rates = {one["Id"]: Decimal(str(one["RateValue"])) for one in world.held("TaxRate")}
    codes = world.control("GET", f"state/{world.realm}")["entities"]["TaxCode"]
    code, *_ = [one for one in codes if one["Id"].isdecimal()]
    parts = code["SalesTaxRateList"]["TaxRateDetail"]
    rate = sum((rates[part["TaxRateRef"]["value"]] for part in parts), Decimal(0))
    with world.inside():
        region = catalogue.create_tax_region(name=code["Name"], rate_percent=rate)
        return customers.create(name="Adatum", email="ap@adatum.example", tax_region=region)


def test_discount_in_percent_is_one_there_and_both_totals_agree(world: World, bob: Visitor) -> None:
    world.customer()
    number = steps.generate(bob, lines=TWO_LINES, discount="12.5 %")
    world.work()
    (theirs,) = world.held("Invoice")
    assert money(off(theirs)["DiscountLineDetail"]["DiscountPercent"]) == money("12.5")
    assert money(off(theirs)["Amount"]) == money("25.00")
    assert money(theirs["TotalAmt"]) == steps.invoice(world, number).total.amount == money("174.99")
    shown = steps.open_invoice(bob, number)
    assert "Discount 12.5 %" in shown.region("Lines")
    assert "Synced" in shown.region("QuickBooks")


def test_discount_of_an_amount_is_one_there(world: World, bob: Visitor) -> None:
    world.customer()
    steps.generate(bob, lines=TWO_LINES, discount="25")
    world.work()
    (theirs,) = world.held("Invoice")
    assert off(theirs)["DiscountLineDetail"]["PercentBased"] is False
    assert (money(off(theirs)["Amount"]), money(theirs["TotalAmt"])) == (25, money("174.99"))


def test_X_57_discount_on_one_line_is_a_lower_price_there_and_its_words_say_so(
    world: World, bob: Visitor
) -> None:
    world.customer()
    lines = (("Managed workstation", "3", "40"), ("Licences", "3", "33.33"))
    off = {"lines-0-discount_percent": "12.5", "lines-1-discount_percent": "10"}
    number = generated_with(bob, lines, off)
    world.work()
    (theirs,) = world.held("Invoice")
    exact, rounded = steps.sold(theirs)
    assert exact["Description"] == "Managed workstation (12.5 % off 40)"
    assert (money(exact["Amount"]), money(exact["SalesItemLineDetail"]["UnitPrice"])) == (105, 35)
    assert money(rounded["Amount"]) == money("89.99"), "99.99 less 10 %, rounded once"
    assert "UnitPrice" not in rounded["SalesItemLineDetail"], "no price has that product"
    assert money(theirs["TotalAmt"]) == steps.invoice(world, number).total.amount == money("194.99")
    assert "12.5 % off" in bob.again().region("Lines")
    bob.follow("Edit lines")
    bob.press("Save lines", {"lines-0-discount_percent": "", "lines-1-discount_percent": "100"})
    world.work()
    (theirs,) = world.held("Invoice")
    assert [(one["Description"], money(one["Amount"])) for one in steps.sold(theirs)] == [
        ("Managed workstation", 120),
        ("Licences (100 % off 33.33)", 0),
    ]
    assert "Synced" in bob.again().region("QuickBooks")


def test_X_57_what_is_off_a_line_is_off_its_credit_memo_as_well(world: World, bob: Visitor) -> None:
    world.customer()
    lines = (("Managed workstation", "3", "40"),)
    number = generated_with(bob, lines, {"lines-0-discount_percent": "12.5"})
    steps.send(bob, number)
    steps.mark_paid(bob, "$105.00")
    bob.follow("Issue credit memo")
    bob.press("Issue credit memo")
    world.work()
    (memo,) = world.held("CreditMemo")
    assert money(memo["TotalAmt"]) == 105


@pytest.mark.parametrize("typed", ["-1", "100.5", "much"])
def test_discount_on_a_line_that_makes_no_sense_is_refused(
    world: World, bob: Visitor, typed: str
) -> None:
    world.customer()
    steps.open_customer(bob)
    bob.follow("Generate invoice")
    line = {"description": "Licences", "quantity": "1", "unit_price": "100"}
    filled = {f"lines-0-{name}": text for name, text in line.items()}
    page = bob.press("Generate invoice", {**filled, "lines-0-discount_percent": typed})
    assert page.form("Generate invoice") is not None
    assert not page.links("Email via QuickBooks")


@pytest.mark.parametrize("after_it", [False, True])
def test_tax_is_computed_before_or_after_the_discount_on_both_sides(
    world: World, bob: Visitor, after_it: bool
) -> None:
    customer = taxed_customer(world)
    typed = {"lines-0-taxable": True, "discount": "10%", "after_it_tax": after_it}
    number = steps.generate(bob, lines=(("Licences", "1", "100"),), **typed)
    world.work()
    (theirs,) = world.held("Invoice")
    with world.inside():
        assert customer.tax_region is not None
        rate = customer.tax_region.rate_percent
    assert rate > 0
    net = Decimal("0.9") if after_it else Decimal(1)
    assert money(theirs["TxnTaxDetail"]["TotalTax"]) == round(rate * net, 2)
    assert money(theirs["TotalAmt"]) == steps.invoice(world, number).total.amount


@pytest.mark.parametrize("after_it", [False, True])
def test_credit_memos_of_a_discounted_invoice_come_to_what_was_paid_on_both_sides(
    world: World, bob: Visitor, after_it: bool
) -> None:
    taxed_customer(world)
    lines = (("Licences", "1", "100"), ("Managed workstation", "3", "33.33"))
    typed = {"lines-0-taxable": True, "discount": "20", "after_it_tax": after_it}
    number = steps.generate(bob, lines=lines, **typed)
    steps.send(bob, number)
    paid = steps.invoice(world, number)
    steps.mark_paid(bob, str(paid.total))
    steps.open_invoice(bob, number)
    page = bob.follow("Issue credit memo")
    assert f"{paid.total} of the invoice can be credited in all." in page.text
    assert "Its part comes off by itself" in page.region_of("Lines")
    some = {"Credit for Licences": "33.33", "Credit for Managed workstation": ""}
    bob.press("Issue credit memo", some)
    steps.open_invoice(bob, number)
    bob.follow("Issue credit memo")
    bob.press("Issue credit memo")
    world.work()
    memos = world.held("CreditMemo")
    assert len(memos) == 2
    assert sum(money(one["TotalAmt"]) for one in memos) == paid.total.amount
    assert sum(money(one["TxnTaxDetail"]["TotalTax"]) for one in memos) == paid.tax.amount
    steps.open_invoice(bob, number)
    assert "is credited in full already" in bob.follow("Issue credit memo").text


def test_X_57_write_off_and_rounding_book_against_the_item_chosen_for_them(
    world: World, alice: Visitor
) -> None:
    (income,) = [one["Id"] for one in world.held("Account") if one["Name"] == "Services"]
    made = {"Type": "Service", "IncomeAccountRef": {"value": income}}
    world.bookkeeper("Item", {"Name": "Write-offs", **made})
    world.due_now()
    world.work()
    alice.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    alice.press("Save", {"Item for write-offs and rounding": "Write-offs"})
    world.customer()
    steps.generate(alice, lines=TWO_LINES, adjustment="-0.99")
    steps.generate(alice, lines=TWO_LINES, adjustment="0.01")
    world.work()
    sold = {
        money(one["TotalAmt"]): [
            (line["SalesItemLineDetail"]["ItemRef"]["name"], money(line["Amount"]))
            for line in steps.sold(one)
        ][-1]
        for one in world.held("Invoice")
    }
    assert sold == {
        money("199.00"): ("Write-offs", money("-0.99")),
        money("200.00"): ("Write-offs", money("0.01")),
    }


@pytest.mark.parametrize("typed", ["110 %", "0", "-5", "much", "1e30"])
def test_discount_that_makes_no_sense_is_refused_and_nothing_is_lost(
    world: World, bob: Visitor, typed: str
) -> None:
    world.customer()
    steps.open_customer(bob)
    bob.follow("Generate invoice")
    line = {"description": "Licences", "quantity": "1", "unit_price": "100"}
    filled = {f"lines-0-{name}": text for name, text in line.items()}
    page = bob.press("Generate invoice", {**filled, "discount": typed})
    assert "iscount" in page.text or "percentage such as" in page.text
    assert not page.links("Email via QuickBooks")
    form = page.form("Generate invoice")
    assert form is not None
    assert 'value="Licences"' in page.html or "Licences" in page.html


def test_discount_changed_there_is_taken_over_as_one(world: World, alice: Visitor) -> None:
    world.customer()
    number = steps.generate(alice, lines=TWO_LINES, discount="10 %")
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    lines = [one for one in theirs["Line"] if one["DetailType"] != "SubTotalLineDetail"]
    lines[-1]["DiscountLineDetail"]["DiscountPercent"] = 20
    lines[-1].pop("Amount")
    world.bookkeeper("Invoice", {**keys, "sparse": True, "Line": lines})
    world.due_now()
    world.work()
    steps.open_invoice(alice, number)
    alice.press("Take theirs")
    world.work()
    invoice = steps.invoice(world, number)
    with world.inside():
        (line,) = invoice.lines.filter(kind=LineKind.DISCOUNT)
    assert line.discount_percent == 20
    assert invoice.total.amount == money(world.held("Invoice")[0]["TotalAmt"])


def test_X_57_whatever_is_generated_comes_to_the_same_there(world: World, bob: Visitor) -> None:
    """Quantities, prices, returns, adjustments and discounts of all kinds, taxed or not, drawn from a seed."""
    chance = random.Random(57)
    taxed = taxed_customer(world)
    with world.inside():
        for _ in range(EVERY_SUM):
            invoices.generate(
                customer=taxed,
                lines=_drawn(chance),
                issued_on=factories.TODAY,
                destinations=frozenset({"quickbooks_online"}),
            )
    world.work()
    theirs = {one["DocNumber"]: money(one["TotalAmt"]) for one in world.held("Invoice")}
    assert len(theirs) == EVERY_SUM
    for number, total in theirs.items():
        invoice = steps.invoice(world, number)
        assert invoice.total.amount == total, number
        assert world.link(invoice).variance_minor == 0
    assert "Synced" in steps.open_invoice(bob, min(theirs)).region("QuickBooks")


def _drawn(chance: random.Random) -> list[DraftLine]:
    lines = [
        DraftLine(
            description="Work",
            quantity=Decimal(chance.choice(["1", "0.333", "2.5", "7"])),
            unit_price=Decimal(chance.choice(["100", "19.99", "33.333", "0.335"])),
            taxable=chance.random() < 0.5,
            discount_percent=chance.choice([None, Decimal(10), Decimal("33.3333")]),
        )
        for _ in range(chance.randint(1, 4))
    ]
    lines.append(factories.line("500"))
    if chance.random() < 0.5:
        lines.append(factories.line("-3.33", taxable=chance.random() < 0.5))
    if chance.random() < 0.3:
        lines.append(drafting.adjustment(Decimal("-0.07")))
    after_it = chance.random() < 0.5
    if chance.random() < 0.4:
        percent = Decimal(chance.choice(["10", "33.3333", "12.5"]))
        lines.append(drafting.discount(percent=percent, after_it_tax=after_it))
    elif chance.random() < 0.6:
        lines.append(drafting.discount(amount=Decimal("12.34"), after_it_tax=after_it))
    return lines


def add_service(person: Visitor, name: str, price: str, parts: str = "") -> Page:
    person.go("catalogue/new/")
    return person.press("Add service", {"name": name, "unit_price": price, "parts": parts})


def test_X_103_bundle_stands_there_as_its_parts_at_the_price_that_was_typed(
    world: World, alice: Visitor
) -> None:
    add_service(alice, "Backup", "20")
    add_service(alice, "Antivirus", "5.5")
    add_service(alice, "Care pack", "60", parts="2 x Backup\n4 x antivirus")
    world.customer()
    line = {"service": "Care pack", "description": "Care pack", "quantity": "2", "unit_price": "60"}
    steps.open_customer(alice)
    alice.follow("Generate invoice")
    alice.press("Generate invoice", {f"lines-0-{name}": text for name, text in line.items()})
    world.work()
    (theirs,) = world.held("Invoice")
    assert [
        (
            one["Description"],
            money(one["SalesItemLineDetail"].get("Qty", 1)),
            money(one["Amount"]),
        )
        for one in steps.sold(theirs)
    ] == [
        ("Backup (Care pack)", 4, 80),
        ("Antivirus (Care pack)", 8, 44),
        ("Price of Care pack", 1, -4),
    ]
    assert money(theirs["TotalAmt"]) == 120


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ("2 x Nothing known", "“2 x Nothing known” is no part"),
        ("many x Backup", "has no quantity"),
        ("1.005 x Backup", "too many decimals"),
        ("1 x Backup\n2 x Backup", "stands in a bundle once"),
        ("1 x Care pack", "is a bundle itself"),
    ],
)
def test_X_103_what_is_no_part_is_refused_with_the_line(
    unconnected: World, alice: Visitor, parts: str, says: str
) -> None:
    add_service(alice, "Backup", "20")
    add_service(alice, "Care pack", "40", parts="2 x Backup")
    page = add_service(alice, "Big pack", "100", parts=parts)
    assert says in page.text
    with unconnected.inside():
        assert not Service.objects.filter(name="Big pack").exists()
