"""Ends sessions that nobody uses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from regentra import clock

Respond = Callable[[HttpRequest], HttpResponse]

SEEN = "seen_at"
# What pages send when they bring themselves up to date: nobody has to be there for that.
UNATTENDED = "X-Unattended"
# Each note of it is a write; a minute more or less does not matter.
NOTED_EVERY = timedelta(minutes=1)


class IdleSessionEnds:
    """Logs out who has done nothing for SESSION_IDLE_MINUTES."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if request.user.is_authenticated:
            _look(request)
        return self.get_response(request)


def _look(request: Any) -> None:
    now, seen = clock.now(), _seen(request)
    longest = timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    if seen is not None and now - seen > longest:
        logout(request)
        minutes = settings.SESSION_IDLE_MINUTES
        messages.info(request, f"You were logged out after {minutes} minutes without a click.")
    elif seen is None or (now - seen > NOTED_EVERY and UNATTENDED not in request.headers):
        request.session[SEEN] = now.isoformat()


def _seen(request: Any) -> datetime | None:
    told = request.session.get(SEEN)
    return datetime.fromisoformat(told) if told else None
