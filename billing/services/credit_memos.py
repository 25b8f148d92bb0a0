"""Credit memos: issued on an invoice line by line, used on open invoices, voided; and those made elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from billing import elsewhere, events, pricing
from billing.errors import AmountRefused, IllegalStep, NothingToBill, OverAllocated
from billing.home import day_in_words, local_today, organization
from billing.models import (
    CreditMemo,
    CreditMemoLine,
    Customer,
    Invoice,
    InvoiceLine,
    LineKind,
    Payment,
    PostedAs,
    Refund,
    Status,
)
from billing.money import Money
from billing.rules.credit import Said, same_lines
from billing.rules.dates import plausible
from billing.rules.lifecycle import Step, require
from billing.rules.totals import Totals
from billing.services import drafting, invoice_credit, numbering, payments
from billing.services.changes import differing, save
from billing.services.chronicle import actor_id, enter, note
from billing.services.drafting import DraftLine
from billing.services.words import checked
from regentra import clock
from tenants.models import User

SEQUENCE = "credit_memo"


@transaction.atomic
def issue(
    *,
    invoice: Invoice,
    amounts: Mapping[UUID, Money],
    issued_on: date | None = None,
    notes: str = "",
    memo: str = "",
    actor: User | None = None,
) -> CreditMemo:
    """Credits these amounts of the invoice's lines, each as the line says it, with their part of the discount on all of
    it and of its tax. Raises a `BillingError`.

    Only of an invoice that is paid or void, of each line no more than it came to, and in all no more than the invoice.
    """
    invoice = invoice.reload_locked()
    require(Step.CREDIT, invoice.standing, number=invoice.number)
    credit = invoice_credit.credit(invoice, amounts)
    left = invoice_credit.left_in_all(invoice)
    head = {
        **_head_of(invoice),
        "issued_on": plausible(issued_on or local_today(), name="The date"),
        **checked({"notes": notes, "memo": memo}),
    }
    issued = _insert(head, credit.drafts, credit.credited, actor=actor, tax=credit.tax)
    if issued.total > left:
        raise OverAllocated(
            f"Of {invoice.number} {left} can be credited in all, so {issued.total} cannot."
        )
    return issued


def issue_for_refund(
    *, payment: Payment, amount: Money, issued_on: date, actor: User | None
) -> CreditMemo:
    """What was paid back of a payment, as one line. In the caller's transaction."""
    invoices = Invoice.objects.filter(allocations__payment=payment).order_by("number")
    paid = list(invoices)
    head = {
        "customer": payment.customer,
        "invoice": paid[0] if len(paid) == 1 else None,
        "currency": amount.currency,
        "issued_on": issued_on,
    }
    words = f"Refund of the payment received on {day_in_words(payment.received_on)}"
    line = DraftLine(description=words, quantity=Decimal(1), unit_price=amount.amount)
    return _insert(head, [line], [], actor=actor, concerns=paid)


def issue_for_agreement(
    *,
    customer: Customer,
    lines: Sequence[DraftLine],
    notes: str,
    concerns: Sequence[Invoice],
    actor: User | None,
) -> CreditMemo:
    """What these invoices of an agreement billed too much, which no later one gives back: the same lines the other way
    round. In the caller's transaction. Raises `AmountRefused` for what is no credit.
    """
    head = {
        "customer": customer,
        "currency": customer.currency or organization().currency,
        "tax_region": customer.tax_region,
        "tax_rate_percent": customer.tax_region.rate_percent if customer.tax_region else Decimal(0),
        "prices_include_tax": pricing.include_tax(),
        "issued_on": local_today(),
        **checked({"notes": notes}),
    }
    memo = _insert(head, [_turned(line) for line in lines], [], actor=actor, concerns=concerns)
    _require_tax(memo)
    return memo


def issue_instead(
    *, invoice: Invoice, lines: Sequence[DraftLine], actor: User | None
) -> CreditMemo:
    """In place of an invoice that came to less than zero: the same lines the other way round.

    In the caller's transaction. Raises `AmountRefused` for what is no credit.
    """
    if any(line.kind == LineKind.DISCOUNT for line in lines):
        raise AmountRefused(
            "A credit memo has no discount on all of it. Enter the discount as a line."
        )
    head = {**_head_of(invoice), "issued_on": local_today()}
    texts = {"notes": invoice.notes, "memo": invoice.memo}
    drafts = [_turned(line.flat(invoice.currency)) for line in lines]
    memo = _insert({**head, **texts}, drafts, [], actor=actor)
    _require_tax(memo)
    return memo


