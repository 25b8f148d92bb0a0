"""Real Celery processes on a real Redis, which is wiped while they work."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import redis
from django.conf import settings

from integrations.models import SyncJob
from tests.integrations.processes import ROOT, same_settings
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)

INVOICES = 50
PATIENCE_SECONDS = 120


@contextmanager
def program(*arguments: str, log: Path) -> Iterator[None]:
    """A Celery program with the settings of this test; ended by its process id."""
    with log.open("wb") as output:
        command = [sys.executable, "-m", "celery", "--app", "regentra", "--quiet", *arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, env=same_settings(), stdout=output, stderr=output
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def workers(world: World, tmp_path: Path) -> Iterator[None]:
    with ExitStack() as running:
        worker = ("worker", "--concurrency", "2", "--without-gossip", "--without-mingle")
        running.enter_context(program(*worker, log=tmp_path / "worker.log"))
        beat = ("beat", "--schedule", str(tmp_path / "schedule"))
        running.enter_context(program(*beat, log=tmp_path / "beat.log"))
        yield


def until(happened: Callable[[], bool]) -> None:
    """Waits for processes that tell nobody when they are done."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < ends_at, "did not happen in time"
        time.sleep(0.2)


def test_wiped_redis_loses_nothing_while_fifty_pushes_wait(world: World, workers: None) -> None:
    customer = world.customer()
    queue = redis.Redis.from_url(settings.REDIS_URL)
    for number in range(INVOICES):
        world.invoice(customer)
        if number % 10 == 0:
            queue.flushdb()
    queue.flushdb()

    def all_synced() -> bool:
        with world.inside():
            return SyncJob.objects.filter(kind="invoice", state="synced").count() == INVOICES

    until(all_synced)
    numbers = [theirs["DocNumber"] for theirs in world.held("Invoice")]
    assert len(numbers) == len(set(numbers)) == INVOICES
