"""Invoices: generated from work and lines, edited, sent, voided."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import transaction

from billing import archiving, elsewhere, events, pricing
from billing import destinations as registry
from billing.errors import BecomesCredit, BelowZero, ChangedMeanwhile, IllegalStep, SignChanges
from billing.home import local_today, organization
from billing.models import (
    Approval,
    CreditMemo,
    Customer,
    Invoice,
    InvoiceSource,
    Location,
    Status,
    Term,
    TimeEntry,
)
from billing.money import Money
from billing.rules.dates import check_order, plausible
from billing.rules.exchange import checked_rate
from billing.rules.lifecycle import Step, require, require_voidable, standing
from billing.rules.totals import Totals
from billing.services import bundles, credit_memos, drafting, numbering
from billing.services.changes import differing, save
from billing.services.chronicle import actor_id, enter, note
from billing.services.drafting import DraftLine
from billing.services.words import checked
from regentra import clock
from tenants import audit
from tenants.models import User

__all__ = [
    "DraftLine",
    "Edits",
    "archive",
    "counted",
    "edit",
    "generate",
    "renumber",
    "require_open_lines",
    "restore",
    "send",
    "take_rate",
    "take_tax",
    "turn_into_credit",
    "void",
]


class Edits(TypedDict, total=False):
    """What can be changed; what is not passed stays as it is. New terms move the due date."""

    notes: str
    memo: str
    email: str
    po_number: str
    due_on: date
    terms: Term | None
    location: Location | None
    issued_on: date
    lines: Sequence[DraftLine]
    exchange_rate: Decimal | None


STEPS = {
    "notes": Step.EDIT_NOTES,
    "memo": Step.EDIT_NOTES,
    "email": Step.EDIT_NOTES,
    "po_number": Step.EDIT_NOTES,
    "due_on": Step.EDIT_DATES,
    "terms": Step.EDIT_DATES,
    "location": Step.EDIT_DATES,
    "issued_on": Step.EDIT_LINES,
    "lines": Step.EDIT_LINES,
    "exchange_rate": Step.EDIT_DATES,
}


@transaction.atomic
def generate(
    *,
    customer: Customer,
    lines: Sequence[DraftLine] = (),
    time_entries: Iterable[TimeEntry] = (),
    issued_on: date | None = None,
    terms: Term | None = None,
    due_on: date | None = None,
    notes: str = "",
    memo: str = "",
    po_number: str = "",
    source: str = InvoiceSource.WORK,
    destinations: frozenset[str] = frozenset(),
    actor: User | None = None,
    origin: str = "",
) -> Invoice:
    """A numbered draft in the customer's currency: the work, oldest first, then the lines.

    The invoice date is today unless given; terms are the customer's, and none means due at once.
    The work is billed with it. Raises a `BillingError`, and takes no number, when it is refused.
    """
    wanted = registry.check(destinations)
    _require_active(customer)
    head = {
        "customer": customer,
        "origin": origin,
        "source": source,
        "currency": customer.currency or organization().currency,
        "tax_region": customer.tax_region,
        "location": customer.location,
        "tax_rate_percent": _rate(customer),
        "prices_include_tax": pricing.include_tax(),
        **_dates(issued_on or local_today(), due_on, terms or customer.terms),
        **checked({"notes": notes, "memo": memo, "po_number": po_number}),
    }
    work = drafting.claimed(time_entries, customer=customer)
    free = bundles.taken_apart(lines, currency=head["currency"])
    invoice = _insert(head, work, [*map(drafting.line_of, work), *free])
    event = events.InvoiceGenerated(
        invoice_id=invoice.pk, destinations=wanted, origin=origin, actor_id=actor_id(actor)
    )
    detail = {"number": invoice.number, "total": invoice.total.code, "to": sorted(wanted)}
    enter(event, "invoice.generated", invoice, actor=actor, **detail)
    return invoice


@transaction.atomic
def edit(
    *,
    invoice: Invoice,
    seen: datetime | None = None,
    actor: User | None = None,
    origin: str = "",
    **edits: Unpack[Edits],
) -> Invoice:
    """Changes what differs. Raises `IllegalStep` for a field that its status does not let change.

    ``seen`` is its `updated_at` when somebody looked: lines are not written over what has changed since unseen.
    """
    invoice = invoice.reload_locked()
    wanted: dict[str, Any] = dict(checked(edits))
    checked_rate(wanted.get("exchange_rate"))
    drafts: Sequence[DraftLine] | None = wanted.pop("lines", None)
    changes = differing(invoice, _with_due_date(invoice, wanted))
    if drafts is not None:
        require_open_lines(invoice)
        _require_unchanged(invoice, seen)
        changes |= _replaced_lines(invoice, drafts)
    fields = sorted(changes.keys() & STEPS.keys())
    for field in fields:
        require(STEPS[field], invoice.standing, number=invoice.number)
    if fields:
        _require_changeable(invoice, origin)
        _check_dates(invoice, changes)
        sums = _sums(invoice, changes)
        changes.pop("lines", None)
        save(invoice, changes)
        event = events.InvoiceChanged(
            invoice_id=invoice.pk,
            fields=frozenset(fields),
            origin=origin,
            actor_id=actor_id(actor),
        )
        enter(event, "invoice.changed", invoice, actor=actor, fields=fields, **sums)
    return invoice


@transaction.atomic
def renumber(*, invoice: Invoice, actor: User | None = None, origin: str = "") -> Invoice:
    """Gives the invoice the next number, as its own is another document's elsewhere. Raises `IllegalStep`."""
    invoice = invoice.reload_locked()
    former = invoice.number
    require(Step.RENUMBER, invoice.standing, number=former)
    save(invoice, {"number": numbering.take()})
    event = events.InvoiceChanged(
        invoice_id=invoice.pk,
        fields=frozenset({"number"}),
        origin=origin,
        actor_id=actor_id(actor),
    )
    detail = {"former": former, "number": invoice.number}
    enter(event, "invoice.renumbered", invoice, actor=actor, **detail)
    return invoice


