"""Is this process alive, and is everything there that it needs?"""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from regentra import heartbeat

Check = Callable[[], str]
OK = "ok"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; it asks nobody else, so a restart is the cure when it fails."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """What the product needs, part by part; 503 when one is missing."""
    checks: dict[str, Check] = {"database": database, "redis": redis_server, "worker": worker}
    parts = {name: check() for name, check in checks.items()}
    ready = all(answer == OK for answer in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return OK


def redis_server() -> str:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **heartbeat.SHORT_PATIENCE) as client:
            client.ping()
    except redis.RedisError:
        return "does not answer"
    return OK


def worker() -> str:
    try:
        return OK if heartbeat.heard() else "no heartbeat"
    except redis.RedisError:
        return "unknown without redis"
