"""A payment that both books had when its invoice, which both had too, became one: booked once. Inside ``within()``."""

from collections.abc import Collection, Iterable, Iterator
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
from integrations.outbound.recognise import plain_words, say_the_same
from regentra import clock

# What two payments that are one may differ in (`say_the_same`); all else is as it is there.
SAID = frozenset(
    {"received_on", "amount", "applications", "credits", "others", "reference", "memo"}
)
SAYS = (
    "QuickBooks has a payment of {theirs} of {their_day} with the reference {reference}; here is one of "
    "{ours} of {our_day}. Say whether they are the same."
)


@dataclass(frozen=True, slots=True)
class Match:
    """Ours that may be the same as one of theirs. A general reference, as "ACH", is borne by others of them, too."""

    payment: Payment
    theirs: PaymentDocument
    is_as_much: bool
    is_general: bool
    is_asked_about_another: bool

    @property
    def is_possible(self) -> bool:
        """Two of one day with different references are two; of another amount it is only with the same one."""
        if self.payment.reference and self.theirs.reference:
            return self.is_of_reference and (self.is_as_much or not self.is_general)
        return self.is_as_much and self.is_of_day

    @property
    def is_certain(self) -> bool:
        return self.is_as_much and (self.is_of_day or not self.is_general)

    @property
    def is_exact(self) -> bool:
        return self.is_as_much and self.is_of_day and self.is_of_reference

    @property
    def is_of_reference(self) -> bool:
        return plain_words(self.payment.reference) == plain_words(self.theirs.reference)

    @property
    def is_of_day(self) -> bool:
        return self.payment.received_on == self.theirs.received_on

    @property
    def likeness(self) -> tuple[int, ...]:
        days_between = abs((self.payment.received_on - self.theirs.received_on).days)
        return (
            self.is_certain,
            self.is_of_reference,
            not self.is_asked_about_another,
            -days_between,
        )


def ours(
    connection: Connection,
    held: Held,
    invoices: Collection[tuple[str, UUID]],
    beside: Iterable[Held],
) -> SamePayment | None:
    """Ours that is the same as this one of theirs, which pays ``invoices`` of ours, by their id and ours.

    One that is exactly another one of theirs, among those that were read ``beside`` it, is left to that one.
    """
    theirs = held.document
    if not isinstance(theirs, PaymentDocument) or theirs.voided or not theirs.amount:
        return None
    linked = number_taken.linked_late(connection, invoices)
    if not linked:
        return None
    others = _others(connection, held, {remote_id for remote_id, _ in linked}, beside)
    paid = {local_id for _, local_id in linked}
    matches = list(_matches(connection, held, paid, max(linked.values()), others))
    exact = [one for one in matches if one.is_exact]
    left = exact or [one for one in matches if not _is_of_others(connection, one, others)]
    best = max(left, key=lambda one: one.likeness, default=None)
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
        reference=theirs.reference,
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


def _matches(
    connection: Connection,
    held: Held,
    invoices: Collection[UUID],
    until: datetime,
    others: Collection[PaymentDocument],
) -> Iterator[Match]:
    """Those of ours on these invoices that are nowhere yet and were recorded before these became one."""
    mine = {"kind": Kind.PAYMENT, "local_id": OuterRef("pk")}
    theirs = held.document
    assert isinstance(theirs, PaymentDocument)
    said = Discrepancy.objects.filter(connection=connection, reason_code=SAME_PAYMENT)
    told_apart = said.filter(remote_id=held.id, local_id=OuterRef("pk")).exclude(closed_at=None)
    asked = _asked(connection).exclude(remote_id=held.id).values_list("local_id", flat=True)
    alive = Payment.objects.filter(allocations__invoice__in=invoices, voided_at=None).distinct()
    unsent = alive.filter(
        ~Exists(Link.objects.filter(**mine)),
        ~Exists(Intent.objects.filter(**mine, state=IntentState.OPEN)),
        ~Exists(told_apart),
        currency=theirs.amount.currency,
        created_at__lte=until,
    )
    amounts, about_others = _amounts(connection, theirs), set(asked)
    bearing = [plain_words(one.reference) for one in alive]
    bearing += [plain_words(one.reference) for one in others]
    is_general = bearing.count(plain_words(theirs.reference)) > 1
    for one in unsent.order_by("created_at", "pk"):
        match = Match(one, theirs, one.amount in amounts, is_general, one.pk in about_others)
        if match.is_possible:
            yield match


def _is_of_others(connection: Connection, match: Match, others: Iterable[PaymentDocument]) -> bool:
    """Whether ours is exactly another one of theirs."""
    return any(
        replace(
            match, theirs=one, is_as_much=match.payment.amount in _amounts(connection, one)
        ).is_exact
        for one in others
    )


def _others(
    connection: Connection, held: Held, invoices: Collection[str], beside: Iterable[Held]
) -> list[PaymentDocument]:
    """Those of theirs beside this one that pay any of these invoices and are not linked."""
    paying = {
        one.id: one.document
        for one in beside
        if isinstance(one.document, PaymentDocument)
        and any(part.invoice in invoices for part in one.document.applications)
    }
    known = Link.objects.filter(connection=connection, kind=Kind.PAYMENT, remote_id__in=paying)
    linked = set(known.values_list("remote_id", flat=True))
    return [one for remote_id, one in paying.items() if remote_id not in linked | {held.id}]


def _amounts(connection: Connection, theirs: PaymentDocument) -> set[Money]:
    """All of its money, and what is left of it for what is here."""
    return {theirs.amount, _here(connection, theirs)}


def _here(connection: Connection, theirs: PaymentDocument) -> Money:
    """What of its money other documents of theirs do not take."""
    paid = [part.invoice for part in theirs.applications]
    invoices = links.ours_of(connection, Kind.INVOICE, paid).items()
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
