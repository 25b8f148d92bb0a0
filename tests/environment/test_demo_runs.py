"""The whole demo, as `make demo` starts it: it comes up, heals, ends without a trace, and comes up again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from regentra.demo.http_calls import status_of
from regentra.embedded import engines, postgres, redis_server
from regentra.embedded.places import Home
from regentra.embedded.processes import is_program, wait_until
from regentra.paths import BASE

START_SECONDS = 90
END_SECONDS = 30


class Demo:
    """A demo in a process of its own, on ports and in a folder of its own."""

    def __init__(self, home: Home, web: int, sandbox: int) -> None:
        self.home, self.web = home, web
        self.log = home.root / "demo.log"
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in {"PATH", "HOME", "LANG", "PYTHONDONTWRITEBYTECODE"}
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "regentra.demo"],
                cwd=BASE,
                env={
                    **environment,
                    "REGENTRA_HOME": str(home.root),
                    "PORT": str(web),
                    "SANDBOX_PORT": str(sandbox),
                    "PYTHONUNBUFFERED": "1",
                },
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for(self, text: str) -> None:
        assert wait_until(
            lambda: text in self.log.read_text() or self.process.poll() is not None, START_SECONDS
        )
        assert text in self.log.read_text(), self.log.read_text()

    def status_of(self, path: str) -> int | None:
        return status_of(f"http://127.0.0.1:{self.web}{path}")

    def programs(self) -> dict[int, str]:
        """The processes it has started, by id, with their command lines."""
        return {
            int(folder.name): command
            for folder in Path("/proc").glob("[0-9]*")
            if f"REGENTRA_HOME={self.home.root}" in _read(folder / "environ")
            if (command := _read(folder / "cmdline")) and int(folder.name) != self.process.pid
        }

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(END_SECONDS)


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "a demo")
    home.root.mkdir()
    yield home
    engines.wipe(home)


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    started: list[Demo] = []
    yield started
    for demo in started:
        if demo.process.poll() is None:
            demo.end(signal.SIGTERM)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
def test_demo_comes_up_heals_and_ends_without_a_trace(home: Home, demos: list[Demo]) -> None:
    ports = _free_ports()
    demo = Demo(home, *ports)
    demos.append(demo)
    demo.wait_for("Ctrl-C ends all of it")
    said = demo.log.read_text()
    assert f"http://127.0.0.1:{ports[0]}" in said
    assert "alice@" in said
    assert demo.status_of("/readyz") == 200

    worker = next(pid for pid, command in sorted(demo.programs().items()) if "worker" in command)
    os.kill(worker, signal.SIGKILL)
    demo.wait_for("worker  | ended with code -9; starting it again")

    engine_ids = postgres.process_id(home), redis_server.process_id(home)
    assert demo.end(signal.SIGINT) == 0
    assert demo.programs() == {}
    assert not any(is_program(pid or 0, "postgres", "redis") for pid in engine_ids)

    again = Demo(home, *ports)
    demos.append(again)
    again.wait_for("Ctrl-C ends all of it")
    assert again.status_of("/readyz") == 200
    assert again.end(signal.SIGTERM) == 0


def test_taken_port_is_a_clear_message(home: Home, demos: list[Demo]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        demo = Demo(home, taken, _free_ports()[1])
        demos.append(demo)
        assert demo.process.wait(START_SECONDS) == 1
    assert f"Port {taken} is taken by another program." in demo.log.read_text()
    assert "Traceback" not in demo.log.read_text()
    assert not home.postgres.exists()
