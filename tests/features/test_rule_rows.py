"""Rows about what an organization chooses for its sync: two tenants that differ only in it, and their companies do."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.models import Invoice
from billing.services import credit_memos, payments
from billing.services.drafting import DraftLine
from integrations.models import SyncDue, policies_in_force
from integrations.outbound import safe_mode
from integrations.policies import RULES, SECTIONS, FieldOwner, PushWhen, TaxMode
from integrations.policy_file import MOST_BYTES
from tenants.models import AuditEntry, Role
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_credit_rows import open_payment_of
from tests.integrations.doomed import Doomed
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

RULES_PAGE = "settings/sync-rules/"


def choose(person: Visitor, **rules: str) -> None:
    """On the page of the sync rules."""
    person.go(RULES_PAGE)
    page = person.press("Save", rules)
    assert "Changed: " in page.text


def test_rules_that_two_people_save_from_pages_opened_before_both_hold(
    world: World, alice: Visitor
) -> None:
    person = factories.member(world.organization, "dora@example.com", Role.ADMIN)
    dora = Visitor(world.organization, person)
    for each in (alice, dora):
        each.go(RULES_PAGE)
    alice.press("Save", {"push_when": "Never"})
    dora.press("Save", {"tax_mode": "mapped", "due_date_owner": "ours"})
    with world.inside():
        chosen = policies_in_force()
    assert (chosen.push_when, chosen.tax_mode) == (PushWhen.NEVER, TaxMode.MAPPED)
    assert chosen.due_date_owner is FieldOwner.OURS


def invoices_after(
    worlds: tuple[World, World],
    people: tuple[Visitor, Visitor],
    *acts: Callable[[Visitor, str], Any],
    night: bool = False,
) -> list[int]:
    """How many invoices each company holds when both have generated one and done the same with it."""
    for world, person in zip(worlds, people, strict=True):
        world.customer()
        number = steps.generate(person)
        for act in acts:
            world.work()
            steps.open_invoice(person, number)
            act(person, number)
        world.work()
        if night:
            world.later(minutes=24 * 60)
            world.work()
    return [len(world.held("Invoice")) for world in worlds]


def pay(person: Visitor, number: str) -> None:
    steps.send(person, number)
    steps.mark_paid(person)


def test_L_02_C_01_C_03_finalised_keeps_a_draft_and_its_customer_here_until_it_is_sent(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, push_when="Once it is sent to the customer")
    assert invoices_after((world, other), (alice, charlie)) == [1, 0]
    assert other.held("Customer") == []
    shown = charlie.again().region("QuickBooks")
    assert "Needs sending to the customer" in shown
    number = next(charlie.page.tree.all("h1")).text
    assert number not in charlie.go("exceptions/").text, "it needs nobody"
    steps.open_invoice(charlie, number)
    steps.send(charlie, number)
    other.work()
    assert len(other.held("Invoice")) == len(other.held("Customer")) == 1


def test_C_02_nightly_sends_what_the_day_brought_at_night_and_by_the_button_at_once(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, push_when="In the night")
    assert invoices_after((world, other), (alice, charlie)) == [1, 0]
    assert "at 2:00 in the night" in charlie.again().region("QuickBooks")
    charlie.press("Try again")
    other.work()
    assert len(other.held("Invoice")) == 1
    steps.generate(charlie)
    other.work()
    choose(charlie, push_when="generated")
    other.work()
    assert len(other.held("Invoice")) == 2, "the rule of now holds for what waited"


def test_T_45_everything_of_the_day_goes_at_night(world: World, alice: Visitor) -> None:
    choose(alice, push_when="In the night")
    world.customer()
    number = steps.generate(alice)
    steps.send(alice, number)
    steps.mark_paid(alice)
    world.work()
    assert (world.held("Customer"), world.held("Invoice"), world.held("Payment")) == ([], [], [])
    assert world.due_in().total_seconds() > 60
    world.later(minutes=24 * 60)
    world.work()
    (theirs,) = world.held("Invoice")
    assert steps.money(theirs["Balance"]) == 0


def test_K_01_C_02_C_18_K_04_paid_sends_an_invoice_with_the_payment_that_settles_it(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, push_when="Once it is paid in full")
    assert invoices_after((world, other), (alice, charlie), steps.send) == [1, 0]
    for each in (world, other):
        with each.inside():
            factories.payment(Invoice.objects.get(), "40")
        each.work()
    (theirs,) = world.held("Invoice")
    assert steps.money(theirs["Balance"]) == 60, "a part payment arrives where nothing was chosen"
    assert (other.held("Invoice"), other.held("Payment"), other.held("Customer")) == ([], [], [])
    charlie.again()
    steps.mark_paid(charlie, "$60.00")
    other.work()
    (theirs,) = other.held("Invoice")
    assert steps.money(theirs["Balance"]) == 0
    assert len(other.held("Payment")) == 2


def test_T_44_C_02_button_sends_an_invoice_only_when_it_is_pressed_and_then_keeps_it_equal(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, push_when="Only by its button")
    assert invoices_after((world, other), (alice, charlie), steps.send) == [1, 0]
    charlie.again()
    charlie.press("Send to QuickBooks")
    other.work()
    assert len(other.held("Invoice")) == 1
    charlie.again()
    steps.edit_invoice(charlie, notes="Thank you")
    other.work()
    (theirs,) = other.held("Invoice")
    assert theirs["CustomerMemo"]["value"] == "Thank you"


@pytest.mark.parametrize("is_voided", [False, True])
def test_T_44_C_02_payment_of_before_the_button_goes_with_its_invoice(
    world: World, alice: Visitor, is_voided: bool
) -> None:
    choose(alice, push_when="Only by its button")
    world.customer()
    number = steps.generate(alice)
    steps.send(alice, number)
    steps.mark_paid(alice)
    if is_voided:
        open_payment_of(alice, number)
        alice.follow("Void")
        alice.press("Void the payment")
    world.work()
    assert (world.held("Invoice"), world.held("Payment")) == ([], [])
    steps.open_invoice(alice, number)
    alice.press("Send to QuickBooks")
    world.work()
    (theirs,) = world.held("Invoice")
    assert steps.money(theirs["Balance"]) == (100 if is_voided else 0)
    assert len(world.held("Payment")) == (0 if is_voided else 1)


def test_T_44_C_02_payment_of_before_the_button_waits_for_all_its_invoices(
    world: World, alice: Visitor
) -> None:
    choose(alice, push_when="Only by its button")
    world.customer()
    numbers = []
    for _ in range(2):
        numbers.append(steps.generate(alice))
        steps.send(alice, numbers[-1])
    steps.open_customer(alice)
    alice.follow("Record payment")
    parts = {f"Applied to {number}": "100" for number in numbers}
    alice.press("Record payment", {"Amount in USD": "200", **parts})
    world.work()
    for number, paid in zip(numbers, (0, 1), strict=True):
        steps.open_invoice(alice, number)
        alice.press("Send to QuickBooks")
        world.work()
        assert len(world.held("Payment")) == paid
    assert {steps.money(one["Balance"]) for one in world.held("Invoice")} == {0}


def test_T_44_C_18_payment_of_before_the_button_stays_where_the_rules_send_none(
    world: World, alice: Visitor
) -> None:
    choose(alice, push_when="Only by its button", payments_direction="pull")
    world.customer()
    number = steps.generate(alice)
    steps.mark_paid(alice)
    world.work()
    steps.open_invoice(alice, number)
    alice.press("Send to QuickBooks")
    world.work()
    assert (len(world.held("Invoice")), world.held("Payment")) == (1, [])
    assert "send no payments" in open_payment_of(alice, number).region("QuickBooks")


@pytest.mark.parametrize("rule", ["finalised", "paid", "never", "nightly"])
def test_T_44_C_02_what_another_rule_had_wait_is_left_to_the_button_once_that_is_the_rule(
    world: World, alice: Visitor, rule: str
) -> None:
    is_sent = rule in ("paid", "nightly")
    choose(alice, push_when=rule if is_sent else "finalised")
    world.customer()
    number = steps.generate(alice)
    if is_sent:
        steps.send(alice, number)
        steps.open_customer(alice)
        alice.follow("Record payment")
        part = {"Amount in USD": "40", f"Applied to {number}": "40"}
        alice.press("Record payment", part)
    world.work()
    if rule == "never":
        choose(alice, push_when="never")
        world.work()
    choose(alice, push_when="Only by its button")
    for _ in range(2):
        world.work()
        world.later(minutes=24 * 60)
        world.due_now()
    world.work()
    kinds = ("Customer", "Invoice", "Payment")
    assert [world.held(kind) for kind in kinds] == [[], [], []]
    assert "Nothing needs you" in alice.go("exceptions/").text
    assert "Not synced" in steps.open_invoice(alice, number).region("QuickBooks")
    alice.press("Send to QuickBooks")
    world.work()
    assert [len(world.held(kind)) for kind in kinds] == [1, 1, int(is_sent)]
    assert steps.money(world.held("Invoice")[0]["Balance"]) == (60 if is_sent else 100)


def over_the_night(world: World) -> list[int]:
    """How many customers, invoices, payments and credit memos the company holds a day later."""
    for _ in range(2):
        world.work()
        world.later(minutes=24 * 60)
        world.due_now()
    world.work()
    return [len(world.held(one)) for one in ("Customer", "Invoice", "Payment", "CreditMemo")]


def test_T_44_C_02_credit_memo_of_a_refund_is_left_to_the_button_with_its_payment(
    world: World, alice: Visitor
) -> None:
    choose(alice, push_when="In the night", payment_refund_posting="As a credit memo")
    world.customer()
    numbers = [steps.generate(alice) for _ in range(2)]
    with world.inside():
        one, other = Invoice.objects.filter(number__in=numbers)
        parts = {each.pk: factories.usd("60") for each in (one, other)}
        payment = payments.record(
            customer=one.customer,
            amount=factories.usd("150"),
            received_on=factories.TODAY,
            allocations=parts,
        )
        factories.refund(payment, "30")
    world.work()
    choose(alice, push_when="Only by its button")
    assert over_the_night(world) == [0, 0, 0, 0]
    for number in numbers:
        steps.open_invoice(alice, number)
        alice.press("Send to QuickBooks")
    assert over_the_night(world) == [1, 2, 1, 1]


@pytest.mark.parametrize("gone", [0, 1])
def test_T_44_C_02_money_on_no_invoice_goes_in_the_night_or_is_left_to_the_button(
    world: World, alice: Visitor, gone: int
) -> None:
    choose(alice, push_when="In the night")
    customer = world.customer()
    with world.inside():
        payments.record(
            customer=customer,
            amount=factories.usd("50"),
            received_on=factories.TODAY,
            allocations={},
        )
    world.work()
    assert world.held("Payment") == []
    if not gone:
        choose(alice, push_when="Only by its button")
    assert over_the_night(world) == [gone, 0, gone, 0]


@pytest.mark.parametrize("there", [0, 1])
def test_T_44_C_02_credit_memo_about_several_invoices_is_left_to_the_button_with_all_of_them(
    world: World, alice: Visitor, there: int
) -> None:
    choose(alice, push_when="In the night")
    customer = world.customer()
    numbers = [steps.generate(alice) for _ in range(2)]
    with world.inside():
        line = DraftLine(description="Seats", quantity=Decimal(1), unit_price=Decimal(-30))
        credit_memos.issue_for_agreement(
            customer=customer,
            lines=[line],
            notes="",
            concerns=list(Invoice.objects.filter(number__in=numbers)),
            actor=None,
        )
    world.work()
    if there:
        steps.open_invoice(alice, numbers[0])
        alice.press("Try again")
        world.work()
    choose(alice, push_when="Only by its button")
    assert over_the_night(world) == [there, there, 0, there]


@pytest.mark.parametrize("there", [0, 1])
def test_T_44_C_02_invoice_that_was_asked_for_keeps_waiting_for_approval_under_the_button(
    world: World, alice: Visitor, there: int
) -> None:
    choose(alice, approval="needed")
    world.customer()
    number = steps.generate(alice)
    world.work()
    if there:
        steps.open_invoice(alice, number)
        alice.press("Try again")
        world.work()
    choose(alice, push_when="Only by its button")
    world.work()
    assert world.held("Invoice") == []
    steps.open_invoice(alice, number)
    alice.press("Approve")
    world.work()
    assert len(world.held("Invoice")) == there
    assert ("Synced" if there else "Not synced") in alice.again().region("QuickBooks")


def test_T_44_C_02_what_waits_is_left_to_the_button_while_the_company_is_disconnected(
    world: World, alice: Visitor
) -> None:
    choose(alice, push_when="Once it is sent to the customer")
    world.customer()
    steps.generate(alice)
    world.work()
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Disconnect QuickBooks")
    alice.press("Disconnect QuickBooks")
    choose(alice, push_when="Only by its button")
    steps.connect(world, alice)
    world.work()
    assert (world.held("Invoice"), world.held("Customer")) == ([], [])


def hold_up(person: Visitor, how: str) -> None:
    """Nothing can go out until it `goes_on`."""
    person.go(steps.QUICKBOOKS_PAGE)
    if how == "disconnect":
        person.follow("Disconnect QuickBooks")
    person.press("Pause sending" if how == "pause" else "Disconnect QuickBooks")


def goes_on(world: World, person: Visitor, how: str) -> None:
    if how == "disconnect":
        steps.connect(world, person)
    else:
        person.go(steps.QUICKBOOKS_PAGE)
        person.press("Go on sending")
    world.work()


@pytest.mark.parametrize("how", ["pause", "disconnect"])
def test_C_02_what_waits_for_the_night_goes_no_earlier_once_what_held_up_the_company_is_over(
    world: World, alice: Visitor, how: str
) -> None:
    choose(alice, push_when="In the night")
    world.customer()
    number = steps.generate(alice)
    world.work()
    hold_up(alice, how)
    world.work()
    assert "Needs" in steps.open_invoice(alice, number).region("QuickBooks")
    goes_on(world, alice, how)
    assert (world.held("Invoice"), world.held("Customer")) == ([], [])
    assert "at 2:00 in the night" in steps.open_invoice(alice, number).region("QuickBooks")
    assert over_the_night(world)[:2] == [1, 1]


@pytest.mark.parametrize("how", ["pause", "disconnect"])
@pytest.mark.parametrize(("rule", "gone"), [("generated", 1), ("Only by its button", 0)])
def test_T_44_C_02_what_waits_for_the_night_follows_a_rule_that_changes_while_the_company_is_held_up(
    world: World, alice: Visitor, how: str, rule: str, gone: int
) -> None:
    choose(alice, push_when="In the night")
    world.customer()
    steps.generate(alice)
    world.work()
    hold_up(alice, how)
    choose(alice, push_when=rule)
    goes_on(world, alice, how)
    assert (len(world.held("Invoice")), len(world.held("Customer"))) == (gone, gone)


def test_X_99_sync_now_has_what_waits_for_the_night_go_with_the_end_of_a_pause(
    world: World, alice: Visitor
) -> None:
    """Also what is changed before that."""
    choose(alice, push_when="In the night")
    world.customer()
    number = steps.generate(alice)
    world.work()
    hold_up(alice, "pause")
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Sync now")
    world.work()
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, notes="By the pool")
    world.work()
    assert world.held("Invoice") == []
    goes_on(world, alice, "pause")
    assert len(world.held("Invoice")) == 1


def test_T_44_C_02_what_waits_is_left_to_the_button_in_safe_mode(
    world: World, alice: Visitor
) -> None:
    choose(alice, push_when="In the night")
    world.customer()
    number = steps.generate(alice)
    world.work()
    safe_mode.enter(world.connections[-1])
    choose(alice, push_when="Only by its button")
    world.later(minutes=5)
    assert over_the_night(world) == [0, 0, 0, 0]
    assert "Not synced" in steps.open_invoice(alice, number).region("QuickBooks")


def test_A_14_C_01_never_sends_no_invoice_by_no_button(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, push_when="Never")
    assert invoices_after((world, other), (alice, charlie), pay) == [1, 0]
    charlie.again()
    charlie.press("Send to QuickBooks")
    other.work()
    assert (other.held("Invoice"), other.held("Customer")) == ([], [])
    assert "no invoice goes to QuickBooks" in charlie.again().region("QuickBooks")
    charlie.follow("See the sync rules")
    charlie.press("Save", {"push_when": "As soon as it is generated"})
    other.work()
    assert len(other.held("Invoice")) == 1


def test_C_01_what_was_held_back_and_is_voided_never_goes(world: World, alice: Visitor) -> None:
    choose(alice, push_when="Once it is sent to the customer")
    world.customer()
    number = steps.generate(alice)
    world.work()
    steps.void(alice, number)
    world.work()
    assert (world.held("Invoice"), world.held("Customer")) == ([], [])
    assert "Not synced" in alice.again().region("QuickBooks")


def test_C_01_new_invoice_says_why_quickbooks_cannot_be_ticked(
    world: World, alice: Visitor
) -> None:
    choose(alice, push_when="Only by its button")
    world.customer()
    steps.open_customer(alice)
    alice.follow("Generate invoice")
    assert "The sync rules send an invoice only by its button." in alice.page.text


def their_customer(world: World, name: str, email: str = "ap@adatum.example") -> str:
    """Made by the bookkeeper in QuickBooks, and told of; its id."""
    address = {"Address": email}
    made = world.bookkeeper("Customer", {"DisplayName": name, "PrimaryEmailAddr": address})
    world.due_now()
    world.work()
    return str(made["Id"])


def added(person: Visitor, name: str = "Adatum", **typed: str) -> None:
    """A customer, on the page for that."""
    person.go("customers/new/")
    person.press("Add customer", {"name": name, "email": "ap@adatum.example", **typed})


def test_C_05_automatic_makes_a_customer_as_soon_as_it_is_added(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, customer_create_policy="As soon as it is added here")
    for each, person in ((world, alice), (other, charlie)):
        added(person)
        each.work()
    assert (len(world.held("Customer")), len(other.held("Customer"))) == (0, 1)
    assert "Synced" in charlie.again().region("QuickBooks")


def test_C_05_never_makes_no_customer_and_goes_on_once_people_have_made_it(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, customer_create_policy="never")
    assert invoices_after((world, other), (alice, charlie)) == [1, 0]
    assert other.held("Customer") == []
    charlie.again()
    charlie.follow("Open the customer")
    shown = charlie.page.region("QuickBooks")
    assert "The sync rules make no customer in QuickBooks" in shown
    assert not charlie.page.offers("Use this customer")
    theirs = their_customer(other, "Adatum Corp")
    other.work()
    (invoice,) = other.held("Invoice")
    assert invoice["CustomerRef"]["value"] == theirs
    assert len(other.held("Customer")) == 1


def test_C_05_never_lets_staff_choose_the_customer_of_the_same_name(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_create_policy="never")
    theirs = their_customer(world, "Adatum", "other@adatum.example")
    world.customer()
    steps.generate(alice)
    world.work()
    steps.open_customer(alice)
    assert "None of them" not in alice.page.text
    alice.press("Use this customer", {"customer": theirs})
    world.work()
    (invoice,) = world.held("Invoice")
    assert invoice["CustomerRef"]["value"] == theirs


@pytest.mark.parametrize(
    ("keys", "linked_to"),
    [
        ("email", "Same address"),
        ("name", "Adatum"),
        ("email,name", "Same address"),
        ("name,email", "Adatum"),
        ("nothing", None),
    ],
)
def test_C_06_customer_is_recognised_by_what_was_chosen(
    world: World, alice: Visitor, keys: str, linked_to: str | None
) -> None:
    if keys != "email":
        choose(alice, **steps.ranked(keys))
    ids = {
        "Same address": their_customer(world, "Adatum Corp"),
        "Adatum": their_customer(world, "Adatum", "other@adatum.example"),
        None: "",
    }
    world.customer()
    steps.generate(alice)
    world.work()
    named = [one["CustomerRef"]["value"] for one in world.held("Invoice")]
    assert named == ([ids[linked_to]] if linked_to else [])
    assert len(world.held("Customer")) == 2


def test_C_06_under_the_name_alone_a_shared_mailbox_asks_nothing(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, **steps.ranked("name"))
    for each in (world, other):
        their_customer(each, "Payables of Adatum")
        their_customer(each, "Payables of Contoso")
    assert invoices_after((world, other), (alice, charlie)) == [0, 1]
    assert [one["DisplayName"] for one in other.held("Customer")][-1] == "Adatum"


def test_C_15_block_has_a_line_wait_for_the_item_of_its_service(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, unmapped_line="block")
    for each, person in ((world, alice), (other, charlie)):
        with each.inside():
            factories.service("Backup")
        each.customer()
        steps.generate(person, **{"lines-0-service": "Backup"})
        each.work()
    assert (len(world.held("Invoice")), len(other.held("Invoice"))) == (1, 0)
    shown = charlie.again().region("QuickBooks")
    assert "No QuickBooks item is chosen for the service Backup." in shown
    charlie.follow("Choose a service item")
    charlie.press("Save", {"Item for Backup": "IT services"})
    other.work()
    assert len(other.held("Invoice")) == 1


def test_C_15_block_has_a_line_without_a_service_wait_for_the_default_item(
    world: World, alice: Visitor
) -> None:
    choose(alice, unmapped_line="block")
    world.customer()
    steps.generate(alice)
    world.work()
    assert world.held("Invoice") == []
    assert "for lines without a service." in alice.again().region("QuickBooks")
    alice.follow("Choose a service item")
    alice.press("Save", {"Default service item": "IT services"})
    world.work()
    assert len(world.held("Invoice")) == 1


def changed_there(world: World, operation: str = "", **fields: Any) -> None:
    """The bookkeeper changes or deletes the one invoice there is, and Regentra looks."""
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    params = {"operation": operation} if operation else {}
    world.bookkeeper("Invoice", {**keys, "sparse": True, **fields}, **params)
    world.due_now()
    world.work()


@pytest.mark.parametrize(
    ("rule", "standing", "there"), [("archive", "Void", 0), ("recreate", "Draft", 1)]
)
def test_C_08_deleted_invoice_is_voided_here_or_made_again_as_was_chosen(
    world: World,
    alice: Visitor,
    other: World,
    charlie: Visitor,
    rule: str,
    standing: str,
    there: int,
) -> None:
    choose(charlie, remote_delete_policy=rule)
    assert invoices_after((world, other), (alice, charlie)) == [1, 1]
    for each in (world, other):
        changed_there(each, operation="delete")
        each.work()
    assert (len(world.held("Invoice")), len(other.held("Invoice"))) == (0, there)
    assert "deleted in QuickBooks" in alice.go("exceptions/").text
    assert standing in charlie.again().text
    assert "Nothing needs you" in charlie.go("exceptions/").text


def test_C_08_archive_asks_about_an_invoice_that_something_was_paid_on(
    world: World, alice: Visitor
) -> None:
    choose(alice, remote_delete_policy="archive")
    world.customer()
    number = steps.generate(alice)
    steps.send(alice, number)
    with world.inside():
        factories.payment(Invoice.objects.get(), "40")
    world.work()
    changed_there(world, operation="delete")
    world.work()
    assert "deleted in QuickBooks" in alice.go("exceptions/").text
    assert steps.invoice(world, number).status == "PARTIAL"


def test_C_04_quickbooks_holds_what_is_changed_there_on_an_unpaid_invoice(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, unpaid_edit_owner="qbo")
    assert invoices_after((world, other), (alice, charlie)) == [1, 1]
    for each in (world, other):
        changed_there(each, DueDate="2027-01-31", CustomerMemo={"value": "theirs"})
    assert "changed in QuickBooks" in alice.go("exceptions/").text
    assert "theirs" not in alice.page.text
    shown = charlie.again().text
    assert "theirs" in shown
    assert "Jan 31, 2027" in shown
    assert "Nothing needs you" in charlie.go("exceptions/").text
    other.forget_calls()
    other.work()
    assert other.journal() == [], "nothing goes back"


def test_C_04_quickbooks_holds_also_when_the_same_was_changed_here(
    world: World, alice: Visitor
) -> None:
    choose(alice, unpaid_edit_owner="qbo")
    world.customer()
    number = steps.generate(alice)
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "CustomerMemo": {"value": "theirs"}})
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, notes="ours")
    for _ in range(3):
        world.work()
        world.due_now()
    (theirs,) = world.held("Invoice")
    assert theirs["CustomerMemo"]["value"] == "theirs"
    assert steps.invoice(world, number).notes == "theirs"
    assert "Synced" in alice.again().region("QuickBooks")


@pytest.mark.parametrize(
    ("rule", "minutes"), [("every_15_minutes", 15), ("every_60_minutes", 60), ("nightly", 24 * 60)]
)
def test_L_52_C_12_payment_there_is_seen_at_the_next_look_and_not_when_quickbooks_tells(
    world: World, alice: Visitor, other: World, charlie: Visitor, rule: str, minutes: int
) -> None:
    choose(charlie, sync_cadence=rule)
    assert invoices_after((world, other), (alice, charlie), steps.send) == [1, 1]
    for each in (world, other):
        with each.inside():
            invoice = Invoice.objects.get()
        each.pays(invoice, "100")
    steps.notified(world, other)
    with world.inside():
        assert Invoice.objects.get().status == "PAID"
    with other.inside():
        assert Invoice.objects.get().status == "SENT"
    assert 0 < other.due_in().total_seconds() <= minutes * 60
    other.later(minutes=minutes)
    other.work()
    with other.inside():
        assert Invoice.objects.get().status == "PAID"


def test_L_52_C_12_manual_reads_nothing_until_somebody_presses_sync_now(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, sync_cadence="Only when somebody asks")
    assert invoices_after((world, other), (alice, charlie), steps.send) == [1, 1], "ours goes out"
    for each in (world, other):
        with each.inside():
            each.pays(Invoice.objects.get(), "100")
        each.forget_calls()
    steps.notified(world, other)
    for _ in range(3):
        other.later(minutes=3 * 24 * 60)
        other.work()
    assert is_paid(world)
    assert not is_paid(other)
    assert other.journal() == [], "nothing is asked there by itself"
    charlie.go(steps.QUICKBOOKS_PAGE)
    assert "only when somebody presses Sync now" in charlie.page.text
    charlie.press("Sync now")
    other.work()
    assert is_paid(other)
    other.forget_calls()
    other.later(minutes=3 * 24 * 60)
    other.work()
    assert other.journal() == [], "one look for one press"


@pytest.mark.parametrize("dies", [False, True])
def test_L_52_C_12_manual_looks_once_more_for_who_presses_sync_now_while_a_look_runs(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    """What that look was told may be older than the press; also where its worker dies before it ends."""
    choose(alice, sync_cadence="Only when somebody asks")
    world.customer()
    steps.generate(alice)
    world.work()
    elsewhere = Visitor(alice.organization, world.owner)

    def act() -> None:
        with world.inside():
            world.pays(Invoice.objects.get(), "100")
        elsewhere.go(steps.QUICKBOOKS_PAGE)
        elsewhere.press("Sync now")

    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Sync now")
    steps.meanwhile(monkeypatch, lambda: steps.meanwhile(monkeypatch, act))
    if dies:
        Doomed(at='UPDATE "integrations_connection" SET "changes_since"').works(world)
        SyncDue.objects.update(lease_until=None)
    else:
        world.work()
    assert not is_paid(world)
    world.work()
    assert is_paid(world)
    world.forget_calls()
    world.later(minutes=3 * 24 * 60)
    world.work()
    assert world.journal() == [], "one look for each press"


def test_X_99_sync_now_sends_what_waits_for_the_night_and_takes_in_what_is_there(
    world: World, alice: Visitor
) -> None:
    choose(alice, push_when="In the night")
    world.customer()
    steps.generate(alice)
    world.work()
    assert world.held("Invoice") == []
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Sync now")
    world.work()
    assert len(world.held("Invoice")) == 1
    with world.inside():
        invoice = Invoice.objects.get()
    world.pays(invoice, "100")
    assert world.due_in().total_seconds() > 60
    alice.press("Sync now")
    world.work()
    assert is_paid(world)
    assert "Changes read just now" in alice.go(steps.QUICKBOOKS_PAGE).text


def is_paid(world: World) -> bool:
    with world.inside():
        return Invoice.objects.get().status == "PAID"


def test_N_14_rules_travel_as_a_file_and_each_change_is_written_down(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(alice, push_when="Only by its button")
    alice.go(RULES_PAGE)
    content = alice.follow("Download the sync rules").html
    page = bring_in(charlie, content)
    assert "Only by its button." in page
    other.customer()
    steps.generate(charlie)
    other.work()
    assert other.held("Invoice") == []
    with other.inside():
        (entry,) = AuditEntry.objects.filter(action="sync_rules.changed")
        assert entry.detail == {"push_when": "generated → button"}
        assert entry.actor_id == other.owner.pk


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "Line 1: this is not JSON"),
        ('{"regentra_sync_rules": 2, "rules": {}}', "Line 1: The file has to say"),
        ('{"regentra_sync_rules": 1, "rules": {},\n"more": 1}', "Line 2: “more” is not known."),
        (
            '{"regentra_sync_rules": 1, "rules": {\n\n"push_whenn": "paid"}}',
            "Line 3: There is no rule “push_whenn”.",
        ),
        (
            '{"regentra_sync_rules": 1, "rules": {\n"push_when": "soon"}}',
            "Line 2: “push_when” cannot be “soon”.",
        ),
        (
            '{"regentra_sync_rules": 1, "rules": {"push_when": "paid",\n"push_when": "never"}}',
            "Line 2: “push_when” stands here twice.",
        ),
        ('{"regentra_sync_rules": 1, "rules": []}', "Line 1: “rules” has to hold the rules"),
        ("[]", "Line 1: the file has to be a JSON object."),
        (" " * (MOST_BYTES + 1), "too large"),
        ("1" * 5_000, "A number in this file is too long."),
        ("[" * 9_000, "nested too deeply"),
        (r'{"regentra_sync_rules": 1, "rules": {"\ud800": "x"}}', "There is no rule “?”."),
        (r'{"\ud800": 1, "\ud800": 2}', "“?” stands here twice."),
        (
            r'{"regentra_sync_rules": 1, "rules": {}, "mapping": {"\ud800": {"a\u0000": "\ud800"}}}',
            "there is no “?” here.",
        ),
        (
            "{" + ",".join(f'"{number}":0' for number in range(18_000)) + "}",
            "The file has to say",
        ),
    ],
    ids=[
        "cut off",
        "version",
        "unknown",
        "no rule",
        "no value",
        "twice",
        "list",
        "array",
        "large",
        "number",
        "nested",
        "half a character",
        "half a character twice",
        "half a character of the mapping",
        "many names",
    ],
)
def test_N_14_file_that_is_not_understood_changes_nothing_and_the_line_is_named(
    world: World, alice: Visitor, content: str, sentence: str
) -> None:
    page = bring_in(alice, content)
    assert "Nothing was changed." in page
    assert sentence in page
    with world.inside():
        assert not AuditEntry.objects.filter(action="sync_rules.changed").exists()


def test_N_14_staff_read_the_rules_and_change_nothing(world: World, bob: Visitor) -> None:
    page = bob.go(RULES_PAGE)
    assert "When does an invoice go to QuickBooks?" in page.text
    assert not page.offers("Save")
    assert (
        json.loads(bob.follow("Download the sync rules").html)["rules"]["push_when"] == "generated"
    )


def bring_in(person: Visitor, content: str, at: str = RULES_PAGE) -> str:
    """Uploads a file of rules; what the page says then."""
    form = person.go(at).form("Bring in")
    assert form is not None
    (token, *_) = [one["value"] for one in form.element.all("input") if one["type"] == "hidden"]
    file = SimpleUploadedFile("rules.json", content.encode())
    sent = {"csrfmiddlewaretoken": token, "file": file}
    answer = person.client.post(form.element["action"], sent)
    assert answer.status_code == 302
    return person.go(RULES_PAGE).text


def test_every_rule_stands_in_one_section_of_the_page_which_says_how_many_were_changed(
    world: World, alice: Visitor
) -> None:
    placed = [name for one in SECTIONS for name in (*one.rules, *one.owned)]
    assert sorted(placed) == sorted(RULES)
    choose(alice, push_when="finalised", customer_phone_owner="theirs")
    heads = [one.text for one in alice.page.tree.all("summary")]
    said = {one.title: "as usual" for one in SECTIONS}
    said["Invoices that go to QuickBooks"] = said["Customers"] = "1 changed from the default"
    assert heads[-len(SECTIONS) :] == [f"{title} {words}" for title, words in said.items()]
    for name in RULES:
        assert f'name="{name}' in alice.page.html, name
