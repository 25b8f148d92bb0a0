"""Two of one: what a lost call of ours made twice is taken away, what a person copied is asked about."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from billing.services import invoices
from integrations.inbound.copies import Copies
from integrations.models import Discrepancy, Intent, SyncDue
from regentra import clock
from tests import factories
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def numbers_may_be_given_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """QuickBooks lets a company switch its check off."""
    monkeypatch.setattr(world.box.core.switches, "warn_duplicate_numbers", False)


def payment(world: World) -> Any:
    invoice = world.invoice(world.customer())
    with world.inside():
        invoices.send(invoice=world.fresh(invoice))
        return factories.payment(world.fresh(invoice), amount="40")


def done_twice(world: World, row: Any, entity: str, **change: Any) -> dict[str, Any]:
    """The very call that made it is done once more over there, or something like it."""
    with world.inside():
        body = json.loads(Intent.objects.get(local_id=row.pk, operation="create").body)
    return world.bookkeeper(entity, {**body, **change})


def look(world: World) -> None:
    """Now, without time passing: what we sent last may still be done."""
    SyncDue.objects.update(sweep_due_at=clock.now())
    world.work()


def questions(world: World) -> list[str]:
    with world.inside():
        return list(
            Discrepancy.objects.filter(closed_at=None).values_list("reason_code", flat=True)
        )


def totals(world: World, entity: str) -> dict[str, float]:
    return {one["Id"]: float(one["TotalAmt"]) for one in world.held(entity)}


def test_late_call_that_was_sent_again_leaves_one_invoice(world: World, client: Client) -> None:
    """QuickBooks does the first call after all, while our second one is done already."""
    customer = world.linked_customer()
    world.trouble("requestid_ignored", times=None)
    world.trouble("late", seconds=100, entity="Invoice")
    invoice = world.invoice(customer)
    world.work()
    world.later(minutes=5)
    world.work()
    assert world.job(invoice).state == "synced"
    world.control("POST", "clock", {"advance": 110})
    try:
        assert len(world.held("Invoice")) == 2
        look(world)
    finally:
        world.control("POST", "clock", {"advance": -110})
    ours = world.link(invoice).remote_id
    assert [each for each, total in totals(world, "Invoice").items() if total] == [ours]
    assert questions(world) == []
    client.force_login(world.owner)
    page = client.get(f"/o/{world.organization.slug}/invoices/{invoice.pk}/").content.decode()
    assert "A second copy over there was voided" in page


def test_payment_that_was_booked_twice_is_voided(world: World) -> None:
    row = payment(world)
    world.work()
    second = done_twice(world, row, "Payment")
    look(world)
    assert totals(world, "Payment") == {world.link(row).remote_id: 40.0, second["Id"]: 0.0}
    assert questions(world) == []


def test_void_whose_answer_is_lost_is_not_made_twice(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    second = done_twice(world, invoice, "Invoice")
    world.trouble("answer_dropped", operation="void")
    look(world)
    assert questions(world) == ["surplus_copy"]
    world.forget_calls()
    look(world)
    assert questions(world) == []
    assert [one for one in world.journal() if one["method"] == "POST"] == []
    assert totals(world, "Invoice")[second["Id"]] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"DocNumber": "1044"},
        {"TxnDate": "2026-01-02"},
        {"CustomerMemo": {"value": "written by a person"}},
    ],
    ids=["number", "date", "memo"],
)
def test_copy_of_a_person_is_never_removed(world: World, change: dict[str, Any]) -> None:
    """QuickBooks' "Copy" keeps the memo, and with it our mark."""
    invoice = world.invoice(world.linked_customer())
    world.work()
    copy = done_twice(world, invoice, "Invoice", **change)
    look(world)
    look(world)
    assert totals(world, "Invoice")[copy["Id"]] == 100
    assert questions(world) == ["marked_copy"]


def test_copy_that_somebody_touched_is_never_removed(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    copy = done_twice(world, invoice, "Invoice")
    keys = {name: copy[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "TrackingNum": "1Z999"})
    look(world)
    assert totals(world, "Invoice")[copy["Id"]] == 100
    assert questions(world) == ["marked_copy"]


def test_copy_that_was_paid_is_never_removed(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    copy = done_twice(world, invoice, "Invoice")
    applied = {"Amount": 5, "LinkedTxn": [{"TxnId": copy["Id"], "TxnType": "Invoice"}]}
    body = {"CustomerRef": copy["CustomerRef"], "TotalAmt": 5, "Line": [applied]}
    world.bookkeeper("Payment", body)
    look(world)
    assert totals(world, "Invoice")[copy["Id"]] == 100
    assert questions(world) == ["marked_copy"]


def test_equal_copy_made_after_our_call_could_arrive_is_never_removed(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    with world.inside():
        for row in Intent.objects.filter(local_id=invoice.pk):
            row.send_deadline -= timedelta(minutes=10)
            row.created_at -= timedelta(minutes=10)
            row.save()
    copy = done_twice(world, invoice, "Invoice")
    look(world)
    assert totals(world, "Invoice")[copy["Id"]] == 100
    assert questions(world) == ["marked_copy"]


def test_copy_touched_between_the_look_and_the_void_stays(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    copy = done_twice(world, invoice, "Invoice")
    world.trouble("stale", operation="void")
    look(world)
    assert totals(world, "Invoice")[copy["Id"]] == 100
    assert questions(world) == ["marked_copy"]


def test_when_the_one_we_know_is_gone_the_copy_stays(world: World) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    copy = done_twice(world, invoice, "Invoice")
    (ours,) = [one for one in world.held("Invoice") if one["Id"] == world.link(invoice).remote_id]
    keys = {name: ours[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="delete")
    look(world)
    assert totals(world, "Invoice")[copy["Id"]] == 100
    assert sorted(questions(world)) == ["deleted_there", "marked_copy"]


def test_worker_that_lost_the_lease_removes_no_copy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was held up after it had proven the copy, and somebody else serves the company by now."""
    row = payment(world)
    world.work()
    done_twice(world, row, "Payment")
    proven = Copies._may_go

    def slowly(copies: Copies, copy: Any) -> bool:
        may_go = proven(copies, copy)
        SyncDue.objects.update(lease_token=F("lease_token") + 1)
        return may_go

    monkeypatch.setattr(Copies, "_may_go", slowly)
    look(world)
    assert sorted(totals(world, "Payment").values()) == [40, 40]
