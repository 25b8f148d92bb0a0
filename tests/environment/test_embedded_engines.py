"""The embedded engines start, survive a crash, keep their data, and go without a trace."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from regentra.embedded import engines, postgres, redis_server
from regentra.embedded.errors import EngineFailed
from regentra.embedded.places import OWNER_ROLE, Home
from regentra.embedded.processes import is_program, wait_until
from regentra.embedded.programs import postgres_programs, redis_program
from regentra.embedded.service_user import service_user


@pytest.fixture(params=["installed", "wheel"])
def home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Home]:
    """Engines of this test alone, in a folder with a blank and an accent in its name."""
    if request.param == "wheel":
        monkeypatch.setenv("REGENTRA_EMBEDDED", "wheel")
    elif postgres_programs(tmp_path).from_wheel:
        pytest.skip("no installed PostgreSQL on this machine")
    home = Home(tmp_path / "Alice's café")
    yield home
    engines.wipe(home)


def start(home: Home) -> None:
    """Without waiting for the disk, which takes most of the time of a durable start."""
    engines.start(home, durable=False)


def _ids(home: Home) -> tuple[int, int]:
    ids = postgres.process_id(home), redis_server.process_id(home)
    assert ids[0] is not None and ids[1] is not None
    return ids[0], ids[1]


def _connect(home: Home, role: str = "regentra") -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(home.database_url(role), autocommit=True)


def test_engines_start_twice_as_one_and_go_without_a_trace(home: Home) -> None:
    start(home)
    first = _ids(home)
    start(home)
    assert _ids(home) == first
    assert redis.Redis.from_url(home.redis_url()).ping()
    engines.stop(home)
    assert not is_program(first[0], "postgres")
    assert not is_program(first[1], "redis-server", "valkey-server")
    engines.wipe(home)
    assert not any(folder.exists() for folder in (home.postgres, home.sockets, home.redis))


def test_data_survives_kill_9(home: Home) -> None:
    """Also when the lock files then name a process of somebody else: this very test."""
    start(home)
    with _connect(home, OWNER_ROLE) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 42 AS n")
    for pid in _ids(home):
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda pid=pid: not is_program(pid, "postgres", "redis"), 10)  # type: ignore[misc]
    lock = home.postgres / "postmaster.pid"
    lock.write_text("\n".join([str(os.getpid()), *lock.read_text().splitlines()[1:]]))
    (home.redis / "server.pid").write_text(str(os.getpid()))
    engines.stop(home)
    start(home)
    with _connect(home, OWNER_ROLE) as owner:
        assert owner.execute("SELECT n FROM kept").fetchone() == (42,)


def test_two_starters_at_once_make_one_engine(home: Home) -> None:
    starters = [threading.Thread(target=start, args=(home,)) for _ in range(2)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    with _connect(home) as plain:
        assert plain.execute("SELECT 1").fetchone() == (1,)


def test_sockets_of_a_deep_folder_are_elsewhere_and_short() -> None:
    deep = Home(Path("/srv") / ("very-" * 30) / "deep")
    assert len(str(deep.sockets)) < 60
    assert deep.sockets != Home(deep.root / "other").sockets
    assert Home(Path("/srv/regentra")).sockets == Path("/srv/regentra/run")


def test_data_of_a_version_that_is_gone_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")
    with pytest.raises(EngineFailed, match="make wipe"):
        postgres_programs(tmp_path)


def test_wheels_are_used_where_nothing_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGENTRA_EMBEDDED", "wheel")
    assert postgres_programs(tmp_path).from_wheel
    assert ".venv" in str(redis_program())


def test_roles_are_those_of_production_and_nothing_listens_on_the_network() -> None:
    """Asked of the engines that this very run started, unless it was told others."""
    if "REGENTRA_TEST_RUN" not in os.environ:
        pytest.skip("the tests run on engines of somebody else's")
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        rows = owner.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles"
            " WHERE rolname LIKE 'regentra%' ORDER BY 1"
        ).fetchall()
        listens = owner.execute("SHOW listen_addresses").fetchone()
    assert rows == [("regentra", False, False, False), ("regentra_owner", False, False, True)]
    assert listens == ("",)
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        assert client.config_get("port") == {"port": "0"}


@pytest.mark.parametrize("durable", [True, False])
def test_demo_waits_for_the_disk_and_test_runs_do_not(durable: bool, tmp_path: Path) -> None:
    home, user = Home(tmp_path), service_user()
    configuration = postgres.configuration(home, durable=durable)
    assert f"fsync = {'on' if durable else 'off'}\n" in configuration
    assert user.uid != 0