@transaction.atomic
def record(
    *,
    customer: Customer,
    currency: str,
    lines: Sequence[DraftLine],
    issued_on: date,
    tax: Money,
    notes: str = "",
    memo: str = "",
    origin: str = "",
) -> CreditMemo:
    """One that was made elsewhere, in the customer's currency, with the tax it bears there. Raises a `BillingError`."""
    head = {
        "customer": customer,
        "currency": currency,
        "origin": origin,
        "issued_on": plausible(issued_on, name="The date"),
        **checked({"notes": notes, "memo": memo}),
    }
    return _insert(head, list(lines), [], actor=None, tax=tax)


@transaction.atomic
def change(
    *,
    credit_memo: CreditMemo,
    lines: Sequence[DraftLine],
    issued_on: date,
    tax: Money,
    notes: str,
    memo: str,
    actor: User | None = None,
    origin: str = "",
) -> CreditMemo:
    """Makes it what it was made elsewhere; not below what is used of it. Raises a `BillingError`."""
    if credit_memo.invoice:
        # What is left of its lines is counted below.
        credit_memo.invoice.reload_locked()
    credit_memo = credit_memo.reload_locked()
    _require_alive(credit_memo)
    totals = _totals(lines, tax_rate_percent=Decimal(0), currency=credit_memo.currency, tax=tax)
    _require_room(credit_memo, totals)
    wanted = {
        "issued_on": plausible(issued_on, name="The date"),
        "elsewhere_minor": min(
            credit_memo.elsewhere_minor, (totals.total - credit_memo.applied).minor
        ),
        **checked({"notes": notes, "memo": memo}),
        **drafting.total_columns(totals),
        # Amounts of elsewhere are without tax.
        "prices_include_tax": False,
    }
    changes = differing(credit_memo, wanted)
    replaced = _replace_lines(credit_memo, lines, totals)
    if changes or replaced:
        save(credit_memo, changes)
        event = events.CreditMemoChanged(
            credit_memo_id=credit_memo.pk, origin=origin, actor_id=actor_id(actor)
        )
        detail = {"amount": totals.total.code}
        enter(event, "creditmemo.changed", credit_memo, actor=actor, **detail)
    return credit_memo


def apply(
    *,
    credit_memo: CreditMemo,
    allocations: Mapping[UUID, Money],
    actor: User | None = None,
) -> Payment:
    """Puts credit on open invoices, by a payment over nothing. Raises a `BillingError`."""
    used = Money.total(allocations.values(), credit_memo.currency)
    if credit_memo.refunds.exists():
        raise IllegalStep(
            f"{credit_memo.number} stands for money that was paid back, so no invoice can use it."
        )
    if not used:
        raise AmountRefused("Say how much of the credit each invoice gets.")
    return payments.record(
        customer=credit_memo.customer,
        amount=Money.zero(credit_memo.currency),
        allocations=allocations,
        used={credit_memo.pk: used},
        actor=actor,
    )


@transaction.atomic
def take_tax(
    *, credit_memo: CreditMemo, tax: Money, actor: User | None = None, origin: str = ""
) -> CreditMemo:
    """The tax as somebody else has computed it, whose word counts; the total follows.

    Raises `IllegalStep` for a void one, `AmountRefused` where it would come to less than is used of it.
    """
    credit_memo = credit_memo.reload_locked()
    if tax == credit_memo.tax:
        return credit_memo
    _require_alive(credit_memo)
    before, total = credit_memo.tax, credit_memo.subtotal + tax
    if credit_memo.prices_include_tax:
        # What the lines come to holds the tax, whatever it is.
        total = credit_memo.total
    if total < credit_memo.used or total.minor <= 0:
        raise AmountRefused(
            f"{credit_memo.number} would come to {total}, less than the {credit_memo.used} used of it."
        )
    counted = {"subtotal_minor": (total - tax).minor, "total_minor": total.minor}
    save(credit_memo, {"tax_minor": tax.minor, **counted})
    event = events.CreditMemoChanged(
        credit_memo_id=credit_memo.pk, origin=origin, actor_id=actor_id(actor)
    )
    detail = {"tax": tax.code, "before": before.code}
    enter(event, "creditmemo.tax_taken", credit_memo, actor=actor, **detail)
    return credit_memo


