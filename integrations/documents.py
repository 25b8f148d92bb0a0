"""One vocabulary for both directions: what we would send and what they hold are the same values.

Drift is then the difference between two values, and an echo is an equal fingerprint. References from one document to
another are the other side's ids, resolved through links before a document is built. Nothing here knows a vendor.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from billing.money import Money


class Kind(StrEnum):
    """The kinds of document that exist on both sides, in the order they depend on each other."""

    CUSTOMER = "customer"
    ACCOUNT = "account"
    ITEM = "item"
    INVOICE = "invoice"
    CREDIT_MEMO = "creditmemo"
    PAYMENT = "payment"
    EXPENSE = "expense"
    REFUND_RECEIPT = "refundreceipt"
    MAIL = "mail"


class ListKind(StrEnum):
    """The other side's lists that we keep a mirror of and only refer to."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    EMPLOYEE = "employee"
    ITEM = "item"
    ACCOUNT = "account"
    CLASS = "class"
    DEPARTMENT = "department"
    TERM = "term"
    PAYMENT_METHOD = "payment_method"
    TAX_CODE = "tax_code"
    CUSTOM_FIELD = "custom_field"


# What is read as a list; custom fields are among the settings of a company.
LISTS: tuple[ListKind, ...] = tuple(kind for kind in ListKind if kind is not ListKind.CUSTOM_FIELD)


class Settings(StrEnum):
    """What of a company is neither a document nor a list, and can change, too."""

    COMPANY = "company"


class Operation(StrEnum):
    """What a write does over there."""

    CREATE = "create"
    UPDATE = "update"
    VOID = "void"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; an empty string means not given."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class CustomerDocument:
    """A customer; ``name`` is unique over there, also among those that are not ``active`` any more.

    ``currency`` is empty for that of the company; it never changes. ``parent`` is the other side's id of the customer
    that it is a part of.
    """

    name: str
    company_name: str = ""
    contact_name: str = ""
    email: str = ""
    phone: str = ""
    address: Address = Address()
    notes: str = ""
    currency: str = ""
    active: bool = True
    parent: str = ""


@dataclass(frozen=True, slots=True)
class LineDocument:
    """One line of an invoice or credit memo. ``amount`` is quantity x unit price, rounded half up to the minor unit.

    Where each line has a tax code of its own (outside the US), a ``taxable`` line bears the document's and
    ``tax_code`` names another one, such as the code for what is not taxed. ``tracking_class`` is the id of their class.
    A ``discount`` is the last line and below zero; ``taxable`` then says that tax is computed after it.
    ``gross`` is the amount with its tax where prices are said with it; of theirs it is not read.
    """

    item: str
    description: str
    amount: Money
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    taxable: bool = False
    tax_code: str = ""
    tracking_class: str = ""
    discount: bool = False
    percent: Decimal | None = None
    gross: Money | None = None


@dataclass(frozen=True, slots=True)
class CustomField:
    """What stands in one of the company's own fields, named by the id of its definition; never empty."""

    id: str
    value: str


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """An invoice. ``customer`` is the other side's id. A voided one keeps its number and has no lines.

    ``tracking_class`` and ``location`` are ids of theirs; the class stands here where it is kept once per document.
    ``tax`` is None where the other side is left to compute it, ``exchange_rate`` where it has its own or needs none.
    ``custom_fields`` are in the order of their ids.
    """

    number: str
    customer: str
    issued_on: date
    due_on: date
    currency: str
    lines: tuple[LineDocument, ...] = ()
    tax: Money | None = None
    tax_code: str = ""
    customer_memo: str = ""
    memo: str = ""
    email: str = ""
    term: str = ""
    tracking_class: str = ""
    location: str = ""
    pay_by_card: bool = False
    pay_by_bank: bool = False
    voided: bool = False
    exchange_rate: Decimal | None = None
    custom_fields: tuple[CustomField, ...] = ()


