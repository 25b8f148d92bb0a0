"""A company in memory behind `integrations.ports`: what the contract says and nothing that one vendor adds to it."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from billing.money import Money
from integrations.documents import (
    Changes,
    Company,
    CustomerDocument,
    Document,
    Held,
    Illegible,
    InvoiceDocument,
    Kind,
    ListEntry,
    ListKind,
    Operation,
    PaymentDocument,
    from_json,
    kind_of,
    merged,
    to_json,
)
from integrations.errors import AlreadyThere, Refused, Stale, SyncError, Vanished
from integrations.ports import Call

COMPANY = Company(name="In memory", country="US", currency="USD", custom_numbers=True)
NUMBERED = (Kind.INVOICE,)
NAMED = (Kind.CUSTOMER, Kind.ITEM, Kind.ACCOUNT)


class MemoryBodies:
    """A body says what shall become of which document."""

    def create(self, document: Document, *, marker: str, label: str) -> dict[str, Any]:
        return {"document": to_json(document), "marker": marker}

    def update(
        self,
        document: Document,
        *,
        id: str,
        version: str,
        changed: frozenset[str],
        marker: str,
        label: str,
        whole: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        return {
            **self.void(kind_of(document), id=id, version=version),
            "document": to_json(document),
            "changed": sorted(changed),
        }

    def needs_whole(self, document: Document, changed: frozenset[str]) -> bool:
        return False

    def void(self, kind: Kind, *, id: str, version: str) -> dict[str, Any]:
        return {"id": id, "version": version}

    def text(self, body: dict[str, Any]) -> str:
        return json.dumps(body)


@dataclass
class MemoryCompany:
    """Documents by kind and id. ``now`` stamps what is written."""

    now: Callable[[], datetime]
    rows: dict[tuple[Kind, str], Held] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # --- writes ------------------------------------------------------------------------------------------------------

    def send(self, call: Call) -> Held:
        if call.request_id not in self.answers:
            self.answers[call.request_id] = self._done(call)
        return self._seen(self.answers[call.request_id])

    def send_batch(self, calls: list[Call], request_id: str) -> list[Held | SyncError]:
        if request_id not in self.answers:
            self.answers[request_id] = [self._tried(call) for call in calls]
        return list(self.answers[request_id])

    def delete(self, kind: Kind, id: str) -> None:
        """As a person there would."""
        row = self.rows[kind, id]
        self.rows[kind, id] = replace(row, document=None, updated_at=self.now())

    def deactivate(self, kind: Kind, id: str) -> None:
        """As a person there would."""
        row = self.rows[kind, id]
        self.rows[kind, id] = replace(row, active=False, updated_at=self.now())

    # --- reads -------------------------------------------------------------------------------------------------------

    def read(self, kind: Kind, id: str) -> Held:
        return self._seen(self._alive(kind, id))

    def find_by_number(self, kind: Kind, numbers: list[str]) -> list[Held]:
        return [one for one in self._all(kind) if one.number in numbers]

    def find_created(self, kind: Kind, *, since: datetime) -> list[Held]:
        return [one for one in self._all(kind) if one.created_at and one.created_at >= since]

    def find_by_name(self, kind: Kind, names: list[str]) -> list[Held]:
        return [one for one in self._all(kind) if getattr(one.document, "name", None) in names]

    def changed(
        self, kind: Kind, *, since: datetime, start: int, length: int
    ) -> list[Held | Illegible]:
        later = [one for one in self._all(kind) if one.updated_at and one.updated_at >= since]
        return self._cut(later, start, length)

    def count(self, kinds: list[Kind]) -> dict[Kind, int]:
        return {kind: len(self._all(kind)) for kind in kinds}

    def page(self, kind: Kind, *, start: int, length: int) -> list[Held | Illegible]:
        return self._cut(self._all(kind), start, length)

    def some(self, kind: Kind, ids: Sequence[str]) -> list[Held | Illegible]:
        return [one for one in self._all(kind) if one.id in ids]

    def ids(self, kind: Kind, *, among: Sequence[str] = ()) -> set[str]:
        return {one.id for one in self._all(kind) if not among or one.id in among}

    def changes(self, kinds: list[Kind], lists: list[ListKind], *, since: datetime) -> Changes:
        found = [
            self._seen(row)
            for (kind, _), row in self.rows.items()
            if kind in kinds and row.updated_at and row.updated_at >= since
        ]
        return Changes(tuple(found), (), (), self.now(), complete=True)

    def entries(self, kinds: list[ListKind]) -> list[ListEntry]:
        """Of its lists it keeps the customers."""
        wanted = self._all(Kind.CUSTOMER) if ListKind.CUSTOMER in kinds else []
        return [
            ListEntry(ListKind.CUSTOMER, one.id, one.document.name, one.active)
            for one in wanted
            if isinstance(one.document, CustomerDocument)
        ]

    def lists_and_company(self, kinds: list[ListKind]) -> tuple[list[ListEntry], Company]:
        return self.entries(kinds), self.company()

    def company(self) -> Company:
        return COMPANY

    # --- what comes of a write ---------------------------------------------------------------------------------------

    def _tried(self, call: Call) -> Held | SyncError:
        try:
            return self._seen(self._done(call))
        except SyncError as error:
            return error

    def _done(self, call: Call) -> Held:
        body = json.loads(call.body)
        match call.operation:
            case Operation.CREATE:
                return self._created(from_json(body["document"]), body["marker"])
            case Operation.UPDATE:
                return self._updated(self._current(call.kind, body), body)
            case Operation.VOID:
                return self._voided(self._current(call.kind, body))
            case _:
                raise Refused(f"There is no {call.operation} in memory")

    def _created(self, document: Document, marker: str) -> Held:
        kind, now = kind_of(document), self.now()
        self._must_be_free(kind, document)
        self._must_have_room(document)
        number = getattr(document, "number", "")
        held = Held(
            kind, str(next(self.numbers)), "0", document, now, now, marker, number=number
        )  # fmt: skip
        return self._kept(held)

    def _updated(self, current: Held, body: dict[str, Any]) -> Held:
        assert current.document is not None
        change = from_json(body["document"])
        document = merged(current.document, change, frozenset(body["changed"]))
        return self._kept(self._next(current, document))

    def _voided(self, current: Held) -> Held:
        match current.document:
            case InvoiceDocument() as invoice:
                none = Money.zero(invoice.currency)
                return self._kept(
                    self._next(current, replace(invoice, voided=True, lines=(), tax=none))
                )
            case PaymentDocument() as payment:
                none = Money.zero(payment.amount.currency)
                return self._kept(
                    self._next(current, replace(payment, voided=True, amount=none, applications=()))
                )
            case _:
                raise Refused("This kind cannot be voided")

    def _next(self, current: Held, document: Document) -> Held:
        version = str(int(current.version) + 1)
        return replace(current, document=document, version=version, updated_at=self.now())

    def _kept(self, held: Held) -> Held:
        self.rows[held.kind, held.id] = held
        return held

    def _current(self, kind: Kind, body: dict[str, Any]) -> Held:
        row = self._alive(kind, body["id"])
        if row.version != body["version"]:
            raise Stale
        return row

    def _alive(self, kind: Kind, id: str) -> Held:
        row = self.rows.get((kind, id))
        if row is None or row.deleted:
            raise Vanished
        return row

    def _must_be_free(self, kind: Kind, document: Document) -> None:
        taken = {
            *(one.number for one in self._all(kind) if kind in NUMBERED),
            *(getattr(one.document, "name", "") for one in self._all(kind) if kind in NAMED),
        }
        if {getattr(document, "number", ""), getattr(document, "name", "")} & taken - {""}:
            raise AlreadyThere

    def _must_have_room(self, document: Document) -> None:
        if not isinstance(document, PaymentDocument):
            return
        for part in document.applications:
            owed = self.read(Kind.INVOICE, part.invoice).balance
            if owed is None or owed < part.amount:
                raise Refused(code="6000")

    # --- as they show it ---------------------------------------------------------------------------------------------

    def _all(self, kind: Kind) -> list[Held]:
        return [
            self._seen(row)
            for (its_kind, _), row in self.rows.items()
            if its_kind is kind and not row.deleted
        ]

    def _cut(self, found: list[Held], start: int, length: int) -> list[Held | Illegible]:
        every = sorted(found, key=lambda one: int(one.id))
        return [*every[start - 1 : start - 1 + length]]

    def _seen(self, row: Held) -> Held:
        """With what is computed over there."""
        match row.document:
            case InvoiceDocument() as invoice:
                total = Money.total((line.amount for line in invoice.lines), invoice.currency)
                total += invoice.tax or Money.zero(invoice.currency)
                return replace(row, total=total, balance=total - self._paid(row.id, invoice))
            case PaymentDocument() as payment:
                parts = (part.amount for part in payment.applications)
                applied = Money.total(parts, payment.amount.currency)
                return replace(row, total=payment.amount, unapplied=payment.amount - applied)
            case _:
                return row

    def _paid(self, invoice_id: str, invoice: InvoiceDocument) -> Money:
        parts = [
            part.amount
            for (kind, _), row in self.rows.items()
            if kind is Kind.PAYMENT and isinstance(row.document, PaymentDocument)
            for part in row.document.applications
            if part.invoice == invoice_id
        ]
        return Money.total(parts, invoice.currency)
