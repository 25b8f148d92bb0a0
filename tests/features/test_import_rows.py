"""Rows about what is made in QuickBooks: it comes in once, with its number and to the cent, and is kept up to date."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections as databases

from billing.models import CreditMemo, Customer, Invoice, Method, Payment
from billing.services import invoices
from integrations.inbound import importing
from integrations.models import Connection, ImportRun, Link
from integrations.outbound import safe_mode
from regentra import clock
from tenants.models import Role
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.steps import QUICKBOOKS_PAGE
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

RULES_PAGE = "settings/sync-rules/"
DAYS = {"TxnDate": "2026-03-02", "DueDate": "2026-04-01"}


def their_customer(world: World, name: str = "Adatum", **fields: Any) -> str:
    """The bookkeeper adds a customer."""
    return str(world.bookkeeper("Customer", {"DisplayName": name, **fields})["Id"])


def their_line(world: World, amount: str, **detail: Any) -> dict[str, Any]:
    (item, *_) = [one for one in world.held("Item") if one["Name"] == "IT services"]
    return {
        "Amount": float(amount),
        "Description": "Managed workstation",
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}, **detail},
    }


def their_invoice(
    world: World, customer: str, amount: str = "100", number: str = "Q-1", **fields: Any
) -> dict[str, Any]:
    """The bookkeeper writes an invoice."""
    body = {"CustomerRef": {"value": customer}, "DocNumber": number, **DAYS}
    return world.bookkeeper("Invoice", {**body, "Line": [their_line(world, amount)], **fields})


def their_payment(
    world: World, bill: dict[str, Any], amount: str, *used: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    applied = {
        "Amount": float(amount),
        "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Invoice"}],
    }
    lines = {"TotalAmt": float(amount), "Line": [applied, *used]}
    return world.bookkeeper("Payment", {"CustomerRef": bill["CustomerRef"], **lines, **fields})


def changed_there(
    world: World, entity: str, row_id: str, operation: str = "", **fields: Any
) -> None:
    """The bookkeeper changes, voids or deletes a document, and Regentra looks."""
    (theirs,) = [one for one in world.held(entity) if one["Id"] == row_id]
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    params = {"operation": operation} if operation else {}
    world.bookkeeper(entity, {**keys, "sparse": True, **fields}, **params)
    look(world)


def look(world: World) -> None:
    world.due_now()
    world.work()


def turns(world: World, at_most: int = 40) -> None:
    """The worker goes on until no import needs it."""
    for _ in range(at_most):
        world.work()
        with world.inside():
            if not ImportRun.objects.filter(state__in=("counting", "running")).exists():
                return
    raise AssertionError("the import does not end")


def bring_in(world: World, person: Visitor, *, from_now_on: bool = False) -> None:
    """On the QuickBooks page, until it says that it is done."""
    person.go(QUICKBOOKS_PAGE)
    person.press("See what there is")
    turns(world)
    person.again()
    person.press("Bring them in", {"from_now_on": from_now_on})
    turns(world)
    person.again()


def choose(person: Visitor, **rules: str) -> None:
    person.go(RULES_PAGE)
    page = person.press("Save", rules)
    assert "Changed: " in page.text


def test_A_01_A_31_X_33_what_is_in_quickbooks_comes_in_with_customers_and_payments_to_the_cent(
    world: World, alice: Visitor
) -> None:
    adatum = their_customer(world, PrimaryEmailAddr={"Address": "ap@adatum.example"})
    codes = world.control("GET", f"state/{world.realm}")["entities"]["TaxCode"]
    (tucson,) = [one["Id"] for one in codes if one["Name"] == "Tucson"]
    taxed = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": tucson}}}
    line = their_line(world, "100", Qty=4, UnitPrice=25, TaxCodeRef={"value": "TAX"})
    bill = their_invoice(world, adatum, number="Q-7", Line=[line], **taxed)
    their_payment(world, bill, "30.10")
    their_invoice(world, adatum, "55.55", "Q-8")
    world.forget_calls()
    alice.go(QUICKBOOKS_PAGE)
    alice.press("See what there is")
    turns(world)
    assert (
        "has 1 customer, 1 item, 2 invoices, 0 credit memos and 1 payment"
        in alice.again().region("Invoices made in QuickBooks")
    )
    assert len(world.journal()) == 2, "one to count, one for the customers of now"
    alice.press("Bring them in", {"from_now_on": False})
    turns(world)
    said = alice.again().region("Invoices made in QuickBooks")
    assert "All was brought in" in said
    assert "with 4 metered calls" in said
    assert "2 of 2 looked at, 2 new here" in said
    alice.go("invoices/")
    assert "$109.10" in alice.page.row("Q-7")
    assert "$79.00" in alice.page.row("Q-7")
    shown = alice.follow("Q-7").text
    assert "$79.00" in shown
    assert "Mar 2, 2026" in shown
    assert "Apr 1, 2026" in shown
    assert "Synced" in alice.page.region("QuickBooks")
    (theirs, _) = sorted(world.held("Invoice"), key=lambda one: one["DocNumber"])
    assert steps.invoice(world, "Q-7").balance.amount == steps.money(theirs["Balance"])
    assert "QuickBooks" in steps.open_customer(alice).text
    with world.inside():
        assert Customer.objects.get().source == "quickbooks"
    assert len(world.held("Invoice")) == 2, "nothing goes back"
    assert len(world.held("Payment")) == len(world.held("Customer")) == 1


def test_X_33_numbers_are_kept_and_ours_step_over_them(world: World, alice: Visitor) -> None:
    adatum = their_customer(world)
    for number in ("INV-1001", "Q-5", "INV-1002"):
        their_invoice(world, adatum, number=number)
    twice = {"CustomerRef": {"value": adatum}, "DocNumber": "Q-5", **DAYS}
    lines = {"Line": [their_line(world, "7")]}
    world.bookkeeper("Invoice", {**twice, **lines}, include="allowduplicatedocnum")
    bring_in(world, alice)
    with world.inside():
        kept = sorted(Invoice.objects.values_list("number", flat=True))
    assert kept == ["INV-1001", "INV-1002", "Q-5", "Q-5"]
    world.forget_calls()
    assert steps.generate(alice) == "INV-1003"
    world.work()
    there = sorted(one["DocNumber"] for one in world.held("Invoice"))
    assert there == ["INV-1001", "INV-1002", "INV-1003", "Q-5", "Q-5"]


def test_X_33_odd_invoices_come_in_with_their_totals_exact(world: World, alice: Visitor) -> None:
    adatum = their_customer(world)
    discount = {
        "Amount": 12.5,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": False},
    }
    words = {
        "DetailType": "DescriptionOnly",
        "Description": "Thank you",
        "DescriptionLineDetail": {},
    }
    fine = their_line(world, "0.01", Qty=0.0000001, UnitPrice=100000)
    shapes: list[dict[str, Any]] = [
        {"Line": [their_line(world, "100"), discount]},
        {"Line": [words, their_line(world, "33.33")]},
        {"Line": [fine, their_line(world, "1")]},
        {"TxnDate": "2026-03-20", "DueDate": "2026-03-01"},
        {"DocNumber": None},
        {"Line": [their_line(world, "0")]},
    ]
    for place, shape in enumerate(shapes):
        their_invoice(world, adatum, **{"number": f"O-{place}", **shape})
    bring_in(world, alice)
    there = {one["Id"]: steps.money(one["TotalAmt"]) for one in world.held("Invoice")}
    with world.inside():
        links = Link.objects.filter(kind="invoice")
        here = {one.remote_id: Invoice.objects.get(pk=one.local_id).total.amount for one in links}
    assert here == there
    assert len(here) == len(shapes)
    alice.go("invoices/")
    assert "Mar 20, 2026" in alice.page.row("O-3")
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_01_nothing_that_came_in_is_sent_and_what_is_changed_here_sends_that_alone(
    world: World, alice: Visitor
) -> None:
    adatum = their_customer(world)
    their_invoice(world, adatum, number="Q-1", CustomerMemo={"value": "Thank you"})
    bring_in(world, alice)
    world.forget_calls()
    for _ in range(3):
        world.work()
    assert world.journal() == []
    (before,) = world.held("Invoice")
    steps.open_invoice(alice, "Q-1")
    steps.edit_invoice(alice, due_on="2026-05-01")
    world.work()
    (after,) = world.held("Invoice")
    assert after["DueDate"] == "2026-05-01"
    assert after["CustomerMemo"] == before["CustomerMemo"]
    assert after["Line"] == before["Line"]
    assert after["DocNumber"] == "Q-1"
    assert len(world.journal()) == 1


def test_X_98_lines_of_what_came_in_follow_when_ours_is_sent_again(
    world: World, alice: Visitor
) -> None:
    adatum = their_customer(world)
    bill = their_invoice(world, adatum, number="Q-1")
    bring_in(world, alice)
    steps.open_invoice(alice, "Q-1")
    steps.edit_invoice(alice, notes="ours")
    line = {"Line": [their_line(world, "120")], "CustomerMemo": {"value": "theirs"}}
    changed_there(world, "Invoice", bill["Id"], **line)
    world.work()
    alice.again()
    alice.press("Send ours again")
    world.work()
    (held,) = world.held("Invoice")
    assert (held["CustomerMemo"]["value"], steps.money(held["TotalAmt"])) == ("ours", 120)
    assert "$120.00" in steps.open_invoice(alice, "Q-1").text
    assert "Synced" in alice.page.region("QuickBooks")


def test_N_08_C_04_lines_of_what_came_in_follow_also_where_lines_are_ours(
    world: World, alice: Visitor
) -> None:
    """A change of ours is on its way, so it is put together field by field."""
    choose(alice, unpaid_edit_owner="per_field", lines_owner="ours")
    adatum = their_customer(world)
    bill = their_invoice(world, adatum, number="Q-1")
    bring_in(world, alice)
    steps.open_invoice(alice, "Q-1")
    steps.edit_invoice(alice, notes="ours")
    changed_there(world, "Invoice", bill["Id"], Line=[their_line(world, "120")])
    world.work()
    (held,) = world.held("Invoice")
    assert (held["CustomerMemo"]["value"], steps.money(held["TotalAmt"])) == ("ours", 120)
    assert "$120.00" in alice.go("invoices/").row("Q-1")
    assert "Synced" in steps.open_invoice(alice, "Q-1").region("QuickBooks")
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_07_payment_and_void_of_what_came_in_arrive_there(world: World, alice: Visitor) -> None:
    adatum = their_customer(world)
    their_invoice(world, adatum, number="Q-1")
    their_invoice(world, adatum, number="Q-2")
    bring_in(world, alice)
    steps.open_invoice(alice, "Q-1")
    steps.mark_paid(alice)
    steps.open_invoice(alice, "Q-2")
    steps.void(alice, "Q-2")
    world.work()
    by_number = {one["DocNumber"]: one for one in world.held("Invoice")}
    assert steps.money(by_number["Q-1"]["Balance"]) == 0
    assert steps.money(by_number["Q-2"]["TotalAmt"]) == 0
    assert "Synced" in steps.open_invoice(alice, "Q-1").region("QuickBooks")


def test_X_33_customer_that_may_be_ours_is_asked_about_and_its_invoices_follow_the_answer(
    world: World, alice: Visitor
) -> None:
    with world.inside():
        factories.customer("Adatum", email="books@adatum.example")
    adatum = their_customer(world, PrimaryEmailAddr={"Address": "ap@adatum.example"})
    bill = their_invoice(world, adatum, number="Q-1")
    their_payment(world, bill, "40")
    bring_in(world, alice)
    with world.inside():
        assert Customer.objects.count() == 1, "no second one of the same name"
        assert not Invoice.objects.exists()
    shown = alice.go("exceptions/").text
    assert "Invoice Q-1 was made in QuickBooks" in shown
    steps.open_customer(alice)
    alice.press("Use this customer", {"customer": "Adatum"})
    world.work()
    for _ in range(3):
        world.later(minutes=16)
        world.work()
    row = alice.go("invoices/").row("Q-1")
    assert "$60.00" in row
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("address", ["ap.dept.@adatum.example", "ap..dept@adatum.example"])
def test_X_33_customer_with_an_odd_address_is_edited_without_retyping_it(
    world: World, alice: Visitor, address: str
) -> None:
    their_invoice(world, their_customer(world, PrimaryEmailAddr={"Address": address}))
    bring_in(world, alice)
    steps.open_customer(alice)
    alice.follow("Edit")
    assert "Adatum is saved." in alice.press("Save", {"Phone": "555 0100"}).text
    assert (steps.customer(world).email, steps.customer(world).phone) == (address, "555 0100")
    alice.follow("Edit")
    refused = alice.press("Save", {"E-mail": "ap@adatum.example, cfo@adatum.example"})
    assert "Enter one e-mail address, such as ap@example.com." in refused.text
    assert steps.customer(world).email == address


def test_X_33_customer_recognised_by_its_address_is_linked_and_not_made_again(
    world: World, alice: Visitor
) -> None:
    with world.inside():
        ours = factories.customer("Adatum Corp.", email="AP@adatum.example")
    adatum = their_customer(world, PrimaryEmailAddr={"Address": "ap@adatum.example"})
    their_invoice(world, adatum, number="Q-1")
    bring_in(world, alice)
    with world.inside():
        assert Invoice.objects.get().customer == ours


def test_X_33_C_06_customer_recognised_as_was_chosen_is_linked_and_not_made_again(
    world: World, alice: Visitor
) -> None:
    choose(alice, **steps.ranked("phone"))
    with world.inside():
        ours = factories.customer("Adatum Corp.", phone="(555) 010-0199")
    adatum = their_customer(world, PrimaryPhone={"FreeFormNumber": "555 010 0199"})
    their_invoice(world, adatum, number="Q-1")
    bring_in(world, alice)
    with world.inside():
        assert Invoice.objects.get().customer == ours


@pytest.mark.parametrize(
    ("keys", "inactive"),
    [("email", True), ("name", False)],
    ids=["one not in use", "only names are compared"],
)
def test_X_33_C_06_customer_whose_mailbox_says_nothing_is_new_here_and_ours_is_not_made_there(
    world: World, alice: Visitor, keys: str, inactive: bool
) -> None:
    if keys != "email":
        choose(alice, **steps.ranked(keys))
    with world.inside():
        factories.customer("Fabrikam", email="ap@holding.example")
    contoso = their_customer(world, "Contoso", PrimaryEmailAddr={"Address": "ap@holding.example"})
    their_invoice(world, contoso, number="Q-1")
    if inactive:
        changed_there(world, "Customer", contoso, Active=False)
    bring_in(world, alice)
    look(world)
    (theirs,) = world.held("Customer")
    assert theirs["Id"] == contoso
    with world.inside():
        assert Customer.objects.count() == 2
        assert Link.objects.get(kind="customer").remote_id == contoso
        assert "Contoso" in Invoice.objects.get().customer.name
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_01_from_now_on_brings_in_what_is_made_there_as_was_chosen(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, invoices_made_there="It is brought in here")
    for each in (world, other):
        bill = their_invoice(each, their_customer(each), number="Q-1")
        their_payment(each, bill, "100")
        look(each)
    assert "Q-1" not in alice.go("invoices/").text
    row = charlie.go("invoices/").row("Q-1")
    assert "Paid" in row
    assert len(other.held("Invoice")) == len(other.held("Payment")) == 1


def test_A_01_import_offers_to_go_on_with_what_is_made_there(world: World, alice: Visitor) -> None:
    adatum = their_customer(world)
    their_invoice(world, adatum, number="Q-1")
    bring_in(world, alice, from_now_on=True)
    their_invoice(world, adatum, number="Q-2")
    look(world)
    assert "Q-2" in alice.go("invoices/").text


def test_A_01_import_can_be_declined_ended_and_left(world: World, alice: Visitor) -> None:
    their_invoice(world, their_customer(world), number="Q-1")
    alice.go(QUICKBOOKS_PAGE)
    alice.press("See what there is")
    assert "Counting" in alice.page.region("Invoices made in QuickBooks")
    turns(world)
    alice.again()
    alice.press("Not now")
    assert "The import was ended" in alice.page.region("Invoices made in QuickBooks")
    assert "Q-1" not in alice.go("invoices/").text
    alice.go(QUICKBOOKS_PAGE)
    alice.press("See what there is")
    turns(world)
    alice.again()
    alice.press("Bring them in", {"from_now_on": False})
    assert "0 of 3 looked at" in alice.page.region("Invoices made in QuickBooks")
    world.work()
    alice.go(QUICKBOOKS_PAGE)
    assert "1 of 3 looked at" in alice.page.region("Invoices made in QuickBooks")
    alice.press("End the import")
    turns(world)
    assert "Q-1" not in alice.go("invoices/").text


def test_A_01_X_13_company_that_another_organization_had_comes_in_like_any_other(
    world: World, alice: Visitor
) -> None:
    """Its documents bear marks of that organization, and are of no document here."""
    customer = world.linked_customer()
    for _ in range(3):
        bill = world.invoice(customer)
        with world.inside():
            invoices.send(invoice=world.fresh(bill))
            factories.payment(world.fresh(bill), amount="40")
    with world.inside():
        factories.credit_memo(world.fresh(bill), amount="25")
    for _ in range(3):
        world.work()
    alice.go(QUICKBOOKS_PAGE)
    alice.follow("Disconnect QuickBooks")
    alice.press("Disconnect QuickBooks")
    there = held_there(world)
    with clock.frozen(clock.now() + timedelta(minutes=20)):
        world.control("POST", "clock", {"advance": 1200})
        new, owner = moved_to_another(world)
        edited = next(iter(there["Invoice"]))
        changed_there(new, "Invoice", edited, PrivateNote="checked")
        bring_in(new, owner)
        assert held_here(new) == there
        assert "Nothing needs you" in owner.go("exceptions/").text
        assert safe_mode.since(new.connections[-1]) is None
    world.control("POST", "clock", {"advance": -1200})


def moved_to_another(world: World) -> tuple[World, Visitor]:
    """Another organization connects the company of this one."""
    organization = factories.organization(features=["quickbooks"])
    owner = factories.member(organization, role=Role.OWNER)
    new = World(world.box, world.client_id, world.verifier, organization, owner)
    new.bookkeepers = world.bookkeepers
    new.connect(realm=world.realm)
    new.work()
    return new, Visitor(organization, owner)


HERE: dict[str, tuple[str, type[Any], str]] = {
    "Invoice": ("invoice", Invoice, "balance"),
    "CreditMemo": ("creditmemo", CreditMemo, "total"),
    "Payment": ("payment", Payment, "amount"),
}
THERE = {"Invoice": "Balance", "CreditMemo": "TotalAmt", "Payment": "TotalAmt"}


def held_there(world: World) -> dict[str, dict[str, Decimal]]:
    """What is open on each invoice, and what each credit memo and payment come to."""
    return {
        entity: {one["Id"]: steps.money(one[amount]) for one in world.held(entity)}
        for entity, amount in THERE.items()
    }


def held_here(world: World) -> dict[str, dict[str, Decimal]]:
    """The same of those that are linked, by their ids there."""
    with world.inside():
        return {
            entity: {
                link.remote_id: getattr(model.objects.get(pk=link.local_id), amount).amount
                for link in Link.objects.filter(kind=kind)
            }
            for entity, (kind, model, amount) in HERE.items()
        }


@pytest.mark.parametrize(
    "rules",
    [
        {"payments_since": "2026-06-01"},
        {"payments_direction": "push", "credit_memos_direction": "push"},
    ],
)
def test_A_01_X_32_X_59_what_is_paid_on_an_invoice_comes_in_with_it_whatever_the_rules_of_payments(
    world: World, alice: Visitor, rules: dict[str, str]
) -> None:
    choose(alice, **rules)
    adatum = their_customer(world)
    bill = their_invoice(world, adatum, "100")
    their_payment(world, bill, "30", TxnDate="2026-03-10")
    body = {"CustomerRef": {"value": adatum}, "DocNumber": "C-1", "TxnDate": "2026-03-02"}
    memo = world.bookkeeper("CreditMemo", {**body, "Line": [their_line(world, "20")]})
    used = {"Amount": 20, "LinkedTxn": [{"TxnId": memo["Id"], "TxnType": "CreditMemo"}]}
    their_payment(world, bill, "20", used, TotalAmt=0, TxnDate="2026-03-10")
    bring_in(world, alice)
    for _ in range(2):
        look(world)
    assert held_here(world)["Invoice"] == held_there(world)["Invoice"] == {bill["Id"]: 50}
    assert "Nothing needs you" in alice.go("exceptions/").text
    world.control("POST", "clock", {"advance": 1200})
    their_payment(world, bill, "10", TxnDate="2026-03-10")
    look(world)
    world.control("POST", "clock", {"advance": -1200})
    assert held_here(world)["Invoice"] == {bill["Id"]: 50}, "the rules hold for what is paid later"


def test_X_33_free_invoice_whose_note_begins_with_voided_is_alive(
    world: World, alice: Visitor
) -> None:
    free = their_line(world, "0", Qty=1, UnitPrice=0)
    note = "Voided contract of 2024, free replacement"
    adatum = their_customer(world)
    their_invoice(world, adatum, Line=[free], PrivateNote=note)
    gone = their_invoice(world, adatum, number="Q-2", Line=[their_line(world, "5", Qty=1)])
    changed_there(world, "Invoice", gone["Id"], operation="void")
    bring_in(world, alice)
    with world.inside():
        found = dict(Invoice.objects.values_list("number", "status"))
        assert Invoice.objects.get(number="Q-1").memo == note
    assert found["Q-1"] != "VOID"
    assert found["Q-2"] == "VOID"


def test_A_01_customer_archived_here_who_owes_something_there_is_back_with_the_invoice(
    world: World, alice: Visitor
) -> None:
    for name in ("Adatum", "Contoso"):
        world.customer(name=name, email=f"ap@{name.lower()}.example")
        steps.open_customer(alice, name)
        alice.press("Archive")
    adatum, contoso = (
        their_customer(world, name, PrimaryEmailAddr={"Address": f"ap@{name.lower()}.example"})
        for name in ("Adatum", "Contoso")
    )
    their_invoice(world, adatum, "100")
    their_payment(world, their_invoice(world, contoso, "50", "Q-2"), "50")
    bring_in(world, alice)
    assert "Adatum" in alice.go("customers/").text
    assert not steps.customer(world, "Adatum").is_archived
    assert steps.customer(world, "Contoso").is_archived
    assert len(world.held("Customer")) == 2
    with world.inside():
        assert Customer.objects.count() == 2


def test_A_01_from_now_on_leaves_what_was_there_when_that_was_chosen(
    world: World, alice: Visitor
) -> None:
    """Also when the first look of a day reads further back."""
    adatum = their_customer(world)
    their_invoice(world, adatum, number="Q-1")
    look(world)
    with clock.frozen(clock.now() + timedelta(minutes=20)) as now:
        world.control("POST", "clock", {"advance": 1200})
        choose(alice, invoices_made_there="bring_in")
        now.advance(seconds=1200)
        world.control("POST", "clock", {"advance": 1200})
        their_invoice(world, adatum, number="Q-2")
        now.advance(seconds=26 * 3600)
        world.control("POST", "clock", {"advance": 26 * 3600})
        for _ in range(2):
            look(world)
        with world.inside():
            assert list(Invoice.objects.values_list("number", flat=True)) == ["Q-2"]
    world.control("POST", "clock", {"advance": -26 * 3600 - 2400})


@pytest.mark.parametrize("is_first", [True, False])
def test_A_01_from_now_on_leaves_what_was_there_when_the_company_was_connected(
    unconnected: World, alice: Visitor, is_first: bool
) -> None:
    """The rule was chosen before any was connected, or for another one."""
    world = unconnected
    with clock.frozen(clock.now()) as now:

        def passes(minutes: int) -> None:
            now.advance(seconds=minutes * 60)
            world.control("POST", "clock", {"advance": minutes * 60})

        if not is_first:
            world.connect()
            world.work()
        choose(alice, invoices_made_there="bring_in", look_back="3_days")
        passes(20)
        world.company_with_an_item()
        adatum = their_customer(world)
        their_invoice(world, adatum, number="Q-1")
        passes(20)
        world.connect(realm=world.realm)
        look(world)
        with world.inside():
            assert not Invoice.objects.exists()
        world.disconnect()
        their_invoice(world, adatum, number="Q-2")
        passes(10)
        world.connect(realm=world.realm)
        for minutes in (0, 26 * 60):
            passes(minutes)
            for _ in range(2):
                look(world)
            with world.inside():
                assert list(Invoice.objects.values_list("number", flat=True)) == ["Q-2"]
    world.control("POST", "clock", {"advance": -(26 * 60 + 50) * 60})


def test_A_01_import_that_two_people_ask_for_at_once_is_one(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = Visitor(world.organization, world.owner)
    for person in (alice, second):
        person.go(QUICKBOOKS_PAGE)

    def press() -> None:
        try:
            second.press("See what there is")
        finally:
            databases.close_all()

    other = threading.Thread(target=press)
    serve_soon = importing._have_served

    def after_the_other(connection: Connection) -> None:
        monkeypatch.setattr(importing, "_have_served", serve_soon)
        other.start()
        other.join(timeout=1)
        serve_soon(connection)

    monkeypatch.setattr(importing, "_have_served", after_the_other)
    alice.press("See what there is")
    other.join()
    for person in (alice, second):
        assert "Counting" in person.page.region("Invoices made in QuickBooks")
    with world.inside():
        assert ImportRun.objects.count() == 1


def test_A_01_staff_see_the_import_and_cannot_begin_it(world: World, bob: Visitor) -> None:
    bob.go(QUICKBOOKS_PAGE)
    assert "can be brought in here" in bob.page.text
    assert not bob.page.offers("See what there is")


def test_A_06_A_33_L_88_what_came_in_follows_its_amount_dates_and_void_there(
    world: World, alice: Visitor
) -> None:
    adatum = their_customer(world)
    bill = their_invoice(world, adatum, number="Q-1")
    voided = their_invoice(world, adatum, number="Q-2")
    bring_in(world, alice)
    their_payment(world, voided, "100")
    look(world)
    world.forget_calls()
    lines = [their_line(world, "80"), their_line(world, "45.50")]
    changed_there(world, "Invoice", bill["Id"], Line=lines, DueDate="2026-05-15", DocNumber="Q-1a")
    row = alice.go("invoices/").row("Q-1a")
    assert "$125.50" in row
    assert "May 15, 2026" in row
    changed_there(world, "Invoice", voided["Id"], operation="void")
    assert "Void" in alice.go("invoices/").row("Q-2")
    assert "Nothing needs you" in alice.go("exceptions/").text
    assert all(call["method"] == "GET" for call in world.journal()), "nothing is sent"


def test_L_88_finalised_documents_of_theirs_are_read_only_here_where_that_was_chosen(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, documents_made_there="No, QuickBooks keeps the books")
    for each, person in ((world, alice), (other, charlie)):
        bill = their_invoice(each, their_customer(each), number="Q-1")
        bring_in(each, person)
        edit = f"invoices/{steps.invoice(each, 'Q-1').pk}/edit/"
        person.go(edit)
        person.press("Save", {"notes": "Ours"})
        look(each)
        (theirs,) = [one for one in each.held("Invoice") if one["Id"] == bill["Id"]]
        assert theirs.get("CustomerMemo", {}).get("value") == ("Ours" if each is world else None)
    assert "is read only here, by the sync rules" in charlie.page.text
    page = steps.open_invoice(charlie, "Q-1")
    assert not page.offers("Edit notes and due date")
    assert not page.offers("Void")
    assert "cannot be made here" in charlie.go("settings/sync-rules/matrix/").region("Payments")
    changed_there(other, "Invoice", bill["Id"], CustomerMemo={"value": "Theirs"})
    assert "Theirs" in steps.open_invoice(charlie, "Q-1").text, "it follows QuickBooks"
    steps.mark_paid(charlie)
    look(other)
    (theirs,) = [one for one in other.held("Invoice") if one["Id"] == bill["Id"]]
    assert steps.money(theirs["Balance"]) == 0, "it can be paid here"


def test_L_88_payment_of_theirs_is_taken_back_in_quickbooks_and_what_is_ours_stays_ours(
    world: World, alice: Visitor
) -> None:
    choose(alice, documents_made_there="read_only")
    world.customer()
    number = steps.generate(alice)
    steps.send(alice, number)
    world.work()
    (bill,) = world.held("Invoice")
    paid = their_payment(world, bill, "40")
    look(world)
    with world.inside():
        (taken,) = Payment.objects.all()
    page = alice.go(f"payments/{taken.pk}/")
    assert "is read only here, by the sync rules" in page.text
    assert not page.offers("Void")
    assert not page.offers("Apply differently")
    alice.go(f"payments/{taken.pk}/void/")
    alice.press("Void the payment")
    assert "is read only here, by the sync rules" in alice.page.text
    changed_there(world, "Payment", paid["Id"], operation="delete")
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, notes="Ours")
    look(world)
    (bill,) = world.held("Invoice")
    assert bill["CustomerMemo"]["value"] == "Ours"


def test_A_33_X_68_payments_of_what_came_in_follow_there_to_the_cent(
    world: World, alice: Visitor
) -> None:
    bill = their_invoice(world, their_customer(world), number="Q-1")
    bring_in(world, alice)
    paid = their_payment(world, bill, "33.33")
    look(world)
    assert "$66.67" in alice.go("invoices/").row("Q-1")
    changed_there(world, "Payment", paid["Id"], operation="delete")
    assert "$100.00 $100.00" in alice.go("invoices/").row("Q-1")


def test_A_08_changed_on_both_sides_is_asked_and_theirs_can_be_taken(
    world: World, alice: Visitor
) -> None:
    bill = their_invoice(world, their_customer(world), number="Q-1")
    bring_in(world, alice)
    world.trouble("throttled", entity="Invoice")
    steps.open_invoice(alice, "Q-1")
    steps.edit_invoice(alice, notes="ours")
    world.work()
    changed_there(world, "Invoice", bill["Id"], Line=[their_line(world, "70")])
    assert "changed in QuickBooks" in alice.go("exceptions/").text
    steps.open_invoice(alice, "Q-1")
    alice.press("Take theirs")
    world.work()
    row = alice.go("invoices/").row("Q-1")
    assert "$70.00" in row
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_15_C_08_what_came_in_and_is_deleted_there_is_asked_about_or_put_away_as_was_chosen(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, remote_delete_policy="archive")
    for each, person in ((world, alice), (other, charlie)):
        bill = their_invoice(each, their_customer(each), number="Q-1")
        bring_in(each, person)
        changed_there(each, "Invoice", bill["Id"], operation="delete")
    assert "deleted in QuickBooks" in alice.go("exceptions/").text
    assert "Overdue" in alice.go("invoices/").row("Q-1")
    assert "Nothing needs you" in charlie.go("exceptions/").text
    assert other.held("Invoice") == []
    assert "Q-1" not in charlie.go("invoices/").text
    assert "Void" in charlie.go("invoices/?status=archived").row("Q-1")


def test_A_17_C_09_archived_here_stays_there_or_is_voided_as_was_chosen(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, archive_effect="It is voided")
    for each, person in ((world, alice), (other, charlie)):
        their_invoice(each, their_customer(each), number="Q-1")
        bring_in(each, person)
        steps.open_invoice(person, "Q-1")
        assert "Q-1 is archived." in person.press("Archive").text
        each.work()
        assert "Q-1" not in person.go("invoices/").text
    (kept,), (voided,) = world.held("Invoice"), other.held("Invoice")
    assert (steps.money(kept["Balance"]), steps.money(voided["TotalAmt"])) == (100, 0)
    alice.go("invoices/?status=archived")
    alice.follow("Q-1")
    alice.press("Take back from the archive")
    assert "$100.00" in alice.go("invoices/").row("Q-1")


def test_C_09_what_was_paid_on_is_not_archived_where_that_voids(
    world: World, alice: Visitor
) -> None:
    choose(alice, archive_effect="It is voided")
    bill = their_invoice(world, their_customer(world), number="Q-1")
    their_payment(world, bill, "40")
    bring_in(world, alice)
    steps.open_invoice(alice, "Q-1")
    assert "has payments applied" in alice.press("Archive").text
    assert "Q-1" in alice.go("invoices/").text


def test_T_54_method_that_was_chosen_for_ours_is_ours_again_when_a_payment_comes_in(
    world: World, alice: Visitor
) -> None:
    method = world.bookkeeper("PaymentMethod", {"Name": "SEPA credit transfer"})
    look(world)
    alice.go(f"{QUICKBOOKS_PAGE}mapping/")
    alice.press("Save", {"Payment method for Bank transfer": "SEPA credit transfer"})
    adatum = their_customer(world)
    bill = their_invoice(world, adatum, "100")
    bring_in(world, alice)
    applied = {"Amount": 100, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Invoice"}]}
    body = {"CustomerRef": {"value": adatum}, "TotalAmt": 100, "Line": [applied]}
    world.bookkeeper("Payment", {**body, "PaymentMethodRef": {"value": method["Id"]}})
    look(world)
    with world.inside():
        assert Payment.objects.get().method == Method.BANK_TRANSFER
