"""Speaks HTTP to one QuickBooks company through python-quickbooks, with what that library leaves out.

Added: time-outs, kept-alive connections, our errors instead of its, `requestid` on every write, the
call ledger, exact numbers. What was found wrong with it stands in reference libraries 2.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any, NoReturn, Self
from urllib.parse import quote, urlsplit

import requests
from quickbooks.client import QuickBooks

from integrations.errors import SyncError
from integrations.ports import Admission, CallRecord, Credentials, Recorder, admitted
from integrations.quickbooks_online import connections, faults, jsontext
from integrations.quickbooks_online.envelopes import fault_in, fault_in_text

MINOR_VERSION = 75
BATCH_LIMIT = 30
# POSTs that read.
READS = frozenset({"query", "batch"})

Now = Callable[[], datetime]


@dataclass(slots=True)
class _Exchange:
    """One request while it happens."""

    method: str
    path: str
    request_id: str
    items: int
    status: int | None = None
    reference: str = ""

    @property
    def write(self) -> bool:
        return bool(self.request_id)

    @property
    def batch(self) -> bool:
        return self.path.endswith("/batch")

    @property
    def metered(self) -> bool:
        """Reads are; writes on their own are not, but inside a batch they are (reference 3.2)."""
        return self.method == "GET" or self.path.rsplit("/", 1)[-1] in READS


class Client(QuickBooks):
    """One company. Holds nothing that changes, so several threads may use it at once.

    Every method raises `SyncError`s only. ``now`` gives the time for the call ledger.
    """

    # To connect (just over a lost packet's second try), and between two parts of an answer.
    timeout_seconds = (3.05, 30.0)

    _token: str
    _record: Recorder
    _now: Now
    _admit: Admission

    def __new__(
        cls,
        credentials: Credentials,
        *,
        record: Recorder,
        now: Now,
        admit: Admission = admitted,
    ) -> Self:
        # The company id of a callback is unsigned text: it must not lead the path elsewhere.
        account = quote(credentials.account, safe="")
        self: Self = super().__new__(
            cls, company_id=account, minorversion=MINOR_VERSION, use_decimal=True
        )
        self.api_url_v3 = self.sandbox_api_url_v3 = credentials.base_url.rstrip("/") + "/v3"
        self._token, self._record, self._now = credentials.access_token, record, now
        self._admit = admit
        return self

    def batch(self, items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Up to 30 reads in one metered request, by the ``bId`` of each. Order is not promised."""
        return self._batch([jsontext.written(item) for item in items], request_id=None)

    def write_batch(self, items: list[str], *, request_id: str) -> dict[str, dict[str, Any]]:
        """Up to 30 writes, each as the JSON text of its item, likewise. Repeated, it is answered and not done again."""
        return self._batch(items, request_id=request_id)

    def deliver(self, entity: str, id: str, *, request_id: str) -> dict[str, Any]:
        """Has QuickBooks e-mail a document; answers with the document (reference 2.7)."""
        where = f"{self.api_url}/company/{self.company_id}/{entity.lower()}"
        url = f"{where}/{quote(id, safe='')}/send"
        return self.make_request(
            "POST", url, content_type="application/octet-stream", request_id=request_id
        )

    def _batch(self, items: list[str], *, request_id: str | None) -> dict[str, dict[str, Any]]:
        url = f"{self.api_url}/company/{self.company_id}/batch"
        body = f'{{"BatchItemRequest":[{",".join(items)}]}}'
        answer = self.make_request("POST", url, body, request_id=request_id, items=len(items))
        return {part["bId"]: part for part in answer["BatchItemResponse"]}

    def make_request(
        self,
        request_type: str,
        url: str,
        request_body: str | None = None,
        content_type: str = "application/json",
        params: Mapping[str, Any] | None = None,
        file_path: None = None,
        file_bytes: None = None,
        request_id: str | None = None,
        items: int = 1,
    ) -> dict[str, Any]:
        """Every call the library composes comes through here. A ``request_id`` marks a write."""
        exchange = _Exchange(request_type, _ledger_path(url, params), request_id or "", items)
        query = {**(params or {}), "minorversion": self.minorversion}
        if request_id:
            query["requestid"] = request_id
        headers = {"Content-Type": content_type, "Accept": "application/json"}
        self._admit(metered=exchange.metered, batch=exchange.batch)
        with self._recorded(exchange):
            response = self._send(exchange, url, headers, query, request_body)
            return _understood(response, exchange)

    def process_request(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Closed: it is the library's way round time-outs and the ledger."""
        raise TypeError("Calls go through make_request")

    def _send(
        self,
        exchange: _Exchange,
        url: str,
        headers: dict[str, str],
        query: dict[str, Any],
        body: str | None,
    ) -> requests.Response:
        try:
            response = connections.session().request(
                exchange.method,
                url,
                headers={**headers, "Authorization": f"Bearer {self._token}"},
                params=query,
                data=body.encode() if body else None,
                timeout=self.timeout_seconds,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            code = "no connection" if connections.never_left(error) else "no answer"
            raise faults.error_for(code, write=exchange.write) from error
        exchange.status, exchange.reference = response.status_code, _reference(response)
        return response

    @contextmanager
    def _recorded(self, exchange: _Exchange) -> Iterator[None]:
        started_at, start, outcome = self._now(), perf_counter(), "ok"
        try:
            yield
        except SyncError as error:
            outcome = f"{type(error).__name__} {error.code}".strip()[:40]
            raise
        finally:
            took = round((perf_counter() - start) * 1000)
            self._record(_record_of(exchange, started_at, took, outcome))


def _record_of(exchange: _Exchange, started_at: datetime, took_ms: int, outcome: str) -> CallRecord:
    return CallRecord(
        method=exchange.method,
        path=exchange.path,
        status=exchange.status,
        metered=exchange.metered,
        started_at=started_at,
        duration_ms=took_ms,
        reference=exchange.reference,
        outcome=outcome,
        request_id=exchange.request_id,
        items=exchange.items,
    )


def _understood(response: requests.Response, exchange: _Exchange) -> dict[str, Any]:
    """The parsed answer of a success; a fault may hide in one (reference 6.1)."""
    facts: dict[str, Any] = {"write": exchange.write, "reference": exchange.reference}
    if response.status_code != 200:
        raise faults.error_for_status(
            response.status_code,
            fault_in_text(response.text),
            retry_after_seconds=_retry_after(response),
            **facts,
        )
    try:
        answer = jsontext.read(response.text)
    except (ValueError, RecursionError) as error:
        raise faults.error_for("unreadable", **facts) from error
    if fault := fault_in(answer):
        raise faults.error_for_fault(fault, **facts)
    if not isinstance(answer, dict):
        raise faults.error_for("unreadable", **facts)
    return answer


def _reference(response: requests.Response) -> str:
    """Intuit's id of the call; its name is seen as intuit_tid and as Intuit-Tid (reference 2.1)."""
    for name, value in response.headers.items():
        if name.lower().replace("-", "_") == "intuit_tid":
            return value[:100]
    return ""


def _retry_after(response: requests.Response) -> float | None:
    """Not documented by Intuit, but honoured when it comes; a date instead of seconds is not."""
    given = response.headers.get("Retry-After", "")
    return float(given) if given.isdecimal() and 0 < int(given) <= 86_400 else None


def _ledger_path(url: str, params: Mapping[str, Any] | None) -> str:
    """The path for the ledger: with what is done, without query texts, which hold names."""
    path = urlsplit(url).path
    done = [f"{key}={params[key]}" for key in ("operation", "include") if params and key in params]
    return (path + ("?" + "&".join(done) if done else ""))[:300]
