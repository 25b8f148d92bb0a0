"""Tells our own documents among those found over there. Pure."""

from dataclasses import astuple, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from integrations.documents import (
    AccountDocument,
    Address,
    CreditMemoDocument,
    CustomerDocument,
    Document,
    ExpenseDocument,
    Held,
    InvoiceDocument,
    ItemDocument,
    LineDocument,
    MailDocument,
    PaymentDocument,
    RefundReceiptDocument,
    always_said,
    changed_fields,
    changed_since,
    merged,
)

# The question about a document of ours over there whose counterpart here was lost.
MADE_BY_LOST = "made_by_lost"
# Their clock may be behind ours; what is older than this before our first send was never ours.
CLOCK_ALLOWANCE = timedelta(minutes=5)
# `_essence` looks at these, and knows how each side may spell them.
COMPARED_AS_A_WHOLE = frozenset({"lines", "number", "applications", "credits", "others"})
# They may compute it themselves; a total that differs is shown beside the document.
NOT_OURS_ALONE = frozenset({"tax"})
# They fill these in where we say nothing, such as the terms of the customer.
FILLED_IN = frozenset({"term", "tracking_class", "location", "method", "deposit_account"})


class Sent(Protocol):
    """The part of an intent that recognising needs."""

    @property
    def marker(self) -> str: ...
    @property
    def document(self) -> Document: ...
    @property
    def before(self) -> Document | None: ...
    @property
    def oldest(self) -> datetime: ...
    @property
    def may_exist_since(self) -> datetime | None: ...


def ours_among(candidates: list[Held], sent: Sent) -> Held | None:
    """The document this write made, or None. Of several the oldest that is not void."""
    ours = [held for held in candidates if _is_ours(held, sent)]
    return min(ours, key=_age, default=None)


def is_entered_again(ours: Document, theirs: Document | None) -> bool:
    """Whether staff have entered what a restore has lost here.

    What only shares customer, amount and day with it is another one: it has other lines, pays something else, or names
    another reference.
    """
    if getattr(ours, "voided", False) or getattr(theirs, "voided", False):
        return False
    match theirs:
        case InvoiceDocument() | CreditMemoDocument():
            return isinstance(ours, type(theirs)) and _is_same_sale(ours, theirs)
        case PaymentDocument():
            return isinstance(ours, PaymentDocument) and _is_same_payment(ours, theirs)
        case ExpenseDocument():
            return isinstance(ours, ExpenseDocument) and _is_same_expense(ours, theirs)
        case RefundReceiptDocument():
            return isinstance(ours, RefundReceiptDocument) and _is_same_receipt(ours, theirs)
        case _:
            return False


def _is_same_sale(
    ours: InvoiceDocument | CreditMemoDocument, theirs: InvoiceDocument | CreditMemoDocument
) -> bool:
    bears_number = bool(ours.number) and ours.number == theirs.number
    is_told = bears_number or ours.issued_on == theirs.issued_on
    return is_told and _sale(ours) == _sale(theirs)


def _is_same_expense(ours: ExpenseDocument, theirs: ExpenseDocument) -> bool:
    paid = (ours.customer, ours.paid_on, ours.amount)
    is_told = not _name_two(ours.memo, theirs.memo)
    return is_told and paid == (theirs.customer, theirs.paid_on, theirs.amount)


def _is_same_receipt(ours: RefundReceiptDocument, theirs: RefundReceiptDocument) -> bool:
    """They want a reference: without one it is the number."""
    named = "" if theirs.reference == theirs.number else theirs.reference
    is_told = ours.paid_on == theirs.paid_on and not _name_two(ours.reference, named)
    return is_told and _sale(ours) == _sale(theirs)


def _sale(document: InvoiceDocument | CreditMemoDocument | RefundReceiptDocument) -> object:
    """Whom it is for, and what its lines say, in whatever order and against whatever items."""
    said = [(_words(line), line.amount.minor) for line in document.lines]
    return document.customer, document.currency, sorted(said)


def _words(line: LineDocument) -> str:
    return "" if line.discount else plain_words(line.description)


def _is_same_payment(ours: PaymentDocument, theirs: PaymentDocument) -> bool:
    """One reference tells it though staff have said another day."""
    if _paid(ours) != _paid(theirs) or _name_two(ours.reference, theirs.reference):
        return False
    return ours.received_on == theirs.received_on or (
        bool(ours.reference) and bool(theirs.reference)
    )


