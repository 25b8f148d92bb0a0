"""The choices of the mapping page: what of ours each is for, and which of the company's entries it offers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from billing.models import LedgerAccount, Location, Method, Service, TaxRegion, Term
from integrations.documents import UNITED_STATES, ListKind
from integrations.models import Connection, MappingSubject, MirrorEntry
from integrations.outbound import custom_fields, purchase_tax, tax_codes
from integrations.outbound.mirror import BANK, FOR_PURCHASES, name_key
from integrations.outbound.new_entries import ACCOUNT_TYPES
from integrations.outbound.pay_now import other_processor
from integrations.outbound.referred import LIST_OF

# In the file of the rules: what stands alone, or for all that has no choice of its own.
DEFAULT = "default"
SELLABLE = ("Service", "NonInventory", "Inventory")
INCOME_TYPES = ("Income", "Other Income")
# Where QuickBooks takes money that was received (reference quickbooks 5.6).
MONEY_TYPES = (BANK, "Other Current Asset")
# Which of their accounts one of ours can stand for (reference quickbooks 5.3).
TYPES_OF = {
    LedgerAccount.Kind.INCOME: INCOME_TYPES,
    LedgerAccount.Kind.EXPENSE: ("Expense", "Other Expense", "Cost of Goods Sold"),
    LedgerAccount.Kind.ASSET: ("Bank", "Other Current Asset", "Fixed Asset", "Other Asset"),
    LedgerAccount.Kind.LIABILITY: (
        "Other Current Liability",
        "Long Term Liability",
        "Credit Card",
    ),
    LedgerAccount.Kind.EQUITY: ("Equity",),
}

LINES = "What invoice lines book against"
SERVICES = "Items of your services"
ACCOUNTS = "Your ledger accounts"
TAXES = "Tax codes"
TERMS = "Payment terms"
PAYMENTS = "Payments received"
CLASSES = "Classes"
LOCATIONS = "Locations"
CUSTOM_FIELDS = "Custom fields"
REFUNDS = "Refunds"
# More to choose from are shown once somebody wants to choose: as many selects of thousands each would be megabytes.
MOST_SHOWN = 200
# Of theirs, what stands for one thing of ours alone; with how it is said that it does.
USED_ONCE: dict[str, str] = {
    MappingSubject.LOCATION: "stands for another location",
    MappingSubject.CUSTOM_FIELD: "holds something else",
}
EXPENSE_TYPES = ("Expense", "Other Expense", "Cost of Goods Sold", "Income", "Other Income")


class Entries(tuple[MirrorEntry, ...]):  # noqa: SLOT001 -- keeps by what they are found
    """Entries of theirs to choose from, found by id and by name. All choices that offer the same ones share them."""

    @cached_property
    def by_id(self) -> dict[str, MirrorEntry]:
        return {one.remote_id: one for one in self}

    def called(self, name: str) -> Sequence[MirrorEntry]:
        """Those of this name."""
        return self._by_name.get(name_key(name), ())

    @cached_property
    def _by_name(self) -> dict[str, list[MirrorEntry]]:
        found: dict[str, list[MirrorEntry]] = {}
        for one in self:
            found.setdefault(one.name_key, []).append(one)
        return found


@dataclass(frozen=True)
class Slot:
    """One choice on the page: what is mapped, to which entries of theirs, and what an empty choice means.

    ``ours`` is our name for it, in case an entry of theirs bears the same. ``place`` tells it apart on the page where
    our key would invite a browser to fill in a card (R-37). ``create`` names the page on which one is made over there.
    ``word`` is how the file of the rules calls ours.
    """

    subject: MappingSubject
    group: str
    label: str
    nothing: str
    entries: Entries = field(repr=False)
    local_key: str = ""
    help_text: str = ""
    ours: str = ""
    place: str = ""
    create: str = ""
    word: str = DEFAULT

    @property
    def name(self) -> str:
        key = self.place or self.local_key
        return f"{self.subject}_{key}" if key else str(self.subject)

    @property
    def kind(self) -> ListKind:
        return LIST_OF[self.subject]

    @property
    def is_long(self) -> bool:
        """Whether it offers too much to be shown beside others."""
        return len(self.entries) > MOST_SHOWN

    def name_of(self, remote_id: str) -> str:
        """How the entry of this id is called; empty when it is not among those to choose from."""
        entry = self.entries.by_id.get(remote_id)
        return entry.name if entry else ""

    def named(self, name: str) -> MirrorEntry | None:
        """The entry of this name, the first of several."""
        return next(iter(self.entries.called(name)), None)


@dataclass(frozen=True)
class Lists:
    """The active entries of the company's lists, by name, read once for the whole page."""

    entries: dict[ListKind, Entries]
    _typed: dict[tuple[ListKind, tuple[str, ...]], Entries] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection, *kinds: ListKind) -> "Lists":
        """These lists, all without any named."""
        rows = MirrorEntry.objects.filter(connection=connection, active=True)
        entries: dict[ListKind, list[MirrorEntry]] = {}
        for row in rows.filter(kind__in=set(kinds or LIST_OF.values())).order_by("name"):
            entries.setdefault(ListKind(row.kind), []).append(row)
        return cls({kind: Entries(found) for kind, found in entries.items()})

    def all(self, kind: ListKind) -> Entries:
        return self.entries.get(kind, Entries())

    def typed(self, kind: ListKind, *types: str) -> Entries:
        """Those of these types of theirs, the same ones each time."""
        if (kind, types) not in self._typed:
            of_types = (one for one in self.all(kind) if one.detail.get("type") in types)
            self._typed[kind, types] = Entries(of_types)
        return self._typed[kind, types]


