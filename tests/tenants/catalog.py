"""Compares what Django's models say of tenants with what PostgreSQL really enforces."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from tenants.operations import POLICY, TenantTable, runtime_role, tenant_foreign_keys
from tenants.tables import _Owned

Row = dict[str, Any]

TABLES = """
    SELECT c.relname AS name, c.relkind AS kind, c.relrowsecurity AS enabled,
           c.relforcerowsecurity AS forced, r.rolname AS owner
    FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
POLICIES = """
    SELECT polname AS name, polpermissive AS permissive, polcmd AS command, polroles = '{0}' AS all,
           pg_get_expr(polqual, polrelid) AS seen, pg_get_expr(polwithcheck, polrelid) AS written
    FROM pg_policy WHERE polrelid = %s::regclass
"""
KEYS = """
    SELECT contype AS kind, condeferrable AND condeferred AS deferred, convalidated AS validated,
           confrelid::regclass::text AS target,
           (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(conkey) WITH ORDINALITY
            k(number, place) JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.number
           ) AS columns,
           (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(confkey) WITH ORDINALITY
            k(number, place) JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.number
           ) AS target_columns
    FROM pg_constraint WHERE conrelid = %s::regclass
"""
GRANTS = """
    SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END AS grantee,
           g.privilege_type AS right
    FROM pg_class c, aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner))) g
    WHERE c.oid = %s::regclass AND g.grantee <> c.relowner
    UNION
    SELECT 'a column', a.attname::text FROM pg_attribute a
    WHERE a.attrelid = %s::regclass AND a.attacl IS NOT NULL
"""
ROLES = """
    SELECT rolname AS name, rolsuper OR rolbypassrls OR rolreplication AS mighty FROM pg_roles
    WHERE rolname = %s
       OR rolname IN (SELECT pg_get_userbyid(datdba) FROM pg_database
                      WHERE datname = current_database())
"""
OWNED = """
    SELECT relname::text AS name FROM pg_class WHERE relowner = %(role)s::regrole
    UNION ALL SELECT proname::text FROM pg_proc WHERE proowner = %(role)s::regrole
    UNION ALL SELECT nspname::text FROM pg_namespace WHERE nspowner = %(role)s::regrole
    UNION ALL SELECT datname::text FROM pg_database WHERE datdba = %(role)s::regrole
"""
MEMBERSHIPS = "SELECT roleid::regrole::text AS name FROM pg_auth_members WHERE member = %s::regrole"
DEFINERS = """
    SELECT proname AS name FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prosecdef
"""


def complaints(connection: Any, platform: Mapping[str, str]) -> list[str]:
    """Everything that would let one tenant's rows meet another's; empty when all is well."""
    return list(_complaints(connection, platform))


def _complaints(connection: Any, platform: Mapping[str, str]) -> Iterator[str]:
    tables = {row["name"]: row for row in rows(connection, TABLES)}
    tenant = {model._meta.db_table: model for model in tenant_models()}
    yield from _unlisted(tables, tenant, platform)
    yield from _plain_references(tenant)
    append_only = append_only_by_table()
    for name, model in tenant.items():
        if name not in append_only:
            yield f"{name}: no migration makes it a TenantTable"
        elif name in tables:
            yield from _security(connection, tables[name])
            yield from _keys(connection, model, tenant)
            yield from _grants(connection, name, append_only=append_only[name])
    yield from _roles(connection)


def tenant_models() -> list[type[Model]]:
    """Every model that stands on TenantModel or TenantLog."""
    return [model for model in apps.get_models() if issubclass(model, _Owned)]


def append_only_by_table() -> dict[str, bool]:
    """What the last TenantTable operation of each model says."""
    said: dict[str, bool] = {}
    loader = MigrationLoader(None)
    for key in sorted(loader.graph.nodes):
        for operation in loader.disk_migrations[key].operations:
            if isinstance(operation, TenantTable):
                model = apps.get_model(key[0], operation.name)
                said[model._meta.db_table] = operation.append_only
    return said


