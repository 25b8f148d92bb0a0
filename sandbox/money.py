"""Cents and decimals. QuickBooks keeps two decimals whatever the currency."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def money(value: Decimal | int) -> Decimal:
    """Rounded half-up to two decimals."""
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


def minor(value: Decimal | int | None) -> int:
    """Cents of an amount; None counts as nothing."""
    return int(money(value) * 100) if value else 0


def major(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def decimals(value: Decimal | int) -> int:
    """How many digits stand behind the point."""
    exponent = Decimal(value).as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def trimmed(value: Decimal | int) -> Decimal | int:
    """`2.50` becomes `2.5`, `2.00` becomes `2`: for quantities, rates and percentages."""
    if isinstance(value, int):
        return value
    whole = value.to_integral_value()
    return int(whole) if whole == value else value.normalize()
