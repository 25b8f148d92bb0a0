"""Rows about customers of theirs that are parts of another one, and about who pays for them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Customer, Invoice, Payment
from integrations.checkup import check_up
from integrations.inbound import pages
from integrations.models import ImportRun, MirrorEntry
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_import_rows import (
    bring_in,
    changed_there,
    choose,
    held_here,
    held_there,
    look,
    their_customer,
    their_invoice,
    their_line,
)
from tests.integrations.inbound.test_vanished_customers import merge
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

Bill = dict[str, Any]


@pytest.fixture(autouse=True)
def sending_goes_on(world: World) -> Iterator[None]:
    yield
    check_up(world.organization.id)
    assert world.connection.stopped_for == ""


def jobs_of_adatum(world: World) -> tuple[str, str, str]:
    adatum = their_customer(world, "Adatum")
    below = {"Job": True, "ParentRef": {"value": adatum}, "BillWithParent": True}
    return adatum, their_customer(world, "East", **below), their_customer(world, "West", **below)


def on(amount: int, document: Bill, kind: str = "Invoice") -> Bill:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": document["Id"], "TxnType": kind}]}


def paid_there(world: World, payer: str, total: int, *lines: Bill) -> Bill:
    body = {"CustomerRef": {"value": payer}, "TotalAmt": total, "Line": list(lines)}
    made: Bill = world.bookkeeper("Payment", body)
    return made


def the_payment(world: World) -> tuple[str, Decimal, Decimal]:
    """Whose it is, what came in, and what of it is not applied."""
    with world.inside():
        payment = Payment.objects.select_related("customer").get()
        return payment.customer.name, payment.amount.amount, payment.unapplied.amount


def is_quiet(person: Visitor) -> bool:
    return "Nothing needs you" in person.go("exceptions/").text


def test_X_10_whole_pays_for_two_of_its_parts_at_once(world: World, alice: Visitor) -> None:
    adatum, east, west = jobs_of_adatum(world)
    bills = [their_invoice(world, who, "100", f"J-{who}") for who in (east, west)]
    paid_there(world, adatum, 200, *(on(100, bill) for bill in bills))
    bring_in(world, alice)
    assert held_here(world) == held_there(world)
    assert the_payment(world) == ("Adatum", 200, 0)
    assert is_quiet(alice)
    with world.inside():
        pages = {one.name: one.pk for one in Customer.objects.all()}
    for name in ("Adatum", "East", "West"):
        text = alice.go(f"customers/{pages[name]}/").region("Payments")
        assert "$200.00" in text
        assert ("from Adatum" in text) == (name != "Adatum")
        assert "$200.00" in alice.go(f"payments/?customer={pages[name]}").text
    with world.inside():
        payment = Payment.objects.get()
    assert "East" in alice.go(f"payments/{payment.pk}/").region("Applied to")


def test_X_10_payment_of_the_whole_follows_to_a_second_part_and_is_taken_back_there(
    world: World, alice: Visitor
) -> None:
    adatum, east, west = jobs_of_adatum(world)
    bills = [their_invoice(world, who, "100", f"J-{who}") for who in (east, west)]
    bring_in(world, alice)
    paid = paid_there(world, adatum, 200, on(100, bills[0]))
    look(world)
    assert the_payment(world) == ("Adatum", 200, 100)
    whose = {"CustomerRef": {"value": adatum}, "TotalAmt": 200}
    both = [on(100, bill) for bill in bills]
    changed_there(world, "Payment", paid["Id"], Line=both, **whose)
    assert held_here(world) == held_there(world)
    assert the_payment(world) == ("Adatum", 200, 0)
    changed_there(world, "Payment", paid["Id"], Line=[on(30, bills[1])], **whose)
    assert held_here(world) == held_there(world)
    assert the_payment(world) == ("Adatum", 200, 170)
    assert is_quiet(alice)


def test_X_10_what_the_whole_paid_for_its_parts_is_applied_otherwise_and_voided_here(
    world: World, alice: Visitor
) -> None:
    adatum, _, west = jobs_of_adatum(world)
    bills = [their_invoice(world, who, "100", f"J-{who}") for who in (adatum, west)]
    paid_there(world, adatum, 250, *(on(100, bill) for bill in bills))
    bring_in(world, alice)
    assert the_payment(world) == ("Adatum", 250, 50)
    with world.inside():
        payment = Payment.objects.get()
    alice.go(f"payments/{payment.pk}/apply/")
    alice.press("Apply", {f"Applied to J-{west}": "40"})
    world.work()
    assert held_here(world) == held_there(world)
    (held,) = world.held("Payment")
    assert (held["CustomerRef"]["value"], held["UnappliedAmt"]) == (adatum, 110)
    alice.go(f"payments/{payment.pk}/void/")
    alice.press("Void the payment")
    world.work()
    assert held_here(world)["Invoice"] == held_there(world)["Invoice"]
    assert is_quiet(alice)


def test_X_10_payment_that_is_given_to_a_part_and_back_to_the_whole_there_follows(
    world: World, alice: Visitor
) -> None:
    adatum, east, west = jobs_of_adatum(world)
    bills = [their_invoice(world, who, "100", f"J-{who}") for who in (east, west)]
    paid = paid_there(world, adatum, 200, *(on(100, bill) for bill in bills))
    bring_in(world, alice)
    to_east = {"CustomerRef": {"value": east}, "TotalAmt": 200, "Line": [on(100, bills[0])]}
    changed_there(world, "Payment", paid["Id"], **to_east)
    assert held_here(world) == held_there(world)
    back = {"CustomerRef": {"value": adatum}, "TotalAmt": 200}
    both = [on(100, bill) for bill in bills]
    changed_there(world, "Payment", paid["Id"], Line=both, **back)
    assert held_here(world) == held_there(world)
    changed_there(world, "Payment", paid["Id"], "delete")
    assert held_here(world)["Invoice"] == held_there(world)["Invoice"]
    assert is_quiet(alice)


def test_X_10_payment_of_the_whole_that_both_sides_apply_otherwise_is_asked_about_and_taken(
    world: World, alice: Visitor
) -> None:
    adatum, east, west = jobs_of_adatum(world)
    bills = [their_invoice(world, who, "100", f"J-{who}") for who in (east, west)]
    bring_in(world, alice)
    paid = paid_there(world, adatum, 200, on(100, bills[0]))
    look(world)
    with world.inside():
        payment = Payment.objects.get()
    alice.go(f"payments/{payment.pk}/apply/")
    alice.press("Apply", {f"Applied to J-{east}": "40"})
    whose = {"CustomerRef": {"value": adatum}, "TotalAmt": 200}
    both = [on(100, bill) for bill in bills]
    changed_there(world, "Payment", paid["Id"], Line=both, **whose)
    alice.go(f"payments/{payment.pk}/")
    alice.press("Take theirs")
    world.work()
    assert held_here(world) == held_there(world)
    assert is_quiet(alice)


def used_for_east(world: World, person: Visitor, *, adatums: bool) -> None:
    """Credit of Adatum's or of East's own, which Adatum uses for East's invoice."""
    adatum, east, _ = jobs_of_adatum(world)
    bill = their_invoice(world, east, "100", "J-1")
    whose = {"CustomerRef": {"value": adatum if adatums else east}}
    credit = {**whose, "DocNumber": "C-1", "TxnDate": "2026-03-02"}
    memo = world.bookkeeper("CreditMemo", {**credit, "Line": [their_line(world, "60")]})
    paid_there(world, adatum, 0, on(60, bill), on(60, memo, "CreditMemo"))
    bring_in(world, person)
    assert held_here(world) == held_there(world)
    assert held_here(world)["Invoice"] == {bill["Id"]: 40}
    assert is_quiet(person)


