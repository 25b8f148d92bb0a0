"""A backup of one organization's rows, and going back to it: the rows as of then, while QuickBooks goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.db import connections

# Every table with rows of an organization; what a database computes itself is not written.
TABLES = """
SELECT columns.table_name, array_agg(quote_ident(column_name) ORDER BY ordinal_position)
  FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
 WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
 GROUP BY 1 HAVING 'organization_id' = ANY(array_agg(column_name::text))
"""
# Who belongs to an organization is the world around the story.
KEPT = {"tenants_membership", "tenants_route"}

Rows = dict[str, tuple[list[str], list[str]]]


@dataclass(frozen=True)
class Backup:
    """All rows of one organization at one moment."""

    organization: UUID
    rows: Rows

    @classmethod
    def of(cls, organization: UUID) -> "Backup":
        """Taken now."""
        with _owner(organization) as cursor:
            return cls(organization, dict(_read(cursor, organization)))

    def restore(self) -> None:
        """The rows are those of the backup again; what came after it is gone."""
        with _owner(self.organization) as cursor:
            for table in self.rows:
                cursor.execute(
                    f"DELETE FROM {table} WHERE organization_id = %s",  # noqa: S608
                    [self.organization],
                )
            for table, (columns, rows) in self.rows.items():
                names = ", ".join(columns)
                cursor.executemany(
                    f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_record(NULL::{table}, %s)",  # noqa: S608
                    [(row,) for row in rows],
                )


def _read(cursor: Any, organization: UUID) -> Iterator[tuple[str, tuple[list[str], list[str]]]]:
    cursor.execute(TABLES)
    for table, columns in cursor.fetchall():
        if table not in KEPT:
            cursor.execute(
                f"SELECT row_to_json(one)::text FROM {table} AS one WHERE organization_id = %s",  # noqa: S608
                [organization],
            )
            yield table, (columns, [row for (row,) in cursor.fetchall()])


@contextmanager
def _owner(organization: UUID) -> Iterator[Any]:
    """One transaction as the owner of the tables, who may also take back what is only ever added."""
    settings = connections["owner"].get_connection_params()
    settings.pop("cursor_factory", None)
    settings.pop("context", None)
    with psycopg.connect(**settings) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.organization', %s, true)", [str(organization)])
        yield cursor
