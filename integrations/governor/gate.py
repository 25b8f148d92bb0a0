"""The one place every request to a company passes, in the thread that makes it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from integrations.errors import Temporary
from integrations.governor.limits import PAUSE_SECONDS
from integrations.governor.pace import Pace
from integrations.ports import CallRecord
from regentra import clock

TOO_MANY = 429


class TooLate(Temporary):
    """The worker was held up until sending was no longer safe; it is tried again."""


class Paused(Temporary):
    """QuickBooks asked us to slow down; it goes on by itself."""


class ReadsUsedUp(Temporary):
    """This month's reads are used up; documents still go out, and looking goes on by itself."""


@dataclass(slots=True)
class Gate:
    """Lets requests to one company through, one after another. Touches no database: made for I/O threads.

    ``reads_open`` is False while the vendor answers no reads for anybody.
    """

    company: str
    pace: Pace
    reads_open: bool = True
    sleep: Callable[[float], None] = time.sleep
    _closed_until: float = 0.0
    _own: threading.local = field(default_factory=threading.local)

    def admit(self, *, metered: bool, batch: bool) -> None:
        """Returns when this request may start. Raises `Temporary` when it may not; nothing was sent then."""
        self._refuse(metered)
        if batch:
            self.sleep(self.pace.reserve(self.company, batch=True))
        self.sleep(self.pace.reserve(self.company, batch=False))
        self._refuse(metered)
        if clock.ticks() >= getattr(self._own, "until", float("inf")):
            raise TooLate(code="too_late")

    @contextmanager
    def no_later_than(self, until: float) -> Iterator[None]:
        """What this thread asks meanwhile starts before this moment, on this process's own clock, or not at all."""
        self._own.until = until
        try:
            yield
        finally:
            del self._own.until

    def notice(self, record: CallRecord) -> None:
        """Closes after a 429, for all threads at once, before the database knows of it."""
        if record.status == TOO_MANY:
            self._closed_until = clock.ticks() + PAUSE_SECONDS

    def _refuse(self, metered: bool) -> None:
        left = self._closed_until - clock.ticks()
        if left > 0:
            raise Paused(code="paused", retry_after_seconds=left)
        if metered and not self.reads_open:
            raise ReadsUsedUp(code="reads_used_up")
