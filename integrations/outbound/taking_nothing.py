"""A company that takes nothing until it is put right over there, as when its subscription has lapsed.

All waits, and is tried again by itself, whether or not the company is looked at. Runs inside ``within()``.
"""

from datetime import datetime, timedelta

from integrations.errors import Waiting
from integrations.models import Connection
from integrations.outbound import due, jobs
from integrations.outbound.prerequisites import Need
from regentra import clock

# Somebody has to do something first; a write costs no metered call.
TRIED_EVERY = timedelta(minutes=15)


def begin(connection: Connection, refusal: Waiting) -> None:
    """It has just said so."""
    jobs.block_all(connection, Need.COMPANY, f"{refusal.words} {refusal.hint}")
    _try_again_at(connection, clock.now() + TRIED_EVERY)


def try_again(connection: Connection) -> None:
    """Takes up what waits for it."""
    jobs.release_all(connection, Need.COMPANY)
    _try_again_at(connection, None)


def keep_trying(connection: Connection) -> None:
    """Has it tried now where something waits for it and nothing says until when, as a worker of before leaves it."""
    if connection.try_again_at is None and jobs.waiting_for(connection, Need.COMPANY):
        now = clock.now()
        # First, as a turn holds this row before any other.
        due.send_by(connection.pk, now)
        _try_again_at(connection, now)


def is_to_be_tried(connection: Connection) -> bool:
    """Whether its time has come."""
    at = connection.try_again_at
    return at is not None and at <= clock.now()


def _try_again_at(connection: Connection, at: datetime | None) -> None:
    Connection.objects.filter(pk=connection.pk).update(try_again_at=at)
    connection.try_again_at = at
