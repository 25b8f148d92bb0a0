"""Posts as Intuit sends them."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.test import Client

from integrations.models import Connection
from tenants.models import Organization, Route
from tenants.scope import within
from tests import factories

VERIFIER = "a-verifier-token"
ACCOUNT = "9130350000000001"


@dataclass
class Post:
    """Northwind's company is connected; nothing else is."""

    client: Client
    organization: Organization
    connection: Connection

    @classmethod
    def to_northwind(cls) -> "Post":
        organization = factories.organization("northwind")
        return cls(Client(), organization, connected(organization, ACCOUNT))

    def __call__(self, raw: bytes, signature: str | None = None, **extra: Any) -> Any:
        headers = {"intuit-signature": signed(raw) if signature is None else signature}
        extra.setdefault("content_type", "application/cloudevents-batch+json")
        return self.client.post("/webhooks/quickbooks/", raw, headers=headers, **extra)


def connected(organization: Organization, account: str) -> Connection:
    """A company of this organization that webhooks are routed to."""
    with within(organization):
        connection = Connection.objects.create(
            account_sealed="not read here",
            account_hash=Route.hash_of(account),
            environment="sandbox",
            status="connected",
        )
    Route.objects.create(
        kind="quickbooks_company",
        key_hash=Route.hash_of(account),
        organization=organization,
        object_id=connection.id,
    )
    return connection


def signed(raw: bytes, verifier: str = VERIFIER) -> str:
    """The signature that Intuit puts into the header."""
    return base64.b64encode(hmac.new(verifier.encode(), raw, hashlib.sha256).digest()).decode()


def event(entity: str = "invoice", operation: str = "created", **fields: Any) -> dict[str, Any]:
    """One CloudEvent."""
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "intuit.dsnBgbse",
        "type": f"qbo.{entity}.{operation}.v1",
        "datacontenttype": "application/json",
        "time": "2026-03-16T21:31:25.179851517Z",
        "intuitentityid": "1234",
        "intuitaccountid": ACCOUNT,
        "data": {},
        **fields,
    }


def body(*events: dict[str, Any]) -> bytes:
    """The body of a post."""
    return json.dumps(list(events)).encode()
