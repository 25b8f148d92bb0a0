"""Where a benchmark runs: engines of its own with fsync on, a sandbox process with Intuit's limits and latency."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LATENCY_SECONDS = 0.15


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call(url: str, body: Any = None, method: str = "POST") -> Any:
    """A call of the sandbox's control API."""
    text = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, text, headers, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read() or b"null")


@contextmanager
def place() -> Iterator[dict[str, str]]:
    """The environment of everything that is measured; all of it is gone afterwards."""
    from regentra.embedded import engines
    from regentra.embedded.places import OWNER_ROLE, Home
    from regentra.paths import HOME

    home = Home(HOME / "bench")
    engines.start(home, durable=True)
    port, web = free_port(), free_port()
    sandbox = f"http://127.0.0.1:{port}"
    environment = {
        "DATABASE_URL": home.database_url(),
        "DATABASE_OWNER_URL": home.database_url(OWNER_ROLE),
        "REDIS_URL": home.redis_url(),
        "DJANGO_SETTINGS_MODULE": "regentra.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": "bench:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
        "ALLOWED_HOSTS": "127.0.0.1",
        "PORT": str(web),
        "BASE_URL": f"http://127.0.0.1:{web}",
        "EMAIL_URL": "memorymail://",
        "INTUIT_CLIENT_ID": "bench-client",
        "INTUIT_CLIENT_SECRET": "bench-secret",
        "INTUIT_WEBHOOK_VERIFIER": "bench-verifier",
        "INTUIT_DISCOVERY_URL": f"{sandbox}/.well-known/openid_configuration",
        "QUICKBOOKS_API_URL": sandbox,
        "QUICKBOOKS_SANDBOX_API_URL": f"{sandbox}/sandbox",
    }
    os.environ.update(environment)
    program = [sys.executable, "-m", "sandbox", "--port", str(port), "--empty", "--seed", "bench"]
    running = subprocess.Popen([*program, "--switch", "own_writes_echo=false"], cwd=ROOT)
    try:
        manage = [sys.executable, "manage.py", "migrate", "--database", "owner", "-v", "0"]
        subprocess.run(manage, cwd=ROOT, check=True, env={**os.environ, **environment})
        _wait_for(f"{sandbox}/_sandbox/apps")
        app = {
            "client_id": "bench-client",
            "client_secret": "bench-secret",
            "redirect_uris": [f"{environment['BASE_URL']}/integrations/quickbooks/callback/"],
            "webhook_url": "http://127.0.0.1:9/webhooks/quickbooks/",
            "verifier": "bench-verifier",
        }
        call(f"{sandbox}/_sandbox/apps", app)
        yield environment
    finally:
        running.terminate()
        running.wait(10)
        engines.wipe(home)
        shutil.rmtree(HOME / "bench", ignore_errors=True)


@contextmanager
def program(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process of the product, ended by its id."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=quiet,
        stderr=quiet,
        start_new_session=True,  # Celery signals its whole process group
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(90)  # a worker ends the turn it is at


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            call(url, method="GET")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} does not answer")
