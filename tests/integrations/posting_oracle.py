"""What each kind of document does to the accounts of a QuickBooks company, written down from the reference alone.

It shares nothing with the sandbox, whose books it judges: it is told what people did, in the words of the books, and
keeps one sum per account. Amounts are in major units; a debit is positive. Sources: reference quickbooks, sections
5.4 (invoice), 5.6 (payment), 5.7 (credit memo), 5.8 (refund receipt), 5.9 (purchase).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

RECEIVABLE = "Accounts Receivable (A/R)"
UNDEPOSITED = "Undeposited Funds"

# Amounts by the income account of each line's item.
Income = Mapping[str, Decimal]


@dataclass
class Oracle:
    """The balances that the company must have."""

    balances: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def invoice(self, income: Income, sign: int = 1) -> None:
        """The customer owes it; the income is earned. Tax is not part of this month."""
        for account, amount in income.items():
            self._post(RECEIVABLE, account, sign * amount)

    def void_invoice(self, income: Income) -> None:
        """A void document stands at zero."""
        self.invoice(income, sign=-1)

    def payment(self, amount: Decimal, to: str = UNDEPOSITED, sign: int = 1) -> None:
        """Applied or not, it lowers what is owed."""
        self._post(to, RECEIVABLE, sign * amount)

    def void_payment(self, amount: Decimal, to: str = UNDEPOSITED) -> None:
        self.payment(amount, to, sign=-1)

    def credit_memo(self, income: Income) -> None:
        """The income is given back and the customer owes less. Using it on an invoice moves nothing."""
        self.invoice(income, sign=-1)

    def refund_expense(self, amount: Decimal, paid_from: str, account: str, sign: int = 1) -> None:
        """Money leaves the bank and is an expense; the customer owes what they owed."""
        self._post(account, paid_from, sign * amount)

    def refund_receipt(self, income: Income, paid_from: str, sign: int = 1) -> None:
        """The income is given back out of the bank; the customer owes what they owed."""
        for account, amount in income.items():
            self._post(account, paid_from, sign * amount)

    def _post(self, debit: str, credit: str, amount: Decimal) -> None:
        self.balances[debit] += amount
        self.balances[credit] -= amount

    def trial_balance(self) -> dict[str, Decimal]:
        """Accounts that do not stand at zero."""
        return {account: sum_ for account, sum_ in self.balances.items() if sum_}