def _paid(payment: PaymentDocument) -> object:
    """By whom, how much, and what it settles."""
    parts = frozenset((*payment.applications, *payment.credits))
    return payment.customer, payment.amount, parts


def _name_two(one: str, other: str) -> bool:
    """Whether both are named, and differ."""
    return bool(one and other) and plain_words(one) != plain_words(other)


def plain_words(words: str) -> str:
    """Words as they are compared: a reference, or what a line says."""
    return " ".join(words.split()).casefold()


def bearer_of_number(candidates: list[Held], document: Document) -> Held | None:
    """Whose number an invoice of ours would bear, too; the oldest of them."""
    if not isinstance(document, InvoiceDocument):
        return None
    same = [held for held in candidates if not held.deleted and held.number == document.number]
    return min(same, key=_age, default=None)


def holds_what_was_sent(sent: Sent, held: Held) -> bool:
    """Whether the other side holds what this write said, leaving aside what it may add or re-flow."""
    theirs = held.document
    return theirs is not None and say_the_same(theirs, _said(sent, theirs))


def holds_all_that_was_said(sent: Sent, held: Held) -> bool:
    """Whether an answer holds all that changed, and what went along with it."""
    theirs = held.document
    if theirs is None or not holds_what_was_sent(sent, held) or _left_as_it_was(sent, theirs):
        return False
    return say_the_same(theirs, merged(theirs, sent.document, always_said(sent.document)))


def kept_otherwise(sent: Sent, held: Held) -> frozenset[str]:
    """The fields in which an answer holds something else than was said."""
    theirs, ours = held.document, sent.document
    if theirs is None:
        return frozenset()
    said = changed_since(sent.before, ours) | always_said(ours)
    differing = {
        name for name in said if not say_the_same(theirs, merged(theirs, ours, frozenset({name})))
    }
    return frozenset(differing) | _left_as_it_was(sent, theirs)


def as_kept(sent: Sent, held: Held, *, found: bool) -> tuple[Held, bool]:
    """What to keep of what a write made, and whether it is as sent.

    In safe mode, and where it was ``found`` and somebody has touched it, it may have been changed since it was made, so
    no difference goes out: it is kept as if they had agreed to ours, and the next look asks about what they hold.
    """
    as_sent = holds_all_that_was_said(sent, held)
    may_be_changed = sent.may_exist_since is not None or (found and not held.untouched)
    if as_sent or not may_be_changed:
        return held, as_sent
    return as_agreed(sent, held), True


def as_agreed(sent: Sent, held: Held) -> Held:
    """What they hold, as if they had agreed to ours where that says something else: nothing goes over it unasked."""
    if holds_all_that_was_said(sent, held):
        return held
    return replace(held, document=sent.document)


def as_answered(sent: Sent, theirs: Document) -> Document:
    """What an answer other than was sent counts as ours: what they filled in besides is not to be taken out again.

    What this write was to take out and stands there still is, by the next one.
    """
    said = changed_fields(sent.before, sent.document) if sent.before else frozenset()
    empty = {name for name in FILLED_IN - said if getattr(sent.document, name, None) == ""}
    return merged(theirs, sent.document, frozenset(empty))


def say_the_same(one: Document, other: Document) -> bool:
    """Whether two documents agree in all that matters, however each side spells it."""
    return _essence(one) == _essence(other)


def holds_all_that_changed(sent: Sent, held: Held) -> bool:
    """Whether a change has arrived: each field it spoke of, also those that no comparison of the whole looks at."""
    theirs = held.document
    if theirs is None or not holds_what_was_sent(sent, held):
        return False
    return not _not_arrived(sent, theirs)


def _not_arrived(sent: Sent, theirs: Document) -> frozenset[str]:
    """What a change spoke of, no comparison of the whole looks at, and does not stand there."""
    if sent.before is None or getattr(sent.document, "voided", False):
        return frozenset()
    changed = changed_fields(sent.before, sent.document) - COMPARED_AS_A_WHOLE - NOT_OURS_ALONE
    return frozenset(name for name in changed if not _has_arrived(name, sent.document, theirs))


def _left_as_it_was(sent: Sent, theirs: Document) -> frozenset[str]:
    """Likewise of an answer, where what became of an address or a rate is what they made of ours: an address is
    re-flowed, with names in it (reference 2.5), and a rate may be rounded.
    """
    return frozenset(
        name
        for name in _not_arrived(sent, theirs)
        if not isinstance(getattr(sent.document, name), Address | Decimal)
        or _plain(getattr(theirs, name)) == _plain(getattr(sent.before, name))
    )


