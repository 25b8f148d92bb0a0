"""A worker that takes no messages though some wait ends itself; whoever looks after the processes starts it again.

After a lost connection to Redis a worker may live on, heartbeat and all, and never take a message again. Ending it is
safe at any moment: what it did is in the database, and a lease ends by itself.
"""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import redis
import structlog
from django.conf import settings

from regentra import clock, heartbeat

log = structlog.get_logger("regentra.worker")

LOOK_EVERY_SECONDS = 5.0
# The timetable sends a message every 2 s, and a shift ends after 20 s: two minutes without one are no coincidence.
PATIENCE_SECONDS = 120.0
# A warm shutdown gets 10 s for what is under way (CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT).
GRACE_SECONDS = 30.0


@dataclass(slots=True)
class Patience:
    """Decides when waiting has lasted too long. ``since`` is in ticks of this process."""

    since: float = field(default_factory=clock.ticks)

    def renew(self) -> None:
        """This worker took a message, or has no reason to."""
        self.since = clock.ticks()

    def is_over(self, *, busy: bool, waiting: bool) -> bool:
        """Whether messages have waited all the time while this worker did nothing."""
        if busy or not waiting:
            self.renew()
        return clock.ticks() - self.since >= PATIENCE_SECONDS


def messages_wait() -> bool:
    """Whether the queue holds messages that no worker has taken. A Redis that does not answer holds none."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **heartbeat.SHORT_PATIENCE) as client:
            return bool(client.llen(f"{prefix}{settings.CELERY_TASK_DEFAULT_QUEUE}"))
    except redis.RedisError:
        return False


def watch(patience: Patience, is_busy: Callable[[], bool]) -> None:
    """Looks every few seconds from a thread of its own, which neither the pool nor the broker can hold up."""
    threading.Thread(target=_watch, args=(patience, is_busy), name="stuck", daemon=True).start()


def _watch(patience: Patience, is_busy: Callable[[], bool]) -> None:
    pause = threading.Event()
    while not patience.is_over(busy=is_busy(), waiting=messages_wait()):
        pause.wait(LOOK_EVERY_SECONDS)
    log.error("worker takes no messages though some wait; it ends itself")
    os.kill(os.getpid(), signal.SIGTERM)
    pause.wait(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