def test_X_10_credit_of_the_whole_is_used_for_its_part(world: World, alice: Visitor) -> None:
    used_for_east(world, alice, adatums=True)


def test_X_10_credit_of_a_part_is_used_for_it_by_the_whole(world: World, alice: Visitor) -> None:
    used_for_east(world, alice, adatums=False)


def test_X_10_payment_for_a_part_that_is_filed_elsewhere_since_stays(
    world: World, alice: Visitor
) -> None:
    adatum, east, _ = jobs_of_adatum(world)
    bill = their_invoice(world, east, "100", "J-1")
    paid_there(world, adatum, 100, on(100, bill))
    bring_in(world, alice)
    alone = {"Job": False, "ParentRef": None, "DisplayName": "East", "BillWithParent": False}
    changed_there(world, "Customer", east, sparse=False, **alone)
    with world.inside():
        assert not MirrorEntry.objects.get(kind="customer", remote_id=east).detail.get("parent")
    assert held_here(world) == held_there(world)
    assert the_payment(world) == ("Adatum", 100, 0)


def adatum_is_merged_into_zed(world: World, person: Visitor, adatum: str) -> None:
    """Nobody tells of it, so staff are asked who Adatum is now."""
    zed = their_customer(world, "Zed")
    look(world)
    merge(world, adatum, zed)
    for _ in range(2):
        look(world)
        world.work()
    steps.open_customer(person)
    person.follow("Link to an existing customer")
    person.press("Link", {"Select Existing": "Zed"})
    look(world)


