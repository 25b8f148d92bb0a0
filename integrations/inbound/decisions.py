"""The answers to a difference: take theirs, send ours again; where it is theirs alone, try again or leave it.

Run inside ``within()``; none calls anybody. Without an actor it is the sync rules that answer. What changes more
than the question begins with `due.hold`, as a turn does that may follow the same document.
"""

from dataclasses import astuple, dataclass, fields, replace
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from billing.home import day_in_words
from billing.models import CreditMemo, Customer, Invoice, Payment, Refund
from billing.money import Money, MoneySum
from integrations.documents import (
    Address,
    Application,
    CreditMemoDocument,
    CustomerDocument,
    CustomField,
    Document,
    ExpenseDocument,
    Held,
    InvoiceDocument,
    Kind,
    ListKind,
    OtherPart,
    PaymentDocument,
    RefundReceiptDocument,
    changed_fields,
    changed_since,
    fingerprint,
    from_json,
    merged,
    to_json,
)
from integrations.inbound import (
    apply,
    by_field,
    credit_awaited,
    customer_fields,
    drift,
    same_payment,
)
from integrations.inbound.by_field import Merge
from integrations.inbound.matching import CREDIT_APPLIED, INACTIVE_THERE, REFUNDS, SAME_PAYMENT
from integrations.labels import FIELDS, of_fields
from integrations.models import Discrepancy, Doorbell, Link, MirrorEntry, policies_in_force
from integrations.outbound import as_taken, due, jobs, links, locked_there, purchase_tax, settled
from integrations.outbound.compose import document_now, document_to_agree
from integrations.outbound.composing.invoices import ONLY_THEIRS
from integrations.outbound.push import is_void
from integrations.policies import OWNED, OWNED_OF_CUSTOMERS, UnpaidEdit
from tenants import as_shown, audit
from tenants.models import User

Part = TypeVar("Part", Application, OtherPart)

DELETED = "deleted_there"
CHANGED, GONE = ("changed_there",), ("voided_there", DELETED)
LOCKED = (locked_there.CODE,)
INACTIVE = (INACTIVE_THERE,)
# What is taken of an invoice together, whichever of it they changed.
TAKEN_AS_ONE = frozenset({"lines", "tax", "tax_code"})

# What of theirs can be taken; what becomes of a customer or a deposit there is refused in words of its own.
TAKEN_BY_HAND: dict[Kind, frozenset[str]] = {
    Kind.INVOICE: frozenset(apply.OURS) | apply.REFUSED | TAKEN_AS_ONE,
    Kind.CREDIT_MEMO: apply.FOLLOWED[Kind.CREDIT_MEMO] | {"customer", "tax_code"},
    # The account is composed as it was agreed on.
    Kind.PAYMENT: apply.FOLLOWED[Kind.PAYMENT] | {"customer", "deposit_account"},
    # Another customer than ours is refused in words of its own.
    **dict.fromkeys(REFUNDS, apply.AMOUNT_OF_REFUND | apply.OURS_OF_REFUND.keys() | {"customer"}),
}

# Which of their lists a field names an entry of.
LISTED: dict[str, ListKind | Kind] = {
    "customer": Kind.CUSTOMER,
    "term": ListKind.TERM,
    "method": ListKind.PAYMENT_METHOD,
    "deposit_account": ListKind.ACCOUNT,
    "account": ListKind.ACCOUNT,
    "expense_account": ListKind.ACCOUNT,
    "tracking_class": ListKind.CLASS,
    "location": ListKind.DEPARTMENT,
}


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field with both values, in words."""

    label: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a page shows of both sides: the fields that they changed, or that differ where it is locked there, and the
    `mark` of what is asked.
    """

    fields: list[FieldDifference]
    mark: str


def mark(question: Discrepancy, ours: Document | None = None) -> str:
    """Another one as soon as theirs or what is asked is another, or ours, where an answer is about that as well."""
    beside = fingerprint(ours) if ours else ""
    return as_shown.mark(question.remote_version, question.sentence, beside)


