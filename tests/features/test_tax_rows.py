"""Rows about tax: who computes it, under which code, and that both totals agree or the difference is seen."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from billing.models import CreditMemo, Invoice, Payment, TaxRegion
from billing.services import invoices
from integrations import invariants
from integrations.documents import ListKind
from integrations.models import MirrorEntry
from sandbox.quickbooks.kinds import KINDS
from tenants.models import Role
from tests import factories
from tests.features import steps
from tests.features import test_refund_rows as refund_rows
from tests.features.pages import Page, Visitor
from tests.features.test_import_rows import their_invoice, their_line
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"
MAPPED = "Regentra, under a tax code of the company"
DELEGATED = "QuickBooks"
# Taxed by a region of 9.1 %, as nobody else is.
TAXED = {"lines-0-taxable": True}

Opened = tuple[World, Visitor]
Open = Callable[..., Opened]


@pytest.fixture
def opened(unconnected: World) -> Open:
    """Another organization, connected to a company as wished, with a customer in a region taxed at 9.1 %."""

    def open_one(tax_mode: str = "", *, currency: str = "USD", **company: Any) -> Opened:
        made = factories.organization(features=["quickbooks"], currency=currency)
        owner = factories.member(made, role=Role.OWNER)
        app = (unconnected.box, unconnected.client_id, unconnected.verifier)
        world, person = World(*app, made, owner), Visitor(made, owner)
        world.connect(custom_numbers=True, **company)
        world.work()
        with world.inside():
            region = factories.tax_region("Downtown", "9.1")
        world.customer(tax_region=region)
        if tax_mode:
            person.go("settings/sync-rules/")
            assert "Changed: " in person.press("Save", {"tax_mode": tax_mode}).text
        world.forget_calls()
        return world, person

    return open_one


def generated(world: World, person: Visitor, **typed: str | bool) -> str:
    number = steps.generate(person, **TAXED, **typed)
    world.work()
    return number


def taxes(world: World) -> list[str]:
    """Tax and total of each invoice over there."""
    return [
        f"{steps.money(one['TxnTaxDetail']['TotalTax']):.2f} of {steps.money(one['TotalAmt']):.2f}"
        for one in world.held("Invoice")
    ]


def ours(world: World, number: str) -> str:
    """Tax and total here."""
    invoice = steps.invoice(world, number)
    return f"{invoice.tax.amount} of {invoice.total.amount}"


def region(person: Visitor) -> str:
    return person.again().region("QuickBooks")


def test_C_17_K_25_X_09_tax_is_ours_or_theirs_as_was_chosen(opened: Open) -> None:
    local, delegated = opened(ast=True), opened(DELEGATED, ast=True)
    first, second = generated(*local), generated(*delegated)
    assert taxes(local[0]) == ["9.10 of 109.10"], "the rate of our region, told to QuickBooks"
    assert taxes(delegated[0]) == ["8.00 of 108.00"], "California's, by automated sales tax"
    assert (ours(local[0], first), ours(delegated[0], second)) == (
        "9.10 of 109.10",
        "8.00 of 108.00",
    )
    for _, person in (local, delegated):
        assert "Synced" in region(person)
        assert "differs" not in region(person)


def test_C_17_L_11_L_55_mapped_waits_for_the_code_of_the_region_and_local_does_not(
    opened: Open,
) -> None:
    local, mapped = opened(), opened(MAPPED)
    generated(*local)
    number = generated(*mapped)
    assert taxes(local[0]) == ["0.00 of 100.00"]
    assert "Total differs" in region(local[1])
    world, person = mapped
    assert world.held("Invoice") == []
    assert "No QuickBooks tax code is chosen for Downtown." in region(person)
    person.follow("Open the mapping")
    person.press("Save", {"Tax code for Downtown": "Tucson"})
    world.work()
    assert taxes(world) == ["9.10 of 109.10"]
    (theirs,) = world.held("Invoice")
    rates = [one["TaxLineDetail"]["TaxPercent"] for one in theirs["TxnTaxDetail"]["TaxLine"]]
    assert rates == [7.1, 2], "those of Tucson"
    assert ours(world, number) == "9.10 of 109.10"


def test_C_17_mapped_asks_for_no_code_where_automated_sales_tax_ignores_it(opened: Open) -> None:
    world, person = opened(MAPPED, ast=True)
    generated(world, person)
    assert taxes(world) == ["9.10 of 109.10"]
    assert "Tax code for Downtown" not in person.go(MAPPING_PAGE).text


def test_C_17_X_09_tax_of_a_mapped_code_is_read_back_outside_the_us(opened: Open) -> None:
    world, person = opened(DELEGATED, currency="CAD", country="CA")
    number = generated(world, person)
    assert "No QuickBooks tax code is chosen for Downtown." in region(person)
    person.follow("Open the mapping")
    person.press("Save", {"Tax code for Downtown": "HST ON"})
    world.work()
    assert taxes(world) == ["13.00 of 113.00"]
    assert ours(world, number) == "13.00 of 113.00"


def test_X_09_tax_is_read_back_without_a_call_and_the_history_says_so(opened: Open) -> None:
    world, person = opened(DELEGATED, ast=True)
    generated(world, person)
    assert [one["method"] for one in world.journal()] == ["POST", "POST"], "customer and invoice"
    shown = person.again().text
    assert "Tax taken over: $8.00, it was $9.10" in shown
    assert "Total $108.00" in shown


def test_X_09_tax_that_changes_there_afterwards_changes_here_and_is_seen(opened: Open) -> None:
    world, person = opened(DELEGATED, ast=True)
    number = generated(world, person)
    steps.open_invoice(person, number)
    steps.send(person, number)
    world.work()
    (theirs,) = world.held("Invoice")
    corrected = {"Id": theirs["Id"], "SyncToken": theirs["SyncToken"], "sparse": True}
    world.bookkeeper("Invoice", {**corrected, "TxnTaxDetail": {"TotalTax": 7.5}})
    world.due_now()
    world.work()
    assert ours(world, number) == "7.50 of 107.50"
    assert "Tax taken over: $7.50, it was $8.00" in person.again().text
    assert "Synced" in region(person)
    assert "Nothing needs you" in person.go("exceptions/").text


def test_X_09_without_delegation_a_tax_changed_there_is_asked_about(opened: Open) -> None:
    world, person = opened(ast=True)
    number = generated(world, person)
    (theirs,) = world.held("Invoice")
    corrected = {"Id": theirs["Id"], "SyncToken": theirs["SyncToken"], "sparse": True}
    world.bookkeeper("Invoice", {**corrected, "TxnTaxDetail": {"TotalTax": 7.5}})
    world.due_now()
    world.work()
    assert ours(world, number) == "9.10 of 109.10"
    assert "Differs" in region(person)


def test_X_09_edited_draft_is_computed_anew_there(opened: Open) -> None:
    world, person = opened(DELEGATED, ast=True)
    number = generated(world, person)
    with world.inside():
        draft = Invoice.objects.get(number=number)
        invoices.edit(invoice=draft, lines=[factories.line("200", taxable=True)])
    assert ours(world, number) == "18.20 of 218.20", "by the region's rate until it is sent"
    world.work()
    assert taxes(world) == ["16.00 of 216.00"]
    assert ours(world, number) == "16.00 of 216.00"


def reverted(world: World, person: Visitor, number: str) -> None:
    """A line is changed and changed back before a worker's turn, so that there is nothing to send."""
    for quantity in ("2", "1"):
        steps.open_invoice(person, number)
        person.follow("Edit lines")
        person.press("Save lines", {"lines-0-quantity": quantity})
    assert ours(world, number) == "9.10 of 109.10", "by the region's rate"
    world.forget_calls()
    world.work()
    assert "POST" not in [one["method"] for one in world.journal()]


