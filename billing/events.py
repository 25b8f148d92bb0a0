"""What happened in the books: past tense, ids and opaque strings only.

`origin` says who caused it: "" for staff, otherwise whatever the caller of the service passed, so
that a listener can recognise its own work coming back. Payloads are JSON and are kept, so fields
are added with a default, never renamed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, get_type_hints
from uuid import UUID

_kinds: dict[str, type["Event"]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, by whom."""

    kind: ClassVar[str]
    origin: str = ""
    actor_id: UUID | None = None

    def __init_subclass__(cls) -> None:
        cls.kind = cls.__name__
        _kinds[cls.kind] = cls

    def to_payload(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return {field.name: _to_json(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, kw_only=True)
class CustomerCreated(Event):
    """`source` is how it came to be, a value of `billing.models.Source`."""

    customer_id: UUID
    source: str = "staff"


@dataclass(frozen=True, kw_only=True)
class CustomerChanged(Event):
    customer_id: UUID
    fields: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class CustomerArchived(Event):
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class ServiceChanged(Event):
    """`fields` are names of `services.catalogue.ServiceDetails`."""

    service_id: UUID
    fields: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class CustomersTakenOver(Event):
    """They were made elsewhere, where `origin` says."""

    customer_ids: frozenset[UUID]


@dataclass(frozen=True, kw_only=True)
class InvoicesTakenOver(Event):
    """They were made elsewhere, where `origin` says, and are there already."""

    invoice_ids: frozenset[UUID]


@dataclass(frozen=True, kw_only=True)
class InvoiceGenerated(Event):
    """`destinations` are the keys that staff ticked, from `billing.destinations`."""

    invoice_id: UUID
    destinations: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class InvoiceChanged(Event):
    """`fields` are names of `services.invoices.edit`: notes, memo, email, po_number, due_on, terms, location,
    issued_on, lines; and number, tax, approval.
    """

    invoice_id: UUID
    fields: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class InvoiceSent(Event):
    invoice_id: UUID


@dataclass(frozen=True, kw_only=True)
class InvoiceEmailRequested(Event):
    """`through` is the key of the destination that is to e-mail it, from `billing.destinations`."""

    invoice_id: UUID
    through: str


@dataclass(frozen=True, kw_only=True)
class InvoiceVoided(Event):
    invoice_id: UUID


@dataclass(frozen=True, kw_only=True)
class CreditMemoIssued(Event):
    """`invoice_ids`: the invoice that it was issued on, if any, or those that it is about."""

    credit_memo_id: UUID
    invoice_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, kw_only=True)
class CreditMemoChanged(Event):
    credit_memo_id: UUID


@dataclass(frozen=True, kw_only=True)
class CreditMemoVoided(Event):
    credit_memo_id: UUID


@dataclass(frozen=True, kw_only=True)
class InvoiceArchived(Event):
    invoice_id: UUID


@dataclass(frozen=True, kw_only=True)
class RefundRecorded(Event):
    refund_id: UUID
    payment_id: UUID


@dataclass(frozen=True, kw_only=True)
class RefundChanged(Event):
    refund_id: UUID


@dataclass(frozen=True, kw_only=True)
class RefundVoided(Event):
    refund_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaymentRecorded(Event):
    """`invoice_ids`: the invoices it was applied to, whose status may have changed; `credit_memo_ids`: what it uses."""

    payment_id: UUID
    invoice_ids: frozenset[UUID]
    credit_memo_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, kw_only=True)
class PaymentChanged(Event):
    """`invoice_ids`: the invoices it is or was applied to; `fields` as in `services.payments.change`."""

    payment_id: UUID
    invoice_ids: frozenset[UUID]
    fields: frozenset[str] = frozenset()
    credit_memo_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, kw_only=True)
class PaymentVoided(Event):
    """`invoice_ids`: the invoices that were opened again; `credit_memo_ids`: the credit that is left again."""

    payment_id: UUID
    invoice_ids: frozenset[UUID]
    credit_memo_ids: frozenset[UUID] = frozenset()


def from_payload(kind: str, payload: Mapping[str, Any]) -> Event:
    """The event that `to_payload` wrote. Raises KeyError for a kind that was never one."""
    event = _kinds[kind]
    readers = _readers(event)
    return event(**{name: readers[name](value) for name, value in payload.items()})


def kinds() -> frozenset[str]:
    """Every kind of event there is."""
    return frozenset(_kinds)


def _to_json(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(str(each) for each in value)
    return str(value) if isinstance(value, UUID) else value


_READERS: dict[Any, Callable[[Any], Any]] = {
    str: str,
    UUID: UUID,
    UUID | None: lambda value: UUID(value) if value else None,
    frozenset[str]: frozenset,
    frozenset[UUID]: lambda values: frozenset(map(UUID, values)),
}


def _readers(event: type[Event]) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(event)
    return {field.name: _READERS[hints[field.name]] for field in fields(event)}
