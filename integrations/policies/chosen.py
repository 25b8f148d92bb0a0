"""What one organization has chosen: a value for each rule, and what follows from them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from integrations.policies.choices import (
    BY_EMAIL,
    BY_STAFF,
    FROM_THE_BEGINNING,
    Approval,
    ArchiveEffect,
    ClosedPeriod,
    CustomerCreate,
    CustomerFieldOwner,
    CustomersThere,
    CustomerTerms,
    Direction,
    DisplayName,
    DocumentsThere,
    FieldOwner,
    InactiveEntries,
    IncomeAccountUse,
    InvoicesThere,
    ItemOwner,
    ItemsThere,
    LookBack,
    MatchKeys,
    NightlyLinking,
    OAuthApp,
    PriceBasis,
    PushWhen,
    RefundPosting,
    RemoteDelete,
    RuleChanges,
    SeenWithin,
    SignChange,
    SinceDay,
    SourcesExcluded,
    SyncCadence,
    TaxMode,
    UnmappedLine,
    UnpaidEdit,
)
from integrations.policies.questions import RULES
from integrations.policies.rules import NoSuchChoice


@dataclass(frozen=True, slots=True)
class Policies:
    """The choices of one organization. Each default is what Regentra does when nobody has chosen."""

    push_when: PushWhen = PushWhen.GENERATED
    customer_create_policy: CustomerCreate = CustomerCreate.BUTTON_AND_ON_EDIT
    customer_sources_excluded: SourcesExcluded = SourcesExcluded.STOREFRONT
    customer_display_name: DisplayName = DisplayName.COMPANY
    customer_match_keys: MatchKeys = BY_EMAIL
    customers_made_there: CustomersThere = CustomersThere.STAY
    nightly_linking: NightlyLinking = NightlyLinking.ON
    customer_terms: CustomerTerms = CustomerTerms.HERE
    customer_contact_owner: CustomerFieldOwner = CustomerFieldOwner.EACH
    customer_email_owner: CustomerFieldOwner = CustomerFieldOwner.EACH
    customer_phone_owner: CustomerFieldOwner = CustomerFieldOwner.EACH
    customer_address_owner: CustomerFieldOwner = CustomerFieldOwner.EACH
    customer_notes_owner: CustomerFieldOwner = CustomerFieldOwner.EACH
    unmapped_line: UnmappedLine = UnmappedLine.DEFAULT_ITEM
    inactive_entries: InactiveEntries = InactiveEntries.ASK
    income_account_use: IncomeAccountUse = IncomeAccountUse.REFERENCE
    tax_mode: TaxMode = TaxMode.LOCAL
    price_basis: PriceBasis = PriceBasis.WITHOUT_TAX
    remote_delete_policy: RemoteDelete = RemoteDelete.EXCEPTION
    unpaid_edit_owner: UnpaidEdit = UnpaidEdit.LOCAL
    approval: Approval = Approval.NOT_NEEDED
    closed_period: ClosedPeriod = ClosedPeriod.ASK
    due_date_owner: FieldOwner = FieldOwner.ASK
    invoice_date_owner: FieldOwner = FieldOwner.ASK
    notes_owner: FieldOwner = FieldOwner.ASK
    memo_owner: FieldOwner = FieldOwner.ASK
    email_owner: FieldOwner = FieldOwner.ASK
    lines_owner: FieldOwner = FieldOwner.ASK
    custom_fields_owner: FieldOwner = FieldOwner.ASK
    archive_effect: ArchiveEffect = ArchiveEffect.NONE
    invoices_made_there: InvoicesThere = InvoicesThere.STAY
    documents_made_there: DocumentsThere = DocumentsThere.EDITABLE
    items_made_there: ItemsThere = ItemsThere.STAY
    item_name_owner: ItemOwner = ItemOwner.EACH
    item_description_owner: ItemOwner = ItemOwner.EACH
    item_price_owner: ItemOwner = ItemOwner.EACH
    item_tax_owner: ItemOwner = ItemOwner.EACH
    payment_refund_posting: RefundPosting = RefundPosting.EXCEPTION
    sign_change: SignChange = SignChange.REFUSE
    message_wording: str = "{notes}"
    memo_wording: str = "{memo}"
    sync_cadence: SyncCadence = SyncCadence.WEBHOOK
    look_back: LookBack = LookBack.TWO_WEEKS
    payments_direction: Direction = Direction.BOTH
    credit_memos_direction: Direction = Direction.BOTH
    payments_since: SinceDay = FROM_THE_BEGINNING
    oauth_app: OAuthApp = OAuthApp.PLATFORM
    seen_within: SeenWithin = SeenWithin.AS_NEEDED
    rule_changes: RuleChanges = RuleChanges.AT_ONCE

    @classmethod
    def of(cls, chosen: Mapping[str, str]) -> Self:
        """What `to_choices` wrote. Raises `NoSuchChoice` for a rule or a value that does not exist."""
        for name, value in chosen.items():
            _check(name, value)
        values: dict[str, Any] = {name: RULES[name].read(value) for name, value in chosen.items()}
        return cls(**values)

    def changed_by(self, chosen: Mapping[str, str]) -> Self:
        """The same with these choices, by the name of their rule. Raises `NoSuchChoice`."""
        return self.of({**self.to_choices(), **chosen})

    def makes_new(self, source: str) -> bool:
        """Whether a new customer of this source is made there by itself.

        Staff have the toggle before their eyes and decide by it; where nobody is asked, its default holds (T-12).
        """
        if source in self.customer_sources_excluded.sources:
            return False
        match self.customer_create_policy:
            case CustomerCreate.AUTOMATIC:
                return True
            case CustomerCreate.TOGGLE_ON:
                return source != BY_STAFF
            case _:
                return False

    def makes_edited(self, source: str) -> bool:
        """Whether editing a customer that is not there yet makes it there."""
        if self.customer_create_policy is CustomerCreate.AUTOMATIC:
            return source not in self.customer_sources_excluded.sources
        return self.customer_create_policy is CustomerCreate.BUTTON_AND_ON_EDIT

    def to_choices(self) -> dict[str, str]:
        """Every choice by the name of its rule."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self)}

    @property
    def invoices_direction(self) -> Direction:
        """What two rules say together: when an invoice goes, and what becomes of one that is made there."""
        return Direction.of(
            goes=self.push_when is not PushWhen.NEVER,
            comes=self.invoices_made_there is InvoicesThere.BRING_IN,
        )

    @property
    def customers_direction(self) -> Direction:
        """Likewise of customers."""
        return Direction.of(
            goes=self.customer_create_policy is not CustomerCreate.NEVER,
            comes=self.customers_made_there is CustomersThere.BRING_IN,
        )

    @property
    def held_there(self) -> frozenset[str]:
        """The parts of an invoice, by `OWNED`, that are changed over there alone once it is there."""
        match self.unpaid_edit_owner:
            case UnpaidEdit.LOCAL:
                return frozenset()
            case UnpaidEdit.QBO:
                return frozenset(OWNED)
            case UnpaidEdit.PER_FIELD:
                return frozenset(part for part in OWNED if self.owner_of(part) is FieldOwner.THEIRS)

    @property
    def fields_held_there(self) -> frozenset[str]:
        """The same by the fields of the document."""
        return frozenset(name for part in self.held_there for name in OWNED[part])

    def items_owned_by(self, owner: ItemOwner) -> frozenset[str]:
        """The fields of an item, as named in its document, whose owner this is."""
        return frozenset(
            field for rule, field in OWNED_OF_ITEMS.items() if getattr(self, rule) is owner
        )

    def customer_fields(self, owner: CustomerFieldOwner) -> frozenset[str]:
        """The fields of a customer, as named in its document, whose owner this is."""
        return frozenset(
            field for rule, field in OWNED_OF_CUSTOMERS.items() if getattr(self, rule) is owner
        )

    @property
    def shared_customer_fields(self) -> frozenset[str]:
        """Those that are kept equal on both sides."""
        each = self.customer_fields(CustomerFieldOwner.EACH)
        return frozenset(OWNED_OF_CUSTOMERS.values()) - each

    def owner_of(self, part: str) -> FieldOwner:
        """Whose version of a part holds, by the name of its rule."""
        owner: FieldOwner = getattr(self, part)
        return owner


