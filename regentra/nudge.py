"""Wakes a worker without keeping anybody waiting.

The message goes out from a thread of its own, so a slow or absent queue delays no answer; a lost one costs the seconds
until the timetable hands over what is left.
"""

import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()

# Rings in between are one call.
REST_SECONDS = 0.05
# A queue that is away is not asked for again with each of several hundred posts a second.
REST_AFTER_FAILURE_SECONDS = 2.0


class Nudge:
    """Calls ``wake`` soon after `ring`; many rings in a row may be one call."""

    def __init__(
        self, wake: Callable[[], object], rest: Callable[[float], object] = time.sleep
    ) -> None:
        self._wake, self._rest = wake, rest
        self._rung = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self) -> None:
        """Returns at once."""
        self._rung.set()
        with self._lock:
            # Made here rather than at import: a thread does not survive the fork of a web worker.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="nudge", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            self._rest(REST_SECONDS if self._wakes() else REST_AFTER_FAILURE_SECONDS)

    def _wakes(self) -> bool:
        try:
            self._wake()
            return True
        except Exception as error:  # noqa: BLE001 – whatever the queue raises, the row is stored and the timetable reads it
            log.warning("queue not reached; the timetable hands over", error=type(error).__name__)
            return False
