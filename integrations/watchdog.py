"""Whether what is due is being done: for operators in the log, for people at the bell.

A worker says this, so it is silent when none lives; `/readyz` says that. The figures themselves are at `/metrics`.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Min, QuerySet
from django.db.models.functions import Greatest

from billing.models import Wake
from integrations.models import Connection, SyncDue
from integrations.outbound import jobs
from regentra import clock

log = structlog.get_logger()

# A shorter outage of QuickBooks is nobody's business: all of it is tried again.
OUTAGE = timedelta(hours=1)


def watch() -> None:
    """One line for operators each time it is asked, while anything waits longer than it may."""
    events = _seconds(Wake.objects.aggregate(oldest=Min("created_at"))["oldest"])
    companies = _seconds(_waiting().aggregate(oldest=Min("since"))["oldest"])
    if max(events, companies) > settings.LATE_AFTER_SECONDS:
        log.error("work is late", events_seconds=events, companies_seconds=companies)


def is_late(connection: Connection) -> bool:
    """Whether this company has been due for too long and no worker has served it."""
    may_wait = timedelta(seconds=settings.LATE_AFTER_SECONDS)
    late = _waiting().filter(connection_id=connection.id, since__lt=clock.now() - may_wait)
    return late.exists()


def failing(connection: Connection) -> str | None:
    """How the last turn at this company ended, when all have failed for so long that people are to know."""
    rows = SyncDue.objects.filter(connection_id=connection.id)
    long_ago = rows.filter(failing_since__lt=clock.now() - OUTAGE)
    return long_ago.values_list("last_result", flat=True).first()


def is_put_off(connection: Connection) -> bool:
    """Whether a document of this company has been tried in vain for as long."""
    return jobs.tried_in_vain(connection, since=clock.now() - OUTAGE)


def _waiting() -> QuerySet[Any]:
    """Due companies with the moment since which nobody has come: one with much to send is due all the time."""
    due = SyncDue.objects.filter(ready_at__lte=clock.now())
    # PostgreSQL's GREATEST passes over what is NULL.
    return due.annotate(since=Greatest("ready_at", "last_served_at"))


def _seconds(since: datetime | None) -> int:
    return 0 if since is None else int((clock.now() - since).total_seconds())
