"""A worker that dies before a statement to the database, and leaves what a killed process leaves behind."""

from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any

from django.db import connection

from integrations.outbound.effects import Effect, LaneEffect
from tests.integrations.world import World

# What the server does by itself for a process that is gone.
CLEARING = ("ROLLBACK", "RELEASE")
Moment = Callable[[str, Effect | LaneEffect], bool]


class Killed(BaseException):
    """The process ended here; it says nothing to the database any more."""


class Doomed:
    """Dies before the statement of this number, counted ``once`` a push has come to a moment, or from the first one
    that has these words ``at`` its beginning.
    """

    def __init__(self, lives_for: int = 0, *, once: Moment | None = None, at: str = "") -> None:
        self.lives_for = lives_for
        self.once, self.at = once, at
        self.is_counting = self.is_dead = False

    def works(self, world: World) -> None:
        """A turn in a thread of its own: with its own connection, and nothing of it outlives it."""
        thread = Thread(target=self._turn, args=[world])
        thread.start()
        thread.join()

    def _turn(self, world: World) -> None:
        with suppress(Killed), connection.execute_wrapper(self._on_statement):
            world.work(observe=self._observe)
        connection.close()

    def _observe(self, phase: str, effect: Effect | LaneEffect) -> None:
        self.is_counting = self.is_counting or bool(self.once and self.once(phase, effect))

    def _on_statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.is_counting = self.is_counting or bool(self.at and sql.startswith(self.at))
        if self.is_counting and not sql.startswith(CLEARING):
            self.is_dead = self.is_dead or self.lives_for == 0
            if self.is_dead:
                raise Killed
            self.lives_for -= 1
        return execute(sql, params, many, context)
