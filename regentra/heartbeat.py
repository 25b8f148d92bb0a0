"""The worker's sign of life: a key in Redis that vanishes by itself when nobody renews it."""

from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

KEY = "regentra:worker-heartbeat"
# A worker beats every 2 s; ten missed beats are a dead or stuck worker.
LIFE_SECONDS = 20
# The library's own retries take seconds; whoever asks here asks again.
SHORT_PATIENCE: dict[str, Any] = {
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    "retry": Retry(NoBackoff(), 0),
}


def beat() -> None:
    """A worker lives. Raises `redis.RedisError` when nobody can be told."""
    with _client() as client:
        client.set(KEY, b"1", ex=LIFE_SECONDS)


def heard() -> bool:
    """Whether some worker lived within the last 20 seconds. Raises `redis.RedisError`."""
    with _client() as client:
        return bool(client.exists(KEY))


def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, **SHORT_PATIENCE)
