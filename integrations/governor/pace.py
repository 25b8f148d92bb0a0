"""When the next request to a company may start, agreed between all workers through Redis.

The generic cell rate algorithm: of each budget one moment is kept, when it would be full again at the steady rate.
Every worker also counts by itself, so that without Redis it neither stops nor bursts.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Protocol

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from integrations.errors import Temporary
from integrations.governor.limits import MICROSECONDS, Budget, budgets
from regentra import clock

log = structlog.get_logger()

SCRIPT = resources.files(__package__).joinpath("reserve.lua").read_text()
# Whoever would have to wait longer comes again instead: a worker that sleeps serves nobody.
LONGEST_WAIT_SECONDS = 10.0
# A moment further ahead than this was written by a clock that has been set back since.
BELIEVED = 60 * MICROSECONDS
# A Redis that did not answer is left alone this long, so that its absence costs one wait and not one for each request.
AWAY_SECONDS = 5.0
KEPT_SECONDS = 3600
PATIENCE: dict[str, Any] = {
    "socket_timeout": 0.25,
    "socket_connect_timeout": 0.25,
    "retry": Retry(NoBackoff(), 0),
}


class Busy(Temporary):
    """The requests allowed for this company are used up for the moment; it goes on by itself."""


class Pace(Protocol):
    """Says how long a request has to wait."""

    def reserve(self, company: str, *, batch: bool) -> float:
        """Books the next slot and says in how many seconds it comes. Raises `Busy` when that is too long.

        A ``batch`` is booked as a batch when its turn comes, and then as a request like any other, so that it keeps
        no request waiting.
        """
        ...


class Unpaced:
    """Lets everything pass; for companies whose limits are switched off."""

    def reserve(self, company: str, *, batch: bool) -> float:
        return 0.0


@dataclass(slots=True)
class LocalPace:
    """What this process knows of its own requests."""

    percent: int
    full_at: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, company: str, *, batch: bool) -> float:
        """As `Pace.reserve`."""
        return _seconds(self.book(company, budgets(self.percent, batch=batch), _now()))

    def book(self, company: str, drawn: Sequence[Budget], now: int, earliest: int = 0) -> int:
        """Books the first slot at or after ``earliest``; the wait from ``now``, all in microseconds."""
        with self.lock:
            self._forget(now)
            full = {one: self._full_at(company, one, now) for one in drawn}
            at = max(now, earliest, *(moment - one.saved for one, moment in full.items()))
            if at - now <= LONGEST_WAIT_SECONDS * MICROSECONDS:
                for one, moment in full.items():
                    self.full_at[_key(company, one)] = max(moment, at) + one.interval
            return at - now

    def _full_at(self, company: str, budget: Budget, now: int) -> int:
        """An unknown bucket is taken for empty: whoever knew it may have spent it a moment ago."""
        empty = now + budget.saved + budget.interval
        known = self.full_at.get(_key(company, budget), empty)
        return known if known - now <= BELIEVED else empty

    def _forget(self, now: int) -> None:
        if len(self.full_at) > 10_000:
            oldest = now - KEPT_SECONDS * MICROSECONDS
            self.full_at = {key: at for key, at in self.full_at.items() if at > oldest}


class SharedPace:
    """All workers together, as long as Redis answers; each by itself meanwhile."""

    def __init__(self, percent: int) -> None:
        self._percent, self._local = percent, LocalPace(percent)
        self._away_until = 0.0

    def reserve(self, company: str, *, batch: bool) -> float:
        """As `Pace.reserve`."""
        drawn, now = budgets(self._percent, batch=batch), _now()
        together = self._together(company, drawn, now)
        if together <= LONGEST_WAIT_SECONDS * MICROSECONDS:
            together = self._local.book(company, drawn, now, now + together)
        return _seconds(together)

    def _together(self, company: str, drawn: Sequence[Budget], now: int) -> int:
        if clock.ticks() < self._away_until:
            return 0
        try:
            return int(_script(os.getpid())(_keys(company, drawn), _arguments(drawn, now)))
        except redis.RedisError as failure:
            log.warning("budgets not shared", reason=type(failure).__name__)
            self._away_until = clock.ticks() + AWAY_SECONDS
            return 0


@cache
def shared() -> SharedPace:
    """The pace of this process."""
    return SharedPace(settings.QUICKBOOKS_LIMIT_PERCENT)


@cache
def _script(_process: int) -> Any:
    """For each process its own, as a connection does not survive a fork."""
    return redis.Redis.from_url(settings.REDIS_URL, **PATIENCE).register_script(SCRIPT)


def _keys(company: str, drawn: Sequence[Budget]) -> list[str]:
    return [f"regentra:budget:{{{company}}}:{budget.name}" for budget in drawn]


def _arguments(drawn: Sequence[Budget], now: int) -> list[int]:
    longest = round(LONGEST_WAIT_SECONDS * MICROSECONDS)
    each = [figure for budget in drawn for figure in (budget.interval, budget.saved)]
    return [now, longest, BELIEVED, KEPT_SECONDS, *each]


def _key(company: str, budget: Budget) -> str:
    return f"{company}:{budget.name}"


def _seconds(wait: int) -> float:
    seconds = wait / MICROSECONDS
    if seconds > LONGEST_WAIT_SECONDS:
        raise Busy(code="busy", retry_after_seconds=seconds)
    return seconds


def _now() -> int:
    return round(clock.now().timestamp() * MICROSECONDS)