@transaction.atomic
def note_used_elsewhere(*, credit_memo: CreditMemo, amount: Money, origin: str) -> None:
    """So much of it is used by documents that are not here, so nothing here can use it as well.

    No more than no invoice here has used; nothing of a void one.
    """
    credit_memo = credit_memo.reload_locked()
    most = credit_memo.total - credit_memo.applied
    found = max(Money.zero(amount.currency), min(amount, most))
    if not credit_memo.is_void and found != credit_memo.elsewhere:
        save(credit_memo, {"elsewhere_minor": found.minor})
        words = {"amount": found.code, "origin": origin}
        note("creditmemo.used_elsewhere", credit_memo, actor=None, **words)


@transaction.atomic
def void(*, credit_memo: CreditMemo, actor: User | None = None, origin: str = "") -> CreditMemo:
    """Nothing is owed back any more. Raises `IllegalStep` while some of it is used, or when void already.

    A refund that it stood for stands for nothing then: how that is posted is to be decided again.
    """
    credit_memo = credit_memo.reload_locked()
    _require_alive(credit_memo)
    elsewhere.require_changeable(credit_memo.pk, origin)
    if credit_memo.applied:
        raise IllegalStep(
            f"{credit_memo.applied} of {credit_memo.number} is applied to invoices. "
            "Void the payments that apply it first."
        )
    if credit_memo.elsewhere and not origin:
        raise IllegalStep(
            f"{credit_memo.elsewhere} of {credit_memo.number} is used by documents that are not here. "
            "Take it back from them first."
        )
    save(credit_memo, {"voided_at": clock.now(), "elsewhere_minor": 0})
    if _stands_for_invoice(credit_memo):
        drafting.release(invoice_line__invoice=credit_memo.invoice)
    event = events.CreditMemoVoided(
        credit_memo_id=credit_memo.pk, origin=origin, actor_id=actor_id(actor)
    )
    enter(event, "creditmemo.voided", credit_memo, actor=actor, amount=credit_memo.total.code)
    for refund in credit_memo.refunds.filter(voided_at=None):
        _unpost(refund, actor)
    return credit_memo


def _unpost(refund: Refund, actor: User | None) -> None:
    save(refund, {"posting": PostedAs.ASKED, "credit_memo_id": None})
    # Whoever has its payment has to hear of it, also where the credit memo was voided.
    event = events.RefundChanged(refund_id=refund.pk, actor_id=actor_id(actor))
    enter(event, "refund.unposted", refund, actor=actor)


def _head_of(invoice: Invoice) -> dict[str, Any]:
    return {
        "customer": invoice.customer,
        "invoice": invoice,
        "currency": invoice.currency,
        "tax_region": invoice.tax_region,
        "tax_rate_percent": invoice.tax_rate_percent,
        "prices_include_tax": invoice.prices_include_tax,
    }


def _turned(line: DraftLine) -> DraftLine:
    """The other way round; a quantity that was below zero is above it now, else the price changes sign."""
    if line.quantity < 0:
        return replace(line, quantity=-line.quantity)
    return replace(line, unit_price=-line.unit_price)


def _insert(
    head: dict[str, Any],
    drafts: Sequence[DraftLine],
    credited: Sequence[InvoiceLine],
    *,
    actor: User | None,
    tax: Money | None = None,
    concerns: Sequence[Invoice] = (),
) -> CreditMemo:
    """``concerns`` are the invoices it is about when none of them alone is credited."""
    rate = head.get("tax_rate_percent", Decimal(0))
    totals = _totals(
        drafts,
        tax_rate_percent=rate,
        currency=head["currency"],
        tax=tax,
        inclusive=head.get("prices_include_tax", False),
    )
    columns = drafting.total_columns(totals)
    memo: CreditMemo = CreditMemo.objects.create(**head, **columns, number=numbering.take(SEQUENCE))
    _write_lines(memo, drafts, totals, credited)
    event = events.CreditMemoIssued(
        credit_memo_id=memo.pk,
        invoice_ids=frozenset(_concerned(memo, concerns)),
        origin=memo.origin,
        actor_id=actor_id(actor),
    )
    detail = {"amount": memo.total.code, "concerns": [str(invoice.pk) for invoice in concerns]}
    enter(event, "creditmemo.issued", memo, actor=actor, **detail)
    if memo.invoice:
        note("invoice.credited", memo.invoice, actor=actor, amount=memo.total.code)
    return memo


