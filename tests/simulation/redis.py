"""Redis as it is when it is wiped or away: the workers' shared pace has to do with it, and with its own count.

What a worker would sleep passes as simulated time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import redis
from django.conf import settings

from integrations.governor import pace
from integrations.governor.pace import Pace, SharedPace
from tests.simulation.hands import current


class SimulatedRedis:
    """The Redis of one run. Each worker keeps its own count beside it, as a process does."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        self.pass_time = pass_time
        self.is_away = False
        self._real = pace._script
        self._paces: dict[Any, Pace] = {}

    @classmethod
    @contextmanager
    def instead(cls, pass_time: Callable[[float], None]) -> Iterator[Self]:
        """Stands between the product and the real one, which begins empty."""
        made = cls(pass_time)
        made.wipe()
        pace._script = made._script  # type: ignore[assignment]
        try:
            yield made
        finally:
            pace._script = made._real

    def wipe(self) -> None:
        """FLUSHDB: nobody knows any more what was spent."""
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.flushdb()

    def come_or_go(self) -> None:
        """It does not answer from now on, or answers again."""
        self.is_away = not self.is_away

    def pace(self) -> Pace:
        """The pace of a worker."""
        return _Waiting(self)

    def of_current_worker(self) -> Pace:
        return self._paces.setdefault(current(), SharedPace(settings.QUICKBOOKS_LIMIT_PERCENT))

    def _script(self, process: int) -> Any:
        if self.is_away:
            raise redis.ConnectionError("away")
        return self._real(process)


class _Waiting:
    """Waits in simulated time."""

    def __init__(self, simulated: SimulatedRedis) -> None:
        self._simulated = simulated

    def reserve(self, company: str, *, batch: bool) -> float:
        seconds = self._simulated.of_current_worker().reserve(company, batch=batch)
        self._simulated.pass_time(seconds)
        return 0.0
