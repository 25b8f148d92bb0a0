"""A worker that takes nothing ends itself, and only then."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import celery
import pytest
import redis
from django.conf import settings

from regentra import clock, heartbeat, stuck
from regentra.stuck import Patience
from tests.integrations.processes import ROOT, same_settings

AT = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
# Of the test; a busy machine takes its time.
PATIENCE_SECONDS = 120


@pytest.mark.parametrize(
    ("busy", "waiting", "over"),
    [
        (False, True, True),
        (True, True, False),  # its shift is long
        (False, False, False),  # there is nothing to do, or no Redis
    ],
)
def test_only_an_idle_worker_that_leaves_messages_lying_is_stuck(
    busy: bool, waiting: bool, over: bool
) -> None:
    with clock.frozen(AT) as now:
        patience = Patience()
        now.advance(seconds=stuck.PATIENCE_SECONDS)
        assert patience.is_over(busy=busy, waiting=waiting) is over


def test_every_message_renews_the_patience() -> None:
    with clock.frozen(AT) as now:
        patience = Patience()
        now.advance(seconds=stuck.PATIENCE_SECONDS - 1)
        patience.renew()
        now.advance(seconds=stuck.PATIENCE_SECONDS - 1)
        assert not patience.is_over(busy=False, waiting=True)
        now.advance(seconds=1)
        assert patience.is_over(busy=False, waiting=True)


def test_messages_wait_in_the_queue_that_tasks_are_sent_to() -> None:
    assert not stuck.messages_wait()
    send()
    assert stuck.messages_wait()


def test_a_redis_that_is_away_is_no_reason_to_end(settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    assert not stuck.messages_wait()


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    log = (tmp_path / "worker.log").open("wb")
    command = [sys.executable, "-m", "tests.environment.impatient_worker"]
    with log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=same_settings(), stdout=log, stderr=subprocess.STDOUT
        )
    try:
        until(heartbeat.heard)
        yield process
    finally:
        process.kill()
        process.wait(timeout=30)


def test_worker_that_no_longer_consumes_ends_itself(
    worker: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    order = celery.current_app.control.cancel_consumer
    # What is taken before the order has arrived is none of what waits.
    assert order(settings.CELERY_TASK_DEFAULT_QUEUE, reply=True, timeout=PATIENCE_SECONDS, limit=1)
    send()
    assert worker.wait(timeout=PATIENCE_SECONDS) == 0
    assert "it ends itself" in (tmp_path / "worker.log").read_text()


def test_worker_that_consumes_lives_on(worker: "subprocess.Popen[bytes]") -> None:
    for _ in range(12):
        send()
        time.sleep(0.5)
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        until(lambda: not stuck.messages_wait() and bool(client.ping()))
    assert worker.poll() is None


def send() -> None:
    celery.current_app.send_task("webhooks.tasks.hand_over")


def until(happened: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < ends_at, "did not happen in time"
        time.sleep(0.2)
