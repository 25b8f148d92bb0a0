"""Rows about the call ledger: what was asked of QuickBooks, what it cost, and Intuit's reference for each call."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F

from billing.models import Customer
from integrations import journal
from integrations.calls_of_month import Month
from integrations.models import Connection, ReadBudget
from integrations.outbound import batch_choice
from integrations.ports import CallRecord
from regentra import clock
from tenants.models import Role
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


@pytest.fixture
def real_books(unconnected: World) -> World:
    """A company whose calls Intuit counts."""
    unconnected.connect(custom_numbers=True, environment="production")
    unconnected.work()
    unconnected.linked_customer()
    return unconnected


def file_of(person: Visitor, query: str = "") -> list[dict[str, str]]:
    text = person.go(f"calls/?format=csv{query}").html
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_N_01_X_14_X_41_page_lists_every_call_with_lane_meter_and_intuits_reference(
    real_books: World, bob: Visitor
) -> None:
    number = steps.generate(bob)
    real_books.work()
    page = bob.follow("Calls")
    calls = real_books.journal()
    assert all(call["intuit_tid"] in page.text for call in calls)
    row = page.row(f"Invoice {number}")
    assert "One by one" in row and "Went well" in row and "Free" in row
    assert calls[-1]["intuit_tid"] in row
    assert "Invoice One by one 1 1 0 0" in page.region(f"{clock.now():%B %Y}")
    metered = sum(call["metered"] for call in calls)
    assert f"{metered} metered calls of the 500,000" in page.text


def test_X_14_call_is_found_by_the_reference_that_intuits_support_asks_for(
    real_books: World, bob: Visitor
) -> None:
    number = steps.generate(bob)
    real_books.work()
    reference = real_books.journal()[-1]["intuit_tid"]
    page = bob.go(f"calls/?q={reference}")
    assert f"Invoice {number}" in page.region_of("Calls")
    assert "1–1 of 1 calls" in page.text
    assert "1–1 of 1 calls" in bob.go(f"calls/?q={number}").text


def test_X_14_refused_call_is_shown_as_failed_with_its_reference(
    real_books: World, bob: Visitor
) -> None:
    real_books.trouble("fault", code="6000", entity="Invoice")
    number = steps.generate(bob)
    real_books.work()
    said = re.search(r"Reference for Intuit: (\S+)", bob.again().region("QuickBooks"))
    assert said is not None
    row = bob.go("calls/?outcome=failed").row(f"Invoice {number}")
    assert "Failed" in row and "6000" in row and said[1] in row
    assert "The other side refused this document; it stays here until it is changed. (6000)" in row


def test_X_41_calls_are_a_file_in_which_nothing_runs(real_books: World, bob: Visitor) -> None:
    with real_books.inside():
        Connection.objects.update(company_name="=2+3")
    number = steps.generate(bob)
    real_books.work()
    rows = file_of(bob)
    assert {row["Company"] for row in rows} == {"'=2+3"}
    assert f"Invoice {number}" in {row["Document"] for row in rows}
    assert {row["How"] for row in rows} == {"One by one", "Reading"}
    sent = {call["intuit_tid"] for call in real_books.journal()}
    assert {row["intuit_tid"] for row in rows} == sent


def test_X_41_month_is_chosen_and_the_forecast_is_of_the_present_one_only(
    real_books: World, bob: Visitor
) -> None:
    before = clock.now().replace(day=1, hour=12) - timedelta(days=1)
    query = CallRecord("GET", "/v3/company/1/cdc", 200, True, before, 40, "1-of-last-month", "ok")
    with real_books.inside():
        journal.store(real_books.connection, [query])
    present = bob.go("calls/")
    assert "at the end of the month" in present.text
    former = bob.go(f"calls/?month={before:%Y-%m}")
    assert "1 metered call of the 500,000" in former.text
    assert "at the end of the month" not in former.text
    assert "1–1 of 1 calls" in former.text
    assert query.reference in former.text and query.reference not in present.text


def test_month_that_never_was_is_an_error_beside_the_field(real_books: World, bob: Visitor) -> None:
    page = bob.go("calls/?month=1999-13")
    assert f"{clock.now():%B %Y}" in page.text


def test_N_01_document_that_travelled_with_others_shows_its_share_of_the_batch(
    real_books: World, alice: Visitor
) -> None:
    with real_books.inside():
        customer = Customer.objects.get()
    made = [real_books.invoice(customer) for _ in range(30)]
    real_books.forget_calls()
    with real_books.inside():
        batch_choice.catch_up(real_books.connection, actor=real_books.owner)
    real_books.work()
    assert len(real_books.journal()) == 1
    shown = steps.open_invoice(alice, made[-1].number)
    assert "Cost 1/30 of a metered batch" in shown.region("QuickBooks")
    assert "Several documents Batch 1 30 1 0" in alice.go("calls/").text


def test_calls_of_another_organization_are_nowhere(real_books: World) -> None:
    elsewhere = factories.organization("elsewhere", features=["quickbooks"])
    charlie = Visitor(elsewhere, factories.member(elsewhere, "charlie@example.com", Role.OWNER))
    page = charlie.go("calls/")
    assert "No calls this month" in page.text
    assert file_of(charlie) == []
    assert not any(call["intuit_tid"] in page.text for call in real_books.journal())


def test_months_go_from_the_first_call_to_now() -> None:
    december = Month(datetime(2025, 12, 1, tzinfo=UTC))
    assert (december.key, december.name, december.next.key) == (
        "2025-12",
        "December 2025",
        "2026-01",
    )


def refused_for_minutes(world: World) -> None:
    """Every read is answered with 429, longer than a throttle lasts."""
    world.trouble("throttled", path="/cdc", times=None)
    for _ in range(2):
        world.later(minutes=60)
        world.work()
        ReadBudget.objects.update(refused_since=F("refused_since") - timedelta(minutes=11))


def test_X_84_month_without_reads_is_said_and_documents_still_go_out(
    real_books: World, bob: Visitor
) -> None:
    said = "metered calls to QuickBooks are used up"
    assert said not in bob.go(steps.QUICKBOOKS_PAGE).text
    refused_for_minutes(real_books)
    real_books.later(minutes=60)
    real_books.forget_calls()
    number = steps.generate(bob)
    real_books.work()
    assert said in bob.go(steps.QUICKBOOKS_PAGE).text
    assert [call["metered"] for call in real_books.journal()] == [False]
    assert [one["DocNumber"] for one in real_books.held("Invoice")] == [number]
    real_books.calm()
    ReadBudget.objects.update(writes_only_until=clock.now())
    real_books.later(minutes=90)
    real_books.work()
    assert said not in bob.again().text
