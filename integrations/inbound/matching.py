"""What one of their documents means for us. Pure: facts in, a decision out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from billing.money import Money
from integrations.documents import (
    CreditMemoDocument,
    CustomerDocument,
    Document,
    Held,
    InvoiceDocument,
    Kind,
    PaymentDocument,
    called,
    fingerprint,
)
from integrations.outbound.recognise import MADE_BY_LOST

REFUNDS = (Kind.EXPENSE, Kind.REFUND_RECEIPT)
# How much a payment takes of their documents that only they count, in minor units.
Beyond = Mapping[tuple[Kind, str], int]
# The question about a payment of theirs that uses credit of which nothing is here (yet).
CREDIT_APPLIED = "credit_applied"
# The question whether a payment of theirs is one of ours that is nowhere yet, which waits for it.
SAME_PAYMENT = "same_payment"
# The question about a customer of ours that is in use there no more; customers cannot be deleted.
INACTIVE_THERE = "inactive_there"
# The questions about a document that bears the mark of one of ours which is linked to another. The second one is
# settled by us, because it is proven that a lost call of ours made it.
MARKED_COPY = "marked_copy"
MARKED_COPY_SAYS = (
    "This document in QuickBooks carries the mark of one of ours but is another one; "
    "it may be a copy. Check which of the two is right."
)
SURPLUS_COPY = "surplus_copy"
SURPLUS_COPY_SAYS = (
    "QuickBooks made this {kind} of ours twice, out of one call. Regentra voids the copy by itself."
)


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """Our half of a linked document. ``void`` says that ours stands at zero already, or is archived; ``moving`` that a
    change of ours has not arrived there; ``beside_us`` that theirs differs only where nothing of ours is said.
    ``given_up`` says that both sides agreed on nothing being left of it, ``pays_more`` that an invoice came here after
    the payment on it. ``total_minor`` is theirs as it was known, in minor units.
    """

    local_id: UUID
    their_fingerprint: str
    made_by_us: bool
    void: bool
    moving: bool = False
    beside_us: bool = False
    given_up: bool = False
    pays_more: bool = False
    total_minor: int | None = None


@dataclass(frozen=True, slots=True)
class SamePayment:
    """Ours that was recorded here as well, before the invoice that both pay was known to be one.

    Staff are asked where it is not certain.
    """

    local_id: UUID
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known about one of their documents.

    ``open_intent`` is the unfinished create whose marker it carries, ``being_changed`` that an update or void of it
    is unfinished; ``marked_elsewhere`` says that the marker is that of a finished write, ``forgotten`` that no write
    of ours with it is stored, and ``marked`` names our document it belongs to; ``proven_copy`` that
    a write of ours made it besides the one that is linked. ``invoices`` are our invoices
    among those a payment is applied to, by their id; ``credit_memos`` likewise those it uses; ``beyond`` what it
    takes of them beyond ours, ``same_payment`` is one of ours that is nowhere and may be it. ``customer`` is ours,
    whom a credit memo is for; ``credit_looked_for`` that what a payment uses has been read by its id.
    ``let_go`` says that a void of ours took a payment off its invoice before it was met here.
    ``brings_in`` says that what people make over there is to be here, ``left_there`` that the sync rules leave
    one of theirs that is new where it is.
    """

    held: Held
    link: LinkFacts | None = None
    open_intent: UUID | None = None
    being_changed: bool = False
    marked_elsewhere: bool = False
    forgotten: bool = False
    marked: UUID | None = None
    proven_copy: bool = False
    invoices: tuple[tuple[str, UUID], ...] = ()
    credit_memos: tuple[tuple[str, UUID], ...] = ()
    beyond: Beyond = field(default_factory=dict)
    same_payment: SamePayment | None = None
    customer: UUID | None = None
    credit_looked_for: bool = False
    let_go: bool = False
    brings_in: bool = False
    left_there: bool = False


@dataclass(frozen=True, slots=True)
class SettleIntent:
    """It is what our unfinished write made."""

    intent: UUID