# The parts of an invoice that have an owner, by the rule that says who it is, with the fields of the document.
OWNED: dict[str, tuple[str, ...]] = {
    "due_date_owner": ("due_on",),
    "invoice_date_owner": ("issued_on",),
    "notes_owner": ("customer_memo",),
    "memo_owner": ("memo",),
    "email_owner": ("email",),
    "lines_owner": ("lines", "tax", "tax_code"),
    "custom_fields_owner": ("custom_fields",),
}

# The texts of an invoice that an organization words itself, by the rule that says how; with the name of the text.
WORDED = {"message_wording": "notes", "memo_wording": "memo"}


# The fields of a service and its item that have an owner, by the rule that says who it is.
OWNED_OF_ITEMS: dict[str, str] = {
    "item_name_owner": "name",
    "item_description_owner": "description",
    "item_price_owner": "unit_price",
    "item_tax_owner": "taxable",
}


# The fields of a customer that have an owner, by the rule that says who it is.
OWNED_OF_CUSTOMERS: dict[str, str] = {
    "customer_contact_owner": "contact_name",
    "customer_email_owner": "email",
    "customer_phone_owner": "phone",
    "customer_address_owner": "address",
    "customer_notes_owner": "notes",
}


def changes(before: Policies, after: Policies) -> dict[str, tuple[str, str]]:
    """Which rules differ, each with its old and its new value."""
    old, new = before.to_choices(), after.to_choices()
    return {name: (old[name], new[name]) for name in new if old[name] != new[name]}


def _check(name: str, value: Any) -> None:
    if name not in RULES:
        raise NoSuchChoice(f"There is no rule “{name}”. There are: {', '.join(RULES)}.", name)
    if not RULES[name].accepts(value):
        raise NoSuchChoice(f"“{name}” {RULES[name].refusal(value)}", name)
