"""Every call the sandbox has answered, for assertions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.core import Sandbox

COLUMNS = ("seq", "at", "realm", "client_id", "method", "path", "query", "operation", "entity",
           "status", "code", "metered", "requestid", "replayed", "intuit_tid", "fault")  # fmt: skip


def write(core: Sandbox, entry: dict[str, Any]) -> None:
    """`status` 0 stands for a connection that was closed before anything was done."""
    core.store.execute(
        f"INSERT INTO journal({','.join(COLUMNS[1:])}) VALUES({','.join('?' * (len(COLUMNS) - 1))})",
        tuple(entry.get(name) for name in COLUMNS[1:]),
    )


def read(core: Sandbox, realm: str | None = None, after: int = 0) -> list[dict[str, Any]]:
    sql = "SELECT * FROM journal WHERE seq>?"
    values: list[Any] = [after]
    if realm:
        sql, values = sql + " AND realm=?", [after, realm]
    rows = core.store.all(sql + " ORDER BY seq", *values)
    return [entry(row) for row in rows]


def entry(row: Any) -> dict[str, Any]:
    found = dict(zip(COLUMNS, row, strict=True))
    found["metered"], found["replayed"] = bool(found["metered"]), bool(found["replayed"])
    return found


def clear(core: Sandbox) -> None:
    core.store.execute("DELETE FROM journal")
