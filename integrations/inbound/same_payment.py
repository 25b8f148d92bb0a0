"""A payment that both books had when staff said that its invoice is one: booked once. Runs inside ``within()``."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from billing.models import Payment
from integrations.documents import Held, Kind, PaymentDocument
from integrations.models import Connection, Intent, IntentState, Link, SyncJob
from integrations.outbound import jobs, links, number_taken, wishes
from integrations.outbound.compose import document_to_agree
from integrations.outbound.recognise import say_the_same


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

    Of an invoice of which theirs holds it follows theirs, as it does what was made there.
    """
    theirs = held.document
    assert isinstance(theirs, PaymentDocument)
    Payment.objects.select_for_update().get(pk=local_id)
    is_ours = _pays_ours(connection, theirs)
    # With its link it waits for nothing any more.
    links.agree(connection, Kind.PAYMENT, local_id, ours=theirs, held=held, made_by_us=is_ours)
    now = document_to_agree(connection, Kind.PAYMENT, local_id) or theirs
    agreed = held if say_the_same(now, theirs) else replace(held, document=now)
    links.agree(connection, Kind.PAYMENT, local_id, ours=now, held=agreed)
    for job in SyncJob.objects.filter(connection=connection, kind=Kind.PAYMENT, local_id=local_id):
        jobs.agreed(job, job.wanted)
    wishes.want_refunds_of(local_id)


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


def _pays_ours(connection: Connection, theirs: PaymentDocument) -> bool:
    paid = [part.invoice for part in theirs.applications]
    rows = Link.objects.filter(connection=connection, kind=Kind.INVOICE, remote_id__in=paid)
    return not rows.filter(made_by_us=False).exists()
