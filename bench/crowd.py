"""Many companies beside each other, served by Celery workers in processes of their own."""

import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import connections

from bench import scene
from bench.place import program
from bench.table import Row, row
from billing.models import Customer, Invoice, InvoiceLine
from integrations import tasks
from integrations.documents import Kind
from integrations.models import Intent, SyncDue, SyncJob
from integrations.outbound import due, jobs, relay
from regentra import clock
from tenants.scope import within
from tests.integrations.world import World

WORKERS = 2
WORKER = ("celery", "--app", "regentra", "--quiet", "worker", "--without-gossip")
WORKER_STARTS_SECONDS = 6
PATIENCE_SECONDS = 600
# Rows inserted in one transaction.
AT_ONCE = 5_000
# Companies prepared side by side: most of it is the database's work and the sandbox's.
HANDS = 3

Waits = dict[UUID, list[float]]
T = TypeVar("T")
R = TypeVar("R")


def fairness() -> list[Row]:
    """A small crowd; `thousand` and `flood` are the whole of it."""
    worlds = companies(20)
    flooding, others = worlds[0], worlds[1:]
    with workers(processes=2):
        first = _waits([world for world in worlds for _ in range(5)])
        quiet = _waits(others)
        for _ in range(300):
            flooding.invoice(_customer(flooding))
        loud = _waits(others)
    return [
        row(
            "20 companies with 5 jobs each, 2 workers of 2 processes",
            f"first job of every company within {_last_first(first):.1f} s",
            "≤ 60 s (1,000 × 10)",
        ),
        _beside("19 companies beside a flood of 300 by one", quiet, loud),
    ]


def thousand() -> list[Row]:
    """A thousand companies with ten jobs each; counted from before the workers start."""
    worlds = companies(1000)
    owed = _side_by_side(lambda world: backlog_of(world, 10), worlds)
    began = clock.now()
    with workers(processes=8):
        wait_until_sent(worlds)
    took = (clock.now() - began).total_seconds()
    waits = {
        world.organization.id: _settled(world.organization.id, dict.fromkeys(made, began))
        for world, made in zip(worlds, owed, strict=True)
    }
    return [
        row(
            "1,000 companies with 10 jobs each, 2 workers of 8 processes",
            f"first job of every company within {_last_first(waits):.1f} s, all within {took:.0f} s",
            "≤ 60 s",
        )
    ]


def flood() -> list[Row]:
    """Fifty companies with two jobs each, alone and beside one that has 100,000 waiting."""
    worlds = companies(51)
    flooding, others = worlds[0], worlds[1:]
    with workers(processes=2):
        quiet = _waits(others * 2)
        backlog_of(flooding, 100_000)
        loud = _waits(others * 2)
    return [_beside("50 companies beside a flood of 100,000 by one", quiet, loud)]


def companies(many: int) -> list[World]:
    """Connected ones with a customer that is linked, and with Intuit's latency."""
    return _side_by_side(_company, range(many))


def _company(_: int) -> World:
    made = scene.unhurried(throttles=True)
    made.linked_customer()
    scene.slow_down(made)
    return made


def _side_by_side(work: Callable[[T], R], of: Iterable[T]) -> list[R]:
    def done(one: T) -> R:
        try:
            return work(one)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(HANDS) as hands:
        return list(hands.map(done, of))


@contextmanager
def workers(*, processes: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Celery workers with so many processes each; nobody but the figure sends them a tick."""
    with ExitStack() as running:
        started = []
        for number in range(WORKERS):
            name = ("-n", f"bench{number}@%h", "--without-mingle")
            worker = program(*WORKER, "--concurrency", str(processes), *name)
            started.append(running.enter_context(worker))
        time.sleep(WORKER_STARTS_SECONDS)
        yield started


def _customer(world: World) -> Customer:
    with world.inside():
        return Customer.objects.get()


def invoice(world: World) -> UUID:
    """One more for its customer."""
    return world.invoice(_customer(world)).id


def _waits(worlds: list[World]) -> Waits:
    """One invoice for each mention of a world; seconds from its making to the stored answer."""
    made: dict[UUID, dict[UUID, datetime]] = {}
    for world in worlds:
        made.setdefault(world.organization.id, {})[invoice(world)] = clock.now()
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends_at:
        tasks.tick_soon()
        time.sleep(1)
        waits = {organization: _settled(organization, at) for organization, at in made.items()}
        if all(len(waits[one]) == len(at) for one, at in made.items()):
            return waits
    raise RuntimeError("not all were sent in time")


def _settled(organization: UUID, made: dict[UUID, datetime]) -> list[float]:
    with within(organization):
        rows = Intent.objects.filter(local_id__in=list(made), settled_at__isnull=False)
        found = list(rows.values_list("local_id", "settled_at"))
    return [(at - made[local]).total_seconds() for local, at in found if at]


def wait_until_sent(worlds: list[World]) -> None:
    """Until these companies are owed nothing."""
    of_these = SyncDue.objects.filter(
        connection_id__in=[world.connections[-1] for world in worlds], send_due_at__isnull=False
    )
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while of_these.exists():
        if time.monotonic() > ends_at:
            raise RuntimeError("not all were sent in time")
        tasks.tick_soon()
        time.sleep(1)


def backlog_of(world: World, many: int) -> list[UUID]:
    """So many invoices with a job each, all but one of them copies: more than anybody generates by hand."""
    pattern = invoice(world)
    relay.relay(world.organization.id)
    connection, made = world.connection, [pattern]
    for start in range(1, many, AT_ONCE):
        with world.inside():
            original = Invoice.objects.get(pk=pattern)
            (line,) = original.lines.all()
            numbers = range(start, min(start + AT_ONCE, many))
            copies = [_copy(original, number=f"F-{one}") for one in numbers]
            Invoice.objects.bulk_create(copies)
            InvoiceLine.objects.bulk_create(_copy(line, invoice=one) for one in copies)
            SyncJob.objects.bulk_create(
                SyncJob(
                    connection=connection,
                    kind=Kind.INVOICE,
                    local_id=one.id,
                    rank=jobs.RANK[Kind.INVOICE],
                    state="pending",
                    next_attempt_at=clock.now(),
                )
                for one in copies
            )
            due.send_by(connection.id, clock.now())
        made += [one.id for one in copies]
    return made


def _copy(row: Any, **changed: Any) -> Any:
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    made = type(row)(**{**fields, "id": uuid4()})
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def _beside(figure: str, quiet: Waits, loud: Waits) -> Row:
    p99, p99_loud = _p99(quiet), _p99(loud)
    told = f"p99 {p99_loud:.1f} s, quiet {p99:.1f} s: × {p99_loud / p99:.2f}"
    return row(figure, told, "≤ 2 × (flood of 100,000)")


def _p99(waits: Waits) -> float:
    every = sorted(wait for each in waits.values() for wait in each)
    return every[min(len(every) - 1, round(len(every) * 0.99))]


def _last_first(waits: Waits) -> float:
    return max(min(each) for each in waits.values())
