"""How things are logged: one line each, JSON on a server, readable on a local checkout.

What may be in a line is what somebody named when writing it. Addresses are logged as their route, because pay links and
webhook addresses carry tokens; bodies, headers and query strings never are.
"""

import logging
import re
from typing import Any

import structlog
from django.http import HttpRequest
from structlog.typing import EventDict, Processor

# Asked every few seconds by machines.
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})

# Each is a line of the message of its own.
VALUES = re.compile(r"^(?:DETAIL|CONTEXT|QUERY|HINT): .*\n?", re.MULTILINE)

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_configuration(*, readable: bool) -> dict[str, Any]:
    """The LOGGING setting; sets structlog up on the way."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "route": {"()": "regentra.logs.RouteInsteadOfPath"},
            "health": {"()": "regentra.logs.NotAboutHealth"},
        },
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": _final(readable),
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["route", "health"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "celery": {"handlers": [], "level": "WARNING", "propagate": True},
            "kombu": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }


def _final(readable: bool) -> list[Processor]:
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if readable:
        plain = structlog.dev.plain_traceback
        return [drop, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    traceback = structlog.processors.format_exc_info
    return [drop, traceback, without_values, structlog.processors.JSONRenderer()]


def without_values(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """PostgreSQL adds the values of a row to what it refuses; a log must not hold what a customer is called."""
    if "exception" in line:
        line["exception"] = VALUES.sub("", line["exception"])
    return line


class RouteInsteadOfPath(logging.Filter):
    """Django's own lines about a request name its path; ours name the route it matched."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            route = route_of(request)
            record.args = tuple(route if arg == request.path else arg for arg in record.args)
        return True


class NotAboutHealth(logging.Filter):
    """Whoever asks /readyz knows the answer; a line each second while something starts would bury the others."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        return not (isinstance(request, HttpRequest) and request.path in HEALTH_PATHS)


def route_of(request: HttpRequest) -> str:
    """The pattern that the address matched, such as ``pay/<token>``; a dash when it matched none."""
    match = request.resolver_match
    return f"/{match.route}" if match is not None else "-"