def test_X_09_tax_counted_here_anew_is_theirs_again_where_nothing_has_to_be_sent(
    opened: Open,
) -> None:
    world, person = opened(DELEGATED, ast=True)
    number = generated(world, person)
    reverted(world, person, number)
    assert ours(world, number) == "8.00 of 108.00"
    assert taxes(world) == ["8.00 of 108.00"]
    assert "Synced" in region(person)
    assert "differs" not in region(person)


@pytest.mark.parametrize("trouble", ["answer_dropped", "request_dropped"])
def test_X_09_tax_is_read_back_whatever_gets_lost(opened: Open, trouble: str) -> None:
    world, person = opened(DELEGATED, ast=True)
    world.trouble("requestid_forgotten", times=None, method="POST")
    world.trouble(trouble, entity="Invoice")
    number = generated(world, person)
    for _ in range(3):
        world.later(minutes=5)
        world.work()
    assert taxes(world) == ["8.00 of 108.00"]
    assert ours(world, number) == "8.00 of 108.00"


def test_X_09_X_25_tax_that_would_fall_below_what_was_paid_stays_a_visible_difference(
    opened: Open,
) -> None:
    world, person = opened(DELEGATED, ast=True)
    number = steps.generate(person, **TAXED)
    steps.mark_paid(person, "$109.10")
    world.work()
    assert taxes(world) == ["8.00 of 108.00"]
    assert ours(world, number) == "9.10 of 109.10"
    (payment,) = world.held("Payment")
    amounts = [steps.money(one) for one in (payment["TotalAmt"], payment["UnappliedAmt"])]
    assert amounts == [Decimal("109.10"), Decimal("1.10")], "all the money; as much as is open pays"
    assert steps.money(world.held("Invoice")[0]["Balance"]) == 0
    assert "Nothing needs you" in person.go("exceptions/").text
    steps.open_invoice(person, number)
    assert "Total differs" in region(person)


def test_C_17_X_09_tax_of_a_credit_memo_is_ours_or_theirs_as_was_chosen(opened: Open) -> None:
    local, delegated = opened(ast=True), opened(DELEGATED, ast=True)
    assert credited(*local) == ("9.10 of 109.10", "$109.10")
    assert credited(*delegated) == ("8.00 of 108.00", "$108.00")
    world, person = delegated
    # The invoice has their tax by now, and its credit memo that tax from the start.
    assert "Tax taken over" not in person.again().text
    assert "Synced" in region(person)
    (memo,) = world.held("CreditMemo")
    corrected = {"Id": memo["Id"], "SyncToken": memo["SyncToken"], "sparse": True}
    world.bookkeeper("CreditMemo", {**corrected, "TxnTaxDetail": {"TotalTax": 7.5}})
    world.due_now()
    world.work()
    page = person.again()
    assert "Total $107.50" in page.text
    assert "Tax taken over: $7.50, it was $8.00" in page.text
    assert "Synced" in region(person)
    assert "Nothing needs you" in person.go("exceptions/").text


