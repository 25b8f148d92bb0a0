"""What an invoice of an agreement holds: the lines of its period, and what periods that are billed owe or are owed
since seats changed or the end was moved.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet

from billing import pricing
from billing.errors import AmountRefused, BelowZero
from billing.models import (
    Agreement,
    AgreementLine,
    BilledPart,
    BilledPeriod,
    CreditMemo,
    Invoice,
)
from billing.money import Money
from billing.rules.agreements import Period, Stretch, cost, periods, stretches
from billing.rules.totals import Line, document_totals, line_amount
from billing.services import bundles
from billing.services.drafting import DraftLine
from tenants.days import in_words

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Part:
    """A line as it is billed, a bundle as one, and the period that it is for."""

    draft: DraftLine
    line: AgreementLine
    unit_price: Decimal
    amount: Money
    period: Period


def parts(agreement: Agreement, period: Period | None, currency: str) -> list[Part]:
    """Everything that the invoice of this period holds, earlier periods first; without one, all that is to be settled.

    What was billed too much is given back as far as the invoice does not fall below zero; the rest with a later one.
    """
    lines = list(agreement.lines.prefetch_related("quantities", "prices").select_related("service"))
    for line in lines:
        line.agreement = agreement
    settled = list(_settled(agreement, lines, period, currency))
    if period is None:
        return settled
    now = [part for line in lines for part in _of_line(line, period, currency)]
    if _is_payable(agreement, [*settled, *now], currency):
        return [*settled, *now]
    return [*(part for part in settled if part.amount.minor > 0), *now]


def below_zero(agreement: Agreement, found: Sequence[Part], currency: str) -> BelowZero | None:
    """Why no invoice can hold them, where they come to less than zero."""
    try:
        total_of(agreement, found, currency)
    except BelowZero as refusal:
        return refusal
    except AmountRefused:
        return None
    return None


def total_of(agreement: Agreement, found: Sequence[Part], currency: str) -> Money:
    """With tax at the customer's rate of now. Raises `AmountRefused`, `BelowZero` for a total below."""
    region = agreement.customer.tax_region
    rate = region.rate_percent if region else Decimal(0)
    numbers = [draft.numbers() for draft in drafts(found, currency)]
    return document_totals(
        numbers, tax_rate_percent=rate, currency=currency, inclusive=pricing.include_tax()
    ).total


def drafts(found: Sequence[Part], currency: str) -> list[DraftLine]:
    """The lines of their invoice or credit memo, bundles taken apart. Raises `AmountRefused`."""
    return bundles.taken_apart([part.draft for part in found], currency=currency)


def _is_payable(agreement: Agreement, found: Sequence[Part], currency: str) -> bool:
    try:
        total_of(agreement, found, currency)
    except AmountRefused:
        return False
    return True


def _of_line(line: AgreementLine, period: Period, currency: str) -> Iterator[Part]:
    price = line.price_on(period.first)
    if line.by_day:
        for stretch in stretches(_changes(line), period):
            amount = cost(price, stretch, period, currency)
            draft = _whole(line, price, stretch) if _is_all(stretch, period) else None
            yield _part(
                line,
                price,
                amount,
                period,
                draft or _piece(line, price, stretch, period, amount),
            )
        return
    quantity = _on(line, period.first)
    if quantity:
        stretch = Stretch(quantity, period.first, period.last)
        amount = line_amount(Line(quantity, price, line.taxable), currency)
        yield _part(line, price, amount, period, _whole(line, price, stretch))


def _settled(
    agreement: Agreement, lines: Sequence[AgreementLine], now: Period | None, currency: str
) -> Iterator[Part]:
    """What changed in the periods before this one after they were billed, at the price of then; without one, in all."""
    if not agreement.prorated:
        return
    rows = agreement.billed.prefetch_related("parts__invoice", "parts__credit_memo")
    known = {row.first: row for row in rows}
    for period in periods(agreement.plan):
        row = known.get(period.first)
        if row is None or (now is not None and period.first >= now.first):
            return
        for line in lines:
            if line.by_day:
                yield from _since(line, row, period, currency)


