"""The client against a server that behaves badly: time-outs, broken lines, odd answers."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import requests

from integrations.documents import Company, CustomerDocument, Kind, ListKind, Operation
from integrations.errors import NotUnderstood, OutcomeUnknown, Refused, SyncError, Temporary
from integrations.ports import Call, CallRecord, Credentials
from integrations.quickbooks_online import connections
from integrations.quickbooks_online.adapter import QuickBooksOnline
from integrations.quickbooks_online.client import Client
from tests.integrations.quickbooks_online.desk import NOW, Desk, now
from tests.integrations.quickbooks_online.scripted import Script, scripted

HOME = Company(name="Alice's Company", country="US", currency="USD")
CUSTOMER = {"Customer": {"Id": "7", "SyncToken": "0", "DisplayName": "Alice"}}
WRITE = Call(Operation.CREATE, Kind.CUSTOMER, '{"DisplayName":"Алиса"}', "r-1")


@pytest.fixture
def script() -> Iterator[Script]:
    with scripted() as running:
        yield running


@pytest.fixture
def calls() -> list[CallRecord]:
    return []


@pytest.fixture
def system(script: Script, calls: list[CallRecord]) -> QuickBooksOnline:
    return opened(script.url, calls)


def opened(url: str, calls: list[CallRecord]) -> QuickBooksOnline:
    credentials = Credentials("310687", "token-1", url)
    return QuickBooksOnline(credentials, record=calls.append, now=now, company=HOME)


def test_write_carries_all_it_needs(
    script: Script, system: QuickBooksOnline, calls: list[CallRecord]
) -> None:
    script.answer(200, CUSTOMER, Intuit_Tid="1-5f732f5f")
    assert system.send(WRITE).document == CustomerDocument("Alice")
    assert script.paths == ["/v3/company/310687/customer?minorversion=75&requestid=r-1"]
    head = script.heads[0]
    assert head["authorization"] == "Bearer token-1"
    assert (head["accept"], head["content-type"]) == ("application/json", "application/json")
    assert script.bodies == [WRITE.body.encode()]
    (call,) = calls
    assert (call.method, call.path, call.status) == ("POST", "/v3/company/310687/customer", 200)
    assert (call.reference, call.request_id, call.outcome) == ("1-5f732f5f", "r-1", "ok")
    assert (call.metered, call.items, call.started_at) == (False, 1, NOW)


@pytest.mark.parametrize("name", ["intuit_tid", "Intuit-Tid", "INTUIT_TID", "intuit-tid"])
def test_their_reference_is_found_however_it_is_spelled(
    script: Script, system: QuickBooksOnline, calls: list[CallRecord], name: str
) -> None:
    script.answers.append((400, b"{}", {name: "1-a"}))
    with pytest.raises(Refused) as refusal:
        system.send(WRITE)
    assert refusal.value.reference == calls[0].reference == "1-a"


@pytest.mark.parametrize(
    "kind, operation, query",
    [
        (Kind.INVOICE, Operation.VOID, "operation=void"),
        (Kind.PAYMENT, Operation.VOID, "operation=update&include=void"),
        (Kind.INVOICE, Operation.UPDATE, "operation=update"),
    ],
)
def test_operations_are_named_and_have_a_key(
    script: Script,
    system: QuickBooksOnline,
    calls: list[CallRecord],
    kind: Kind,
    operation: Operation,
    query: str,
) -> None:
    script.answer(200, {})
    with pytest.raises(OutcomeUnknown):
        system.send(Call(operation, kind, '{"Id":"1","SyncToken":"0"}', "r-1"))
    path = f"/v3/company/310687/{kind.value}"
    assert script.paths == [f"{path}?{query}&minorversion=75&requestid=r-1"]
    assert calls[0].path == f"{path}?{query}"


def test_only_reads_are_metered(
    script: Script, system: QuickBooksOnline, calls: list[CallRecord]
) -> None:
    reads = [
        lambda: system.read(Kind.CUSTOMER, "7"),
        lambda: system.find_by_number(Kind.INVOICE, ["1"]),
        lambda: system.changes([Kind.CUSTOMER], [], since=NOW),
        lambda: system.entries([ListKind.TERM]),
    ]
    for read in reads:
        script.answer(503, b"")
        with pytest.raises(Temporary):
            read()
    assert [(call.method, call.path.rsplit("/", 1)[-1], call.metered) for call in calls] == [
        ("GET", "7", True),
        ("POST", "query", True),
        ("GET", "cdc", True),
        ("POST", "batch", True),
    ]
    assert [call.items for call in calls] == [1, 1, 1, 2]


def test_names_do_not_reach_the_ledger(
    script: Script, system: QuickBooksOnline, calls: list[CallRecord]
) -> None:
    script.answer(200, {"QueryResponse": {}})
    assert system.find_by_name(Kind.CUSTOMER, ["Alice"]) == []
    assert "Alice" in script.bodies[0].decode()
    assert "Alice" not in str(calls)


# --- no answer -------------------------------------------------------------------------------


def test_closed_line_leaves_the_outcome_of_a_write_unknown(
    script: Script, system: QuickBooksOnline, calls: list[CallRecord]
) -> None:
    script.hang_up()
    with pytest.raises(OutcomeUnknown):
        system.send(WRITE)
    assert len(script.paths) == 1  # nobody below us tries again
    assert (calls[0].status, calls[0].outcome) == (None, "OutcomeUnknown no answer")


def test_closed_line_of_a_read_is_temporary(script: Script, system: QuickBooksOnline) -> None:
    script.hang_up()
    with pytest.raises(Temporary):
        system.read(Kind.CUSTOMER, "7")


def test_nobody_listening_means_that_nothing_was_sent(calls: list[CallRecord]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as port:
        url = f"http://127.0.0.1:{port.getsockname()[1]}"
    with pytest.raises(Temporary) as raised:
        opened(url, calls).send(WRITE)
    assert raised.value.code == "no connection"
    assert not raised.value.throttled


@pytest.mark.parametrize(
    "url", ["http://nowhere.invalid", "https://127.0.0.1:1", "ftp://x", "http://"]
)
def test_address_that_leads_nowhere_means_that_nothing_was_sent(
    url: str, calls: list[CallRecord]
) -> None:
    with pytest.raises(Temporary) as raised:
        opened(url, calls).send(WRITE)
    assert raised.value.code == "no connection"


def test_silence_ends_with_the_time_out(script: Script, calls: list[CallRecord]) -> None:
    class Impatient(Client):
        timeout_seconds = (1.0, 0.05)

    script.say_nothing()
    client = Impatient(Credentials("310687", "t", script.url), record=calls.append, now=now)
    with pytest.raises(OutcomeUnknown):
        client.create_object("Customer", WRITE.body, request_id="r-1")
    assert Client.timeout_seconds == (3.05, 30)


@pytest.mark.parametrize(
    "error, left",
    [
        (requests.ConnectTimeout(), False),
        (requests.ReadTimeout(), True),
        (requests.ConnectionError("aborted"), True),
        (requests.exceptions.ChunkedEncodingError(), True),
        (requests.exceptions.SSLError("bad record"), True),
    ],
)
def test_only_what_failed_while_connecting_never_left(
    error: requests.RequestException, left: bool
) -> None:
    assert connections.never_left(error) is not left


# --- odd answers -----------------------------------------------------------------------------

ODD: list[Any] = [
    b"",
    b"null",
    b"[]",
    b"<html>",
    b'{"Customer":',
    b'{"Customer": {"Id": NaN}}',
    b"[" * 100_000,
    {},
    {"Customer": None},
    {"Customer": {}},
    {"Customer": {"Id": "7"}},
    {"Customer": []},
]


@pytest.mark.parametrize("body", ODD)
def test_success_that_cannot_be_read_is_no_success(
    script: Script, system: QuickBooksOnline, body: Any
) -> None:
    script.answer(200, body)
    with pytest.raises(OutcomeUnknown):
        system.send(WRITE)
    script.answer(200, body)
    # What names itself but cannot be read will not be readable the next time either.
    with pytest.raises((Temporary, NotUnderstood)):
        system.read(Kind.CUSTOMER, "7")


@pytest.mark.parametrize("body", ODD)
def test_other_reads_refuse_what_they_cannot_read(
    script: Script, system: QuickBooksOnline, body: Any
) -> None:
    if body == {}:
        return
    for read in (
        lambda: system.find_by_number(Kind.INVOICE, ["1"]),
        lambda: system.changes([Kind.CUSTOMER], [], since=NOW),
        lambda: system.entries([ListKind.TERM]),
        system.company,
    ):
        script.answer(200, body)
        with pytest.raises(Temporary):
            read()


def test_fault_inside_a_success_is_a_fault(script: Script, system: QuickBooksOnline) -> None:
    script.answer(200, {"Fault": {"Error": [{"Message": "m", "code": "6000"}]}})
    with pytest.raises(Refused):
        system.send(WRITE)


def test_redirect_is_not_followed_with_our_token(script: Script, system: QuickBooksOnline) -> None:
    script.answer(307, b"", Location=f"{script.url}/elsewhere")
    with pytest.raises(OutcomeUnknown):
        system.send(WRITE)
    assert len(script.paths) == 1


def test_cookies_of_one_company_do_not_travel(script: Script, system: QuickBooksOnline) -> None:
    script.answer(200, CUSTOMER, Set_Cookie="company=310687; Path=/")
    script.answer(200, CUSTOMER)
    system.send(WRITE)
    system.send(WRITE)
    assert "cookie" not in script.heads[1]


def test_amounts_arrive_exact(script: Script, calls: list[CallRecord]) -> None:
    script.answer(200, b'{"Invoice": {"TotalAmt": 0.1, "Balance": 100.00}}')
    client = Client(Credentials("310687", "t", script.url), record=calls.append, now=now)
    found = client.get_single_object("Invoice", "1")["Invoice"]
    assert (found["TotalAmt"], str(found["Balance"])) == (Decimal("0.1"), "100.00")


def test_list_that_an_edition_lacks_is_empty(script: Script, system: QuickBooksOnline) -> None:
    lacking = {"Fault": {"Error": [{"Message": "m", "code": "5030"}], "type": "ValidationFault"}}
    number = list(ListKind).index(ListKind.CLASS)
    parts = [{"bId": f"{number}-1", **lacking}, {"bId": f"{number}-n", **lacking}]
    script.answer(200, {"BatchItemResponse": parts})
    assert system.entries([ListKind.CLASS]) == []
    broken = [{**part, "Fault": {"Error": [{"code": "4000"}]}} for part in parts]
    script.answer(200, {"BatchItemResponse": broken})
    with pytest.raises(SyncError):
        system.entries([ListKind.CLASS])


# --- threads ---------------------------------------------------------------------------------


def test_one_company_may_be_asked_by_many_threads(desk: Desk) -> None:
    names = [f"Customer {n}" for n in range(40)]
    desk.calls.clear()
    start = threading.Barrier(8)

    def make(name: str) -> str:
        if name in names[:8]:
            start.wait(10)
        return desk.create(CustomerDocument(name)).document.name  # type: ignore[union-attr]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(make, names)) == names
    assert {call.outcome for call in desk.calls} == {"ok"}
    assert len({call.request_id for call in desk.calls}) == 40
