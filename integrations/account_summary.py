"""What our documents have posted to each account over there, to tie out with the ledger (X-64). Inside ``within()``.

Reckoned from what the other side held when it was last looked at, and from the lists of the company: it costs no call.
What people enter there by themselves is not in it, so a difference to the ledger is theirs.
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
from integrations.inbound import drift
from integrations.models import Connection, Discrepancy, Link, MirrorEntry

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
SEVERAL = "{name} (one of several accounts)"
TAX = "Sales tax payable"
UNKNOWN = "Not known"

Posting = tuple[str, Money]
# The id of an account there, and the currency that it is kept in.
Account = tuple[str, str]
SalesDocument = InvoiceDocument | CreditMemoDocument | RefundReceiptDocument


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
    """By account, what documents that are of these days over there have posted."""
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
    """Those of these days over there; what is gone there or void has posted nothing."""
    asked = _asked_about(connection)
    found = Q(remote_id__in={remote_id for _, remote_id in asked})
    for name in DAYS:
        found |= Q(**{f"theirs__{name}__gte": f"{first}", f"theirs__{name}__lte": f"{last}"})
    for link in Link.objects.filter(found, connection=connection, kind__in=POSTED).iterator():
        document = _as_it_stands(link, asked.get((link.kind, link.remote_id)))
        if document and not getattr(document, "voided", False) and first <= _day(document) <= last:
            yield document


def _asked_about(connection: Connection) -> dict[tuple[str, str], Discrepancy]:
    """The newest open question about each of theirs that says what it has become there."""
    asked = Discrepancy.objects.filter(connection=connection, kind__in=POSTED, closed_at=None)
    in_order = asked.exclude(reason_code=drift.ILLEGIBLE).order_by("opened_at")
    return {(question.kind, question.remote_id): question for question in in_order}


def _as_it_stands(link: Link, question: Discrepancy | None) -> Document | None:
    """Theirs as it was seen last; None where it is gone there."""
    if question is None or _is_older(question, link):
        return link.their_document()
    return question.held().document


def _is_older(question: Discrepancy, link: Link) -> bool:
    seen_at = question.held().updated_at
    return bool(seen_at and link.remote_updated_at and seen_at < link.remote_updated_at)


def _day(document: Document) -> date:
    day: date = next(getattr(document, name) for name in DAYS if hasattr(document, name))
    return day


@dataclass(frozen=True, slots=True)
class _Chart:
    """The names of the accounts, which one each item books to, and which ones there are of a subtype."""

    names: dict[str, str]
    of_items: dict[str, str]
    by_subtype: dict[str, list[Account]]

    @classmethod
    def of(cls, connection: Connection) -> "_Chart":
        entries = MirrorEntry.objects.filter(connection=connection)
        accounts = list(entries.filter(kind=ListKind.ACCOUNT).order_by("pk"))
        items = entries.filter(kind=ListKind.ITEM)
        by_subtype: dict[str, list[Account]] = defaultdict(list)
        for one in accounts:
            if one.active:
                kept_in = one.detail.get("currency", "")
                by_subtype[one.detail.get("subtype", "")].append((one.remote_id, kept_in))
        return cls(
            {one.remote_id: one.name for one in accounts},
            {one.remote_id: one.detail.get("income_account", "") for one in items},
            by_subtype,
        )

    def postings(self, document: Document) -> Iterator[Posting]:
        """Debits above zero; they come to nothing together."""
        match document:
            case InvoiceDocument(currency=currency, deposit=deposit, deposit_account=account):
                yield from self._sale(document, self._special(RECEIVABLE, currency), sign=1)
                if deposit is not None:
                    yield from self._received(deposit, account)
            case CreditMemoDocument(currency=currency):
                yield from self._sale(document, self._special(RECEIVABLE, currency), sign=-1)
            case RefundReceiptDocument(account=account):
                yield from self._sale(document, self._name(account), sign=-1)
            case PaymentDocument(amount=amount, deposit_account=account):
                yield from self._received(amount, account)
            case ExpenseDocument(amount=amount, account=account, expense_account=booked_to):
                tax = document.tax or Money.zero(amount.currency)
                yield self._name(booked_to), amount - tax
                yield TAX, tax
                yield self._name(account), -amount

    def _received(self, amount: Money, account: str) -> Iterator[Posting]:
        """Money from a customer; without an account it waits to be deposited."""
        to = self._name(account) if account else self._special(UNDEPOSITED, amount.currency)
        yield to, amount
        yield self._special(RECEIVABLE, amount.currency), -amount

    def _sale(self, document: SalesDocument, against: str, *, sign: int) -> Iterator[Posting]:
        currency = document.currency
        parts = [(self._account_of(line), line.amount) for line in document.lines]
        parts.append((TAX, document.tax or Money.zero(currency)))
        total = MoneySum.total((amount for _, amount in parts), currency)
        yield against, total if sign > 0 else -total
        yield from ((name, -amount if sign > 0 else amount) for name, amount in parts)

    def _account_of(self, line: LineDocument) -> str:
        if line.discount:
            return self._special(DISCOUNTS, line.amount.currency)
        return self._name(self.of_items.get(line.item, ""))

    def _name(self, account: str) -> str:
        return self.names.get(account, UNKNOWN)

    def _special(self, subtype: str, currency: str) -> str:
        """The account of this currency, else of any; which of several it is, only they know."""
        known = self.by_subtype.get(subtype, [])
        fitting = [id_ for id_, kept_in in known if kept_in == currency] or [
            id_ for id_, _ in known
        ]
        if not fitting:
            return NAMELESS[subtype]
        several = SEVERAL.format(name=NAMELESS[subtype])
        return self._name(fitting[0]) if len(fitting) == 1 else several
