"""How a payment is spread over invoices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from billing.errors import AmountRefused, NotFound, OverAllocated
from billing.money import Money


@dataclass(frozen=True)
class OpenInvoice:
    """What an invoice can still take."""

    id: UUID
    number: str
    due_on: date
    balance: Money


def proposed(amount: Money, invoices: Iterable[OpenInvoice]) -> dict[UUID, Money]:
    """The payment spread oldest due date first; what is left over stays unapplied."""
    parts: dict[UUID, Money] = {}
    for invoice in sorted(invoices, key=lambda each: (each.due_on, each.number)):
        part = min(amount, invoice.balance)
        if part.minor > 0:
            parts[invoice.id] = part
            amount -= part
    return parts


def check(amount: Money, parts: Mapping[UUID, Money], invoices: Mapping[UUID, OpenInvoice]) -> None:
    """Raises when a part is not above zero or exceeds its invoice, or their sum what there is to spread."""
    for invoice_id, part in parts.items():
        _check_part(part, invoices.get(invoice_id))
    applied = Money.total(parts.values(), amount.currency)
    if applied > amount:
        raise OverAllocated(f"The payment is {amount}, but {applied} would be applied to invoices.")


def check_amount(amount: Money, *, credit: Money) -> None:
    """Raises `AmountRefused` unless money came in, or credit is used."""
    if amount.minor < 0 or (not amount and not credit):
        raise AmountRefused("A payment must be above zero.")


@dataclass(frozen=True)
class OpenCredit:
    """What a credit memo still has to give."""

    number: str
    remaining: Money


def check_credits(used: Mapping[UUID, Money], memos: Mapping[UUID, OpenCredit]) -> None:
    """Raises when a part is not above zero or exceeds what its credit memo has left."""
    for memo_id, part in used.items():
        memo = memos.get(memo_id)
        if memo is None:
            raise NotFound("The payment names a credit memo that does not exist.")
        if part.minor <= 0:
            raise AmountRefused(f"The part of {memo.number} must be above zero.")
        if part > memo.remaining:
            raise OverAllocated(
                f"{memo.number} has {memo.remaining} left, so {part} cannot be applied from it."
            )


def _check_part(part: Money, invoice: OpenInvoice | None) -> None:
    if invoice is None:
        raise NotFound("The payment names an invoice that does not exist.")
    if part.minor <= 0:
        raise AmountRefused(f"The part applied to {invoice.number} must be above zero.")
    if part > invoice.balance:
        raise OverAllocated(
            f"{invoice.number} has {invoice.balance} open, so {part} cannot be applied to it."
        )
