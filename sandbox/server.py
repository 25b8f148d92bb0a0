"""HTTP in front of the core: threads, keep-alive, one send per answer, a webhook courier."""

from __future__ import annotations

import http.client
import socket
import socketserver
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from sandbox.core import Sandbox
from sandbox.messages import Request, Response
from sandbox.quickbooks.webhooks import TIMEOUT_SECONDS, Delivery

LARGEST_HEAD = 65_536
LARGEST_BODY = 110_000_000
REASONS = {status.value: status.phrase for status in HTTPStatus}


class Bad(Exception):
    """What came in is not HTTP; the connection is answered with this status and closed."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(str(status))


class Handler(socketserver.StreamRequestHandler):
    """One connection, many requests."""

    disable_nagle_algorithm = True
    timeout = 300
    server: Server

    def handle(self) -> None:
        try:
            while self._one():
                pass
        except Bad as bad:
            self._send(
                Response(bad.status, {"Content-Type": "text/plain"}, b""), close=True, head=False
            )
        except (ConnectionError, TimeoutError, ValueError):
            return

    def _one(self) -> bool:
        """Answer one request; False when the connection is over."""
        line = self.rfile.readline(LARGEST_HEAD + 1)
        if not line:
            return False
        method, target, version = self._start_line(line)
        headers = self._headers()
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request = Request.to(method, target, headers, self._body(headers))
        keep = headers.get("connection", "").lower() != "close" and version != "HTTP/1.0"
        response = self._answer(request)
        self._wait(response)
        if response.dropped:
            self.connection.shutdown(socket.SHUT_RDWR)
            return False
        self._send(response, close=not keep, head=method == "HEAD")
        return keep

    def _answer(self, request: Request) -> Response:
        """A bug of the sandbox is a plain 500 with a traceback on the terminal, not a silence."""
        try:
            return self.server.core.handle(request)
        except Exception:  # noqa: BLE001
            traceback.print_exc()
            return Response(
                500, {"Content-Type": "text/plain"}, b"The sandbox has a bug; see its terminal."
            )

    @staticmethod
    def _start_line(line: bytes) -> tuple[str, str, str]:
        parts = line.decode("latin-1").split()
        if len(line) > LARGEST_HEAD:
            raise Bad(414)
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise Bad(400)
        return parts[0], parts[1], parts[2]

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        size = 0
        while True:
            line = self.rfile.readline(LARGEST_HEAD + 1)
            size += len(line)
            if size > LARGEST_HEAD:
                raise Bad(431)
            if line in {b"\r\n", b"\n", b""}:
                return headers
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()

    def _body(self, headers: dict[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunks()
        text = headers.get("content-length", "0")
        if not text.isdigit():
            raise Bad(400)
        if int(text) > LARGEST_BODY:
            raise Bad(413)
        return self.rfile.read(int(text)) if int(text) else b""

    def _chunks(self) -> bytes:
        out = bytearray()
        while True:
            try:
                size = int(self.rfile.readline(100).split(b";")[0], 16)
            except ValueError as error:
                raise Bad(400) from error
            if len(out) + size > LARGEST_BODY:
                raise Bad(413)
            out += self.rfile.read(size)
            self.rfile.readline(4)
            if size == 0:
                return bytes(out)

    def _wait(self, response: Response) -> None:
        """Let sandbox time pass; a frozen clock waits until somebody advances it."""
        if response.delay_seconds <= 0:
            return
        clock = self.server.core.clock
        until = clock.time() + response.delay_seconds
        while (left := until - clock.time()) > 0 and not self.server.closing:
            time.sleep(min(left, 0.02))

    def _send(self, response: Response, *, close: bool, head: bool) -> None:
        reason = REASONS.get(response.status, "Unknown")
        lines = [f"HTTP/1.1 {response.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        lines.append(f"Content-Length: {len(response.body)}")
        lines.append("Connection: close" if close else "Connection: keep-alive")
        top = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        self.wfile.write(top if head else top + response.body)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], core: Sandbox) -> None:
        self.core = core
        self.closing = False
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(
            sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1], OSError
        ):
            traceback.print_exc()


class Courier(threading.Thread):
    """Posts webhooks that are due and performs late calls."""

    def __init__(self, core: Sandbox) -> None:
        super().__init__(daemon=True, name="sandbox-courier")
        self.core = core
        self.stopping = False
        self.bell = threading.Event()
        core.listeners.append(self.bell.set)

    def run(self) -> None:
        while not self.stopping:
            self.bell.clear()
            self.core.tick()
            due = self.core.webhooks.due()
            for delivery in due:
                self.core.webhooks.acknowledge(delivery.id, post(delivery))
            if not due:
                self.bell.wait(self._pause())

    def _pause(self) -> float:
        """Seconds until the next thing is due; a bell rings when the clock is changed."""
        at = self.core.next_due()
        if at is None:
            return 1.0
        return min(max(at - self.core.clock.time(), 0.01), 1.0)

    def stop(self) -> None:
        self.stopping = True
        self.bell.set()


def post(delivery: Delivery) -> int | None:
    """Status of the endpoint's answer, None when there was none within 3 s."""
    parts = urlsplit(delivery.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        path = parts.path or "/"
        connection.request(
            "POST",
            f"{path}?{parts.query}" if parts.query else path,
            delivery.body,
            delivery.headers,
        )
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class Box:
    """A running sandbox: `url`, and `core` for looking inside."""

    def __init__(self, core: Sandbox, host: str, port: int, *, courier: bool = True) -> None:
        self.core = core
        self.server = Server((host, port), core)
        self.host, self.port = self.server.server_address[:2]
        self.url = core.url = f"http://{host}:{self.port}"
        self.courier = Courier(core) if courier else None
        self.thread = threading.Thread(
            target=self.server.serve_forever,
            kwargs={"poll_interval": 0.05},
            daemon=True,
            name="sandbox-server",
        )

    def start(self) -> Box:
        self.thread.start()
        if self.courier is not None:
            self.courier.start()
        return self

    def stop(self) -> None:
        self.server.closing = True
        if self.courier is not None:
            self.courier.stop()
            self.courier.join(5)
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def serve(
    core: Sandbox | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    courier: bool = True,
    **made: Any,
) -> Iterator[Box]:
    """A sandbox on a free port for the time of a `with` block. `made` goes to `Sandbox(…)`."""
    box = Box(core or Sandbox(**made), host, port, courier=courier).start()
    try:
        yield box
    finally:
        box.stop()
        if core is None:
            box.core.close()
