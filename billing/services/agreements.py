"""Recurring agreements: made, changed, and billed period by period, each period once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from billing import destinations as registry
from billing.errors import BillingError, IllegalStep, NothingToBill
from billing.home import day_in_words, local_today, organization
from billing.models import (
    Agreement,
    AgreementLine,
    BilledPeriod,
    Customer,
    Invoice,
    PriceChange,
    QuantityChange,
    Service,
    Term,
)
from billing.rules.agreements import Interval, Period, Plan, billed_on, check, periods
from billing.rules.totals import PRICE_DECIMALS, QUANTITY_DECIMALS, storable
from billing.services import agreement_bill, drafting, invoices
from billing.services.changes import save
from billing.services.chronicle import note
from billing.services.words import checked
from tenants.models import User

__all__ = ["Interval", "LineWish", "Next", "Plan", "bill", "bill_due", "change", "create"]

# So that an agreement that begins long ago does not make hundreds of invoices in one go.
AT_ONCE = 24
ONE_DAY = timedelta(days=1)


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
    """The next period, the day of its invoice and what it holds."""

    period: Period
    on: date
    parts: list[agreement_bill.Part]


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
def change(
    *,
    agreement: Agreement,
    name: str,
    ends_on: date | None,
    terms: Term | None,
    destinations: frozenset[str],
    actor: User | None = None,
) -> Agreement:
    """What may change while it is billed. It cannot end before what is billed already. Raises a `BillingError`."""
    agreement = agreement.reload_locked()
    former = agreement.billed.last()
    if ends_on is not None and former is not None and ends_on < former.last:
        until = day_in_words(former.last)
        raise IllegalStep(f"It is billed until {until} already; it cannot end before.")
    values = {
        "ends_on": ends_on,
        "terms": terms,
        "destinations": sorted(registry.check(destinations)),
        **checked({"name": name}),
    }
    check(replace(agreement.plan, ends_on=ends_on))
    save(agreement, values)
    _plan_next(agreement)
    note("agreement.changed", agreement, actor=actor, ends_on=str(ends_on or ""))
    return agreement


@transaction.atomic
def set_quantity(
    *, line: AgreementLine, effective_on: date, quantity: Decimal, actor: User | None = None
) -> None:
    """From this day on there are so many. What is billed already is settled with the next invoice."""
    agreement = line.agreement.reload_locked()
    if effective_on < agreement.starts_on:
        raise IllegalStep(f"The agreement begins on {day_in_words(agreement.starts_on)}.")
    if agreement.ends_on is not None and effective_on > agreement.ends_on:
        raise IllegalStep(f"The agreement ends on {day_in_words(agreement.ends_on)}.")
    QuantityChange.objects.update_or_create(
        line=line, effective_on=effective_on, defaults={"quantity": _quantity(quantity)}
    )
    detail = {"line": line.description, "quantity": str(quantity), "from": str(effective_on)}
    note("agreement.quantity_changed", agreement, actor=actor, **detail)


@transaction.atomic
def set_price(
    *, line: AgreementLine, effective_on: date, unit_price: Decimal, actor: User | None = None
) -> None:
    """What a whole period costs from the first one on that begins then or later. Raises `IllegalStep` where that one
    is billed already.
    """
    agreement = line.agreement.reload_locked()
    former = agreement.billed.last()
    if former is not None and effective_on <= former.first:
        until, then = day_in_words(former.last), day_in_words(former.last + ONE_DAY)
        raise IllegalStep(
            f"It is billed until {until} already; another price can hold from {then} on."
        )
    price = storable(unit_price, name="The price", decimals=PRICE_DECIMALS)
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
    """The next invoice as it would be now; None when all is billed."""
    period = _next_period(agreement)
    if period is None:
        return None
    found = agreement_bill.parts(agreement, period, currency_of(agreement))
    return Next(period, billed_on(agreement.plan, period), found)


@transaction.atomic
def bill(*, agreement: Agreement, first: date, actor: User | None = None) -> Invoice | None:
    """The invoice of the period that begins on this day; None when it holds nothing. Raises a `BillingError`.

    A period that is billed already is refused, so that pressing twice, or the timetable at the same moment, makes one.
    """
    agreement = agreement.reload_locked()
    coming = upcoming(agreement)
    if coming is None or coming.period.first != first:
        raise IllegalStep("This period is billed already.")
    if not agreement.in_advance and coming.on > local_today():
        raise IllegalStep(f"It is billed in arrears: not before {day_in_words(coming.on)}.")
    row = BilledPeriod.objects.create(
        agreement=agreement, first=coming.period.first, last=coming.period.last
    )
    row.invoice = _invoice(agreement, coming, actor)
    row.save(update_fields=["invoice"])
    agreement_bill.note(row, coming.parts)
    save(agreement, {"refusal": ""})
    _plan_next(agreement)
    return row.invoice


def bill_due(today: date) -> int:
    """Bills all that is due in the organization in force, missed periods in order. Returns how many periods."""
    due = Agreement.objects.filter(next_on__lte=today).order_by("next_on", "pk")
    return sum(_catch_up(agreement, today) for agreement in due)


def _catch_up(agreement: Agreement, today: date) -> int:
    """One agreement that is refused keeps the reason and holds up no other."""
    for count in range(AT_ONCE):
        current = Agreement.objects.get(pk=agreement.pk)
        coming = upcoming(current)
        if coming is None or coming.on > today:
            return count
        try:
            bill(agreement=current, first=coming.period.first)
        except BillingError as refusal:
            Agreement.objects.filter(pk=agreement.pk).update(refusal=str(refusal))
            return count
    return AT_ONCE


def _invoice(agreement: Agreement, coming: Next, actor: User | None) -> Invoice | None:
    if not coming.parts:
        return None
    first, last = day_in_words(coming.period.first), day_in_words(coming.period.last)
    return invoices.generate(
        customer=Customer.objects.get(pk=agreement.customer_id),
        lines=[part.draft for part in coming.parts],
        issued_on=coming.on,
        terms=agreement.terms,
        notes=f"{agreement.name}, {first} to {last}",
        destinations=frozenset(agreement.destinations),
        actor=actor,
    )


def _next_period(agreement: Agreement) -> Period | None:
    former = agreement.billed.last()
    for period in periods(agreement.plan):
        if former is None or period.first > former.first:
            return period
    return None


def _plan_next(agreement: Agreement) -> None:
    period = _next_period(agreement)
    on = billed_on(agreement.plan, period) if period else None
    Agreement.objects.filter(pk=agreement.pk).update(next_on=on)
    agreement.next_on = on


def _add_line(agreement: Agreement, place: int, wish: LineWish) -> None:
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
    is_fixed = wish.kind == AgreementLine.Kind.FIXED
    QuantityChange.objects.create(
        line=line,
        effective_on=agreement.starts_on,
        quantity=Decimal(1) if is_fixed else _quantity(wish.quantity),
    )


def _quantity(quantity: Decimal) -> Decimal:
    if quantity < 0:
        raise IllegalStep("There cannot be fewer than none.")
    return storable(quantity, name="The quantity", decimals=QUANTITY_DECIMALS)
