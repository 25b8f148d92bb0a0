"""Migrations run while web and workers do: nothing is stopped for an update."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations import AddField

from integrations.models import Connection, SyncJob
from tenants.models import Organization
from tenants.operations import HoldTables
from tenants.scope import within

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

OURS = ("billing", "integrations", "tenants", "webhooks")
OLDER_THAN_THE_SQUASHED = ("0002_submission", "0004_invitations", "0005_what_the_operator_decides")
CHANGED = re.compile(
    rf'(?:ALTER TABLE|REFERENCES|UPDATE|(?:INDEX|TRIGGER) [^;]*? ON) "?((?:{"|".join(OURS)})_\w+)"?'
)
MADE = re.compile(r'CREATE TABLE "(\w+)"')


def tables_changed() -> Iterator[tuple[Migration, set[str]]]:
    """By each migration that a database in use may still have to take."""
    executor = MigrationExecutor(connections["owner"])
    state = executor.loader.project_state([])
    leaves = executor.loader.graph.leaf_nodes()
    for migration, _ in executor.migration_plan(leaves, clean_start=True):
        with connections["owner"].schema_editor(collect_sql=True, atomic=False) as editor:
            state = migration.apply(state, editor, collect_sql=True)
        sql = "\n".join(editor.collected_sql)
        if migration.app_label in OURS and not migration.replaces:
            yield migration, set(CHANGED.findall(sql)) - set(MADE.findall(sql))


def test_migration_of_several_tables_takes_them_at_once() -> None:
    several = [each for each in tables_changed() if len(each[1]) > 1]
    assert len(several) > len(OLDER_THAN_THE_SQUASHED)
    for migration, tables in several:
        if migration.name not in OLDER_THAN_THE_SQUASHED:
            first = migration.operations[0]
            assert isinstance(first, HoldTables), f"{migration}: {sorted(tables)}"
            assert set(first.tables) == tables, migration


def test_row_that_a_process_of_before_makes_has_all_columns() -> None:
    """It names none of those that a migration has added since it began."""
    executor = MigrationExecutor(connections["owner"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    added = [
        (each, operation)
        for each, _ in plan
        if each.app_label in OURS and not each.replaces
        if each.name not in OLDER_THAN_THE_SQUASHED
        for operation in each.operations
        if isinstance(operation, AddField) and not operation.field.many_to_many
    ]
    assert added
    for migration, operation in added:
        is_filled = operation.field.null or operation.field.has_db_default()
        assert is_filled, f"{migration}: {operation.model_name}.{operation.name}"


def beside(work: Callable[[], None]) -> "Future[None]":
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    return ThreadPoolExecutor(1).submit(run)


def waits_for_a_table() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_migration_that_takes_several_tables_and_a_turn_do_not_wait_for_each_other(
    northwind: Organization,
) -> None:
    begun, going_on = Event(), Event()

    def turn() -> None:
        with within(northwind):
            list(SyncJob.objects.values_list("pk"))
            begun.set()
            assert going_on.wait(20)
            list(Connection.objects.values_list("pk"))

    def migrate() -> None:
        with connections["owner"].schema_editor() as editor:
            both = HoldTables("integrations_connection", "integrations_syncjob")
            both.database_forwards("integrations", editor, None, None)
            editor.execute("ALTER TABLE integrations_connection FORCE ROW LEVEL SECURITY")

    worker = beside(turn)
    assert begun.wait(10)
    migration = beside(migrate)
    while not waits_for_a_table():
        time.sleep(0.01)
    going_on.set()
    assert [each.exception(60) for each in (worker, migration)] == [None, None]
