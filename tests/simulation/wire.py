"""Carries the requests of the real adapters to the sandbox's core, without a socket.

Every session of `requests` asks `Session.get_adapter` where a URL goes; for the simulated address it gets this adapter.
So the product's own clients, headers, bodies, errors and journals take part, and a dropped connection is the very
exception that a dropped connection is.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import RemoteDisconnected
from typing import Any, Protocol

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3.exceptions import ProtocolError

from sandbox.messages import Request, Response

ADDRESS = "http://quickbooks.simulation"


class Carrier(Protocol):
    """The network of one run."""

    def carry(self, request: Request, read_timeout: float) -> Response:
        """The answer, or an exception of `requests` when none arrives."""
        ...


class Wire(BaseAdapter):
    """A transport adapter whose other end is a carrier."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__()
        self.carrier = carrier

    def send(self, request: Any, *_: Any, timeout: Any = None, **__: Any) -> requests.Response:
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        headers = {**request.headers, "host": ADDRESS.partition("//")[2]}
        asked = Request.to(request.method, request.path_url, headers, body)
        _, read_timeout = timeout
        return _response(request, self.carrier.carry(asked, float(read_timeout)))

    def close(self) -> None:
        """There is nothing to close."""


def dropped() -> requests.ConnectionError:
    """The other side closed the connection without an answer."""
    return requests.ConnectionError(
        ProtocolError("Connection aborted.", RemoteDisconnected("closed without response"))
    )


@contextmanager
def strung(carrier: Carrier) -> Iterator[None]:
    """Leads the simulated address to this carrier, for all sessions of the process."""
    wire, real = Wire(carrier), requests.Session.get_adapter

    def adapter_for(session: requests.Session, url: str) -> BaseAdapter:
        return wire if url.startswith(ADDRESS) else real(session, url)

    requests.Session.get_adapter = adapter_for  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        requests.Session.get_adapter = real  # type: ignore[method-assign]


def _response(request: Any, answer: Response) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(answer.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.url, response.request = request.url, request
    response.raw = io.BytesIO(answer.body)
    response._content = answer.body
    return response
