"""``flush`` as the owner of the tables, and only of those that hold rows.

Test teardown calls it for ``default``, whose plain role may not truncate. A table that nobody wrote to since the last
flush has no size; skipping it lets a flush of an almost empty database take milliseconds. Rows cannot be counted
instead: row-level security raises for the owner, too.
"""

from typing import Any

import psycopg
from django.core.management.commands.flush import Command as DjangoFlush
from django.db import connections
from psycopg import sql

# Filled by migrate, not by people.
KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})


class Command(DjangoFlush):
    def handle(self, **options: Any) -> None:
        if options["interactive"] or "owner" not in connections:
            super().handle(**options)
            return
        # Not through Django: a test that may use "default" only has its other connections locked.
        with psycopg.connect(**connections["owner"].get_connection_params()) as owner:
            truncate_written_tables(owner)


def truncate_written_tables(owner: "psycopg.Connection[Any]") -> None:
    """Empties the tables of Django's models in one statement."""
    tables = set(connections["owner"].introspection.django_table_names()) - KEPT
    rows = owner.execute(
        "SELECT relname FROM pg_class WHERE relname = ANY(%s)"
        " AND relnamespace = current_schema()::regnamespace AND pg_relation_size(oid) > 0",
        [list(tables)],
    ).fetchall()
    if rows:
        written = sql.SQL(", ").join(sql.Identifier(name) for (name,) in rows)
        owner.execute(sql.SQL("TRUNCATE {} CASCADE").format(written))
