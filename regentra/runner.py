"""Runs several programs as one: their lines prefixed, restarted when they die, all ended together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

CHECK_SECONDS = 0.1
END_SECONDS = 12
# A program that dies this often within a minute will not get better by being started again.
DEATHS_PER_MINUTE = 5


class GaveUp(Exception):
    """A program keeps dying."""


@dataclass
class Child:
    """One program, leader of a process group of its own."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes]"
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_PER_MINUTE))

    def kill_group(self) -> None:
        """Ends whatever the program started and left behind."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Runner:
    """Starts programs and looks after them until somebody asks it to end."""

    def __init__(self) -> None:
        self.environment: dict[str, str] | None = None  # this program's own
        self.children: list[Child] = []
        self.asked_to_end = threading.Event()
        self._print_lock = threading.Lock()

    def listen_to_signals(self) -> None:
        """Set explicitly: a shell that starts us in the background has SIGINT ignored."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.asked_to_end.set())

    def start(self, name: str, command: Sequence[str]) -> None:
        self.children.append(Child(name, command, self._launch(name, command)))

    def look_after_children(self, seconds: float | None = None) -> None:
        """Returns when asked to end, or after so many seconds. Raises `GaveUp`."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self.asked_to_end.wait(CHECK_SECONDS):
            self.restart_the_dead()
            if deadline is not None and time.monotonic() > deadline:
                return

    def restart_the_dead(self) -> None:
        """Starts every program again that has ended. Raises `GaveUp` for one that keeps ending."""
        for child in self.children:
            if child.process.poll() is not None:
                self._restart(child)

    def end(self) -> None:
        """Asks all programs to end, then insists; nothing they started is left."""
        for child in self.children:
            with suppress(ProcessLookupError):
                child.process.terminate()
        deadline = time.monotonic() + END_SECONDS
        for child in self.children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            child.kill_group()
            child.process.wait()

    def say(self, name: str, line: str) -> None:
        with self._print_lock:
            sys.stdout.write(f"{name:<8}| {line}\n")
            sys.stdout.flush()

    def _restart(self, child: Child) -> None:
        code = child.process.returncode
        child.kill_group()
        child.deaths.append(time.monotonic())
        if len(child.deaths) == DEATHS_PER_MINUTE and child.deaths[-1] - child.deaths[0] < 60:
            raise GaveUp(f"{child.name} keeps ending (code {code}); its last lines are above.")
        self.say(child.name, f"ended with code {code}; starting it again")
        child.process = self._launch(child.name, child.command)

    def _launch(self, name: str, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            start_new_session=True,
        )
        threading.Thread(target=self._pass_on, args=(name, process.stdout), daemon=True).start()
        return process

    def _pass_on(self, name: str, output: IO[bytes]) -> None:
        with output:
            for line in output:
                self.say(name, line.decode(errors="replace").rstrip("\n"))
