"""The calls of a turn one after the other, so that documents arrive in the order in which they were sent.

With threads, what several calls at once leave in a company comes in another order on another day. Those are driven by
the demo in a browser, by the tests that kill a worker and by the benchmarks.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, Self


class CallsInTurn:
    """Takes the place of the threads: a call is over when it has been started."""

    def start(self, call: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(call())
        return future

    def answered(self, waiting: Iterable[Future[Any]], seconds: float) -> Iterable[Future[Any]]:
        return list(waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is under way."""
