"""Documents that were made elsewhere, as they stand there and in our words."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from billing.errors import AmountRefused
from billing.money import Money
from billing.rules.dates import check_order
from billing.rules.totals import Line, line_amount


@dataclass(frozen=True, kw_only=True)
class CustomerElsewhere:
    """A customer; ``details`` are texts of `billing.services.customers.Details`, ``parent`` is ours."""

    details: dict[str, str]
    parent: UUID | None = None
    archived: bool = False


@dataclass(frozen=True, kw_only=True)
class LineElsewhere:
    """One line; ``service`` is ours, where one is known for what was sold. At most one is the discount on all of it."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    taxable: bool = False
    service: UUID | None = None
    is_discount: bool = False
    discount_percent: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class InvoiceElsewhere:
    """An invoice that reached its customer. ``tax`` is what was charged, whatever our rates say."""

    number: str
    issued_on: date
    due_on: date
    tax: Money
    lines: tuple[LineElsewhere, ...] = field(default=())
    notes: str = ""
    memo: str = ""
    email: str = ""
    po_number: str = ""
    location_id: UUID | None = None
    exchange_rate: Decimal | None = None
    is_void: bool = False

    @property
    def currency(self) -> str:
        return self.tax.currency


@dataclass(frozen=True)
class Sums:
    """What an invoice made elsewhere comes to, line by line."""

    lines: tuple[Money, ...]
    subtotal: Money
    total: Money


def sums_of(invoice: InvoiceElsewhere) -> Sums:
    """Raises `AmountRefused` and `DatesRefused` for what cannot stand in our books."""
    check_order(issued_on=invoice.issued_on, due_on=invoice.due_on)
    currency = invoice.currency
    lines = tuple(
        line_amount(Line(line.quantity, line.unit_price, line.taxable), currency)
        for line in invoice.lines
    )
    subtotal = Money.total(lines, currency)
    total = subtotal + invoice.tax
    if total < Money.zero(currency):
        raise AmountRefused(f"The invoice comes to {total}. An invoice cannot be below zero.")
    return Sums(lines, subtotal, total)
