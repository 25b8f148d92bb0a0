"""Rows about payment terms: where QuickBooks decides them, invoices here are due when they are due there."""

from typing import Any

import pytest

from billing.models import Customer, Invoice, Term
from billing.services import customers
from integrations.documents import Kind
from integrations.outbound import wishes
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

RULES_PAGE = "settings/sync-rules/"
THEIR_TERMS = [
    {"Name": "Net 45", "DueDays": 45},
    {"Name": "The 15th", "DayOfMonthDue": 15, "DueNextMonthDays": 10},
    {"Name": "End of month", "DayOfMonthDue": 31, "DueNextMonthDays": 0},
]
# Before and after the day of a month that counts, and ends of months.
DAYS = ("2026-11-03", "2026-11-06", "2026-11-30", "2027-02-28")


def choose(person: Visitor) -> None:
    person.go(RULES_PAGE)
    assert "Changed: " in person.press("Save", {"customer_terms": "Those of QuickBooks"}).text


def customer_with_terms(world: World, number: int, terms: dict[str, Any]) -> Customer:
    """Linked, and the bookkeeper has given it these terms."""
    with world.inside():
        customer = customers.create(name=f"Customer {number}", email=f"c{number}@example.com")
        wishes.send_now(Kind.CUSTOMER, customer.id)
    world.work()
    term = world.bookkeeper("Term", terms)
    theirs = next(one for one in world.held("Customer") if one["DisplayName"] == customer.name)
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    named = {"SalesTermRef": {"value": term["Id"]}}
    world.bookkeeper("Customer", {**keys, "sparse": True, **named})
    return customer


def due_there(world: World, customer: Customer, day: str) -> str:
    """When QuickBooks has an invoice of its own due for this customer."""
    theirs = next(one for one in world.held("Customer") if one["DisplayName"] == customer.name)
    (item, *_) = world.held("Item")
    line = {
        "Amount": 10,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}},
    }
    terms = {"SalesTermRef": theirs["SalesTermRef"]}
    body = {"CustomerRef": {"value": theirs["Id"]}, "TxnDate": day, "Line": [line], **terms}
    return str(world.bookkeeper("Invoice", body)["DueDate"])


def test_X_56_terms_of_the_customer_there_decide_when_invoices_are_due(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie)
    for number, terms in enumerate(THEIR_TERMS):
        customer, elsewhere = (customer_with_terms(each, number, terms) for each in (world, other))
        for each in (world, other):
            each.due_now()
            each.work()
        for day in DAYS:
            assert generated(world, alice, customer, day) == (None, day), "due at once"
            dated = generated(other, charlie, elsewhere, day)
            assert dated == (terms["Name"], due_there(other, elsewhere, day))
    other.work()
    named: dict[tuple[str, str], set[str]] = {}
    for one in other.held("Invoice"):
        key = one["CustomerRef"]["value"], one["TxnDate"]
        named.setdefault(key, set()).add(one["DueDate"])
    assert [len(dates) for dates in named.values()] == [1] * len(DAYS) * len(THEIR_TERMS)


def generated(
    world: World, person: Visitor, customer: Customer, day: str
) -> tuple[str | None, str]:
    """An invoice of this day: its terms, and when it is due."""
    number = steps.generate(person, customer.name, issued_on=day)
    with world.inside():
        invoice = Invoice.objects.select_related("terms").get(number=number)
        return str(invoice.terms) if invoice.terms else None, str(invoice.due_on)


def test_X_56_another_rule_of_the_terms_there_holds_for_what_is_generated_from_then_on(
    world: World, alice: Visitor
) -> None:
    choose(alice)
    customer = customer_with_terms(world, 1, THEIR_TERMS[0])
    world.due_now()
    world.work()
    (term,) = [one for one in world.held("Term") if one["Name"] == "Net 45"]
    world.bookkeeper("Term", {**term, "DueDays": 50})
    world.due_now()
    world.work()
    steps.generate(alice, customer.name, issued_on="2026-11-03")
    with world.inside():
        assert str(Invoice.objects.get().due_on) == "2026-12-23"
    page = alice.go("settings/terms/")
    assert "due after 50 days" in page.text


def test_X_56_terms_chosen_on_the_mapping_page_stand_for_theirs(
    world: World, alice: Visitor
) -> None:
    choose(alice)
    with world.inside():
        ours = factories.term("Our forty-five", 10)
    world.bookkeeper("Term", {"Name": "Unused", "DueDays": 3})
    term = world.bookkeeper("Term", THEIR_TERMS[0])
    world.due_now()
    world.work()
    alice.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    alice.press("Save", {"Terms for Our forty-five": "Net 45"})
    customer = world.linked_customer()
    (theirs,) = world.held("Customer")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    named = {"SalesTermRef": {"value": term["Id"]}}
    world.bookkeeper("Customer", {**keys, "sparse": True, **named})
    world.due_now()
    world.work()
    assert world.fresh(customer).terms_id == ours.pk
    assert world.fresh(ours).due_days == 45


def test_X_56_two_terms_there_are_two_here_though_one_name_would_do_for_both(
    world: World, alice: Visitor
) -> None:
    with world.inside():
        ours = factories.term("Net 28", 28)
    chosen = customer_with_terms(world, 1, {"Name": "Month", "DueDays": 32})
    named = customer_with_terms(world, 2, {"Name": "Net 28", "DueDays": 28})
    world.due_now()
    world.work()
    alice.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    alice.press("Save", {"Terms for Net 28": "Month"})
    choose(alice)
    (theirs,) = [one["Id"] for one in world.held("Term") if one["Name"] == "Net 28"]
    for _ in range(2):
        with world.inside():
            rules = list(Term.objects.order_by("name").values_list("name", "due_days"))
        assert rules == [("Net 28", 32), (f"Net 28 ({theirs})", 28)]
        assert world.fresh(chosen).terms_id == ours.pk
        world.due_now()
        world.work()
    (day, *_) = DAYS
    for customer in (chosen, named):
        number = steps.generate(alice, customer.name, issued_on=day)
        with world.inside():
            due = str(Invoice.objects.get(number=number).due_on)
        assert due == due_there(world, customer, day)