@dataclass(frozen=True, slots=True)
class TakeBack:
    """It is the document of ours that bears this mark; that it was sent was forgotten here, as by a restore."""

    local_id: UUID


@dataclass(frozen=True, slots=True)
class AlreadyOurs:
    """Nothing new but perhaps the version."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """Concerns nothing of ours."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A payment as far as it concerns us: what came in including what is unapplied, what our invoices take, what it
    uses of our credit memos, and how much of that goes to what is not here: other documents, and what is beyond ours.
    """

    amount: Money
    allocations: tuple[tuple[UUID, Money], ...]
    used: tuple[tuple[UUID, Money], ...]
    outside: Money

    @property
    def is_nothing(self) -> bool:
        """Whether all of it went to what is not here."""
        return not self.amount and not self.used


@dataclass(frozen=True, slots=True)
class RecordPayment:
    """Their customer paid invoices of ours, or used credit of ours. ``spread`` is the part that concerns us."""

    spread: Spread


@dataclass(frozen=True, slots=True)
class ReapplyPayment:
    """A payment we know was changed over there."""

    local_id: UUID
    spread: Spread


@dataclass(frozen=True, slots=True)
class SettleMore:
    """A payment of ours was put over there on an invoice that came here later."""

    local_id: UUID


@dataclass(frozen=True, slots=True)
class ReversePayment:
    """A payment we know was voided or deleted over there."""

    local_id: UUID


@dataclass(frozen=True, slots=True)
class RecordCreditMemo:
    """Theirs, for a customer of ours."""

    customer: UUID


@dataclass(frozen=True, slots=True)
class FollowCreditMemo:
    """A credit memo of theirs that we know was changed over there."""

    local_id: UUID


@dataclass(frozen=True, slots=True)
class VoidCreditMemo:
    """A credit memo we know was voided or deleted over there."""

    local_id: UUID


@dataclass(frozen=True, slots=True)
class BringIn:
    """An invoice or a customer that somebody made over there and that is to be here as well."""


@dataclass(frozen=True, slots=True)
class FollowInvoice:
    """An invoice that was made over there was changed there, and nothing of it here."""

    local_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerGone:
    """A customer we know vanished over there: customers are not deleted but merged into another one."""

    local_id: UUID


@dataclass(frozen=True, slots=True)
class Differs:
    """Somebody has to decide. ``code`` names the kind of difference."""

    code: str
    sentence: str


Decision = (
    SettleIntent
    | TakeBack
    | SamePayment
    | AlreadyOurs
    | Ignore
    | RecordPayment
    | ReapplyPayment
    | SettleMore
    | ReversePayment
    | RecordCreditMemo
    | FollowCreditMemo
    | VoidCreditMemo
    | BringIn
    | FollowInvoice
    | CustomerGone
    | Differs
)


# What follows by itself when theirs was voided or deleted.
GONE_BY_KIND: dict[Kind, Callable[[UUID], Decision]] = {
    Kind.PAYMENT: ReversePayment,
    Kind.CREDIT_MEMO: VoidCreditMemo,
}


def decide(facts: Facts) -> Decision:
    """What is to be done about one of their documents."""
    if facts.open_intent is not None:
        return SettleIntent(facts.open_intent)
    if facts.being_changed:
        # Whether ours has arrived is for the push to find out, which reads the document itself and not an older state.
        return Ignore()
    if facts.link is not None:
        return _known(facts, facts.link)
    if facts.marked_elsewhere:
        return _copy(facts)
    if facts.marked is not None:
        return TakeBack(facts.marked)
    return _new(facts)


def _known(facts: Facts, link: LinkFacts) -> Decision:
    document = facts.held.document
    if link.beside_us or (_is_as_known(document, link) and not link.pays_more):
        return AlreadyOurs()
    if facts.held.kind in GONE_BY_KIND and is_gone(facts.held):
        return AlreadyOurs() if link.void else GONE_BY_KIND[facts.held.kind](link.local_id)
    if facts.held.kind in REFUNDS:
        return _known_refund(facts.held, link)
    if facts.held.kind is Kind.CUSTOMER:
        return _known_customer(document, link)
    match document:
        case None:
            # What is void owes nothing, whether it is there or not.
            return AlreadyOurs() if link.void else _deleted(facts.held)
        case InvoiceDocument():
            return _known_invoice(document, link)
        case CreditMemoDocument() | PaymentDocument():
            return _known_money(facts, document, link)
        case _:
            return AlreadyOurs()


def _is_as_known(document: Document | None, link: LinkFacts) -> bool:
    return document is not None and fingerprint(document) == link.their_fingerprint


def _known_invoice(document: InvoiceDocument, link: LinkFacts) -> Decision:
    """One that was made over there follows, unless a change of ours is on its way."""
    if document.voided and link.void:
        return AlreadyOurs()
    if not (link.made_by_us or link.moving):
        return FollowInvoice(link.local_id)
    if document.voided:
        return Differs("voided_there", "It was voided in QuickBooks.")
    return _changed()


def _known_money(
    facts: Facts, document: CreditMemoDocument | PaymentDocument, link: LinkFacts
) -> Decision:
    """What was made over there follows, unless a change of ours is on its way."""
    if link.given_up:
        return _revived(facts, document)
    if link.made_by_us and _is_as_known(document, link):
        return SettleMore(link.local_id)
    if link.made_by_us or link.moving:
        return _changed()
    if isinstance(document, PaymentDocument):
        return _reapplied(facts, document, link)
    return FollowCreditMemo(link.local_id)


def _changed() -> Decision:
    return Differs("changed_there", "It was changed in QuickBooks after we sent it.")


def _known_customer(document: Document | None, link: LinkFacts) -> Decision:
    """May be edited on both sides, so only what keeps it from being used is a matter of ours."""
    match document:
        case None:
            return CustomerGone(link.local_id)
        case CustomerDocument(active=False) if not link.void:
            return Differs(INACTIVE_THERE, "It was made inactive in QuickBooks.")
        case _:
            return AlreadyOurs()


def _known_refund(held: Held, link: LinkFacts) -> Decision:
    if not is_gone(held):
        return _changed()
    return AlreadyOurs() if link.void else _deleted(held)


def is_gone(held: Held) -> bool:
    """Whether nothing is left of it: also of a payment over nothing once all that it put on invoices was let go."""
    match held.document:
        case None | PaymentDocument(amount=Money(minor=0), applications=(), credits=(), others=()):
            return True
        case document:
            return bool(getattr(document, "voided", False))


def _deleted(held: Held) -> Decision:
    return Differs("deleted_there", f"The {called(held.kind)} was deleted in QuickBooks.")


def _copy(facts: Facts) -> Decision:
    if facts.held.deleted or getattr(facts.held.document, "voided", False):
        return Ignore()
    if facts.proven_copy:
        return Differs(SURPLUS_COPY, SURPLUS_COPY_SAYS.format(kind=called(facts.held.kind)))
    return Differs(MARKED_COPY, MARKED_COPY_SAYS)


def _new(facts: Facts) -> Decision:
    document = facts.held.document
    nothing_here = _of_nothing_here() if facts.forgotten else Ignore()
    match document:
        case PaymentDocument() if facts.same_payment is not None:
            return facts.same_payment
        case _ if facts.left_there:
            return nothing_here
        case PaymentDocument(voided=False) if facts.invoices or facts.credit_memos or facts.let_go:
            return _new_payment(facts, document)
        case InvoiceDocument() if facts.brings_in and not facts.forgotten:
            return BringIn()
        case CustomerDocument(active=True) if facts.brings_in:
            return BringIn()
        case CreditMemoDocument(voided=False) if facts.customer and not facts.forgotten:
            return RecordCreditMemo(facts.customer)
        case _:
            return nothing_here


def _new_payment(facts: Facts, document: PaymentDocument) -> Decision:
    if _uses_what_is_not_here(facts, document):
        return Differs(
            CREDIT_APPLIED,
            "A credit of which nothing is here was applied in QuickBooks to an invoice that is also here.",
        )
    return RecordPayment(_concerning_us(facts, document))


def _uses_what_is_not_here(facts: Facts, document: PaymentDocument) -> bool:
    """Such as a journal entry's credit, which adds to the money."""
    return bool(unknown_credits(facts)) or any(part.amount.minor > 0 for part in document.others)


