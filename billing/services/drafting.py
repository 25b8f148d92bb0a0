"""The lines of a draft: built from work and from what staff type, kept, replaced and counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from billing.errors import AlreadyBilled, NotFound, NothingToBill, WrongCustomer
from billing.models import (
    CreditMemoLine,
    Customer,
    Invoice,
    InvoiceLine,
    LineKind,
    Service,
    TimeEntry,
)
from billing.rules.totals import (
    Line,
    Totals,
    check_discounts,
    document_totals,
    line_amount,
    percent_of,
)
from billing.services.words import checked

# What QuickBooks takes in one document.
MOST_LINES = 10_000
# More in one sentence nobody reads.
MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """A line as staff want it. `line_id` names the line it replaces when an invoice is edited.

    `discount_percent` is off this line alone; of the discount on all lines it is what that one says. `share_of` is the
    price of which it bills a part: a bundle is taken apart as that price is, and each of its parts gets its share.
    """

    description: str
    quantity: Decimal
    unit_price: Decimal
    taxable: bool = False
    service: Service | None = None
    kind: str = LineKind.SALE
    discount_percent: Decimal | None = None
    share_of: Decimal | None = None
    line_id: UUID | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of a line, except position and amount, and what only an invoice's line has."""
        return {
            **checked({"description": self.description}),
            "quantity": self.quantity,
            "unit_price": self.unit_price,
            "taxable": self.taxable,
            "service_id": self.service.pk if self.service else None,
        }

    def invoice_columns(self) -> dict[str, Any]:
        """The columns of an InvoiceLine, except position and amount."""
        more = {"kind": self.kind, "discount_percent": self.discount_percent}
        return {**self.columns(), **more}

    def numbers(self) -> Line:
        """What counts of it."""
        is_discount = self.kind == LineKind.DISCOUNT
        off = Decimal(0) if is_discount else self.discount_percent or Decimal(0)
        numbers = (self.quantity, self.unit_price, self.taxable)
        return Line(*numbers, discount=is_discount, percent_off=off)

    def flat(self, currency: str) -> "DraftLine":
        """As one of its amount where something is off this line alone, which lines elsewhere do not know."""
        if self.kind == LineKind.DISCOUNT or not self.discount_percent:
            return self
        amount = line_amount(self.numbers(), currency).amount
        return replace_fields(self, quantity=Decimal(1), unit_price=amount, discount_percent=None)


def line_of(entry: TimeEntry) -> DraftLine:
    """One line for one entry: its hours at its rate, which is in the currency of the customer as all prices are."""
    return DraftLine(
        description=entry.description or entry.service.name,
        quantity=entry.hours,
        unit_price=entry.rate,
        taxable=entry.service.taxable,
        service=entry.service,
    )


def discount(
    *, percent: Decimal | None = None, amount: Decimal = Decimal(0), after_it_tax: bool = False
) -> DraftLine:
    """The discount on a whole invoice, of so many percent or of an amount."""
    words = f"Discount {percent.normalize():f} %" if percent is not None else "Discount"
    return DraftLine(
        description=words,
        quantity=Decimal(1),
        unit_price=-amount,
        taxable=after_it_tax,
        kind=LineKind.DISCOUNT,
        discount_percent=percent,
    )


def adjustment(amount: Decimal) -> DraftLine:
    """What is added or written off so that the sum comes out; it bears no tax."""
    words = "Write-off or rounding" if amount < 0 else "Rounding"
    return DraftLine(
        description=words, quantity=Decimal(1), unit_price=amount, kind=LineKind.ADJUSTMENT
    )


def settled(drafts: Sequence[DraftLine], *, currency: str) -> list[DraftLine]:
    """The lines with a discount last, and what its percentage comes to. Raises `AmountRefused`."""
    ordered = sorted(drafts, key=lambda draft: draft.kind == LineKind.DISCOUNT)
    numbers = [draft.numbers() for draft in ordered]
    check_discounts(numbers)
    return [_settled(draft, numbers, currency) for draft in ordered]


def _settled(draft: DraftLine, numbers: Sequence[Line], currency: str) -> DraftLine:
    if draft.kind != LineKind.DISCOUNT or draft.discount_percent is None:
        return draft
    off = percent_of(numbers, draft.discount_percent, currency)
    return replace_fields(draft, quantity=Decimal(1), unit_price=-off.amount)


def claimed(entries: Iterable[TimeEntry], *, customer: Customer) -> list[TimeEntry]:
    """The entries, locked, oldest work first. Raises when one is billed, gone or another's.

    Whoever claims the same work at the same time waits here and then finds it billed.
    """
    wanted = {entry.pk for entry in entries}
    locked = TimeEntry.objects.select_for_update(of=("self",), no_key=True).order_by("id")
    found = list(locked.filter(pk__in=wanted).select_related("service"))
    if len(found) < len(wanted):
        raise NotFound("Some of the chosen work does not exist any more.")
    if billed := [entry for entry in found if entry.is_billed]:
        raise AlreadyBilled(
            f"{len(billed)} of {len(found)} chosen entries are on an invoice already: "
            f"{_named(billed)}."
        )
    if any(entry.customer_id != customer.pk for entry in found):
        raise WrongCustomer("Some of the chosen work was done for another customer.")
    return sorted(found, key=lambda entry: (entry.worked_on, entry.created_at))


