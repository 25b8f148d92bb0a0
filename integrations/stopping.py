"""Stops sending for an organization whose rows do not hold what must always hold. Runs inside ``within()``.

It does not go on by itself: that something is right again while nobody knows why it was wrong is no reason to trust it.
An owner or admin resumes once all checks hold.
"""

import structlog

from integrations import causes, invariants
from integrations.invariants import Violation
from integrations.models import Connection, live_connections
from integrations.outbound import due, jobs
from integrations.outbound.prerequisites import Need
from regentra import clock
from tenants import audit
from tenants.models import User

log = structlog.get_logger()


def check() -> None:
    """Runs all checks and acts on what they find; operators read of each in the log, without the rows."""
    found = invariants.violations()
    for each in found:
        log.error("invariant violated", check=each.check.name, stops=each.check.stops)
    causes.checks_late([each.words for each in found if not each.check.stops])
    for connection in live_connections():
        _judge(connection, [each for each in found if each.check.stops])


def resume(connection: Connection, *, user: User) -> bool:
    """Sends again what waits, unless a check fails now. Says whether it does."""
    due.hold(connection.pk)
    check()
    held_again = Connection.objects.filter(pk=connection.pk, stopped_for="")
    if not held_again.exclude(stopped_at=None).update(stopped_at=None):
        return False
    audit.record(
        "quickbooks.sending_resumed",
        actor=user,
        object_kind="connection",
        object_id=connection.id,
    )
    causes.sending_resumed(connection)
    jobs.release_all(connection, Need.STOPPED)
    return True


def _judge(connection: Connection, broken: list[Violation]) -> None:
    if broken and connection.stopped_at is None:
        _stop(connection, broken)
    if broken or connection.stopped_at is not None:
        reason = "\n".join(each.words for each in broken)
        Connection.objects.filter(pk=connection.pk).update(stopped_for=reason)
        causes.sending_stopped(connection, holds_again=not broken)


def _stop(connection: Connection, broken: list[Violation]) -> None:
    row = Connection.objects.filter(pk=connection.pk, stopped_at=None)
    if row.update(stopped_at=clock.now()):
        audit.record(
            "quickbooks.sending_stopped",
            object_kind="connection",
            object_id=connection.id,
            checks=[each.check.name for each in broken],
        )
