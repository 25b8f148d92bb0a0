"""The values that rules can have. Pure."""

from datetime import date, timedelta
from enum import StrEnum

NOTHING = "nothing"
# The source of customers that staff enter, as `billing` names it.
BY_STAFF = "staff"


class PushWhen(StrEnum):
    """When an invoice goes to QuickBooks for the first time (C-01, C-02, C-03)."""

    GENERATED = "generated"
    FINALISED = "finalised"
    NIGHTLY = "nightly"
    PAID = "paid"
    BUTTON = "button"
    NEVER = "never"

    @property
    def takes_ticks(self) -> bool:
        """Whether ticking QuickBooks on a new invoice means anything."""
        return self not in (PushWhen.BUTTON, PushWhen.NEVER)


class CustomerCreate(StrEnum):
    """When a customer made here is made in QuickBooks (C-05)."""

    BUTTON_AND_ON_EDIT = "button_and_on_edit"
    TOGGLE_ON = "toggle_on"
    TOGGLE_OFF = "toggle_off"
    AUTOMATIC = "automatic"
    WIZARD = "wizard"
    NEVER = "never"

    @property
    def has_toggle(self) -> bool:
        """Whether the form of a customer asks whether it is to be made."""
        return self in (CustomerCreate.TOGGLE_ON, CustomerCreate.TOGGLE_OFF)

    @property
    def needs_wish(self) -> bool:
        """Whether none is made unless somebody has asked for this very one."""
        return self.has_toggle or self in (CustomerCreate.WIZARD, CustomerCreate.NEVER)

    @property
    def takes_wishes(self) -> bool:
        """Whether asking for one on its own page has it made."""
        return self not in (CustomerCreate.WIZARD, CustomerCreate.NEVER)


class DisplayName(StrEnum):
    """Under whose name a customer is made in QuickBooks (T-05)."""

    COMPANY = "company"
    CONTACT = "contact"


class SourcesExcluded(StrEnum):
    """Customers of which sources are never made in QuickBooks by themselves (C-05, T-13)."""

    STOREFRONT = "storefront"
    STOREFRONT_AND_INTAKE_FORM = "storefront,intake_form"
    NOTHING = "nothing"

    @property
    def sources(self) -> tuple[str, ...]:
        """As `billing` names them."""
        return () if self is SourcesExcluded.NOTHING else tuple(self.value.split(","))


class MatchKey(StrEnum):
    """By what a customer of ours may be recognised among theirs (C-06)."""

    EMAIL = "email"
    NAME = "name"
    PHONE = "phone"
    ID = "id"


class MatchKeys(str):
    """The keys that were chosen, in the order in which they are compared: "email,name", or "nothing"."""

    __slots__ = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return () if self == NOTHING else tuple(self.split(","))


BY_EMAIL = MatchKeys("email")


class DocumentsThere(StrEnum):
    """Whether finalised documents that were made in QuickBooks are changed here (L-88)."""

    EDITABLE = "editable"
    READ_ONLY = "read_only"


class ItemsThere(StrEnum):
    """What becomes of an item that somebody made in QuickBooks (X-11)."""

    STAY = "stay"
    BRING_IN = "bring_in"


class ItemOwner(StrEnum):
    """Whose version of one field of a service and its item holds (X-11)."""

    EACH = "each"
    OURS = "ours"
    THEIRS = "theirs"


class CustomerTerms(StrEnum):
    """Whose payment terms a customer has (X-56)."""

    HERE = "here"
    QUICKBOOKS = "quickbooks"


class CustomersThere(StrEnum):
    """What becomes of a customer that somebody made in QuickBooks (X-32)."""

    STAY = "stay"
    BRING_IN = "bring_in"


class NightlyLinking(StrEnum):
    """Whether customers are also linked in the night (T-18)."""

    ON = "on"
    OFF = "off"


class InactiveEntries(StrEnum):
    """What becomes of an item or account that is needed and inactive in QuickBooks (X-38)."""

    ASK = "ask"
    REACTIVATE = "reactivate"


class UnmappedLine(StrEnum):
    """What becomes of a line that no item was chosen for (C-15)."""

    DEFAULT_ITEM = "default_item"
    BLOCK = "block"


class IncomeAccountUse(StrEnum):
    """What decides the income account of a line (C-16)."""

    REFERENCE = "reference"
    CREATE_ITEM_PER_ACCOUNT = "create_item_per_account"


class TaxMode(StrEnum):
    """Who computes the tax of an invoice (C-17)."""

    LOCAL = "local"
    MAPPED = "mapped"
    DELEGATED = "delegated"


class PriceBasis(StrEnum):
    """Whether prices are typed with their tax (X-78)."""

    WITHOUT_TAX = "without_tax"
    WITH_TAX = "with_tax"


class RemoteDelete(StrEnum):
    """What becomes of an invoice that was deleted in QuickBooks, or a customer made inactive there (C-08)."""

    EXCEPTION = "exception"
    ARCHIVE = "archive"
    RECREATE = "recreate"


class UnpaidEdit(StrEnum):
    """Whose version holds when an unpaid invoice is changed in QuickBooks (C-04)."""

    LOCAL = "local"
    QBO = "qbo"
    PER_FIELD = "per_field"


