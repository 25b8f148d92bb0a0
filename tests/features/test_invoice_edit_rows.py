"""Rows about invoices that are changed after they were synced: their lines, and a total that would change sign."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from billing.models import CreditMemo, Customer, Invoice, TimeEntry
from billing.services import catalogue
from integrations.models import set_policies
from integrations.outbound.perform import unobserved
from integrations.policies import InvoicesThere, Policies, UnpaidEdit
from tests import factories
from tests.features import steps
from tests.features.pages import Page, Visitor
from tests.features.steps import money
from tests.features.test_credit_rows import open_payment_of
from tests.features.test_once_rows import POINTS, SETTLED_AFTER_MINUTES, Killed, dies_at
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

TWO_LINES = (("Managed workstation", "3", "40"), ("Backup", "1", "30"))
CONVERT = "It becomes a credit memo"
CONFIRM = "Void it and issue the credit memo"


def synced(world: World, person: Visitor, *, sent: bool = True, **typed: str | bool) -> str:
    """An invoice of 150.00 on both sides; its number."""
    with world.inside():
        is_known = Customer.objects.exists()
    if not is_known:
        world.customer()
    number = steps.generate(person, lines=TWO_LINES, **typed)
    if sent:
        steps.send(person, number)
    world.work()
    world.forget_calls()
    return number


def taxed_customer(world: World, rate: str) -> Customer:
    """Taxed by a code that the company has under this name."""
    with world.inside():
        region = catalogue.create_tax_region(name="Tucson", rate_percent=Decimal(rate))
    return world.customer(tax_region=region)


def edit(person: Visitor, number: str, **typed: str | bool) -> Page:
    """From its page: each field by its name, such as ``lines_0_quantity``."""
    steps.open_invoice(person, number)
    person.follow("Edit lines")
    return person.press("Save lines", _named(typed))


def _named(typed: dict[str, str | bool]) -> dict[str, str | bool]:
    return {
        name.replace("_", "-", 2) if name.startswith("lines_") else name: said
        for name, said in typed.items()
    }


def lines_there(theirs: dict[str, Any]) -> list[tuple[str, Decimal]]:
    return [(one["Description"], money(one["Amount"])) for one in steps.sold(theirs)]


def choose_convert(person: Visitor) -> None:
    person.go("settings/sync-rules/")
    assert "Changed: " in person.press("Save", {"sign_change": CONVERT}).text


def turn_negative(person: Visitor, number: str) -> Page:
    """The workstations are taken back at more than everything else comes to: minus 90.00."""
    return edit(person, number, lines_0_quantity="-3")


@pytest.mark.parametrize("sent", [False, True])
def test_T_38_lines_changed_added_and_removed_replace_those_there_in_one_sparse_update(
    world: World, bob: Visitor, sent: bool
) -> None:
    number = synced(world, bob, sent=sent)
    steps.open_invoice(bob, number)
    bob.follow("Edit lines")
    bob.press("Add a line", {"lines-0-quantity": "5"})
    more = {"description": "Licences", "quantity": "2", "unit_price": "12.50"}
    page = bob.press("Save lines", {f"lines-2-{name}": text for name, text in more.items()})
    assert f"{number} is saved." in page.text
    world.work()
    (theirs,) = world.held("Invoice")
    assert lines_there(theirs) == [
        ("Managed workstation", 200),
        ("Backup", 30),
        ("Licences", 25),
    ]
    writes = [call for call in world.journal() if call["method"] == "POST"]
    assert [call["path"].rpartition("/")[2] for call in writes] == ["invoice"]
    assert money(theirs["TotalAmt"]) == steps.invoice(world, number).total.amount == 255
    shown = bob.again()
    assert "Synced" in shown.region("QuickBooks")
    assert "total $255.00, it was $150.00" in shown.text


def test_T_38_a_removed_line_is_gone_there_and_its_work_can_be_billed_again(
    world: World, bob: Visitor
) -> None:
    customer = world.customer()
    with world.inside():
        factories.time_entry(customer, hours="2")
    number = steps.generate(bob, lines=TWO_LINES)
    world.work()
    steps.open_invoice(bob, number)
    bob.follow("Edit lines")
    bob.press("Remove line 1")
    bob.press("Save lines")
    world.work()
    (theirs,) = world.held("Invoice")
    assert lines_there(theirs) == [("Managed workstation", 120), ("Backup", 30)]
    with world.inside():
        assert TimeEntry.objects.filter(invoice_line=None).count() == 1


def test_T_38_discount_and_tax_follow_the_lines_to_the_cent(world: World, bob: Visitor) -> None:
    taxed_customer(world, "9.1")
    number = synced(world, bob, discount="10 %")
    edit(bob, number, lines_1_taxable=True, lines_0_unit_price="39.99", after_it_tax=True)
    world.work()
    invoice, (theirs,) = steps.invoice(world, number), world.held("Invoice")
    # 30 less its share of the discount is 27.00.
    tax = round(27 * Decimal("9.1") / 100, 2)
    assert invoice.total.amount == Decimal("119.97") + 30 - 15 + tax
    assert money(theirs["TotalAmt"]) == invoice.total.amount
    assert money(theirs["TxnTaxDetail"]["TotalTax"]) == invoice.tax.amount == tax
    assert world.link(invoice).variance_minor == 0
    edit(bob, number, discount="", lines_1_taxable=False)
    world.work()
    (theirs,) = world.held("Invoice")
    assert money(theirs["TotalAmt"]) == Decimal("149.97")
    assert not [one for one in theirs["Line"] if one["DetailType"] == "DiscountLineDetail"]
    assert "Synced" in steps.open_invoice(bob, number).region("QuickBooks")


def test_T_38_lines_are_refused_with_a_sentence_once_something_is_applied(
    world: World, bob: Visitor
) -> None:
    number = synced(world, bob)
    invoice = steps.invoice(world, number)
    with world.inside():
        factories.payment(invoice, "40")
    assert not steps.open_invoice(bob, number).links("Edit lines")
    page = bob.go(f"invoices/{invoice.pk}/lines/")
    assert f"{number} has payments or credits applied, so its lines stay." in page.text
    assert bob.page.form("Save lines") is None


@pytest.mark.parametrize("is_dropped", [False, True])
def test_T_38_invoice_that_is_lowered_once_its_payment_was_taken_off_goes_after_that(
    world: World, bob: Visitor, is_dropped: bool
) -> None:
    """An invoice cannot come to less there than is paid on it."""
    number = synced(world, bob)
    steps.mark_paid(bob, "$150.00")
    world.work()
    if is_dropped:
        world.trouble("request_dropped", entity="Payment", method="POST")
    open_payment_of(bob, number)
    bob.follow("Apply differently")
    bob.press("Apply", {f"Applied to {number}": "0"})
    edit(bob, number, lines_0_quantity="2")
    world.work()
    if is_dropped:
        shown = steps.open_invoice(bob, number).region("QuickBooks")
        assert "A payment has to be taken back in QuickBooks first." in shown
    for _ in range(2):
        world.later(minutes=5)
        world.work()
    (theirs,) = world.held("Invoice")
    assert (money(theirs["TotalAmt"]), money(theirs["Balance"])) == (110, 110)
    assert "Nothing needs you" in bob.go("exceptions/").text


def test_T_38_a_payment_that_arrives_while_lines_are_typed_is_not_overruled(
    world: World, bob: Visitor
) -> None:
    number = synced(world, bob)
    steps.open_invoice(bob, number)
    bob.follow("Edit lines")
    world.pays(steps.invoice(world, number), "40.00")
    world.due_now()
    world.work()
    page = bob.press("Save lines", {"lines-0-quantity": "7"})
    assert "has payments or credits applied" in page.text
    form = page.form("Save lines")
    assert form and form.sent(form.button("Save lines"), {})["lines-0-quantity"] == ["7"]
    (theirs,) = world.held("Invoice")
    assert money(theirs["TotalAmt"]) == 150


def test_T_38_lines_changed_there_meanwhile_are_not_overwritten_unseen(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    number = synced(world, bob)
    steps.open_invoice(bob, number)
    bob.follow("Edit lines")
    edit(alice, number, lines_0_quantity="4")
    page = bob.press("Save lines", {"lines-1-quantity": "2"})
    said = f"{alice.person} changed {number} since you opened this page; it comes to $190.00 now."
    assert said in page.text
    world.work()
    assert lines_there(world.held("Invoice")[0]) == [("Managed workstation", 160), ("Backup", 30)]
    bob.press("Save lines")
    world.work()
    assert lines_there(world.held("Invoice")[0]) == [("Managed workstation", 120), ("Backup", 60)]


def test_T_38_line_that_was_removed_while_it_was_typed_in_is_named_and_not_billed_again(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    number = synced(world, bob)
    steps.open_invoice(bob, number)
    bob.follow("Edit lines")
    steps.open_invoice(alice, number)
    alice.follow("Edit lines")
    alice.press("Remove line 2")
    alice.press("Save lines")
    bob.press("Save lines", {"lines-0-quantity": "2", "lines-1-quantity": "5"})
    page = bob.press("Save lines")
    assert "The line “Backup” does not exist any more. Remove it here as well" in page.text
    bob.press("Remove line 2")
    bob.press("Save lines")
    world.work()
    assert lines_there(world.held("Invoice")[0]) == [("Managed workstation", 80)]


def test_T_38_lines_of_an_invoice_made_there_are_changed_there(world: World, bob: Visitor) -> None:
    world.linked_customer()
    with world.inside():
        set_policies(Policies(invoices_made_there=InvoicesThere.BRING_IN))
    (item,) = [one for one in world.held("Item") if one["Name"] == "IT services"]
    line = {
        "Amount": 80,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}},
    }
    customer = {"value": world.held("Customer")[0]["Id"]}
    made = world.bookkeeper(
        "Invoice", {"CustomerRef": customer, "Line": [line], "DocNumber": "QB-7"}
    )
    world.due_now()
    world.work()
    steps.open_invoice(bob, made["DocNumber"])
    assert "was made in QuickBooks. Change its lines there" in bob.follow("Edit lines").text


def test_C_04_lines_are_changed_there_alone_where_quickbooks_holds(
    world: World, bob: Visitor, other: World, charlie: Visitor
) -> None:
    with other.inside():
        set_policies(Policies(unpaid_edit_owner=UnpaidEdit.QBO))
    numbers = [synced(each, person) for each, person in ((world, bob), (other, charlie))]
    edit(bob, numbers[0], lines_0_quantity="5")
    steps.open_invoice(charlie, numbers[1])
    said = charlie.follow("Edit lines").text
    assert (
        "By the sync rules the lines of an invoice that is in QuickBooks are changed there." in said
    )
    for each in (world, other):
        each.work()
    assert [money(each.held("Invoice")[0]["TotalAmt"]) for each in (world, other)] == [230, 150]
    assert steps.invoice(other, numbers[1]).total.amount == 150


@pytest.mark.parametrize("trouble", ["answer_dropped", "request_dropped"])
def test_C_04_lines_changed_while_the_invoice_was_on_its_way_there_arrive(
    world: World, bob: Visitor, trouble: str
) -> None:
    with world.inside():
        set_policies(Policies(unpaid_edit_owner=UnpaidEdit.QBO))
    world.linked_customer()
    world.trouble(trouble, entity="Invoice")
    world.trouble("answer_dropped", path="/query")
    number = steps.generate(bob, lines=TWO_LINES)
    world.work()
    edit(bob, number, lines_0_quantity="5")
    for _ in range(3):
        world.later(minutes=5)
        world.work()
    (theirs,) = world.held("Invoice")
    assert lines_there(theirs) == [("Managed workstation", 200), ("Backup", 30)]
    steps.open_invoice(bob, number)
    assert "are changed there" in bob.follow("Edit lines").text


def test_T_68_a_synced_invoice_cannot_change_sign(world: World, bob: Visitor) -> None:
    number = synced(world, bob)
    page = turn_negative(bob, number)
    assert f"{number} would come to −$90.00." in page.text
    assert "An already synced invoice cannot change sign; create a new invoice." in page.text
    assert not page.offers(CONFIRM)
    world.work()
    (theirs,) = world.held("Invoice")
    assert money(theirs["TotalAmt"]) == steps.invoice(world, number).total.amount == 150
    assert world.held("CreditMemo") == []
    assert world.journal() == []


def test_T_68_one_that_is_not_synced_is_refused_as_any_below_zero(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    choose_convert(alice)
    world.customer()
    number = steps.generate(bob, lines=TWO_LINES)
    page = turn_negative(bob, number)
    assert "An invoice cannot be below zero; use a credit memo." in page.text
    assert not page.offers(CONFIRM)


def test_C_14_refused_here_and_a_credit_memo_there_as_was_chosen(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose_convert(charlie)
    numbers = {}
    for each, person in ((world, alice), (other, charlie)):
        numbers[each.realm] = synced(each, person)
        page = turn_negative(person, numbers[each.realm])
        assert page.offers(CONFIRM) == (each is other)
    page = charlie.press(CONFIRM)
    assert "is void, and CM-1001 over $90.00 takes its place." in page.text
    for each in (world, other):
        each.work()
    assert [money(one["TotalAmt"]) for one in world.held("Invoice")] == [150]
    assert world.held("CreditMemo") == []
    (voided,), (memo,) = other.held("Invoice"), other.held("CreditMemo")
    assert (money(voided["TotalAmt"]), money(voided["Balance"])) == (0, 0)
    assert voided["PrivateNote"].startswith("Voided")
    assert lines_there(memo) == [("Managed workstation", 120), ("Backup", -30)]
    assert (money(memo["TotalAmt"]), money(memo["RemainingCredit"])) == (90, 90)
    assert memo["CustomerRef"] == voided["CustomerRef"]
    assert "Synced" in charlie.again().region("QuickBooks")
    assert "Void" in steps.open_invoice(charlie, numbers[other.realm]).text
    (customer,) = other.held("Customer")
    assert money(customer["Balance"]) == -90


@pytest.mark.parametrize("entity", ["Invoice", "CreditMemo"])
@pytest.mark.parametrize("trouble", ["answer_dropped", "request_dropped"])
def test_C_14_converted_exactly_once_whatever_gets_lost(
    world: World, alice: Visitor, entity: str, trouble: str
) -> None:
    choose_convert(alice)
    number = synced(world, alice)
    world.trouble("requestid_forgotten", times=None, method="POST")
    world.trouble(trouble, entity=entity)
    turn_negative(alice, number)
    alice.press(CONFIRM)
    for _ in range(4):
        world.work()
        world.later(minutes=5)
    (voided,), (memo,) = world.held("Invoice"), world.held("CreditMemo")
    assert (money(voided["TotalAmt"]), money(memo["TotalAmt"])) == (0, 90)
    with world.inside():
        assert (Invoice.objects.count(), CreditMemo.objects.count()) == (1, 1)


@pytest.mark.parametrize("point", POINTS)
def test_C_14_N_03_worker_dies_anywhere_and_it_is_converted_exactly_once(
    world: World, alice: Visitor, point: str
) -> None:
    """Twice, so in the void as well as in the credit memo; QuickBooks ignores the request id besides."""
    choose_convert(alice)
    number = synced(world, alice)
    world.trouble("requestid_ignored", times=None)
    turn_negative(alice, number)
    alice.press(CONFIRM)
    for observe in (dies_at(point), dies_at(point), unobserved, unobserved, unobserved):
        with suppress(Killed):
            world.work(observe)
        assert not world.held("CreditMemo") or money(world.held("Invoice")[0]["TotalAmt"]) == 0
        world.later(minutes=SETTLED_AFTER_MINUTES)
    (voided,), (memo,) = world.held("Invoice"), world.held("CreditMemo")
    assert (money(voided["TotalAmt"]), money(memo["TotalAmt"])) == (0, 90)
    assert "Synced" in alice.again().region("QuickBooks")


def test_C_14_credit_memo_waits_while_the_void_is_refused(world: World, alice: Visitor) -> None:
    choose_convert(alice)
    number = synced(world, alice)
    world.trouble("fault", code="6000", entity="Invoice")
    turn_negative(alice, number)
    alice.press(CONFIRM)
    world.work()
    assert [money(one["TotalAmt"]) for one in world.held("Invoice")] == [150]
    assert world.held("CreditMemo") == [], "nothing counts twice"
    shown = alice.again().region("QuickBooks")
    assert f"Invoice {number} has to be voided in QuickBooks first" in shown
    alice.follow("Open the invoice")
    alice.press("Try again")
    world.work()
    (voided,), (memo,) = world.held("Invoice"), world.held("CreditMemo")
    assert (money(voided["TotalAmt"]), money(memo["TotalAmt"])) == (0, 90)


def test_C_14_confirmed_twice_is_converted_once(world: World, alice: Visitor) -> None:
    choose_convert(alice)
    number = synced(world, alice)
    asked = turn_negative(alice, number)
    alice.press(CONFIRM)
    alice.page = asked
    assert "CM-1001" in alice.press(CONFIRM).text
    world.work()
    assert len(world.held("CreditMemo")) == 1


def test_C_14_L_13_tax_goes_with_it_and_work_stays_billed_until_the_credit_memo_is_void(
    world: World, alice: Visitor
) -> None:
    choose_convert(alice)
    customer = taxed_customer(world, "9.1")
    with world.inside():
        factories.time_entry(customer, hours="1")
    number = steps.generate(alice, lines=(("Licences", "1", "500"),), **{"lines-0-taxable": True})
    world.work()
    edit(alice, number, lines_1_quantity="-1")
    alice.press(CONFIRM)
    world.work()
    (memo,) = world.held("CreditMemo")
    invoice = steps.invoice(world, number)
    with world.inside():
        ours = CreditMemo.objects.get()
        billed = TimeEntry.objects.exclude(invoice_line=None).count()
    assert money(memo["TotalAmt"]) == ours.total.amount
    assert ours.tax.amount == Decimal("45.50")
    assert (invoice.status, billed) == ("VOID", 1)
    alice.go(f"credit-memos/{ours.pk}/")
    alice.follow("Void")
    alice.press(f"Void {ours.number}")
    world.work()
    with world.inside():
        assert TimeEntry.objects.filter(invoice_line=None).count() == 1
    assert world.held("CreditMemo") == []