def _since(line: AgreementLine, row: BilledPeriod, period: Period, currency: str) -> Iterator[Part]:
    """Seats that changed on the days that were billed: the difference. And days that came to the period since then."""
    known = [part for part in row.parts.all() if part.line_key == line.pk]
    billed = [part for part in known if not part.is_void]
    if not billed and line.kind != AgreementLine.Kind.SEAT:
        return
    price = billed[0].unit_price if billed else line.price_on(period.first)
    before = stretches(_changes(line), replace(period, last=row.last))
    due = Money.total((cost(price, stretch, period, currency) for stretch in before), currency)
    left = due - Money(sum(part.amount_minor for part in billed), currency)
    if left:
        # What a void one held may be of a change, of days that came to the period, or of both.
        why = "change of quantity" if billed == known else "settlement"
        words = f"{line.description}: {why}, {_days(line, row)}"
        yield _part(line, price, left, period, _sum(line, price, words, left))
    if row.last < period.last:
        for stretch in stretches(_changes(line), replace(period, first=row.last + ONE_DAY)):
            amount = cost(price, stretch, period, currency)
            yield _part(line, price, amount, period, _piece(line, price, stretch, period, amount))


def _part(
    line: AgreementLine, price: Decimal, amount: Money, period: Period, draft: DraftLine
) -> Part:
    return Part(draft, line, price, amount, period)


def _whole(line: AgreementLine, price: Decimal, stretch: Stretch) -> DraftLine:
    return DraftLine(
        description=line.description,
        quantity=stretch.quantity,
        unit_price=price,
        taxable=line.taxable,
        service=line.service,
    )


def _piece(
    line: AgreementLine, price: Decimal, stretch: Stretch, period: Period, amount: Money
) -> DraftLine:
    """Its amount is a sum of days, which no quantity times price would give to the cent."""
    days = (stretch.last - stretch.first).days + 1
    many = f" × {stretch.quantity.normalize():f}" if stretch.quantity != 1 else ""
    words = f"{line.description}{many}, {_days(line, stretch)} ({days} of {period.whole} days)"
    return _sum(line, price, words, amount)


def _days(line: AgreementLine, span: Stretch | BilledPeriod) -> str:
    country = line.agreement.organization.country
    return f"{in_words(span.first, country)} to {in_words(span.last, country)}"


def _sum(line: AgreementLine, price: Decimal, words: str, amount: Money) -> DraftLine:
    return DraftLine(
        description=words,
        quantity=Decimal(1),
        unit_price=amount.amount,
        taxable=line.taxable,
        service=line.service,
        share_of=price,
    )


def _is_all(stretch: Stretch, period: Period) -> bool:
    return period.is_whole and (stretch.first, stretch.last) == (period.first, period.last)


def _changes(line: AgreementLine) -> list[tuple[date, Decimal]]:
    return [(one.effective_on, one.quantity) for one in line.quantities.all()]


def _on(line: AgreementLine, day: date) -> Decimal:
    known = [quantity for since, quantity in sorted(_changes(line)) if since <= day]
    return known[-1] if known else Decimal(0)


def was_void(agreement: Agreement, found: Sequence[Part]) -> bool:
    """Whether they are what void closing invoices and credit memos held, as nothing has changed since."""
    held: Counter[tuple[date, UUID]] = Counter()
    for part in _void(agreement).select_related("period"):
        held[part.period.first, part.line_key] += part.amount_minor
    left: Counter[tuple[date, UUID]] = Counter()
    for one in found:
        left[one.period.first, one.line.pk] += one.amount.minor
    return held == left


def _void(agreement: Agreement) -> QuerySet[BilledPart]:
    is_void = Q(invoice__voided_at__isnull=False) | Q(credit_memo__voided_at__isnull=False)
    rows: QuerySet[BilledPart] = BilledPart.objects.filter(is_void, period__agreement=agreement)
    return rows


def note(
    agreement: Agreement,
    found: Sequence[Part],
    *,
    invoice: Invoice | None = None,
    credit_memo: CreditMemo | None = None,
) -> None:
    """Writes down what was billed, each part under the period that it is for, and how far that one is billed now. Of a
    closing one, too, on which ``invoice`` or ``credit_memo``. What void ones held is settled with it.
    """
    _void(agreement).delete()
    rows = {row.first: row for row in BilledPeriod.objects.filter(agreement=agreement)}
    BilledPart.objects.bulk_create(
        BilledPart(
            period=rows[part.period.first],
            invoice=invoice,
            credit_memo=credit_memo,
            line_key=part.line.pk,
            unit_price=part.unit_price,
            amount_minor=part.amount.minor,
        )
        for part in found
    )
    for period in {part.period for part in found}:
        row = rows[period.first]
        if row.last < period.last:
            row.last = period.last
            row.save(update_fields=["last"])
