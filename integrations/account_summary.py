"""What our documents have posted to each account over there, to tie out with the ledger (X-64). Inside ``within()``.

Reckoned from what the other side answered, and from the lists of the company: it costs no call. What people enter there
by themselves is not in it, so a difference to the ledger is theirs.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from billing.money import Money, MoneySum
from integrations.documents import (
    CreditMemoDocument,
    Document,
    ExpenseDocument,
    InvoiceDocument,
    Kind,
    LineDocument,
    ListKind,
    PaymentDocument,
    RefundReceiptDocument,
)
from integrations.models import Connection, Link, MirrorEntry

POSTED = (
    Kind.INVOICE,
    Kind.CREDIT_MEMO,
    Kind.PAYMENT,
    Kind.EXPENSE,
    Kind.REFUND_RECEIPT,
)
DAYS = ("issued_on", "received_on", "paid_on")
# Accounts that documents do not name, by the subtype that QuickBooks finds them by (reference quickbooks 5.3).
RECEIVABLE, UNDEPOSITED, DISCOUNTS = (
    "AccountsReceivable",
    "UndepositedFunds",
    "DiscountsRefundsGiven",
)
NAMELESS = {
    RECEIVABLE: "Accounts receivable",
    UNDEPOSITED: "Undeposited funds",
    DISCOUNTS: "Discounts given",
}
TAX = "Sales tax payable"
UNKNOWN = "Not known"

Posting = tuple[str, Money]


@dataclass(frozen=True, slots=True)
class Row:
    """One account: the sum of what was posted to it, a debit above zero."""

    name: str
    sum: MoneySum

    @property
    def debit(self) -> MoneySum | None:
        return self.sum if self.sum.minor > 0 else None

    @property
    def credit(self) -> MoneySum | None:
        return -self.sum if self.sum.minor < 0 else None


def summary(connection: Connection, first: date, last: date) -> list[Row]:
    """By account, what documents of these days have posted; what is void has posted nothing."""
    chart = _Chart.of(connection)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for document in _documents(connection, first, last):
        for account, amount in chart.postings(document):
            sums[account, amount.currency] += amount.minor
    rows = [
        Row(name, MoneySum(minor, currency)) for (name, currency), minor in sums.items() if minor
    ]
    return sorted(rows, key=lambda row: (row.sum.currency, row.name))


def _documents(connection: Connection, first: date, last: date) -> Iterator[Document]:
    days = Q()
    for name in DAYS:
        days |= Q(**{f"ours__{name}__gte": f"{first}", f"ours__{name}__lte": f"{last}"})
    for link in Link.objects.filter(days, connection=connection, kind__in=POSTED).iterator():
        document = link.their_document() or link.our_document()
        if not getattr(document, "voided", False):
            yield document


@dataclass(frozen=True, slots=True)
class _Chart:
    """The names of the accounts, and which one each item books to."""

    names: dict[str, str]
    of_items: dict[str, str]
    special: dict[str, str]

    @classmethod
    def of(cls, connection: Connection) -> "_Chart":
        entries = MirrorEntry.objects.filter(connection=connection)
        accounts = list(entries.filter(kind=ListKind.ACCOUNT).order_by("pk"))
        items = entries.filter(kind=ListKind.ITEM)
        return cls(
            {one.remote_id: one.name for one in accounts},
            {one.remote_id: one.detail.get("income_account", "") for one in items},
            {one.detail.get("subtype", ""): one.name for one in accounts},
        )

    def postings(self, document: Document) -> Iterator[Posting]:
        """Debits above zero; they come to nothing together."""
        match document:
            case InvoiceDocument(lines=lines, tax=tax, currency=currency):
                yield from self._sale(lines, tax, currency, self._special(RECEIVABLE), sign=1)
            case CreditMemoDocument(lines=lines, tax=tax, currency=currency):
                yield from self._sale(lines, tax, currency, self._special(RECEIVABLE), sign=-1)
            case RefundReceiptDocument(lines=lines, tax=tax, currency=currency, account=account):
                yield from self._sale(lines, tax, currency, self._name(account), sign=-1)
            case PaymentDocument(amount=amount, deposit_account=account):
                to = self._name(account) if account else self._special(UNDEPOSITED)
                yield to, amount
                yield self._special(RECEIVABLE), -amount
            case ExpenseDocument(amount=amount, account=account, expense_account=booked_to):
                yield self._name(booked_to), amount
                yield self._name(account), -amount

    def _sale(
        self,
        lines: tuple[LineDocument, ...],
        tax: Money | None,
        currency: str,
        against: str,
        *,
        sign: int,
    ) -> Iterator[Posting]:
        parts = [(self._account_of(line), line.amount) for line in lines]
        parts.append((TAX, tax or Money.zero(currency)))
        total = MoneySum.total((amount for _, amount in parts), currency)
        yield against, total if sign > 0 else -total
        yield from ((name, -amount if sign > 0 else amount) for name, amount in parts)

    def _account_of(self, line: LineDocument) -> str:
        if line.discount:
            return self._special(DISCOUNTS)
        return self._name(self.of_items.get(line.item, ""))

    def _name(self, account: str) -> str:
        return self.names.get(account, UNKNOWN)

    def _special(self, subtype: str) -> str:
        return self.special.get(subtype, NAMELESS[subtype])