def _concerned(memo: CreditMemo, concerns: Sequence[Invoice]) -> Iterator[UUID]:
    yield from (invoice.pk for invoice in concerns)
    if memo.invoice_id:
        yield memo.invoice_id


def _totals(
    drafts: Sequence[DraftLine],
    *,
    tax_rate_percent: Decimal,
    currency: str,
    tax: Money | None,
    inclusive: bool = False,
) -> Totals:
    """What the lines come to; with `tax` that is the tax. Raises `AmountRefused` for what is no credit."""
    if not drafts:
        raise NothingToBill("A credit memo needs at least one line.")
    totals = drafting.counted(
        drafts, tax_rate_percent=tax_rate_percent, currency=currency, inclusive=inclusive
    )
    if tax is not None:
        totals = Totals(totals.lines, totals.subtotal, tax, totals.subtotal + tax)
    if totals.total.minor <= 0:
        raise AmountRefused("A credit memo must be above zero.")
    return totals


def _write_lines(
    memo: CreditMemo,
    drafts: Sequence[DraftLine],
    totals: Totals,
    credited: Sequence[InvoiceLine | None] = (),
) -> None:
    of_invoice = [*credited] or [None] * len(drafts)
    CreditMemoLine.objects.bulk_create(
        CreditMemoLine(
            credit_memo=memo,
            position=place,
            invoice_line=line,
            amount_minor=amount.minor,
            **draft.columns(),
        )
        for place, (draft, amount, line) in enumerate(
            zip(drafts, totals.lines, of_invoice, strict=True), start=1
        )
    )


def _replace_lines(memo: CreditMemo, drafts: Sequence[DraftLine], totals: Totals) -> bool:
    """Whether any line differs from what it was. What a line was credited of, and sold as, it stays."""
    names = ("description", "quantity", "unit_price", "taxable")
    before = list(memo.lines.select_related("invoice_line", "service"))
    said = [tuple(getattr(line, name) for name in names) for line in before]
    if said == [tuple(getattr(draft, name) for name in names) for draft in drafts]:
        return False
    former = _former(before, drafts, totals)
    kept = [
        draft if line is None else replace(draft, service=draft.service or line.service)
        for draft, line in zip(drafts, former, strict=True)
    ]
    credited = [None if line is None else line.invoice_line for line in former]
    memo.lines.all().delete()
    _write_lines(memo, kept, totals, _as_far_as_left(memo, credited, totals))
    return True


def _former(
    before: Sequence[CreditMemoLine], drafts: Sequence[DraftLine], totals: Totals
) -> list[CreditMemoLine | None]:
    """Which line each draft was, as far as that can be told."""
    said = [Said(line.description, line.amount_minor) for line in before]
    wanted = [
        Said(draft.description, amount.minor)
        for draft, amount in zip(drafts, totals.lines, strict=True)
    ]
    return [None if place is None else before[place] for place in same_lines(said, wanted)]


def _as_far_as_left(
    memo: CreditMemo, credited: Sequence[InvoiceLine | None], totals: Totals
) -> list[InvoiceLine | None]:
    """The lines they take something off, as far as these came to that much."""
    if memo.invoice is None:
        return [None] * len(credited)
    left = invoice_credit.left_of_lines(memo.invoice, but=memo)
    fits: list[InvoiceLine | None] = []
    for line, amount in zip(credited, totals.lines, strict=True):
        is_left = line is not None and abs(amount.minor) <= abs(left[line.pk].minor)
        fits.append(line if is_left else None)
        if line is not None and is_left:
            left[line.pk] -= amount
    return fits


def _require_room(memo: CreditMemo, totals: Totals) -> None:
    if totals.total < memo.applied:
        raise AmountRefused(
            f"{memo.applied} of {memo.number} is applied to invoices, so it cannot come to "
            f"{totals.total}."
        )


def _stands_for_invoice(memo: CreditMemo) -> bool:
    """Whether it took the place of an invoice, whose work it bills with its own lines."""
    if memo.invoice is None or memo.invoice.standing is not Status.VOID:
        return False
    return not memo.lines.exclude(invoice_line=None).exists()


def _require_tax(memo: CreditMemo) -> None:
    if memo.tax.minor < 0:
        raise AmountRefused(f"The tax of the credit memo would come to {memo.tax}, below zero.")


def _require_alive(memo: CreditMemo) -> None:
    if memo.is_void:
        raise IllegalStep(f"{memo.number} is void and cannot be changed any more.")
