"""Where the processor time of a push goes."""

import threading
import time
from collections.abc import Callable
from typing import Any

from integrations.outbound.store import Store
from integrations.outbound.trips import Trip


class Parts:
    """CPU by part of a push: what the thread of the database does, and the threads that make requests."""

    NAMES = ("gather", "take_up", "commit_intent", "record_calls", "commit_answer")

    def __init__(self) -> None:
        self.spent: dict[str, float] = dict.fromkeys((*self.NAMES, "requests"), 0.0)
        self._former: dict[Any, Any] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> "Parts":
        for owner, name, part in [
            *((Store, name, name) for name in self.NAMES),
            (Trip, "make", "requests"),
        ]:
            self._former[owner, name] = getattr(owner, name)
            setattr(owner, name, self._timed(getattr(owner, name), part))
        return self

    def __exit__(self, *_: object) -> None:
        for (owner, name), former in self._former.items():
            setattr(owner, name, former)

    def _timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.thread_time()
            try:
                return function(*arguments, **named)
            finally:
                with self._lock:
                    self.spent[part] += time.thread_time() - began

        return timed