def unknown_credits(facts: Facts) -> list[str]:
    """The ids of the credit memos that a payment uses and that are not here."""
    document, ours = facts.held.document, dict(facts.credit_memos)
    if not isinstance(document, PaymentDocument):
        return []
    return [part.credit_memo for part in document.credits if part.credit_memo not in ours]


def _of_nothing_here() -> Decision:
    return Differs(
        MADE_BY_LOST,
        "Regentra made this document in QuickBooks, but nothing here belongs to it: it was made after the backup that "
        "was restored. Enter it here again as it stands there, and it is taken for this one; or void or delete it in "
        "QuickBooks.",
    )


def _reapplied(facts: Facts, document: PaymentDocument, link: LinkFacts) -> Decision:
    if _uses_what_is_not_here(facts, document):
        return _new_payment(facts, document)
    spread = _concerning_us(facts, document)
    if spread.is_nothing:
        return ReversePayment(link.local_id)
    return ReapplyPayment(link.local_id, spread)


def _revived(facts: Facts, document: CreditMemoDocument | PaymentDocument) -> Decision:
    """One that had left all that is here, and may have come back: ours is void, so it is booked as a new one."""
    if isinstance(document, CreditMemoDocument):
        return RecordCreditMemo(facts.customer) if facts.customer else AlreadyOurs()
    is_back = facts.invoices or facts.credit_memos
    return _new_payment(facts, document) if is_back else AlreadyOurs()


