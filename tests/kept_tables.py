"""A database server with all migrations applied, kept from one test run to the next.

Applying the migrations takes longer than most runs. So the first run with these very migrations keeps its server's data
as it is before any test, and later runs begin with a copy. Django still asks whether anything is left to apply.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from regentra.embedded import postgres
from regentra.embedded.places import POSTGRES_PORT, Home
from regentra.embedded.service_user import service_user
from regentra.paths import BASE, HOME

KEPT = HOME / "tests-tables"
DATABASE = "regentra_tables"
# Everything that decides what the tables look like.
MADE_OF = ("*/migrations/*.py", "tenants/**/*.py", "regentra/roles.sql", "requirements/runtime.txt")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Runs of one checkout share what is kept, and of the processes of one run the first applies the migrations."""
    HOME.mkdir(parents=True, exist_ok=True)
    with KEPT.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def lay_out(home: Home) -> None:
    """Before the server of a run is started for the first time: its data are a copy of what was kept."""
    kept = KEPT / _key()
    with one_at_a_time():
        if kept.exists() and not home.postgres.exists():
            begun = home.postgres.with_name("postgres.begun")
            service_user().make_folder(home.service_root)
            service_user().copy(kept, begun)
            begun.chmod(0o700)
            begun.rename(home.postgres)


def copy_to(owner: Any, name: str) -> None:
    """The test database as a copy, where the server has the tables. ``owner`` is a Django connection."""
    if is_there(owner):
        _execute(owner, f"CREATE DATABASE {owner.ops.quote_name(name)} TEMPLATE {DATABASE}")


def remember(owner: Any, name: str) -> None:
    """After the migrations, before any test: the server keeps the tables under a name of their own."""
    if not is_there(owner):
        owner.close()
        _execute(owner, f"CREATE DATABASE {DATABASE} TEMPLATE {owner.ops.quote_name(name)}")


def keep(home: Home) -> None:
    """When a run is over: its server's data stay for later runs, unless they were kept before."""
    kept = KEPT / _key()
    if kept.exists() or not _is_remembered(home):
        return
    postgres.stop(home)
    with one_at_a_time():
        shutil.rmtree(KEPT, ignore_errors=True)
        KEPT.mkdir(parents=True)
        shutil.move(home.postgres, kept)


def is_there(owner: Any) -> bool:
    """Whether the server has the tables."""
    with owner._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        return cursor.fetchone() is not None


def _execute(owner: Any, sql: str) -> None:
    with owner._nodb_cursor() as cursor:
        cursor.execute(sql)


def _is_remembered(home: Home) -> bool:
    """Also drops what the run's tests have left."""
    if not postgres.is_running(home):
        return False
    with psycopg.connect(
        host=str(home.sockets),
        port=POSTGRES_PORT,
        user=postgres.SUPERUSER,
        dbname="postgres",
        autocommit=True,
    ) as connection:
        names = {str(row[0]) for row in connection.execute("SELECT datname FROM pg_database")}
        for name in names:
            if name.startswith("test_"):
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
    return DATABASE in names


def _key() -> str:
    digest = hashlib.sha256()
    for pattern in MADE_OF:
        for file in sorted(BASE.glob(pattern)):
            digest.update(f"{file.relative_to(BASE)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
