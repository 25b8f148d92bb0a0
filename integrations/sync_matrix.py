"""Who wins, per entity and field: read off the functions that decide it, so that it cannot say anything else.

A sample of each kind of document is changed in one field on either side, and `inbound.matching.decide`, the sync rules
and `inbound.by_field.merge` say what becomes of it; of items the rules alone. Nothing is asked or sent.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from billing.money import Money
from integrations.documents import (
    AccountDocument,
    Address,
    Application,
    CreditMemoDocument,
    CustomerDocument,
    CustomField,
    Document,
    ExpenseDocument,
    Held,
    InvoiceDocument,
    ItemDocument,
    Kind,
    LineDocument,
    OtherPart,
    PaymentDocument,
    RefundReceiptDocument,
    UsedCredit,
    changed_fields,
    fingerprint,
)
from integrations.inbound import apply, by_field, customer_fields, decisions, matching, ruled
from integrations.inbound.importing import STAGES
from integrations.labels import FIELDS
from integrations.line_changes import DOCUMENTS, read_only_there
from integrations.outbound import as_ours
from integrations.outbound.composing.invoices import ONLY_THEIRS
from integrations.outbound.customer_names import kept_parent
from integrations.policies import CustomerFieldOwner, Direction, ItemOwner, ItemsThere, Policies

NOBODY = UUID(int=0)
DAY = date(2026, 3, 2)
TEN = Money(1000, "USD")
LINE = LineDocument("1", "Backup", TEN, Decimal(1), Decimal(10))
# A document keeps its currency for good.
NEVER_CHANGES = ("currency",)
DELETED = "Deleting it"
TITLES = {
    Kind.CUSTOMER: "Customers",
    Kind.ACCOUNT: "Accounts",
    Kind.ITEM: "Services and their items",
    Kind.INVOICE: "Invoices that nothing is paid on",
    Kind.CREDIT_MEMO: "Credit memos",
    Kind.PAYMENT: "Payments",
    Kind.EXPENSE: "Refunds as expenses",
    Kind.REFUND_RECEIPT: "Refunds as refund receipts",
}
LABELS = {
    **FIELDS,
    "active": "In use or not",
    "voided": "Voiding it",
    "custom_fields": "PO number and other custom fields",
    "parent": "Part of",
    "unit_price": "Price",
    "taxable": "Taxed or not",
    "others": "What else it is linked with",
}
SAMPLES: dict[Kind, Document] = {
    Kind.CUSTOMER: CustomerDocument("Adatum"),
    Kind.ACCOUNT: AccountDocument("Services"),
    Kind.ITEM: ItemDocument("Backup", "Service", "1", "", Decimal(1), taxable=False),
    Kind.INVOICE: InvoiceDocument(
        "1",
        "1",
        DAY,
        DAY,
        "USD",
        (LINE,),
        Money.zero("USD"),
        custom_fields=(CustomField("1", "PO 7"),),
        exchange_rate=Decimal(2),
        deposit=TEN,
    ),
    Kind.CREDIT_MEMO: CreditMemoDocument("1", "1", DAY, "USD", (LINE,), Money.zero("USD")),
    Kind.PAYMENT: PaymentDocument(
        "1",
        DAY,
        TEN,
        (Application("1", TEN),),
        credits=(UsedCredit("1", TEN),),
        others=(OtherPart("Deposit", "1", -TEN),),
        exchange_rate=Decimal(2),
    ),
    Kind.EXPENSE: ExpenseDocument("1", "1", DAY, TEN, tax_code="1", tax=Money.zero("USD")),
    Kind.REFUND_RECEIPT: RefundReceiptDocument("1", "1", DAY, "USD", (LINE,), Money.zero("USD")),
}


class Here(StrEnum):
    """What becomes of a change that is made here."""

    GOES = "goes to QuickBooks"
    STAYS = "stays here"
    REFUSED = "cannot be made here"


class There(StrEnum):
    """What becomes of a change that is made in QuickBooks."""

    TAKEN = "taken over here"
    TAKEN_UNLESS_BOTH = "taken over here; asked when both changed it"
    FOLLOWED = "the one it was merged into takes its place; else somebody is asked"
    UNDONE = "undone there"
    ASKED = "somebody is asked"
    STAYS = "stays there"


WINNERS = {
    (Here.GOES, There.TAKEN): "Whoever changes it last",
    (Here.GOES, There.TAKEN_UNLESS_BOTH): "Whoever changes it",
    (Here.GOES, There.UNDONE): "Regentra",
    (Here.GOES, There.ASKED): "Regentra, and a change there is asked about",
    (Here.GOES, There.STAYS): "Regentra, once it is changed here",
    (Here.STAYS, There.TAKEN): "QuickBooks",
    (Here.STAYS, There.TAKEN_UNLESS_BOTH): "QuickBooks, unless both change it",
    (Here.GOES, There.FOLLOWED): "QuickBooks",
    (Here.STAYS, There.FOLLOWED): "QuickBooks",
    (Here.STAYS, There.UNDONE): "Regentra",
    (Here.STAYS, There.ASKED): "Nobody: a change there is asked about",
    **dict.fromkeys([(Here.REFUSED, there) for there in There], "QuickBooks"),
    (Here.STAYS, There.STAYS): "Each side has its own",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What becomes of one field of a document that was made on one side."""

    here: Here
    there: There

    @property
    def winner(self) -> str:
        return WINNERS[self.here, self.there]