def credited(world: World, person: Visitor) -> tuple[str, str]:
    """An invoice that was paid is credited whole: tax and total over there, and the total here."""
    number = generated(world, person)
    steps.open_invoice(person, number)
    steps.send(person, number)
    steps.mark_paid(person, f"${steps.invoice(world, number).total.amount}")
    person.follow("Issue credit memo")
    person.press("Issue credit memo")
    world.work()
    (memo,) = world.held("CreditMemo")
    tax, total = (steps.money(one) for one in (memo["TxnTaxDetail"]["TotalTax"], memo["TotalAmt"]))
    (here,) = [
        word for word in person.again().region_of("Amounts").split() if word.startswith("$1")
    ][:1]
    return f"{tax:.2f} of {total:.2f}", here


def test_X_78_codes_for_purchases_are_not_offered_and_not_found_by_name(opened: Open) -> None:
    world, person = opened(currency="CAD", country="CA")
    (gst,) = [one["Id"] for one in world.held("TaxRate") if one["Name"] == "GST"]
    for name, on in (("Downtown", "Purchase"), ("Uptown", "Sales")):
        details = [{"TaxRateId": gst, "TaxApplicableOn": on}]
        world.posted("taxservice/taxcode", {"TaxCode": name, "TaxRateDetails": details})
    person.go(MAPPING_PAGE)
    person.press("Refresh")
    world.work()
    generated(world, person)
    assert "No QuickBooks tax code is chosen for Downtown." in region(person)
    page = person.go(MAPPING_PAGE)
    (offered,) = [one for one in page.tree.all("select") if "tax_region" in one["name"]]
    names = [one.text for one in offered.all("option")]
    assert "Uptown" in names
    assert "Downtown" not in names


def test_C_17_only_the_codes_of_the_own_company_are_taken(opened: Open) -> None:
    """The choice of one organization is no choice of another."""
    (world, person), (other, stranger) = opened(MAPPED), opened(MAPPED)
    person.go(MAPPING_PAGE)
    person.press("Save", {"Tax code for Downtown": "Tucson"})
    generated(world, person)
    generated(other, stranger)
    assert (len(world.held("Invoice")), len(other.held("Invoice"))) == (1, 0)
    assert "No QuickBooks tax code is chosen for Downtown." in region(stranger)


WITH_TAX = "Yes"
LITTLE = (("Seat", "1", "10.07"),)
TEN_LINES = tuple((f"Seat {place}", "1", "10") for place in range(10))


def priced(opened: Open, basis: str = "", **company: Any) -> Opened:
    """In Canada unless said otherwise, where Downtown is taxed at 13 % under HST ON."""
    country = {"country": "CA", "currency": "CAD", **company}
    currency = country.pop("currency")
    world, person = opened(currency=currency, **country)
    with world.inside():
        TaxRegion.objects.update(rate_percent=Decimal(13))
    if country["country"] != "US":
        person.go(MAPPING_PAGE)
        person.press("Save", {"Tax code for Downtown": "HST ON"})
    if basis:
        person.go("settings/sync-rules/")
        assert "Changed: " in person.press("Save", {"price_basis": basis}).text
    return world, person


def ten_taxed(world: World, person: Visitor) -> str:
    """Ten lines of 10.00, all taxed."""
    steps.open_customer(person)
    person.follow("Generate invoice")
    filled: dict[str, str | bool] = {}
    for place, line in enumerate(TEN_LINES):
        if place:
            person.press("Add a line", filled)
        names = ("description", "quantity", "unit_price")
        filled = {f"lines-{place}-{name}": text for name, text in zip(names, line, strict=True)}
        filled[f"lines-{place}-taxable"] = True
    page = person.press("Generate invoice", filled)
    world.work()
    return next(page.tree.all("h1")).text


def test_X_78_prices_hold_their_tax_or_not_as_was_chosen_and_totals_agree(opened: Open) -> None:
    without, inclusive = priced(opened), priced(opened, WITH_TAX)
    first, second = ten_taxed(*without), ten_taxed(*inclusive)
    assert taxes(without[0]) == ["13.00 of 113.00"]
    assert taxes(inclusive[0]) == ["11.50 of 100.00"], "1.15 of each line; of the sum it were 11.51"
    assert ours(without[0], first) == "13.00 of 113.00"
    assert ours(inclusive[0], second) == "11.50 of 100.00"
    kinds = [world.held("Invoice")[0]["GlobalTaxCalculation"] for world, _ in (without, inclusive)]
    assert kinds == ["TaxExcluded", "TaxInclusive"]
    (line, *_) = steps.sold(inclusive[0].held("Invoice")[0])
    said = line["SalesItemLineDetail"]["TaxInclusiveAmt"]
    assert (steps.money(said), steps.money(line["Amount"])) == (10, Decimal("8.85"))
    for world, person in (without, inclusive):
        assert "Synced" in region(person)
        assert "differs" not in region(person)
        with world.inside():
            assert invariants.violations() == []


def test_X_78_lines_of_such_an_invoice_are_changed_and_still_hold_their_tax(opened: Open) -> None:
    world, person = priced(opened, WITH_TAX)
    number = generated(world, person)
    assert ours(world, number) == "11.50 of 100.00"
    person.follow("Edit lines")
    assert "Prices include tax." in person.page.text
    person.press("Save lines", {"lines-0-unit_price": "50", "lines-0-discount_percent": "10"})
    world.work()
    assert taxes(world) == ["5.18 of 45.00"]
    assert ours(world, number) == "5.18 of 45.00"
    assert "Synced" in region(person)


