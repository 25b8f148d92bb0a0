"""A payment that both books had when staff said that its invoice is one: booked once. Runs inside ``within()``."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from billing.models import Payment
from integrations.documents import Held, Kind, PaymentDocument, merged
from integrations.models import Connection, Intent, IntentState, Link, SyncJob
from integrations.outbound import jobs, links, number_taken, wishes
from integrations.outbound.compose import document_to_agree, is_ready
from integrations.outbound.recognise import say_the_same

# What two payments that are one may differ in (`say_the_same`); all else is as it is there.
SAID = frozenset(
    {"received_on", "amount", "applications", "credits", "others", "reference", "memo"}
)


def ours(connection: Connection, held: Held, invoices: Collection[tuple[str, UUID]]) -> UUID | None:
    """Ours that is the same as this one of theirs, which pays ``invoices`` of ours, by their id and ours."""
    theirs = held.document
    if not isinstance(theirs, PaymentDocument) or theirs.voided or not theirs.amount:
        return None
    linked = number_taken.linked_by_answer(connection, invoices)
    if not linked:
        return None
    alike = list(_alike(theirs, {local_id for _, local_id in linked}, max(linked.values())))
    return max(alike, key=lambda one: _says_as_much(one, theirs)).pk if alike else None


def link(connection: Connection, held: Held, local_id: UUID) -> None:
    """Afterwards it is linked; where theirs says something else, as if it had been changed after we agreed.

    Of an invoice of which theirs holds it follows theirs, as it does what was made there. What it pays beside and is
    not there yet is owed.
    """
    theirs = held.document
    assert isinstance(theirs, PaymentDocument)
    Payment.objects.select_for_update().get(pk=local_id)
    paid = _invoices_of_ours(connection, theirs)
    is_ours = all(paid.values())
    # Nothing here says that it pays what is only there.
    known = replace(
        theirs,
        applications=tuple(part for part in theirs.applications if part.invoice in paid),
        others=(),
    )
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


def _as_agreed(held: Held, theirs: PaymentDocument, now: PaymentDocument) -> Held:
    """As of another version where it says something else, so that nothing of ours goes over what is asked about."""
    if say_the_same(now, theirs):
        return held
    return replace(held, version="", document=merged(theirs, now, SAID))


def _alike(
    theirs: PaymentDocument, invoices: Collection[UUID], until: datetime
) -> Iterator[Payment]:
    """Those of ours on these invoices that are nowhere yet and were recorded before staff said that they are one."""
    mine = {"kind": Kind.PAYMENT, "local_id": OuterRef("pk")}
    amount = theirs.amount
    unsent = Payment.objects.filter(
        ~Exists(Link.objects.filter(**mine)),
        ~Exists(Intent.objects.filter(**mine, state=IntentState.OPEN)),
        allocations__invoice__in=invoices,
        amount_minor=amount.minor,
        currency=amount.currency,
        created_at__lte=until,
        voided_at=None,
    )
    for one in unsent.distinct().order_by("created_at", "pk"):
        if _is_same(one, theirs):
            yield one


def _is_same(payment: Payment, theirs: PaymentDocument) -> bool:
    """Two of one day with different references are two."""
    named, there = _reference(payment.reference), _reference(theirs.reference)
    if named and there:
        return named == there
    return payment.received_on == theirs.received_on


def _says_as_much(payment: Payment, theirs: PaymentDocument) -> tuple[bool, bool]:
    same_reference = _reference(payment.reference) == _reference(theirs.reference)
    return same_reference, payment.received_on == theirs.received_on


def _reference(words: str) -> str:
    return " ".join(words.split()).casefold()


def _invoices_of_ours(connection: Connection, theirs: PaymentDocument) -> dict[str, bool]:
    """Which of the invoices that it pays are here, by their id, and whether ours holds."""
    paid = [part.invoice for part in theirs.applications]
    rows = Link.objects.filter(connection=connection, kind=Kind.INVOICE, remote_id__in=paid)
    return dict(rows.values_list("remote_id", "made_by_us"))
