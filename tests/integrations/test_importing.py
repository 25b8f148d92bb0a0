"""An import goes on where it was, whatever ends it, and misses and doubles nothing."""

import subprocess
import sys
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Customer, Invoice, Payment
from integrations import invariants
from integrations.inbound import importing, pages
from integrations.models import Discrepancy, ImportRun, Link
from integrations.outbound import due
from regentra import clock
from tests.integrations.processes import ROOT, same_settings
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = 6
INVOICES = 14


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LENGTH", PAGE)
    monkeypatch.setattr(pages, "OVERLAP", 2)


@pytest.fixture
def filled(world: World) -> World:
    """A company with customers, invoices and payments of its own."""
    (item,) = world.held("Item")
    for name in range(3):
        customer = world.bookkeeper("Customer", {"DisplayName": f"Customer {name}"})
        for number in range(name, INVOICES, 3):
            line = {
                "Amount": 10 + number,
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}},
            }
            ref = {"CustomerRef": {"value": customer["Id"]}}
            body = {**ref, "DocNumber": f"Q-{number}", "Line": [line]}
            bill = world.bookkeeper("Invoice", body)
            if number % 2:
                link = {"TxnId": bill["Id"], "TxnType": "Invoice"}
                part = {"Amount": 4, "LinkedTxn": [link]}
                world.bookkeeper("Payment", {**ref, "TotalAmt": 4, "Line": [part]})
    world.due_now()
    world.work()
    world.forget_calls()
    return world


def asked_for(world: World) -> None:
    with world.inside():
        run = importing.ask_for(world.connection, actor=world.owner)
    world.later(minutes=1)
    serve_on(world, until="counted")
    with world.inside():
        assert importing.begin(ImportRun.objects.get(pk=run.pk), actor=world.owner)


def serve_on(world: World, until: str) -> None:
    for _ in range(30):
        world.due_now()
        world.work()
        with world.inside():
            if ImportRun.objects.get().state == until:
                return
    raise AssertionError(f"never {until}")


def looks_equal(world: World) -> None:
    """Every invoice is here once, with the balance it has there, and our own checks hold."""
    with world.inside():
        links = Link.objects.filter(kind="invoice").values_list("remote_id", "local_id")
        here = {remote: Invoice.objects.get(pk=local).balance.amount for remote, local in links}
        assert len(here) == Invoice.objects.count()
        assert not Discrepancy.objects.filter(closed_at=None).exists()
        assert invariants.violations() == []
    assert here == {one["Id"]: _amount(one["Balance"]) for one in world.held("Invoice")}


def _amount(value: Any) -> Decimal:
    return Decimal(str(value))


def counts(world: World) -> Counter[str]:
    with world.inside():
        found = {model.__name__: model.objects.count() for model in (Customer, Invoice, Payment)}
        return Counter(found)


@pytest.mark.parametrize(
    "fatal",
    [
        'INSERT INTO "billing_invoiceline"',
        'UPDATE "integrations_importrun"',
        'INSERT INTO "billing_payment"',
    ],
)
def test_killed_worker_leaves_whole_pages_and_the_next_one_goes_on_there(
    filled: World, small: None, fatal: str
) -> None:
    asked_for(filled)
    worker = [sys.executable, "-m", "tests.integrations.importing_worker"]
    done = subprocess.run(
        [*worker, str(filled.connections[-1]), str(PAGE), fatal],
        cwd=ROOT, env=same_settings(), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr.decode()[-2000:]
    with filled.inside():
        run = ImportRun.objects.get()
        assert Link.objects.filter(kind="invoice").count() == Invoice.objects.count()
    assert run.state == "running"
    with clock.frozen(clock.now()) as later:
        later.advance(seconds=60)
        serve_on(filled, until="done")
        looks_equal(filled)
    assert counts(filled) == {"Customer": 3, "Invoice": INVOICES, "Payment": INVOICES // 2}


def test_it_takes_no_more_calls_than_pages_and_says_how_far_it_is(
    filled: World, small: None
) -> None:
    asked_for(filled)
    filled.forget_calls()
    for _ in range(20):
        with filled.inside():
            if ImportRun.objects.get().state == "done":
                break
            importing_due(filled)
        filled.work()
    looks_equal(filled)
    with filled.inside():
        run = ImportRun.objects.get()
    sums = {"customer": 3, "invoice": INVOICES, "creditmemo": 0, "payment": INVOICES // 2}
    assert run.found == run.looked_at == {**sums, "item": 1}
    assert run.brought == {**sums, "item": 0}, "items come in where that is chosen"
    queries = [one for one in filled.journal() if one["path"].endswith("/query")]
    assert len(queries) == run.calls - 1 == 7, (
        "four pages of invoices, one of credit memos, two of payments"
    )


def importing_due(world: World) -> None:
    """Only the import goes on; nothing is looked at besides."""
    due.send_by(world.connections[-1], clock.now())


def test_what_is_deleted_before_the_next_page_moves_nothing_out_of_sight(
    filled: World, small: None
) -> None:
    """Five of those that were looked at go, which is more than two pages share."""
    asked_for(filled)
    while True:
        with filled.inside():
            importing_due(filled)
            if ImportRun.objects.get().position > 1:
                break
        filled.work()
    gone = filled.held("Invoice")[:5]
    for payment in filled.held("Payment"):
        filled.bookkeeper(
            "Payment", {"Id": payment["Id"], "SyncToken": payment["SyncToken"]}, operation="delete"
        )
    for theirs in gone:
        (now,) = [one for one in filled.held("Invoice") if one["Id"] == theirs["Id"]]
        keys = {"Id": now["Id"], "SyncToken": now["SyncToken"]}
        filled.bookkeeper("Invoice", keys, operation="delete")
    serve_on(filled, until="done")
    with filled.inside():
        numbers = set(Invoice.objects.values_list("number", flat=True))
    assert {one["DocNumber"] for one in filled.held("Invoice")} <= numbers


def test_twice_brings_in_nothing_twice(filled: World, small: None) -> None:
    asked_for(filled)
    serve_on(filled, until="done")
    before = counts(filled)
    with filled.inside():
        ImportRun.objects.all().delete()
    asked_for(filled)
    serve_on(filled, until="done")
    assert counts(filled) == before
    with filled.inside():
        assert set(ImportRun.objects.get().brought.values()) == {0}
    looks_equal(filled)


def test_disconnected_company_brings_in_nothing_and_goes_on_once_it_is_back(
    filled: World, small: None
) -> None:
    asked_for(filled)
    filled.disconnect()
    filled.due_now()
    filled.work()
    assert counts(filled)["Invoice"] == 0
    filled.connect(realm=filled.realm)
    serve_on(filled, until="done")
    looks_equal(filled)
