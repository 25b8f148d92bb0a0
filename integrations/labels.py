"""What a person calls the documents that jobs and discrepancies name by kind and id, and their fields."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from billing.models import CreditMemo, Customer, Invoice, LedgerAccount, Payment, Refund, Service
from integrations.documents import Kind
from integrations.models import MirrorEntry

Key = tuple[str, UUID]

NAMES = {
    Kind.CUSTOMER: "Customer",
    Kind.ACCOUNT: "Account",
    Kind.ITEM: "Item",
    Kind.INVOICE: "Invoice",
    Kind.CREDIT_MEMO: "Credit memo",
    Kind.PAYMENT: "Payment",
    Kind.EXPENSE: "Refund",
    Kind.REFUND_RECEIPT: "Refund",
    Kind.MAIL: "E-mail of invoice",
}

FIELDS = {
    "number": "Number",
    "issued_on": "Invoice date",
    "due_on": "Due date",
    "received_on": "Received",
    "paid_on": "Paid back",
    "customer_memo": "Notes to the customer",
    "memo": "Internal memo",
    "lines": "Lines",
    "tax": "Tax",
    "exchange_rate": "Exchange rate",
    "deposit": "Deposit",
    "amount": "Amount",
    "applications": "Invoices it pays",
    "credits": "Credit it uses",
    "reference": "Reference",
    "customer": "Customer",
    "email": "E-mail address",
    "term": "Payment terms",
    "tracking_class": "Class",
    "location": "Location",
    "custom_fields": "Custom fields",
    "method": "Payment method",
    "deposit_account": "Deposit account",
    "account": "Paid from",
    "expense_account": "Booked to",
    "contact_name": "Contact name",
    "phone": "Phone",
    "address": "Address",
    "notes": "Notes",
}


def labels(keys: Iterable[Key]) -> dict[Key, str]:
    """Invoice INV-1042 and the like, in one query for each kind; what is gone has its kind alone."""
    by_kind: dict[str, list[UUID]] = {}
    for kind, local_id in keys:
        by_kind.setdefault(kind, []).append(local_id)
    return {
        (kind, local_id): f"{NAMES[Kind(kind)]} {known.get(local_id, '')}".strip()
        for kind, ids in by_kind.items()
        for known in [_known(kind, ids)]
        for local_id in ids
    }


def of_fields(names: Collection[str]) -> list[str]:
    """What these fields of a document are called, in the order of the page."""
    return [label for name, label in FIELDS.items() if name in names]


def _known(kind: str, ids: list[UUID]) -> dict[UUID, str]:
    match kind:
        case Kind.INVOICE | Kind.MAIL:
            return dict(Invoice.objects.filter(pk__in=ids).values_list("pk", "number"))
        case Kind.EXPENSE | Kind.REFUND_RECEIPT:
            return dict(Refund.objects.filter(pk__in=ids).values_list("pk", "number"))
        case Kind.CREDIT_MEMO:
            return dict(CreditMemo.objects.filter(pk__in=ids).values_list("pk", "number"))
        case Kind.CUSTOMER:
            return dict(Customer.objects.filter(pk__in=ids).values_list("pk", "name"))
        case Kind.ITEM:
            services = Service.objects.filter(pk__in=ids).values_list("pk", "name")
            return {**_entries(ids), **_accounts(ids), **dict(services)}
        case Kind.ACCOUNT:
            return {**_entries(ids), **_accounts(ids)}
        case Kind.PAYMENT:
            return {
                each.pk: _payment(each)
                for each in Payment.objects.filter(pk__in=ids).select_related("customer")
            }
    return {}


def _entries(ids: list[UUID]) -> dict[UUID, str]:
    """Of their lists, that are made active again and are nothing of ours."""
    return dict(MirrorEntry.objects.filter(pk__in=ids).values_list("pk", "name"))


def _accounts(ids: list[UUID]) -> dict[UUID, str]:
    return {each.pk: str(each) for each in LedgerAccount.objects.filter(pk__in=ids)}


def _payment(payment: Any) -> str:
    return f"of {payment.amount} from {payment.customer.name}"
