"""What the sandbox will do by itself later: late calls, mails, automatic deposits."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sandbox.messages import Request

if TYPE_CHECKING:
    from sandbox.core import Sandbox

Entry = dict[str, Any]


class Agenda:
    """Kept over a restart; carried out when the sandbox clock has got there."""

    def __init__(self, core: Sandbox) -> None:
        self.core = core
        self.entries: list[Entry] = core.store.get("agenda", [])

    def add(self, seconds: float, what: str, **about: Any) -> None:
        at = f"{self.core.clock.time() + seconds:.3f}"
        self.entries.append({"at": at, "what": what, **about})
        self._keep()
        self.core.wake()

    def add_call(self, seconds: float, request: Request) -> None:
        """A call whose caller has been told nothing good, and which happens all the same."""
        self.add(seconds, "call", method=request.method, path=request.path, query=request.query,
                 headers=request.headers, body=base64.b64encode(request.body).decode())  # fmt: skip

    def has_call(self, within: str, requestid: str) -> bool:
        """Whether a call with this ``requestid`` to a path that has ``within`` in it is still to be done."""
        return any(
            entry["what"] == "call"
            and entry["query"].get("requestid") == requestid
            and within in entry["path"]
            for entry in self.entries
        )

    def next_at(self) -> float | None:
        return min((float(e["at"]) for e in self.entries), default=None)

    def catch_up(self) -> None:
        now = self.core.clock.time()
        while ripe := sorted(
            (e for e in self.entries if float(e["at"]) <= now), key=lambda e: float(e["at"])
        ):
            self.entries.remove(ripe[0])
            self._keep()
            self._do(ripe[0])

    def _do(self, entry: Entry) -> None:
        if entry["what"] == "call":
            self.core.route(Request(entry["method"], entry["path"], entry["query"], entry["headers"],
                                    base64.b64decode(entry["body"]), late=True))  # fmt: skip
            return
        from sandbox.quickbooks import byitself

        if entry["realm"] in self.core.companies:
            byitself.DO[entry["what"]](self.core.books(entry["realm"]), entry)

    def _keep(self) -> None:
        self.core.store.set("agenda", self.entries)