@transaction.atomic
def judge(*, invoice: Invoice, approval: Approval, actor: User | None = None) -> Invoice:
    """Puts the invoice on hold, or approves it: what is on hold goes nowhere else. Raises `IllegalStep`."""
    invoice = invoice.reload_locked()
    require(Step.EDIT_NOTES, invoice.standing, number=invoice.number)
    if invoice.approval == approval:
        return invoice
    save(invoice, {"approval": approval.value})
    event = events.InvoiceChanged(
        invoice_id=invoice.pk, fields=frozenset({"approval"}), actor_id=actor_id(actor)
    )
    enter(event, f"invoice.{approval.value}", invoice, actor=actor)
    return invoice


@transaction.atomic
def send(*, invoice: Invoice, actor: User | None = None, origin: str = "") -> Invoice:
    """Finalises a draft; one that comes to nothing is paid with it. Raises `IllegalStep`."""
    invoice = invoice.reload_locked()
    require(Step.SEND, invoice.standing, number=invoice.number)
    status = standing(total=invoice.total, applied=invoice.applied)
    save(invoice, {"status": status.value, "sent_at": clock.now()})
    event = events.InvoiceSent(invoice_id=invoice.pk, origin=origin, actor_id=actor_id(actor))
    enter(event, "invoice.sent", invoice, actor=actor)
    return invoice


@transaction.atomic
def void(*, invoice: Invoice, actor: User | None = None, origin: str = "") -> Invoice:
    """Makes the invoice owe nothing and its work unbilled again. Raises `IllegalStep`."""
    invoice = invoice.reload_locked()
    _void(invoice, actor=actor, origin=origin)
    drafting.release(invoice_line__invoice=invoice)
    return invoice


@transaction.atomic
def turn_into_credit(
    *,
    invoice: Invoice,
    lines: Sequence[DraftLine],
    seen: datetime | None = None,
    actor: User | None = None,
) -> CreditMemo:
    """Voids a synced invoice and issues a credit memo for what these lines come to below zero, in one transaction.

    Work on a line that the credit memo keeps stays billed. Raises a `BillingError`: `SignChanges` unless it converts.
    """
    invoice = invoice.reload_locked()
    require_open_lines(invoice)
    _require_unchanged(invoice, seen)
    if not elsewhere.of(invoice.pk).converts:
        raise SignChanges
    drafts = bundles.taken_apart(lines, currency=invoice.currency)
    _void(invoice, actor=actor)
    kept = [draft.line_id for draft in drafts if draft.line_id]
    drafting.release(invoice_line__in=invoice.lines.exclude(pk__in=kept))
    return credit_memos.issue_instead(invoice=invoice, lines=drafts, actor=actor)


