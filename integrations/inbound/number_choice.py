"""The answers to "another invoice in QuickBooks has this number". Run inside ``within()``; none calls anybody."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from billing.models import Customer, Invoice
from billing.money import Money
from integrations.documents import Held, InvoiceDocument, Kind, ListKind, fingerprint
from integrations.inbound import apply
from integrations.inbound.same_number import Advice, Answer, Pair, Row, advise, rows
from integrations.models import Connection, Discrepancy, Link, MirrorEntry, policies_in_force
from integrations.outbound import cursor, due, entered_again, jobs, links, number_taken
from integrations.outbound.compose import document_now, invoice_to_compare
from integrations.outbound.recognise import CLOCK_ALLOWANCE
from tenants import as_shown, audit
from tenants.models import User


class CannotAnswer(Exception):
    """This answer is not possible; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Collision:
    """All that the page shows."""

    question: Discrepancy
    invoice: Invoice
    pair: Pair
    rows: list[Row]
    advice: Advice
    left_there: Money | None
    mark: str


def collision(invoice: Invoice) -> Collision | None:
    """The open question about this invoice, with both sides of it."""
    question = number_taken.about(invoice.pk)
    pair = _pair(question) if question else None
    if question is None or pair is None:
        return None
    theirs_for = _customer_there(question.connection, pair.theirs.customer)
    compared = rows(pair, ours_for=invoice.customer.name, theirs_for=theirs_for)
    advice, left = advise(pair), _left(question, pair)
    shown = as_shown.mark(
        question.remote_id,
        question.remote_version,
        fingerprint(pair.ours),
        str(compared),
        str(advice),
        str(left),
    )
    return Collision(question, invoice, pair, compared, advice, left, shown)


@transaction.atomic
def answer(question: Discrepancy, said: Answer, *, actor: User) -> None:
    """Does what was chosen. Raises `CannotAnswer`, and changes nothing then."""
    due.hold(question.connection_id)
    question = question.reload_locked()
    pair = _pair(question) if question.closed_at is None else None
    if question.local_id is None or pair is None or said not in advise(pair).possible:
        raise CannotAnswer("This is not possible any more. Compare both again.")
    invoice = Invoice.objects.get(pk=question.local_id)
    number_taken.close(invoice.pk)
    try:
        _DO[said](question, invoice, pair, actor)
    except apply.CannotApply as refusal:
        raise CannotAnswer(str(refusal)) from refusal
    audit.record(
        f"invoice.number_{said}",
        actor=actor,
        object_kind="invoice",
        object_id=invoice.pk,
        number=pair.ours.number,
        remote_id=question.remote_id,
    )


def _link(question: Discrepancy, invoice: Invoice, pair: Pair, actor: User) -> None:
    """They are the same, and ours holds, as if it had been made here: what differs goes out as a change of theirs.

    What QuickBooks holds by the sync rules is theirs all the same.
    """
    connection, held = question.connection, question.held()
    apply.require_no_deposit(pair.theirs)
    links.agree(connection, Kind.INVOICE, invoice.pk, ours=pair.theirs, held=held)
    held_there = policies_in_force().fields_held_there & apply.OURS.keys()
    if held_there:
        fields = frozenset(apply.OURS[name] for name in held_there)
        apply.take_fields(connection, invoice, held, fields, actor=actor)
    entered_again.close(connection, invoice.pk, held)
    _look_back(question, pair)
    jobs.want(connection, Kind.INVOICE, invoice.pk, urgent=True)


def _take(question: Discrepancy, invoice: Invoice, pair: Pair, actor: User) -> None:
    """They are the same, and theirs holds: ours becomes what theirs is, as far as its status lets it change."""
    connection, held = question.connection, question.held()
    apply.require_no_deposit(pair.theirs)
    # Nothing was agreed on before, so all of theirs counts as new.
    unseen = replace(held, document=None)
    links.agree(connection, Kind.INVOICE, invoice.pk, ours=pair.theirs, held=unseen)
    apply.take_invoice(connection, invoice, held, actor=actor)
    ours = document_now(connection, Kind.INVOICE, invoice.pk) or pair.theirs
    links.agree(connection, Kind.INVOICE, invoice.pk, ours=ours, held=held)
    link = Link.objects.filter(connection=connection, kind=Kind.INVOICE, remote_id=held.id)
    link.update(made_by_us=False)
    entered_again.close(connection, invoice.pk, held)
    _look_back(question, pair)
    jobs.want(connection, Kind.INVOICE, invoice.pk, urgent=True)


def _renumber(question: Discrepancy, invoice: Invoice, pair: Pair, actor: User) -> None:
    """They are two invoices: ours gets the next number, here and there."""
    apply.renumber(invoice, actor=actor)


def _leave(question: Discrepancy, invoice: Invoice, pair: Pair, actor: User) -> None:
    """Ours stays here; asked again when it is changed or sent again."""
    jobs.forgo(question.connection, Kind.INVOICE, invoice.pk)


_DO = {
    Answer.LINK: _link,
    Answer.TAKE: _take,
    Answer.RENUMBER: _renumber,
    Answer.LEAVE: _leave,
}


def _look_back(question: Discrepancy, pair: Pair) -> None:
    """Payments of theirs were nobody's until now: what changed since it was made is taken in once more.

    Where ours was paid nothing of that goes before, as one may have been recorded there since we asked.
    """
    made = question.held().created_at
    if not (pair.paid_there or pair.paid_here) or made is None:
        return
    cursor.look_back(question.connection_id, made - CLOCK_ALLOWANCE)


def _pair(question: Discrepancy) -> Pair | None:
    """None while ours cannot be built, and once it is there by itself."""
    assert question.local_id is not None
    ours = invoice_to_compare(question.connection, question.local_id)
    held = question.held()
    if _is_there(question) or ours is None or not isinstance(held.document, InvoiceDocument):
        return None
    return Pair(
        ours,
        held.document,
        is_linked=number_taken.is_linked(question),
        paid_here=Invoice.objects.get(pk=question.local_id).applied,
        paid_there=_paid(held, held.document),
    )


def _paid(held: Held, document: InvoiceDocument) -> Money:
    """What was seen of an invoice names no sum that is zero."""
    nothing = Money(0, document.currency)
    return (held.total or nothing) - (held.balance or nothing)


def _is_there(question: Discrepancy) -> bool:
    assert question.local_id is not None
    return bool(links.remote_id_of(question.connection, Kind.INVOICE, question.local_id))


def _left(question: Discrepancy, pair: Pair) -> Money | None:
    """What is still to be paid over there, where that is less than the total."""
    return question.held().balance if pair.paid_there else None


def _customer_there(connection: Connection, remote_id: str) -> str:
    """What their customer is called: as ours where it is linked, else as in the company's list."""
    link: UUID | None = (
        Link.objects.filter(connection=connection, kind=Kind.CUSTOMER, remote_id=remote_id)
        .values_list("local_id", flat=True)
        .first()
    )
    if link is not None:
        return Customer.objects.get(pk=link).name
    named = MirrorEntry.objects.filter(
        connection=connection, kind=ListKind.CUSTOMER, remote_id=remote_id
    )
    return named.values_list("name", flat=True).first() or "another customer"