def slots(connection: Connection, only: str = "") -> list[Slot]:
    """All choices there are for this company, in the order of the page; with ``only`` the one of this name."""
    parts = {
        part: subjects
        for part, subjects in _PARTS.items()
        if not only or only.startswith(tuple(subjects))
    }
    if not parts:
        return []
    lists = Lists.of(connection, *(LIST_OF[one] for subjects in parts.values() for one in subjects))
    found = (slot for part in parts for slot in part(connection, lists))
    return [slot for slot in found if only in ("", slot.name)]


def _lines(connection: Connection, lists: Lists) -> Iterator[Slot]:
    yield Slot(
        MappingSubject.DEFAULT_ITEM,
        LINES,
        "Default service item",
        "First active Service item",
        lists.typed(ListKind.ITEM, "Service"),
        help_text="Lines without an item of their own book against it, so it decides the income account.",
    )
    yield Slot(
        MappingSubject.ADJUSTMENT_ITEM,
        LINES,
        "Item for write-offs and rounding",
        "The default service item",
        lists.typed(ListKind.ITEM, *SELLABLE),
        help_text="What is added or taken off so that the sum comes out books against it.",
    )
    yield Slot(
        MappingSubject.DEFAULT_INCOME_ACCOUNT,
        LINES,
        "Default income account",
        "None",
        lists.typed(ListKind.ACCOUNT, *INCOME_TYPES),
        help_text="For your reference only: it is never sent, because the item decides the account.",
    )
    items = lists.typed(ListKind.ITEM, *SELLABLE)
    for service in Service.objects.filter(active=True).order_by("name"):
        yield Slot(
            MappingSubject.SERVICE,
            SERVICES,
            f"Item for {service.name}",
            "The default service item",
            items,
            local_key=str(service.pk),
            ours=service.name,
            create="integrations:new_item",
            word=service.name,
        )


def _accounts(connection: Connection, lists: Lists) -> Iterator[Slot]:
    for account in LedgerAccount.objects.order_by("code"):
        kind = LedgerAccount.Kind(account.kind)
        yield Slot(
            MappingSubject.LEDGER_ACCOUNT,
            ACCOUNTS,
            f"Account for {account}",
            "None",
            lists.typed(ListKind.ACCOUNT, *TYPES_OF[kind]),
            local_key=str(account.pk),
            ours=account.name,
            create="integrations:new_account" if kind in ACCOUNT_TYPES else "",
            word=account.code,
        )