def _void(invoice: Invoice, *, actor: User | None, origin: str = "") -> None:
    require_voidable(invoice.standing, applied=invoice.applied, number=invoice.number)
    _require_changeable(invoice, origin)
    save(invoice, {"status": Status.VOID.value, "voided_at": clock.now()})
    event = events.InvoiceVoided(invoice_id=invoice.pk, origin=origin, actor_id=actor_id(actor))
    enter(event, "invoice.voided", invoice, actor=actor)


@transaction.atomic
def take_rate(*, invoice: Invoice, rate: Decimal, origin: str) -> None:
    """What one unit of its currency was worth where it was booked, until then unknown here."""
    row = Invoice.objects.filter(pk=invoice.pk, exchange_rate=None)
    if row.update(exchange_rate=checked_rate(rate)):
        detail = {"fields": ["exchange_rate"], "rate": f"{rate:f}", "origin": origin}
        note("invoice.rate_taken", invoice, actor=None, **detail)


@transaction.atomic
def take_tax(
    *, invoice: Invoice, tax: Money, actor: User | None = None, origin: str = ""
) -> Invoice:
    """The tax as somebody else has computed it, whose word counts; total and status follow.

    Raises `IllegalStep` for a void one, and where it would come to less than was paid.
    """
    invoice = invoice.reload_locked()
    if tax == invoice.tax:
        return invoice
    require(Step.TAKE_TAX, invoice.standing, number=invoice.number)
    before, total = invoice.tax, invoice.subtotal + tax
    if invoice.prices_include_tax:
        # What the lines come to holds the tax, whatever it is.
        total = invoice.total
    if total < invoice.applied:
        raise IllegalStep(
            f"{invoice.number} would come to {total}, less than the {invoice.applied} paid on it."
        )
    changes: dict[str, Any] = {
        "tax_minor": tax.minor,
        "subtotal_minor": (total - tax).minor,
        "total_minor": total.minor,
    }
    if invoice.standing is not Status.DRAFT:
        changes["status"] = standing(total=total, applied=invoice.applied).value
    save(invoice, changes)
    event = events.InvoiceChanged(
        invoice_id=invoice.pk,
        fields=frozenset({"tax"}),
        origin=origin,
        actor_id=actor_id(actor),
    )
    enter(event, "invoice.tax_taken", invoice, actor=actor, tax=tax.code, before=before.code)
    return invoice


@transaction.atomic
def archive(*, invoice: Invoice, actor: User | None = None, origin: str = "") -> Invoice:
    """Puts the invoice away, off the lists save those of what is owed; voids it, too, where that is chosen.

    Raises `IllegalStep` when paid.
    """
    invoice = invoice.reload_locked()
    if invoice.is_archived:
        return invoice
    if archiving.voids() and invoice.standing is not Status.VOID:
        invoice = void(invoice=invoice, actor=actor, origin=origin)
    save(invoice, {"archived_at": clock.now()})
    event = events.InvoiceArchived(invoice_id=invoice.pk, origin=origin, actor_id=actor_id(actor))
    enter(event, "invoice.archived", invoice, actor=actor)
    return invoice


@transaction.atomic
def restore(*, invoice: Invoice, actor: User | None = None) -> Invoice:
    """Takes an archived invoice back; one that was voided stays void."""
    invoice = invoice.reload_locked()
    if invoice.is_archived:
        save(invoice, {"archived_at": None})
        note("invoice.restored", invoice, actor=actor)
    return invoice


def _require_active(customer: Customer) -> None:
    if customer.is_archived:
        raise IllegalStep(f"{customer.name} is archived. Restore the customer first.")


def _rate(customer: Customer) -> Decimal:
    return customer.tax_region.rate_percent if customer.tax_region else Decimal(0)


def _dates(issued_on: date, due_on: date | None, terms: Term | None) -> dict[str, Any]:
    at_once = plausible(issued_on, name="The invoice date")
    due_on = due_on or (terms.due_on(issued_on) if terms else at_once)
    check_order(issued_on=issued_on, due_on=due_on)
    return {"issued_on": issued_on, "due_on": due_on, "terms": terms}


def _check_dates(invoice: Invoice, changes: dict[str, Any]) -> None:
    issued_on = changes.get("issued_on", invoice.issued_on)
    check_order(issued_on=issued_on, due_on=changes.get("due_on", invoice.due_on))


