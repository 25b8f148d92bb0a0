"""The two calls over HTTP that a starting demo makes to its own programs."""

import http.client
import json
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from regentra.demo.errors import CannotStart

PATIENCE_SECONDS = 10


def status_of(url: str) -> int | None:
    """The status of a GET; nothing when nobody answers yet."""
    try:
        return _call("GET", url)[0]
    except (OSError, http.client.HTTPException):
        return None


def post_json(url: str, body: dict[str, Any]) -> None:
    """Raises `CannotStart` when the answer is not a success."""
    status, text = _call("POST", url, json.dumps(body))
    if status >= 300:
        raise CannotStart(f"{url} answered {status}: {text[:500]}")


def _call(method: str, url: str, body: str | None = None) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE_SECONDS)
    with closing(connection):
        connection.request(method, parts.path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
