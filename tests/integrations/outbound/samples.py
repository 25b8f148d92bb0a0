"""Documents, work and answers for tests of the push."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from billing.money import Money
from integrations.documents import Held, InvoiceDocument, Kind, LineDocument, Operation
from integrations.outbound import keys
from integrations.outbound.effects import IntentDraft, Linked, OpenIntent, Work

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ORGANIZATION = UUID("00000000-0000-4000-8000-000000000001")
LOCAL = UUID("00000000-0000-4000-8000-000000000002")
MARKER = keys.marker(organization=ORGANIZATION, kind=Kind.INVOICE, local_id=LOCAL, incarnation=1)

INVOICE = InvoiceDocument(
    number="INV-1042",
    customer="17",
    issued_on=date(2026, 11, 1),
    due_on=date(2026, 12, 1),
    currency="USD",
    lines=(LineDocument(item="3", description="Support", amount=Money(10000, "USD")),),
)


class PlainBodies:
    """Bodies that say what they are, so that a test can read them."""

    def create(self, document: Any, *, marker: str, label: str) -> dict[str, Any]:
        return {"create": document.number, "marker": marker}

    def update(self, document: Any, **what: Any) -> dict[str, Any]:
        return {
            "update": what["id"],
            "version": what["version"],
            "changed": sorted(what["changed"]),
        }

    def needs_whole(self, document: Any, changed: frozenset[str]) -> bool:
        return bool(changed & {"term"}) and not document.term

    def void(self, kind: Kind, *, id: str, version: str) -> dict[str, Any]:
        return {"void": id, "version": version}

    def send(self, *, id: str) -> dict[str, Any]:
        return {"send": id}

    def text(self, body: dict[str, Any]) -> str:
        return repr(body)


def held(document: Any = INVOICE, **changes: Any) -> Held:
    """What the other side answers to a write of ours."""
    answer = Held(Kind.INVOICE, "130", "0", document, created_at=NOW, updated_at=NOW, marker=MARKER)
    return replace(answer, **changes)


def work(**changes: Any) -> Work:
    """A first push of the invoice."""
    first = Work(
        organization=ORGANIZATION,
        account="company",
        kind=Kind.INVOICE,
        local_id=LOCAL,
        label="INV-1042",
        version=1,
        incarnation=1,
        refusals=0,
        document=INVOICE,
        linked=None,
        open_intent=None,
        now=NOW,
    )
    return replace(first, **changes)


def linked(document: Any = INVOICE, version: str = "0") -> Linked:
    """The invoice as both sides agreed on it."""
    return Linked("130", version, document, document)


def committed(draft: IntentDraft | None = None, **changes: Any) -> OpenIntent:
    """A committed write; by default the create of the invoice, five seconds old."""
    intent = OpenIntent(
        id=UUID(int=9),
        kind=Kind.INVOICE,
        operation=draft.operation if draft else Operation.CREATE,
        op_key=draft.op_key if draft else "k" * 64,
        marker=MARKER,
        body=draft.body if draft else "{}",
        document=draft.document if draft else INVOICE,
        version=draft.version if draft else 1,
        target_id=draft.target_id if draft else "",
        target_version=draft.target_version if draft else "",
        created_at=NOW - timedelta(seconds=5),
        send_deadline=NOW + timedelta(seconds=15),
    )
    return replace(intent, **changes)
