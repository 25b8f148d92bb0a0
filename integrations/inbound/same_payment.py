"""A payment that both books had when staff said that its invoice is one: booked once. Runs inside ``within()``."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.home import day_in_words
from billing.models import Payment
from billing.money import Money
from integrations.documents import Held, Kind, PaymentDocument, merged
from integrations.inbound import drift
from integrations.inbound.matching import SAME_PAYMENT, SamePayment, concerning_us
from integrations.models import (
    Connection,
    Discrepancy,
    Doorbell,
    Intent,
    IntentState,
    Link,
    SyncJob,
)
from integrations.outbound import due, jobs, links, number_taken, wishes
from integrations.outbound.compose import document_to_agree, is_ready
from integrations.outbound.recognise import say_the_same
from regentra import clock

# What two payments that are one may differ in (`say_the_same`); all else is as it is there.
SAID = frozenset(
    {"received_on", "amount", "applications", "credits", "others", "reference", "memo"}
)
SAYS = (
    "QuickBooks has a payment of {theirs} of {their_day} with {reference}; here is one of {ours} of {our_day}. "
    "Say whether they are the same."
)


@dataclass(frozen=True, slots=True)
class Twin:
    """Ours that may be the same as one of theirs; where it is not certain, staff are asked."""

    payment: Payment
    is_certain: bool


def ours(
    connection: Connection, held: Held, invoices: Collection[tuple[str, UUID]]
) -> SamePayment | None:
    """Ours that is the same as this one of theirs, which pays ``invoices`` of ours, by their id and ours."""
    theirs = held.document
    if not isinstance(theirs, PaymentDocument) or theirs.voided or not theirs.amount:
        return None
    linked = number_taken.linked_by_answer(connection, invoices)
    if not linked:
        return None
    alike = _alike(connection, held, {local_id for _, local_id in linked}, max(linked.values()))
    best = max(alike, key=lambda one: _likeness(one, theirs), default=None)
    return SamePayment(best.payment.pk, best.is_certain) if best else None


def ask(connection: Connection, held: Held, local_id: UUID) -> None:
    """Neither goes anywhere until staff have said."""
    payment, theirs = Payment.objects.get(pk=local_id), held.document
    assert isinstance(theirs, PaymentDocument)
    _asked(connection).filter(remote_id=held.id).exclude(local_id=local_id).update(
        closed_at=clock.now()
    )
    sentence = SAYS.format(
        theirs=theirs.amount,
        their_day=day_in_words(theirs.received_on),
        reference=theirs.reference or "no reference",
        ours=payment.amount,
        our_day=day_in_words(payment.received_on),
    )
    drift.open_one(connection, held, code=SAME_PAYMENT, sentence=sentence, local_id=local_id)


def is_possible(question: Discrepancy) -> bool:
    """Whether both still stand alone."""
    both = Q(local_id=question.local_id) | Q(remote_id=question.remote_id)
    linked = Link.objects.filter(both, connection=question.connection, kind=Kind.PAYMENT)
    ours = Payment.objects.filter(pk__in=[question.local_id], voided_at=None)
    return ours.exists() and not linked.exists()


def go_on(question: Discrepancy) -> None:
    """It was answered. Theirs is judged anew, and ours goes where it is another one. After `due.hold`."""
    drift.close(question)
    Doorbell.ring_again(question.connection, question.kind, question.remote_id)
    due.look_now(question.connection_id)
    if question.local_id is not None:
        jobs.take_up_again(question.connection, Kind.PAYMENT, question.local_id)


def link(connection: Connection, held: Held, local_id: UUID) -> None:
    """Afterwards it is linked; where theirs says something else, as if it had been changed after we agreed.

    Of an invoice of which theirs holds it follows theirs, as it does what was made there. What it pays beside and is
    not there yet is owed.
    """
    theirs = held.document
    assert isinstance(theirs, PaymentDocument)
    payment = Payment.objects.select_for_update().get(pk=local_id)
    paid = _invoices_of_ours(connection, theirs)
    is_part = payment.amount != theirs.amount != _here(connection, theirs)
    is_ours = not is_part and all(paid.values())
    # Where it is all of it, nothing here says that it pays what is only there.
    known = theirs if is_part else _of_what_is_here(theirs, paid)
    links.agree(connection, Kind.PAYMENT, local_id, ours=known, held=held, made_by_us=is_ours)
    now = document_to_agree(connection, Kind.PAYMENT, local_id)
    assert isinstance(now, PaymentDocument)
    links.agree(connection, Kind.PAYMENT, local_id, ours=now, held=_as_agreed(held, theirs, now))
    if is_ready(connection, Kind.PAYMENT, local_id):
        mine = {"connection": connection, "kind": Kind.PAYMENT, "local_id": local_id}
        for job in SyncJob.objects.filter(**mine):
            jobs.agreed(job, job.wanted)
    else:
        jobs.want(connection, Kind.PAYMENT, local_id)
    wishes.want_refunds_of(local_id)
    for other in _asked(connection).filter(local_id=local_id).exclude(remote_id=held.id):
        go_on(other)


def _as_agreed(held: Held, theirs: PaymentDocument, now: PaymentDocument) -> Held:
    """As of another version where it says something else, so that nothing of ours goes over what is asked about."""
    if say_the_same(now, theirs):
        return held
    return replace(held, version="", document=merged(theirs, now, SAID))


def _alike(
    connection: Connection, held: Held, invoices: Collection[UUID], until: datetime
) -> Iterator[Twin]:
    """Those of ours on these invoices that are nowhere yet and were recorded before staff said that they are one."""
    mine = {"kind": Kind.PAYMENT, "local_id": OuterRef("pk")}
    theirs = held.document
    assert isinstance(theirs, PaymentDocument)
    others = Discrepancy.objects.filter(connection=connection, reason_code=SAME_PAYMENT)
    told_apart = others.filter(remote_id=held.id, local_id=OuterRef("pk")).exclude(closed_at=None)
    unsent = Payment.objects.filter(
        ~Exists(Link.objects.filter(**mine)),
        ~Exists(Intent.objects.filter(**mine, state=IntentState.OPEN)),
        ~Exists(told_apart),
        allocations__invoice__in=invoices,
        currency=theirs.amount.currency,
        created_at__lte=until,
        voided_at=None,
    )
    amounts = {theirs.amount, _here(connection, theirs)}
    for one in unsent.distinct().order_by("created_at", "pk"):
        is_as_much = one.amount in amounts
        if _may_be_the_same(one, theirs, is_as_much=is_as_much):
            yield Twin(one, is_certain=is_as_much)


def _may_be_the_same(payment: Payment, theirs: PaymentDocument, *, is_as_much: bool) -> bool:
    """Two of one day with different references are two; of another amount it is only with the same one."""
    named, there = _reference(payment.reference), _reference(theirs.reference)
    if named and there:
        return named == there
    return is_as_much and payment.received_on == theirs.received_on


def _likeness(twin: Twin, theirs: PaymentDocument) -> tuple[bool, ...]:
    same_reference = _reference(twin.payment.reference) == _reference(theirs.reference)
    return twin.is_certain, same_reference, twin.payment.received_on == theirs.received_on


def _reference(words: str) -> str:
    return " ".join(words.split()).casefold()


def _here(connection: Connection, theirs: PaymentDocument) -> Money:
    """What of its money other documents of theirs do not take."""
    paid = _invoices_of_ours(connection, theirs)
    rows = Link.objects.filter(connection=connection, kind=Kind.INVOICE, remote_id__in=paid)
    invoices = rows.values_list("remote_id", "local_id")
    return concerning_us(theirs, invoices, (), {}).amount


def _of_what_is_here(theirs: PaymentDocument, paid: Collection[str]) -> PaymentDocument:
    applied = tuple(part for part in theirs.applications if part.invoice in paid)
    return replace(theirs, applications=applied, others=())


def _invoices_of_ours(connection: Connection, theirs: PaymentDocument) -> dict[str, bool]:
    """Which of the invoices that it pays are here, by their id, and whether ours holds."""
    paid = [part.invoice for part in theirs.applications]
    rows = Link.objects.filter(connection=connection, kind=Kind.INVOICE, remote_id__in=paid)
    return dict(rows.values_list("remote_id", "made_by_us"))


def _asked(connection: Connection) -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(
        connection=connection, kind=Kind.PAYMENT, reason_code=SAME_PAYMENT, closed_at=None
    )
