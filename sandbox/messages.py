"""What goes into the sandbox and what comes out, without any HTTP library."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox import jsontext


@dataclass
class Request:
    """One HTTP request. Header names are lower case, `path` is percent-decoded.

    `late` is one that is done now and was answered before; its caller hears nothing more.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    late: bool = False

    @classmethod
    def to(
        cls, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> "Request":
        """Build a request from a request target such as `/v3/company/1/query?query=…`."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True, errors="replace"))
        lowered = {name.lower(): value for name, value in (headers or {}).items()}
        return cls(method.upper(), unquote(parts.path, errors="replace"), query, lowered, body)

    def form(self) -> dict[str, str]:
        """The body as an urlencoded form; a repeated name keeps its last value."""
        text = self.body.decode("utf-8", "replace")
        return dict(parse_qsl(text, keep_blank_values=True))

    def forms(self) -> dict[str, list[str]]:
        """The body as an urlencoded form with every value of a repeated name."""
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True):
            found.setdefault(name, []).append(value)
        return found


@dataclass
class Response:
    """One HTTP answer. `delay_seconds` is sandbox time before it may be seen;
    `dropped` means that the caller sees the connection close instead."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_seconds: float = 0.0
    dropped: bool = False

    @classmethod
    def json(cls, value: Any, status: int = 200) -> "Response":
        body = jsontext.dumps(value).encode("utf-8", "replace")
        return cls(status, {"Content-Type": "application/json;charset=UTF-8"}, body)

    @classmethod
    def html(cls, text: str, status: int = 200) -> "Response":
        return cls(status, {"Content-Type": "text/html; charset=utf-8"}, text.encode())

    @classmethod
    def redirect(cls, url: str, status: int = 303) -> "Response":
        return cls(status, {"Location": url, "Content-Type": "text/plain"}, b"")
