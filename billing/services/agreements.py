"""Recurring agreements: made, changed, and billed period by period, each period once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, TypedDict, Unpack

from django.db import transaction

from billing import destinations as registry
from billing.errors import BelowZero, BillingError, IllegalStep, NothingToBill
from billing.home import day_in_words, local_today, organization
from billing.models import (
    Agreement,
    AgreementLine,
    BilledPeriod,
    CreditMemo,
    Customer,
    Invoice,
    PriceChange,
    QuantityChange,
    Service,
    Term,
)
from billing.rules.agreements import Interval, Period, Plan, billed_on, check, check_fee, periods
from billing.rules.dates import plausible
from billing.rules.totals import (
    PRICE_DECIMALS,
    QUANTITY_DECIMALS,
    Line,
    line_amount,
    storable,
)
from billing.services import agreement_bill, credit_memos, drafting, invoices
from billing.services.changes import differing, save
from billing.services.chronicle import note
from billing.services.words import checked
from tenants.models import User

__all__ = ["Interval", "LineWish", "Next", "Plan", "bill", "bill_due", "change", "create"]

# So that an agreement that begins long ago does not make hundreds of invoices in one go.
AT_ONCE = 24
ONE_DAY = timedelta(days=1)


class Edits(TypedDict, total=False):
    """What may change while it is billed; what is not passed stays as it is."""

    name: str
    ends_on: date | None
    terms: Term | None
    destinations: Collection[str]


@dataclass(frozen=True, kw_only=True)
class LineWish:
    """A line as staff want it; ``quantity`` holds from the first day on."""

    kind: str
    description: str
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    taxable: bool = False
    service: Service | None = None


@dataclass(frozen=True)
class Next:
    """The next invoice: the first day of its period, by which it is asked for, its own day and what it holds.

    The closing one has no period. It settles what changed in the last ones after they were billed, and is asked for by
    the day after the last of all. Where it is ``below_zero`` a credit memo takes its place.
    """

    first: date
    on: date
    parts: list[agreement_bill.Part]
    period: Period | None = None
    below_zero: BelowZero | None = None


@transaction.atomic
def create(
    *,
    customer: Customer,
    name: str,
    plan: Plan,
    lines: Sequence[LineWish],
    terms: Term | None = None,
    prorated: bool = True,
    destinations: frozenset[str] = frozenset(),
    actor: User | None = None,
) -> Agreement:
    """An agreement that is billed from its first day on. Raises a `BillingError`."""
    check(plan)
    if not lines:
        raise NothingToBill("An agreement needs at least one line.")
    agreement = Agreement.objects.create(
        customer=customer,
        terms=terms,
        prorated=prorated,
        destinations=sorted(registry.check(destinations)),
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        interval=plan.interval.value,
        billing_day=plan.billing_day,
        in_advance=plan.in_advance,
        **checked({"name": name}),
    )
    for place, wish in enumerate(lines, start=1):
        _add_line(agreement, place, wish)
    _plan_next(agreement)
    note("agreement.created", agreement, actor=actor, name=agreement.name)
    return agreement


@transaction.atomic
def change(*, agreement: Agreement, actor: User | None = None, **edits: Unpack[Edits]) -> Agreement:
    """Changes what differs. It cannot end before what is billed already. Raises a `BillingError`."""
    agreement = agreement.reload_locked()
    changes = differing(agreement, _checked(edits))
    if not changes:
        return agreement
    ends_on = changes.get("ends_on", agreement.ends_on)
    former = agreement.billed.last()
    if ends_on is not None and former is not None and ends_on < former.last:
        until = day_in_words(former.last)
        raise IllegalStep(f"It is billed until {until} already; it cannot end before.")
    check(replace(agreement.plan, ends_on=ends_on))
    save(agreement, changes)
    _plan_next(agreement)
    detail = {"fields": sorted(changes), "ends_on": str(ends_on or "")}
    note("agreement.changed", agreement, actor=actor, **detail)
    return agreement


def _checked(edits: Edits) -> dict[str, Any]:
    wanted = checked(edits)
    if "destinations" in wanted:
        wanted["destinations"] = sorted(registry.check(wanted["destinations"]))
    return wanted


@transaction.atomic
def set_quantity(
    *, line: AgreementLine, effective_on: date, quantity: Decimal, actor: User | None = None
) -> None:
    """From this day on there are so many. What is billed already is settled with the next invoice, the closing one
    where no period comes any more. Raises `IllegalStep`, `DatesRefused`.
    """
    plausible(effective_on, name="The day")
    agreement = line.agreement.reload_locked()
    if effective_on < agreement.starts_on:
        raise IllegalStep(f"The agreement begins on {day_in_words(agreement.starts_on)}.")
    if agreement.ends_on is not None and effective_on > agreement.ends_on:
        raise IllegalStep(f"The agreement ends on {day_in_words(agreement.ends_on)}.")
    wanted = _quantity(quantity)
    _check_size(line, [wanted], [line.unit_price, *(one.unit_price for one in line.prices.all())])
    QuantityChange.objects.update_or_create(
        line=line, effective_on=effective_on, defaults={"quantity": wanted}
    )
    _plan_next(agreement)
    detail = {"line": line.description, "quantity": str(quantity), "from": str(effective_on)}
    note("agreement.quantity_changed", agreement, actor=actor, **detail)


@transaction.atomic
def set_price(
    *, line: AgreementLine, effective_on: date, unit_price: Decimal, actor: User | None = None
) -> None:
    """What a whole period costs from the first one on that begins then or later. Raises `IllegalStep` where that one
    is billed already, `DatesRefused`.
    """
    plausible(effective_on, name="The day")
    agreement = line.agreement.reload_locked()
    former = agreement.billed.last()
    if former is not None and effective_on <= former.first:
        until, then = day_in_words(former.last), day_in_words(former.last + ONE_DAY)
        raise IllegalStep(
            f"It is billed until {until} already; another price can hold from {then} on."
        )
    price = storable(unit_price, name="The price", decimals=PRICE_DECIMALS)
    _check_size(line, [one.quantity for one in line.quantities.all()], [price])
    PriceChange.objects.update_or_create(
        line=line, effective_on=effective_on, defaults={"unit_price": price}
    )
    detail = {"line": line.description, "price": str(unit_price), "from": str(effective_on)}
    note("agreement.price_changed", agreement, actor=actor, **detail)


@transaction.atomic
def bill_again(*, agreement: Agreement, first: date, actor: User | None = None) -> Invoice:
    """Another invoice in the place of the void one of this period, with the same lines. Raises a `BillingError`.

    What changes later is settled against the same parts as before.
    """
    agreement = agreement.reload_locked()
    row = agreement.billed.select_related("invoice").filter(first=first).first()
    if row is None or row.invoice is None or not row.is_void:
        raise IllegalStep("The invoice of this period is not void.")
    former = row.invoice
    row.invoice = invoices.generate(
        customer=Customer.objects.get(pk=agreement.customer_id),
        lines=[replace(line, line_id=None) for line in drafting.drafts_of(former)],
        terms=agreement.terms,
        notes=former.notes,
        destinations=frozenset(agreement.destinations),
        actor=actor,
    )
    row.save(update_fields=["invoice"])
    detail = {"former": former.number, "number": row.invoice.number}
    note("agreement.billed_again", agreement, actor=actor, **detail)
    return row.invoice


def currency_of(agreement: Agreement) -> str:
    """That of its customer."""
    return agreement.customer.currency or organization().currency


def upcoming(agreement: Agreement) -> Next | None:
    """The next invoice as it would be now; None when all is billed. Raises `AmountRefused`."""
    period = _next_period(agreement)
    if period is None:
        return _closing(agreement)
    found = agreement_bill.parts(agreement, period, currency_of(agreement))
    return Next(period.first, billed_on(agreement.plan, period), found, period)


def _closing(agreement: Agreement) -> Next | None:
    currency = currency_of(agreement)
    found = agreement_bill.parts(agreement, None, currency)
    if not found or agreement.ends_on is None:
        return None
    first = agreement.ends_on + ONE_DAY
    below_zero = agreement_bill.below_zero(agreement, found, currency)
    return Next(first, max(first, local_today()), found, below_zero=below_zero)


@transaction.atomic
def bill(*, agreement: Agreement, first: date, actor: User | None = None) -> Invoice | None:
    """The invoice of the period that begins on this day; None when it holds nothing. Raises a `BillingError`.

    A period that is billed already is refused, so that pressing twice, or the timetable at the same moment, makes one.
    The closing invoice makes no period: its parts are of those that are billed. Once it is void they come up again, for
    somebody to ask for; by themselves only with what changes later.
    """
    agreement = agreement.reload_locked()
    coming = _asked_for(agreement, first)
    if coming.below_zero:
        raise coming.below_zero
    invoice = _invoice(agreement, coming, actor)
    if coming.period is not None:
        BilledPeriod.objects.create(
            agreement=agreement,
            first=coming.period.first,
            last=coming.period.last,
            invoice=invoice,
        )
    elif invoice is not None:
        note("agreement.settled", agreement, actor=actor, number=invoice.number)
    agreement_bill.note(agreement, coming.parts, invoice=None if coming.period else invoice)
    _plan_next(agreement)
    return invoice


@transaction.atomic
def credit(*, agreement: Agreement, first: date, actor: User | None = None) -> CreditMemo:
    """The credit memo in the place of a closing invoice below zero, and like it made once. Raises a `BillingError`."""
    agreement = agreement.reload_locked()
    coming = _asked_for(agreement, first)
    if not coming.below_zero:
        raise IllegalStep("Nothing is to be given back; what is left is billed by an invoice.")
    billed = agreement.billed.exclude(invoice=None).select_related("invoice")
    memo = credit_memos.issue_for_agreement(
        customer=Customer.objects.get(pk=agreement.customer_id),
        lines=agreement_bill.drafts(coming.parts, currency_of(agreement)),
        notes=_title(agreement, coming),
        concerns=[row.invoice for row in billed if row.invoice],
        actor=actor,
    )
    note("agreement.settled", agreement, actor=actor, number=memo.number)
    agreement_bill.note(agreement, coming.parts, credit_memo=memo)
    _plan_next(agreement)
    return memo


def _asked_for(agreement: Agreement, first: date) -> Next:
    coming = upcoming(agreement)
    if coming is None or coming.first != first:
        raise IllegalStep("This period is billed already.")
    if sentence := too_early(agreement, coming):
        raise IllegalStep(sentence)
    return coming


def too_early(agreement: Agreement, coming: Next) -> str:
    """Why nobody can have it yet; empty once they can."""
    if agreement.in_advance or coming.on <= local_today():
        return ""
    return f"It is billed in arrears: not before {day_in_words(coming.on)}."


def bill_due(today: date) -> int:
    """Bills all that is due in the organization in force, missed periods in order. Returns how many periods."""
    due = Agreement.objects.filter(next_on__lte=today).order_by("next_on", "pk")
    return sum(_catch_up(agreement, today) for agreement in due)


def _catch_up(agreement: Agreement, today: date) -> int:
    """One agreement that is refused keeps the reason and holds up no other."""
    for count in range(AT_ONCE):
        current = Agreement.objects.get(pk=agreement.pk)
        try:
            coming = upcoming(current)
            if coming is None or current.next_on is None or current.next_on > today:
                return count
            bill(agreement=current, first=coming.first)
        except BillingError as refusal:
            _keep(refusal, agreement)
            return count
    return AT_ONCE


@transaction.atomic
def _keep(refusal: BillingError, agreement: Agreement) -> None:
    """Trying again does not help where a closing invoice is below zero: somebody has to issue its credit memo."""
    agreement = agreement.reload_locked()
    coming = upcoming(agreement) if isinstance(refusal, BelowZero) else None
    is_credit = coming is not None and coming.below_zero is not None
    next_on = None if is_credit else agreement.next_on
    save(agreement, {"refusal": str(refusal), "next_on": next_on})


def _invoice(agreement: Agreement, coming: Next, actor: User | None) -> Invoice | None:
    if not coming.parts:
        return None
    return invoices.generate(
        customer=Customer.objects.get(pk=agreement.customer_id),
        lines=agreement_bill.drafts(coming.parts, currency_of(agreement)),
        issued_on=coming.on,
        terms=agreement.terms,
        notes=_title(agreement, coming),
        destinations=frozenset(agreement.destinations),
        actor=actor,
    )


def _title(agreement: Agreement, coming: Next) -> str:
    """What the customer reads on it."""
    if coming.period is None:
        return f"{agreement.name}, what changed after it was billed"
    first, last = day_in_words(coming.period.first), day_in_words(coming.period.last)
    return f"{agreement.name}, {first} to {last}"


def _next_period(agreement: Agreement) -> Period | None:
    former = agreement.billed.last()
    for period in periods(agreement.plan):
        if former is None or period.first > former.first:
            return period
    return None


def _plan_next(agreement: Agreement) -> None:
    """What was refused is tried again on the day of what comes now."""
    save(agreement, {"next_on": _next_day(agreement), "refusal": ""})


def _next_day(agreement: Agreement) -> date | None:
    period = _next_period(agreement)
    if period is not None:
        return billed_on(agreement.plan, period)
    closing = _closing(agreement)
    if closing is None or agreement_bill.was_void(agreement, closing.parts):
        return None
    return closing.on


def _add_line(agreement: Agreement, place: int, wish: LineWish) -> None:
    if wish.kind == AgreementLine.Kind.FIXED:
        check_fee(wish.quantity)
    texts: dict[str, Any] = checked({"description": wish.description})
    line = AgreementLine.objects.create(
        agreement=agreement,
        position=place,
        kind=wish.kind,
        service=wish.service,
        unit_price=storable(wish.unit_price, name="The price", decimals=PRICE_DECIMALS),
        taxable=wish.taxable,
        **texts,
    )
    quantity = _quantity(wish.quantity)
    _check_size(line, [quantity], [line.unit_price])
    QuantityChange.objects.create(line=line, effective_on=agreement.starts_on, quantity=quantity)


def _check_size(
    line: AgreementLine, quantities: Iterable[Decimal], prices: Iterable[Decimal]
) -> None:
    """Raises `AmountRefused` where a whole period of the line could come to more than an invoice can bear."""
    currency = currency_of(line.agreement)
    for quantity, price in product(quantities, prices):
        line_amount(Line(quantity, price, line.taxable), currency)


def _quantity(quantity: Decimal) -> Decimal:
    if quantity < 0:
        raise IllegalStep("There cannot be fewer than none.")
    return storable(quantity, name="The quantity", decimals=QUANTITY_DECIMALS)
