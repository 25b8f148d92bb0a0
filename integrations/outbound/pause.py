"""Sending to a company is paused by a person, at once or after the next batch. Runs inside ``within()``.

What QuickBooks changes is still taken in; what is owed stays owed.
"""

from integrations.models import Connection
from integrations.outbound import due, jobs
from integrations.outbound.prerequisites import Need
from regentra import clock
from tenants import audit
from tenants.models import User

SAYS = "Sending to QuickBooks is paused; it goes on when an owner or admin resumes it."


def begin(connection: Connection, *, actor: User) -> None:
    """Nothing more is begun; what is under way is finished."""
    _set(connection, actor, "quickbooks.sending_paused", paused_at=clock.now())
    hold(connection)


def begin_after_batch(connection: Connection, *, actor: User) -> None:
    """As many documents as go together are sent, then nothing more."""
    _set(connection, actor, "quickbooks.pause_after_batch", pause_after_batch=True)
    due.send_by(connection.id, clock.now(), urgent=True)


def end(connection: Connection, *, actor: User) -> None:
    """What waited goes on."""
    values = {"paused_at": None, "pause_after_batch": False}
    _set(connection, actor, "quickbooks.sending_unpaused", **values)
    jobs.release_all(connection, Need.PAUSED)


def batch_is_sent(connection: Connection) -> None:
    """The batch after which it pauses has gone. A worker that dies before this may send one more.

    Nothing happens when the pause was called off meanwhile.
    """
    asked = Connection.objects.filter(pk=connection.pk, pause_after_batch=True)
    if asked.update(paused_at=clock.now(), pause_after_batch=False):
        hold(connection)


def hold(connection: Connection) -> None:
    """Whatever is pending waits for the pause to end."""
    jobs.block_all(connection, Need.PAUSED, SAYS)


def _set(connection: Connection, actor: User, action: str, **values: object) -> None:
    due.hold(connection.pk)
    Connection.objects.filter(pk=connection.pk).update(**values)
    audit.record(action, actor=actor, object_kind="connection", object_id=connection.id)
