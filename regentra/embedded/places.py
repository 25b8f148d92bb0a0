"""Where the embedded engines keep their data and listen. Pure paths: nothing is started or written here."""

import hashlib
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

POSTGRES_PORT = 5432
OWNER_ROLE = "regentra_owner"
RUNTIME_ROLE = "regentra"
DATABASE = "regentra"

# A Unix socket's path may have 107 bytes on Linux and 103 on macOS; PostgreSQL adds the longest name.
SOCKET_PATH_LIMIT = 103
LONGEST_SOCKET_NAME = f"/.s.PGSQL.{POSTGRES_PORT}.lock"


@dataclass(frozen=True)
class Home:
    """One set of engines: a folder of the project, or a throw-away folder of a test run."""

    root: Path

    @cached_property
    def sockets(self) -> Path:
        """The folder of both sockets: inside the home, or in /tmp where the home's path cannot hold one."""
        inside = self.root / "run"
        return inside if self._can_hold_sockets(inside) else Path("/tmp") / self._name  # noqa: S108

    @cached_property
    def postgres(self) -> Path:
        """The data of PostgreSQL: inside the home unless its system user cannot get there."""
        return self.service_root / "postgres"

    @cached_property
    def service_root(self) -> Path:
        """The folder that the engines' system user can reach.

        PostgreSQL refuses to run as root, and another user has no way into, say, /root; loosening the rights of
        somebody's home folder is not ours to do.
        """
        return Path("/var/lib") / self._name if self._is_out_of_reach else self.root

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def lock(self) -> Path:
        """Held while engines are being started or stopped."""
        return self.root / "engines.lock"

    def database_url(self, role: str = RUNTIME_ROLE, database: str = DATABASE) -> str:
        """The address as DATABASE_URL would say it."""
        return f"postgresql://{role}@{quote(str(self.sockets), safe='')}:{POSTGRES_PORT}/{database}"

    def redis_url(self, number: int = 0) -> str:
        """The address as REDIS_URL would say it, for one of Redis' sixteen numbered databases."""
        return f"unix://{quote(str(self.redis_socket))}?db={number}"

    @cached_property
    def _name(self) -> str:
        return "regentra-" + hashlib.sha256(str(self.root).encode()).hexdigest()[:12]

    @cached_property
    def _is_out_of_reach(self) -> bool:
        if os.geteuid() != 0:
            return False
        return not all(_anyone_may_enter(folder) for folder in self.root.parents if folder.exists())

    def _can_hold_sockets(self, folder: Path) -> bool:
        """Short enough, and free of blanks and signs that addresses and configuration files would have to quote."""
        length = len(os.fsencode(folder)) + len(LONGEST_SOCKET_NAME)
        plain = re.fullmatch(r"[\w./+-]+", str(folder), re.ASCII) is not None
        return length <= SOCKET_PATH_LIMIT and plain and not self._is_out_of_reach


def _anyone_may_enter(folder: Path) -> bool:
    return bool(folder.stat().st_mode & 0o001)