class FieldOwner(StrEnum):
    """Whose version of one field of an invoice holds, where the rule is "field by field" (C-04, N-08)."""

    OURS = "ours"
    THEIRS = "theirs"
    ASK = "ask"


class RuleChanges(StrEnum):
    """Who has a change of the sync rules or the mapping take effect (N-14)."""

    AT_ONCE = "at_once"
    SECOND_PERSON = "second_person"


class CustomerFieldOwner(StrEnum):
    """Whose version of one field of a customer holds (N-08)."""

    EACH = "each"
    OURS = "ours"
    THEIRS = "theirs"
    ASK = "ask"


class OAuthApp(StrEnum):
    """Through whose app at Intuit companies are connected (C-10)."""

    PLATFORM = "platform"
    TENANT = "tenant"


class Approval(StrEnum):
    """Whether an invoice goes before somebody has approved it (X-58, X-67)."""

    NOT_NEEDED = "not_needed"
    NEEDED = "needed"


class ClosedPeriod(StrEnum):
    """What becomes of a document whose date lies in closed books (C-23)."""

    ASK = "ask"
    HOLD = "hold"
    SHIFT = "shift"


class ArchiveEffect(StrEnum):
    """What archiving an invoice here does in QuickBooks (C-09)."""

    NONE = "none"
    VOID = "void"


class InvoicesThere(StrEnum):
    """What becomes of an invoice that somebody made in QuickBooks (A-01)."""

    STAY = "stay"
    BRING_IN = "bring_in"


class Direction(StrEnum):
    """Which way documents of a kind go that are new on one side (X-32)."""

    BOTH = "both"
    PUSH = "push"
    PULL = "pull"
    OFF = "off"

    @classmethod
    def of(cls, *, goes: bool, comes: bool) -> "Direction":
        """The one that is made of both ways."""
        return next(one for one in cls if (one.goes, one.comes) == (goes, comes))

    @property
    def goes(self) -> bool:
        """Whether what is made here goes to QuickBooks."""
        return self in (Direction.BOTH, Direction.PUSH)

    @property
    def comes(self) -> bool:
        """Whether what is made there comes in."""
        return self in (Direction.BOTH, Direction.PULL)


class RefundPosting(StrEnum):
    """How a refund of a payment stands in QuickBooks (C-13)."""

    EXCEPTION = "exception"
    CREDIT_MEMO = "credit_memo"
    EXPENSE = "expense"
    REFUND_RECEIPT = "refund_receipt"


class SignChange(StrEnum):
    """What becomes of a synced invoice whose lines come to less than zero (C-14)."""

    REFUSE = "refuse"
    CONVERT = "convert_to_credit_memo"


class SyncCadence(StrEnum):
    """When changes in QuickBooks are looked at (C-12)."""

    WEBHOOK = "webhook"
    QUARTER_HOURLY = "every_15_minutes"
    HOURLY = "every_60_minutes"
    NIGHTLY = "nightly"
    MANUAL = "manual"

    @property
    def looks_by_itself(self) -> bool:
        """Whether anything is read over there that nobody has asked for."""
        return self is not SyncCadence.MANUAL

    @property
    def every(self) -> timedelta | None:
        """The time between two looks, where it is always the same."""
        hours = {
            SyncCadence.QUARTER_HOURLY: timedelta(minutes=15),
            SyncCadence.HOURLY: timedelta(hours=1),
        }
        return hours.get(self)


class LookBack(StrEnum):
    """How far back the first look of a day reads, whatever was read before (X-54)."""

    LAST_LOOK = "last_look"
    ONE_DAY = "1_day"
    THREE_DAYS = "3_days"
    WEEK = "7_days"
    TWO_WEEKS = "14_days"
    FOUR_WEEKS = "28_days"

    @property
    def days(self) -> int:
        number, _, unit = self.value.partition("_")
        return int(number) if unit.startswith("day") else 0


class Since(StrEnum):
    """What may be chosen instead of a day (X-59)."""

    ALWAYS = "always"


class SinceDay(str):
    """A day as ISO date from which on something counts, or "always"."""

    __slots__ = ()

    @property
    def day(self) -> date | None:
        return None if self == str(Since.ALWAYS) else date.fromisoformat(self)

    def leaves_out(self, day: date) -> bool:
        """Whether it is before that."""
        return self.day is not None and day < self.day


class SeenWithin(StrEnum):
    """How late a change may be seen, on either side, when nothing says that it happened (N-09)."""

    AS_NEEDED = "as_needed"
    FIVE_MINUTES = "5_minutes"
    QUARTER_HOUR = "15_minutes"
    HOUR = "60_minutes"

    @property
    def at_most(self) -> timedelta | None:
        """The longest time between two looks; None where that depends on what goes on."""
        minutes = {SeenWithin.FIVE_MINUTES: 5, SeenWithin.QUARTER_HOUR: 15, SeenWithin.HOUR: 60}
        return timedelta(minutes=minutes[self]) if self in minutes else None

    @property
    def objective(self) -> timedelta:
        """When what waits here should be on the other side."""
        return self.at_most or timedelta(minutes=15)


FROM_THE_BEGINNING = SinceDay(Since.ALWAYS)
