"""Migration operations that make the database itself keep tenants apart, while web and workers use it."""

from typing import Any

from django.conf import settings
from django.db import OperationalError, connections, transaction
from django.db.migrations.operations.base import Operation
from psycopg.errors import LockNotAvailable

from tenants.tables import TenantForeignKey

# PostgreSQL looks for a deadlock, and ends one of those in it, after a second.
WAITS_AT_MOST = "300ms"

# Evaluated once per query, and able to use indexes that lead with organization_id.
POLICY = "organization_id = (SELECT app_organization())"


def runtime_role() -> str:
    """The plain database role that web, workers and tests run as."""
    return str(settings.DATABASES["default"]["USER"])


class TenantTable(Operation):
    """Composite keys, forced row-level security, policy and grants for one tenant model.

    Idempotent: used again whenever a model gains or loses a TenantForeignKey. With ``append_only`` the
    runtime role may add and read rows and nothing else. Checking a new foreign key reads both tables as
    their owner, whom FORCE blinds; so FORCE is lifted at once and put back by the last statements of the
    migration. An AddField that leads to a platform table therefore comes after a TenantTable.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, name: str, append_only: bool = False) -> None:
        self.name = name
        self.append_only = append_only

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        kwargs: dict[str, Any] = {"name": self.name}
        if self.append_only:
            kwargs["append_only"] = True
        return self.__class__.__qualname__, [], kwargs

    def describe(self) -> str:
        return f"Keep {self.name} rows apart by organization"

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The model's Python state is what its base class says already."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        for statement in tenant_statements(model, append_only=self.append_only):
            schema_editor.execute(statement)
        schema_editor.deferred_sql.extend(
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY' for table in _tables_checked(model)
        )

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = from_state.apps.get_model(app_label, self.name)
        table = model._meta.db_table
        schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')


class HoldTables(Operation):
    """Takes all tables that a migration changes, at once or not at all, before it changes any.

    Web and workers go on meanwhile, and come to them in any order: a migration that held one while it waited for
    another would end one of them or itself by a deadlock. So what it has is let go where the rest is not to be had.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def describe(self) -> str:
        return f"Hold {', '.join(self.tables)}"

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing is changed."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        statement = f"LOCK TABLE {', '.join(self.tables)}"
        if schema_editor.collect_sql:
            schema_editor.execute(statement)
            return
        while not _is_held(schema_editor.connection.alias, statement):
            pass

    database_backwards = database_forwards


def _is_held(alias: str, statement: str) -> bool:
    try:
        with transaction.atomic(alias), connections[alias].cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAITS_AT_MOST}'")
            cursor.execute(statement)
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        return False
    return True


def tenant_statements(model: Any, *, append_only: bool) -> list[str]:
    """The SQL that turns a plain table into a tenant table, safe to run again."""
    table = model._meta.db_table
    rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    return [
        *(f'ALTER TABLE "{each}" NO FORCE ROW LEVEL SECURITY' for each in _tables_checked(model)),
        *_unique_statements(table),
        *(
            sql
            for field in tenant_foreign_keys(model)
            for sql in _reference_statements(table, field)
        ),
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'DROP POLICY IF EXISTS tenant ON "{table}"',
        f'CREATE POLICY tenant ON "{table}" USING ({POLICY}) WITH CHECK ({POLICY})',
        f'REVOKE ALL ON "{table}" FROM "{runtime_role()}"',
        f'GRANT {rights} ON "{table}" TO "{runtime_role()}"',
    ]


def tenant_foreign_keys(model: Any) -> list[Any]:
    """The fields of a model that point at another tenant table."""
    return [field for field in model._meta.local_fields if isinstance(field, TenantForeignKey)]


def _tables_checked(model: Any) -> list[str]:
    """The model's table and those it refers to."""
    tables = [model, *(field.related_model for field in tenant_foreign_keys(model))]
    return sorted({each._meta.db_table for each in tables})


def _unique_statements(table: str) -> list[str]:
    name = f"{table}_tenant_key"
    missing = f"NOT EXISTS (SELECT FROM pg_constraint WHERE conname = '{name}')"
    add = f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" UNIQUE (organization_id, id)'
    return [f"DO $$ BEGIN IF {missing} THEN {add}; END IF; END $$"]


def _reference_statements(table: str, field: Any) -> list[str]:
    name = f"{table}_{field.column}_tenant"[:63]
    target = field.related_model._meta.db_table
    key = f'FOREIGN KEY (organization_id, "{field.column}")'
    other = f'REFERENCES "{target}" (organization_id, id) DEFERRABLE INITIALLY DEFERRED'
    return [
        f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"',
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {key} {other}',
    ]
