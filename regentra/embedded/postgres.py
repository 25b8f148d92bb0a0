"""An embedded PostgreSQL: its own folder, a Unix socket, the two roles of production."""

import locale
import shutil
import signal
import textwrap
from pathlib import Path

import psycopg
from psycopg import sql

from regentra.embedded.errors import EngineFailed
from regentra.embedded.places import DATABASE, OWNER_ROLE, POSTGRES_PORT, Home
from regentra.embedded.processes import end, is_program
from regentra.embedded.programs import PostgresPrograms, postgres_programs
from regentra.embedded.service_user import ServiceUser, service_user

SUPERUSER = "postgres"
ROLES = Path(__file__).parent.parent / "roles.sql"
STOP_SECONDS = 30
# Several processes of the tests may each have fifty threads at work at the same moment.
CONNECTIONS = 300


def start(home: Home, *, durable: bool = True) -> None:
    """Makes the data folder, the server, the roles and the database where they are missing.

    Without ``durable`` nothing is flushed to disk: for throw-away test data only. Raises `EngineFailed`.
    """
    user = service_user()
    if not is_running(home):
        home.service_root.mkdir(parents=True, exist_ok=True)
        programs = _within_reach(postgres_programs(home.postgres), home, user)
        _make_data_folder(home, programs, user, durable=durable)
        _launch(home, programs, user, durable=durable)
    _make_roles_and_database(home)


def stop(home: Home) -> None:
    """Stops the server by its process id, as fast as it can be done cleanly."""
    pid = process_id(home)
    if pid is not None:
        end(pid, how=signal.SIGINT, names=("postgres",), patience_seconds=STOP_SECONDS)


def is_running(home: Home) -> bool:
    """Whether the server takes connections."""
    try:
        _connect(home).close()
    except psycopg.OperationalError:
        return False
    return True


def process_id(home: Home) -> int | None:
    """The living server's process id; the file alone proves nothing, a crash leaves it behind."""
    file = home.postgres / "postmaster.pid"
    try:
        pid = int(file.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return pid if is_program(pid, "postgres") else None


def _connect(home: Home, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host=str(home.sockets),
        port=POSTGRES_PORT,
        user=SUPERUSER,
        dbname=database,
        autocommit=True,
        connect_timeout=10,
    )


def _within_reach(programs: PostgresPrograms, home: Home, user: ServiceUser) -> PostgresPrograms:
    """The programs, or a copy of the wheel's where the virtual environment is closed to the service user."""
    _prepare_service_folder(home, user)
    if user.can_run(programs["postgres"], cwd=home.sockets):
        return programs
    if not programs.from_wheel:
        raise EngineFailed(f"The system user of PostgreSQL may not run {programs['postgres']}.")
    package = programs.folder.parent.parent
    copy = home.service_root / "programs"
    for part in (package / programs.folder.parent.name, package.with_name(package.name + ".libs")):
        if part.exists():
            user.copy(part, copy / part.relative_to(package.parent))
    return PostgresPrograms(
        copy / programs.folder.relative_to(package.parent), programs.major, from_wheel=True
    )


def _prepare_service_folder(home: Home, user: ServiceUser) -> None:
    user.make_folder(home.sockets)
    shortcut = home.root / "postgres"
    if home.postgres != shortcut and not shortcut.is_symlink():
        shortcut.symlink_to(home.postgres)


def _make_data_folder(
    home: Home, programs: PostgresPrograms, user: ServiceUser, *, durable: bool
) -> None:
    """Made beside its place and moved there when complete, so that a crash leaves no half of one."""
    if (home.postgres / "PG_VERSION").exists():
        return
    unfinished = home.postgres.with_name(f"postgres-{programs.major}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    user.make_folder(unfinished)
    result = user.run(
        [
            programs["initdb"],
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            f"--locale={_locale()}",
            "--no-instructions",
            *([] if durable else ["--no-sync"]),
        ],
        cwd=home.sockets,
    )
    if result.returncode != 0:
        raise EngineFailed(f"PostgreSQL's initdb failed:\n{result.stdout}")
    unfinished.rename(home.postgres)


def _launch(home: Home, programs: PostgresPrograms, user: ServiceUser, *, durable: bool) -> None:
    _write_configuration(home, user, durable=durable)
    _drop_misleading_locks(home)
    log = home.postgres / "server.log"
    result = user.run(
        [programs["pg_ctl"], "start", "-w", "-t", "100", "-D", home.postgres, "-l", log],
        cwd=home.sockets,
    )
    if result.returncode != 0 or not is_running(home):
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else result.stdout
        raise EngineFailed(f"PostgreSQL does not start; the end of {log}:\n{tail}")


def configuration(home: Home, *, durable: bool) -> str:
    """What is different from PostgreSQL's defaults."""
    flush = "on" if durable else "off"
    return textwrap.dedent(f"""\
        listen_addresses = ''
        port = {POSTGRES_PORT}
        unix_socket_directories = '{home.sockets}'
        unix_socket_permissions = 0700
        timezone = 'UTC'
        log_timezone = 'UTC'
        max_connections = {CONNECTIONS}
        fsync = {flush}
        full_page_writes = {flush}
        """)


def _write_configuration(home: Home, user: ServiceUser, *, durable: bool) -> None:
    own = home.postgres / "regentra.conf"
    own.write_text(configuration(home, durable=durable))
    user.take(own)
    main = home.postgres / "postgresql.conf"
    line = "include = 'regentra.conf'\n"
    if line not in main.read_text():
        with main.open("a") as file:
            file.write(line)


def _drop_misleading_locks(home: Home) -> None:
    """After a crash both lock files name a number that now may be a zombie's or another program's.

    PostgreSQL would take it for a living server and give up. It still notices by itself, from the shared memory, when
    a process of the old server is at work on the data.
    """
    if process_id(home) is None:
        (home.postgres / "postmaster.pid").unlink(missing_ok=True)
        (home.sockets / f".s.PGSQL.{POSTGRES_PORT}.lock").unlink(missing_ok=True)


def _make_roles_and_database(home: Home) -> None:
    with _connect(home) as connection:
        connection.execute(ROLES.read_bytes())
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if known.fetchone() is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE)
                )
            )


def _locale() -> str:
    """C.UTF-8 knows upper and lower case beyond ASCII; macOS and some small systems lack it."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"
