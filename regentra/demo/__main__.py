"""``make demo``: the whole product on this machine, with the sandbox in the place of the vendors."""

import fcntl
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django
import environ
from django.core.management import call_command
from django.db import connections

from regentra.demo.environment import Ports, demo_environment
from regentra.demo.errors import CannotStart
from regentra.demo.ports import refuse_taken_ports
from regentra.demo.programs import start_programs
from regentra.demo.static_files import collect_static_files
from regentra.embedded import engines
from regentra.embedded.errors import EngineFailed
from regentra.embedded.places import Home
from regentra.paths import BASE, HOME
from regentra.runner import GaveUp, Runner


def main() -> int:
    environ.Env.read_env(str(BASE / ".env"))
    runner = Runner()
    runner.listen_to_signals()
    home = Home(HOME)
    try:
        with only_demo_of(home):
            refuse_taken_ports(Ports.told_by(os.environ))
            run(home, runner)
    except (CannotStart, EngineFailed, GaveUp) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    print("\nEverything has ended. The data stays in .regentra/")
    return 0


def run(home: Home, runner: Runner) -> None:
    """Starts all parts in order and looks after them. Whatever happens, none of them is left behind."""
    try:
        start_engines(home)
        os.environ.update(demo_environment(home, os.environ))
        log_in = prepare_database()
        start_programs(runner, os.environ, state=HOME / "sandbox")
        if not runner.asked_to_end.is_set():
            print_addresses(Ports.told_by(os.environ), log_in)
        runner.look_after_children()
    finally:
        runner.end()
        engines.stop(home)


def start_engines(home: Home) -> None:
    """Those whose address nobody has told."""
    if not os.environ.get("DATABASE_URL"):
        print("Starting PostgreSQL", flush=True)
        engines.start_postgres(home)
    if not os.environ.get("REDIS_URL"):
        print("Starting Redis", flush=True)
        engines.start_redis(home)


def prepare_database() -> str:
    """Migrates, adds the demo tenant where it is missing, collects static files; returns how to log in."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regentra.settings")
    django.setup()
    print("Migrating", flush=True)
    call_command("migrate", interactive=False, verbosity=0)
    collect_static_files()
    said = io.StringIO()
    call_command("demo_data", stdout=said)
    connections.close_all()
    return said.getvalue().strip()


def print_addresses(ports: Ports, log_in: str) -> None:
    print(
        f"\n  Regentra              {ports.base_url}\n"
        f"  QuickBooks (sandbox)  {ports.sandbox_url}\n\n"
        + "".join(f"  {line}\n" for line in log_in.splitlines())
        + "\n  Ctrl-C ends all of it; the data stays.\n",
        flush=True,
    )


@contextmanager
def only_demo_of(home: Home) -> Iterator[None]:
    """Two demos on one set of data would end each other's engines."""
    home.root.mkdir(parents=True, exist_ok=True)
    with (home.root / "demo.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart("A demo is already running in this checkout.") from None
        yield


if __name__ == "__main__":
    sys.exit(main())
