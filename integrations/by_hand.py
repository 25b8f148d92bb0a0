"""What an operator has done now: the parts of a worker's turn, at one company, under the lease that workers take.

Nothing here runs beside a worker at the same company: it waits for it, and says who is at it when that takes too long.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog

from integrations.governor import reads
from integrations.inbound.sweep import Sweep
from integrations.models import Connection, ConnectionStatus, SyncDue
from integrations.outbound import jobs, lease
from integrations.outbound.drain import THREADS
from integrations.outbound.lease import Lease, LeaseLost
from integrations.outbound.perform import Observer, unobserved
from integrations.serving import Turn, attend, store_of
from regentra import clock
from tenants.scope import within

LOOK_EVERY_SECONDS = 0.5
NO_READS = "This month's metered calls are used up; only documents go out until the next."
NOT_CONNECTED = "It is not connected."
NEEDS_RECONNECT = (
    "It has to be reconnected first: an admin presses Reconnect on its QuickBooks page."
)

Work = Callable[[Turn], None]


class CannotNow(Exception):
    """Why a company is left alone, as an operator reads it."""


@dataclass(frozen=True, slots=True)
class Company:
    """A connected company, and for how long (in seconds) to wait until it is free."""

    organization_id: UUID
    connection_id: UUID
    name: str
    patience: float

    def waiting(self) -> int:
        """How many documents may go out now."""
        with within(self.organization_id):
            return jobs.backlog(self.connection()).documents

    def connection(self) -> Connection:
        """Its row as it is now. Inside ``within()``."""
        row: Connection = Connection.objects.get(pk=self.connection_id)
        return row


def send_all(company: Company, observe: Observer = unobserved) -> None:
    """Turn after turn until nothing may go out now; a company that is held has it Blocked. Raises `CannotNow`."""
    _turn(company, _send, observe)
    while company.waiting():
        _turn(company, _send, observe)


def look(company: Company) -> None:
    """Reads what they changed since the last look. Raises `CannotNow`."""
    _look(company, Sweep.run)


def compare(company: Company) -> None:
    """Reads all that they hold, and what is gone there. Raises `CannotNow`."""
    _look(company, Sweep.run_whole)


def _look(company: Company, read: Callable[[Sweep], None]) -> None:
    with within(company.organization_id):
        may_read = reads.may_sweep(company.connection())
    if not may_read:
        raise CannotNow(NO_READS)
    _turn(company, partial(_read, read))


def _read(read: Callable[[Sweep], None], turn: Turn) -> None:
    read(Sweep(turn.store, turn.books()))
    with turn.store.transaction():
        jobs.recheck_blocked(turn.connection)
    turn.come_again()


def _send(turn: Turn) -> None:
    turn.send(turn.books())
    turn.come_again()


def _turn(company: Company, work: Work, observe: Observer = unobserved) -> None:
    held = _lease(company)
    names = {"organization": str(held.organization_id), "connection": str(held.connection_id)}
    with structlog.contextvars.bound_contextvars(**names):
        try:
            turn = Turn(store_of(held), None, observe, THREADS)
            if not turn.connection.is_connected:
                raise CannotNow(_why_not(turn.connection))
            stopped_by = attend(turn, work)
        except LeaseLost:
            raise CannotNow("Another worker has taken over, or it was disconnected.") from None
        finally:
            held.release()
    if stopped_by is not None:
        raise CannotNow(stopped_by.words)


def _why_not(connection: Connection) -> str:
    asks = connection.status == ConnectionStatus.NEEDS_CONSENT
    return NEEDS_RECONNECT if asks else NOT_CONNECTED


def _lease(company: Company) -> Lease:
    """Waits for its turn. Raises `CannotNow`."""
    ends_at = clock.ticks() + company.patience
    while (held := lease.take_now(company.connection_id)) is None:
        if clock.ticks() >= ends_at:
            raise CannotNow(_who_is_at_it(company))
        time.sleep(LOOK_EVERY_SECONDS)
    return held


def _who_is_at_it(company: Company) -> str:
    row = SyncDue.objects.filter(connection_id=company.connection_id).first()
    now = clock.now()
    if row is not None and (pause_ends_at := row.pause_ends_at):
        return f"QuickBooks asked us to pause until {pause_ends_at:%H:%M:%S} UTC."
    if row is not None and row.lease_until is not None and row.lease_until > now:
        return f"A worker is at it; its lease lasts until {row.lease_until:%H:%M:%S} UTC."
    return "Somebody else is at it."
