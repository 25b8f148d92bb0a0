"""Every code of QuickBooks' catalogue, met by an invoice: where it ends, what a bookkeeper reads, what happens next.

The codes and what they mean are `integrations/quickbooks_online/fault_table.py`; here they come over the wire.
"""

import pytest

from billing.models import Customer, Invoice
from integrations.errors import Locked, OutcomeUnknown, Refused, SyncError, Temporary, Waiting
from integrations.job_states import JobState
from integrations.models import Intent
from integrations.quickbooks_online.fault_table import ROWS, Row
from sandbox.quickbooks.faults import MESSAGES
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

# A day and more: whatever would be tried again by itself has been by then.
LONG = 60 * 26


def of_creates(becomes: type[SyncError]) -> list[Row]:
    """The codes of the service that mean this for a new invoice; what the gateway says is met in other tests."""
    return [row for row in ROWS if row.becomes is becomes and row.code in MESSAGES]


def meets(world: World, code: str, **rule: object) -> Invoice:
    """A new invoice whose first writing is answered with this code."""
    invoice = world.invoice(customer_of(world))
    world.trouble("fault", code=code, entity="Invoice", method="POST", **rule)
    world.work()
    world.calm()
    return invoice


def customer_of(world: World) -> Customer:
    with world.inside():
        return Customer.objects.get()


def numbers_there(world: World) -> list[str]:
    return [one["DocNumber"] for one in world.held("Invoice")]


@pytest.fixture
def world_with_customer(world: World) -> World:
    world.linked_customer()
    return world


def test_each_refusal_stays_with_its_reason_and_is_sent_only_when_asked_for(
    world_with_customer: World, alice: Visitor
) -> None:
    world, refused = world_with_customer, {}
    for row in [*of_creates(Refused), *of_creates(Locked)]:
        refused[row] = meets(world, row.code)
        assert world.job(refused[row]).state == JobState.ERRORED, row
    world.forget_calls()
    world.later(minutes=LONG)
    world.work()
    assert [call for call in world.journal() if call["method"] == "POST"] == []
    assert numbers_there(world) == []
    for row, invoice in refused.items():
        panel = alice.go(f"invoices/{invoice.pk}/").region("QuickBooks")
        assert row.sentence in panel, row
        assert row.hint in panel, row
        assert "QuickBooks says:" in panel, row
        alice.press("Try again")
    world.work()
    assert sorted(numbers_there(world)) == sorted(one.number for one in refused.values())
    assert {world.job(one).state for one in refused.values()} == {JobState.SYNCED}


def test_each_trouble_of_theirs_passes_and_the_invoice_goes_by_itself(
    world_with_customer: World, alice: Visitor
) -> None:
    world = world_with_customer
    for row in of_creates(Temporary):
        invoice = meets(world, row.code)
        assert world.job(invoice).state == JobState.PENDING, row
        assert row.sentence in alice.go(f"invoices/{invoice.pk}/").region("QuickBooks"), row
        world.later(minutes=LONG)
        world.work()
        assert world.job(invoice).state == JobState.SYNCED, row
        assert numbers_there(world).count(invoice.number) == 1, row


def test_each_unknown_outcome_is_looked_up_before_anything_goes_again(
    world_with_customer: World,
) -> None:
    world = world_with_customer
    for row in of_creates(OutcomeUnknown):
        invoice = meets(world, row.code)
        assert world.job(invoice).state == JobState.PENDING, row
        assert numbers_there(world).count(invoice.number) == 0
        world.later(minutes=LONG)
        world.work()
        assert world.job(invoice).state == JobState.SYNCED, row
        assert numbers_there(world).count(invoice.number) == 1, row


@pytest.fixture
def fails_always(world_with_customer: World) -> tuple[World, Invoice]:
    """An invoice that QuickBooks fails on whenever it is sent."""
    world = world_with_customer
    invoice = world.invoice(customer_of(world))
    world.trouble("fault", code="10000", entity="Invoice", method="POST", times=None)
    world.work()
    return world, invoice


def writes(world: World, invoice: Invoice) -> list[int]:
    """Our writes of it, and how often each went out again."""
    with world.inside():
        rows = Intent.objects.filter(local_id=invoice.pk).order_by("created_at")
        return list(rows.values_list("sends", flat=True))


def goes_on(world: World, times: int) -> None:
    for _ in range(times):
        world.later(minutes=61)
        world.work()


def test_what_they_fail_on_whenever_it_is_sent_is_given_up_and_said(
    fails_always: tuple[World, Invoice], alice: Visitor
) -> None:
    world, invoice = fails_always
    goes_on(world, 12)
    assert world.job(invoice).reason_code == "NeverArrives"
    assert "fails whenever it is sent" in alice.go(f"invoices/{invoice.pk}/").region("QuickBooks")
    assert writes(world, invoice) == [8]
    world.calm()
    alice.press("Try again")
    world.work()
    assert world.job(invoice).state == JobState.SYNCED
    assert numbers_there(world) == [invoice.number]


def test_what_they_fail_on_gives_way_to_a_change_of_the_document(
    fails_always: tuple[World, Invoice], alice: Visitor
) -> None:
    world, invoice = fails_always
    goes_on(world, 2)
    alice.go(f"invoices/{invoice.pk}/")
    alice.follow("Edit notes and due date")
    alice.press("Save", {"Notes": "Shorter"})
    world.calm()
    goes_on(world, 1)
    assert writes(world, invoice) == [2, 0]
    assert world.job(invoice).state == JobState.SYNCED
    (held,) = world.held("Invoice")
    assert held["CustomerMemo"]["value"] == "Shorter"


def test_each_closed_door_blocks_the_company_and_goes_on_once_it_is_open(
    world_with_customer: World, alice: Visitor
) -> None:
    world = world_with_customer
    for row in of_creates(Waiting):
        invoice = meets(world, row.code, times=None)
        assert world.job(invoice).state == JobState.BLOCKED, row
        panel = alice.go(f"invoices/{invoice.pk}/").region("QuickBooks")
        assert row.sentence in panel, row
        assert row.hint in panel, row
        for _ in range(2):
            world.later(minutes=LONG)
            world.work()
        assert world.job(invoice).state == JobState.SYNCED, row
        assert numbers_there(world).count(invoice.number) == 1, row


def test_every_code_is_tried_by_one_of_these_or_has_a_test_of_its_own() -> None:
    tried = {Refused, Locked, Temporary, OutcomeUnknown, Waiting}
    elsewhere = {
        "TokenRejected",
        "NeedsConsent",
        "Stale",
        "Vanished",
        "AlreadyThere",
        "PeriodClosed",
        "NotUnderstood",
    }
    assert {row.becomes.__name__ for row in ROWS if row.becomes not in tried} <= elsewhere
