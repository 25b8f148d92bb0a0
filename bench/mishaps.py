"""Real processes that are killed, stopped and robbed of their Redis while they work: what is lost, what is twice."""

import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from uuid import UUID

import redis
from django.conf import settings
from django.db import connections

from bench import crowd, scene
from bench.place import program
from bench.table import Row, row
from integrations import gateway, tasks, tokens
from integrations.job_states import JobState
from integrations.models import ApiCall, Credential, Intent, IntentState, SyncDue, SyncJob
from regentra import clock
from tenants.scope import within
from tests.integrations.world import World

SEED = 7
KILLS = 200
# One invoice for each company with each strike: there is something to send from the first to the last.
COMPANIES = 15
SECONDS_BETWEEN = 2.0
PROCESSES = 4
STOPPED_SECONDS = (1, 45)
SETTLES_WITHIN_SECONDS = 900
FLUSHES = 50
ASKERS, ROUNDS = 50, 200
BEARER = "/oauth2/v1/tokens/bearer"


def kills() -> list[Row]:
    """3,000 invoices while a process of the workers is killed or stopped every two seconds."""
    worlds = crowd.companies(COMPANIES)
    with _pool() as workers:
        struck = _strike(workers, worlds)
        seconds = _settle(worlds)
    held = [[one["DocNumber"] for one in world.held("Invoice")] for world in worlds]
    lost = sum(KILLS - len(set(numbers)) for numbers in held)
    twice = sum(len(numbers) - len(set(numbers)) for numbers in held)
    looked = sum(_look_ups(world) for world in worlds)
    return [
        row(
            f"{COMPANIES * KILLS:,} invoices of {COMPANIES} companies, {struck['killed']} × kill -9,"
            f" {struck['stopped']} × SIGSTOP; 2 workers of {PROCESSES} processes",
            f"{lost} lost, {twice} twice; all settled {seconds:.0f} s after the last;"
            f" longest silence while others waited {struck['silence']} s, {looked} look-ups",
            "0 / 0, others flow ≤ 60 s",
        )
    ]


def flushes() -> list[Row]:
    """Redis forgets everything fifty times while documents wait."""
    world = scene.unhurried(throttles=True)
    customer = world.linked_customer()
    scene.slow_down(world)
    queue = redis.Redis.from_url(settings.REDIS_URL)
    made = []
    with crowd.workers(processes=2), program("celery", "--app", "regentra", "--quiet", "beat"):
        for number in range(FLUSHES * 6):
            made.append(world.invoice(customer).id)
            if number % 6 == 0:
                queue.flushall()
            time.sleep(0.5)
        crowd.wait_until_sent([world])
    gap = _longest_gap(world, made)
    numbers = [one["DocNumber"] for one in world.held("Invoice")]
    return [
        row(
            f"{len(made)} invoices while Redis is wiped {FLUSHES} times",
            f"{len(made) - len(set(numbers))} lost, {len(numbers) - len(set(numbers))} twice,"
            f" longest pause {gap:.1f} s",
            "0 / 0, resumed ≤ 15 s",
        )
    ]


def refreshes() -> list[Row]:
    """Fifty threads ask for a token that has just ended, two hundred times."""
    world = scene.unhurried()
    connection = world.connection
    world.control("DELETE", "journal")
    start = Barrier(ASKERS)

    def ask(_: int) -> int:
        start.wait(timeout=60)
        try:
            return tokens.access_token(connection, gateway.refresh_of(connection)).generation
        finally:
            connections.close_all()

    with ThreadPoolExecutor(ASKERS) as pool:
        for _ in range(ROUNDS):
            with world.inside():
                Credential.objects.update(access_expires_at=clock.now() - timedelta(seconds=1))
            if len(set(pool.map(ask, range(ASKERS)))) != 1:
                raise RuntimeError("not everybody got the same token")
    calls = [one["path"] for one in world.control("GET", "journal")].count(BEARER)
    return [
        row(
            f"{ASKERS} threads × {ROUNDS} ended tokens", f"{calls} token calls", f"exactly {ROUNDS}"
        )
    ]


