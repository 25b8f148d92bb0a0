"""Currencies of documents, and what one unit is worth in the organization's own."""

from decimal import Decimal

from billing.errors import AmountRefused, TextRefused

EXCHANGE_DECIMALS = 8
RATE_DIGITS = 7 + EXCHANGE_DECIMALS
# What QuickBooks takes (reference quickbooks 6.4, fault 2240).
LARGEST_RATE = 1_000_000


def checked_currency(code: str, *, home: str) -> str:
    """The code in capitals, empty for the organization's own. Raises `TextRefused`."""
    code = code.strip().upper()
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise TextRefused("A currency is three letters, such as EUR.")
    return "" if code == home else code


def checked_rate(rate: Decimal | None) -> Decimal | None:
    """A rate that can be kept and sent. Raises `AmountRefused`."""
    if rate is not None and not (rate.is_finite() and 0 < rate <= LARGEST_RATE):
        raise AmountRefused("An exchange rate is above zero and at most 1,000,000.")
    return rate
