"""Workers whose every step is chosen: threads of which only one runs, each with a database connection of its own.

A worker is killed by an exception that nothing in the product catches; from then on it may not speak to the database,
so what `finally` blocks would tidy up stays as a killed process leaves it.
"""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


class Killed(BaseException):
    """The process ended here."""


class Touched(AssertionError):
    """A thread that makes calls spoke to the database."""


# Asked at each place a worker comes to: says "go", "pause" or "die".
Verdict = Callable[["Hand", str], str]
# What takes savepoints back after a kill; the server does it for a process that is gone.
_CLEARING = ("ROLLBACK", "RELEASE")


class Hand(threading.Thread):
    """One worker process. `turn` runs until it has ended or waits to be let on."""

    def __init__(self, number: int) -> None:
        super().__init__(daemon=True, name=f"hand-{number}")
        self._wake, self._rest = threading.Semaphore(0), threading.Semaphore(0)
        self._work: Callable[[], Any] | None = None
        self.judge: Verdict = go
        self.about: Any = None
        self.error: BaseException | None = None
        self.paused = self.doomed = self.dead = self.calling = self._leaving = False
        self.start()

    @property
    def free(self) -> bool:
        return self._work is None

    def turn(self, work: Callable[[], Any], judge: Verdict, about: Any) -> None:
        """Gives the worker something to do, and waits until it has ended or was paused."""
        self._work, self.judge, self.about = work, judge, about
        self.error, self.doomed, self.dead, self.calling = None, False, False, False
        self._let_run()

    def go_on(self, *, kill: bool = False) -> None:
        """Wakes a paused worker, or ends it where it stands."""
        self.doomed = kill
        self._let_run()

    def reach(self, place: str) -> None:
        """The worker has come to a named place."""
        if self.dead:
            raise Killed
        verdict = self.judge(self, place)
        if verdict == "pause":
            self._wait()
            verdict = "die" if self.doomed else "go"
        if verdict == "die":
            self.dead = True
            raise Killed

    def leave(self) -> None:
        """The worker goes home; its connection is closed."""
        self._leaving = True
        self._let_run()
        self.join()

    def run(self) -> None:
        while not self._leaving:
            self._wake.acquire()
            if self._work is not None:
                self._perform()
            self._rest.release()
        connection.close()

    def _perform(self) -> None:
        assert self._work is not None
        try:
            with connection.execute_wrapper(self._on_sql):
                self._work()
        except Killed:
            connection.close()
        except BaseException as error:  # noqa: BLE001 – handed to the simulator, which reports it
            self.error = error
        finally:
            self._work = None

    def _let_run(self) -> None:
        self.paused = False
        self._wake.release()
        self._rest.acquire()

    def _wait(self) -> None:
        self.paused = True
        self._rest.release()
        self._wake.acquire()

    def _on_sql(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.calling:
            raise Touched(sql)
        if not (self.dead and sql.startswith(_CLEARING)):
            self.reach("between transactions" if _opens(sql, params) else "inside a transaction")
        return execute(sql, params, many, context)


def current() -> Hand | None:
    """The worker that runs now, or None for the simulator itself."""
    thread = threading.current_thread()
    return thread if isinstance(thread, Hand) else None


def _opens(sql: str, params: Any) -> bool:
    """Whether this is the first statement of a transaction, so that nothing is locked yet."""
    begins = sql.startswith("SELECT set_config('app.organization'") and params[0]
    return bool(begins) and not connection.savepoint_ids


def go(hand: Hand, place: str) -> str:
    """Lets every worker do its work."""
    return "go"