def _concerning_us(facts: Facts, document: PaymentDocument) -> Spread:
    return concerning_us(document, facts.invoices, facts.credit_memos, facts.beyond)


def concerning_us(
    document: PaymentDocument,
    ours: Iterable[tuple[str, UUID]],
    lent: Iterable[tuple[str, UUID]],
    beyond: Beyond,
) -> Spread:
    """The payment as far as our invoices take it, plus what no invoice has taken.

    What other documents take comes off the money first; credit of ours that they take is gone all the same. What is
    ``beyond`` our documents is taken by theirs, and money of the payment.
    """
    invoices, memos, nothing = dict(ours), dict(lent), Money.zero(document.amount.currency)
    foreign = [part.amount for part in document.applications if part.invoice not in invoices]
    others = [-part.amount for part in document.others if part.amount.minor < 0]
    elsewhere = sum([*foreign, *others], nothing)
    off_the_money = min(document.amount, elsewhere)
    outside = elsewhere - off_the_money + _taken_beyond(beyond, nothing)
    if outside.minor < 0:
        # Of credit that is not here nothing can be put on what is.
        outside, beyond = elsewhere - off_the_money, {}
    return Spread(
        amount=document.amount - off_the_money,
        allocations=tuple(
            (
                invoices[part.invoice],
                part.amount - _over(beyond, Kind.INVOICE, part.invoice, nothing),
            )
            for part in document.applications
            if part.invoice in invoices
        ),
        used=tuple(
            (
                memos[use.credit_memo],
                use.amount - _over(beyond, Kind.CREDIT_MEMO, use.credit_memo, nothing),
            )
            for use in document.credits
            if use.credit_memo in memos
        ),
        outside=outside,
    )


def _taken_beyond(beyond: Beyond, nothing: Money) -> Money:
    """What it puts on their documents beyond ours, less what it brings from beyond ours."""
    signs = {Kind.INVOICE: 1, Kind.CREDIT_MEMO: -1}
    return Money(sum(signs[kind] * over for (kind, _), over in beyond.items()), nothing.currency)


def _over(beyond: Beyond, kind: Kind, remote_id: str, nothing: Money) -> Money:
    return Money(beyond.get((kind, remote_id), 0), nothing.currency)