@dataclass(frozen=True, slots=True)
class Row:
    """One field. ``made_there`` is None where documents made in QuickBooks do not come in."""

    label: str
    made_here: Standing
    made_there: Standing | None


WAYS = {
    Direction.BOTH: "New ones go both ways.",
    Direction.PUSH: "New ones go to QuickBooks; those made there stay there.",
    Direction.PULL: "New ones come in from QuickBooks; those made here stay here.",
    Direction.OFF: "New ones stay where they are made, unless somebody asks.",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of document."""

    kind: Kind
    title: str
    rows: tuple[Row, ...]
    direction: Direction | None = None

    @property
    def way(self) -> str:
        """Which way new ones go, in words."""
        return WAYS[self.direction] if self.direction else ""

    @property
    def comes_in(self) -> bool:
        """Whether documents of this kind that were made there are here as well."""
        return self.kind in STAGES


def matrix(policies: Policies) -> list[Table]:
    """Every field of every kind, under these sync rules."""
    directions = _directions(policies)
    return [
        Table(kind, TITLES[kind], tuple(_rows(kind, sample, policies)), directions.get(kind))
        for kind, sample in SAMPLES.items()
    ]


def _directions(policies: Policies) -> dict[Kind, Direction]:
    """Which way go those that are new on one side."""
    comes = policies.items_made_there is ItemsThere.BRING_IN
    return {
        Kind.CUSTOMER: policies.customers_direction,
        Kind.ITEM: Direction.of(goes=False, comes=comes),
        Kind.INVOICE: policies.invoices_direction,
        Kind.CREDIT_MEMO: policies.credit_memos_direction,
        Kind.PAYMENT: policies.payments_direction,
    }


def _rows(kind: Kind, sample: Document, policies: Policies) -> list[Row]:
    compared = [one.name for one in fields(sample) if one.compare]
    names = [name for name in compared if name not in NEVER_CHANGES]
    changes = {label_of(name): _changed(sample, name) for name in names}
    return [
        Row(
            label,
            _standing(kind, sample, after, policies, made_by_us=True),
            _standing(kind, sample, after, policies, made_by_us=False) if kind in STAGES else None,
        )
        for label, after in [*changes.items(), (DELETED, None)]
    ]


def label_of(name: str) -> str:
    """How staff call a field."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def _standing(
    kind: Kind, sample: Document, after: Document | None, policies: Policies, *, made_by_us: bool
) -> Standing:
    return Standing(
        _here(kind, sample, after, policies, made_by_us=made_by_us),
        _there(kind, sample, after, policies, made_by_us=made_by_us),
    )


def _here(
    kind: Kind, sample: Document, after: Document | None, policies: Policies, *, made_by_us: bool
) -> Here:
    """Nothing that stands in the books is deleted here, and the chart of accounts goes only to be made."""
    if after is None or kind is Kind.ACCOUNT:
        return Here.STAYS
    if kind in DOCUMENTS and not made_by_us and read_only_there(policies):
        return Here.REFUSED
    if isinstance(after, ItemDocument):
        is_ours = changed_fields(sample, after) <= policies.items_owned_by(ItemOwner.OURS)
        return Here.GOES if is_ours else Here.STAYS
    if isinstance(after, CustomerDocument):
        held = policies.customer_fields(CustomerFieldOwner.THEIRS)
        if changed_fields(sample, after) <= held:
            return Here.STAYS
    if isinstance(after, CustomerDocument) and after.parent:
        there = kept_parent(after.parent, sample, made_by_us=made_by_us)
        return Here.GOES if there == after.parent else Here.STAYS
    if isinstance(after, InvoiceDocument) and not after.voided:
        names = changed_fields(sample, after)
        if names <= policies.fields_held_there | ONLY_THEIRS or not (
            made_by_us or _goes_back(sample, after)
        ):
            return Here.STAYS
    return Here.GOES


