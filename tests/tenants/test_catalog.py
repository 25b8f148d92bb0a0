"""The database keeps tenants apart as the models say, and the comparison itself notices when it does not."""

import pytest
from django.db import connections

from billing.models import Invoice
from regentra.platform_tables import PLATFORM_TABLES
from tenants.operations import runtime_role
from tests.tenants.catalog import complaints

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_every_table_is_kept_apart_or_listed_with_a_reason() -> None:
    assert complaints(connections["default"], PLATFORM_TABLES) == []


def test_every_platform_table_has_a_reason() -> None:
    assert all(reason.strip() for reason in PLATFORM_TABLES.values())


DAMAGE = [
    ("DROP POLICY tenant ON billing_invoice", "has not exactly the policy tenant"),
    ("CREATE POLICY also ON billing_invoice USING (true)", "has not exactly the policy tenant"),
    ("ALTER POLICY tenant ON billing_invoice USING (true)", "rows are seen by true"),
    ("ALTER POLICY tenant ON billing_invoice WITH CHECK (true)", "rows are written by true"),
    ("ALTER POLICY tenant ON billing_invoice TO {role}", "not for everybody"),
    ("ALTER TABLE billing_invoice NO FORCE ROW LEVEL SECURITY", "is not forced"),
    ("ALTER TABLE billing_invoice DISABLE ROW LEVEL SECURITY", "is not enabled"),
    (
        "ALTER TABLE billing_invoice DROP CONSTRAINT billing_invoice_tenant_key CASCADE",
        "billing_invoice: no unique key",
    ),
    (
        "ALTER TABLE billing_invoice DROP CONSTRAINT billing_invoice_customer_id_tenant",
        "billing_invoice.customer_id: no deferred composite foreign key",
    ),
    (
        "ALTER TABLE billing_invoice ALTER CONSTRAINT billing_invoice_customer_id_tenant NOT DEFERRABLE",
        "billing_invoice.customer_id: no deferred composite foreign key",
    ),
    (
        "ALTER TABLE billing_invoice ADD FOREIGN KEY (customer_id) REFERENCES billing_customer NOT VALID",
        "billing_invoice.customer_id: a foreign key that ignores the organization",
    ),
    ("GRANT TRUNCATE ON billing_invoice TO {role}", "billing_invoice: grants are"),
    ("REVOKE SELECT ON billing_invoice FROM {role}", "billing_invoice: grants are"),
    ("GRANT SELECT ON billing_invoice TO PUBLIC", "billing_invoice: grants are"),
    ("GRANT UPDATE (detail) ON tenants_auditentry TO {role}", "tenants_auditentry: grants are"),
    ("GRANT DELETE ON tenants_auditentry TO {role}", "tenants_auditentry: grants are"),
    ("CREATE TABLE forgotten (id int)", "forgotten: neither a tenant table nor"),
    ("CREATE VIEW peep AS SELECT * FROM billing_invoice", "peep: is not a plain table"),
    (
        "CREATE FUNCTION peep() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1",
        "peep: a function that runs with its owner's rights",
    ),
]


@pytest.mark.parametrize(("damage", "complaint"), DAMAGE)
def test_damage_done_by_the_owner_is_noticed(damage: str, complaint: str) -> None:
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(damage.format(role=runtime_role()))
    found = complaints(owner, PLATFORM_TABLES)
    assert found
    assert any(complaint in each for each in found)


def test_a_table_that_is_taken_off_the_list_is_noticed() -> None:
    platform = {name: why for name, why in PLATFORM_TABLES.items() if name != "billing_wake"}
    found = complaints(connections["default"], platform)
    assert found == ["billing_wake: neither a tenant table nor in regentra/platform_tables.py"]


def test_a_list_that_names_too_much_is_noticed() -> None:
    platform = {**PLATFORM_TABLES, "billing_invoice": "convenient", "gone": "was here once"}
    assert complaints(connections["default"], platform) == [
        "billing_invoice: a tenant table cannot be a platform table",
        "gone: in regentra/platform_tables.py, but not in the database",
    ]


def test_a_plain_reference_between_tenants_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    field = Invoice._meta.get_field("customer")
    monkeypatch.setattr(field, "__class__", field.__class__.__base__)
    found = complaints(connections["default"], PLATFORM_TABLES)
    assert "billing_invoice.customer: must be a TenantForeignKey" in found
