"""Rows about days: how far back a look reads, since when payments are synced. Two tenants that differ only in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F

from billing.models import CreditMemo, Invoice, Payment
from integrations.models import Connection
from tests import factories
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

RULES_PAGE = "settings/sync-rules/"


def choose(person: Visitor, **rules: str) -> None:
    person.go(RULES_PAGE)
    assert "Changed: " in person.press("Save", rules).text


@contextmanager
def days_ago(world: World, days: float) -> Iterator[None]:
    """What is done in QuickBooks was done so many days ago."""
    seconds = timedelta(days=days).total_seconds()
    world.control("POST", "clock", {"advance": -seconds})
    yield
    world.control("POST", "clock", {"advance": seconds})


def credit_memo_there(world: World, customer: str) -> None:
    (item, *_) = world.held("Item")
    line = {
        "Amount": 10,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}},
    }
    world.bookkeeper("CreditMemo", {"CustomerRef": {"value": customer}, "Line": [line]})


def first_look_of_the_day(world: World) -> None:
    """A day has passed since the last look."""
    with world.inside():
        Connection.objects.update(changes_since=F("changes_since") - timedelta(days=1))
    world.later(minutes=24 * 60)
    world.forget_calls()
    world.work()


def credit_memos(world: World) -> int:
    with world.inside():
        return CreditMemo.objects.count()


@pytest.mark.parametrize(
    ("choice", "reaches", "misses"),
    [
        ("last_look", 0, 1.5),
        ("1_day", 0.9, 2),
        ("3_days", 2.9, 4),
        ("7_days", 6.9, 8),
        ("28_days", 27.9, 29.5),
    ],
)
def test_X_54_first_look_of_a_day_reads_as_many_days_back_as_was_chosen(
    world: World,
    alice: Visitor,
    other: World,
    charlie: Visitor,
    choice: str,
    reaches: float,
    misses: float,
) -> None:
    choose(charlie, look_back=choice)
    for each in (world, other):
        address = {"Address": "ap@adatum.example"}
        theirs = each.bookkeeper("Customer", {"DisplayName": "Adatum", "PrimaryEmailAddr": address})
        made = [days for days in (reaches, misses) if days]
        for days in made:
            with days_ago(each, days):
                credit_memo_there(each, theirs["Id"])
        each.due_now()
        each.work()
        assert credit_memos(each) == 0, "its customer is nobody here"
        each.linked_customer()
        first_look_of_the_day(each)
        assert [one["metered"] for one in each.journal()] == [True], "one call, however far back"
    wanted = len([days for days in made if days < 14])
    assert credit_memos(world) == wanted, "two weeks, where nobody has chosen"
    assert credit_memos(other) == (1 if reaches else 0)
    due = other.due_in()
    first = credit_memos(other)
    other.due_now()
    other.forget_calls()
    other.work()
    assert credit_memos(other) == first
    assert due > timedelta(minutes=1)


def paid_here_and_there(world: World, person: Visitor) -> None:
    """Each of two invoices is paid in February: one here, one in QuickBooks."""
    customer = world.linked_customer()
    days: dict[str, Any] = {"issued_on": factories.TODAY.replace(month=1, day=2)}
    ours, theirs = world.invoice(customer, **days), world.invoice(customer, **days)
    world.work()
    with world.inside():
        factories.payment(ours, "100", received_on=factories.TODAY.replace(month=2, day=10))
    world.pays(theirs, "100", TxnDate=f"{factories.TODAY.year}-02-10")
    world.due_now()
    world.work()
    world.work()


def test_X_59_older_payments_stay_where_they_are(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    year = factories.TODAY.year
    choose(charlie, payments_since=f"{year}-02-11")
    for each, person in ((world, alice), (other, charlie)):
        paid_here_and_there(each, person)
    assert [len(each.held("Payment")) for each in (world, other)] == [2, 1]
    for each, count in ((world, 2), (other, 1)):
        with each.inside():
            assert Payment.objects.count() == count
    with other.inside():
        (payment,) = Payment.objects.all()
    page = charlie.go(f"payments/{payment.pk}/")
    assert f"the sync rules sync payments since Feb 11, {year}" in page.region("QuickBooks")
    assert "Nothing needs you" in charlie.go("exceptions/").text
    choose(charlie, payments_since=f"{year}-02-10")
    other.work()
    assert len(other.held("Payment")) == 2, "the day itself counts"
    choose(charlie, payments_since="")
    first_look_of_the_day(other)
    with other.inside():
        assert sorted(Invoice.objects.values_list("status", flat=True)) == ["PAID", "PAID"]


def test_X_59_day_travels_in_the_file_and_one_that_is_none_is_refused_with_its_line(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(alice, payments_since="2026-02-11", look_back="7_days")
    text = alice.client.get(f"/o/{alice.organization.slug}/settings/sync-rules/file/").content
    assert b'"payments_since": "2026-02-11"' in text
    take_file(charlie, text)
    page = charlie.go(RULES_PAGE)
    (field,) = [one for one in page.tree.all("input") if one["name"] == "payments_since"]
    assert field["value"] == "2026-02-11"
    wrong = text.replace(b'"2026-02-11"', b'"2026-02-31"')
    number = next(
        place for place, line in enumerate(wrong.splitlines(), 1) if b"payments_since" in line
    )
    assert f"Line {number}: “payments_since” cannot be “2026-02-31”" in take_file(charlie, wrong)


def take_file(person: Visitor, content: bytes) -> str:
    """What the page says after this file was brought in."""
    person.go(RULES_PAGE)
    form = person.page.form("Bring in")
    assert form is not None
    token = next(
        one["value"] for one in form.element.all("input") if one["name"] == "csrfmiddlewaretoken"
    )
    file = SimpleUploadedFile("rules.json", content)
    answer = person.client.post(
        form.element["action"], {"file": file, "csrfmiddlewaretoken": token}, follow=True
    )
    return answer.content.decode()
