"""Answers from the mirror of the company's lists, so that a push asks nobody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar
from uuid import UUID

from django.db.models import Q

from billing.models import Method, TaxRegion, Term
from integrations.documents import Address, CustomerDocument, Held, Kind, ListKind
from integrations.models import Connection, Mapping, MappingSubject, MirrorEntry
from integrations.outbound.prerequisites import Missing, Need
from integrations.outbound.referred import LIST_OF, Referred

Choice = TypeVar("Choice")

LISTS_MISSING = Missing(Need.LISTS, "The lists of the QuickBooks company are still being read.")

# The lists documents take entries from by name.
NAMED = (ListKind.TERM, ListKind.TAX_CODE, ListKind.PAYMENT_METHOD)
CHOICE = ("subject", "local_key", "remote_id")
NAME = ("kind", "name_key", "remote_id")
BOOKED_TO = (
    "kind",
    "remote_id",
    "detail__income_account",
    "name",
    "detail__type",
    "detail__currency",
)
SERVICE, BANK = "Service", "Bank"

# Names QuickBooks gives new companies (reference quickbooks 5.11), for methods nobody has chosen one for.
METHOD_NAMES = {
    "cash": ("cash",),
    "check": ("check", "cheque"),
    "card": ("credit card", "card"),
    "bank_transfer": ("bank transfer", "ach", "wire"),
}

# The mark of a tax code that no sale can bear.
FOR_PURCHASES = "for_purchases"
# What QuickBooks calls a code under which nothing is due, in Canada and the United Kingdom.
EXEMPT_NAMES = ("exempt",)


def name_key(name: str) -> str:
    """The form in which names are compared: case, outer blanks and the mark of an inactive entry do not count."""
    return " ".join(name.removesuffix(" (deleted)").casefold().split())


def phone_key(phone: str) -> str:
    """The form in which phone numbers are compared: the last ten digits. Fewer than seven are no number."""
    digits = "".join(filter(str.isdecimal, phone))
    return digits[-10:] if len(digits) >= 7 else ""


def method_called(name: str) -> str:
    """What a payment method of theirs with this name is to us."""
    known = {alias: method for method, aliases in METHOD_NAMES.items() for alias in aliases}
    return known.get(name_key(name), Method.OTHER)


def chosen(connection: Connection, subject: MappingSubject, local_key: str = "") -> str | None:
    """What the admin chose for this, or None."""
    choices = Mapping.objects.filter(connection=connection, subject=subject, local_key=local_key)
    return choices.values_list("remote_id", flat=True).first()


def customer_held(connection: Connection, entry: MirrorEntry) -> Held:
    """A customer of theirs as the company's list has it."""
    texts: dict[str, str] = entry.detail
    currency = texts.get("currency", "")
    document = CustomerDocument(
        name=entry.name,
        company_name=texts.get("company_name", ""),
        contact_name=texts.get("contact_name", ""),
        email=texts.get("email", ""),
        phone=texts.get("phone", ""),
        address=Address(**{part.name: texts.get(part.name, "") for part in fields(Address)}),
        notes=texts.get("notes", ""),
        currency="" if currency == connection.company_settings().currency else currency,
        active=entry.active,
        parent=texts.get("parent", ""),
    )
    return Held(Kind.CUSTOMER, entry.remote_id, entry.remote_version, document)


