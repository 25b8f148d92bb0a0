"""An embedded Redis: a Unix socket, nothing on disk, because everything owed is in PostgreSQL."""

import signal
import subprocess
import textwrap

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from regentra.embedded.errors import EngineFailed
from regentra.embedded.places import Home
from regentra.embedded.processes import end, is_program, wait_until
from regentra.embedded.programs import redis_program

NAMES = ("redis-server", "valkey-server")
START_SECONDS = 10
STOP_SECONDS = 10


def start(home: Home) -> None:
    """Starts the server unless it answers. Raises `EngineFailed`."""
    if is_running(home):
        return
    program = redis_program()
    home.redis.mkdir(parents=True, exist_ok=True)
    configuration = home.redis / "redis.conf"
    configuration.write_text(_configuration(home))
    result = subprocess.run(
        [program, configuration],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0 or not wait_until(lambda: is_running(home), START_SECONDS):
        raise EngineFailed(
            f"Redis does not start; see {home.redis / 'server.log'}\n{result.stdout}"
        )


def stop(home: Home) -> None:
    """Stops the server by its process id: it outlives whoever started it."""
    pid = process_id(home)
    if pid is not None:
        end(pid, how=signal.SIGTERM, names=NAMES, patience_seconds=STOP_SECONDS)
    home.redis_socket.unlink(missing_ok=True)


def is_running(home: Home) -> bool:
    """Whether the server answers."""
    with _client(home) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


def process_id(home: Home) -> int | None:
    """The living server's process id."""
    try:
        pid = int((home.redis / "server.pid").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return pid if is_program(pid, *NAMES) else None


def _client(home: Home) -> redis.Redis:
    """Without the library's retries: they take seconds to find out that nobody is there."""
    return redis.Redis(
        unix_socket_path=str(home.redis_socket), socket_timeout=5, retry=Retry(NoBackoff(), 0)
    )


def _configuration(home: Home) -> str:
    return textwrap.dedent(f"""\
        port 0
        unixsocket {home.redis_socket}
        unixsocketperm 700
        daemonize yes
        dir "{home.redis}"
        pidfile "{home.redis / "server.pid"}"
        logfile "{home.redis / "server.log"}"
        save ""
        appendonly no
        """)
