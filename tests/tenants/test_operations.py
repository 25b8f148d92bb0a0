"""TenantTable on tables that hold rows already, as later migrations meet them."""

import pytest
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from regentra.platform_tables import PLATFORM_TABLES
from tenants.models import Organization
from tenants.operations import TenantTable
from tenants.scope import within
from tests import factories
from tests.tenants.catalog import complaints

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def test_a_table_with_rows_is_made_again(northwind: Organization) -> None:
    with within(northwind):
        factories.payment(factories.invoice(factories.customer(terms=factories.term())))
    owner = connections["owner"]
    state = MigrationLoader(None).project_state()
    with owner.schema_editor() as editor:
        for name in ("Invoice", "Allocation"):
            TenantTable(name).database_forwards("billing", editor, state, state)
    assert complaints(owner, PLATFORM_TABLES) == []


def test_it_is_written_into_migrations_as_it_is_read() -> None:
    name, args, kwargs = TenantTable("AuditEntry", append_only=True).deconstruct()
    assert (name, args, kwargs) == ("TenantTable", [], {"name": "AuditEntry", "append_only": True})
    assert TenantTable("Invoice").describe() == "Keep Invoice rows apart by organization"
