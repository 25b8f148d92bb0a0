"""Several programs run as one: restarted when they die, ended with all they started."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from regentra.embedded.processes import is_program, wait_until
from regentra.runner import GaveUp, Runner

PATIENCE_SECONDS = 15
# A program with a child that does not listen to SIGTERM; both wait for ever.
PARENT = """
import os, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"],
    stdout=subprocess.PIPE)
child.stdout.readline()
open(sys.argv[1], "w").write(f"{os.getpid()} {child.pid}")
signal.pause()
"""


@pytest.fixture
def runner() -> Iterator[Runner]:
    runner = Runner()
    yield runner
    runner.end()


def _start_family(runner: Runner, note: Path) -> list[int]:
    runner.start("family", [sys.executable, "-c", PARENT, str(note)])
    return _family(note)


def _family(note: Path) -> list[int]:
    assert wait_until(lambda: note.exists() and " " in note.read_text(), PATIENCE_SECONDS)
    return [int(number) for number in note.read_text().split()]


def _alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if is_program(pid, "python")]


def test_end_leaves_no_process_behind(runner: Runner, tmp_path: Path) -> None:
    pids = _start_family(runner, tmp_path / "note")
    assert _alive(pids) == pids
    runner.end()
    assert wait_until(lambda: not _alive(pids), PATIENCE_SECONDS)


def test_program_that_dies_is_started_again_without_its_orphans(
    runner: Runner, tmp_path: Path
) -> None:
    note = tmp_path / "note"
    first = _start_family(runner, note)
    note.unlink()
    os.kill(first[0], signal.SIGKILL)
    runner.children[0].process.wait(PATIENCE_SECONDS)
    runner.restart_the_dead()
    second = _family(note)
    assert wait_until(lambda: not _alive(first), PATIENCE_SECONDS)
    assert _alive(second) == second


def test_program_that_keeps_dying_ends_all_with_a_message(runner: Runner) -> None:
    runner.start("broken", [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(GaveUp, match=r"broken keeps ending \(code 3\)"):
        runner.look_after_children(seconds=PATIENCE_SECONDS * 4)


def test_lines_carry_the_name_of_their_program(runner: Runner) -> None:
    said: list[str] = []
    runner.say = lambda name, line: said.append(f"{name}: {line}")  # type: ignore[method-assign]
    runner.start("greeter", [sys.executable, "-c", "print('hello'); import signal; signal.pause()"])
    assert wait_until(lambda: "greeter: hello" in said, PATIENCE_SECONDS)


def test_looking_after_ends_when_asked(runner: Runner) -> None:
    looking = threading.Thread(target=runner.look_after_children)
    looking.start()
    runner.asked_to_end.set()
    looking.join(PATIENCE_SECONDS)
    assert not looking.is_alive()
