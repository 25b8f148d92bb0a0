"""The sandbox's own time: the real one plus an offset, or frozen."""

import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


class Clock:
    """Seconds since 1970 as the sandbox sees them; tests freeze and advance it."""

    def __init__(self, at: datetime | None = None, *, frozen: bool = False) -> None:
        self.offset = 0.0
        self.frozen_at: float | None = None
        if frozen:
            # Exactly this moment: a run can be repeated only when not a microsecond differs.
            self.frozen_at = at.timestamp() if at is not None else time.time()
        elif at is not None:
            self.set(at.timestamp())

    def time(self) -> float:
        return time.time() + self.offset if self.frozen_at is None else self.frozen_at

    def set(self, at: float) -> None:
        if self.frozen_at is not None:
            self.frozen_at = at
        else:
            self.offset = at - time.time()

    def advance(self, seconds: float) -> None:
        self.set(self.time() + seconds)

    def freeze(self) -> None:
        self.frozen_at = self.time()

    def run(self) -> None:
        """Let time flow again from where it stands."""
        now, self.frozen_at = self.time(), None
        self.offset = now - time.time()

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def _offset(quarter: int, name: str) -> timedelta:
    """The zone's offset in one quarter of an hour (offsets change at such borders)."""
    return datetime.fromtimestamp(quarter * 900, zone(name)).utcoffset() or timedelta()


def local(at: float, name: str) -> datetime:
    """Naive local time of `at` in zone `name`."""
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None) + _offset(int(at // 900), name)


def offset_text(at: float, name: str) -> str:
    minutes = int(_offset(int(at // 900), name).total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def stamp(at: float, name: str) -> str:
    """`2020-09-29T05:58:07-07:00`: seconds precision with the company's offset."""
    return local(int(at), name).isoformat(timespec="seconds") + offset_text(at, name)


def fine_stamp(at: float, name: str) -> str:
    """The same with milliseconds, as in the `time` of an answer."""
    return local(at, name).isoformat(timespec="milliseconds") + offset_text(at, name)


def today(at: float, name: str) -> date:
    return local(at, name).date()