def can_take(question: Discrepancy) -> bool:
    """Whether ours can be made what theirs is."""
    is_ours = _is_ours(question) and question.reason_code in CHANGED + GONE + LOCKED
    return is_ours or _is_inactive(question) or _is_of_a_customer(question)


def can_send(question: Discrepancy) -> bool:
    """Whether theirs can be made what ours is: not when it is gone for good."""
    is_ours = _is_ours(question) and question.reason_code in CHANGED
    return is_ours or _is_inactive(question) or _is_of_a_customer(question)


def can_make_again(question: Discrepancy) -> bool:
    """Whether ours, deleted over there, can be made there once more. A voided one still has the number there."""
    return _is_ours(question) and question.reason_code == DELETED


def can_try_again(question: Discrepancy) -> bool:
    """Whether it can be read anew or left: what is only theirs, and a payment of ours that uses credit unknown here."""
    return question.local_id is None or question.reason_code == CREDIT_APPLIED


def can_tell(question: Discrepancy) -> bool:
    """Whether it is for staff to say that theirs and ours are the same payment, or two."""
    return question.reason_code == SAME_PAYMENT


def is_theirs(question: Discrepancy) -> bool:
    """Whether ours can be neither taken over nor sent."""
    return can_try_again(question) or can_tell(question)


def owned_parts(question: Discrepancy) -> frozenset[str]:
    """What is asked about and has an owner under the sync rules, by the name of the rule that says who it is."""
    if _is_of_a_customer(question):
        asked = _asked_of_customer(question)
        return frozenset(rule for rule, name in OWNED_OF_CUSTOMERS.items() if name in asked)
    is_by_field = policies_in_force().unpaid_edit_owner is UnpaidEdit.PER_FIELD
    if question.kind != Kind.INVOICE or question.reason_code not in CHANGED or not is_by_field:
        return frozenset()
    link, theirs = _link(question), question.held().document
    before = link.their_document() if link else None
    changed = changed_fields(before, theirs) if before and theirs else frozenset()
    return by_field.parts_in(changed) & OWNED.keys()


def compare(question: Discrepancy) -> Comparison:
    """What they changed, field by field, beside what we have."""
    link = _link(question)
    if link is None:
        return Comparison([], mark(question))
    ours = _ours_beside(question, link)
    shown = _differences(question, link, ours)
    return Comparison(shown, mark(question, None if can_try_again(question) else ours))


def _ours_beside(question: Discrepancy, link: Link) -> Document:
    """What we would send now; what was agreed on while something that it needs is missing."""
    parts = _parts_changed_there(link, question.held())
    now = document_now(question.connection, Kind(question.kind), link.local_id, decided=parts)
    return now or link.our_document()


def _differences(question: Discrepancy, link: Link, ours: Document) -> list[FieldDifference]:
    theirs, before = question.held().document, link.their_document()
    if theirs is None or before is None:
        return []
    changed = changed_fields(ours if question.reason_code in LOCKED else before, theirs)
    return [
        FieldDifference(
            FIELDS[name],
            _named(question, name, getattr(ours, name)),
            _named(question, name, getattr(theirs, name)),
        )
        for name in (field.name for field in fields(theirs))
        if name in changed and name in FIELDS
    ]


def changed_by_them(question: Discrepancy) -> frozenset[str]:
    """The fields that they have changed since both sides agreed; none of what is gone there."""
    link, theirs = _link(question), question.held().document
    before = link.their_document() if link else None
    if theirs is None or before is None or is_void(theirs):
        return frozenset()
    return changed_fields(before, theirs)


def left_there(question: Discrepancy) -> list[str]:
    """What they changed and what has no place here, in words: it stays there as it is when theirs is taken."""
    link = _link(question)
    taken = TAKEN_BY_HAND.get(Kind(question.kind), frozenset(FIELDS))
    if link is not None and not link.made_by_us:
        taken |= {"number"}
    return of_fields(changed_by_them(question) - taken)


