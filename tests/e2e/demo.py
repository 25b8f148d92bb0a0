"""The whole product in processes of its own, as `make demo` starts it, with a folder and ports of its own."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from regentra.embedded import engines
from regentra.embedded.places import Home
from regentra.embedded.processes import wait_until
from regentra.paths import BASE

READY = "Ctrl-C ends all of it"
START_SECONDS = 120
END_SECONDS = 30
PASSED_ON = {"PATH", "HOME", "LANG", "PYTHONDONTWRITEBYTECODE"}


class Demo:
    """Web, worker, beat and sandbox on data of their own. Nothing of the developer's demo is touched."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.log = home.root / "demo.log"
        web, sandbox = _free_ports()
        self.url, self.sandbox_url = f"http://127.0.0.1:{web}", f"http://127.0.0.1:{sandbox}"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "regentra.demo"],
                cwd=BASE,
                env=_environment(home, web, sandbox),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        wait_until(lambda: self._is_ready() or self.process.poll() is not None, START_SECONDS)
        assert self._is_ready(), self.log.read_text()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(END_SECONDS)
        engines.wipe(self.home)

    def _is_ready(self) -> bool:
        return READY in self.log.read_text()


def _environment(home: Home, web: int, sandbox: int) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name in PASSED_ON},
        "REGENTRA_HOME": str(home.root),
        "PORT": str(web),
        "SANDBOX_PORT": str(sandbox),
        "PYTHONUNBUFFERED": "1",
    }


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def home_in(folder: Path) -> Home:
    """A new folder inside that one, for a demo that nobody keeps."""
    home = Home(folder / "demo")
    home.root.mkdir()
    return home
