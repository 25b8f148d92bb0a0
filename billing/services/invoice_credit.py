"""What of an invoice can be credited, and what a credit memo of some of its lines holds: their part of the discount on
all of it and of its tax come with them, so that credit memos of everything come to the invoice, however it is split.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, Sum

from billing.errors import NotFound
from billing.models import CreditMemo, CreditMemoLine, Invoice, InvoiceLine
from billing.money import Money
from billing.rules.credit import (
    CreditedLine,
    OffAll,
    check_credit,
    credited_discount,
    credited_tax,
    left_of,
)
from billing.services.drafting import DraftLine


@dataclass(frozen=True)
class Credit:
    """The lines of a credit memo, each with the line of the invoice that it takes something off, and its tax; None
    where that follows from the prices.
    """

    drafts: list[DraftLine]
    credited: list[InvoiceLine]
    tax: Money | None


def creditable(invoice: Invoice) -> dict[UUID, Money]:
    """What is left to be credited of each line of an invoice, by its id; its discount is no line of its own.

    What was credited of the invoice and of none of its lines comes off them in their order.
    """
    off = {line.pk for line in invoice.lines.all() if line.is_discount}
    return {key: left for key, left in left_of_lines(invoice).items() if key not in off}


def left_in_all(invoice: Invoice) -> Money:
    """What of its total no credit memo has taken off; never below zero."""
    return max(Money.zero(invoice.currency), invoice.total - _in_all(invoice, "total_minor"))


def left_of_lines(invoice: Invoice, *, but: CreditMemo | None = None) -> dict[UUID, Money]:
    """What is left of each line, also of the discount, as if one of its credit memos were not there."""
    credited = _credited(invoice, but=but)
    lines = {
        line.pk: Money(line.amount_minor - credited[line.pk], invoice.currency)
        for line in InvoiceLine.objects.filter(invoice=invoice).order_by("position")
    }
    return left_of(lines, Money(credited[None], invoice.currency))


def credit(invoice: Invoice, amounts: Mapping[UUID, Money]) -> Credit:
    """What a credit memo of these amounts holds. Raises a `BillingError` for more of a line than is left of it."""
    lines = {line.pk: line for line in invoice.lines.all()}
    left, before = creditable(invoice), _credited(invoice)
    _check_amounts(lines, amounts, left)
    nothing = Money.zero(invoice.currency)
    parts = [
        CreditedLine(
            amount=lines[key].amount,
            before=Money(before[key], invoice.currency),
            left=one,
            now=amounts.get(key, nothing),
            taxable=lines[key].taxable,
        )
        for key, one in left.items()
    ]
    chosen = [lines[key] for key in left if key in amounts]
    drafts = [_draft(line, amounts[line.pk]) for line in chosen]
    discount = next((line for line in lines.values() if line.is_discount), None)
    off = OffAll(nothing, after_it_tax=False, before=nothing)
    if discount is not None:
        gone = Money(before[discount.pk], invoice.currency)
        off = OffAll(discount.amount, after_it_tax=discount.taxable, before=gone)
    back = credited_discount(parts, off)
    taken_back = [] if discount is None else list(_taken_back(discount, back, parts))
    credited = [*chosen, *(discount for _ in taken_back if discount)]
    tax = credited_tax(
        parts,
        off,
        discount=back,
        tax=invoice.tax,
        before=_in_all(invoice, "tax_minor"),
        rate_percent=invoice.tax_rate_percent,
    )
    # Tax that prices include is rounded line by line, as QuickBooks does.
    return Credit([*drafts, *taken_back], credited, None if invoice.prices_include_tax else tax)


def _taken_back(
    discount: InvoiceLine, amount: Money, parts: Sequence[CreditedLine]
) -> Iterator[DraftLine]:
    """What is taken back of the discount on a whole invoice. Where tax is computed after it, in two lines: what was off
    taxable lines, and the rest, so that whoever computes the tax of the credit memo finds the same.
    """
    taxed = Money.zero(amount.currency)
    if discount.taxable:
        now = Money.total((part.now for part in parts), amount.currency)
        of_it = Money.total((part.now for part in parts if part.taxable), amount.currency)
        taxed = amount.share(of_it, now)
    for one, is_taxable in ((taxed, True), (amount - taxed, False)):
        if one:
            yield _as_one(discount, one, taxable=is_taxable)


def _draft(line: InvoiceLine, amount: Money) -> DraftLine:
    """The whole line as it stands on the invoice, or a part of it as one of its amount."""
    if amount.minor != line.amount_minor or line.discount_percent:
        return _as_one(line, amount, taxable=line.taxable)
    return DraftLine(
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        taxable=line.taxable,
        service=line.service,
    )


def _as_one(line: InvoiceLine, amount: Money, *, taxable: bool) -> DraftLine:
    return DraftLine(
        description=line.description,
        quantity=Decimal(1),
        unit_price=amount.amount,
        taxable=taxable,
        service=line.service,
    )


def _check_amounts(
    lines: Mapping[UUID, InvoiceLine], amounts: Mapping[UUID, Money], left: Mapping[UUID, Money]
) -> None:
    for key, amount in amounts.items():
        if key not in left:
            raise NotFound("One of the lines does not exist any more. Reload the page.")
        check_credit(amount, left=left[key], line=lines[key].description)


def _credited(invoice: Invoice, *, but: CreditMemo | None = None) -> dict[UUID | None, int]:
    """What live credit memos take off each line; under None what they take off the invoice and none of its lines."""
    of_invoice = Q(credit_memo__invoice=invoice) | Q(invoice_line__invoice=invoice)
    live = CreditMemoLine.objects.filter(of_invoice, credit_memo__voided_at=None)
    if but is not None:
        live = live.exclude(credit_memo=but)
    credited: dict[UUID | None, int] = defaultdict(int)
    for line in live.select_related("credit_memo"):
        credited[line.invoice_line_id] += _as_said_there(line, invoice).minor
    return credited


def _as_said_there(line: CreditMemoLine, invoice: Invoice) -> Money:
    """The amount as the invoice says its own: what was taken over is without the tax that prices here include."""
    if invoice.prices_include_tax and not line.credit_memo.prices_include_tax and line.taxable:
        return line.amount.times(1 + invoice.tax_rate_percent / 100)
    return line.amount


def _in_all(invoice: Invoice, column: str) -> Money:
    live = invoice.credit_memos.filter(voided_at=None)
    return Money(live.aggregate(sum=Sum(column))["sum"] or 0, invoice.currency)
