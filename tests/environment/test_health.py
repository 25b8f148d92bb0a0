"""/healthz says that the process lives, /readyz that everything is there that it needs."""

from typing import Any

import pytest
import redis
from django.db import connection
from django.test import Client

from regentra import heartbeat

NOWHERE = "unix:///nowhere/redis.sock"


def test_healthz_asks_neither_database_nor_redis(client: Client, settings: Any) -> None:
    """No database mark: a query would fail this test."""
    settings.REDIS_URL = NOWHERE
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_readyz_is_ready_when_all_parts_answer(client: Client) -> None:
    heartbeat.beat()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "redis": "ok", "worker": "ok"}


@pytest.mark.django_db
def test_readyz_misses_the_worker(client: Client, settings: Any) -> None:
    # A worker that another test started may have lived less than 20 seconds ago.
    redis.Redis.from_url(settings.REDIS_URL).delete(heartbeat.KEY)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["worker"] == "no heartbeat"


@pytest.mark.django_db
def test_readyz_misses_redis(client: Client, settings: Any) -> None:
    settings.REDIS_URL = NOWHERE
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["redis"] == "does not answer"


@pytest.mark.django_db(transaction=True)
def test_readyz_misses_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    answer = client.get("/readyz")
    monkeypatch.undo()
    assert answer.status_code == 503
    assert answer.json()["database"] == "does not answer"


def test_health_is_not_for_changing_things(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_heartbeat_fades(settings: Any) -> None:
    import redis

    heartbeat.beat()
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        assert 0 < server.ttl(heartbeat.KEY) <= heartbeat.LIFE_SECONDS
