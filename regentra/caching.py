"""The cache: what allauth counts to slow down those who guess passwords. It must not keep people out while Redis is
away; so long each process counts by itself.
"""

import math
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisIsAway
from redis.exceptions import TimeoutError as RedisIsSlow
from redis.retry import Retry

from regentra import clock

log = structlog.get_logger()

# Somebody waits for the page, and it asks a dozen times.
PATIENCE: dict[str, Any] = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "retry": Retry(NoBackoff(), 0),
}
REST_AFTER_FAILURE_SECONDS = 5.0


class RedisOrMemory(RedisCache):
    """Redis, and while it does not answer this process's memory."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": PATIENCE})
        self._memory = LocMemCache(f"while {server} is away", params)
        self._rests_until = -math.inf

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._first_of(super().add, self._memory.add, args, kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._first_of(super().get, self._memory.get, args, kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._first_of(super().set, self._memory.set, args, kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._first_of(super().delete, self._memory.delete, args, kwargs)

    def _first_of(
        self,
        redis: Callable[..., Any],
        memory: Callable[..., Any],
        args: Any,
        kwargs: dict[str, Any],
    ) -> Any:
        if clock.ticks() >= self._rests_until:
            try:
                return redis(*args, **kwargs)
            except (RedisIsAway, RedisIsSlow):
                self._rests_until = clock.ticks() + REST_AFTER_FAILURE_SECONDS
                log.warning("redis does not answer, this process counts by itself")
        return memory(*args, **kwargs)