def staying_there(question: Discrepancy, names: frozenset[str]) -> list[str]:
    """Which of these fields nothing here stands for, in words: once ours is sent they stay there as they are."""
    link, theirs = _link(question), question.held().document
    if not _is_ours(question) or link is None or theirs is None:
        return []
    if isinstance(theirs, InvoiceDocument) and not link.made_by_us:
        # What only they can change was taken.
        return []
    now = document_now(question.connection, Kind(question.kind), link.local_id)
    return of_fields(names - changed_fields(now, theirs)) if now else []


def take_theirs(question: Discrepancy, *, actor: User | None) -> None:
    """Ours becomes what theirs is. Raises `apply.CannotApply` with the reason why not.

    Nothing is sent but what was changed here before, never went out, and they left alone.
    """
    due.hold(question.connection_id)
    connection, held = question.connection, question.held()
    if _is_of_a_customer(question):
        _agree_fields(question, held, Merge(take=_asked_of_customer(question)))
        _settle(question, "difference.took_theirs", actor)
        return
    if question.kind == Kind.CUSTOMER:
        _archive(question, held, actor)
        return
    link = _link(question)
    if isinstance(held.document, InvoiceDocument) and link and not link.made_by_us:
        apply.follow_invoice(connection, held, link.local_id, actor=actor)
        _settle(question, "difference.took_theirs", actor, theirs=frozenset(OWNED))
        return
    changed = _to_take(question, link, held) if link else frozenset()
    unsent = _unsent(link, held.document, changed) if link else frozenset()
    _take_document(question, held, changed, actor)
    if isinstance(held.document, ExpenseDocument) and link is not None:
        purchase_tax.take(link, held.document, changed)
    if linked_to(question) != question.local_id:
        # It was booked anew.
        _settle(question, "difference.took_theirs", actor)
        return
    ours = document_to_agree(connection, Kind(question.kind), _local_id(question))
    if ours is not None:
        ours = merged(ours, link.our_document(), unsent) if link else ours
        if held.document is not None:
            ours = merged(ours, held.document, _as_theirs(held.document, changed))
        links.agree(connection, Kind(question.kind), _local_id(question), ours=ours, held=held)
    if isinstance(held.document, InvoiceDocument) and link is not None:
        by_field.note_taken(link, by_field.parts_in(changed))
    elif link is not None and links.DEPOSIT_ACCOUNT in changed:
        # The account of a payment does not go back any more.
        Link.objects.filter(pk=link.pk).update(taken={})
    _settle(question, "difference.took_theirs", actor, theirs=by_field.parts_in(changed))


def _to_take(question: Discrepancy, link: Link, held: Held) -> frozenset[str]:
    """What of theirs is taken: what they have changed, or of ours what they let nobody change there."""
    if question.reason_code not in LOCKED:
        return _changed_there(link, held)
    kind = Kind(link.kind)
    now = document_to_agree(link.connection, kind, link.local_id)
    refused = changed_fields(link.our_document(), now) if now else TAKEN_BY_HAND[kind]
    return apply.taken_together(refused) if kind is Kind.PAYMENT else refused


def _changed_there(link: Link, held: Held) -> frozenset[str]:
    """What they have changed since both sides agreed."""
    match held.document:
        case PaymentDocument():
            return apply.changed_of_payment(link, held.document)
        case CreditMemoDocument() | ExpenseDocument() | RefundReceiptDocument():
            return changed_since(link.their_document(), held.document)
        case _:
            return apply.changed_there(link, held)


def _unsent(link: Link, theirs: Document | None, changed: frozenset[str]) -> frozenset[str]:
    """What of ours differs from what was agreed and is not about to be taken: it stays to be sent."""
    if theirs is None or is_void(theirs):
        return frozenset()
    now = document_to_agree(link.connection, Kind(link.kind), link.local_id)
    every = changed_since(None, theirs)
    differing = changed_fields(link.our_document(), now) if now else every
    return differing - (changed | TAKEN_AS_ONE if changed & TAKEN_AS_ONE else changed)


def _as_theirs(theirs: Document, changed: frozenset[str]) -> frozenset[str]:
    """What is composed as it was agreed, which is what theirs says now where it was changed."""
    match theirs:
        case InvoiceDocument():
            return policies_in_force().fields_held_there & changed | ONLY_THEIRS
        case PaymentDocument():
            # Also what it is put on that is not here: a later change of ours leaves that, and its money, as it is.
            return (apply.SPREAD | {links.DEPOSIT_ACCOUNT}) & changed
        case _:
            return frozenset()


