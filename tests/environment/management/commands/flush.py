"""``flush`` as test teardown needs it: of the tables that hold rows, and in milliseconds.

Teardown calls it for ``default``, whose plain role may not truncate; row-level security binds the owner, too. A table
that nobody wrote to has no size and is left out. TRUNCATE takes new files for every table that refers to a written
one, which is nearly all, so the superuser of the run's own engine deletes the few rows instead, and truncates only now
and then, when the rows that are gone have left much room. A server that somebody else runs is truncated each time.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeAlias

import psycopg
from django.core.management.commands.flush import Command as DjangoFlush
from django.db import connections
from psycopg import sql

from regentra.embedded.postgres import SUPERUSER

# Filled by migrate, not by people.
KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})
DELETES_PER_TRUNCATE = 50
# Set by tests/conftest.py: where the run's own engine listens.
SOCKETS = "REGENTRA_TEST_SOCKETS"

Connection: TypeAlias = "psycopg.Connection[Any]"

_turns = count(1)
# A server process begins by reading what each table is, so this process keeps the one it has.
_open: list[Connection] = []


class Command(DjangoFlush):
    def handle(self, **options: Any) -> None:
        if options["interactive"] or "owner" not in connections:
            super().handle(**options)
            return
        with emptier() as connection:
            tables = [sql.Identifier(name) for name in written(connection)]
            if may_delete() and next(_turns) % DELETES_PER_TRUNCATE:
                _delete(connection, tables)
            elif tables:
                _truncate(connection, tables)


def may_delete() -> bool:
    """Whether the run has an engine of its own, where its superuser may leave references out of account."""
    return SOCKETS in os.environ


@contextmanager
def emptier() -> Iterator[Connection]:
    """A transaction. Not through Django: a test that may use "default" only has its other connections locked."""
    if _open and _open[0].closed:
        _open.clear()
    if not _open:
        where = connections["owner"].get_connection_params()
        if may_delete():
            where["user"] = SUPERUSER
        _open.append(psycopg.connect(**where, autocommit=True))
    with _open[0].transaction():
        yield _open[0]


def close() -> None:
    """Before the database goes."""
    while _open:
        _open.pop().close()


def written(connection: Connection) -> list[str]:
    """The tables of Django's models that have a size, but for those that migrate fills."""
    tables = set(connections["owner"].introspection.django_table_names()) - KEPT
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relname = ANY(%s)"
        " AND relnamespace = current_schema()::regnamespace AND pg_relation_size(oid) > 0",
        [list(tables)],
    ).fetchall()
    return [name for (name,) in rows]


def _delete(connection: Connection, tables: list[sql.Identifier]) -> None:
    """In any order: as all rows go, no reference is looked after meanwhile."""
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(one) for one in tables))


def _truncate(connection: Connection, tables: list[sql.Identifier]) -> None:
    connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(tables)))
