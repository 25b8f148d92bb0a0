"""What a document says, the same value for both directions. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from billing.money import Money
from integrations.documents.kinds import Kind


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
    ``custom_fields`` are in the order of their ids. ``deposit`` is what was paid down on the invoice itself, above
    zero, and ``deposit_account`` where that money went; only they can say it. An account alone is no difference.
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
    deposit: Money | None = None
    deposit_account: str = field(default="", compare=False)


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
    """Money paid back to a customer, as an expense: from ``account``, booked to ``expense_account``.

    ``tax`` is the part of the amount that is purchase tax by ``tax_code``; None without one.
    """

    number: str
    customer: str
    paid_on: date
    amount: Money
    account: str = ""
    expense_account: str = ""
    memo: str = ""
    tax_code: str = ""
    tax: Money | None = None
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
    tracking_class: str = ""
    location: str = ""
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


def currency_of(document: Document | None) -> str:
    """The currency it is in; empty for what is in none."""
    amount = getattr(document, "amount", None)
    return str(amount.currency if amount else getattr(document, "currency", ""))


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
