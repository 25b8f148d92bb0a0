"""`requestid`: a repeated write is answered with the stored answer of the first."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sandbox import jsontext
from sandbox.messages import Request, Response
from sandbox.quickbooks.faults import Fault

if TYPE_CHECKING:
    from sandbox.core import Sandbox

LONGEST, LONGEST_BATCH = 50, 36


def check(requestid: str, is_batch: bool) -> None:
    if not requestid or len(requestid) > (LONGEST_BATCH if is_batch else LONGEST):
        raise Fault(2130, "Invalid Request Id Format", element="requestid")


def fingerprint(request: Request) -> str:
    return hashlib.sha256(request.path.encode() + b"\0" + request.body).hexdigest()


def replay(core: Sandbox, realm: str, requestid: str, request: Request) -> Response | None:
    """The stored answer, or None when this id is new (or forgotten)."""
    row = core.store.one(
        "SELECT at, fingerprint, status, headers, body FROM replays WHERE realm=? AND requestid=?",
        int(realm), requestid,
    )  # fmt: skip
    kept = core.switches.requestid_retention_seconds
    if row is None or (kept >= 0 and core.clock.time() - row[0] >= kept):
        return None
    if core.switches.requestid_strict and row[1] != fingerprint(request):
        raise Fault(600, "Duplicate Request ID", element="requestid")
    return Response(row[2], jsontext.loads(row[3]), bytes(row[4]))


def check_no_other(core: Sandbox, realm: str, requestid: str, request: Request) -> None:
    """Raises 600 while a call of this id is still going on, whose caller was told that it takes too long."""
    in_flight = core.agenda.has_call(f"/company/{realm}/", requestid)
    if in_flight and core.switches.requestid_in_flight_fault and not request.late:
        raise Fault(600, "Duplicate Request ID", element="requestid")


def remember(
    core: Sandbox, realm: str, requestid: str, request: Request, response: Response
) -> None:
    if response.status != 200 and not core.switches.requestid_stores_faults:
        return
    headers = {k: v for k, v in response.headers.items() if k == "Content-Type"}
    core.store.execute(
        "REPLACE INTO replays VALUES(?,?,?,?,?,?,?)",
        (int(realm), requestid, core.clock.time(), fingerprint(request), response.status,
         jsontext.dumps(headers), response.body),
    )  # fmt: skip


def forget(core: Sandbox, realm: str | None = None) -> None:
    """As if the retention time were over."""
    if realm is None:
        core.store.execute("DELETE FROM replays")
    else:
        core.store.execute("DELETE FROM replays WHERE realm=?", (int(realm),))
