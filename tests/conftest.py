"""Where the tests run: on the engines that production runs on, thrown away afterwards.

Without DATABASE_URL or REDIS_URL each run starts its own embedded engines, with the tables that a former run has kept,
and removes them at its end, so two runs in one checkout do not meet. Tables are made and emptied by the owner (alias
``owner``); the body of every test runs as the plain role that row-level security binds. Tests of the sandbox get none
of this: they know no Django.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from regentra import garbage
from regentra.embedded import engines
from regentra.embedded.places import OWNER_ROLE, Home
from regentra.embedded.processes import is_program
from regentra.paths import HOME
from tests import kept_tables, one_process, parts

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

# Examples are the same on every run, and no verdict depends on how busy the machine is.
hypothesis.settings.register_profile(
    "regentra",
    derandomize=True,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("regentra")

TESTS = Path(__file__).parent
THOROUGH = parts.listed()
RUNS = HOME / "tests"
RUN_VARIABLE = "REGENTRA_TEST_RUN"
# The run's own folder, chosen by the process that the person started; the workers of pytest-xdist inherit its choice.
if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    os.environ.setdefault(RUN_VARIABLE, str(RUNS / str(os.getpid())))
RUN = Path(os.environ.get(RUN_VARIABLE, RUNS / "none"))
ENGINES = Home(RUN)
NEEDS_ENGINES = RUN_VARIABLE in os.environ


def _is_of_the_sandbox(path: Path) -> bool:
    return path.is_relative_to(TESTS / "sandbox")


os.environ["DJANGO_SETTINGS_MODULE"] = "tests.environment.settings"
if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = ENGINES.database_url()
    os.environ["DATABASE_OWNER_URL"] = ENGINES.database_url(OWNER_ROLE)
    os.environ["REGENTRA_TEST_SOCKETS"] = str(ENGINES.sockets)
if not os.environ.get("REDIS_URL"):
    os.environ["REDIS_URL"] = ENGINES.redis_url()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Sets Django up before tests are imported, unless the sandbox alone is tested."""
    asked = [
        Path(config.invocation_params.dir, argument.partition("::")[0]) for argument in config.args
    ]
    if not all(_is_of_the_sandbox(path) for path in asked):
        import django

        django.setup()


def pytest_itemcollected(item: pytest.Item) -> None:
    """The mark by which the two parts of the tests are told apart."""
    if parts.written(item.nodeid) in THOROUGH:
        item.add_marker(pytest.mark.thorough)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Starts the engines once it is known that something needs them; the lock lets one worker do it.

    What has to stay in one process begins first, so that nobody waits for it at the end.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(one_process.TOGETHER))
    garbage.collect_seldom()
    if NEEDS_ENGINES and not all(_is_of_the_sandbox(item.path) for item in items):
        _forget_dead_runs()
        kept_tables.lay_out(ENGINES)
        engines.start(ENGINES, durable=False)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> one_process.Scheduling:
    return one_process.Scheduling(config, log)


def pytest_unconfigure() -> None:
    """The process that the person started removes what its workers used."""
    if "PYTEST_XDIST_WORKER" not in os.environ and RUN.exists():
        kept_tables.keep(ENGINES)
        engines.wipe(ENGINES)
        shutil.rmtree(RUN)


def _forget_dead_runs() -> None:
    """A run that was killed left its engines behind."""
    for run in RUNS.glob("[0-9]*"):
        if run != RUN and not is_program(int(run.name), "python", "pytest"):
            engines.wipe(Home(run))
            shutil.rmtree(run, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_keepdb: bool,
    django_db_createdb: bool,
    django_db_blocker: "DjangoDbBlocker",
) -> Iterator[None]:
    """The owner makes the test database; the plain role's connection is then pointed at it."""
    from django.db import connections

    owner, plain = connections["owner"], connections["default"]
    former, name = owner.settings_dict["NAME"], owner.creation._get_test_db_name()
    with django_db_blocker.unblock(), kept_tables.one_at_a_time():
        if NEEDS_ENGINES:
            kept_tables.copy_to(owner, name)
        owner.creation.create_test_db(
            verbosity=0,
            autoclobber=True,
            serialize=False,
            keepdb=NEEDS_ENGINES or (django_db_keepdb and not django_db_createdb),
        )
        if NEEDS_ENGINES:
            kept_tables.remember(owner, name)
        plain.close()
        plain.settings_dict["NAME"] = owner.settings_dict["NAME"]
    yield
    from tests.environment.management.commands import flush

    with django_db_blocker.unblock():
        plain.close()
        flush.close()
        if not django_db_keepdb:
            owner.creation.destroy_test_db(former, verbosity=0)


@pytest.fixture(autouse=True, scope="session")
def _unwatched_templates(request: pytest.FixtureRequest) -> None:
    """Pages are made as in production: no test asks for the templates and contexts behind them."""
    if not all(_is_of_the_sandbox(item.path) for item in request.session.items):
        request.getfixturevalue("django_test_environment")
        from django.template import Template
        from django.test.utils import _TestState

        Template._render = _TestState.saved_data.template_render


@pytest.fixture(autouse=True, scope="session")
def _one_connection(request: pytest.FixtureRequest) -> None:
    """As production does, a process goes on with the connection it has: the product leaves no state in one."""
    if not all(_is_of_the_sandbox(item.path) for item in request.session.items):
        from django.test import TransactionTestCase

        TransactionTestCase._should_reload_connections = lambda self: False


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> None:
    """Each test of the product finds its Redis database empty."""
    if not _is_of_the_sandbox(request.node.path):
        import redis

        with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
            client.flushdb()


@pytest.fixture(autouse=True)
def _time_without_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """The product's time is the database's; a test that has none finds a clock that stands still."""
    has_database = {"db", "django_db_setup"} & set(request.fixturenames)
    if (
        has_database
        or request.node.get_closest_marker("django_db")
        or _is_of_the_sandbox(request.node.path)
    ):
        yield
    else:
        from regentra import clock

        with clock.frozen(datetime(2026, 3, 10, 18, 0, tzinfo=UTC)):
            yield
