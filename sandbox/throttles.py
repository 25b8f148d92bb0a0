"""The vendor's request limits and the monthly meter of reads."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sandbox.quickbooks.faults import throttled

if TYPE_CHECKING:
    from sandbox.core import Sandbox

# (name, calls, seconds) per company, or per company and app. Source: limits page.
PER_MINUTE, PER_SECOND = 500, 10
BATCHES_OF_APP, BATCHES_OF_ALL = 40, 120
ALL_ENDPOINTS = 800


class Throttles:
    """Sliding windows in memory; a restart starts them empty."""

    def __init__(self, core: Sandbox) -> None:
        self.core = core
        self.windows: dict[tuple[str, ...], deque[float]] = {}

    def check(self, realm: str, client_id: str, is_batch: bool) -> None:
        """Count a call or raise the 429 of the limit it would break."""
        now = self.core.clock.time()
        limits = [((realm,), PER_MINUTE, 60.0), ((realm, client_id), PER_SECOND, 1.0)]
        if is_batch:
            limits += [((realm, client_id, "batch"), BATCHES_OF_APP, 60.0),
                       ((realm, "batch", "all"), BATCHES_OF_ALL, 60.0)]  # fmt: skip
        windows = [(self.window(key, now, seconds), most) for key, most, seconds in limits]
        if any(len(window) >= most for window, most in windows):
            raise throttled()
        for window, _ in windows:
            window.append(now)

    def window(self, key: tuple[str, ...], now: float, seconds: float) -> deque[float]:
        found = self.windows.setdefault(key, deque())
        while found and found[0] <= now - seconds:
            found.popleft()
        return found

    def month(self) -> str:
        return self.core.clock.utc().strftime("%Y-%m")

    def check_meter(self, client_id: str) -> None:
        """A Builder workspace that has used up its reads gets 429 until next month."""
        row = self.core.store.one(
            "SELECT calls FROM meters WHERE client=? AND month=?", client_id, self.month()
        )
        if row and row[0] >= self.core.switches.builder_limit:
            raise throttled()

    def meter(self, client_id: str, calls: int = 1) -> None:
        self.core.store.execute(
            "INSERT INTO meters VALUES(?,?,?) ON CONFLICT DO UPDATE SET calls=calls+excluded.calls",
            (client_id, self.month(), calls),
        )
