"""What the settings of a company mean for us, looked at before and after the first document goes. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from integrations.documents import Company
from integrations.policies import ClosedPeriod, Policies
from tenants.days import in_words

# From so many customers on Intuit asks for a larger edition, as kz-admin says; Intuit's pages do not confirm it (K-40).
SMALL_EDITION_CUSTOMERS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the checklist. ``in_quickbooks`` is the way to the setting there, ``page`` a page of ours."""

    topic: str
    says: str
    is_fine: bool = True
    to_do: str = ""
    in_quickbooks: str = ""
    page: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the checklist looks at."""

    company: Company
    currency: str
    country: str
    policies: Policies
    has_many_customers: bool
    is_mapped: bool


def findings(seen: Seen) -> list[Finding]:
    """Every line, in the order in which a person would go through them."""
    return [finding for look in _LOOKS for finding in look(seen)]


def _accounts(seen: Seen) -> Iterator[Finding]:
    page, link = "integrations:mapping", "Set up accounts"
    if seen.is_mapped:
        yield Finding(
            "Accounts",
            "Items, accounts, terms and ways to pay were looked at.",
            page=page,
            link=link,
        )
    else:
        yield Finding(
            "Accounts",
            "Nobody has looked yet at what invoice lines and payments book against.",
            is_fine=False,
            to_do="Set up accounts: choose, or accept what is proposed. Documents go without it, against the defaults.",
            page=page,
            link=link,
        )


def _numbers(seen: Seen) -> Iterator[Finding]:
    page, link = "billing:numbering", "See our numbers"
    if seen.company.custom_numbers:
        yield Finding(
            "Invoice numbers", "QuickBooks keeps the numbers we send.", page=page, link=link
        )
    else:
        yield Finding(
            "Invoice numbers",
            "QuickBooks counts for itself. Its number is shown beside ours.",
            is_fine=False,
            to_do="To have the same numbers on both sides, switch on Custom transaction numbers.",
            in_quickbooks="Account and settings → Sales → Sales form content",
            page=page,
            link=link,
        )


def _credits(seen: Seen) -> Iterator[Finding]:
    company = seen.company
    applied = {"credits": company.auto_apply_credits, "payments": company.auto_apply_payments}
    named = " and ".join(name for name, is_on in applied.items() if is_on)
    if not named:
        yield Finding("Credits", "QuickBooks applies no credits and no payments by itself.")
    else:
        yield Finding(
            "Credits",
            f"QuickBooks applies a customer's {named} to invoices by itself, so it may show less to pay than here.",
            is_fine=False,
            to_do=f"Switch off Automatically apply {named}.",
            in_quickbooks="Account and settings → Advanced → Automation",
        )


def _tax(seen: Seen) -> Iterator[Finding]:
    company, page, link = seen.company, "billing:tax_regions", "See our tax regions"
    if company.automated_tax:
        says = "QuickBooks computes sales tax by itself and may correct ours; a total that differs is shown."
        to_do = "Spot-check a few invoices after the first sync."
        yield Finding("Sales tax", says, to_do=to_do, page=page, link=link)
    elif company.uses_tax:
        says = "Sales tax goes with the tax code that is chosen for each region."
        yield Finding("Sales tax", says, page="integrations:mapping", link="See the tax codes")
    else:
        yield Finding(
            "Sales tax",
            "Sales tax is switched off in QuickBooks; an invoice with tax cannot go.",
            is_fine=False,
            to_do="If you charge tax, set it up there.",
            in_quickbooks="Taxes → Sales tax",
            page=page,
            link=link,
        )


def _currency(seen: Seen) -> Iterator[Finding]:
    theirs, ours = seen.company.currency, seen.currency
    if theirs == ours:
        yield Finding("Currency", f"Both sides keep their books in {ours}.")
    else:
        yield Finding(
            "Currency",
            f"QuickBooks keeps its books in {theirs}, here they are in {ours}.",
            is_fine=False,
            to_do=f"Connect a company whose home currency is {ours}.",
        )


def _edition(seen: Seen) -> Iterator[Finding]:
    edition = seen.company.edition or "not said by QuickBooks"
    if not seen.has_many_customers:
        yield Finding("Edition", f"{edition}.")
    else:
        yield Finding(
            "Edition",
            f"{edition}. You have more than {SMALL_EDITION_CUSTOMERS} customers.",
            to_do="Intuit sells editions with limits of their own; more than 5 customers may need Plus or Advanced. "
            "A limit that is met is shown at the document that meets it.",
        )


def _closed_books(seen: Seen) -> Iterator[Finding]:
    closed = seen.company.books_closed_on
    if closed is None:
        yield Finding("Closing date", "The books are open.")
    else:
        yield Finding(
            "Closing date",
            f"The books are closed until {in_words(closed, seen.country)}. {_of_closed(seen.policies.closed_period)}",
            in_quickbooks="Account and settings → Advanced → Accounting",
            page="integrations:rules",
            link="See the sync rules",
        )


def _of_closed(rule: ClosedPeriod) -> str:
    return {
        ClosedPeriod.ASK: "What is dated up to then is asked about.",
        ClosedPeriod.HOLD: "What is dated up to then waits.",
        ClosedPeriod.SHIFT: "What is dated up to then goes under the day after.",
    }[rule]


def _payments(seen: Seen) -> Iterator[Finding]:
    page, link = "integrations:mapping", "See how invoices may be paid"
    if seen.company.online_payments:
        yield Finding("Online payments", "QuickBooks Payments is set up.", page=page, link=link)
    else:
        yield Finding(
            "Online payments",
            "QuickBooks Payments is not set up, so customers cannot pay on the invoice.",
            to_do="If they shall, enrol there; Intuit checks the business first.",
            in_quickbooks="Account and settings → Payments",
            page=page,
            link=link,
        )


_LOOKS: tuple[Callable[[Seen], Iterator[Finding]], ...] = (
    _accounts,
    _numbers,
    _credits,
    _tax,
    _currency,
    _edition,
    _closed_books,
    _payments,
)
