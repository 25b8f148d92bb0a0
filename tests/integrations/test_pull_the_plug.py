"""Pull the plug: a worker is killed with SIGKILL at every named point of a push, and the request id is ignored besides.

Afterwards the company holds exactly one document, the job is Synced, and other documents flow again within 60 s.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from billing.models import Customer, Invoice
from billing.services import emailing, invoices
from integrations.documents import Kind
from integrations.models import QUICKBOOKS_EMAIL, SyncJob
from integrations.outbound import batch_choice
from integrations.outbound.effects import CRASH_POINTS
from integrations.outbound.push import MailUncertain
from regentra import clock
from regentra.clock import FrozenClock
from tests.integrations.processes import ROOT, same_settings
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)

# Lease 30 s, look-up, 20 s to send, 130 s window: afterwards everything is settled.
SETTLED_AFTER = 240


def crash(world: World, point: str, *, ahead: float = 0) -> None:
    """A worker of its own takes a turn and dies there."""
    program = [sys.executable, "-m", "tests.integrations.crashing_worker"]
    arguments = [str(world.organization.id), str(world.connections[-1]), point, str(ahead)]
    done = subprocess.run(
        [*program, *arguments], cwd=ROOT, env=same_settings(), capture_output=True, check=False
    )
    assert done.returncode == -9, f"never came to {point}: {done.stderr.decode()[-2000:]}"


@pytest.fixture
def later(world: World) -> Iterator[FrozenClock]:
    """The time, which passes only when told to."""
    with clock.frozen(clock.now()) as frozen:
        yield frozen


Scene = Callable[[World, Customer], Invoice]


def plain_push(world: World, customer: Customer) -> Invoice:
    return world.invoice(customer)


def lost_answer(world: World, customer: Customer) -> Invoice:
    world.trouble("answer_dropped", entity="Invoice")
    return world.invoice(customer)


def refusal(world: World, customer: Customer) -> Invoice:
    world.trouble("throttled", entity="Invoice")
    return world.invoice(customer)


def never_arrived(world: World, customer: Customer) -> Invoice:
    """Sent into the void once already; the next turn is after the window."""
    world.trouble("request_dropped", entity="Invoice")
    invoice = world.invoice(customer)
    world.work()
    assert world.held("Invoice") == []
    return invoice


def edit_of_a_newer_version(world: World, customer: Customer) -> Invoice:
    """Somebody changed over there what we do not keep, so that our version is stale."""
    invoice = world.invoice(customer)
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "TrackingNum": "1Z999"})
    with world.inside():
        invoices.edit(invoice=world.fresh(invoice), notes="edited")
    return invoice


def batch(world: World, customer: Customer) -> Invoice:
    """The admin has asked to catch up fast: three travel in one call."""
    invoice, _, _ = (world.invoice(customer) for _ in range(3))
    with world.inside():
        batch_choice.catch_up(world.connection, actor=world.owner)
    return invoice


SCENES: dict[str, Scene] = {
    "CommitIntent": plain_push,
    "Send": plain_push,
    "CommitAnswer": plain_push,
    "LookUp": lost_answer,
    "CommitRefusal": refusal,
    "CommitResend": never_arrived,
    "ReadTarget": edit_of_a_newer_version,
    "CommitRebase": edit_of_a_newer_version,
    "CommitBatch": batch,
    "SendBatch": batch,
}


def test_every_crash_point_has_a_scene() -> None:
    assert {point.partition(" ")[2] for point in CRASH_POINTS} == set(SCENES)


@pytest.mark.parametrize("point", CRASH_POINTS)
def test_killed_worker_leaves_exactly_one_document(
    world: World, later: FrozenClock, point: str
) -> None:
    effect = point.partition(" ")[2]
    customer = world.linked_customer()
    world.trouble("requestid_ignored", times=None)
    invoice = SCENES[effect](world, customer)
    ahead = SETTLED_AFTER if effect == "CommitResend" else 0
    crash(world, point, ahead=ahead)
    world.calm()
    world.trouble("requestid_ignored", times=None)
    later.advance(seconds=ahead + 60)
    other = world.invoice(customer)
    world.work()
    assert world.job(other).state == "synced", "others flow again within 60 s"
    later.advance(seconds=SETTLED_AFTER)
    world.work()
    assert world.job(invoice).state == "synced"
    numbers = [theirs["DocNumber"] for theirs in world.held("Invoice")]
    assert len(numbers) == len(set(numbers))
    assert numbers.count(invoice.number) == 1
    assert numbers.count(other.number) == 1
    (theirs,) = [one for one in world.held("Invoice") if one["DocNumber"] == invoice.number]
    assert world.link(invoice).remote_id == theirs["Id"]


@pytest.mark.parametrize(
    ("point", "sent"), [("before Send", 0), ("after Send", 1), ("before CommitAnswer", 1)]
)
def test_killed_while_an_email_is_sent_sends_none_twice(
    world: World, later: FrozenClock, point: str, sent: int
) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    world.trouble("requestid_ignored", times=None)
    with world.inside():
        emailing.request(invoice=world.fresh(invoice), through=QUICKBOOKS_EMAIL)
    crash(world, point)
    for _ in range(3):
        later.advance(seconds=SETTLED_AFTER)
        world.work()
    dump = world.control("GET", f"state/{world.realm}")
    assert len(dump["mails"]) == sent
    with world.inside():
        job = SyncJob.objects.get(local_id=invoice.pk, kind=Kind.MAIL)
    assert (job.state, job.reason_code) == (
        ("synced", "") if sent else ("errored", MailUncertain.__name__)
    )


@pytest.mark.parametrize("point", ["after CommitIntent", "before Send", "after Send"])
def test_killed_while_making_a_customer_leaves_exactly_one(
    world: World, later: FrozenClock, point: str
) -> None:
    world.trouble("requestid_ignored", times=None)
    customer = world.customer()
    invoice = world.invoice(customer)
    crash(world, point)
    later.advance(seconds=SETTLED_AFTER)
    world.work()
    later.advance(seconds=SETTLED_AFTER)
    world.work()
    assert [one["DisplayName"] for one in world.held("Customer")] == [customer.name]
    assert world.job(invoice).state == "synced"


def test_paused_worker_that_wakes_up_late_sends_nothing(world: World, later: FrozenClock) -> None:
    """Between its last look at the lease and the wire a worker stands still; another one has taken over."""
    invoice = world.invoice(world.linked_customer())

    def pause(phase: str, effect: object) -> None:
        if (phase, type(effect).__name__) == ("after", "CommitIntent"):
            later.advance(seconds=timedelta(minutes=10).total_seconds())

    world.work(observe=pause)
    assert world.held("Invoice") == [], "too late to send"
    later.advance(seconds=SETTLED_AFTER)
    world.work()
    later.advance(seconds=SETTLED_AFTER)
    world.work()
    assert world.job(invoice).state == "synced"
    assert len(world.held("Invoice")) == 1