def test_X_10_payment_of_a_whole_that_is_merged_there_stays_the_one_payment_it_is(
    world: World, alice: Visitor
) -> None:
    adatum, east, _ = jobs_of_adatum(world)
    bill = their_invoice(world, east, "100", "J-1")
    paid = paid_there(world, adatum, 150, on(100, bill))
    bring_in(world, alice)
    adatum_is_merged_into_zed(world, alice, adatum)
    assert the_payment(world) == ("Adatum", 150, 50)
    changed_there(world, "Payment", paid["Id"], Line=[on(30, bill)], TotalAmt=150)
    assert held_here(world) == held_there(world)
    assert the_payment(world) == ("Adatum", 150, 120)
    assert is_quiet(alice)


def test_X_10_payment_of_a_whole_that_is_merged_there_keeps_what_was_paid_back_of_it(
    world: World, alice: Visitor
) -> None:
    adatum, east, _ = jobs_of_adatum(world)
    bill = their_invoice(world, east, "100", "J-1")
    paid_there(world, adatum, 150, on(100, bill))
    bring_in(world, alice)
    with world.inside():
        payment = Payment.objects.get()
    alice.go(f"payments/{payment.pk}/refund/")
    alice.press("Record refund", {"Amount in USD": "20"})
    world.work()
    adatum_is_merged_into_zed(world, alice, adatum)
    assert the_payment(world) == ("Adatum", 150, 30)
    assert held_here(world)["Invoice"] == held_there(world)["Invoice"]
    assert is_quiet(alice)


def test_X_10_payment_over_credit_of_a_whole_that_is_merged_there_stays(
    world: World, alice: Visitor
) -> None:
    adatum, east, _ = jobs_of_adatum(world)
    bill = their_invoice(world, east, "100", "J-1")
    credit = {"CustomerRef": {"value": adatum}, "DocNumber": "C-1", "TxnDate": "2026-03-02"}
    memo = world.bookkeeper("CreditMemo", {**credit, "Line": [their_line(world, "60")]})
    paid_there(world, adatum, 0, on(60, bill), on(60, memo, "CreditMemo"))
    bring_in(world, alice)
    adatum_is_merged_into_zed(world, alice, adatum)
    assert the_payment(world) == ("Adatum", 0, 0)
    assert held_here(world)["Invoice"] == {bill["Id"]: 40}
    assert is_quiet(alice)


def test_X_10_whole_that_is_not_here_pays_for_its_parts(world: World, alice: Visitor) -> None:
    """The payment is a part's here, and stays with whoever paid over there."""
    adatum = their_customer(world, "Adatum")
    for name in ("East", "West"):
        email = f"{name.lower()}@adatum.example"
        below = {"Job": True, "ParentRef": {"value": adatum}, "BillWithParent": True}
        their_customer(world, name, **below, PrimaryEmailAddr={"Address": email})
        look(world)
        alice.go("customers/new/")
        alice.press("Add customer", {"Company name": name, "E-mail": email})
        steps.generate(alice, name)
        look(world)
    paid_there(world, adatum, 200, *(on(100, bill) for bill in world.held("Invoice")))
    look(world)
    assert held_here(world) == held_there(world)
    with world.inside():
        payment = Payment.objects.select_related("customer").get()
        (invoice, _) = Invoice.objects.order_by("number")
    assert payment.customer.name in ("East", "West")
    alice.go(f"payments/{payment.pk}/apply/")
    alice.press("Apply", {f"Applied to {invoice.number}": "40"})
    world.work()
    assert held_here(world) == held_there(world)
    (held,) = world.held("Payment")
    assert (held["CustomerRef"]["value"], held["UnappliedAmt"]) == (adatum, 60)
    assert is_quiet(alice)


