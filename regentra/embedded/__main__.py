"""By hand: ``python -m regentra.embedded start | stop | urls | wipe | run COMMAND…``."""

import os
import subprocess
import sys
from collections.abc import Callable

from regentra.embedded import engines, postgres
from regentra.embedded.errors import EngineFailed
from regentra.embedded.places import OWNER_ROLE, Home
from regentra.paths import HOME


def main(arguments: list[str]) -> int:
    actions: dict[str, Callable[[Home], None]] = {
        "start": engines.start,
        "stop": engines.stop,
        "urls": print_urls,
        "wipe": engines.wipe,
    }
    home = Home(HOME)
    try:
        match arguments:
            case ["run", *command] if command:
                return run(home, command)
            case [action] if action in actions:
                actions[action](home)
                return 0
    except EngineFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"Say one of: {', '.join(actions)}, run COMMAND", file=sys.stderr)
    return 2


def urls(home: Home) -> dict[str, str]:
    """The engines' addresses as settings."""
    return {
        "DATABASE_URL": home.database_url(),
        "DATABASE_OWNER_URL": home.database_url(OWNER_ROLE),
        "REDIS_URL": home.redis_url(),
    }


def print_urls(home: Home) -> None:
    print("\n".join(f"{name}={url}" for name, url in urls(home).items()))


def run(home: Home, command: list[str]) -> int:
    """Runs a command that is told the engines' addresses; stops them again unless they ran before."""
    ran_before = postgres.is_running(home)
    engines.start(home)
    try:
        return subprocess.run(command, env={**os.environ, **urls(home)}, check=False).returncode
    finally:
        if not ran_before:
            engines.stop(home)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
