"""Point 24: webhooks, their signature, formats, retries and trouble."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from sandbox import Box, Sandbox, serve
from sandbox.quickbooks.webhooks import Delivery
from tests.sandbox.client import Company, advance, control, version


@pytest.fixture
def company(box: Box) -> Company:
    control(
        box,
        "POST",
        "apps",
        {"client_id": "hooked", "webhook_url": "http://127.0.0.1:9/hook", "verifier": "v3r"},
    )
    return Company.made(box, client_id="hooked")


def due(box: Box) -> list[Delivery]:
    return box.core.webhooks.due()


def delivered(box: Box) -> list[dict[str, Any]]:
    """The events of everything that is due, acknowledged."""
    events = []
    while found := due(box):
        for delivery in found:
            events += json.loads(delivery.body)
            box.core.webhooks.acknowledge(delivery.id, 200)
    return events


def kinds(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["type"], event["intuitentityid"]) for event in events]


def test_point_24_cloud_events_signed_over_the_raw_body(company: Company) -> None:
    company.customer()
    (delivery,) = due(company.box)
    expected = hmac.new(b"v3r", delivery.body, hashlib.sha256).digest()
    assert delivery.headers["intuit-signature"] == base64.b64encode(expected).decode()
    (event,) = json.loads(delivery.body)
    assert event["type"] == "qbo.customer.created.v1"
    assert (event["intuitaccountid"], event["intuitentityid"], event["data"]) == (
        company.realm,
        "1",
        {},
    )
    assert len(event["time"].rsplit(".", 1)[1]) == 10
    assert delivery.headers["Content-Type"] == "application/cloudevents-batch+json"


def test_point_24_legacy_format_by_switch(company: Company) -> None:
    control(company.box, "POST", "switches", {"webhook_format": "legacy"})
    company.customer()
    (delivery,) = due(company.box)
    (note,) = json.loads(delivery.body)["eventNotifications"]
    assert note["realmId"] == company.realm
    (entity,) = note["dataChangeEvent"]["entities"]
    assert (entity["name"], entity["id"], entity["operation"]) == ("Customer", "1", "Create")
    assert delivery.headers["Content-Type"] == "application/json"


def test_point_24_own_writes_echo_with_everything_they_move(company: Company) -> None:
    customer, item = company.customer(), company.item()
    invoice = company.invoice(customer, item)
    delivered(company.box)
    payment = company.payment(invoice, 100)
    assert sorted(kinds(delivered(company.box))) == [
        ("qbo.customer.updated.v1", "1"), ("qbo.invoice.updated.v1", invoice["Id"]),
        ("qbo.payment.created.v1", payment["Id"]),
    ]  # fmt: skip
    control(company.box, "POST", "switches", {"own_writes_echo": False})
    company.customer("Silent")
    assert delivered(company.box) == []


def test_point_24_void_delete_send_and_what_has_no_webhook(company: Company) -> None:
    customer, item = company.customer(PrimaryEmailAddr={"Address": "c@example.com"}), company.item()
    invoice = company.invoice(customer, item)
    delivered(company.box)
    sent = company.post(f"invoice/{invoice['Id']}/send", None).json()["Invoice"]
    voided = company.write("Invoice", version(sent), operation="void")
    company.write("Invoice", version(voided), operation="delete")
    found = [kind for kind, _ in kinds(delivered(company.box)) if "invoice" in kind]
    assert found == ["qbo.invoice.emailed.v1", "qbo.invoice.voided.v1", "qbo.invoice.deleted.v1"]
    company.post("taxservice/taxcode", {"TaxCode": "N", "TaxRateDetails": [
        {"TaxRateName": "R", "RateValue": 1, "TaxAgencyId": "1", "TaxApplicableOn": "Sales"}]})  # fmt: skip
    info = company.get(f"companyinfo/{company.realm}").json()["CompanyInfo"]
    company.change("CompanyInfo", info, LegalName="New")
    assert delivered(company.box) == []


def test_point_24_one_array_holds_several_companies(box: Box, company: Company) -> None:
    other = Company.made(box, client_id="hooked")
    company.customer()
    other.customer()
    (delivery,) = due(box)
    assert {event["intuitaccountid"] for event in json.loads(delivery.body)} == {
        company.realm,
        other.realm,
    }


def test_point_24_events_wait_for_their_delay(company: Company) -> None:
    control(company.box, "POST", "switches", {"webhook_delay_seconds": 60})
    company.customer("A")
    advance(company.box, seconds=30)
    company.customer("B")
    assert due(company.box) == []
    advance(company.box, seconds=31)
    assert [e["intuitentityid"] for e in delivered(company.box)] == ["1"]


def attempt(box: Box, status: int | None = 500) -> bool:
    """Fail the delivery that is due; False when none is."""
    found = due(box)
    for delivery in found:
        box.core.webhooks.acknowledge(delivery.id, status)
    return bool(found)


def test_point_24_the_retry_ladder(company: Company) -> None:
    company.customer()
    assert attempt(company.box)
    for wait in (0, 10, 20, 30, 300, 1200, 7200, 14400, 21600, 21600):
        if wait:
            advance(company.box, seconds=wait - 1)
            assert not attempt(company.box), wait
            advance(company.box, seconds=1)
        assert attempt(company.box, None), wait
    advance(company.box, hours=6)
    assert len(delivered(company.box)) == 1


def test_point_24_a_failing_delivery_holds_back_the_later_ones(company: Company) -> None:
    company.customer("A")
    attempt(company.box)
    attempt(company.box)
    company.customer("B")
    assert due(company.box) == []
    advance(company.box, seconds=10)
    assert [e["intuitentityid"] for e in delivered(company.box)] == ["1", "2"]


def test_point_24_without_blocking_the_later_ones_pass(company: Company) -> None:
    control(company.box, "POST", "switches", {"webhook_head_of_line_blocking": False})
    company.customer("A")
    attempt(company.box)
    attempt(company.box)
    company.customer("B")
    assert [e["intuitentityid"] for e in delivered(company.box)] == ["2"]


def test_point_24_dropped_doubled_delayed_reordered(company: Company) -> None:
    def arm(kind: str, **more: Any) -> None:
        control(company.box, "POST", "faults", {"kind": kind, **more})

    arm("webhook_dropped", entity="Customer")
    company.customer("A")
    assert delivered(company.box) == []
    arm("webhook_doubled")
    company.customer("B")
    events = delivered(company.box)
    assert [e["intuitentityid"] for e in events] == ["2", "2"]
    assert events[0]["id"] == events[1]["id"]
    arm("webhook_delayed", seconds=100)
    company.customer("C")
    assert delivered(company.box) == []
    advance(company.box, seconds=100)
    assert len(delivered(company.box)) == 1
    for n in range(6):
        company.customer(f"D{n}")
    arm("webhook_reordered")
    order = [e["intuitentityid"] for e in delivered(company.box)]
    assert order != sorted(order, key=int)


def test_point_24_merge_names_the_id_that_vanished(company: Company) -> None:
    from tests.sandbox.test_people import press

    loser, survivor, item = company.customer("A"), company.customer("B"), company.item()
    company.invoice(loser, item)
    delivered(company.box)
    press(company, f"customers/{loser['Id']}/merge", into=survivor["Id"])
    merged = [e for e in delivered(company.box) if e["type"] == "qbo.customer.merged.v1"]
    assert [(e["intuitentityid"], e["data"]) for e in merged] == [
        (survivor["Id"], {"deletedid": loser["Id"]})
    ]


class Endpoint(HTTPServer):
    """A receiver that remembers what it got."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.arrived = threading.Event()
        super().__init__(("127.0.0.1", 0), Receive)


class Receive(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.arrived.set()

    def log_message(self, *args: Any) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_point_24_the_server_posts_by_itself(endpoint: Endpoint) -> None:
    with serve(core=Sandbox(seed=3)) as box:
        url = f"http://127.0.0.1:{endpoint.server_port}/hook?x=1"
        company = Company.made(box, webhook_url=url, verifier="v")
        company.customer()
        assert endpoint.arrived.wait(5)
        headers, body = endpoint.got[0]
        signed = base64.b64encode(hmac.digest(b"v", body, "sha256")).decode()
        assert headers["intuit-signature"] == signed