def _insert(
    head: dict[str, Any], work: Sequence[TimeEntry], drafts: Sequence[DraftLine]
) -> Invoice:
    """The number is taken last: everybody else's next invoice waits for it."""
    drafts = drafting.settled(drafts, currency=head["currency"])
    totals = drafting.counted(
        drafts,
        tax_rate_percent=head["tax_rate_percent"],
        currency=head["currency"],
        inclusive=head["prices_include_tax"],
    )
    columns = drafting.total_columns(totals)
    invoice: Invoice = Invoice.objects.create(**head, **columns, number=numbering.take())
    lines = drafting.write(invoice, drafts, totals)
    drafting.bill(work, lines[: len(work)])
    return invoice


def _with_due_date(invoice: Invoice, wanted: dict[str, Any]) -> dict[str, Any]:
    """New terms or a new invoice date move the due date, unless that is given, too."""
    terms = wanted.get("terms", invoice.terms)
    issued_on = wanted.get("issued_on", invoice.issued_on)
    moved = terms != invoice.terms or issued_on != invoice.issued_on
    if moved and terms and "due_on" not in wanted:
        wanted["due_on"] = terms.due_on(issued_on)
    return wanted


def require_open_lines(invoice: Invoice) -> None:
    """Raises `IllegalStep` unless the lines may be changed: nothing is applied, credited or held elsewhere."""
    require(Step.EDIT_LINES, invoice.standing, number=invoice.number)
    if held := elsewhere.of(invoice.pk).lines_held:
        raise IllegalStep(held)
    memo = invoice.credit_memos.filter(voided_at=None).first()
    if memo is not None:
        raise IllegalStep(
            f"{memo.number} takes something off {invoice.number}. Void that credit memo first, then "
            "change the lines."
        )


def counted(invoice: Invoice, drafts: Sequence[DraftLine]) -> tuple[list[DraftLine], Totals]:
    """The lines as they would stand on this invoice, and what they come to.

    Raises a `BillingError`: `SignChanges` for one that is synced and would come to less than zero.
    """
    drafts = bundles.taken_apart(drafts, currency=invoice.currency)
    drafts = drafting.settled(drafts, currency=invoice.currency)
    rate = invoice.tax_rate_percent
    try:
        totals = drafting.counted(
            drafts,
            tax_rate_percent=rate,
            currency=invoice.currency,
            inclusive=invoice.prices_include_tax,
        )
    except BelowZero as refusal:
        raise _below_zero(invoice, refusal) from refusal
    return drafts, totals


def _below_zero(invoice: Invoice, refusal: BelowZero) -> BelowZero | SignChanges:
    known = elsewhere.of(invoice.pk)
    if not known.is_there:
        return refusal
    if known.converts:
        return BecomesCredit(
            f"{invoice.number} would come to {refusal.total}. An invoice cannot be below zero: it is "
            "voided, and a credit memo with these lines takes its place."
        )
    return SignChanges(
        f"{invoice.number} would come to {refusal.total}. An already synced invoice cannot change "
        "sign; create a new invoice."
    )


def _replaced_lines(invoice: Invoice, drafts: Sequence[DraftLine]) -> dict[str, Any]:
    """The changed columns of the invoice, and "lines" when any line differs."""
    drafts, totals = counted(invoice, drafts)
    if not drafting.replace(invoice, drafts, totals):
        return {}
    changes: dict[str, Any] = {"lines": None, **drafting.total_columns(totals)}
    if invoice.standing is not Status.DRAFT:
        changes["status"] = standing(total=totals.total, applied=invoice.applied).value
    return changes


def _sums(invoice: Invoice, changes: dict[str, Any]) -> dict[str, str]:
    """What the history says of the total where that changes."""
    total = Money(changes.get("total_minor", invoice.total_minor), invoice.currency)
    return {} if total == invoice.total else {"total": total.code, "before": invoice.total.code}


def _require_changeable(invoice: Invoice, origin: str) -> None:
    if invoice.standing is not Status.DRAFT:
        elsewhere.require_changeable(invoice.pk, origin)


def _require_unchanged(invoice: Invoice, seen: datetime | None) -> None:
    if seen is not None and seen != invoice.updated_at:
        who = audit.last_to_change(invoice, since=invoice.updated_at) or "Somebody"
        raise ChangedMeanwhile(
            f"{who} changed {invoice.number} since you opened this page; it comes to {invoice.total} "
            "now. Press the button once more to have its lines as they stand here."
        )
