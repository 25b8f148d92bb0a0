"""Secrets of a checkout that was told none: made on first use, kept in ``.regentra/``, never in version control."""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def _encryption_key() -> str:
    return "local:" + base64.b64encode(secrets.token_bytes(32)).decode()


MAKERS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "ENCRYPTION_KEYS": _encryption_key,
    "INTUIT_CLIENT_ID": lambda: "demo-" + secrets.token_hex(12),
    "INTUIT_CLIENT_SECRET": lambda: secrets.token_urlsafe(30),
    "INTUIT_WEBHOOK_VERIFIER": lambda: secrets.token_urlsafe(30),
}


def local_secret(home: Path, name: str) -> str:
    """This checkout's own secret of that name, the same at every start."""
    file = home / "secrets.json"
    known = _read(file)
    if name not in known:
        home.mkdir(parents=True, exist_ok=True)
        with (home / "secrets.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = _read(file)  # another process may have been first
            known.setdefault(name, MAKERS[name]())
            _replace(file, known)
    return known[name]


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    known: dict[str, str] = json.loads(file.read_text())
    return known


def _replace(file: Path, known: dict[str, str]) -> None:
    """Moved into place in one piece: half a key would make every sealed token unreadable."""
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    with unfinished.open("w") as handle:
        json.dump(known, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    unfinished.replace(file)