def _taxes(connection: Connection, lists: Lists) -> Iterator[Slot]:
    """Outside the United States every line bears one of the company's tax codes, in it the invoice.

    Not offered are codes for purchases, hidden ones, and QuickBooks' own marks for lines.
    """
    company = connection.company_settings()
    if not tax_codes.are_chosen(company):
        return
    codes = Entries(one for one in lists.all(ListKind.TAX_CODE) if _is_for_sales(one))
    for region in TaxRegion.objects.order_by("name"):
        yield Slot(
            MappingSubject.TAX_REGION,
            TAXES,
            f"Tax code for {region.name}",
            "The code of the same name",
            codes,
            local_key=str(region.pk),
            word=region.name,
        )
    if company.country != UNITED_STATES:
        yield Slot(
            MappingSubject.UNTAXED,
            TAXES,
            "Tax code for lines without tax",
            "The code named Exempt",
            codes,
        )


def _is_for_sales(code: MirrorEntry) -> bool:
    is_chosen = code.remote_id.isdigit() and code.detail.get("hidden") != "true"
    return is_chosen and FOR_PURCHASES not in code.detail


def _terms(connection: Connection, lists: Lists) -> Iterator[Slot]:
    for term in Term.objects.order_by("due_days", "name"):
        yield Slot(
            MappingSubject.TERM,
            TERMS,
            f"Terms for {term.name}",
            "The terms of the same name, if there are any",
            lists.all(ListKind.TERM),
            local_key=str(term.pk),
            word=term.name,
        )


def _classes(connection: Connection, lists: Lists) -> Iterator[Slot]:
    """Where the company has them switched on; by service only where each line bears its own."""
    company, classes = connection.company_settings(), lists.all(ListKind.CLASS)
    if not (company.class_per_line or company.class_per_document):
        return
    yield Slot(
        MappingSubject.DEFAULT_CLASS,
        CLASSES,
        "Default class",
        "None",
        classes,
        help_text="Every invoice that is sent from now on bears it.",
    )
    if not company.class_per_line:
        return
    for service in Service.objects.filter(active=True).order_by("name"):
        yield Slot(
            MappingSubject.SERVICE_CLASS,
            CLASSES,
            f"Class for {service.name}",
            "The default class",
            classes,
            local_key=str(service.pk),
            word=service.name,
        )


def _locations(connection: Connection, lists: Lists) -> Iterator[Slot]:
    """Where the company has them switched on; QuickBooks' API calls them departments."""
    if not connection.company_settings().tracks_locations:
        return
    departments = lists.all(ListKind.DEPARTMENT)
    yield Slot(
        MappingSubject.DEFAULT_LOCATION,
        LOCATIONS,
        "Default location",
        "None",
        departments,
        help_text="Invoices without a location of their own bear it.",
    )
    for location in Location.objects.order_by("name"):
        yield Slot(
            MappingSubject.LOCATION,
            LOCATIONS,
            f"QuickBooks location for {location.name}",
            "The default location",
            departments,
            local_key=str(location.pk),
            ours=location.name,
            word=location.name,
        )


def _custom_fields(connection: Connection, lists: Lists) -> Iterator[Slot]:
    """Where the company has any in use on its sales forms."""
    fields = lists.all(ListKind.CUSTOM_FIELD)
    for key, (label, _) in custom_fields.FILLED.items():
        if fields:
            yield Slot(
                MappingSubject.CUSTOM_FIELD,
                CUSTOM_FIELDS,
                f"Custom field for {label}",
                "None",
                fields,
                local_key=key,
                help_text="What stands in it on an invoice that is sent comes from here.",
                ours=label,
                word=key,
            )


def _payments(connection: Connection, lists: Lists) -> Iterator[Slot]:
    accounts = lists.typed(ListKind.ACCOUNT, *MONEY_TYPES)
    yield Slot(
        MappingSubject.DEPOSIT_ACCOUNT,
        PAYMENTS,
        "Deposit account",
        "QuickBooks' own: undeposited funds",
        accounts,
        help_text=f"{_advice()} A payment that is in QuickBooks already stays where it is.",
    )
    for currency, in_it in _by_currency(connection, accounts):
        yield Slot(
            MappingSubject.DEPOSIT_ACCOUNT,
            PAYMENTS,
            f"Deposit account for {currency}",
            f"The others, where they take {currency}",
            in_it,
            local_key=currency,
            word=currency,
        )
    for place, method in enumerate(Method, start=1):
        yield Slot(
            MappingSubject.PAYMENT_METHOD,
            PAYMENTS,
            f"Payment method for {method.label}",
            "The method of that name, if there is one",
            lists.all(ListKind.PAYMENT_METHOD),
            local_key=method.value,
            place=str(place),
            word=method.value,
        )
        yield Slot(
            MappingSubject.DEPOSIT_ACCOUNT,
            PAYMENTS,
            f"Deposit account for {method.label}",
            "The deposit account above",
            accounts,
            local_key=method.value,
            place=str(place),
            word=method.value,
        )