def test_X_78_a_tax_that_differs_there_is_seen(opened: Open) -> None:
    """Their code has 13 %, our region 20 %: what the line is without its tax is not the same."""
    world, person = priced(opened, WITH_TAX)
    with world.inside():
        TaxRegion.objects.update(rate_percent=Decimal(20))
    generated(world, person)
    assert taxes(world) == ["11.50 of 100.00"]
    assert "Synced" not in region(person)


def test_X_78_credit_memo_of_such_an_invoice_holds_its_tax_and_comes_to_the_same(
    opened: Open,
) -> None:
    world, person = priced(opened, WITH_TAX)
    number = generated(world, person)
    steps.send(person, number)
    steps.mark_paid(person, "CA$100.00")
    person.follow("Issue credit memo")
    person.press("Issue credit memo")
    world.work()
    (memo,) = world.held("CreditMemo")
    assert (steps.money(memo["Line"][0]["Amount"]), steps.money(memo["TotalAmt"])) == (
        Decimal("88.50"),
        100,
    )


def a_cent_less_there(opened: Open) -> tuple[World, Visitor]:
    """One code with two rates is rounded twice: 5 % and 7 % of 10.07 are a cent less than 12 %."""
    world, person = priced(opened)
    with world.inside():
        TaxRegion.objects.update(rate_percent=Decimal(12))
    person.go(MAPPING_PAGE)
    person.press("Save", {"Tax code for Downtown": "GST/PST BC"})
    return world, person


@pytest.fixture
def a_cent_more_there(opened: Open) -> tuple[World, Visitor, str]:
    """5 % and 7 % of 10.10 are a cent more than 12 %; the invoice is in QuickBooks."""
    world, person = priced(opened)
    with world.inside():
        TaxRegion.objects.update(rate_percent=Decimal(12))
    person.go(MAPPING_PAGE)
    person.press("Save", {"Tax code for Downtown": "GST/PST BC"})
    number = steps.generate(person, lines=(("Seat", "1", "10.10"),), **TAXED)
    world.work()
    (theirs,) = world.held("Invoice")
    assert (ours(world, number), steps.money(theirs["TotalAmt"])) == (
        "1.21 of 11.31",
        Decimal("11.32"),
    )
    return world, person, number


def put_on(theirs: dict[str, Any], amount: str, of: str = "Invoice") -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": theirs["Id"], "TxnType": of}]}


def paid_there(world: World, amount: str, *parts: dict[str, Any]) -> None:
    customer = world.held("Invoice")[0]["CustomerRef"]
    world.bookkeeper("Payment", {"CustomerRef": customer, "TotalAmt": amount, "Line": list(parts)})
    looked(world)


def looked(world: World) -> None:
    world.due_now()
    world.work()


def dearer_there(world: World) -> None:
    """The bookkeeper makes it 20.20, at which both count the same tax."""
    (theirs,) = world.held("Invoice")
    (line, *_) = theirs["Line"]
    dearer = {**line, "Amount": "20.20"}
    dearer["SalesItemLineDetail"] = {**line["SalesItemLineDetail"], "UnitPrice": "20.20"}
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "Line": [dearer]})
    looked(world)
    assert steps.money(world.held("Invoice")[0]["TotalAmt"]) == Decimal("22.62")


def dearer_on_both_sides(world: World, person: Visitor, number: str) -> None:
    dearer_there(world)
    steps.open_invoice(person, number)
    person.press("Take theirs")
    looked(world)


def applied_here(world: World, person: Visitor, number: str, amount: str, *, by: str) -> None:
    """Staff put so much of the payment of 11.32 that counts here on the invoice."""
    opened_payment(world, person, 1132)
    person.follow(by)
    person.press("Apply", {f"Applied to {number}": amount})
    world.work()


def opened_payment(world: World, person: Visitor, minor: int) -> Page:
    with world.inside():
        payment = Payment.objects.get(amount_minor=minor)
    return person.go(f"payments/{payment.pk}/")


def on_the_payment(world: World, minor: int) -> tuple[int, int, int]:
    """What of the payment is applied, unapplied, and taken outside."""
    with world.inside():
        assert invariants.violations() == []
        payment = Payment.objects.get(amount_minor=minor)
        return payment.allocated_minor, payment.unapplied.minor, payment.outside_minor


def test_C_17_X_25_payments_in_full_there_of_what_counts_a_cent_more_there_are_booked(
    a_cent_more_there: tuple[World, Visitor, str],
) -> None:
    """The cent settles nothing here, and is no credit either."""
    world, person, number = a_cent_more_there
    (theirs,) = world.held("Invoice")
    paid_there(world, "5.00", put_on(theirs, "5.00"))
    paid_there(world, "6.32", put_on(theirs, "6.32"))
    assert "Paid" in steps.open_invoice(person, number).text
    assert "Nothing needs you" in person.go("exceptions/").text
    assert on_the_payment(world, 500) == (500, 0, 0)
    assert on_the_payment(world, 632) == (631, 0, 1)
    page = opened_payment(world, person, 632)
    assert "$0.01 taken by documents in QuickBooks only" in page.text


