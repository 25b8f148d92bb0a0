"""What a document needs before it can go out, and where each is put right. Pure.

The one answer used by Blocked jobs, the panel beside a document and the list of exceptions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from integrations.documents import Kind
from integrations.policies import PushWhen
from tenants.days import in_words


class Need(StrEnum):
    """The reasons a document can be Blocked for."""

    LISTS = "lists_not_read"
    CUSTOMER = "customer_not_linked"
    CUSTOMER_CHOICE = "customer_choice"
    EMAIL = "no_email_address"
    ITEM = "no_service_item"
    LEDGER_ACCOUNT = "no_ledger_account"
    ACCOUNT_ITEM = "no_item_of_account"
    TAX_CODE = "no_tax_code"
    CHOICE = "choice_not_active"
    INVOICE = "invoice_not_synced"
    VOID = "invoice_not_voided"
    CREDIT_MEMO = "credit_memo_not_synced"
    OTHER_COMPANY = "in_another_company"
    DEPOSIT_ACCOUNT = "no_deposit_account"
    REFUND = "refund_not_decided"
    REFUND_ACCOUNT = "no_refund_account"
    PAYMENT = "payment_not_taken_back"
    PAID_BACK = "payment_not_synced"
    PAID_THERE = "payments_there_unread"
    SAME_PAYMENT = "same_payment"
    CURRENCY = "currency_differs"
    CONSENT = "needs_consent"
    HELD = "company_not_confirmed"
    STOPPED = "sending_stopped"
    COMPANY = "company_takes_nothing"
    FINALISED = "not_finalised"
    PAID = "not_paid"
    NOT_SENT = "rules_send_nothing"
    APPROVAL = "not_approved"
    PAUSED = "sending_paused"
    NUMBER = "number_taken"
    CLOSED = "period_closed"
    CLOSED_HELD = "waits_for_period"
    TOO_OLD = "before_the_day"


# What is not missing but meant: the sync rules say that the document is not to go yet, or not at all.
RULE_NEEDS = (Need.FINALISED, Need.PAID, Need.NOT_SENT, Need.APPROVAL)


# What only a person decides: no look at the company answers it.
ASKED_NEEDS = (Need.NUMBER,)
# What goes on when the books are opened again, which the company's settings say and no look at its documents.
CLOSED_NEEDS = (Need.CLOSED, Need.CLOSED_HELD)
# What waits because the sync rules say so needs nobody.
MEANT_NEEDS = (*RULE_NEEDS, Need.CLOSED_HELD, Need.PAUSED, Need.TOO_OLD)


# What another choice, or a new reading of the company's lists, can put right.
MAPPING_NEEDS = (
    Need.DEPOSIT_ACCOUNT,
    Need.REFUND_ACCOUNT,
    Need.LISTS,
    Need.ITEM,
    Need.LEDGER_ACCOUNT,
    Need.ACCOUNT_ITEM,
    Need.TAX_CODE,
    Need.CHOICE,
)
# What is brought along when an invoice waits for it.
BROUGHT = (Need.CUSTOMER, Need.ACCOUNT_ITEM)


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing. ``waits_for`` names the document whose link releases the job, as kind:local id;
    ``entry`` what is in use no more over there, as list and id.
    """

    need: Need
    sentence: str
    waits_for: str = ""
    entry: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """What composing an invoice or credit memo found. ``what`` is how staff call it; ``without_tax_code`` names what
    has none, if anything.

    ``paid_there_by`` are the waits-for of payments that settle it over there still, and no longer here.
    ``inactive`` says which choices cannot be used any more, ``items_missing`` what stands between
    its lines and their items.
    """

    lists_read: bool
    customer_name: str
    customer_waits_for: str
    customer_linked: bool
    without_tax_code: str
    currency: str
    company_currency: str
    multicurrency: bool
    inactive: tuple[Missing, ...] = ()
    paid_there_by: tuple[str, ...] = ()
    items_missing: tuple[Missing, ...] = ()
    what: str = "invoice"


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """What composing a payment found. ``unsynced`` are (number, waits-for) of its invoices not yet over there,
    ``uncredited`` likewise of the credit memos it uses, ``elsewhere`` (number, company) of what is in another company.
    ``without_account`` says why none of the accounts chosen takes it, if that is so; ``unread`` are the numbers of its
    invoices that were there before us, and of which nobody knows yet what was paid there. ``asked`` says that it may be
    one of theirs.
    """

    customer_name: str
    customer_waits_for: str
    customer_linked: bool
    unsynced: tuple[tuple[str, str], ...]
    uncredited: tuple[tuple[str, str], ...] = ()
    inactive: tuple[Missing, ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()
    without_account: str = ""
    unread: tuple[str, ...] = ()
    asked: bool = False


@dataclass(frozen=True, slots=True)
class MailFacts:
    """What composing the e-mail of an invoice found. ``up_to_date``: the invoice is there as it stands here."""

    customer_name: str
    address: str
    number: str
    invoice_waits_for: str
    up_to_date: bool


def waits_for(kind: Kind, local_id: object) -> str:
    """How a job names the document it waits for."""
    return f"{kind}:{local_id}"


def of_rules(push_when: PushWhen, *, draft: bool, paid: bool) -> list[Missing]:
    """Why an invoice that is not over there yet does not go now, as far as the sync rules decide that."""
    if push_when is PushWhen.NEVER:
        return [Missing(Need.NOT_SENT, "The sync rules say that no invoice goes to QuickBooks.")]
    if push_when is PushWhen.FINALISED and draft:
        sentence = "It goes to QuickBooks once it is sent to the customer, as the sync rules say."
        return [Missing(Need.FINALISED, sentence)]
    if push_when is PushWhen.PAID and not paid:
        sentence = "It goes to QuickBooks once it is paid in full, as the sync rules say."
        return [Missing(Need.PAID, sentence)]
    return []


def of_approval(*, needed: bool, held: bool, approved: bool) -> list[Missing]:
    """Why an invoice that is not over there yet waits for somebody to look at it."""
    if held:
        sentence = "It is on hold; it goes to QuickBooks once somebody approves it."
        return [Missing(Need.APPROVAL, sentence)]
    if needed and not approved:
        sentence = "It goes to QuickBooks once somebody approves it, as the sync rules say."
        return [Missing(Need.APPROVAL, sentence)]
    return []


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """What composing a refund found. ``is_decided`` says that it is known how it is posted, ``without_account`` why
    there is none that it can be paid from, if that is so.
    """

    is_decided: bool
    lists_read: bool
    customer_name: str
    customer_waits_for: str
    customer_linked: bool
    without_account: str
    expense_account_found: bool
    items_missing: tuple[Missing, ...] = ()
    inactive: tuple[Missing, ...] = ()


def of_refund(facts: RefundFacts) -> list[Missing]:
    """Everything a refund still needs."""
    return list(_refund_needs(facts))


def of_invoice(facts: InvoiceFacts) -> list[Missing]:
    """Everything an invoice still needs, in the order a person would put it right."""
    return list(_invoice_needs(facts))


def of_void(paid_there_by: tuple[str, ...]) -> list[Missing]:
    """The payments, by their waits-for, that a void over there would change under our hands."""
    sentence = "A payment has to be taken back in QuickBooks first."
    return [Missing(Need.PAYMENT, sentence, waiting) for waiting in paid_there_by]


def void_to_come(number: str, waiting: str) -> Missing:
    """The void of the invoice that a credit memo is about."""
    sentence = f"Invoice {number} has to be voided in QuickBooks first, so that both never count."
    return Missing(Need.VOID, sentence, waiting)


def invoice_to_come(number: str, waiting: str) -> Missing:
    """The invoice that a payment settles, or that a credit memo is about."""
    return Missing(Need.INVOICE, f"Invoice {number} is not in QuickBooks yet.", waiting)


def invoice_elsewhere(number: str, company: str) -> Missing:
    """The invoice of a credit memo is in another company, to which staff can send the credit memo as well."""
    sentence = f"Invoice {number} is in {company}, and a credit memo goes where its invoice is."
    return Missing(Need.INVOICE, sentence)


def payment_to_come(waiting: str) -> Missing:
    """The payment that a refund pays back."""
    return Missing(
        Need.PAID_BACK, "The payment that it pays back is not in QuickBooks yet.", waiting
    )


def of_payment(facts: PaymentFacts) -> list[Missing]:
    """Everything a payment still needs."""
    return list(_payment_needs(facts))


def of_kind_that_stays(documents: str) -> list[Missing]:
    """The sync rules send nothing of this kind."""
    return [Missing(Need.NOT_SENT, f"The sync rules send no {documents} to QuickBooks.")]


def of_old_payment(received_on: date, since: date, country: str) -> list[Missing]:
    """A payment from before the day since when payments are synced; days are written as in this country."""
    day, first = in_words(received_on, country), in_words(since, country)
    sentence = f"The payment is of {day}; the sync rules sync payments since {first}."
    return [Missing(Need.TOO_OLD, sentence)]


def of_mail(facts: MailFacts) -> list[Missing]:
    """Everything the e-mail of an invoice still needs."""
    return list(_mail_needs(facts))


def _invoice_needs(facts: InvoiceFacts) -> Iterator[Missing]:
    if not facts.lists_read:
        yield Missing(Need.LISTS, "The lists of the QuickBooks company are still being read.")
        return
    if facts.currency != facts.company_currency and not facts.multicurrency:
        yield Missing(
            Need.CURRENCY,
            f"This {facts.what} is in {facts.currency}, the QuickBooks company keeps {facts.company_currency}.",
        )
    if not facts.customer_linked:
        yield _customer_missing(facts.customer_name, facts.customer_waits_for)
    yield from facts.items_missing
    if facts.without_tax_code:
        yield Missing(
            Need.TAX_CODE, f"No QuickBooks tax code is chosen for {facts.without_tax_code}."
        )
    yield from facts.inactive
    yield from of_void(facts.paid_there_by)


def _payment_needs(facts: PaymentFacts) -> Iterator[Missing]:
    if facts.elsewhere:
        yield Missing(Need.OTHER_COMPANY, _in_two_companies(facts.elsewhere))
        return
    if not facts.customer_linked:
        yield _customer_missing(facts.customer_name, facts.customer_waits_for)
    for number, waiting in facts.unsynced:
        yield invoice_to_come(number, waiting)
    for number, waiting in facts.uncredited:
        sentence = f"Credit memo {number} is not in QuickBooks yet."
        yield Missing(Need.CREDIT_MEMO, sentence, waiting)
    for number in facts.unread:
        sentence = f"What was paid on {number} in QuickBooks is read first, so that nothing is booked there twice."
        yield Missing(Need.PAID_THERE, sentence)
    if facts.asked:
        yield Missing(
            Need.SAME_PAYMENT, "Say first whether it is the same as a payment in QuickBooks."
        )
    if facts.without_account:
        yield Missing(Need.DEPOSIT_ACCOUNT, facts.without_account)
    yield from facts.inactive


def _in_two_companies(elsewhere: tuple[tuple[str, str], ...]) -> str:
    where = ", ".join(f"{number} is in {company}" for number, company in elsewhere)
    return (
        f"{where}, and a payment is booked in one QuickBooks company only. "
        "Void it here and enter two, one for what is in each company."
    )


def _mail_needs(facts: MailFacts) -> Iterator[Missing]:
    if not facts.address:
        yield Missing(
            Need.EMAIL,
            f"Could not find customer email: {facts.customer_name} has no e-mail address. "
            "Enter one on the invoice or at the customer.",
        )
    if not facts.up_to_date:
        sentence = f"Invoice {facts.number} is not in QuickBooks yet as it stands here."
        yield Missing(Need.INVOICE, sentence, facts.invoice_waits_for)


def _refund_needs(facts: RefundFacts) -> Iterator[Missing]:
    if not facts.is_decided:
        yield Missing(
            Need.REFUND, "A refund is posted in one way only; the sync rules leave it to you which."
        )
        return
    if not facts.lists_read:
        yield Missing(Need.LISTS, "The lists of the QuickBooks company are still being read.")
        return
    if not facts.customer_linked:
        yield _customer_missing(facts.customer_name, facts.customer_waits_for)
    if facts.without_account:
        yield Missing(Need.REFUND_ACCOUNT, facts.without_account)
    if not facts.expense_account_found:
        sentence = "No expense account is chosen that refunds are booked to."
        yield Missing(Need.REFUND_ACCOUNT, sentence)
    yield from facts.items_missing
    yield from facts.inactive


def _customer_missing(name: str, waiting: str) -> Missing:
    return Missing(Need.CUSTOMER, f"The customer {name} is not linked to QuickBooks yet.", waiting)
