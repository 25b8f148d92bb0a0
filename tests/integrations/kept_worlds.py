"""Connected worlds, made once in a process over HTTP and laid out again for each test that begins with them.

Both sides are as they were right after connecting: our rows are copied inside the database, the sandbox takes its own
back, and every time moves along, as if that had been just now. A server that somebody else runs lets nobody copy rows
past its triggers, so there each test connects anew.
"""

import copy
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from psycopg import sql

from regentra import clock
from sandbox.store import Rows
from tenants.models import Organization, Role, User
from tests import factories
from tests.environment.management.commands import flush
from tests.environment.management.commands.flush import Connection
from tests.integrations.world import World

# From which the sandbox of each of them draws.
SEED = uuid4().hex[:16]
# Of the sandbox's times those that something waits for, or that end something.
TIMES = {
    "events": ["due"],
    "deliveries": ["due", "first_at"],
    "replays": ["at"],
    "secrets": [],
}
TIMES_OF_SECRETS = ("expires", "issued", "used")

# The same in every test, as their connections refer to them.
_ids = {name: uuid4() for name in ("northwind", "alice", "contoso", "charlie")}
_kept: dict[int, "_Kept"] = {}


@dataclass(frozen=True)
class _Kept:
    """What stands for one world, or for two, on both sides."""

    made_at: datetime
    copying: list[sql.Composed]
    theirs: Rows
    worlds: list[dict[str, Any]]


def founded(name: str, owner: str) -> tuple[Organization, User]:
    """An organization that may connect QuickBooks, and its owner."""
    organization = factories.organization(id=_ids[name], features=["quickbooks"])
    person = factories.member(organization, f"{owner}@example.com", Role.OWNER, id=_ids[owner])
    return organization, person


def connected(alices: World, *, two: bool) -> list[World]:
    """Alice's world, and Charlie's if there are ``two``, each connected to a company of its own."""
    worlds = [alices]
    if two:
        people = founded("contoso", "charlie")
        worlds.append(World(alices.box, alices.client_id, alices.verifier, *people))
    kept = _kept.get(len(worlds))
    if kept is None:
        _connect(worlds)
        if flush.may_delete():
            _kept[len(worlds)] = _keep(worlds)
    else:
        _lay_out(worlds, kept)
    return worlds


def _connect(worlds: list[World]) -> None:
    for world in worlds:
        world.connect(custom_numbers=True)
        world.work()
        world.forget_calls()


def _keep(worlds: list[World]) -> _Kept:
    schema = f"kept_{len(worlds)}"
    copying = []
    with flush.emptier() as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        for table in flush.written(connection):
            names = sql.Identifier(schema, table), sql.Identifier(table)
            connection.execute(sql.SQL("CREATE TABLE {} AS TABLE {}").format(*names))
            copying.append(_copying(connection, schema, table))
    theirs = worlds[0].box.core.everything()
    return _Kept(clock.now(), copying, theirs, [_told(world) for world in worlds])


def _copying(connection: Connection, schema: str, table: str) -> sql.Composed:
    """The command that adds the rows of a kept table, but for the people who are there already."""
    rows = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE is_generated = 'NEVER'"
        " AND table_schema = current_schema() AND table_name = %s",
        [table],
    ).fetchall()
    moved = [
        sql.SQL("{} + %(passed)s" if kind == "timestamp with time zone" else "{}").format(
            sql.Identifier(name)
        )
        for name, kind in rows
    ]
    return sql.SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} ON CONFLICT DO NOTHING"
    ).format(
        sql.Identifier(table),
        sql.SQL(", ").join(sql.Identifier(name) for name, _ in rows),
        sql.SQL(", ").join(moved),
        sql.Identifier(schema, table),
    )


def _lay_out(worlds: list[World], kept: _Kept) -> None:
    passed = clock.now() - kept.made_at
    with flush.emptier() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        for command in kept.copying:
            connection.execute(command, {"passed": passed})
    worlds[0].box.core.put_back(_moved(kept.theirs, passed.total_seconds()))
    for world, told in zip(worlds, kept.worlds, strict=True):
        for name, value in copy.deepcopy(told).items():
            setattr(world, name, value)


def _told(world: World) -> dict[str, Any]:
    names = ("realm", "connections", "bookkeepers", "_seen")
    return copy.deepcopy({name: getattr(world, name) for name in names})


def _moved(theirs: Rows, seconds: float) -> Rows:
    """The sandbox's rows with all that is to end or to happen so much later."""
    return {
        table: [_later(table, row, seconds) for row in rows] if table in TIMES else rows
        for table, rows in theirs.items()
    }


def _later(table: str, row: dict[str, Any], seconds: float) -> dict[str, Any]:
    moved = {name: row[name] + seconds for name in TIMES[table] if row.get(name) is not None}
    if table == "secrets":
        body = json.loads(row["body"])
        ends = {name: body[name] + int(seconds) for name in TIMES_OF_SECRETS if name in body}
        moved["body"] = json.dumps({**body, **ends})
    return {**row, **moved}
