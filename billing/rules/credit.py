"""How much of an invoice may be credited."""

from billing.errors import AmountRefused, OverAllocated
from billing.money import Money


def check_credit(amount: Money, *, left: Money, line: str) -> None:
    """Raises unless the amount is a part of what is left of the line. A discount is credited below zero."""
    if not amount:
        raise AmountRefused(f"The credit for “{line[:60]}” must not be zero.")
    fits = amount <= left if amount.minor > 0 else amount >= left
    if not fits:
        raise OverAllocated(f"Of “{line[:60]}” {left} can be credited, so {amount} cannot.")
