"""Who may serve a connection now: one worker at a time, for a short while, with a number that only rises."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection as database
from django.db import transaction
from django.db.models import Q, QuerySet

from integrations.models import SyncDue
from integrations.outbound import due, restored
from regentra import clock

LEASE = timedelta(seconds=30)
# Renewed when less than this is left, so that one slow commit does not lose it.
RENEW_BELOW = timedelta(seconds=20)

TAKEN = ("lease_token", "lease_until", "failing_since", "safe_since", "sweep_due_at")

# Asked in every transaction of a push, so it is spared the making of a query.
HOLD = (
    "SELECT lease_token, safe_since FROM integrations_syncdue WHERE connection_id = %s FOR UPDATE"
)


class LeaseLost(Exception):
    """Another worker serves this connection now; whatever was in flight is left to it."""


@dataclass(slots=True)
class Lease:
    """The right to serve one connection until ``until``. ``safe_since`` is as it was when the lease was held last.

    ``is_first`` says that nobody has served it since something was to be sent.
    """

    connection_id: UUID
    organization_id: UUID
    token: int
    until: datetime = field(compare=False)
    is_first: bool = field(default=False, compare=False)
    safe_since: datetime | None = field(default=None, compare=False)

    def beat(self) -> None:
        """Extends the lease when it is running out. Raises `LeaseLost`."""
        now = clock.now()
        if self.until - now < RENEW_BELOW:
            self._extend(now + LEASE)

    def hold(self) -> None:
        """Inside a transaction: makes sure the lease is still ours until it commits. Raises `LeaseLost`."""
        with database.cursor() as cursor:
            cursor.execute(HOLD, [self.connection_id])
            token, self.safe_since = cursor.fetchone()
        if token != self.token:
            raise LeaseLost

    def release(self) -> None:
        """Gives the lease back, unless it is already another worker's."""
        self._mine().update(lease_until=None, last_served_at=clock.now())

    def _extend(self, until: datetime) -> None:
        if not self._mine().update(lease_until=until):
            raise LeaseLost
        self.until = until

    def _mine(self) -> QuerySet[SyncDue]:
        return SyncDue.objects.filter(connection_id=self.connection_id, lease_token=self.token)


def take(connection_id: UUID) -> Lease | None:
    """The lease of a connection that is due, or None when somebody else holds it or has just served it."""
    return _take(due.in_turn().filter(connection_id=connection_id))


def take_next() -> Lease | None:
    """The lease of the connection whose turn it is, or None when nobody waits.

    Workers that ask at once get one each: who comes too late for the first gets the next.
    """
    return _take(due.in_turn())


def take_now(connection_id: UUID) -> Lease | None:
    """The lease of a connection, due or not, or None while somebody else holds it or the company is left alone."""
    now = clock.now()
    nobody_serves = Q(lease_until=None) | Q(lease_until__lte=now)
    not_paused = Q(paused_until=None) | Q(paused_until__lte=now)
    return _take(SyncDue.objects.filter(nobody_serves, not_paused, connection_id=connection_id))


def _take(rows: QuerySet[SyncDue]) -> Lease | None:
    restored.notice()
    now = clock.now()
    with transaction.atomic():
        row = rows.select_for_update(skip_locked=True).first()
        if row is None:
            return None
        if row.lease_until is not None:
            # Whoever had it died, or is so late that it commits nothing more.
            row.failing_since = row.failing_since or now
        if row.safe_since is not None and row.safe_since > now:
            # The clock has been set back since; so are the looks that would end it.
            row.safe_since = row.sweep_due_at = now
        row.lease_token += 1
        row.lease_until = now + LEASE
        row.save(update_fields=TAKEN)
    return Lease(
        row.connection_id, row.organization_id, row.lease_token, row.lease_until, _is_first(row)
    )


def _is_first(row: SyncDue) -> bool:
    owed, served = row.send_due_at, row.last_served_at
    return owed is not None and (served is None or served < owed)
