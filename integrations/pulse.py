"""Notices an outage of our own: webhooks may have been missed meanwhile, so every company is looked at afterwards."""

from datetime import timedelta

import structlog

from integrations.models import Pulse
from integrations.outbound import due
from regentra import clock

log = structlog.get_logger()

NAME = "timetable"
# Written this often; the timetable runs every 2 s.
EVERY = timedelta(seconds=30)
OUTAGE = timedelta(minutes=5)
# All companies are looked at within this time after an outage, not all at once.
SPREAD = timedelta(minutes=15)


def beat() -> None:
    """The timetable runs. After a gap all connected companies are due to be looked at."""
    now = clock.now()
    pulse, fresh = Pulse.objects.get_or_create(name=NAME, defaults={"at": now})
    if fresh or now - pulse.at < EVERY:
        return
    # Of several that notice at once one goes on.
    noticed = Pulse.objects.filter(name=NAME, at=pulse.at).update(at=now)
    if noticed and now - pulse.at > OUTAGE:
        log.warning("timetable stood still", minutes=round((now - pulse.at).total_seconds() / 60))
        due.sweep_all_within(SPREAD)