def _has_arrived(name: str, ours: Document, theirs: Document) -> bool:
    said, there = _plain(getattr(ours, name)), _plain(getattr(theirs, name))
    if said is None or (name == "taxable" and not there):
        # It was left to them; outside the US their items do not say whether they are taxed.
        return True
    if name == "tax_code" and not there:
        # Where they choose it themselves it is not read; the tax that we said stands there then.
        return getattr(ours, "tax", None) in (None, getattr(theirs, "tax", None))
    return bool((said or None) == (there or None))


def was_mailed(held: Held, since: datetime, former: Document | None) -> bool:
    """Whether they have e-mailed it since then, and not only for the ``former`` wish.

    Their times are of whole seconds.
    """
    if held.emailed_at is None or held.emailed_at < since.replace(microsecond=0):
        return False
    return not (isinstance(former, MailDocument) and former.sent_at == held.emailed_at)


def is_out(mail: MailDocument, former: Document | None) -> bool:
    """Whether what we know to be out went for this wish, or for one after it."""
    return isinstance(former, MailDocument) and former.asked_at >= mail.asked_at


def _plain(value: object) -> object:
    """A value without what may be re-flowed: blanks, and the order of the words of an address (reference 2.5)."""
    if isinstance(value, Address):
        return sorted(" ".join(astuple(value)).casefold().split())
    return " ".join(value.split()) if isinstance(value, str) else value


def _said(sent: Sent, theirs: Document) -> Document:
    """What should stand there after the write. A change leaves theirs what it does not speak of (X-108)."""
    if sent.before is None:
        return sent.document
    return merged(theirs, sent.document, changed_fields(sent.before, sent.document))


def _is_ours(held: Held, sent: Sent) -> bool:
    if held.deleted:
        return False
    if isinstance(sent.document, CustomerDocument | AccountDocument | ItemDocument):
        return _made_since(held, sent.oldest) and holds_what_was_sent(sent, held)
    if isinstance(sent.document, ExpenseDocument) and held.number == sent.document.number:
        # No other expense bears it, so it is known by it though somebody has wiped our mark out.
        return True
    return held.marker == sent.marker


def _made_since(held: Held, moment: datetime) -> bool:
    return held.created_at is not None and held.created_at >= moment - CLOCK_ALLOWANCE


def _age(held: Held) -> tuple[bool, int, str]:
    void = bool(getattr(held.document, "voided", False))
    return (void, len(held.id), held.id)


def _essence(document: Document) -> tuple[object, ...]:
    match document:
        case (
            InvoiceDocument(voided=True)
            | CreditMemoDocument(voided=True)
            | PaymentDocument(voided=True)
            | ExpenseDocument(voided=True)
            | RefundReceiptDocument(voided=True)
        ):
            return (type(document), "voided")
        case InvoiceDocument():
            lines = tuple(_line_essence(line) for line in document.lines)
            dates = (document.issued_on, document.due_on)
            return (
                document.customer,
                *dates,
                *_texts(document.customer_memo, document.memo),
                lines,
                document.custom_fields,
                document.deposit,
            )
        case CreditMemoDocument():
            lines = tuple(_line_essence(line) for line in document.lines)
            words = _texts(document.customer_memo, document.memo)
            return (document.customer, document.issued_on, *words, lines)
        case ExpenseDocument():
            accounts = (document.account, document.expense_account)
            return (document.customer, document.paid_on, document.amount, *accounts)
        case RefundReceiptDocument():
            lines = tuple(_line_essence(line) for line in document.lines)
            return (document.customer, document.paid_on, document.account, lines)
        case PaymentDocument():
            parts = frozenset((*document.applications, *document.credits, *document.others))
            money = (document.amount, document.received_on, parts)
            return (document.customer, *money, *_texts(document.reference, document.memo))
        case CustomerDocument():
            said = (document.name, document.company_name, document.notes, document.phone)
            return (document.email.strip().casefold(), *_texts(*said))
        case AccountDocument() | ItemDocument():
            return (document.name, document.type)
        case MailDocument():
            return (document.invoice, document.asked_at)


def _line_essence(line: LineDocument) -> tuple[object, ...]:
    words = () if line.discount else _texts(line.description)
    return (line.item, *words, line.amount)


def _texts(*words: str) -> tuple[str, ...]:
    """Words without what no side keeps: blanks around them and the two ways to end a line."""
    return tuple(word.replace("\r\n", "\n").strip() for word in words)
