"""What wraps every request: a log line with an id, and no copies of signed-in pages."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from regentra.logs import HEALTH_PATHS, route_of

Respond = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("regentra.request")


class RequestLog:
    """Gives each request an id, found again in every log line it causes and in the answer's X-Request-ID."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            if request.path not in HEALTH_PATHS:
                _write_line(request, response, seconds=time.perf_counter() - started)
        response["X-Request-ID"] = request_id
        return response


class NoStoreWhenSignedIn:
    """Keeps pages of signed-in people out of every cache, also the browser's on a shared machine."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response


def _write_line(request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
    organization = getattr(request, "organization", None)
    log.info(
        "request",
        method=request.method,
        route=route_of(request),
        status=response.status_code,
        milliseconds=round(seconds * 1000),
        organization_id=str(organization.pk) if organization is not None else None,
    )
