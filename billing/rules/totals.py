"""What the lines of a document come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.errors import AmountRefused, BelowZero
from billing.money import EXACT, Money

QUANTITY_DECIMALS = 5
PRICE_DECIMALS = 6
RATE_DECIMALS = 4
# Digits before the point of quantities and unit prices; their columns have room for one more.
WHOLE_DIGITS = 11


@dataclass(frozen=True)
class Line:
    """The numbers of one line; quantity and unit price may be negative (a return, a write-off).

    A ``discount`` takes off from all the others; ``taxable`` then says that tax is computed after it. ``percent_off``
    is taken off this line alone.
    """

    quantity: Decimal
    unit_price: Decimal
    taxable: bool
    discount: bool = False
    percent_off: Decimal = Decimal(0)


@dataclass(frozen=True)
class Totals:
    """Line amounts in order, and what they add up to."""

    lines: tuple[Money, ...]
    subtotal: Money
    tax: Money
    total: Money


def document_totals(
    lines: Iterable[Line], *, tax_rate_percent: Decimal, currency: str, inclusive: bool = False
) -> Totals:
    """Tax is rounded once, half-up, on the taxable subtotal. Raises `AmountRefused`, `BelowZero` for a total below.

    With ``inclusive`` the amounts hold their tax, which is then rounded line by line, as QuickBooks does (reference
    quickbooks 5.5), and the subtotal is what is left of the total.
    """
    counted = [(line, line_amount(line, currency)) for line in lines]
    if inclusive:
        return _with_tax_inside(counted, tax_rate_percent, currency)
    subtotal = Money.total((amount for _, amount in counted), currency)
    tax = taxed(counted, currency).times(tax_rate_percent / 100)
    total = subtotal + tax
    if total < Money.zero(currency):
        raise BelowZero(total)
    return Totals(tuple(amount for _, amount in counted), subtotal, tax, total)


def net_of(gross: Money, tax_rate_percent: Decimal) -> Money:
    """What an amount is without the tax that it holds, rounded half-up."""
    product = EXACT.multiply(gross.amount, Decimal(100))
    return Money.of(EXACT.divide(product, 100 + tax_rate_percent), gross.currency)


def _with_tax_inside(
    counted: list[tuple[Line, Money]], tax_rate_percent: Decimal, currency: str
) -> Totals:
    if any(line.discount for line, _ in counted):
        raise AmountRefused(
            "Prices include tax here, so a discount on the whole invoice has no tax of its own. Take the "
            "percentage off each line instead."
        )
    total = Money.total((amount for _, amount in counted), currency)
    if total < Money.zero(currency):
        raise BelowZero(total)
    taxed = [amount for line, amount in counted if line.taxable]
    tax = Money.total((gross - net_of(gross, tax_rate_percent) for gross in taxed), currency)
    return Totals(tuple(amount for _, amount in counted), total - tax, tax, total)


def percent_of(drafts: Iterable[Line], percent: Decimal, currency: str) -> Money:
    """What so many percent of all lines but discounts come to; nothing of a sum below zero. Raises `AmountRefused`."""
    if not 0 < percent <= 100:
        raise AmountRefused("A discount is more than 0 and at most 100 percent.")
    storable(percent, name="The discount", decimals=RATE_DECIMALS)
    sold = (line_amount(line, currency) for line in drafts if not line.discount)
    return max(Money.zero(currency), Money.total(sold, currency)).times(percent / 100)


def check_discounts(drafts: Iterable[Line]) -> None:
    """Raises `AmountRefused` unless there is at most one discount, and it takes off."""
    discounts = [line for line in drafts if line.discount]
    if len(discounts) > 1:
        raise AmountRefused("An invoice has one discount at most; add them up.")
    if any(line.quantity * line.unit_price > 0 for line in discounts):
        raise AmountRefused("A discount is more than 0; it is taken off.")


def taxed(counted: Sequence[tuple[Line, Money]], currency: str) -> Money:
    """What tax is computed on: the taxable lines, less their share of a discount that tax is computed after. QuickBooks
    counts so as well.
    """
    sold = [(line, amount) for line, amount in counted if not line.discount]
    taxable = Money.total((amount for line, amount in sold if line.taxable), currency)
    off = Money.total(
        (amount for line, amount in counted if line.discount and line.taxable), currency
    )
    return taxable + off.share(taxable, Money.total((amount for _, amount in sold), currency))


def line_amount(line: Line, currency: str) -> Money:
    """Quantity times unit price, less what is off, rounded once, half-up. Raises `AmountRefused`."""
    quantity = storable(line.quantity, name="The quantity", decimals=QUANTITY_DECIMALS)
    unit_price = storable(line.unit_price, name="The price", decimals=PRICE_DECIMALS)
    off = storable(line.percent_off, name="The discount", decimals=RATE_DECIMALS)
    if not 0 <= off <= 100:
        raise AmountRefused("The discount on a line is at most 100 percent, and not below 0.")
    whole = EXACT.multiply(quantity, unit_price)
    return Money.of(EXACT.multiply(whole, (100 - off).scaleb(-2)), currency)


def shared_out(amount: Money, costs: Sequence[Decimal]) -> list[Money]:
    """The amount in proportion to costs, some of which may be below zero; the largest gets what rounding leaves."""
    whole, currency = sum(costs, Decimal(0)), amount.currency
    shares = [
        Money.of(EXACT.divide(EXACT.multiply(amount.amount, cost), whole), currency)
        if whole
        else Money.zero(currency)
        for cost in costs
    ]
    largest = max(range(len(costs)), key=lambda place: abs(costs[place]))
    shares[largest] += amount - Money.total(shares, currency)
    return shares


def storable(number: Decimal, *, name: str, decimals: int) -> Decimal:
    """The number, if its column keeps it without rounding. Raises `AmountRefused`."""
    if not number.is_finite():
        raise AmountRefused(f"{name} is not a number.")
    if number and number.adjusted() >= WHOLE_DIGITS:
        raise AmountRefused(f"{name} is too large; {WHOLE_DIGITS} digits fit before the point.")
    if _decimals(number) > decimals:
        raise AmountRefused(f"{name} has too many decimals; at most {decimals} are kept.")
    return number


def _decimals(number: Decimal) -> int:
    """How many decimals are needed; trailing zeros are not."""
    exponent = EXACT.normalize(number).as_tuple().exponent if number else 0
    return max(0, -int(exponent))
