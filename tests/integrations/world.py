"""An organization connected to a company of the sandbox, and the worker's turns taken by hand.

Everything goes over real HTTP to the sandbox and through real PostgreSQL; only the queue is left out: a test says when
a worker takes its turn.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import requests
from django.db.models import F
from django.test import Client

from billing.models import Customer, Invoice
from billing.services import customers
from integrations import connecting, gateway
from integrations.documents import Kind
from integrations.governor.pace import Unpaced
from integrations.models import (
    QUICKBOOKS,
    Connection,
    Doorbell,
    Intent,
    Link,
    SyncDue,
    SyncJob,
    live_connection,
)
from integrations.outbound import due, relay, wishes
from integrations.outbound.perform import Observer, unobserved
from integrations.serving import serve
from regentra import clock
from sandbox import Box
from tenants.models import Organization, User
from tenants.scope import within
from tests import factories
from tests.integrations.calls_in_turn import CallsInTurn
from webhooks import tasks as webhook_tasks


@dataclass
class World:
    """One organization, one company."""

    box: Box
    client_id: str
    verifier: str
    organization: Organization
    owner: User
    realm: str = ""
    connections: list[UUID] = field(default_factory=list)
    bookkeepers: dict[str, str] = field(default_factory=dict)

    # --- the company over there --------------------------------------------------------------------------------------

    def new_company(self, **wish: Any) -> str:
        """Another company in the sandbox; its realm."""
        made = self.control("POST", "companies", {"throttles": False, **wish})
        self.bookkeepers[made["realm_id"]] = made["access_token"]
        return str(made["realm_id"])

    def control(self, method: str, path: str, wish: Any = None) -> Any:
        """A call of the sandbox's control API."""
        answer = requests.request(method, f"{self.box.url}/_sandbox/{path}", json=wish, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def trouble(self, kind: str, **rule: Any) -> None:
        """Arms a fault for the next call, or as the rule says."""
        self.control("POST", "faults", {"kind": kind, "realm": self.realm, **rule})

    def calm(self) -> None:
        """Disarms all faults."""
        self.control("DELETE", "faults")

    def held(self, entity: str) -> list[dict[str, Any]]:
        """What the company holds of this kind, oldest first."""
        dump = self.control("GET", f"state/{self.realm}")
        return sorted(dump["entities"].get(entity, []), key=lambda one: int(one["Id"]))

    def bookkeeper(self, entity: str, body: dict[str, Any], **params: str) -> dict[str, Any]:
        """A write that did not come from us: another app of the same company stands in for the person."""
        made = self.posted(entity.lower(), body, **params)[entity]
        assert isinstance(made, dict)
        return made

    def posted(self, path: str, body: dict[str, Any], **params: str) -> dict[str, Any]:
        """What the company answers to such a write."""
        environment = self.box.core.companies[self.realm].environment
        root = self.box.url if environment == "production" else f"{self.box.url}/sandbox"
        answer = requests.post(
            f"{root}/v3/company/{self.realm}/{path}",
            params=params,
            json=body,
            headers={
                "Authorization": f"Bearer {self.bookkeepers[self.realm]}",
                "Accept": "application/json",
            },
            timeout=10,
        )
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def pays(self, invoice: Invoice, amount: str, **more: Any) -> dict[str, Any]:
        """The bookkeeper records a payment of this invoice in QuickBooks."""
        theirs = self.link(invoice).remote_id
        (bill,) = [one for one in self.held("Invoice") if one["Id"] == theirs]
        applied = {"Amount": amount, "LinkedTxn": [{"TxnId": theirs, "TxnType": "Invoice"}]}
        body = {"CustomerRef": bill["CustomerRef"], "TotalAmt": amount, "Line": [applied], **more}
        return self.bookkeeper("Payment", body)

    def journal(self) -> list[dict[str, Any]]:
        """Our calls to this company since `forget_calls`."""
        answer = self.control("GET", f"journal?realm={self.realm}&after={self._seen}")
        ours = [entry for entry in answer if entry["client_id"] == self.client_id]
        return [entry for entry in ours if "/v3/company/" in entry["path"]]

    def forget_calls(self) -> None:
        """From here on `journal` starts anew."""
        every = self.control("GET", f"journal?realm={self.realm}")
        self._seen = every[-1]["seq"] if every else 0

    _seen: int = 0

    # --- connecting --------------------------------------------------------------------------------------------------

    def connect(self, **wish: Any) -> Connection:
        """Signs in at Intuit and allows the company; the lists are read."""
        self.realm = str(wish.pop("realm", "")) or self.company_with_an_item(**wish)
        code = self._consent(self.realm)
        with self.inside():
            former = live_connection()
        connection = connecting.connect(
            self.organization,
            user=self.owner,
            code=code,
            account=self.realm,
            replaces=former.id if former else None,
        )
        self.connections.append(connection.id)
        return connection

    def company_with_an_item(self, **wish: Any) -> str:
        self.realm = self.new_company(**wish)
        (income,) = [one for one in self.held("Account") if one["Name"] == "Services"]
        account = {"value": income["Id"]}
        self.bookkeeper(
            "Item", {"Name": "IT services", "Type": "Service", "IncomeAccountRef": account}
        )
        return self.realm

    def _consent(self, realm: str) -> str:
        page = gateway.consent_page("state", gateway.platform_app())
        asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
        answer = requests.post(
            page.partition("?")[0],
            data={**asked, "realm": realm, "decision": "connect"},
            allow_redirects=False,
            timeout=10,
        )
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]

    @property
    def connection(self) -> Connection:
        """The newest connection as it is now."""
        with self.inside():
            return Connection.objects.get(pk=self.connections[-1])

    # --- our side ----------------------------------------------------------------------------------------------------

    @contextmanager
    def inside(self) -> Iterator[None]:
        with within(self.organization):
            yield

    def customer(self, name: str = "Adatum", **details: Any) -> Customer:
        with self.inside():
            return customers.create(name=name, **{"email": "ap@adatum.example", **details})

    def linked_customer(self) -> Customer:
        """A customer both sides know."""
        customer = self.customer()
        with self.inside():
            wishes.send_now(Kind.CUSTOMER, customer.id)
        self.work()
        return customer

    def invoice(self, customer: Customer, **details: Any) -> Invoice:
        """Generated with QuickBooks ticked."""
        with self.inside():
            return factories.draft(
                customer, destinations=frozenset({QUICKBOOKS}), actor=self.owner, **details
            )

    def fresh(self, row: Any) -> Any:
        """The row as it is now."""
        with self.inside():
            return type(row).objects.get(pk=row.pk)

    def job(self, row: Any) -> SyncJob:
        with self.inside():
            return SyncJob.objects.get(local_id=row.pk)

    def link(self, row: Any) -> Link:
        with self.inside():
            return Link.objects.get(local_id=row.pk)

    # --- the worker --------------------------------------------------------------------------------------------------

    def work(self, observe: Observer = unobserved) -> None:
        """What a worker does on a tick: relay, then serve every company of this organization that is due."""
        relay.relay_some(self.organization.id)
        self.serve(observe)

    def serve(self, observe: Observer = unobserved) -> None:
        """The same, of a worker that has relayed before what happened last."""
        for connection_id in self.connections:
            if self._is_due(connection_id):
                self.turn(connection_id, observe)
                # The first one is a single request while another company waits.
                if self._is_due(connection_id) and _another_waits(connection_id):
                    self.turn(connection_id, observe)

    @staticmethod
    def turn(connection_id: UUID, observe: Observer = unobserved) -> None:
        """One turn of a worker at one company."""
        serve(connection_id, pace=Unpaced(), observe=observe, calls=CallsInTurn)

    def _is_due(self, connection_id: UUID) -> bool:
        now = clock.now()
        row = SyncDue.objects.get(connection_id=connection_id)
        moments = [at for at in (row.send_due_at, row.sweep_due_at) if at is not None]
        paused = row.paused_until is not None and row.paused_until > now
        return not paused and any(at <= now for at in moments)

    def later(self, *, seconds: float = 0, minutes: float = 0) -> None:
        """Puts back, by so much, every moment that something waits for: time passes."""
        passed = timedelta(seconds=seconds, minutes=minutes)
        for name in ("send_due_at", "sweep_due_at", "paused_until"):
            SyncDue.objects.update(**{name: F(name) - passed})
        with self.inside():
            SyncJob.objects.update(next_attempt_at=F("next_attempt_at") - passed)
            Doorbell.objects.update(rung_at=F("rung_at") - passed)
            Intent.objects.update(send_deadline=F("send_deadline") - passed)
            for name in ("company_asked_at", "company_read_at", "try_again_at"):
                Connection.objects.update(**{name: F(name) - passed})

    def due_now(self) -> None:
        """The change feed is read on the next turn."""
        self.later(minutes=60)

    def use_company(self) -> None:
        """The admin confirms the company connected last."""
        with self.inside():
            connecting.use_company(self.connection, user=self.owner)

    def disconnect(self) -> None:
        connecting.disconnect(self.organization, user=self.owner)

    def due_in(self) -> timedelta:
        """How long until the newest company is served again."""
        row = SyncDue.objects.get(connection_id=self.connections[-1])
        moments = [at for at in (row.send_due_at, row.sweep_due_at) if at is not None]
        return min(moments) - clock.now()

    def deliver(self, client: Client, *, times: int = 1) -> int:
        """Carries the webhooks that are due from the sandbox to our endpoint. Returns how many posts."""
        posts = [one for one in self.box.core.webhooks.due() if one.client_id == self.client_id]
        for post in posts:
            for _ in range(times):
                answer = client.post(
                    "/webhooks/quickbooks/",
                    post.body,
                    content_type="application/json",
                    headers=post.headers,
                )
                assert answer.status_code == 200, answer.content
            self.box.core.webhooks.acknowledge(post.id, 200)
        webhook_tasks.hand_over()
        return len(posts)


def _another_waits(connection_id: UUID) -> bool:
    return due.in_turn().exclude(connection_id=connection_id).exists()
