"""Which choices of the mapping a document rests on, named as staff know them. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from billing.models import (
    CreditMemoLine,
    Invoice,
    InvoiceLine,
    LedgerAccount,
    Location,
    Payment,
    Refund,
    Service,
    TaxRegion,
)
from integrations.documents import ListKind
from integrations.models import MappingSubject

# Which of their lists each choice is taken from.
LIST_OF = {
    MappingSubject.DEFAULT_ITEM: ListKind.ITEM,
    MappingSubject.SERVICE: ListKind.ITEM,
    MappingSubject.ADJUSTMENT_ITEM: ListKind.ITEM,
    MappingSubject.DEFAULT_INCOME_ACCOUNT: ListKind.ACCOUNT,
    MappingSubject.NEW_ITEM_ACCOUNT: ListKind.ACCOUNT,
    MappingSubject.LEDGER_ACCOUNT: ListKind.ACCOUNT,
    MappingSubject.TAX_REGION: ListKind.TAX_CODE,
    MappingSubject.UNTAXED: ListKind.TAX_CODE,
    MappingSubject.TERM: ListKind.TERM,
    MappingSubject.PAYMENT_METHOD: ListKind.PAYMENT_METHOD,
    MappingSubject.DEPOSIT_ACCOUNT: ListKind.ACCOUNT,
    MappingSubject.DEFAULT_CLASS: ListKind.CLASS,
    MappingSubject.SERVICE_CLASS: ListKind.CLASS,
    MappingSubject.DEFAULT_LOCATION: ListKind.DEPARTMENT,
    MappingSubject.LOCATION: ListKind.DEPARTMENT,
    MappingSubject.CUSTOM_FIELD: ListKind.CUSTOM_FIELD,
    MappingSubject.REFUND_ACCOUNT: ListKind.ACCOUNT,
    MappingSubject.REFUND_EXPENSE_ACCOUNT: ListKind.ACCOUNT,
    MappingSubject.REFUND_TAX_CODE: ListKind.TAX_CODE,
}


@dataclass(frozen=True, slots=True)
class Referred:
    """One choice that may have been made: what is mapped, our key, and how staff call it."""

    subject: MappingSubject
    local_key: str
    label: str


def by_invoice(invoice: Invoice, lines: Iterable[InvoiceLine]) -> Iterator[Referred]:
    """An invoice rests on the items of its services and on its term."""
    yield from by_lines(lines)
    if invoice.terms is not None:
        yield Referred(MappingSubject.TERM, str(invoice.terms.id), f"the terms {invoice.terms}")


def by_lines(lines: Iterable[InvoiceLine | CreditMemoLine]) -> Iterator[Referred]:
    """What an invoice and a credit memo rest on alike."""
    services = {line.service_id: line.service for line in lines if line.service is not None}
    for service in services.values():
        yield Referred(MappingSubject.SERVICE, str(service.id), f"the service {service.name}")


def by_region(region: TaxRegion) -> Referred:
    """Lines that are taxed rest on the tax code of their region."""
    return Referred(MappingSubject.TAX_REGION, str(region.id), f"the tax region {region}")


def by_item(service: Service) -> Referred:
    """An item that is made rests on the income account that was confirmed for it."""
    key = str(service.id)
    return Referred(MappingSubject.NEW_ITEM_ACCOUNT, key, f"the service {service.name}")


def by_account(account: LedgerAccount) -> Referred:
    """What books to a ledger account rests on the account chosen for it."""
    return Referred(MappingSubject.LEDGER_ACCOUNT, str(account.id), f"the ledger account {account}")


def by_method(payment: Payment) -> Referred:
    """A payment rests on its method."""
    label = f"payments by {payment.get_method_display().lower()}"
    return Referred(MappingSubject.PAYMENT_METHOD, payment.method, label)


def deposit_accounts(payment: Payment) -> Iterator[Referred]:
    """Where its money may go, in the order in which that is looked for; it rests on one of them."""
    by_method = f"payments by {payment.get_method_display().lower()}"
    yield Referred(MappingSubject.DEPOSIT_ACCOUNT, payment.method, by_method)
    in_currency = f"payments in {payment.currency}"
    yield Referred(MappingSubject.DEPOSIT_ACCOUNT, payment.currency, in_currency)
    yield DEPOSIT_ACCOUNT


def refund_accounts(refund: Refund) -> Iterator[Referred]:
    """What it may be paid from, likewise."""
    label = f"the account refunds in {refund.currency} are paid from"
    yield Referred(MappingSubject.REFUND_ACCOUNT, refund.currency, label)
    yield REFUND_ACCOUNT


def by_class(service: Service) -> Referred:
    """A line rests on the class of its service."""
    key = str(service.id)
    return Referred(MappingSubject.SERVICE_CLASS, key, f"the class of the service {service.name}")


def by_location(location: Location) -> Referred:
    """An invoice rests on the location it belongs to."""
    return Referred(MappingSubject.LOCATION, str(location.id), f"the location {location}")


DEFAULT_CLASS = Referred(MappingSubject.DEFAULT_CLASS, "", "invoices, as their default class")
DEFAULT_LOCATION = Referred(MappingSubject.DEFAULT_LOCATION, "", "invoices without a location")
UNTAXED = Referred(MappingSubject.UNTAXED, "", "lines without tax")
DEFAULT_ITEM = Referred(MappingSubject.DEFAULT_ITEM, "", "lines without an item of their own")
ADJUSTMENT_ITEM = Referred(MappingSubject.ADJUSTMENT_ITEM, "", "write-offs and rounding")
REFUND_ACCOUNT = Referred(MappingSubject.REFUND_ACCOUNT, "", "the account refunds are paid from")
REFUND_EXPENSE_ACCOUNT = Referred(MappingSubject.REFUND_EXPENSE_ACCOUNT, "", "refunds")
REFUND_TAX_CODE = Referred(MappingSubject.REFUND_TAX_CODE, "", "the purchase tax of refunds")
DEPOSIT_ACCOUNT = Referred(MappingSubject.DEPOSIT_ACCOUNT, "", "payments received")