@contextmanager
def _pool() -> Iterator[list[int]]:
    """Two Celery workers, by the ids of the parents, which outlive their children."""
    with crowd.workers(processes=PROCESSES) as running:
        yield [one.pid for one in running]


def _strike(parents: list[int], worlds: list[World]) -> dict[str, int]:
    """Kills or stops one of their children at a time. Says how often, and the longest time nothing was settled while
    something waited that was not in flight."""
    chance = random.Random(SEED)
    stopped: dict[int, float] = {}
    told = {"killed": 0, "stopped": 0, "silence": 0}
    before, since = _settled(worlds), time.monotonic()
    while told["killed"] + told["stopped"] < KILLS:
        for world in worlds:
            crowd.invoice(world)
        next_at = time.monotonic() + SECONDS_BETWEEN
        children: list[int] = []
        while time.monotonic() < next_at or not children:
            tasks.tick_soon()
            time.sleep(0.5)
            _let_go(stopped)
            children = [one for one in _children(parents) if one not in stopped]
        if chance.random() < 0.25:
            stopped[victim := chance.choice(children)] = time.monotonic() + chance.uniform(
                *STOPPED_SECONDS
            )
            _signal(victim, signal.SIGSTOP)
            told["stopped"] += 1
        else:
            _signal(chance.choice(children), signal.SIGKILL)
            told["killed"] += 1
        if (now := _settled(worlds)) != before:
            before, since = now, time.monotonic()
        elif not _others_wait(worlds):
            since = time.monotonic()
        else:
            told["silence"] = max(told["silence"], round(time.monotonic() - since))
    for one in stopped:
        _signal(one, signal.SIGCONT)
    return told


def _let_go(stopped: dict[int, float]) -> None:
    for victim, until in list(stopped.items()):
        if time.monotonic() >= until:
            _signal(victim, signal.SIGCONT)
            del stopped[victim]


def _signal(process: int, what: signal.Signals) -> None:
    try:
        os.kill(process, what)
    except ProcessLookupError:
        return


def _children(parents: list[int]) -> list[int]:
    """The pool processes of these workers, as Linux lists them."""
    return [
        int(child)
        for parent in parents
        for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    ]


def _settle(worlds: list[World]) -> float:
    """Until everything owed is sent; in seconds."""
    began = time.monotonic()
    while _is_owed(worlds):
        if time.monotonic() - began > SETTLES_WITHIN_SECONDS:
            raise RuntimeError("not all were sent in time")
        tasks.tick_soon()
        time.sleep(1)
    return time.monotonic() - began


def _is_owed(worlds: list[World]) -> bool:
    ids = [world.connections[-1] for world in worlds]
    return SyncDue.objects.filter(connection_id__in=ids, send_due_at__isnull=False).exists()


def _others_wait(worlds: list[World]) -> bool:
    """Whether anything is to be sent besides what is in flight, which waits out its window."""
    now = clock.now()
    for world in worlds:
        with world.inside():
            flying = Intent.objects.filter(state=IntentState.OPEN).values("job")
            pending = SyncJob.objects.filter(state=JobState.PENDING).exclude(pk__in=flying)
            if pending.exclude(next_attempt_at__gt=now).exists():
                return True
    return False


def _settled(worlds: list[World]) -> int:
    """How many writes have been answered."""
    many = 0
    for world in worlds:
        with world.inside():
            many += Intent.objects.filter(settled_at__isnull=False).count()
    return many


def _look_ups(world: World) -> int:
    with world.inside():
        return ApiCall.objects.filter(path__contains="query").count()


def _longest_gap(world: World, made: list[UUID]) -> float:
    """The longest time between one answer and the next, in seconds."""
    with within(world.organization):
        rows = Intent.objects.filter(local_id__in=made, settled_at__isnull=False)
        at = sorted(rows.values_list("settled_at", flat=True))
    return max((later - earlier).total_seconds() for earlier, later in pairwise(at))