@dataclass(frozen=True, slots=True)
class CreditMemoDocument:
    """What a customer is owed back, by lines as of an invoice. A voided one has no lines.

    ``tracking_class``, ``location`` and a ``tax`` of None are as of an invoice.
    """

    number: str
    customer: str
    issued_on: date
    currency: str
    lines: tuple[LineDocument, ...] = ()
    tax: Money | None = None
    tax_code: str = ""
    customer_memo: str = ""
    memo: str = ""
    email: str = ""
    tracking_class: str = ""
    location: str = ""
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Application:
    """The part of a payment that settles one invoice, named by the other side's id."""

    invoice: str
    amount: Money


@dataclass(frozen=True, slots=True)
class UsedCredit:
    """The part of a credit memo that a payment puts on invoices, named by the other side's id."""

    credit_memo: str
    amount: Money


@dataclass(frozen=True, slots=True)
class OtherPart:
    """What a payment is linked with over there besides: the word and id they have for it. ``amount`` is above zero
    for what adds to the payment, such as a journal entry's credit, and below for what takes from it.
    """

    what: str
    id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PaymentDocument:
    """Money received from a customer, and credit that is used. What ``applications`` leave over is unapplied.

    One over nothing only puts ``credits`` on invoices.
    """

    customer: str
    received_on: date
    amount: Money
    applications: tuple[Application, ...] = ()
    method: str = ""
    reference: str = ""
    memo: str = ""
    deposit_account: str = ""
    credits: tuple[UsedCredit, ...] = ()
    others: tuple[OtherPart, ...] = ()
    voided: bool = False
    exchange_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ExpenseDocument:
    """Money paid back to a customer, as an expense: from ``account``, booked to ``expense_account``."""

    number: str
    customer: str
    paid_on: date
    amount: Money
    account: str = ""
    expense_account: str = ""
    memo: str = ""
    voided: bool = False


@dataclass(frozen=True, slots=True)
class RefundReceiptDocument:
    """Money paid back to a customer, as a sale the other way round: from ``account``, by lines as of an invoice."""

    number: str
    customer: str
    paid_on: date
    currency: str
    lines: tuple[LineDocument, ...] = ()
    tax: Money | None = None
    tax_code: str = ""
    account: str = ""
    method: str = ""
    reference: str = ""
    memo: str = ""
    voided: bool = False


@dataclass(frozen=True, slots=True)
class ItemDocument:
    """A product or service that lines book against; it decides the income account.

    What is None is left to the other side. ``unit_price`` is in major units.
    """

    name: str
    type: str = "Service"
    income_account: str = ""
    description: str | None = None
    unit_price: Decimal | None = None
    taxable: bool | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class AccountDocument:
    """An account of the chart; ``name`` is unique over there."""

    name: str
    type: str = "Income"
    active: bool = True


@dataclass(frozen=True, slots=True)
class MailDocument:
    """The e-mail of an invoice, as asked for at ``asked_at``. ``sent_to`` and ``sent_at`` are known once it is out."""

    invoice: str
    asked_at: datetime
    sent_to: str = ""
    sent_at: datetime | None = None


Document = (
    CustomerDocument
    | AccountDocument
    | ItemDocument
    | InvoiceDocument
    | CreditMemoDocument
    | PaymentDocument
    | ExpenseDocument
    | RefundReceiptDocument
    | MailDocument
)

KIND_OF: dict[type, Kind] = {
    CustomerDocument: Kind.CUSTOMER,
    AccountDocument: Kind.ACCOUNT,
    ItemDocument: Kind.ITEM,
    InvoiceDocument: Kind.INVOICE,
    CreditMemoDocument: Kind.CREDIT_MEMO,
    PaymentDocument: Kind.PAYMENT,
    ExpenseDocument: Kind.EXPENSE,
    RefundReceiptDocument: Kind.REFUND_RECEIPT,
    MailDocument: Kind.MAIL,
}


def holder_of(kind: Kind) -> Kind:
    """The kind of what they hold of it: an e-mail leaves its trace on the invoice alone."""
    return Kind.INVOICE if kind is Kind.MAIL else kind


def called(kind: Kind) -> str:
    """What staff call one of this kind, in the middle of a sentence."""
    return {Kind.CREDIT_MEMO: "credit memo", Kind.REFUND_RECEIPT: "refund receipt"}.get(kind, kind)


