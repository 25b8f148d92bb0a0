"""How many webhooks the web processes take in."""

import base64
import hashlib
import hmac
import http.client
import json
import threading
import time
from uuid import uuid4

from django.conf import settings

from bench import scene
from bench.place import free_port, program
from bench.table import Row, row

CLIENTS = 8
SECONDS = 8.0
ASKED_PER_SECOND = 500
# Signed before the clock runs, as Intuit does that on machines of its own; more than one client gets rid of.
POSTS_PREPARED = 2000


def webhooks() -> list[Row]:
    """Genuine posts of one new event each, from eight kept-alive clients on the same machine.

    First as fast as each can go on, which says what is taken in at most; then 500 a second in all, each post counted
    from the moment it was due, so that one that had to wait for another does not look quick.
    """
    world = scene.unhurried()
    port = free_port()
    web = program(
        "gunicorn",
        "--config",
        "python:regentra.gunicorn_settings",
        PORT=str(port),
        WEB_CONCURRENCY="2",
        REDIS_URL="redis://127.0.0.1:9/0",
    )
    with web:
        time.sleep(6)
        _posted(port, world.realm, apart=None)  # warm
        most = _posted(port, world.realm, apart=None)
        paced = _posted(port, world.realm, apart=CLIENTS / ASKED_PER_SECOND)
    return [
        row("webhook intake, 2 web processes, Redis down, at most", _told(most), "≥ 500/s"),
        row(f"the same, asked {ASKED_PER_SECOND}/s", _told(paced), "p99 ≤ 25 ms"),
    ]


def _told(spent: list[float]) -> str:
    def within(share: float) -> float:
        return spent[int(len(spent) * share)] * 1000

    return f"{len(spent) / SECONDS:.0f}/s, p50 {within(0.5):.0f} ms, p99 {within(0.99):.0f} ms"


def _posted(port: int, realm: str, *, apart: float | None) -> list[float]:
    """How long each post took, the quickest first; a client begins one every ``apart`` seconds or as soon as it can."""
    spent: list[float] = []
    start = threading.Barrier(CLIENTS)
    about = (port, realm, spent, apart, start)
    threads = [threading.Thread(target=_post, args=about) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(spent)


def _post(
    port: int, realm: str, spent: list[float], apart: float | None, start: threading.Barrier
) -> None:
    posts = [_signed(realm) for _ in range(POSTS_PREPARED)]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    place = start.wait()
    due = time.perf_counter() + (apart or 0) * place / CLIENTS
    ends = due + SECONDS
    while due < ends:
        raw, headers = posts.pop()
        time.sleep(max(0.0, due - time.perf_counter()))
        connection.request("POST", "/webhooks/quickbooks/", raw, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"webhook answered {answer.status}")
        now = time.perf_counter()
        spent.append(now - due)
        due = now if apart is None else due + apart


def _signed(realm: str) -> tuple[bytes, dict[str, str]]:
    """A post of one new event as Intuit would sign it."""
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "intuit.bench",
        "type": "qbo.invoice.updated.v1",
        "time": "2026-11-21T12:00:00Z",
        "intuitentityid": "145",
        "intuitaccountid": realm,
        "data": {},
    }
    raw = json.dumps([event]).encode()
    key = settings.INTUIT_WEBHOOK_VERIFIER.encode()
    signature = base64.b64encode(hmac.new(key, raw, hashlib.sha256).digest()).decode()
    content = "application/cloudevents-batch+json"
    return raw, {"intuit-signature": signature, "Content-Type": content, "Host": "127.0.0.1"}