def _take_document(
    question: Discrepancy, held: Held, changed: frozenset[str], actor: User | None
) -> None:
    connection = question.connection
    local_id = _local_id(question)
    if question.kind != Kind.PAYMENT and apply.was_given_away(connection, held, local_id):
        raise apply.CannotApply(apply.GIVEN_AWAY)
    if question.kind == Kind.INVOICE:
        invoice = Invoice.objects.get(pk=local_id)
        apply.take_invoice(connection, invoice, held, actor=actor)
    elif question.kind == Kind.CREDIT_MEMO:
        memo = CreditMemo.objects.get(pk=local_id)
        apply.take_credit_memo(connection, memo, held, actor=actor)
    elif question.kind in REFUNDS:
        refund = Refund.objects.get(pk=local_id)
        apply.take_refund(connection, refund, held, changed, actor=actor)
    else:
        payment = Payment.objects.get(pk=local_id)
        apply.take_payment(connection, payment, held, changed, actor=actor)


def put_away(question: Discrepancy, *, actor: User | None) -> None:
    """Ours, deleted over there, is void and archived. Raises `apply.CannotApply`, and changes nothing then."""
    with transaction.atomic():
        take_theirs(question, actor=actor)
        invoice = Invoice.objects.get(pk=_local_id(question))
        apply.put_away(question.connection, invoice, actor=actor)


def put_together(question: Discrepancy, *, actor: User | None) -> None:
    """Field by field, as the sync rules say; what both sides changed stays asked. Raises `apply.CannotApply`."""
    due.hold(question.connection_id)
    connection, link, local_id = question.connection, _link(question), _local_id(question)
    ours = document_now(connection, Kind.INVOICE, local_id)
    if link is None or not isinstance(ours, InvoiceDocument):
        return
    found = by_field.put_together(link, question.held(), ours, policies_in_force())
    if found is not None and not found.ask:
        _settle(question, "difference.put_together", actor, theirs=found.take)


def send_ours(question: Discrepancy, *, actor: User | None) -> None:
    """Theirs becomes what ours is again: only the fields that differ go out, against their newest version.

    What is changed over there alone of an invoice that was made there is taken. Raises `apply.CannotApply`.
    """
    due.hold(question.connection_id)
    held, link = question.held(), _link(question)
    parts = _parts_changed_there(link, held) if link else frozenset()
    if _is_of_a_customer(question):
        _agree_fields(question, held, Merge(send=_asked_of_customer(question)))
    elif question.kind == Kind.CUSTOMER:
        _agree_inactive(question, held)
    elif isinstance(held.document, InvoiceDocument) and link and not link.made_by_us:
        apply.take_their_part(question.connection, link.local_id, held, actor=actor)
    elif held.document is not None:
        ours = _with_their_changes(link, held.document) if link else held.document
        Link.objects.filter(pk=_link_id(question)).update(
            remote_version=question.remote_version,
            ours=to_json(ours),
            fingerprint=fingerprint(ours),
            theirs=to_json(held.document),
            their_fingerprint=fingerprint(held.document),
            taken=_kept_of(link, held.document, parts) if link else {},
        )
    _settle(question, "difference.sent_ours", actor, ours=parts)


def _kept_of(link: Link, theirs: Document, parts: frozenset[str]) -> dict[str, Any]:
    """What the link says beside both halves once ours is sent: of a payment the account that it goes back to.

    Raises `apply.CannotApply` where that is in use there no more.
    """
    before = link.their_document()
    if not (isinstance(before, PaymentDocument) and isinstance(theirs, PaymentDocument)):
        return as_taken.without(link.taken, parts)
    moved = before.deposit_account != theirs.deposit_account
    account = links.goes_back_to(link) or (before.deposit_account if moved else "")
    if account != theirs.deposit_account:
        _require_active(link, account)
    return {links.DEPOSIT_ACCOUNT: account} if account else {}