def _named(billed: Sequence[TimeEntry]) -> str:
    """The first of them, each with its invoice."""
    named = [
        f"“{line_of(entry).description[:60]}” on {entry.invoice_line.invoice.number}"
        for entry in billed[:MOST_NAMED]
        if entry.invoice_line
    ]
    more = len(billed) - len(named)
    return ", ".join([*named, f"and {more} more"] if more else named)


def counted(
    drafts: Sequence[DraftLine],
    *,
    tax_rate_percent: Decimal,
    currency: str,
    inclusive: bool = False,
) -> Totals:
    """What the lines come to. Raises `NothingToBill` and `AmountRefused`."""
    if not 0 < len(drafts) <= MOST_LINES:
        raise NothingToBill(f"An invoice has between one and {MOST_LINES:,} lines.")
    numbers = (draft.numbers() for draft in drafts)
    return document_totals(
        numbers, tax_rate_percent=tax_rate_percent, currency=currency, inclusive=inclusive
    )


def total_columns(totals: Totals) -> dict[str, int]:
    """The columns of an Invoice."""
    return {
        "subtotal_minor": totals.subtotal.minor,
        "tax_minor": totals.tax.minor,
        "total_minor": totals.total.minor,
    }


def write(invoice: Invoice, drafts: Sequence[DraftLine], totals: Totals) -> list[InvoiceLine]:
    """Adds the lines of a new invoice, in order."""
    lines = [
        InvoiceLine(
            invoice=invoice, position=place, amount_minor=amount.minor, **draft.invoice_columns()
        )
        for place, (draft, amount) in enumerate(zip(drafts, totals.lines, strict=True), start=1)
    ]
    return InvoiceLine.objects.bulk_create(lines)


def bill(entries: Sequence[TimeEntry], lines: Sequence[InvoiceLine]) -> None:
    """Marks each entry as billed by the line in the same place."""
    for entry, line in zip(entries, lines, strict=True):
        entry.invoice_line = line
    TimeEntry.objects.bulk_update(entries, ["invoice_line"], batch_size=1000)


def release(**lines: Any) -> None:
    """Makes the work on these lines unbilled again, as `release(invoice_line__invoice=...)`."""
    TimeEntry.objects.filter(**lines).update(invoice_line=None)


def uncredit(lines: Sequence[UUID]) -> None:
    """What credit memos take off these lines they take off the invoice as a whole."""
    CreditMemoLine.objects.filter(invoice_line__in=lines).update(invoice_line=None)


def replace(invoice: Invoice, drafts: Sequence[DraftLine], totals: Totals) -> bool:
    """Makes the invoice's lines these; whether anything differed. Work on a removed line is released."""
    former = {line.pk: line for line in invoice.lines.all()}
    lines = [_kept_or_new(invoice, draft, former) for draft in drafts]
    before = [content(line) for line in former.values()]
    for place, (line, draft) in enumerate(zip(lines, drafts, strict=True), start=1):
        columns = {**draft.invoice_columns(), "amount_minor": totals.lines[place - 1].minor}
        for name, value in {**columns, "position": place}.items():
            setattr(line, name, value)
    if before == [content(line) for line in lines]:
        return False
    store(former, lines)
    return True


def drafts_of(invoice: Invoice) -> list[DraftLine]:
    """The lines of an invoice as they could be given to change it; the discount, if any, is the last."""
    return [
        DraftLine(
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            taxable=line.taxable,
            service=line.service,
            kind=line.kind,
            discount_percent=line.discount_percent,
            line_id=line.pk,
        )
        for line in invoice.lines.select_related("service")
    ]


COLUMNS = (
    "position",
    "service_id",
    "description",
    "quantity",
    "unit_price",
    "amount_minor",
    "taxable",
    "kind",
    "discount_percent",
)


def content(line: InvoiceLine) -> list[Any]:
    """What tells whether a line differs from what it was."""
    return [line.pk, *(getattr(line, name) for name in COLUMNS)]


def _kept_or_new(
    invoice: Invoice, draft: DraftLine, former: dict[UUID, InvoiceLine]
) -> InvoiceLine:
    if draft.line_id is None:
        return InvoiceLine(invoice=invoice)
    if draft.line_id not in former:
        raise NotFound(
            f"The line “{draft.description[:60]}” does not exist any more. Remove it here as well, or add "
            "it as a new line."
        )
    return former[draft.line_id]


def store(former: dict[UUID, InvoiceLine], lines: Sequence[InvoiceLine]) -> None:
    """These lines are the invoice's instead of the former ones, some of which may be among them."""
    wanted = {line.pk for line in lines}
    removed = [key for key in former if key not in wanted]
    release(invoice_line__in=removed)
    uncredit(removed)
    InvoiceLine.objects.filter(pk__in=removed).delete()
    names = [name.removesuffix("_id") for name in COLUMNS]
    kept = [line for line in lines if line.pk in former]
    InvoiceLine.objects.bulk_update(kept, names, batch_size=500)
    InvoiceLine.objects.bulk_create(line for line in lines if line.pk not in former)