def kind_of(document: Document) -> Kind:
    """The kind a document belongs to."""
    return KIND_OF[type(document)]


@dataclass(frozen=True, slots=True)
class Held:
    """A document as the other side holds it.

    ``version`` is what an update must quote; ``marker`` is ours when we made it; ``total`` and ``balance`` are computed
    over there. ``document`` is None when it was deleted. ``number`` is what it bears over there, which is not the
    document's when they count for themselves. Only customers, accounts and items can be inactive. ``untouched``
    says that it is as it was made: never changed, sent or paid, and nothing refers to it.
    ``settled_by`` are the payments on it.
    """

    kind: Kind
    id: str
    version: str
    document: Document | None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    marker: str = ""
    total: Money | None = None
    balance: Money | None = None
    unapplied: Money | None = None
    emailed_at: datetime | None = None
    number: str = ""
    active: bool = True
    untouched: bool = False
    settled_by: tuple[str, ...] = ()

    @property
    def deleted(self) -> bool:
        return self.document is None


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of a list over there, as the mirror keeps it."""

    kind: ListKind
    id: str
    name: str
    active: bool
    email: str = ""
    phone: str = ""
    detail: tuple[tuple[str, str], ...] = ()
    version: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """What we read of a company before we believe a connection, and what its settings mean for us.

    ``custom_fields`` are those of sales forms that are in use: the id of each definition, and its name.
    """

    name: str
    country: str
    currency: str
    edition: str = ""
    multicurrency: bool = False
    custom_numbers: bool = False
    automated_tax: bool = False
    uses_tax: bool = False
    online_payments: bool = False
    auto_apply_credits: bool = False
    class_per_document: bool = False
    class_per_line: bool = False
    tracks_locations: bool = False
    books_closed_on: date | None = None
    custom_fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Illegible:
    """One of their documents that has a form we cannot read; the others of its answer are none the worse."""

    kind: Kind
    id: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """One answer of the change feed. ``complete`` is False when it was silently cut off."""

    documents: tuple[Held, ...]
    entries: tuple[ListEntry, ...]
    gone_entries: tuple[tuple[ListKind, str], ...]
    server_time: datetime
    complete: bool
    illegible: tuple[Illegible, ...] = ()


# Documents of before these were told apart keep their fingerprint.
ADDED_LATER = ("exchange_rate", "unit_price", "taxable")


def fingerprint(document: Document) -> str:
    """The same 64 hex digits for the same content, whichever side it came from."""
    content = to_json(document)
    for later in ADDED_LATER:
        # What says nothing is as if it were not there.
        if content.get(later, "") is None:
            del content[later]
    if not content.get("custom_fields", True):
        # Likewise those of before there were custom fields.
        del content["custom_fields"]
    for line in content.get("lines", ()):
        if line.get("gross", "") is None:
            # Likewise those of before prices could include tax.
            del line["gross"]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def changed_fields(before: Document, after: Document) -> frozenset[str]:
    """The names of the fields in which two documents of one kind differ."""
    names = (field.name for field in fields(after))
    return frozenset(name for name in names if getattr(before, name) != getattr(after, name))


def merged(base: Document, change: Document, names: frozenset[str]) -> Document:
    """``base`` with the named fields taken from ``change``."""
    return replace(base, **{name: getattr(change, name) for name in names})


def to_json(document: Document) -> dict[str, Any]:
    """A document as plain JSON values, without loss; `from_json` is the way back."""
    return {"kind": kind_of(document).value, **_plain(document)}


def from_json(stored: dict[str, Any]) -> Document:
    """The document that `to_json` wrote."""
    values = dict(stored)
    return _READERS[Kind(values.pop("kind"))](values)


def _plain(value: Any) -> Any:
    """Written out by hand: `dataclasses.asdict` copies each value deeply, and this runs several times a push."""
    match value:
        case None | str() | int():
            return value
        case Decimal():
            return format(value.normalize(), "f")
        case date():
            return value.isoformat()
        case tuple() | list():
            return [_plain(part) for part in value]
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case _:
            return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}


def _money(value: dict[str, Any] | None) -> Money | None:
    return None if value is None else Money(value["minor"], value["currency"])


def _sure_money(value: dict[str, Any]) -> Money:
    return Money(value["minor"], value["currency"])


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _read_customer(values: dict[str, Any]) -> CustomerDocument:
    return CustomerDocument(**{**values, "address": Address(**values["address"])})


def _read_line(values: dict[str, Any]) -> LineDocument:
    return LineDocument(
        **{
            **values,
            "amount": _sure_money(values["amount"]),
            "quantity": _decimal(values["quantity"]),
            "unit_price": _decimal(values["unit_price"]),
            "percent": _decimal(values.get("percent")),
            "gross": _money(values.get("gross")),
        }
    )


def _read_invoice(values: dict[str, Any]) -> InvoiceDocument:
    return InvoiceDocument(
        **{
            **values,
            "issued_on": date.fromisoformat(values["issued_on"]),
            "due_on": date.fromisoformat(values["due_on"]),
            "lines": tuple(_read_line(line) for line in values["lines"]),
            "tax": _money(values["tax"]),
            "exchange_rate": _decimal(values.get("exchange_rate")),
            "custom_fields": tuple(CustomField(**one) for one in values.get("custom_fields", ())),
        }
    )


def _read_credit_memo(values: dict[str, Any]) -> CreditMemoDocument:
    return CreditMemoDocument(
        **{
            **values,
            "issued_on": date.fromisoformat(values["issued_on"]),
            "lines": tuple(_read_line(line) for line in values["lines"]),
            "tax": _money(values["tax"]),
        }
    )


def _read_payment(values: dict[str, Any]) -> PaymentDocument:
    values.pop("credits_applied", None)  # of rows stored before credit was told apart
    return PaymentDocument(
        **{
            **values,
            "received_on": date.fromisoformat(values["received_on"]),
            "amount": _sure_money(values["amount"]),
            "applications": tuple(
                Application(part["invoice"], _sure_money(part["amount"]))
                for part in values["applications"]
            ),
            "credits": tuple(
                UsedCredit(part["credit_memo"], _sure_money(part["amount"]))
                for part in values.get("credits", ())
            ),
            "others": tuple(
                OtherPart(part["what"], part["id"], _sure_money(part["amount"]))
                for part in values.get("others", ())
            ),
            "exchange_rate": _decimal(values.get("exchange_rate")),
        }
    )


def _read_account(values: dict[str, Any]) -> AccountDocument:
    return AccountDocument(**values)


def _read_expense(values: dict[str, Any]) -> ExpenseDocument:
    dates = {"paid_on": date.fromisoformat(values["paid_on"])}
    return ExpenseDocument(**{**values, **dates, "amount": _sure_money(values["amount"])})


def _read_refund_receipt(values: dict[str, Any]) -> RefundReceiptDocument:
    return RefundReceiptDocument(
        **{
            **values,
            "paid_on": date.fromisoformat(values["paid_on"]),
            "lines": tuple(_read_line(line) for line in values["lines"]),
            "tax": _money(values["tax"]),
        }
    )


def _read_item(values: dict[str, Any]) -> ItemDocument:
    return ItemDocument(**{**values, "unit_price": _decimal(values.get("unit_price"))})


def _read_mail(values: dict[str, Any]) -> MailDocument:
    sent_at = values["sent_at"]
    return MailDocument(
        **{
            **values,
            "asked_at": datetime.fromisoformat(values["asked_at"]),
            "sent_at": datetime.fromisoformat(sent_at) if sent_at else None,
        }
    )


_READERS: dict[Kind, Callable[[dict[str, Any]], Document]] = {
    Kind.CUSTOMER: _read_customer,
    Kind.ACCOUNT: _read_account,
    Kind.ITEM: _read_item,
    Kind.INVOICE: _read_invoice,
    Kind.CREDIT_MEMO: _read_credit_memo,
    Kind.PAYMENT: _read_payment,
    Kind.EXPENSE: _read_expense,
    Kind.REFUND_RECEIPT: _read_refund_receipt,
    Kind.MAIL: _read_mail,
}