def test_C_17_X_25_what_is_left_of_a_payment_beside_the_cent_stays_unapplied(
    a_cent_more_there: tuple[World, Visitor, str],
) -> None:
    world, _, _ = a_cent_more_there
    (theirs,) = world.held("Invoice")
    paid_there(world, "5.00", put_on(theirs, "5.00"))
    paid_there(world, "6.33", put_on(theirs, "6.32"))
    assert on_the_payment(world, 633) == (631, 1, 1)


def test_C_17_X_25_the_cent_is_let_go_when_the_payment_is_taken_off_here(
    a_cent_more_there: tuple[World, Visitor, str],
) -> None:
    world, person, number = a_cent_more_there
    paid_there(world, "11.32", put_on(world.held("Invoice")[0], "11.32"))
    applied_here(world, person, number, "4.00", by="Apply differently")
    (held,) = world.held("Payment")
    assert [steps.money(line["Amount"]) for line in held["Line"]] == [Decimal("4.01")]
    assert on_the_payment(world, 1132) == (400, 731, 1)
    applied_here(world, person, number, "", by="Apply the rest")
    (held,) = world.held("Payment")
    assert steps.money(held["UnappliedAmt"]) == Decimal("11.32")
    looked(world)
    assert on_the_payment(world, 1132) == (0, 1132, 0)


def test_C_17_X_25_the_cent_pays_ours_too_once_both_totals_are_the_same(
    a_cent_more_there: tuple[World, Visitor, str],
) -> None:
    world, person, number = a_cent_more_there
    paid_there(world, "11.32", put_on(world.held("Invoice")[0], "11.32"))
    assert on_the_payment(world, 1132) == (1131, 0, 1)
    dearer_on_both_sides(world, person, number)
    assert ours(world, number) == "2.42 of 22.62"
    assert on_the_payment(world, 1132) == (1132, 0, 0)


def test_C_17_X_25_the_cent_that_was_paid_by_itself_pays_ours_too(
    a_cent_more_there: tuple[World, Visitor, str],
) -> None:
    world, person, number = a_cent_more_there
    (theirs,) = world.held("Invoice")
    paid_there(world, "11.31", put_on(theirs, "11.31"))
    paid_there(world, "0.01", put_on(theirs, "0.01"))
    assert on_the_payment(world, 1) == (0, 0, 1)
    dearer_on_both_sides(world, person, number)
    assert on_the_payment(world, 1) == (1, 0, 0)


def test_C_17_X_25_money_there_stays_whole_when_what_was_paid_beyond_ours_is_taken_off(
    a_cent_more_there: tuple[World, Visitor, str],
) -> None:
    """The payment also settles an invoice that is only there."""
    world, person, number = a_cent_more_there
    (theirs,) = world.held("Invoice")
    foreign = their_invoice(
        world, theirs["CustomerRef"]["value"], "40", GlobalTaxCalculation="NotApplicable"
    )
    paid_there(world, "51.32", put_on(theirs, "11.32"), put_on(foreign, "40"))
    assert on_the_payment(world, 1132) == (1131, 0, 1)
    applied_here(world, person, number, "", by="Apply differently")
    (held,) = world.held("Payment")
    assert steps.money(held["TotalAmt"]) == Decimal("51.32")
    looked(world)
    assert on_the_payment(world, 1132) == (0, 1132, 0)


def test_C_17_X_25_credit_that_counts_a_cent_more_there_settles_what_does_so_too(
    a_cent_more_there: tuple[World, Visitor, str],
) -> None:
    world, person, number = a_cent_more_there
    steps.open_invoice(person, number)
    steps.mark_paid(person, "CA$11.31")
    steps.open_invoice(person, number)
    person.follow("Issue credit memo")
    person.press("Issue credit memo")
    again = steps.generate(person, lines=(("Seat", "1", "10.10"),), **TAXED)
    world.work()
    (memo,) = world.held("CreditMemo")
    assert steps.money(memo["TotalAmt"]) == Decimal("11.32")
    bill = world.held("Invoice")[-1]
    paid_there(world, "0", put_on(bill, "11.32"), put_on(memo, "11.32", "CreditMemo"))
    assert "Paid" in steps.open_invoice(person, again).text
    assert "Nothing needs you" in person.go("exceptions/").text
    assert on_the_payment(world, 0) == (1131, 0, 0)


def test_X_25_C_04_cent_stays_seen_though_theirs_is_taken_in_another_field(opened: Open) -> None:
    world, person = a_cent_less_there(opened)
    number = steps.generate(person, lines=LITTLE, **TAXED)
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    address = {"Address": "books@adatum.example"}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "BillEmail": address})
    world.due_now()
    world.work()
    person.go("settings/sync-rules/")
    person.press("Save", {"unpaid_edit_owner": "qbo"})
    steps.open_invoice(person, number)
    person.press("Take theirs")
    world.work()
    assert ours(world, number) == "1.21 of 11.28"
    assert world.link(steps.invoice(world, number)).variance_minor == -1
    assert "Total differs" in region(person)


