"""Celery's part: wakes up what the database says is due. A lost task costs seconds, never a document.

A message names nobody: whoever takes it serves the company whose turn it is then, and goes on while anybody waits. So
neither the order of messages nor their number decides who is served.
"""

import structlog
from celery import shared_task

from integrations import housekeeping, pulse, rounds, watchdog
from integrations.checkup import check_up_next
from integrations.outbound import due, relay, restored
from integrations.serving import serve_next
from regentra import clock

log = structlog.get_logger()

AT_ONCE = 50
# A message that no worker was free for is one of many; the next round sends others. Without an end those of an hour
# without workers would all be gone through before anybody is served.
EXPIRES_SECONDS = 10
# Then other messages get a turn at this worker.
SHIFT_SECONDS = 20.0


@shared_task
def tick() -> None:
    """Turns what happened into jobs and has due companies served; by wake-up and, should one be lost, by the clock."""
    restored.notice()
    pulse.beat()
    relay_waiting()
    if due.anybody_waits():
        serve_due.apply_async(expires=EXPIRES_SECONDS)


def tick_soon() -> None:
    """Has a worker tick; costs nothing when nobody took the message in time, as the timetable sends another."""
    tick.apply_async(expires=EXPIRES_SECONDS)


@shared_task
def serve_due() -> None:
    """Serves one company after another until nobody waits or the shift is over.

    Who sees more waiting than one worker takes wakes another, who does likewise: all that are free are at work soon,
    and a heap of wake-ups makes no greater heap.
    """
    ends_at = clock.ticks() + SHIFT_SECONDS
    if len(due.due_connections(2)) > 1:
        serve_due.apply_async(expires=EXPIRES_SECONDS)
    while serve_next():
        if clock.ticks() >= ends_at:
            serve_due.apply_async(expires=EXPIRES_SECONDS)
            return
        relay_waiting()


@shared_task
def check_up() -> None:
    """Looks over the organizations whose turn it is, one after another, until none is due or the shift is over."""
    ends_at = clock.ticks() + SHIFT_SECONDS
    rounds.enrol()
    while clock.ticks() < ends_at and check_up_next():
        pass


@shared_task
def watch() -> None:
    """Says in the log when what is due is not done."""
    watchdog.watch()


@shared_task
def clean_up(after: str = "") -> None:
    """Removes what was kept long enough: organizations in the order of their ids, from the one that comes ``after``.

    Goes on in another message when the shift is over. Should that one be lost, the rest is removed the next night.
    """
    ends_at = clock.ticks() + SHIFT_SECONDS
    if not after:
        housekeeping.clean_platform()
    last = housekeeping.clean_organizations(after, ends_at)
    if last is not None:
        clean_up.delay(last)


def relay_waiting() -> None:
    """Some events of each organization that has any, those that wait longest first.

    One whose events cannot be read holds up no other.
    """
    for organization_id in relay.waiting_organizations(AT_ONCE):
        try:
            relay.relay_some(organization_id)
        except Exception:
            log.exception("relay broke", organization=str(organization_id))