def _advice() -> str:
    """Which account to take depends on how the money comes (C-19)."""
    if other_processor():
        return (
            "The bank account in which payments recorded here are put. Choose the one that receives the payouts of "
            "your payment processor."
        )
    return (
        "The bank account in which payments recorded here are put. Choose the one your customers pay into; without a "
        "choice checks and transfers wait in undeposited funds until you reconcile them."
    )


def _by_currency(connection: Connection, accounts: Entries) -> list[tuple[str, Entries]]:
    """Those that keep another currency than the company's, by currency."""
    home = connection.company_settings().currency
    found: dict[str, list[MirrorEntry]] = {}
    for one in accounts:
        found.setdefault(one.detail.get("currency") or home, []).append(one)
    others = sorted(found.keys() - {home})
    return [(currency, Entries(found[currency])) for currency in others]


def _refunds(connection: Connection, lists: Lists) -> Iterator[Slot]:
    banks = lists.typed(ListKind.ACCOUNT, BANK)
    yield Slot(
        MappingSubject.REFUND_ACCOUNT,
        REFUNDS,
        "Refunds are paid from",
        "The account that the payment went to",
        banks,
        help_text="QuickBooks takes expenses from bank accounts only.",
    )
    for currency, in_it in _by_currency(connection, banks):
        yield Slot(
            MappingSubject.REFUND_ACCOUNT,
            REFUNDS,
            f"Refunds in {currency} are paid from",
            "The account above, where it takes them",
            in_it,
            local_key=currency,
            word=currency,
        )
    yield Slot(
        MappingSubject.REFUND_EXPENSE_ACCOUNT,
        REFUNDS,
        "Expense account of refunds",
        "None: refunds that are expenses wait",
        lists.typed(ListKind.ACCOUNT, *EXPENSE_TYPES),
        help_text="Where the sync rules post refunds as expenses, they are booked to it.",
    )
    if connection.company_settings().country != UNITED_STATES:
        codes = lists.all(ListKind.TAX_CODE)
        yield Slot(
            MappingSubject.REFUND_TAX_CODE,
            REFUNDS,
            "Purchase tax of refunds",
            "None: expenses bear no tax",
            Entries(one for one in codes if one.detail.get(purchase_tax.RATES)),
            help_text="The amount of a refund that is an expense holds the tax of this code.",
        )


# In the order of the page, with what each maps.
_PARTS: dict[Callable[[Connection, Lists], Iterator[Slot]], tuple[MappingSubject, ...]] = {
    _lines: (
        MappingSubject.DEFAULT_ITEM,
        MappingSubject.ADJUSTMENT_ITEM,
        MappingSubject.DEFAULT_INCOME_ACCOUNT,
        MappingSubject.SERVICE,
    ),
    _accounts: (MappingSubject.LEDGER_ACCOUNT,),
    _taxes: (MappingSubject.TAX_REGION, MappingSubject.UNTAXED),
    _terms: (MappingSubject.TERM,),
    _payments: (MappingSubject.DEPOSIT_ACCOUNT, MappingSubject.PAYMENT_METHOD),
    _classes: (MappingSubject.DEFAULT_CLASS, MappingSubject.SERVICE_CLASS),
    _locations: (MappingSubject.DEFAULT_LOCATION, MappingSubject.LOCATION),
    _custom_fields: (MappingSubject.CUSTOM_FIELD,),
    _refunds: (
        MappingSubject.REFUND_ACCOUNT,
        MappingSubject.REFUND_EXPENSE_ACCOUNT,
        MappingSubject.REFUND_TAX_CODE,
    ),
}
