"""Both engines together. Starting twice is harmless, also from two processes at once."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regentra.embedded import postgres, redis_server
from regentra.embedded.places import Home


def start(home: Home, *, durable: bool = True) -> None:
    """Starts what does not run yet. Raises `EngineFailed` with the reason."""
    start_postgres(home, durable=durable)
    start_redis(home)


def start_postgres(home: Home, *, durable: bool = True) -> None:
    with _alone(home):
        postgres.start(home, durable=durable)


def start_redis(home: Home) -> None:
    with _alone(home):
        redis_server.start(home)


def stop(home: Home) -> None:
    """Stops what runs; the data stays."""
    if not home.root.exists():
        return
    with _alone(home):
        redis_server.stop(home)
        postgres.stop(home)


def wipe(home: Home) -> None:
    """Stops the engines and removes their data for good."""
    stop(home)
    for folder in (home.postgres, home.sockets, home.redis):
        shutil.rmtree(folder, ignore_errors=True)
    if home.service_root != home.root:
        shutil.rmtree(home.service_root, ignore_errors=True)
    (home.root / "postgres").unlink(missing_ok=True)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Holds the home's lock; the system drops it with the process, however that ends."""
    home.root.mkdir(parents=True, exist_ok=True)
    with Path(home.lock).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
