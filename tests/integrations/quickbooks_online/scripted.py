"""A server that answers what a test has written down: for what no sandbox of QuickBooks would say."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Script:
    """The answers to come, and what was asked."""

    url: str = ""
    paths: list[str] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answers: list[tuple[int, bytes, dict[str, str]] | None] = field(default_factory=list)
    silence: threading.Event = field(default_factory=threading.Event)
    silent: bool = False

    def answer(self, status: int, body: Any, **headers: str) -> None:
        """The next answer; anything but bytes becomes JSON. An underscore in a name is a hyphen."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, raw, named))

    def hang_up(self) -> None:
        """The next request is read and its connection closed."""
        self.answers.append(None)

    def say_nothing(self) -> None:
        """From now on requests are read and not answered."""
        self.silent = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: Script

    def _reply(self) -> None:
        script = self.script
        length = int(self.headers.get("Content-Length") or 0)
        script.paths.append(self.path)
        script.heads.append({name.lower(): value for name, value in self.headers.items()})
        script.bodies.append(self.rfile.read(length))
        if script.silent:
            script.silence.wait()
        answer = None if script.silent else script.answers.pop(0)
        if answer is None:
            self.close_connection = True
            return
        status, body, headers = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _reply  # noqa: N815  # the library's names

    def log_message(self, *_args: object) -> None:
        """Tests are quiet."""


@contextmanager
def scripted() -> Iterator[Script]:
    """A server on a free port for the time of a `with` block."""
    script = Script()
    handler = type("Handler", (_Handler,), {"script": script})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        script.silence.set()
        server.shutdown()
        thread.join()
        server.server_close()
