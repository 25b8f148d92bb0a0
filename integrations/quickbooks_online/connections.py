"""Kept-alive connections to QuickBooks, shared by all threads of a process."""

import os
import ssl
from collections.abc import Iterator
from functools import cache
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from urllib3 import exceptions as urllib3

# Ten requests a second and company are allowed (reference 3.1); a worker serves a few at a time.
CONNECTIONS_PER_HOST = 20

_BEFORE_SENDING = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    urllib3.ConnectTimeoutError,
    urllib3.NewConnectionError,
    urllib3.NameResolutionError,
    ssl.SSLCertVerificationError,
)


def session() -> requests.Session:
    """The session of this process. A forked worker gets one of its own, never its parent's sockets."""
    return _session_of(os.getpid())


def never_left(error: BaseException) -> bool:
    """Whether a call failed before its first byte was sent; False when that is not certain."""
    return any(isinstance(cause, _BEFORE_SENDING) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it wraps: requests and urllib3 keep causes in arguments and in ``reason``."""
    pending: list[object] = [error]
    while pending:
        cause = pending.pop()
        if isinstance(cause, BaseException):
            yield cause
            pending += [*cause.args, getattr(cause, "reason", None)]


@cache
def _session_of(_process: int) -> requests.Session:
    fresh = requests.Session()
    # A .netrc entry would replace the bearer token, a proxy variable would see it.
    fresh.trust_env = False
    # One company's cookies must not travel with another company's calls.
    fresh.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        fresh.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=CONNECTIONS_PER_HOST))
    return fresh
