"""Processes known by their id alone: they outlive whoever started them."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from regentra.embedded.errors import EngineFailed

POLL_SECONDS = 0.02


def is_program(pid: int, *names: str) -> bool:
    """Whether this process lives and is one of these programs; a number may have gone to somebody else since."""
    command = _command(pid)
    return any(command.startswith(name) for name in names)


def end(pid: int, *, how: signal.Signals, names: tuple[str, ...], patience_seconds: float) -> None:
    """Signals a process and waits until it is gone; kills it when it does not go."""
    for attempt in (how, signal.SIGKILL):
        if not is_program(pid, *names):
            return
        os.kill(pid, attempt)
        if wait_until(lambda: not is_program(pid, *names), patience_seconds):
            return
    raise EngineFailed(f"Process {pid} ({names[0]}) does not end.")


def wait_until(condition: Callable[[], bool], patience_seconds: float) -> bool:
    """Polls until the condition holds; says whether it did in time."""
    deadline = time.monotonic() + patience_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _command(pid: int) -> str:
    """The short name of a living process, empty for one that is gone or only waits to be reaped."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        return _command_from_ps(pid)
    try:
        name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if rest.split()[0] in "ZX" else name


def _command_from_ps(pid: int) -> str:
    ps = shutil.which("ps") or "/bin/ps"
    answer = subprocess.run(
        [ps, "-o", "state=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, command = answer.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else Path(command.strip()).name