def _goes_back(sample: Document, after: InvoiceDocument) -> bool:
    """Whether it is among what can be changed here of an invoice that was made there."""
    assert isinstance(sample, InvoiceDocument)
    changeable = as_ours.Changeable(
        issued_on=after.issued_on,
        due_on=after.due_on,
        notes=after.customer_memo,
        memo=after.memo,
        email=after.email,
        is_void=False,
    )
    return bool(changed_fields(sample, as_ours.kept_there(sample, changeable)))


def _there(
    kind: Kind, sample: Document, after: Document | None, policies: Policies, *, made_by_us: bool
) -> There:
    if after is None and kind in (Kind.ITEM, Kind.ACCOUNT):
        # `inbound.merged_entries`: of these nothing but a merge takes one away.
        return There.FOLLOWED
    if isinstance(after, ItemDocument):
        return _of_item(changed_fields(sample, after), policies)
    if isinstance(after, CustomerDocument) and (
        shared := changed_fields(sample, after) & policies.shared_customer_fields
    ):
        return _of_customer(shared, policies)
    link = matching.LinkFacts(NOBODY, fingerprint(sample), made_by_us, void=False)
    known = ((str(1), NOBODY), (str(2), NOBODY))
    facts = matching.Facts(
        Held(kind, "1", "1", after), link=link, invoices=known, credit_memos=known
    )
    match matching.decide(facts):
        case matching.Differs(code):
            return _asked(code, sample, after, policies)
        case matching.AlreadyOurs() | matching.Ignore():
            return There.STAYS
        case matching.CustomerGone():
            return There.FOLLOWED
        case _:
            return _followed(kind, sample, after)


def _of_item(names: frozenset[str], policies: Policies) -> There:
    if names <= policies.items_owned_by(ItemOwner.OURS):
        return There.UNDONE
    return There.TAKEN if names <= policies.items_owned_by(ItemOwner.THEIRS) else There.STAYS


def _of_customer(names: frozenset[str], policies: Policies) -> There:
    if customer_fields.merge(here=(), there=names, policies=policies).send:
        return There.UNDONE
    both = customer_fields.merge(here=names, there=names, policies=policies)
    return There.TAKEN_UNLESS_BOTH if both.ask else There.TAKEN


def _followed(kind: Kind, sample: Document, after: Document | None) -> There:
    if after is None:
        return There.TAKEN
    names = changed_fields(sample, after)
    if kind is Kind.INVOICE and names & apply.REFUSED:
        return There.ASKED
    return There.TAKEN if names <= apply.FOLLOWED[kind] else There.STAYS


def _asked(code: str, sample: Document, after: Document | None, policies: Policies) -> There:
    """What the sync rules answer in somebody's stead."""
    has_rules = isinstance(sample, InvoiceDocument | CustomerDocument)
    answer = ruled.answer_to(code, policies, is_unpaid=True) if has_rules else None
    if answer is None:
        return There.ASKED
    if answer in (decisions.send_ours, decisions.make_again):
        return There.UNDONE
    if after is None or isinstance(sample, CustomerDocument):
        return There.TAKEN
    names = changed_fields(sample, after)
    if answer is decisions.put_together:
        return _by_field(names, policies)
    if names & apply.REFUSED:
        return There.ASKED
    return There.TAKEN if names <= apply.FOLLOWED[Kind.INVOICE] else There.STAYS


def _by_field(names: frozenset[str], policies: Policies) -> There:
    parts = by_field.parts_in(names)
    if names & by_field.OF_THE_WHOLE:
        return There.ASKED
    if not parts:
        return There.STAYS
    whose = partial(by_field.owner_of, policies=policies, made_by_us=True)
    if by_field.merge(here=(), there=parts, owner_of=whose).send:
        return There.UNDONE
    both = by_field.merge(here=parts, there=parts, owner_of=whose)
    return There.TAKEN_UNLESS_BOTH if both.ask else There.TAKEN


def _changed(document: Document, name: str) -> Document:
    return replace(document, **{name: _other(getattr(document, name))})


def _other(value: Any) -> Any:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case str():
            return "2"
        case Decimal():
            return value + 1
        case Money():
            return Money(value.minor + 100, value.currency)
        case date():
            return value + timedelta(days=1)
        case Address():
            return replace(value, line1="2")
        case CustomField():
            return replace(value, value="2")
        case LineDocument() | Application() | UsedCredit() | OtherPart():
            return replace(value, amount=value.amount + value.amount)
        case tuple():
            return (_other(value[0]), *value[1:])
        case _:
            raise TypeError(f"No other value than {value!r} is known.")