def method_of(connection: Connection, remote_id: str) -> str:
    """What a payment method of theirs is to us: what the admin chose it for, else what its name says."""
    methods = MirrorEntry.objects.filter(connection=connection, kind=ListKind.PAYMENT_METHOD)
    name = methods.filter(remote_id=remote_id).values_list("name", flat=True).first() or ""
    choices = Mapping.objects.filter(connection=connection, subject=MappingSubject.PAYMENT_METHOD)
    mine = set(choices.filter(remote_id=remote_id).values_list("local_key", flat=True))
    called = method_called(name)
    return called if not mine or called in mine else min(mine)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of theirs that is in use, and the currency it keeps."""

    name: str
    type: str
    currency: str


@dataclass(frozen=True, slots=True)
class Mirror:
    """What documents refer to, read at once: the choices by (subject, our key), the ids by (list, name), the Service
    items with the income account of each, the accounts in use by id. ``currency`` is that of the company.

    ``inactive`` has the names of chosen entries that are in use no more, by (subject, our key), and
    ``inactive_accounts`` the currencies of the accounts among them, by id.
    """

    choices: dict[tuple[str, str], str]
    inactive: dict[tuple[str, str], str]
    inactive_accounts: dict[str, str]
    names: dict[tuple[str, str], str]
    service_items: dict[str, str]
    accounts: dict[str, Account]
    currency: str

    @classmethod
    def of(cls, connection: Connection) -> "Mirror":
        """The answers for one connection, as they are now."""
        entries = MirrorEntry.objects.filter(connection=connection, active=True)
        named = entries.filter(kind__in=NAMED).exclude(detail__has_key=FOR_PURCHASES)
        is_service = Q(kind=ListKind.ITEM, detail__type=SERVICE)
        booked_to = entries.filter(is_service | Q(kind=ListKind.ACCOUNT)).values_list(*BOOKED_TO)
        mapped = Mapping.objects.filter(connection=connection, subject__in=LIST_OF)
        choices = {(row[0], row[1]): row[2] for row in mapped.values_list(*CHOICE)}
        home = connection.company_settings().currency
        items: dict[str, str] = {}
        accounts: dict[str, Account] = {}
        for kind, remote_id, income_account, name, type_, currency in booked_to:
            if kind == ListKind.ITEM:
                items[remote_id] = income_account or ""
            else:
                accounts[remote_id] = Account(name, type_ or "", currency or home)
        inactive = _inactive(connection, choices)
        return cls(
            choices,
            inactive,
            _currencies(connection, {choices[one] for one in inactive}, home),
            {(row[0], row[1]): row[2] for row in named.order_by("-remote_id").values_list(*NAME)},
            items,
            accounts,
            home,
        )

    def item(self, service_id: UUID | None) -> str | None:
        """The item a line books against: that of its service, else the default one."""
        choice = self._chosen(MappingSubject.SERVICE, str(service_id)) if service_id else None
        return choice or self.default_item()

    def default_item(self) -> str | None:
        """The item lines book against: the admin's choice, else the first active Service item (R-17, R-18)."""
        choice = self._chosen(MappingSubject.DEFAULT_ITEM)
        return choice or _first(self.service_items)

    def account(self, ledger_account_id: UUID) -> str | None:
        """The account that was chosen for a ledger account of ours."""
        return self._chosen(MappingSubject.LEDGER_ACCOUNT, str(ledger_account_id))

    def item_of_account(
        self, ledger_account_id: UUID, service_id: UUID | None = None
    ) -> str | None:
        """A Service item that books to the account chosen for a ledger account: that of the service, if it does."""
        account = self.account(ledger_account_id)
        fitting = [item for item, books_to in self.service_items.items() if books_to == account]
        own = self._chosen(MappingSubject.SERVICE, str(service_id)) if service_id else None
        return own if own in fitting else _first(fitting)

    def account_of_new_item(self, service_id: UUID) -> str | None:
        """The income account that was confirmed for the item of this service."""
        return self._chosen(MappingSubject.NEW_ITEM_ACCOUNT, str(service_id))

    def has_item_for(self, service_id: UUID | None) -> bool:
        """Whether this service has an item of its own."""
        return service_id is not None and (MappingSubject.SERVICE, str(service_id)) in self.choices

    def is_mapped(self, service_id: UUID | None) -> bool:
        """Whether somebody has chosen the item for lines of this service, or for those without one."""
        default = (MappingSubject.DEFAULT_ITEM, "") in self.choices
        return self.has_item_for(service_id) if service_id else default

    def gone(self, referred: Iterable[Referred]) -> tuple[Missing, ...]:
        """What is missing for each of these choices that is in use no more over there."""
        return tuple(
            Missing(
                Need.CHOICE,
                f"{theirs}, chosen for {one.label}, is no longer active in QuickBooks.",
                entry=(str(LIST_OF[one.subject]), self.choices[one.subject, one.local_key]),
            )
            for one in referred
            if (theirs := self.inactive.get((one.subject, one.local_key)))
        )

    def tax_code(self, region: TaxRegion | None) -> str | None:
        """The code for a region, or for what is not taxed: the admin's choice, else the active one of that name."""
        if region is None:
            return self._chosen(MappingSubject.UNTAXED) or self._named_exempt()
        choice = self._chosen(MappingSubject.TAX_REGION, str(region.id))
        return choice or self.find_name(ListKind.TAX_CODE, region.name)

    def term(self, term: Term | None) -> str | None:
        """The company's term for one of ours: the admin's choice, else the active one of that name."""
        if term is None:
            return None
        choice = self._chosen(MappingSubject.TERM, str(term.id))
        return choice or self.find_name(ListKind.TERM, term.name)

    def payment_method(self, method: str) -> str | None:
        """The company's payment method for one of ours: the admin's choice, else one with a name of that kind."""
        choice = self._chosen(MappingSubject.PAYMENT_METHOD, method)
        found = (
            self.find_name(ListKind.PAYMENT_METHOD, name) for name in METHOD_NAMES.get(method, ())
        )
        return choice or next(filter(None, found), None)

    def can_mean(self, remote_id: str, method: str) -> bool:
        """Whether a payment method of theirs is this one of ours: by the admin's choice, or by its name."""
        if remote_id and remote_id == self._chosen(MappingSubject.PAYMENT_METHOD, method):
            return True
        of_methods = (ListKind.PAYMENT_METHOD, remote_id)
        names = (name for (kind, name), entry in self.names.items() if (kind, entry) == of_methods)
        return method_called(next(names, "")) == method

    def deposit_accounts(self, method: str, currency: str) -> list[str]:
        """Those chosen for money paid in this way and for this currency, then the one for all."""
        return self._all_chosen(MappingSubject.DEPOSIT_ACCOUNT, method, currency, "")

    def refund_accounts(self, currency: str) -> list[str]:
        """Those chosen that refunds are paid from: of this currency, then the one for all."""
        return self._all_chosen(MappingSubject.REFUND_ACCOUNT, currency, "")

    def fitting(self, accounts: Iterable[str], currency: str) -> str | None:
        """The first that keeps this currency, else the first that keeps the company's own.

        QuickBooks takes one foreign currency in a document, beside the company's own.
        """
        kept = {one: self.accounts[one].currency for one in accounts if one in self.accounts}
        return self._first_keeping(kept, currency)

    def resting_on(self, accounts: Sequence[Referred], currency: str) -> Sequence[Referred]:
        """Of these choices the one that `fitting` takes, or would if all were in use; all where it would take none."""
        kept = {
            one: self._kept_by(account, currency)
            for one in accounts
            if (account := self.choice(one))
        }
        first = self._first_keeping(kept, currency)
        return accounts if first is None else (first,)

    def _kept_by(self, account: str, unknown: str) -> str:
        """Its currency, also where it is in use no more."""
        in_use = self.accounts.get(account)
        return in_use.currency if in_use else self.inactive_accounts.get(account, unknown)

    def _first_keeping(self, kept: dict[Choice, str], currency: str) -> Choice | None:
        ranked = (
            one for wanted in (currency, self.currency) for one in kept if kept[one] == wanted
        )
        return next(ranked, None)

    def refund_expense_account(self) -> str | None:
        """What refunds are booked to when they are expenses."""
        return self._chosen(MappingSubject.REFUND_EXPENSE_ACCOUNT)

    def _all_chosen(self, subject: MappingSubject, *local_keys: str) -> list[str]:
        return [one for key in local_keys if (one := self._chosen(subject, key))]

    def choice(self, one: Referred) -> str | None:
        """What was chosen, if anything."""
        return self._chosen(one.subject, one.local_key)

    def find_name(self, kind: ListKind, name: str) -> str | None:
        """The id of the active term, tax code or payment method of this name."""
        return self.names.get((kind, name_key(name))) if name else None

    def _chosen(self, subject: MappingSubject, local_key: str = "") -> str | None:
        return self.choices.get((subject, local_key))

    def _named_exempt(self) -> str | None:
        found = (self.find_name(ListKind.TAX_CODE, name) for name in EXEMPT_NAMES)
        return next(filter(None, found), None)


def _currencies(connection: Connection, inactive: set[str], home: str) -> dict[str, str]:
    if not inactive:
        return {}
    accounts = MirrorEntry.objects.filter(connection=connection, kind=ListKind.ACCOUNT)
    chosen = accounts.filter(remote_id__in=inactive)
    return {
        remote_id: currency or home
        for remote_id, currency in chosen.values_list("remote_id", "detail__currency")
    }


def _first(items: Iterable[str]) -> str | None:
    """The oldest of them."""
    return min(items, key=lambda one: (len(one), one), default=None)


def _inactive(
    connection: Connection, choices: dict[tuple[str, str], str]
) -> dict[tuple[str, str], str]:
    """The chosen entries that are not active, or of which the company knows nothing (any more)."""
    rows = MirrorEntry.objects.filter(connection=connection, remote_id__in=choices.values())
    found = {
        (row.kind, row.remote_id): row for row in rows.only("kind", "remote_id", "name", "active")
    }
    inactive = {}
    for (subject, key), remote_id in choices.items():
        entry = found.get((LIST_OF[MappingSubject(subject)], remote_id))
        if entry is None or not entry.active:
            inactive[subject, key] = entry.name if entry else f"Entry {remote_id}"
    return inactive
