"""The calls of a turn, made when the seed says and answered in the order it says."""

import random
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, Self

from tests.simulation.hands import Killed, current, go


class ChosenCalls:
    """Takes the place of the threads: a call happens when its answer is asked for."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._open: dict[Future[Any], Callable[[], Any]] = {}

    def start(self, call: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        self._open[future] = call
        return future

    def answered(self, waiting: Iterable[Future[Any]], seconds: float) -> Iterable[Future[Any]]:
        if not self._open:
            return []
        future = self.chance.choice(list(self._open))
        future.set_result(_made(self._open.pop(future)))
        return [future]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """A process that was killed may have had requests on the wire; nobody reads their answers."""
        if kind is Killed:
            for call in self._open.values():
                if self.chance.random() < 0.5:
                    _made_by_a_ghost(call)


def _made(call: Callable[[], Any]) -> Any:
    """As in a thread of its own: without the database."""
    hand = current()
    assert hand is not None
    hand.calling = True
    try:
        return call()
    finally:
        hand.calling = False


def _made_by_a_ghost(call: Callable[[], Any]) -> None:
    hand = current()
    assert hand is not None
    hand.dead, hand.judge = False, go
    try:
        _made(call)
    finally:
        hand.dead = True
