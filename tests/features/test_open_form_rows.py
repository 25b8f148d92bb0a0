"""Rows about forms that stand open while somebody else, here or in QuickBooks, changes the same."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from billing.models import Invoice, Payment, Service
from billing.services import catalogue, customers, invoices, numbering, payments, work
from integrations.models import Mapping, MappingSubject, PayNow, company_in_use, policies_in_force
from integrations.policies import RULES, Policies, PushWhen, TaxMode
from tenants.models import Role
from tests import factories
from tests.factories import usd
from tests.features import steps, test_customer_field_rows
from tests.features.pages import Visitor
from tests.features.test_email_rows import BUTTON, mails
from tests.features.test_field_rows import bookkeeper_changes, sent_invoice, settle
from tests.features.test_import_rows import choose
from tests.features.test_mapping_rows import new_item
from tests.features.test_pay_now_rows import SAVE
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MAPPING_PAGE = "settings/integrations/quickbooks/mapping/"
AGAIN = "since you opened this page. Press the button once more to have yours."


@pytest.fixture
def dan(unconnected: World) -> Visitor:
    """A second admin."""
    person = factories.member(unconnected.organization, "dan@example.com", Role.ADMIN, name="Dan")
    return Visitor(unconnected.organization, person)


def test_C_04_due_date_that_was_moved_there_while_its_form_stood_open_stays_on_both_sides(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    choose(alice, unpaid_edit_owner="qbo")
    number = sent_invoice(world, alice)
    later = steps.invoice(world, number).due_on + timedelta(days=10)
    steps.open_invoice(bob, number)
    bob.follow("Edit notes and due date")
    bookkeeper_changes(world, DueDate=later.isoformat())
    settle(world)
    bob.press("Save", {"Notes": "Thank you."})
    settle(world)
    (held,) = world.held("Invoice")
    ours = steps.invoice(world, number)
    assert (ours.due_on, ours.notes) == (later, "Thank you.")
    assert held["DueDate"] == later.isoformat()


def test_customer_address_that_was_changed_there_while_its_form_stood_open_stays(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    choose(alice, customer_email_owner="theirs")
    test_customer_field_rows.linked(world, alice)
    steps.open_customer(bob)
    bob.follow("Edit")
    address = {"Address": "theirs@adatum.example"}
    test_customer_field_rows.changed_there(world, PrimaryEmailAddr=address)
    settle(world)
    bob.press("Save", {"Phone": "555 9999"})
    settle(world)
    (held,) = world.held("Customer")
    ours = steps.customer(world)
    assert (ours.email, ours.phone) == (address["Address"], "555 9999")
    assert held["PrimaryEmailAddr"] == address


def both_at(path: str, *people: Visitor) -> None:
    for person in people:
        person.go(path)


def test_field_that_two_people_changed_is_refused_with_who_and_what_until_it_is_saved_once_more(
    unconnected: World, alice: Visitor, bob: Visitor
) -> None:
    with unconnected.inside():
        invoice = factories.invoice()
    both_at(f"invoices/{invoice.pk}/edit/", alice, bob)
    alice.press("Save", {"Due date": "2026-05-01", "PO number": "A-1", "Notes": "Hers"})
    page = bob.press("Save", {"Due date": "2026-06-01", "Notes": "His", "Internal memo": "Late"})
    assert f"{alice.person} changed this to May 1, 2026 {AGAIN}" in page.text
    assert f"{alice.person} changed this to “Hers” {AGAIN}" in page.text
    assert _stored(unconnected, invoice, "notes", "memo") == ["Hers", ""]
    bob.press("Save")
    kept = _stored(unconnected, invoice, "due_on", "notes", "memo", "po_number")
    assert [str(one) for one in kept] == ["2026-06-01", "His", "Late", "A-1"]


def _stored(world: World, row: Any, *names: str) -> list[Any]:
    with world.inside():
        row.refresh_from_db()
    return [getattr(row, name) for name in names]


def test_form_that_comes_back_for_another_reason_writes_nothing_over_either(
    unconnected: World, alice: Visitor, bob: Visitor
) -> None:
    with unconnected.inside():
        customer = factories.customer("Adatum", notes="One\nTwo")
    both_at(f"customers/{customer.pk}/edit/", alice, bob)
    alice.press("Save", {"E-mail": "ap@adatum.example"})
    assert "at most 2 characters" in bob.press("Save", {"Country": "France", "Phone": "555"}).text
    alice.go(f"customers/{customer.pk}/edit/")
    alice.press("Save", {"City": "Lyon"})
    bob.press("Save", {"Country": "FR"})
    kept = _stored(unconnected, customer, "email", "city", "country", "phone", "notes")
    assert kept == ["ap@adatum.example", "Lyon", "FR", "555", "One\nTwo"]


def test_field_that_was_closed_while_its_form_stood_open_is_refused_and_the_rest_saved_once_more(
    unconnected: World, bob: Visitor
) -> None:
    with unconnected.inside():
        invoice = factories.invoice()
    bob.go(f"invoices/{invoice.pk}/edit/")
    with unconnected.inside():
        factories.payment(invoice)
    before = _stored(unconnected, invoice, "due_on", "notes")
    before = _stored(unconnected, invoice, "due_on", "notes")
    page = bob.press("Save", {"Due date": "2026-06-01", "Notes": "His"})
    assert (
        "INV-1001 is paid already. This cannot be changed any more, so Jun 1, 2026 is not saved. "
        "Press the button once more to save the rest."
    ) in page.text
    assert _stored(unconnected, invoice, "due_on", "notes") == before
    bob.press("Save")
    assert _stored(unconnected, invoice, "due_on", "notes") == [before[0], "His"]


def test_form_without_what_it_showed_is_taken_whole(unconnected: World, bob: Visitor) -> None:
    with unconnected.inside():
        customer = factories.customer("Adatum", phone="555", email="ap@adatum.example")
    sent = {"name": "Adatum", "phone": "", "email": "ap@adatum.example", "city": "Lyon"}
    bob.client.handler.enforce_csrf_checks = False
    bob.client.post(f"/o/{unconnected.organization.slug}/customers/{customer.pk}/edit/", sent)
    assert _stored(unconnected, customer, "phone", "email", "city") == ["", sent["email"], "Lyon"]


Made = tuple[Payment, Invoice, Invoice]


@pytest.fixture
def unapplied(unconnected: World) -> Made:
    """A payment of 100.00 and two open invoices over as much."""
    with unconnected.inside():
        payer = factories.customer()
        payment = payments.record(customer=payer, amount=usd(100), allocations={})
        return payment, factories.invoice(payer), factories.invoice(payer)


def _applied(world: World, *invoices: Invoice) -> list[int]:
    return [_stored(world, one, "applied_minor")[0] // 100 for one in invoices]


@pytest.mark.parametrize(
    "typed, refused, stands",
    [
        ((0, 40), "", [60, 40]),
        ((0, 50), "The payment is $100.00, but $110.00 would be applied", [60, 0]),
        ((30, 40), "changed this to 60.00 since you opened this page", [60, 0]),
    ],
)
def test_payment_that_two_people_apply_goes_where_both_said_if_it_is_enough(
    unconnected: World,
    unapplied: Made,
    alice: Visitor,
    bob: Visitor,
    typed: tuple[int, int],
    refused: str,
    stands: list[int],
) -> None:
    payment, *invoices = unapplied
    names = [f"Applied to {one.number}" for one in invoices]
    both_at(f"payments/{payment.pk}/apply/", alice, bob)
    alice.press("Apply", {names[0]: "60"})
    said = {name: str(part) for name, part in zip(names, typed, strict=True) if part}
    page = bob.press("Apply", said)
    assert (refused or "The payment is applied as you said.") in page.text
    assert _applied(unconnected, *invoices) == stands


def _meanwhile(world: World, invoice: Invoice, fate: str) -> None:
    with world.inside():
        if fate == "void":
            invoices.void(invoice=invoice)
        else:
            factories.payment(invoice)


def _open_record(world: World, payment: Payment) -> tuple[str, str]:
    return f"payments/record/?customer={payment.customer_id}&amount=150", "Record payment"


def _open_apply(world: World, payment: Payment) -> tuple[str, str]:
    return f"payments/{payment.pk}/apply/", "Apply"


def _open_credit(world: World, payment: Payment) -> tuple[str, str]:
    with world.inside():
        memo = factories.credit_memo(factories.invoice(payment.customer))
    return f"credit-memos/{memo.pk}/apply/", "Apply"


@pytest.mark.parametrize(
    "fate, said", [("paid", "is paid already."), ("void", "is void, so no payment can be applied")]
)
@pytest.mark.parametrize("page_of", [_open_record, _open_apply, _open_credit])
def test_amount_for_an_invoice_that_was_settled_while_the_page_stood_open_is_refused_by_its_number(
    unconnected: World,
    unapplied: Made,
    bob: Visitor,
    page_of: Callable[[World, Payment], tuple[str, str]],
    fate: str,
    said: str,
) -> None:
    payment, gone, still = unapplied
    path, button = page_of(unconnected, payment)
    bob.go(path)
    _meanwhile(unconnected, gone, fate)
    with unconnected.inside():
        before = Payment.objects.count()
    names = {"gone": f"Applied to {gone.number}", "still": f"Applied to {still.number}"}
    page = bob.press(button, {names["gone"]: "30", names["still"]: "40"})
    assert f"{gone.number} {said}" in page.text
    with unconnected.inside():
        assert Payment.objects.count() == before
    assert _applied(unconnected, still) == [0]
    bob.press(button, {names["gone"]: ""})
    assert _applied(unconnected, still) == [40]


def test_amount_that_somebody_took_off_an_invoice_which_another_payment_paid_is_not_put_back(
    unconnected: World, unapplied: Made, alice: Visitor, bob: Visitor
) -> None:
    payment, gone, still = unapplied
    path = f"payments/{payment.pk}/apply/"
    alice.go(path)
    alice.press("Apply", {f"Applied to {gone.number}": "60"})
    both_at(path, alice, bob)
    alice.press("Apply", {f"Applied to {gone.number}": ""})
    _meanwhile(unconnected, gone, "paid")
    bob.press("Apply", {f"Applied to {still.number}": "40"})
    assert _applied(unconnected, gone, still) == [100, 40]


def test_credit_for_a_line_that_was_credited_while_the_page_stood_open_is_refused_by_its_name(
    unconnected: World, bob: Visitor
) -> None:
    with unconnected.inside():
        lines = [factories.line(description=name) for name in ("Backup", "Cabling")]
        invoice = factories.invoice(lines=lines)
        factories.payment(invoice)
        invoice.refresh_from_db()
    bob.go(f"invoices/{invoice.pk}/credit/")
    with unconnected.inside():
        factories.credit_memo(invoice, "100")
    page = bob.press("Issue credit memo", {"Credit for Cabling": "40"})
    assert "Of “Backup” $0.00 can be credited, so $100.00 cannot." in page.text
    page = bob.press("Issue credit memo", {"Credit for Backup": ""})
    assert "Total $40.00" in page.text


@pytest.mark.parametrize(
    "fate, said",
    [
        ("refunded", "Of this payment $30.00 can be paid back, so $100.00 cannot."),
        ("void", "This payment is void, so nothing of it can be paid back."),
    ],
)
def test_refund_of_more_than_is_left_since_the_page_was_opened_is_refused_with_what_is_left(
    unconnected: World, bob: Visitor, fate: str, said: str
) -> None:
    with unconnected.inside():
        payment = factories.payment(factories.invoice())
    bob.go(f"payments/{payment.pk}/refund/")
    with unconnected.inside():
        if fate == "void":
            payments.void(payment=payment)
        else:
            factories.refund(payment, "70")
    page = bob.press("Record refund", {"Reference": "R-9"})
    assert said in page.text
    form = page.form("Record refund")
    assert form and form.sent(form.button("Record refund"), {})["reference"] == ["R-9"]


def _billed(world: World) -> list[list[str]]:
    with world.inside():
        return [
            [line.description for line in each.lines.all()]
            for each in Invoice.objects.order_by("number")
        ]


@pytest.mark.parametrize(
    "fate, said",
    [
        ("billed", "1 of 2 chosen entries are on an invoice already: “Router” on INV-1001."),
        ("removed", "Some of the chosen work does not exist any more."),
    ],
)
def test_work_that_was_ticked_and_is_billed_or_gone_meanwhile_is_told_and_never_billed_twice(
    unconnected: World, alice: Visitor, bob: Visitor, fate: str, said: str
) -> None:
    with unconnected.inside():
        payer = factories.customer()
        router, _ = (
            factories.time_entry(payer, description=name) for name in ("Router", "Printer")
        )
    both_at(f"invoices/generate/?customer={payer.pk}", alice, bob)
    if fate == "billed":
        alice.press("Generate invoice", {"Printer": False})
    else:
        with unconnected.inside():
            work.remove(entry=router)
    before = _billed(unconnected)
    assert said in bob.press("Generate invoice", {"Notes": "His"}).text
    assert _billed(unconnected) == before
    bob.press("Generate invoice")
    assert _billed(unconnected) == [*before, ["Printer"]]
    with unconnected.inside():
        assert Invoice.objects.latest("number").notes == "His"


LINE = {"lines-0-service": "Backup", "lines-0-unit_price": "5"}
OFFERING = [
    ("invoices/generate/", "Generate invoice", {"Customer": "Adatum", **LINE}),
    ("time/new/", "Log time", {"Customer": "Adatum", "Service": "Backup", "Hours": "1"}),
    ("agreements/new/", "Add agreement", {"Customer": "Adatum", "Name": "Care", **LINE}),
]


@pytest.mark.parametrize(("path", "button", "typed"), OFFERING)
def test_service_that_is_retired_and_customer_that_is_archived_meanwhile_are_told_as_such(
    unconnected: World, bob: Visitor, path: str, button: str, typed: dict[str, str]
) -> None:
    with unconnected.inside():
        payer, sold = factories.customer("Adatum"), factories.service("Backup")
    bob.go(path)
    with unconnected.inside():
        catalogue.update_service(service=sold, active=False)
        customers.archive(customer=payer)
    page = bob.press(button, typed)
    assert "This service is retired; choose another." in page.text
    assert "This customer is archived. Take it back first, or choose another." in page.text
    assert str(sold.pk) not in page.text
    assert "Select a valid choice" not in page.text


def test_time_that_somebody_else_has_removed_is_told_and_nothing_else_goes(
    unconnected: World, alice: Visitor, bob: Visitor
) -> None:
    with unconnected.inside():
        payer = factories.customer("Adatum")
        for hours in ("2", "3"):
            factories.time_entry(payer, hours=hours)
    both_at("time/", alice, bob)
    alice.press("Remove 2 h for Adatum")
    page = bob.press("Remove 2 h for Adatum")
    assert "This time was removed already." in page.text
    assert page.offers("Remove 3 h for Adatum")


def _agreement(world: World) -> tuple[Any, str]:
    row = factories.agreement()
    return row, f"agreements/{row.pk}/edit/"


def _service(world: World) -> tuple[Any, str]:
    row = factories.service("Backup")
    return row, f"catalogue/{row.pk}/"


def _account(world: World) -> tuple[Any, str]:
    row = catalogue.create_ledger_account(code="4100", name="Support")
    return row, f"settings/ledger-accounts/{row.pk}/"


def _numbers(world: World) -> tuple[Any, str]:
    return numbering.sequence(), "settings/invoice-numbers/change/"


def _organization(world: World) -> tuple[Any, str]:
    return world.organization, "settings/edit/"


@pytest.mark.parametrize(
    "make, hers, his",
    [
        (_agreement, ("Name", "Care", "name"), ("Last day", "2029-12-31", "ends_on")),
        (_service, ("Description", "Each night", "description"), ("Name", "Vault", "name")),
        (_account, ("Code", "4200", "code"), ("Name", "Care", "name")),
        (_numbers, ("Prefix", "NW-", "prefix"), ("Next number", "2000", "next_value")),
        (_organization, ("Name", "Northwind", "name"), ("Time zone", "Europe/Oslo", "timezone")),
    ],
)
def test_what_two_people_change_in_different_fields_holds_both(
    unconnected: World,
    alice: Visitor,
    dan: Visitor,
    make: Callable[[World], tuple[Any, str]],
    hers: tuple[str, str, str],
    his: tuple[str, str, str],
) -> None:
    with unconnected.inside():
        row, path = make(unconnected)
    both_at(path, alice, dan)
    for each, (label, typed, _) in ((alice, hers), (dan, his)):
        each.press("Save", {label: typed})
    kept = [str(one) for one in _stored(unconnected, row, hers[2], his[2])]
    assert kept == [hers[1], his[1]]


def test_mail_goes_to_no_address_that_was_not_on_the_page(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    number = sent_invoice(world, alice)
    steps.open_invoice(bob, number)
    bob.follow(BUTTON)
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, **{"E-mail address": "new@adatum.example"})
    page = bob.press(f"E-mail {number}")
    assert f"{alice.person} changed this to “new@adatum.example” {AGAIN}" in page.text
    assert steps.invoice(world, number).email_asked_at is None
    bob.press(f"E-mail {number}")
    world.work()
    assert [address for _, address in mails(world)] == ["ap@adatum.example"]


def test_who_changed_a_field_before_the_form_was_opened_is_not_named(
    unconnected: World, alice: Visitor, bob: Visitor
) -> None:
    with unconnected.inside():
        invoice = factories.invoice()
    alice.go(f"invoices/{invoice.pk}/edit/")
    alice.press("Save", {"Notes": "Hers"})
    unconnected.later(seconds=60)
    bob.go(f"invoices/{invoice.pk}/edit/")
    with unconnected.inside():
        Invoice.objects.filter(pk=invoice.pk).update(notes="")
    assert f"Somebody emptied this {AGAIN}" in bob.press("Save", {"Notes": "His"}).text


def _chosen(world: World) -> dict[str, str]:
    with world.inside():
        rows = Mapping.objects.filter(subject=MappingSubject.SERVICE)
        names = dict(Service.objects.values_list("pk", "name"))
        return {names[UUID(row.local_key)]: row.remote_name for row in rows}


def test_choices_of_the_mapping_that_two_people_make_on_open_pages_hold_both(
    world: World, alice: Visitor, dan: Visitor
) -> None:
    with world.inside():
        for name in ("Backup", "Cabling"):
            factories.service(name)
    hours, sales = "IT services", "Cloud backup"
    new_item(world, sales)
    both_at(MAPPING_PAGE, alice, dan)
    dan.press("Save", {"Item for Backup": hours})
    alice.press("Save", {"Item for Cabling": hours})
    assert _chosen(world) == {"Backup": hours, "Cabling": hours}
    both_at(MAPPING_PAGE, alice, dan)
    dan.press("Save", {"Item for Backup": sales})
    page = alice.press("Save", {"Item for Backup": ""})
    assert f"Dan changed this to {sales} {AGAIN}" in page.text
    assert _chosen(world)["Backup"] == sales
    alice.press("Save")
    assert _chosen(world) == {"Cabling": hours}


def test_rule_that_two_people_change_is_refused_with_who_and_what_until_it_is_saved_once_more(
    world: World, alice: Visitor, dan: Visitor
) -> None:
    both_at("settings/sync-rules/", alice, dan)
    dan.press("Save", {"push_when": "Never"})
    page = alice.press("Save", {"push_when": "nightly", "tax_mode": "mapped"})
    assert f"Dan answered “{RULES['push_when'].question}” with “Never”" in page.text
    with world.inside():
        before = policies_in_force()
    assert (before.push_when, before.tax_mode) == (PushWhen.NEVER, Policies().tax_mode)
    assert "Changed: " in alice.press("Save").text
    with world.inside():
        after = policies_in_force()
    assert (after.push_when, after.tax_mode) == (PushWhen.NIGHTLY, TaxMode.MAPPED)


def test_ways_to_pay_online_that_two_people_switch_on_open_pages_are_both_switched(
    world: World, alice: Visitor, dan: Visitor
) -> None:
    both_at(MAPPING_PAGE, alice, dan)
    dan.press(SAVE, {"Credit card": False})
    alice.press(SAVE, {"Bank transfer (ACH)": False, "Pay Now": "On"})
    with world.inside():
        stands = company_in_use()
    assert stands is not None
    assert (stands.pay_now, stands.pay_by_card, stands.pay_by_bank) == (PayNow.ON, False, False)


def test_K_10_part_paid_while_the_page_stood_open_is_said_before_the_rest_is_marked_paid(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    number = sent_invoice(world, alice)
    invoice = steps.invoice(world, number)
    steps.open_invoice(bob, number)
    bob.follow("Mark paid")
    part, rest = usd("40.00"), invoice.balance - usd("40.00")
    with world.inside():
        payments.record(customer=invoice.customer, amount=part, allocations={invoice.pk: part})
    page = bob.press(f"Record {invoice.balance}")
    assert f"{rest} is open by now, not what this page showed." in page.text
    with world.inside():
        assert [payment.amount for payment in Payment.objects.all()] == [part]
    assert f"{number} is paid." in bob.press(f"Record {rest}").text
    with world.inside():
        assert {payment.amount for payment in Payment.objects.all()} == {part, rest}