def _require_active(link: Link, account: str) -> None:
    """QuickBooks would refuse every change of a payment that names such an account."""
    entries = MirrorEntry.objects.filter(connection=link.connection, kind=ListKind.ACCOUNT)
    inactive = entries.filter(remote_id=account, active=False).first()
    if inactive is not None:
        raise apply.CannotApply(
            f"{inactive.name}, where it was deposited before, is not active in QuickBooks. "
            "Make it active there first, or take theirs."
        )


def _parts_changed_there(link: Link, held: Held) -> frozenset[str]:
    """The parts of an invoice that they have changed and that may have an owner, by the name of its rule."""
    if not isinstance(held.document, InvoiceDocument):
        return frozenset()
    return by_field.parts_in(apply.changed_there(link, held)) & OWNED.keys()


def _with_their_changes(link: Link, theirs: Document) -> Document:
    """What was agreed on with what they changed since. What they had filled in by themselves is not to be undone."""
    before, ours = link.their_document(), link.our_document()
    if before is None:
        return theirs
    changed = changed_fields(before, theirs)
    agreed = merged(ours, theirs, changed)
    if isinstance(agreed, PaymentDocument) and isinstance(ours, PaymentDocument):
        # What only they link it with is composed as it was agreed, so their change of that must not count as agreed.
        agreed = replace(
            agreed,
            applications=_undone(ours.applications, agreed.applications),
            others=_undone(ours.others, agreed.others),
        )
    return agreed


def _undone(ours: tuple[Part, ...], agreed: tuple[Part, ...]) -> tuple[Part, ...]:
    """Ours, and of each part that they changed one over nothing: nothing that is composed is equal to that."""
    before: list[Part] = [part for part in ours if part.amount]
    apart: list[Part] = [part for part in before if part not in agreed]
    apart += [part for part in agreed if part.amount and part not in before]
    nothing: list[Part] = [replace(part, amount=part.amount - part.amount) for part in apart]
    return tuple(before + nothing)


def _agree_fields(question: Discrepancy, held: Held, found: Merge) -> None:
    link = _link(question)
    if link is not None:
        customer_fields.agree(link, held, found)


def _asked_of_customer(question: Discrepancy) -> frozenset[str]:
    link, document = _link(question), question.held().document
    return customer_fields.asked_about(link, document) if link and document else frozenset()


def _archive(question: Discrepancy, held: Held, actor: User | None) -> None:
    """Documents stay as they are; taken back from the archive it is made active there again."""
    customer = Customer.objects.get(pk=_local_id(question))
    apply.archive_customer(question.connection, customer, actor=actor)
    _agree_inactive(question, held)
    _settle(question, "difference.took_theirs", actor)


def _agree_inactive(question: Discrepancy, held: Held) -> None:
    """That it is inactive is all that is agreed on, so that what else was changed there stays as it is (X-108).

    Nothing is where it was unlinked since it was asked.
    """
    link = _link(question)
    if link is None:
        return
    ours = link.our_document()
    assert isinstance(ours, CustomerDocument)
    links.agree(
        question.connection,
        Kind.CUSTOMER,
        _local_id(question),
        ours=replace(ours, active=False),
        held=held,
    )


def make_again(question: Discrepancy, *, actor: User | None) -> None:
    """Another document like ours is made over there; what is gone stays gone."""
    due.hold(question.connection_id)
    jobs.make_again(question.connection, Kind(question.kind), _local_id(question))
    if question.kind == Kind.INVOICE:
        settled.forget(question.connection, question.remote_id)
    _settle(question, "difference.made_again", actor)


def try_again(question: Discrepancy, *, actor: User | None) -> None:
    """Theirs is read and judged anew, after the credit it waits for; the question closes by itself if that succeeds."""
    due.hold(question.connection_id)
    for memo in credit_awaited.unknown(question):
        Doorbell.ring_again(question.connection, Kind.CREDIT_MEMO, memo)
    Doorbell.ring_again(question.connection, question.kind, question.remote_id)
    due.look_now(question.connection.id)
    _note("difference.tried_again", question, actor)