def test_C_17_X_25_payments_of_what_counts_a_cent_less_there_settle_what_is_open_there(
    opened: Open,
) -> None:
    world, person = a_cent_less_there(opened)
    first, second = (steps.generate(person, lines=LITTLE, **TAXED) for _ in range(2))
    world.work()
    assert taxes(world) == ["1.20 of 11.27", "1.20 of 11.27"]
    assert ours(world, first) == "1.21 of 11.28"
    for number, parts in ((first, ["5.00", "6.28"]), (second, ["11.28"])):
        steps.open_invoice(person, number)
        steps.send(person, number)
        for part in parts:
            steps.open_customer(person)
            person.follow("Record payment")
            person.press("Record payment", {"Amount in CAD": part, f"Applied to {number}": part})
            world.work()
    paid = [
        (steps.money(one["TotalAmt"]), steps.money(one["UnappliedAmt"]))
        for one in world.held("Payment")
    ]
    assert paid == [(5, 0), (Decimal("6.28"), Decimal("0.01")), (Decimal("11.28"), Decimal("0.01"))]
    assert [steps.money(one["Balance"]) for one in world.held("Invoice")] == [0, 0]
    world.due_now()
    world.work()
    assert "Nothing needs you" in person.go("exceptions/").text
    with world.inside():
        assert invariants.violations() == []
    steps.open_invoice(person, second)
    person.follow("Issue credit memo")
    person.press("Issue credit memo")
    third = steps.generate(person, lines=LITTLE, **TAXED)
    steps.send(person, third)
    world.work()
    person.go("credit-memos/")
    person.follow("CM-1001")
    person.follow("Apply to invoices")
    person.press("Apply", {f"Applied to {third}": "11.28"})
    world.work()
    (memo,) = world.held("CreditMemo")
    assert (steps.money(memo["TotalAmt"]), steps.money(memo["RemainingCredit"])) == (
        Decimal("11.27"),
        0,
    )
    assert steps.money(world.held("Invoice")[-1]["Balance"]) == 0
    assert "Nothing needs you" in person.go("exceptions/").text


def test_X_78_discount_on_all_of_it_is_refused_and_said_how_else(opened: Open) -> None:
    world, person = priced(opened, WITH_TAX)
    steps.open_customer(person)
    person.follow("Generate invoice")
    line = {"description": "Seat", "quantity": "1", "unit_price": "10"}
    filled = {f"lines-0-{name}": text for name, text in line.items()}
    page = person.press("Generate invoice", {**filled, "discount": "10 %"})
    assert "Take the percentage off each line instead." in page.text
    assert world.held("Invoice") == []


def test_X_78_in_the_united_states_prices_are_without_tax_whatever_is_chosen(opened: Open) -> None:
    world, person = priced(opened, WITH_TAX, country="US", currency="USD", ast=True)
    number = generated(world, person)
    assert ours(world, number) == "13.00 of 113.00"
    assert taxes(world) == ["13.00 of 113.00"]


def test_X_25_N_08_total_differs_no_more_once_their_lines_have_followed(opened: Open) -> None:
    world, person = opened()
    person.go("settings/sync-rules/")
    person.press("Save", {"unpaid_edit_owner": "per_field"})
    number = generated(world, person)
    assert "Total differs" in region(person)
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    (line,) = steps.sold(theirs)
    detail = {"ItemRef": line["SalesItemLineDetail"]["ItemRef"], "TaxCodeRef": {"value": "NON"}}
    lines = [{**line, "Amount": 120, "SalesItemLineDetail": detail}]
    world.bookkeeper("Invoice", {**keys, "sparse": True, "Line": lines})
    for _ in range(2):
        world.due_now()
        world.work()
    assert ours(world, number) == "0.00 of 120.00"
    steps.open_invoice(person, number)
    assert "Total there $120.00" in region(person)
    assert "Total differs" not in region(person)


def spent_in_canada(opened: Open, amount: str, code: str = "") -> tuple[World, Visitor]:
    """A part of a payment of 100.00 paid back as an expense, with this purchase tax chosen."""
    world, person = priced(opened)
    refund_rows.choose(person, "As an expense")
    refund_rows.map_accounts(world, person)
    if code:
        person.go(MAPPING_PAGE)
        person.press("Save", {"Purchase tax of refunds": code})
    number = steps.generate(person)
    steps.send(person, number)
    steps.open_customer(person)
    person.follow("Record payment")
    person.press("Record payment", {"Amount in CAD": "100", f"Applied to {number}": "100"})
    world.work()
    page = steps.open_invoice(person, number)
    (row,) = [one for one in page.tree.all("tr") if "/payments/" in one["data-href"]]
    person.open(row["data-href"])
    person.follow("Record a refund")
    person.press("Record refund", {"Amount in CAD": amount})
    world.work()
    return world, person


@pytest.mark.parametrize(
    ("code", "posted"),
    [("", ("NotApplicable", "10.07", "0")), ("GST/PST BC", ("TaxInclusive", "8.99", "1.08"))],
)
def test_X_78_refund_that_is_an_expense_holds_the_purchase_tax_that_was_chosen(
    opened: Open, code: str, posted: tuple[str, str, str]
) -> None:
    world, person = spent_in_canada(opened, "10.07", code)
    (expense,) = world.held("Purchase")
    assert steps.money(expense["TotalAmt"]) == Decimal("10.07")
    net, tax = expense["Line"][0]["Amount"], expense["TxnTaxDetail"]["TotalTax"]
    mode, *amounts = posted
    assert expense["GlobalTaxCalculation"] == mode
    assert [steps.money(one) for one in (net, tax)] == [Decimal(one) for one in amounts]
    world.due_now()
    world.work()
    assert "Nothing needs you" in person.go("exceptions/").text