def test_X_10_X_33_customers_come_in_below_the_one_that_they_are_a_part_of(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LENGTH", 2)
    floor = their_customer(world, "Floor")
    _, east, _ = jobs_of_adatum(world)
    place = {"Job": True, "ParentRef": {"value": east}}
    (theirs,) = [one for one in world.held("Customer") if one["Id"] == floor]
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Customer", {**keys, "sparse": True, **place})
    bring_in(world, alice)
    assert above_each(world) == {"Adatum": "", "East": "Adatum", "West": "Adatum", "Floor": "East"}
    with world.inside():
        assert ImportRun.objects.get().brought["customer"] == 4
    assert is_quiet(alice)


def parts_whose_whole_is_asked_about(world: World, alice: Visitor) -> None:
    with world.inside():
        factories.customer("Adatum", email="books@adatum.example")
    jobs_of_adatum(world)
    bring_in(world, alice)
    assert above_each(world) == {"Adatum": "", "East": "", "West": ""}


def above_each(world: World) -> dict[str, str]:
    with world.inside():
        customers = list(Customer.objects.select_related("parent"))
    return {one.name: one.parent.name if one.parent else "" for one in customers}


def the_whole_is_answered(world: World, alice: Visitor) -> None:
    steps.open_customer(alice, "Adatum")
    alice.press("Use this customer", {"customer": "Adatum"})
    world.work()
    look(world)


def test_X_10_parts_whose_whole_was_asked_about_are_below_it_once_that_is_answered(
    world: World, alice: Visitor
) -> None:
    parts_whose_whole_is_asked_about(world, alice)
    the_whole_is_answered(world, alice)
    assert above_each(world) == {"Adatum": "", "East": "Adatum", "West": "Adatum"}
    steps.open_customer(alice, "East")
    alice.follow("Edit")
    alice.press("Save", {"Part of": ""})
    look(world)
    assert above_each(world) == {"Adatum": "", "East": "", "West": "Adatum"}
    assert is_quiet(alice)


@pytest.mark.parametrize(("part", "above"), [("East", "West"), ("Adatum", "East")])
def test_X_10_part_that_staff_file_otherwise_before_its_whole_is_known_stays_so(
    world: World, alice: Visitor, part: str, above: str
) -> None:
    parts_whose_whole_is_asked_about(world, alice)
    steps.open_customer(alice, part)
    alice.follow("Edit")
    alice.press("Save", {"Part of": above})
    world.work()
    the_whole_is_answered(world, alice)
    filed = {"Adatum": "", "East": "", "West": "Adatum"} | {part: above}
    assert above_each(world) == filed
    assert is_quiet(alice)


def test_X_10_part_that_is_moved_there_before_its_whole_is_known_is_below_the_one_it_is_a_part_of_now(
    world: World, alice: Visitor
) -> None:
    parts_whose_whole_is_asked_about(world, alice)
    east, west = (one for one in world.held("Customer") if one["DisplayName"] != "Adatum")
    changed_there(world, "Customer", east["Id"], ParentRef={"value": west["Id"]}, Job=True)
    look(world)
    assert above_each(world) == {"Adatum": "", "East": "West", "West": ""}


def test_X_10_A_01_part_that_comes_in_with_its_invoice_brings_the_whole_along(
    world: World, alice: Visitor
) -> None:
    choose(alice, invoices_made_there="bring_in")
    _, east, _ = jobs_of_adatum(world)
    their_invoice(world, east, "100")
    look(world)
    assert above_each(world) == {"Adatum": "", "East": "Adatum"}
