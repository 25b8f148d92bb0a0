"""Where calls to the other side are made: several at once, beside the thread that works with the database."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Protocol, Self

import structlog


class Calls(Protocol):
    """Makes calls and says which have come back. Left at the end of a turn."""

    def start(self, call: Callable[[], Any]) -> Future[Any]:
        """Begins a call."""
        ...

    def answered(self, waiting: Iterable[Future[Any]], seconds: float) -> Iterable[Future[Any]]:
        """Those of the waiting ones that have come back; none when that takes longer."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class ThreadedCalls:
    """Each call in a thread. Leaving waits for those under way."""

    def __init__(self, at_once: int) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="calls")

    def start(self, call: Callable[[], Any]) -> Future[Any]:
        return self._threads.submit(_named_alike, structlog.contextvars.get_contextvars(), call)

    def answered(self, waiting: Iterable[Future[Any]], seconds: float) -> Iterable[Future[Any]]:
        return wait(waiting, seconds, FIRST_COMPLETED).done

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown()


def _named_alike(names: dict[str, Any], call: Callable[[], Any]) -> Any:
    """What the thread logs bears the names of what it was started for."""
    with structlog.contextvars.bound_contextvars(**names):
        return call()