def test_X_78_purchase_tax_that_is_changed_there_is_a_question_and_ours_goes_again(
    opened: Open,
) -> None:
    world, person = spent_in_canada(opened, "11.30", "HST ON")
    (expense,) = world.held("Purchase")
    assert steps.money(expense["Line"][0]["Amount"]) == 10
    account = expense["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]
    (free,) = [one for one in world.held("TaxCode") if one["Name"] == "Exempt"]
    detail = {"AccountRef": account, "TaxCodeRef": {"value": free["Id"]}}
    kind = "AccountBasedExpenseLineDetail"
    line = {"Amount": 11.3, "DetailType": kind, kind: detail}
    keys = {name: expense[name] for name in ("Id", "SyncToken")}
    world.bookkeeper(
        "Purchase", {**expense, **keys, "Line": [line], "GlobalTaxCalculation": "TaxExcluded"}
    )
    world.due_now()
    world.work()
    assert "changed in QuickBooks" in person.go("exceptions/").text
    refund_rows.open_refund(person)
    person.press("Send ours again")
    world.work()
    (held,) = world.held("Purchase")
    assert steps.money(held["Line"][0]["Amount"]) == 10
    assert steps.money(held["TxnTaxDetail"]["TotalTax"]) == Decimal("1.30")


def spent_more(world: World, net: float, gross: float, tax_code: str = "") -> None:
    """The bookkeeper corrects the amount of the expense, or also its purchase tax."""
    (expense,) = world.held("Purchase")
    kind = "AccountBasedExpenseLineDetail"
    detail = {**expense["Line"][0][kind], "TaxInclusiveAmt": gross}
    if tax_code:
        detail["TaxCodeRef"] = {"value": named_code(world, tax_code)}
    line = {"Amount": net, "DetailType": kind, kind: detail}
    world.bookkeeper("Purchase", {**expense, "Line": [line]})
    world.due_now()
    world.work()


@pytest.mark.parametrize(
    ("net", "gross", "code", "tax"),
    [(20, 22.6, "", "2.60"), (10.09, 11.3, "GST/PST BC", "1.21")],
)
def test_X_78_purchase_tax_that_was_taken_from_there_is_ours_from_then_on(
    opened: Open, net: float, gross: float, code: str, tax: str
) -> None:
    world, person = spent_in_canada(opened, "11.30", "HST ON")
    spent_more(world, net, gross, code)
    refund_rows.open_refund(person)
    person.press("Take theirs")
    world.work()
    (taken,) = world.held("Purchase")
    assert steps.money(taken["TxnTaxDetail"]["TotalTax"]) == Decimal(tax)
    spent_more(world, 30, 33.9, "HST ON")
    refund_rows.open_refund(person)
    assert f"Tax: CA${tax} here, CA$3.90 in QuickBooks" in person.page.region("QuickBooks")
    person.press("Send ours again")
    world.work()
    (held,) = world.held("Purchase")
    for name in ("TotalAmt", "GlobalTaxCalculation", "TxnTaxDetail"):
        assert held.get(name) == taken.get(name)
    assert held["Line"][0]["Amount"] == net
    world.due_now()
    world.work()
    assert "Nothing needs you" in person.go("exceptions/").text


@pytest.mark.parametrize("before", ["", "HST ON"])
def test_X_78_purchase_tax_chosen_later_leaves_refunds_alone_that_are_there(
    opened: Open, before: str
) -> None:
    """The tax of an expense may have been declared by then."""
    world, person = spent_in_canada(opened, "11.30", before)
    (expense,) = world.held("Purchase")
    person.go(MAPPING_PAGE)
    person.press("Save", {"Purchase tax of refunds": "GST/PST BC"})
    world.bookkeeper("Purchase", {**expense, "TxnDate": "2026-11-20"})
    world.due_now()
    world.work()
    refund_rows.open_refund(person)
    person.press("Send ours again")
    world.work()
    (held,) = world.held("Purchase")
    assert held["TxnDate"] != "2026-11-20"
    for name in ("GlobalTaxCalculation", "Line", "TxnTaxDetail"):
        assert held.get(name) == expense.get(name)
    assert "Nothing needs you" in person.go("exceptions/").text


def test_X_78_purchase_tax_is_not_offered_in_the_united_states(opened: Open) -> None:
    _, person = opened()
    assert "Purchase tax of refunds" not in person.go(MAPPING_PAGE).text


POSTAGE, WORK = ("Postage", False), ("Work", True)


def named_code(world: World, name: str) -> str:
    return str(next(one["Id"] for one in world.held("TaxCode") if one["Name"] == name))


def mixed_there(world: World) -> list[dict[str, Any]]:
    """Lines as the bookkeeper writes them: one without tax, and one with it."""
    exempt, taxed = (named_code(world, name) for name in ("Exempt", "HST ON"))
    free = their_line(world, "50", TaxCodeRef={"value": exempt})
    due = their_line(world, "100", TaxCodeRef={"value": taxed})
    return [{**free, "Description": "Postage"}, {**due, "Description": "Work"}]


def taxed_here(of: Invoice | CreditMemo) -> list[tuple[str, bool]]:
    lines = of.lines.order_by("position")
    return [(line.description, line.taxable) for line in lines]


def test_C_17_C_04_lines_that_are_taken_outside_the_us_stay_taxed_or_not(opened: Open) -> None:
    """Also a second time, when theirs is what was agreed on last."""
    world, person = priced(opened)
    number = steps.generate(
        person,
        lines=(("Postage", "1", "50"), ("Work", "1", "100")),
        **{"lines-1-taxable": True},
    )
    world.work()
    assert taxes(world) == ["13.00 of 163.00"]
    for words in ("Work, done", "Work, all done"):
        (theirs,) = world.held("Invoice")
        free, due = steps.sold(theirs)
        keys = {name: theirs[name] for name in ("Id", "SyncToken", "GlobalTaxCalculation")}
        lines = [free, {**due, "Description": words}]
        world.bookkeeper("Invoice", {**keys, "sparse": True, "Line": lines})
        looked(world)
        steps.open_invoice(person, number)
        person.press("Take theirs")
        world.work()
        with world.inside():
            assert taxed_here(Invoice.objects.get()) == [POSTAGE, (words, True)]
    steps.open_invoice(person, number)
    person.follow("Edit lines")
    person.press("Save lines", {"lines-1-unit_price": "200"})
    world.work()
    assert ours(world, number) == "26.00 of 276.00"
    assert taxes(world) == ["26.00 of 276.00"]


def test_C_17_A_01_lines_made_outside_the_us_come_in_taxed_or_not(opened: Open) -> None:
    world, person = priced(opened)
    person.go("settings/sync-rules/")
    person.press("Save", {"invoices_made_there": "bring_in"})
    steps.generate(person)
    world.work()
    (sent,) = world.held("Invoice")
    customer = sent["CustomerRef"]
    written = {"Line": mixed_there(world), "GlobalTaxCalculation": "TaxExcluded"}
    their_invoice(world, customer["value"], **written)
    world.bookkeeper("CreditMemo", {"CustomerRef": customer, **written})
    looked(world)
    with world.inside():
        bill, memo = Invoice.objects.get(number="Q-1"), CreditMemo.objects.get()
        assert (taxed_here(bill), bill.tax.minor) == ([POSTAGE, WORK], 1300)
        assert (taxed_here(memo), memo.tax.minor) == ([POSTAGE, WORK], 1300)


def gone_there(world: World, name: str) -> None:
    """As the lists say once the bookkeeper has made a tax code inactive, which no interface can."""
    with world.inside():
        codes = MirrorEntry.objects.filter(kind=ListKind.TAX_CODE, name=name)
        assert codes.update(active=False) == 1


def without_tax_as(person: Visitor, name: str) -> None:
    person.go(MAPPING_PAGE)
    person.press("Save", {"Tax code for lines without tax": name})


STALE = "Exempt, chosen for lines without tax, is no longer active in QuickBooks."


def test_C_17_L_81_invoice_with_a_line_without_tax_waits_for_an_active_code(opened: Open) -> None:
    world, person = priced(opened)
    without_tax_as(person, "Exempt")
    gone_there(world, "Exempt")
    number = steps.generate(person)
    world.work()
    assert STALE in region(person)
    whole = generated(world, person)
    assert [one["DocNumber"] for one in world.held("Invoice")] == [whole], "all of it is taxed"
    assert "Invoices with lines without tax wait" in person.go(MAPPING_PAGE).text
    without_tax_as(person, "Zero-rated")
    world.work()
    assert {one["DocNumber"] for one in world.held("Invoice")} == {whole, number}


def test_C_17_L_81_credit_memo_and_refund_receipt_wait_for_the_code_of_lines_without_tax(
    opened: Open,
) -> None:
    world, person = priced(opened)
    without_tax_as(person, "Exempt")
    refund_rows.choose(person, "As a refund receipt")
    refund_rows.map_accounts(world, person)
    first, second = steps.generate(person), steps.generate(person)
    for number in (first, second):
        steps.open_invoice(person, number)
        steps.send(person, number)
        steps.mark_paid(person, "CA$100.00")
    world.work()
    gone_there(world, "Exempt")
    steps.open_invoice(person, first)
    person.follow("Issue credit memo")
    person.press("Issue credit memo")
    world.work()
    assert STALE in region(person)
    page = steps.open_invoice(person, second)
    (row,) = [one for one in page.tree.all("tr") if "/payments/" in one["data-href"]]
    person.open(row["data-href"])
    person.follow("Record a refund")
    person.press("Record refund", {"Amount in CAD": "40"})
    world.work()
    assert STALE in region(person)
    assert (world.held("CreditMemo"), world.held("RefundReceipt")) == ([], [])
    without_tax_as(person, "Zero-rated")
    world.work()
    assert (len(world.held("CreditMemo")), len(world.held("RefundReceipt"))) == (1, 1)


@pytest.mark.parametrize("there", ["USA", "us"])
def test_C_17_company_that_writes_the_united_states_otherwise_gets_invoices_as_any_there(
    unconnected: World, alice: Visitor, there: str
) -> None:
    realm = unconnected.company_with_an_item(custom_numbers=True)
    core = unconnected.box.core
    with core.lock, core.store.transaction():
        books = core.books(realm)
        info = books.find("CompanyInfo", "1") or {}
        books.insert(KINDS["CompanyInfo"], {**info, "Country": there})
    unconnected.connect(realm=realm)
    unconnected.work()
    unconnected.customer()
    steps.generate(alice)
    unconnected.work()
    (invoice,) = unconnected.held("Invoice")
    (line,) = steps.sold(invoice)
    assert line["SalesItemLineDetail"]["TaxCodeRef"]["value"] == "NON"
    assert "Tax code for lines without tax" not in alice.go(MAPPING_PAGE).text