def rows(connection: Any, sql: str, params: Any = None) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _unlisted(
    tables: Mapping[str, Row], tenant: Mapping[str, Any], platform: Mapping[str, str]
) -> Iterator[str]:
    for name, table in tables.items():
        if table["kind"] != "r":
            yield f"{name}: is not a plain table; row-level security may not hold in it"
        elif name not in tenant and name not in platform:
            yield f"{name}: neither a tenant table nor in regentra/platform_tables.py"
    for name in platform:
        if name not in tables:
            yield f"{name}: in regentra/platform_tables.py, but not in the database"
        if name in tenant:
            yield f"{name}: a tenant table cannot be a platform table"


def _plain_references(tenant: Mapping[str, Any]) -> Iterator[str]:
    for name, model in tenant.items():
        for field in model._meta.get_fields():
            related = getattr(field, "related_model", None)
            if not related or field.auto_created or not issubclass(related, _Owned):
                continue
            if field.many_to_many or field not in tenant_foreign_keys(model):
                yield f"{name}.{field.name}: must be a TenantForeignKey"


def _security(connection: Any, table: Row) -> Iterator[str]:
    name = table["name"]
    if not table["enabled"]:
        yield f"{name}: row-level security is not enabled"
    if not table["forced"]:
        yield f"{name}: row-level security is not forced"
    policies = rows(connection, POLICIES, [name])
    if [policy["name"] for policy in policies] != ["tenant"]:
        yield f"{name}: has not exactly the policy tenant"
    for policy in policies:
        if not policy["permissive"] or policy["command"] != "*" or not policy["all"]:
            yield f"{name}: its policy is not for everybody and every command"
        for side in ("seen", "written"):
            if _plain(policy[side]) != _plain(POLICY):
                yield f"{name}: rows are {side} by {policy[side]}"


def _plain(expression: str | None) -> str:
    """Without the decoration that PostgreSQL adds when it prints an expression."""
    text = (expression or "").replace("AS app_organization", "").replace("public.", "")
    return "".join(text.split()).strip("()").lower()


def _keys(connection: Any, model: Any, tenant: Mapping[str, Any]) -> Iterator[str]:
    name = model._meta.db_table
    keys = rows(connection, KEYS, [name])
    if not any(key["kind"] == "u" and key["columns"] == ["organization_id", "id"] for key in keys):
        yield f"{name}: no unique key (organization_id, id)"
    for field in tenant_foreign_keys(model):
        if not any(_leads_to(key, field) for key in keys):
            yield f"{name}.{field.column}: no deferred composite foreign key"
    for key in keys:
        if key["kind"] == "f" and key["target"] in tenant and len(key["columns"]) == 1:
            yield f"{name}.{key['columns'][0]}: a foreign key that ignores the organization"


def _leads_to(key: Row, field: Any) -> bool:
    return (
        key["kind"] == "f"
        and key["columns"] == ["organization_id", field.column]
        and key["target"] == field.related_model._meta.db_table
        and key["target_columns"] == ["organization_id", "id"]
        and key["deferred"]
        and key["validated"]
    )


def _grants(connection: Any, name: str, *, append_only: bool) -> Iterator[str]:
    wanted = {"SELECT", "INSERT"} if append_only else {"SELECT", "INSERT", "UPDATE", "DELETE"}
    granted: dict[str, set[str]] = {}
    for row in rows(connection, GRANTS, [name, name]):
        granted.setdefault(row["grantee"], set()).add(row["right"])
    if granted != {runtime_role(): wanted}:
        yield f"{name}: grants are {granted}"


def _roles(connection: Any) -> Iterator[str]:
    role = runtime_role()
    for row in rows(connection, ROLES, [role]):
        if row["mighty"]:
            yield f"{row['name']}: the role may look past row-level security"
    for row in rows(connection, OWNED, {"role": role}):
        yield f"{role}: owns {row['name']}"
    for row in rows(connection, MEMBERSHIPS, [role]):
        yield f"{role}: is a member of {row['name']}"
    for row in rows(connection, DEFINERS):
        yield f"{row['name']}: a function that runs with its owner's rights"
