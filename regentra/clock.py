"""The only source of time in the product.

In production the time is the database's: every process asks it, then counts on with its own monotonic clock, so
machines whose clocks differ still agree on leases and due times. Tests and simulations put their own clock in its place
with :func:`frozen`.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db import connection

# Long enough to cost nothing, short enough that drift between monotonic clocks stays far below a lease.
ANCHOR_LIFE_SECONDS = 30.0


class Clock(Protocol):
    """Anything that tells the time as an aware UTC datetime."""

    def now(self) -> datetime: ...

    def ticks(self) -> float: ...


class DatabaseClock:
    """The database's time, asked every 30 seconds and counted on in between."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._anchored_at = 0.0
        self._anchor: datetime | None = None

    def now(self) -> datetime:
        with self._lock:
            age = time.monotonic() - self._anchored_at
            if self._anchor is None or (age > ANCHOR_LIFE_SECONDS and _database_can_answer()):
                self._anchor, age = _ask_database(), 0.0
                self._anchored_at = time.monotonic()
            return self._anchor + timedelta(seconds=age)

    def ticks(self) -> float:
        return time.monotonic()


class FrozenClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        self._now = at

    def now(self) -> datetime:
        return self._now

    def ticks(self) -> float:
        return self._now.timestamp()

    def advance(self, *, seconds: float = 0, days: float = 0) -> None:
        self._now += timedelta(seconds=seconds, days=days)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _state.clock.now()


def ticks() -> float:
    """Seconds of this process, never going back: for limits that begin and end within it. Asks nobody."""
    return _state.clock.ticks()


def today(timezone: str) -> date:
    """The calendar day at this moment in an IANA time zone, such as an organization's."""
    return now().astimezone(ZoneInfo(timezone)).date()


@contextmanager
def frozen(at: datetime) -> Iterator[FrozenClock]:
    """Puts a clock that stands still in the place of the real one, for every thread of this process."""
    former, _state.clock = _state.clock, FrozenClock(at)
    try:
        yield _state.clock
    finally:
        _state.clock = former


def _database_can_answer() -> bool:
    """Only in threads that speak to the database anyway: those that make calls to vendors never open a connection."""
    return connection.connection is not None and not (
        connection.in_atomic_block and connection.needs_rollback
    )


def _ask_database() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


class _State:
    clock: Clock

    def __init__(self) -> None:
        self.clock = DatabaseClock()


_state = _State()
