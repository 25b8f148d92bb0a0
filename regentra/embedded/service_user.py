"""The system user that PostgreSQL runs as where we are root, because it refuses to be root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# "postgres" comes with an installed server; "nobody" is on every system, so no user has to be created.
CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class ServiceUser:
    """Runs programs as itself and is given files."""

    uid: int
    gid: int

    def run(
        self, command: Sequence[str | Path], *, cwd: Path, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program to its end with a plain environment; its output is in the result.

        The output goes through a file, not a pipe: a server started by the program would hold the pipe open.
        """
        becomes_another = self.uid != os.geteuid()
        with (cwd / "command.log").open("w+") as output:
            result = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                timeout=timeout,
                check=False,
                user=self.uid if becomes_another else None,
                group=self.gid if becomes_another else None,
                extra_groups=[] if becomes_another else None,
            )
            output.seek(0)
            return subprocess.CompletedProcess(result.args, result.returncode, output.read())

    def can_run(self, program: Path, *, cwd: Path) -> bool:
        """Whether the program and all it loads are within this user's reach."""
        try:
            return self.run([program, "--version"], cwd=cwd).returncode == 0
        except PermissionError:
            return False

    def make_folder(self, folder: Path) -> None:
        """Makes a folder that this user alone (and root) may enter."""
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        self.take(folder)

    def take(self, path: Path) -> None:
        if path.stat().st_uid != self.uid:
            os.chown(path, self.uid, self.gid)

    def copy(self, source: Path, target: Path) -> None:
        """Copies a folder and gives the copy to this user."""
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        for path in (target, *target.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def service_user() -> ServiceUser:
    """Ourselves, or the first candidate that exists where we are root."""
    if os.geteuid() != 0:
        return ServiceUser(os.geteuid(), os.getegid())
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in CANDIDATES if name in known)
    return ServiceUser(entry.pw_uid, entry.pw_gid)
