"""A company in the sandbox with our adapter in front of it, and hands to arrange trouble."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import requests

from billing.money import Money
from integrations.documents import (
    Application,
    Company,
    CustomerDocument,
    Document,
    Held,
    InvoiceDocument,
    Kind,
    LineDocument,
    ListKind,
    Operation,
    PaymentDocument,
    kind_of,
)
from integrations.ports import Call, CallRecord, Credentials
from integrations.quickbooks_online.adapter import QuickBooksOnline
from integrations.quickbooks_online.mapping.bodies import QuickBooksBodies

MARKER = "3f2a9c1b0d4e"
LABEL = "INV-1042"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def now() -> datetime:
    """The time of the call ledger."""
    return NOW


@dataclass
class Desk:
    """One company, its adapter and its bodies."""

    url: str
    made: dict[str, str]
    company: Company
    system: QuickBooksOnline
    bodies: QuickBooksBodies
    calls: list[CallRecord] = field(default_factory=list)

    @property
    def account(self) -> str:
        return self.made["realm_id"]

    def create(self, document: Document, *, request_id: str = "") -> Held:
        """Makes a document with a key of its own, or with the given one."""
        body = self.bodies.create(document, marker=MARKER, label=LABEL)
        return self._send(Operation.CREATE, kind_of(document), body, request_id)

    def update(self, held: Held, document: Document, *changed: str) -> Held:
        """Sends the named fields of a document that exists, or all of it where only that says so."""
        needs_whole = self.bodies.needs_whole(document, frozenset(changed))
        body = self.bodies.update(
            document,
            id=held.id,
            version=held.version,
            changed=frozenset(changed),
            marker=MARKER,
            label=LABEL,
            whole=self.system.read(held.kind, held.id).payload if needs_whole else None,
        )
        return self._send(Operation.UPDATE, held.kind, body)

    def void(self, held: Held) -> Held:
        """Voids a document."""
        body = self.bodies.void(held.kind, id=held.id, version=held.version)
        return self._send(Operation.VOID, held.kind, body)

    def customer(self, name: str = "Alice") -> Held:
        """A new customer."""
        return self.create(CustomerDocument(name, email="alice@example.com"))

    def item(self) -> str:
        """The id of a Service item, made by hand in the company."""
        accounts = self.system.entries([ListKind.ACCOUNT])
        income = next(one.id for one in accounts if dict(one.detail)["type"] == "Income")
        made = self.post(
            "item",
            {
                "Name": f"Work {uuid4().hex}",
                "Type": "Service",
                "IncomeAccountRef": {"value": income},
            },
        )
        return str(made["Item"]["Id"])

    def invoice(self, customer: Held, **fields: Any) -> InvoiceDocument:
        """An invoice over 150.00 for a customer, changed by the given fields."""
        amount = Money(15000, self.company.currency)
        plain: dict[str, Any] = {
            "number": LABEL,
            "customer": customer.id,
            "issued_on": date(2026, 11, 1),
            "due_on": date(2026, 12, 1),
            "currency": self.company.currency,
            "lines": (LineDocument(self.item(), "Work done", amount),),
        }
        return InvoiceDocument(**{**plain, **fields})

    def payment(self, customer: Held, minor: int, *invoices: tuple[Held, int]) -> PaymentDocument:
        """A payment, and what it settles."""
        currency = self.company.currency
        return PaymentDocument(
            customer=customer.id,
            received_on=date(2026, 11, 20),
            amount=Money(minor, currency),
            applications=tuple(
                Application(held.id, Money(part, currency)) for held, part in invoices
            ),
        )

    def post(self, path: str, body: dict[str, Any], **params: str) -> dict[str, Any]:
        """Acts as somebody else in the company, past our adapter."""
        answer = requests.post(
            f"{self.url}/sandbox/v3/company/{self.account}/{path}",
            json=body,
            params=params,
            headers={
                "Authorization": f"Bearer {self.made['access_token']}",
                "Accept": "application/json",
            },
            timeout=10,
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def arm(self, kind: str, **how: Any) -> None:
        """Makes the next call of this company go wrong."""
        control(self.url, "faults", {"kind": kind, "realm": self.account, **how})

    def journal(self) -> list[dict[str, Any]]:
        """Every request the sandbox has seen of this company."""
        where = f"{self.url}/_sandbox/journal"
        answer = requests.get(where, params={"realm": self.account}, timeout=10)
        found: list[dict[str, Any]] = answer.json()
        return found

    def _send(
        self, operation: Operation, kind: Kind, body: dict[str, Any], request_id: str = ""
    ) -> Held:
        call = Call(operation, kind, self.bodies.text(body), request_id or uuid4().hex)
        return self.system.send(call)


def control(url: str, action: str, wish: dict[str, Any]) -> dict[str, Any]:
    """Arranges something in the sandbox."""
    answer = requests.post(f"{url}/_sandbox/{action}", json=wish, timeout=10)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def open_desk(url: str, **wish: Any) -> Desk:
    """A new company with what was wished for, without request limits."""
    made = control(url, "companies", {"throttles": False, **wish})
    calls: list[CallRecord] = []
    credentials = Credentials(made["realm_id"], made["access_token"], f"{url}/sandbox")
    company = QuickBooksOnline(credentials, record=calls.append, now=now).company()
    system = QuickBooksOnline(credentials, record=calls.append, now=now, company=company)
    calls.clear()
    return Desk(url, made, company, system, QuickBooksBodies(company), calls)
