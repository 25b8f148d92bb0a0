"""Documents that were made elsewhere, taken over as they stand there; many in one go, all or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from billing import events, outbox
from billing.errors import IllegalStep, OverAllocated
from billing.home import organization
from billing.models import CreditMemoLine, Customer, Invoice, InvoiceLine, LineKind, Source, Status
from billing.money import Money
from billing.rules.credit import Said, moved_lines
from billing.rules.elsewhere import (
    CustomerElsewhere,
    InvoiceElsewhere,
    LineElsewhere,
    Sums,
    sums_of,
)
from billing.rules.exchange import checked_currency
from billing.rules.lifecycle import standing
from billing.services import drafting, numbering
from billing.services.changes import differing, save
from billing.services.chronicle import actor_id, enter
from billing.services.words import checked
from regentra import clock
from tenants import audit
from tenants.audit import Line
from tenants.models import User


@dataclass(frozen=True)
class Prepared:
    """An invoice that can stand in the books: its row and its lines, not stored yet."""

    row: Invoice
    lines: list[InvoiceLine]


def prepared(invoice: InvoiceElsewhere, *, customer_id: UUID, origin: str) -> Prepared:
    """Checks what no database would say in words. Raises a `BillingError`. Stores nothing."""
    sums = sums_of(invoice)
    row = Invoice(
        customer_id=customer_id,
        origin=origin,
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        currency=invoice.currency,
        location_id=invoice.location_id,
        exchange_rate=invoice.exchange_rate,
        subtotal_minor=sums.subtotal.minor,
        tax_minor=invoice.tax.minor,
        total_minor=sums.total.minor,
        **checked(
            {name: getattr(invoice, name) for name in ("notes", "memo", "email", "po_number")}
        ),
        **_standing(invoice, sums),
    )
    return Prepared(row, _lines(row, invoice, sums))


@transaction.atomic
def invoices(taken: Sequence[Prepared], *, origin: str) -> None:
    """Stores them. They keep the numbers they have; ours step over those from now on."""
    if not taken:
        return
    numbering.hold()
    Invoice.objects.bulk_create(each.row for each in taken)
    InvoiceLine.objects.bulk_create(line for each in taken for line in each.lines)
    audit.record_all("invoice.taken_over", "invoice", [_note(each.row) for each in taken])
    outbox.record(
        events.InvoicesTakenOver(
            invoice_ids=frozenset(each.row.pk for each in taken), origin=origin
        )
    )


@transaction.atomic
def customers(found: Sequence[CustomerElsewhere], *, origin: str) -> list[Customer]:
    """Stores them, in their order. Raises `TextRefused`."""
    if not found:
        return []
    now, home = clock.now(), organization().currency
    rows = [
        Customer(
            source=Source.QUICKBOOKS,
            parent_id=each.parent,
            archived_at=now if each.archived else None,
            **_details(each, home),
        )
        for each in found
    ]
    Customer.objects.bulk_create(rows)
    lines = [Line(row.pk, {"name": row.name, "origin": origin}) for row in rows]
    audit.record_all("customer.taken_over", "customer", lines)
    ids = frozenset(row.pk for row in rows)
    outbox.record(events.CustomersTakenOver(customer_ids=ids, origin=origin))
    return rows


def _details(customer: CustomerElsewhere, home: str) -> dict[str, Any]:
    texts: dict[str, Any] = checked({"name": "", "currency": "", **customer.details})
    return {**texts, "currency": checked_currency(texts["currency"], home=home)}


@transaction.atomic
def follow(
    *,
    invoice: Invoice,
    now: InvoiceElsewhere,
    fields: frozenset[str],
    actor: User | None = None,
    origin: str = "",
) -> Invoice:
    """Makes these fields what they are elsewhere now, as named in `InvoiceElsewhere`; the tax goes with the lines.

    The due date moves along where it would be before the invoice date.
    Also of an invoice that was sent, which staff cannot change. Raises `IllegalStep` once it is void, `OverAllocated`
    when more has been paid than it would come to.
    """
    invoice = invoice.reload_locked()
    if invoice.standing is Status.VOID:
        raise IllegalStep(f"{invoice.number} is void and cannot be changed any more.")
    sums = sums_of(now)
    wanted = _never_due_before(invoice, {name: getattr(now, name) for name in fields - {"lines"}})
    if "lines" in fields:
        wanted |= _amounts(invoice, now, sums)
    changes = differing(invoice, checked(wanted))
    relined = "lines" in fields and _reline(invoice, now, sums)
    if changes or relined:
        save(invoice, changes)
        moved = (fields | {"due_on"}) & {*changes, "lines"}
        told = frozenset(name.removesuffix("_id") for name in moved)
        event = events.InvoiceChanged(
            invoice_id=invoice.pk, fields=told, origin=origin, actor_id=actor_id(actor)
        )
        enter(event, "invoice.changed", invoice, actor=actor, fields=sorted(told))
    return invoice


def _never_due_before(invoice: Invoice, wanted: dict[str, Any]) -> dict[str, Any]:
    """With a due date that fits the invoice date, also where only one of the two is taken over."""
    issued_on = wanted.get("issued_on", invoice.issued_on)
    return {**wanted, "due_on": max(wanted.get("due_on", invoice.due_on), issued_on)}


def _amounts(invoice: Invoice, now: InvoiceElsewhere, sums: Sums) -> dict[str, Any]:
    """The amounts, and the status that follows from them; a draft stays one."""
    if sums.total < invoice.applied:
        raise OverAllocated(
            f"{invoice.number} would come to {sums.total}, but {invoice.applied} has been paid on it."
        )
    status = standing(total=sums.total, applied=invoice.applied)
    return {
        "subtotal_minor": sums.subtotal.minor,
        "tax_minor": now.tax.minor,
        "total_minor": sums.total.minor,
        # Amounts of elsewhere are without tax.
        "prices_include_tax": False,
        **({} if invoice.standing is Status.DRAFT else {"status": status.value}),
    }


def _reline(invoice: Invoice, now: InvoiceElsewhere, sums: Sums) -> bool:
    """Each line stays the row it was, so that the work billed with it stays billed. Whether anything differed."""
    former = list(invoice.lines.order_by("position"))
    before = [drafting.content(line) for line in former]
    places = enumerate(zip(now.lines, sums.lines, strict=True), start=1)
    wanted = [_columns(place, line, amount) for place, (line, amount) in places]
    said = [Said(line.description, line.amount_minor) for line in former]
    says = [Said(each["description"], each["amount_minor"]) for each in wanted]
    rows = [
        InvoiceLine(invoice=invoice) if place is None else former[place]
        for place in moved_lines(said, says)
    ]
    for row, columns in zip(rows, wanted, strict=True):
        for name, value in columns.items():
            setattr(row, name, value)
    if before == [drafting.content(row) for row in rows]:
        return False
    # The database lets one be the discount at any moment, also while another one becomes it.
    invoice.lines.filter(kind=LineKind.DISCOUNT).update(kind=LineKind.SALE)
    drafting.store({line.pk: line for line in former}, rows)
    _keep_credit_that_fits(invoice)
    return True


def _keep_credit_that_fits(invoice: Invoice) -> None:
    """Lines that come to less now than was credited of them have nothing credited of them alone."""
    live = CreditMemoLine.objects.filter(invoice_line__invoice=invoice, credit_memo__voided_at=None)
    sums = live.values_list("invoice_line", "invoice_line__amount_minor").annotate(
        Sum("amount_minor")
    )
    drafting.uncredit([line for line, most, credited in sums if not _fits(credited, most)])


def _fits(credited: int, most: int) -> bool:
    """A discount is credited below zero."""
    return min(0, most) <= credited <= max(0, most)


def _columns(place: int, line: LineElsewhere, amount: Money) -> dict[str, Any]:
    return {
        "position": place,
        "service_id": line.service,
        "kind": LineKind.DISCOUNT if line.is_discount else LineKind.SALE,
        "discount_percent": line.discount_percent if line.is_discount else None,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "amount_minor": amount.minor,
        "taxable": line.taxable,
        **checked({"description": line.description}),
    }


def _standing(invoice: InvoiceElsewhere, sums: Sums) -> dict[str, object]:
    now, nothing = clock.now(), Money.zero(invoice.currency)
    if invoice.is_void:
        return {"status": Status.VOID.value, "voided_at": now}
    status = standing(total=sums.total, applied=nothing)
    return {"status": status.value, "sent_at": now}


def _lines(row: Invoice, invoice: InvoiceElsewhere, sums: Sums) -> list[InvoiceLine]:
    pairs = zip(invoice.lines, sums.lines, strict=True)
    return [
        InvoiceLine(invoice=row, **_columns(place, line, amount))
        for place, (line, amount) in enumerate(pairs, start=1)
    ]


def _note(row: Invoice) -> Line:
    return Line(row.pk, {"number": row.number, "total": row.total.code, "origin": row.origin})
