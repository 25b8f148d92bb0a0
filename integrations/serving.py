"""One turn at a connection: send what is owed, look at what changed over there, say when to come again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.db.models import Case, Q, QuerySet, Value, When

from integrations import causes, gateway, tallies, tokens
from integrations.errors import Broken, NeedsConsent, SyncError, Temporary, Waiting
from integrations.gateway import Books
from integrations.governor import reads
from integrations.governor.pace import Pace
from integrations.governor.reads import Today
from integrations.inbound import (
    delegated_tax,
    exchange_rates,
    importing,
    items_there,
    lists,
    reading,
    terms_there,
)
from integrations.inbound.importing import Importing
from integrations.inbound.sweep import Sweep
from integrations.models import Connection, SyncDue
from integrations.models.due import THROUGH
from integrations.outbound import (
    auto_link,
    batch_choice,
    company_settings,
    due,
    jobs,
    lease,
    pause,
    taking_nothing,
)
from integrations.outbound.calls import Calls
from integrations.outbound.cursor import OVERLAP
from integrations.outbound.drain import THREADS, Drain
from integrations.outbound.lease import Lease, LeaseLost
from integrations.outbound.perform import Observer, unobserved
from integrations.outbound.prerequisites import MAPPING_NEEDS, Need
from integrations.outbound.store import MayNotSend, Store
from integrations.tallies import Collected
from regentra import clock
from tenants.scope import within

log = structlog.get_logger()

AFTER_FAILURE = timedelta(seconds=30)
# What no call can be made for until a person has done something is tried again after this time.
WAITS_FOR_A_PERSON = timedelta(minutes=15)
# How long nobody looks after the month's reads have been used up.
NO_READS = timedelta(hours=1)
# How often a company is looked at whose part of the day's reads has been used up.
DAY_IS_USED_UP = timedelta(minutes=15)
STOPPED = "Sending is stopped because Regentra found records of its own that do not add up."


def serve_next() -> bool:
    """Serves the company whose turn it is. Says False when nobody waits.

    A turn that fails in a way nobody foresaw holds up no other company.
    """
    held = lease.take_next()
    if held is None:
        return False
    try:
        _serve(held)
    except Exception:
        names = {"organization": str(held.organization_id), "connection": str(held.connection_id)}
        log.exception("turn broke", **names)
        _put_off(held.connection_id, Broken())
    return True


def serve(
    connection_id: UUID,
    *,
    pace: Pace | None = None,
    observe: Observer = unobserved,
    calls: Callable[[], Calls] = THREADS,
) -> bool:
    """Serves a connection once. Says False when another worker is at it or it is not due."""
    held = lease.take(connection_id)
    if held is None:
        return False
    _serve(held, pace, observe, calls)
    return True


def _serve(
    held: Lease,
    pace: Pace | None = None,
    observe: Observer = unobserved,
    calls: Callable[[], Calls] = THREADS,
) -> None:
    with structlog.contextvars.bound_contextvars(
        organization=str(held.organization_id), connection=str(held.connection_id)
    ):
        try:
            turn = Turn(store_of(held), pace, observe, calls)
            if turn.connection.is_connected:
                attend(turn, Turn.take)
            else:
                turn.rest()
        except LeaseLost:
            log.warning("lease lost")
        finally:
            held.release()


def store_of(held: Lease) -> Store:
    """The database half of a turn under this lease."""
    with within(held.organization_id):
        connection = Connection.objects.get(pk=held.connection_id)
    return Store(held.organization_id, connection, held)


def attend(turn: "Turn", work: Callable[["Turn"], None]) -> SyncError | None:
    """Does this work of a turn; what stopped it is noted in the rows and returned. Raises `LeaseLost`."""
    try:
        work(turn)
    except NeedsConsent as ended:
        turn.end_consent(ended)
        return ended
    except SyncError as error:
        turn.put_off(error)
        return error
    except (LeaseLost, DatabaseError):
        raise
    except Exception:
        # The one place of a turn that records what nobody foresaw; without it the company would be due at once again.
        log.exception("turn broke")
        broken = Broken()
        turn.put_off(broken)
        return broken
    return None


@dataclass(slots=True)
class Turn:
    """What one worker does for one company while it holds the lease."""

    store: Store
    pace: Pace | None
    observe: Observer
    calls: Callable[[], Calls]
    collected: Collected = field(default_factory=Collected)
    has_looked: bool = False

    @property
    def connection(self) -> Connection:
        return self.store.connection

    def take(self) -> None:
        """Lists first, as documents refer to them; then what we owe, then what they changed."""
        books = self.books()
        drain = self.send(books)
        # A company that asked us to slow down is asked nothing either.
        if not drain.stopped and self._sweep_is_due():
            self.look(books)
        if not drain.stopped:
            Importing(self.store, books).go_on()
        self.come_again(drain.stopped_by or THROUGH)

    def books(self) -> Books:
        """The door to the company, once its lists have been read."""
        books = self._opened()
        if self._lists_are_due():
            self._read_lists(books)
            books = self._opened()
        elif self._settings_are_due():
            self._read_settings(books)
            books = self._opened()
        return books

    def _settings_are_due(self) -> bool:
        if company_settings.are_fresh(self.connection):
            return False
        with self.store.transaction():
            return company_settings.are_due(self.connection) and self._may_read()

    def _lists_are_due(self) -> bool:
        """The first reading has to be; one that a person or an update asks for waits while the month's reads are nearly
        used up.
        """
        asked = self.connection.lists_asked_at is not None or lists.are_outgrown(self.connection)
        return self.connection.lists_read_at is None or (asked and self._may_read())

    def send(self, books: Books) -> Drain:
        """What we owe, as much of it as one turn takes. Raises `AppRefused`, as no other part could be done either."""
        drain = Drain(self.store, books, self.observe, self.calls, self.collected)
        if taking_nothing.is_to_be_tried(self.connection):
            with self.store.transaction():
                taking_nothing.try_again(self.connection)
        if _has_to_wait(self.connection) and self._waits():
            return drain
        if self.connection.pause_after_batch:
            self._send_one_batch(drain)
        else:
            drain.run()
            with self.store.transaction():
                delegated_tax.take_back(self.connection)
                exchange_rates.take_back(self.connection)
        if drain.app_refused is not None:
            raise drain.app_refused
        return drain

    def _waits(self) -> bool:
        """Says at all that is pending what it waits for; False when it need not wait any more."""
        with self._as_it_is_now() as now:
            if now.held:
                # Another company than before gets nothing until somebody says that it is meant.
                words = f"{now.company_name} is another company than before; confirm it first."
                jobs.block_all(now, Need.HELD, words)
            elif now.stopped_at is not None:
                # Rows of ours that do not add up are not sent; answers and changes over there are still taken in.
                jobs.block_all(now, Need.STOPPED, STOPPED)
            elif now.paused_at is not None:
                pause.hold(now)
            return _has_to_wait(now)

    @contextmanager
    def _as_it_is_now(self) -> Iterator[Connection]:
        """The connection's row. Who lets it go on at this moment waits, and then takes up all that is blocked here."""
        with self.store.transaction():
            yield self.connection.reload_locked()

    def _send_one_batch(self, drain: Drain) -> None:
        """A turn in which nothing could be sent leaves the wish for the next one."""
        if drain.run(rounds=1):
            with self._as_it_is_now() as now:
                pause.batch_is_sent(now)

    def _opened(self) -> Books:
        return gateway.open_books(
            self.store.organization_id,
            self.connection.id,
            epoch=self.connection.epoch,
            pace=self.pace,
        )

    def look(self, books: Books) -> None:
        """What they changed, and anew at all that is Blocked.

        While the reads are nearly used up what they changed has to wait, and doorbells with it.
        """
        if not self._may_read():
            self._due().update(sweep_due_at=clock.now() + NO_READS)
        elif (at := self._spared_until()) > clock.now():
            self._due().update(sweep_due_at=at)
        else:
            Sweep(self.store, books).run()
            self.has_looked = True
        with self.store.transaction():
            jobs.recheck_blocked(self.connection)

    def _spared_until(self) -> datetime:
        """When the company may be looked at: now, or at intervals once its part of the day's reads is used up."""
        last_look = self.connection.changes_since
        if not reads.is_metered(self.connection) or last_look is None:
            return clock.now()
        if self._due().filter(look_asked=True).exists() or self._today().left:
            return clock.now()
        return last_look + OVERLAP + DAY_IS_USED_UP

    def rest(self) -> None:
        """Nothing can be sent to a company that is not connected; what is owed stays."""
        with self._as_it_is_now() as now:
            if now.is_connected:
                return
            jobs.disconnected(now)
            self._due().update(send_due_at=None, sweep_due_at=None, failing_since=None)
            tallies.keep(now, self.collected)

    def end_consent(self, ended: NeedsConsent) -> None:
        """The other side takes no more calls from us until an admin reconnects, who may have done so meanwhile."""
        with self._as_it_is_now() as now:
            tokens.end_consent(self.connection)
            if not now.is_connected or now.epoch == self.connection.epoch:
                self._due().update(
                    send_due_at=None,
                    sweep_due_at=None,
                    last_result=type(ended).__name__,
                    failing_since=None,
                )
            tallies.keep(self.connection, self.collected)
        log.warning("needs consent", code=ended.code)

    def put_off(self, error: SyncError) -> None:
        """The other side is busy or away; everything is still owed."""
        log.warning("turn put off", outcome=type(error).__name__, code=error.code)
        with self.store.transaction():
            if isinstance(error, Temporary) and error.throttled:
                due.pause(self.connection.id, seconds=error.retry_after_seconds)
            _put_off(self.connection.id, error)
            tallies.keep(self.connection, self.collected)

    def _read_lists(self, books: Books) -> None:
        """The company's lists and, because they change as well, its settings."""
        kinds, began = lists.WATCHED, clock.now()
        entries, company = reading.ask(
            self.store, books, lambda system: system.lists_and_company(kinds)
        )
        is_first = self.connection.customers_linked_at is None
        with self.store.transaction():
            lists.replace_all(self.connection, kinds, entries)
            self.connection.lists_read_at = clock.now()
            self.connection.lists_form = lists.FORM
            self.connection.save(update_fields=["lists_read_at", "lists_form"])
            # Who asked since then has them read once more.
            self._row().filter(lists_asked_at__lte=began).update(lists_asked_at=None)
            self.connection.refresh_from_db(fields=["lists_asked_at"])
            company_settings.keep(self.connection, company, began)
            terms_there.follow(self.connection)
            items_there.follow(self.connection)
            jobs.release_all(self.connection, *MAPPING_NEEDS)
        if is_first:
            # Once, after set-up (T-17).
            auto_link.link_all(self.connection, self._linking)

    @contextmanager
    def _linking(self) -> Iterator[None]:
        """Thousands may take longer than the lease lasts."""
        self.store.lease.beat()
        with self.store.transaction():
            yield

    def _read_settings(self, books: Books) -> None:
        began = clock.now()
        company = reading.ask(self.store, books, lambda system: system.company())
        with self.store.transaction():
            company_settings.keep(self.connection, company, began)

    def _sweep_is_due(self) -> bool:
        return self._due().filter(sweep_due_at__lte=clock.now()).exists()

    def come_again(self, result: str = THROUGH) -> None:
        """Says in the rows when something is next to be sent, and how this turn ended."""
        with self.store.transaction():
            next_send = self._next_send()
            urgent = next_send is not None and jobs.is_urgent(self.connection)
            if next_send is None or self._is_for_night_only():
                batch_choice.caught_up(self.connection)
            self._due().update(
                send_due_at=next_send,
                urgent=urgent,
                **self._ended(result),
            )
            refused = tallies.keep(self.connection, self.collected)
            causes.documents_refused(self.connection, refused)

    def _is_for_night_only(self) -> bool:
        """Whether somebody wanted all that waited to go fast, and what is left is kept for the night."""
        return self.connection.catch_up and not jobs.any_by_day(self.connection)

    def _ended(self, result: str) -> dict[str, object]:
        """What the row says of how this turn ended. After one that failed, one that leaves out what may have failed
        changes nothing: a look that is about to be taken, or sending to a company that takes nothing.
        """
        if result not in (THROUGH, MayNotSend.__name__):
            return {"last_result": result, "failing_since": due.failing_since()}
        takes_nothing = self.connection.try_again_at is not None
        if self.has_looked and not takes_nothing:
            return {"last_result": result, "failing_since": None}
        left_out = Q(failing_since__isnull=False)
        if not takes_nothing:
            left_out &= Q(sweep_due_at__lte=clock.now() + WAITS_FOR_A_PERSON)
        return {
            "last_result": Case(When(left_out, then="last_result"), default=Value(result)),
            "failing_since": Case(When(left_out, then="failing_since")),
        }

    def _may_read(self) -> bool:
        return reads.may_sweep(self.connection)

    def _next_send(self) -> datetime | None:
        """When the next document may go, or a company that takes nothing is tried again, or the company's settings or
        lists are to be read.
        """
        moments = ("try_again_at", "company_asked_at", "lists_asked_at")
        try_again_at, *asked = self._row().values_list(*moments).get()
        may_read = any(asked) and self._may_read()
        known = [
            jobs.next_due(self.connection),
            try_again_at,
            *(asked if may_read else ()),
            self._next_page(),
        ]
        return min(filter(None, known), default=None)

    def _today(self) -> Today:
        return reads.today(self.connection.id, self.connection.client_hash)

    def _next_page(self) -> datetime | None:
        """An import goes on at once, unless it has to wait for reads."""
        if self.connection.held or not importing.going_on(self.connection):
            return None
        return clock.now() + (timedelta() if self._may_read() else NO_READS)

    def _row(self) -> QuerySet[Connection]:
        return Connection.objects.filter(pk=self.connection.pk)

    def _due(self) -> QuerySet[SyncDue]:
        return SyncDue.objects.filter(connection_id=self.connection.id)


def _has_to_wait(connection: Connection) -> bool:
    """Whether a person has to let this company go on first."""
    return connection.held or connection.stopped_at is not None or connection.paused_at is not None


def _put_off(connection_id: UUID, error: SyncError) -> None:
    waits = WAITS_FOR_A_PERSON if isinstance(error, Waiting) else AFTER_FAILURE
    by_us = isinstance(error, Broken)
    due.put_off(connection_id, waits, because=type(error).__name__, spares_reads=by_us)