def leave(question: Discrepancy, *, actor: User | None) -> None:
    """Both sides stay as they are; asked again only when theirs is changed."""
    drift.close(question)
    _note("difference.left", question, actor)


def are_the_same(question: Discrepancy, *, actor: User | None) -> None:
    """Both are linked; what theirs says otherwise is taken or asked about. Raises `apply.CannotApply`."""
    due.hold(question.connection_id)
    if not same_payment.is_possible(question):
        raise apply.CannotApply("One of them is void, or belongs to another one by now.")
    same_payment.link(question.connection, question.held(), _local_id(question))
    same_payment.go_on(question)
    _note("difference.same", question, actor)


def are_two(question: Discrepancy, *, actor: User | None) -> None:
    """Theirs is booked here as well, and ours goes there."""
    due.hold(question.connection_id)
    same_payment.go_on(question)
    _note("difference.two", question, actor)


def _note(action: str, question: Discrepancy, actor: User | None) -> None:
    audit.record(action, actor=actor, object_kind=question.kind, remote_id=question.remote_id)


def _is_ours(question: Discrepancy) -> bool:
    """Whether it is about a document that can be taken over or sent."""
    answered = (Kind.INVOICE, Kind.CREDIT_MEMO, Kind.PAYMENT, *REFUNDS)
    return question.local_id is not None and question.kind in answered


def _is_inactive(question: Discrepancy) -> bool:
    """Whether it is about a customer of ours that is in use there no more."""
    return question.kind == Kind.CUSTOMER and question.reason_code in INACTIVE


def _is_of_a_customer(question: Discrepancy) -> bool:
    """Whether it is about fields of a customer that both sides changed."""
    return question.kind == Kind.CUSTOMER and question.reason_code in CHANGED


def _settle(
    question: Discrepancy,
    action: str,
    actor: User | None,
    *,
    ours: frozenset[str] = frozenset(),
    theirs: frozenset[str] = frozenset(),
) -> None:
    """``ours`` are the parts of an invoice that go to QuickBooks also where it owns them, ``theirs`` were taken."""
    drift.close(question)
    local_id = _local_id(question)
    jobs.want(question.connection, Kind(question.kind), local_id, urgent=True)
    if question.kind == Kind.INVOICE:
        jobs.decided(question.connection, local_id, ours=ours, theirs=theirs)
    settled.settle_what_had_no_room(question.connection, Kind(question.kind), local_id)
    link = _link(question)
    if question.ours and link is not None:
        settled.let_go(question.connection, from_json(question.ours), link.our_document())
    audit.record(action, actor=actor, object_kind=question.kind, object_id=local_id)


def _local_id(question: Discrepancy) -> UUID:
    """Ours; questions about documents that are only theirs have no answer here."""
    assert question.local_id is not None
    return question.local_id


def linked_to(question: Discrepancy) -> UUID:
    """The document of ours that stands for theirs, which may have been booked anew since it was asked."""
    link = _link(question)
    return link.local_id if link else _local_id(question)


def _link(question: Discrepancy) -> Link | None:
    return links.of_remote(question.connection, Kind(question.kind), question.remote_id)


def _link_id(question: Discrepancy) -> Any:
    link = _link(question)
    return link.pk if link else None


def _named(question: Discrepancy, name: str, value: Any) -> str:
    """What is an id of theirs by the name that it has in their list."""
    if name not in LISTED or not value:
        return _words(value)
    entries = MirrorEntry.objects.filter(
        connection=question.connection, kind=LISTED[name], remote_id=value
    )
    return entries.values_list("name", flat=True).first() or _words(value)


def _words(value: Any) -> str:
    match value:
        case Money():
            return str(value)
        case date():
            return day_in_words(value)
        case (CustomField(), *_):
            return ", ".join(one.value for one in value)
        case tuple():
            return f"{len(value)} for {_sum(value)}" if value else "none"
        case Address():
            return ", ".join(filter(None, astuple(value))) or "nothing"
        case None | "":
            return "nothing"
        case _:
            return str(value)


def _sum(parts: tuple[Any, ...]) -> MoneySum:
    return MoneySum.total((part.amount for part in parts), parts[0].amount.currency)
