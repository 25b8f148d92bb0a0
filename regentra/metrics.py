"""The installation's figures for a Prometheus that knows the token; nobody else learns that there are any."""

from secrets import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from integrations.metrics import exposition


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Takes ``Authorization: Bearer METRICS_TOKEN``; without it, or where none is set, there is no such page."""
    if not _is_known(request.headers.get("Authorization", "")):
        raise Http404("No such page")
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _is_known(said: str) -> bool:
    token = settings.METRICS_TOKEN
    return bool(token) and compare_digest(said.encode(), f"Bearer {token}".encode())
