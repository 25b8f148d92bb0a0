"""Pull the plug while credit memos and refunds are on their way: as `test_pull_the_plug`, for what follows an invoice.

A credit memo, the payment over nothing that applies it, and a refund in each way it can be posted. What is taken back
meets the points that a new document never comes to; afterwards nothing of it stands there. PLUG=all kills each sort at
each point; else every sort is killed where an answer gets lost. The simulation meets the other points each day.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from billing.models import CreditMemo, Customer, Invoice, Payment
from billing.services import credit_memos, payments, refunds
from integrations.models import Mapping, MappingSubject, policies_in_force, set_policies
from integrations.outbound import batch_choice
from integrations.outbound.effects import CRASH_POINTS
from integrations.policies import RefundPosting
from regentra import clock
from regentra.clock import FrozenClock
from tests import factories
from tests.integrations.test_pull_the_plug import SETTLED_AFTER, crash
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)

Held = dict[str, Any]
# What we do not keep, so that only the version moves.
TOUCHED = {"TaxFormNum": "7"}
# Here it stands there already, and nobody knows.
LOST = ("after Send",)
# So many travel in one batch.
TOGETHER = 3


@dataclass(frozen=True)
class Settled:
    """An invoice of 100.00 that was paid, its payment, and another one that is open; all of it on both sides."""

    customer: Customer
    paid: Invoice
    payment: Payment
    owed: Invoice


@dataclass(frozen=True)
class Sort:
    """A sort of document: what it is over there, how it comes about here and how it is taken back."""

    entity: str
    prepare: Callable[[World], None]
    before: Callable[[Settled], Any]
    make: Callable[[Settled], Any]
    take_back: Callable[[Any], Any]

    def held(self, world: World) -> list[Held]:
        """What stands there of it; of payments those over nothing that still apply something."""
        rows = world.held(self.entity)
        if self.entity != "Payment":
            return rows
        return [one for one in rows if not one["TotalAmt"] and one["Line"]]


def nothing(_: Any) -> None:
    """Needs no preparation."""


def posted_as(posting: RefundPosting) -> Callable[[World], None]:
    """Refunds are posted so, from and to the accounts that the company has."""

    def prepare(world: World) -> None:
        accounts = world.held("Account")
        bank = next(one for one in accounts if one["AccountType"] == "Bank")
        expense = next(one for one in accounts if one["AccountType"] == "Expense")
        chosen = {
            MappingSubject.REFUND_ACCOUNT: bank,
            MappingSubject.REFUND_EXPENSE_ACCOUNT: expense,
        }
        with world.inside():
            set_policies(replace(policies_in_force(), payment_refund_posting=posting))
            for subject, account in chosen.items():
                Mapping.objects.create(
                    connection=world.connection,
                    subject=subject,
                    remote_id=account["Id"],
                    remote_name=account["Name"],
                )

    return prepare


def credit_memo(settled: Settled) -> Any:
    return factories.credit_memo(settled.paid, "30")


def applied_credit(settled: Settled) -> Any:
    memo = CreditMemo.objects.get(invoice=settled.paid)
    return credit_memos.apply(credit_memo=memo, allocations={settled.owed.pk: factories.usd(20)})


def refund(settled: Settled) -> Any:
    return factories.refund(settled.payment)


SORTS = {
    "credit memo": Sort(
        "CreditMemo",
        nothing,
        nothing,
        credit_memo,
        lambda row: credit_memos.void(credit_memo=row),
    ),
    "credit applied": Sort(
        "Payment",
        nothing,
        credit_memo,
        applied_credit,
        lambda row: payments.void(payment=row),
    ),
    "refund as an expense": Sort(
        "Purchase",
        posted_as(RefundPosting.EXPENSE),
        nothing,
        refund,
        lambda row: refunds.void(refund=row),
    ),
    "refund receipt": Sort(
        "RefundReceipt",
        posted_as(RefundPosting.REFUND_RECEIPT),
        nothing,
        refund,
        lambda row: refunds.void(refund=row),
    ),
}


@pytest.fixture
def later(world: World) -> Iterator[FrozenClock]:
    """The time, which passes only when told to."""
    with clock.frozen(clock.now()) as frozen:
        yield frozen


def settle(world: World, customer: Customer) -> Settled:
    paid, owed = world.invoice(customer), world.invoice(customer)
    with world.inside():
        payment = factories.payment(world.fresh(paid))
    world.work()
    return Settled(customer, world.fresh(paid), world.fresh(payment), world.fresh(owed))


Scene = Callable[[World, Sort, Settled], Any]


def made(world: World, sort: Sort, *settled: Settled) -> Any:
    """The first of as many as there are invoices to make them for; all of them are owed at the same time."""
    with world.inside():
        for one in settled:
            sort.before(one)
    world.work()
    with world.inside():
        row, *_ = [sort.make(one) for one in settled]
    return row


def plain_push(world: World, sort: Sort, settled: Settled) -> Any:
    return made(world, sort, settled)


def lost_answer(world: World, sort: Sort, settled: Settled) -> Any:
    row = made(world, sort, settled)
    world.trouble("answer_dropped", entity=sort.entity)
    return row


def refusal(world: World, sort: Sort, settled: Settled) -> Any:
    row = made(world, sort, settled)
    world.trouble("throttled", entity=sort.entity)
    return row


def never_arrived(world: World, sort: Sort, settled: Settled) -> Any:
    row = made(world, sort, settled)
    world.trouble("request_dropped", entity=sort.entity)
    world.work()
    assert sort.held(world) == []
    return row


def taken_back_from_a_newer_version(world: World, sort: Sort, settled: Settled) -> Any:
    row = made(world, sort, settled)
    world.work()
    (theirs,) = sort.held(world)
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper(sort.entity, {**keys, "sparse": True, **TOUCHED})
    with world.inside():
        sort.take_back(world.fresh(row))
    return row


def batch(world: World, sort: Sort, settled: Settled) -> Any:
    others = [settle(world, settled.customer) for _ in range(TOGETHER - 1)]
    row = made(world, sort, settled, *others)
    with world.inside():
        batch_choice.catch_up(world.connection, actor=world.owner)
    return row


SCENES: dict[str, tuple[Scene, int]] = {
    "CommitIntent": (plain_push, 1),
    "Send": (plain_push, 1),
    "CommitAnswer": (plain_push, 1),
    "LookUp": (lost_answer, 1),
    "CommitRefusal": (refusal, 1),
    "CommitResend": (never_arrived, 1),
    "ReadTarget": (taken_back_from_a_newer_version, 0),
    "CommitRebase": (taken_back_from_a_newer_version, 0),
    "CommitBatch": (batch, TOGETHER),
    "SendBatch": (batch, TOGETHER),
}


def test_every_crash_point_has_a_scene() -> None:
    assert {point.partition(" ")[2] for point in CRASH_POINTS} == set(SCENES)


def cases() -> Iterator[tuple[str, str]]:
    """Which sort is killed at which point."""
    for point in CRASH_POINTS:
        for name in SORTS:
            if point in LOST or os.environ.get("PLUG") == "all":
                yield point, name


@pytest.mark.parametrize(("point", "name"), list(cases()))
def test_killed_worker_leaves_each_exactly_once(
    world: World, later: FrozenClock, point: str, name: str
) -> None:
    sort, (scene, expected) = SORTS[name], SCENES[point.partition(" ")[2]]
    sort.prepare(world)
    settled = settle(world, world.linked_customer())
    world.trouble("requestid_ignored", times=None)
    row = scene(world, sort, settled)
    ahead = SETTLED_AFTER if scene is never_arrived else 0
    crash(world, point, ahead=ahead)
    world.calm()
    world.trouble("requestid_ignored", times=None)
    later.advance(seconds=ahead + 60)
    for _ in range(2):
        world.work()
        later.advance(seconds=SETTLED_AFTER)
    world.work()
    assert world.job(row).state == "synced", world.job(row).reason
    found = sort.held(world)
    assert len(found) == expected
    if expected == 1:
        assert world.link(row).remote_id == found[0]["Id"]
