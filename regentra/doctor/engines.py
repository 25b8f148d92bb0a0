"""Do the database, Redis and the workers answer, and are the roles what keeps tenants apart?"""

from collections.abc import Iterator

import psycopg
import redis
from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from regentra import heartbeat
from regentra.doctor.findings import Finding, note

OLDEST_POSTGRES = 150000
OLDEST_REDIS = (6, 2)

ROLE = """
    SELECT rolname, rolsuper, rolbypassrls,
           (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid),
           (SELECT count(*) FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
             WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND o.rolname <> r.rolname
               AND pg_has_role(r.oid, o.oid, 'MEMBER'))
      FROM pg_roles r WHERE rolname = current_user
"""


def examine_engines() -> list[Finding]:
    """Everything that needs a connection; a part that does not answer is one finding."""
    return [*_examine_database(), *_examine_redis()]


def _examine_database() -> Iterator[Finding]:
    try:
        with _connect("default") as plain:
            yield from _version(plain)
            yield from _runtime_role(plain)
            yield from _owner(plain)
            yield from _migrations()
    except psycopg.OperationalError as failure:
        yield Finding(
            f"PostgreSQL does not answer: {str(failure).splitlines()[0]}",
            _how_to_reach("DATABASE_URL and DATABASE_OWNER_URL"),
        )


def _connect(alias: str) -> "psycopg.Connection[tuple[object, ...]]":
    """Past Django, whose models ask the database for the time before anything can be said."""
    return psycopg.connect(**connections[alias].get_connection_params(), autocommit=True)


def _version(plain: "psycopg.Connection[tuple[object, ...]]") -> Iterator[Finding]:
    if plain.info.server_version < OLDEST_POSTGRES:
        yield Finding(
            f"PostgreSQL {plain.info.server_version // 10000} is too old.",
            "Use PostgreSQL 15 or newer.",
        )


def _runtime_role(plain: "psycopg.Connection[tuple[object, ...]]") -> Iterator[Finding]:
    """Row-level security binds neither superusers nor owners' members; tenants would see each other."""
    row = plain.execute(ROLE).fetchone()
    assert row is not None, "a role that is connected exists"
    name, is_superuser, bypasses, owned, inherited = row
    if is_superuser or bypasses:
        yield Finding(
            f"The role {name} of DATABASE_URL is not bound by row-level security.",
            f"ALTER ROLE {name} NOSUPERUSER NOBYPASSRLS;",
        )
    if owned or inherited:
        yield Finding(
            f"The role {name} of DATABASE_URL owns tables, or may become a role that does.",
            "Use two roles as in regentra/roles.sql: the owner migrates, the other one runs.",
        )


def _owner(plain: "psycopg.Connection[tuple[object, ...]]") -> Iterator[Finding]:
    if "owner" not in connections:
        return
    identity = "SELECT current_database(), system_identifier FROM pg_control_system()"
    with _connect("owner") as owner:
        if owner.info.user == plain.info.user:
            yield Finding(
                "DATABASE_URL and DATABASE_OWNER_URL name the same role.",
                "Use two roles as in regentra/roles.sql.",
            )
        if _identity(owner, identity) != _identity(plain, identity):
            yield Finding(
                "DATABASE_URL and DATABASE_OWNER_URL lead to different databases.",
                "Point both to the same host and database.",
            )


def _identity(connection: "psycopg.Connection[tuple[object, ...]]", query: str) -> object:
    return connection.execute(query).fetchone()


def _migrations() -> Iterator[Finding]:
    alias = "owner" if "owner" in connections else "default"
    executor = MigrationExecutor(connections[alias])
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        yield Finding(
            f"{len(pending)} migrations are not applied.", "Run `python manage.py migrate`."
        )


def _examine_redis() -> Iterator[Finding]:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **heartbeat.SHORT_PATIENCE) as client:
            version = str(client.info("server")["redis_version"])
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
            yield Finding(f"Redis {version} is too old.", "Use Redis 6.2 or newer, or Valkey.")
        if not heartbeat.heard():
            yield note("No worker is running.", "Start the commands of the Procfile.")
    except redis.RedisError as failure:
        yield Finding(f"Redis does not answer: {failure}", _how_to_reach("REDIS_URL"))


def _how_to_reach(names: str) -> str:
    if settings.IS_LOCAL:
        return "Start the embedded engines: make demo, or python -m regentra.embedded start."
    return f"Check {names}, and that the server runs."
