"""Invoices from recurring agreements: seen beforehand, billed by themselves or by hand, sent like all others."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.models import Agreement, AgreementLine, CreditMemo, Invoice, QuantityChange
from billing.services import bundles
from billing.tasks import bill_agreements
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def add_agreement(person: Visitor, **typed: str) -> None:
    """A fee, and seats at 31.00 a month."""
    person.go("agreements/")
    person.follow("Add agreement")
    lines = {
        "lines-0-description": "Managed services",
        "lines-0-unit_price": "200",
        "lines-1-kind": "seat",
        "lines-1-description": "Managed workstation",
        "lines-1-quantity": "10",
        "lines-1-unit_price": "31",
    }
    head = {"Customer": "Adatum", "Name": "Managed IT", **typed}
    page = person.press("Add agreement", {**lines, **head})
    assert "Managed IT is made." in page.text


def first_of_month(world: World) -> str:
    with world.inside():
        return str(factories.local_today().replace(day=1))


def test_agreement_is_billed_by_itself_and_its_invoice_goes_to_quickbooks(
    world: World, alice: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **{"First day": first_of_month(world)})
    assert "$510.00" in alice.page.region("Next invoice")
    bill_agreements()
    bill_agreements()
    world.work()
    (theirs,) = world.held("Invoice")
    assert steps.money(theirs["TotalAmt"]) == 510
    assert theirs["TxnDate"] == first_of_month(world)
    assert theirs["DocNumber"] in alice.again().region("Billed")


def test_agreement_fee_with_a_quantity_is_refused_at_the_field_and_billed_as_what_is_chosen(
    world: World, alice: Visitor
) -> None:
    world.customer()
    alice.go("agreements/new/")
    line = {
        "lines-0-description": "Managed workstation",
        "lines-0-quantity": "10",
        "lines-0-unit_price": "31",
    }
    page = alice.press("Add agreement", {"Customer": "Adatum", "Name": "Managed IT", **line})
    says = "A fixed fee is billed once; choose Per seat or Product to bill 10 of them."
    assert says in page.text
    with world.inside():
        assert not Agreement.objects.exists()
    alice.press("Add agreement", {"First day": first_of_month(world), "lines-0-kind": "seat"})
    assert "$310.00" in alice.page.region("Next invoice")


def test_agreement_offers_no_email_that_nobody_sends(world: World, alice: Visitor) -> None:
    world.customer()
    add_agreement(alice)
    for page in (alice.follow("Change"), alice.go("agreements/new/")):
        assert "Send its invoices to" in page.text
        assert "via QuickBooks e-mail" not in page.text


def test_agreement_follows_the_sync_rules_like_every_invoice(world: World, alice: Visitor) -> None:
    alice.go("settings/sync-rules/")
    alice.press("Save", {"push_when": "Once it is sent to the customer"})
    world.customer()
    add_agreement(alice, **{"First day": first_of_month(world)})
    bill_agreements()
    world.work()
    assert world.held("Invoice") == []
    with world.inside():
        number = Invoice.objects.get().number
    steps.open_invoice(alice, number)
    steps.send(alice, number)
    world.work()
    assert [one["DocNumber"] for one in world.held("Invoice")] == [number]


def test_agreement_is_billed_by_hand_once_though_pressed_twice(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **{"First day": first_of_month(world)})
    bob.open(alice.page.address)
    alice.press("Generate it now")
    page = bob.press("Generate it now")
    assert "This period is billed already." in page.text
    with world.inside():
        assert Invoice.objects.count() == 1


def test_agreement_shows_seats_that_change_in_the_next_invoice(
    world: World, alice: Visitor
) -> None:
    world.customer()
    with world.inside():
        today = factories.local_today()
    add_agreement(
        alice,
        **{"First day": str(today), "Billing day": str(min(today.day, 28)), "Billed": "Yearly"},
    )
    alice.press("Change the quantity", {"Quantity": "12", "From": str(today)})
    assert "12 from" in alice.page.region("Lines")
    assert "12" in alice.page.region("Next invoice")
    page = alice.press(
        "Change the quantity", {"Quantity": "1", "From": str(today - timedelta(days=1))}
    )
    assert "The agreement begins on" in page.text


def test_period_in_arrears_that_is_not_over_says_when_it_can_be_billed(
    world: World, alice: Visitor
) -> None:
    world.customer()
    with world.inside():
        today = factories.local_today()
    typed = {
        "First day": str(today),
        "Billed": "Yearly",
        "Invoice": "In arrears, after its last day",
    }
    add_agreement(alice, **typed)
    assert "It is billed in arrears: not before" in alice.page.region("Next invoice")
    assert not alice.page.offers("Generate it now")


def test_agreement_cannot_be_changed_to_end_before_it_begins(world: World, alice: Visitor) -> None:
    world.customer()
    add_agreement(alice, **{"First day": first_of_month(world)})
    alice.follow("Change")
    page = alice.press("Save", {"Last day": "2001-01-01"})
    assert "The agreement ends before it begins." in page.text
    assert "Until somebody ends it" in alice.follow("Managed IT").text


@pytest.mark.parametrize(
    "typed",
    [
        {"First day": "9999-12-31"},
        {"First day": "9999-06-01", "Billed": "Yearly"},
        {"First day": "0001-01-01", "Billing day": "15"},
        {"First day": "0026-01-01"},
    ],
)
def test_agreement_with_a_first_day_that_cannot_be_meant_is_refused_in_words(
    world: World, alice: Visitor, typed: dict[str, str]
) -> None:
    world.customer()
    alice.go("agreements/")
    alice.follow("Add agreement")
    lines = {"lines-0-description": "Managed services", "lines-0-unit_price": "200"}
    page = alice.press(
        "Add agreement", {"Customer": "Adatum", "Name": "Managed IT", **lines, **typed}
    )
    assert "The first day is not between 1990 and 2100." in page.text
    with world.inside():
        assert not Agreement.objects.exists()


def test_agreement_with_a_last_day_that_cannot_be_meant_is_refused_in_words(
    world: World, alice: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **{"First day": first_of_month(world)})
    alice.follow("Change")
    page = alice.press("Save", {"Last day": "9999-12-31"})
    assert "The last day is not between 1990 and 2100." in page.text


def test_agreement_void_period_is_billed_again_on_demand_and_once(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **{"First day": first_of_month(world)})
    agreement = alice.page.address
    bill_agreements()
    assert not alice.open(agreement).offers("Bill it again")
    with world.inside():
        former = Invoice.objects.get().number
    steps.open_invoice(alice, former)
    steps.void(alice, former)
    bill_agreements()
    bob.open(agreement)
    alice.open(agreement)
    assert f"{former} $510.00 · void" in alice.page.region("Billed")
    alice.press("Bill it again")
    assert "The invoice of this period is not void." in bob.press("Bill it again").text
    world.work()
    totals = {one["DocNumber"]: steps.money(one["TotalAmt"]) for one in world.held("Invoice")}
    assert sorted(totals.values())[-1] == 510
    with world.inside():
        again = Invoice.objects.exclude(number=former).get()
    assert totals[again.number] == 510
    assert again.number in alice.open(agreement).region("Billed")
    assert f"{again.number} in the place of {former}" in alice.page.region("What happened")


def test_agreement_costs_another_price_from_a_period_on(world: World, alice: Visitor) -> None:
    world.customer()
    add_agreement(alice, **{"First day": first_of_month(world)})
    agreement = alice.page.address
    bill_agreements()
    alice.open(agreement)
    page = alice.press(
        "Change the price",
        {"Line": "Managed workstation", "New price": "40", "priced_from": first_of_month(world)},
    )
    assert "It is billed until" in page.text
    with world.inside():
        today = factories.local_today()
    later = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    alice.press(
        "Change the price",
        {"Line": "Managed workstation", "New price": "40", "priced_from": str(later)},
    )
    assert "40.00 from" in alice.page.region("Lines")
    assert "$600.00" in alice.page.region("Next invoice")
    alice.press("Generate it now")
    world.work()
    totals = [steps.money(one["TotalAmt"]) for one in world.held("Invoice")]
    assert totals == [510, 600]


def test_agreement_line_that_no_invoice_could_bear_is_refused_in_words(
    world: World, alice: Visitor
) -> None:
    world.customer()
    today = first_of_month(world)
    add_agreement(alice, **{"First day": today})
    agreement, large = alice.page.address, "The amount is too large"
    prices = {
        "Line": "Managed workstation",
        "New price": "99999999999",
        "priced_from": "2027-01-01",
    }
    assert "40.00 from" in alice.press("Change the price", {**prices, "New price": "40"}).text
    assert "99,999,999,999.00 from" in alice.press("Change the price", prices).text
    page = alice.press("Change the quantity", {"Quantity": "1000", "From": today})
    assert large in page.text
    alice.go("agreements/new/")
    line = {"description": "M", "kind": "seat", "quantity": "1000", "unit_price": "99999999999"}
    typed = {f"lines-0-{name}": text for name, text in line.items()}
    page = alice.press("Add agreement", {"Customer": "Adatum", "Name": "Absurd", **typed})
    assert large in page.text
    assert "$510.00" in alice.open(agreement).region("Next invoice")


def test_agreement_with_a_line_that_no_invoice_can_bear_says_so_and_holds_up_no_other(
    world: World, alice: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **{"First day": first_of_month(world)})
    absurd = alice.page.address
    with world.inside():
        QuantityChange.objects.update(quantity=10**10)
        AgreementLine.objects.update(unit_price=10**10)
    add_agreement(alice, **{"First day": first_of_month(world)})
    bill_agreements()
    with world.inside():
        assert Invoice.objects.get().total == factories.usd(510)
    page = alice.open(absurd)
    assert "Its invoice could not be generated. The amount is too large" in page.text
    page = alice.press("Change the price", {"New price": "1", "priced_from": first_of_month(world)})
    assert "1.00 from" in page.region("Lines")


YEAR = {
    "First day": "2025-01-01",
    "Last day": "2025-12-31",
    "Billed": "Yearly",
    "lines-1-unit_price": "372",
}


def billed_there(world: World, kind: str = "Invoice") -> list[Decimal]:
    world.work()
    return [steps.money(one["TotalAmt"]) for one in world.held(kind)]


def test_agreement_seats_that_come_after_the_last_invoice_are_billed_by_a_closing_one(
    world: World, alice: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **YEAR)
    agreement = alice.page.address
    bill_agreements()
    assert "All of it is billed." in alice.open(agreement).text
    alice.press("Change the quantity", {"Quantity": "20", "From": "2025-03-01"})
    assert "What changed after it was billed" in alice.page.region("Next invoice")
    # 306 of 365 days of 3,720.00.
    assert "$3,118.69" in alice.page.region("Next invoice")
    bill_agreements()
    bill_agreements()
    assert billed_there(world) == [3920, Decimal("3118.69")]
    assert "All of it is billed." in alice.open(agreement).text
    (_, closing) = world.held("Invoice")
    assert f"{closing['DocNumber']} settles what changed" in alice.page.region("What happened")


def test_agreement_closing_invoice_is_generated_by_hand_once_though_pressed_twice(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **YEAR)
    agreement = alice.page.address
    bill_agreements()
    alice.open(agreement)
    alice.press("Change the quantity", {"Quantity": "20", "From": "2025-03-01"})
    bob.open(agreement)
    alice.press("Generate it now")
    assert "This period is billed already." in bob.press("Generate it now").text
    assert billed_there(world) == [3920, Decimal("3118.69")]


def test_agreement_seats_that_go_after_the_last_invoice_are_given_back_by_a_credit_memo(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **YEAR)
    agreement = alice.page.address
    bill_agreements()
    world.work()
    alice.open(agreement)
    alice.press("Change the quantity", {"Quantity": "5", "From": "2025-03-01"})
    bill_agreements()
    page = alice.open(agreement)
    assert "The invoice comes to −$1,559.34." in page.text
    assert "Issue the credit memo below" in page.text
    assert "Refused" in alice.go("agreements/").row("Managed IT")
    alice.open(agreement)
    bob.open(agreement)
    alice.press("Issue the credit memo")
    assert "This period is billed already." in bob.press("Issue the credit memo").text
    assert billed_there(world, "CreditMemo") == [Decimal("1559.34")]
    assert billed_there(world) == [3920]
    assert "All of it is billed." in alice.open(agreement).text
    assert not alice.page.offers("Issue the credit memo")


def test_agreement_void_closing_invoice_is_billed_again_on_demand_and_once(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **YEAR)
    agreement = alice.page.address
    bill_agreements()
    alice.open(agreement)
    alice.press("Change the quantity", {"Quantity": "20", "From": "2025-03-01"})
    alice.press("Generate it now")
    steps.void(alice, "INV-1002")
    assert "$3,118.69" in alice.open(agreement).region("Next invoice")
    alice.follow("Change")
    alice.press("Save", {"Name": "Managed IT and telephones"})
    bill_agreements()
    with world.inside():
        assert Invoice.objects.count() == 2, "nothing that somebody made void comes by itself"
    bob.open(agreement)
    alice.open(agreement)
    alice.press("Generate it now")
    assert "This period is billed already." in bob.press("Generate it now").text
    assert billed_there(world)[-1] == Decimal("3118.69")
    assert "All of it is billed." in alice.open(agreement).text
    alice.press("Change the quantity", {"Quantity": "30", "From": "2025-03-01"})
    bill_agreements()
    assert billed_there(world)[-1] == Decimal("3118.68"), "what changes later comes by itself"


def test_agreement_void_closing_credit_memo_is_issued_again_on_demand(
    world: World, alice: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **YEAR)
    agreement = alice.page.address
    bill_agreements()
    alice.open(agreement)
    alice.press("Change the quantity", {"Quantity": "5", "From": "2025-03-01"})
    for number in ("CM-1001", "CM-1002"):
        alice.open(agreement)
        memo = alice.press("Issue the credit memo")
        assert "All of it is billed." in alice.open(agreement).text
        alice.open(memo.address)
        alice.follow("Void")
        alice.press(f"Void {number}")
        assert alice.open(agreement).offers("Issue the credit memo")
    with world.inside():
        assert [str(one.total) for one in CreditMemo.objects.all()] == ["$1,559.34"] * 2


def test_agreement_seats_of_a_void_closing_invoice_that_were_none_are_not_given_back(
    world: World, alice: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **YEAR)
    agreement = alice.page.address
    bill_agreements()
    alice.open(agreement)
    alice.press("Change the quantity", {"Quantity": "20", "From": "2025-03-01"})
    bill_agreements()
    steps.open_invoice(alice, "INV-1002")
    steps.void(alice, "INV-1002")
    alice.open(agreement)
    alice.press("Change the quantity", {"Quantity": "10", "From": "2025-03-01"})
    bill_agreements()
    assert "All of it is billed." in alice.open(agreement).text
    assert "Ended" in alice.go("agreements/").row("Managed IT")


def test_agreement_that_is_to_end_later_after_its_last_invoice_bills_the_days_between(
    world: World, alice: Visitor
) -> None:
    world.customer()
    add_agreement(alice, **{"First day": "2025-02-01", "Last day": "2025-02-14"})
    agreement = alice.page.address
    bill_agreements()
    alice.open(agreement)
    alice.follow("Change")
    page = alice.press("Save", {"Last day": "2025-02-28"})
    # Half a month of the fee and of the seats.
    assert "$255.00" in page.region("Next invoice")
    assert "Feb 15, 2025 to Feb 28, 2025" in page.region("Next invoice")
    bill_agreements()
    assert billed_there(world) == [255, 255]
    page = alice.open(agreement)
    assert "All of it is billed." in page.text
    assert "Feb 1, 2025 to Feb 28, 2025" in page.region("Billed")


def managed_seat(world: World, price: str = "100") -> None:
    """A bundle, not taxable itself, of which 60 of 100 are; for a customer in a region taxed at 10 %."""
    with world.inside():
        factories.service("Backup", unit_price=Decimal(60), taxable=True)
        factories.service("Monitoring", unit_price=Decimal(40))
        bundle = factories.service("Managed seat", unit_price=Decimal(price))
        bundles.set_parts(service=bundle, text="1 x Backup\n1 x Monitoring")
        region = factories.tax_region("Downtown", "10")
    world.customer(tax_region=region)


def one_seat(person: Visitor, price: str = "100") -> None:
    """For half a month."""
    line = {"service": "Managed seat", "quantity": "1", "unit_price": price, "kind": "seat"}
    person.go("agreements/new/")
    person.press(
        "Add agreement",
        {
            "Customer": "Adatum",
            "Name": "Managed IT",
            "First day": "2025-04-16",
            "Last day": "2025-04-30",
            **{f"lines-0-{name}": typed for name, typed in line.items()},
        },
    )


def amounts(world: World, document: Invoice | CreditMemo) -> list[str]:
    """Of its lines, which are those of the one in QuickBooks."""
    here = [line.amount for line in document.lines.all()]
    (theirs,) = world.held(type(document).__name__)
    assert [steps.money(one["Amount"]) for one in steps.sold(theirs)] == [
        one.amount for one in here
    ]
    return [str(one) for one in here]


@pytest.mark.parametrize(
    ("price", "lines"),
    [
        ("100", ["$30.00", "$20.00"]),
        # Of a price of its own each line of a whole one has its share.
        ("90", ["$30.00", "$20.00", "−$5.00"]),
        ("110", ["$30.00", "$20.00", "$5.00"]),
    ],
)
def test_X_103_part_of_a_bundle_that_an_agreement_bills_bears_that_part_of_its_tax(
    world: World, alice: Visitor, price: str, lines: list[str]
) -> None:
    managed_seat(world)
    one_seat(alice, price)
    shown = alice.page.region("Next invoice")
    bill_agreements()
    world.work()
    with world.inside():
        invoice = Invoice.objects.get()
        assert amounts(world, invoice) == lines
        assert str(invoice.tax) == "$3.00"
        assert f"Total with tax {invoice.total}" in shown


def test_X_103_part_of_a_bundle_that_an_agreement_gives_back_gives_back_its_tax(
    world: World, alice: Visitor
) -> None:
    managed_seat(world)
    one_seat(alice)
    agreement = alice.page.address
    bill_agreements()
    alice.open(agreement)
    alice.press("Change the quantity", {"Quantity": "0", "From": "2025-04-16"})
    bill_agreements()
    assert "The invoice comes to −$53.00." in alice.open(agreement).text
    alice.press("Issue the credit memo")
    world.work()
    with world.inside():
        memo = CreditMemo.objects.get()
        assert amounts(world, memo) == ["$30.00", "$20.00"]
        assert str(memo.tax) == "$3.00"
    assert "All of it is billed." in alice.open(agreement).text
