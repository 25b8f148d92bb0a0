"""A customer of theirs that vanished: it was merged into another one, or is gone. Runs inside ``within()``."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from integrations.documents import (
    CreditMemoDocument,
    Document,
    ExpenseDocument,
    Held,
    InvoiceDocument,
    Kind,
    ListKind,
    PaymentDocument,
    RefundReceiptDocument,
    fingerprint,
    to_json,
)
from integrations.inbound import drift, lists, merged_entries
from integrations.models import (
    Connection,
    Discrepancy,
    Doorbell,
    Link,
    Mapping,
    MappingSubject,
    MirrorEntry,
)
from integrations.outbound import jobs, links
from integrations.ports import Event
from tenants import audit

# The documents that name a customer of theirs.
NAMING = (
    Kind.INVOICE,
    Kind.CREDIT_MEMO,
    Kind.PAYMENT,
    Kind.EXPENSE,
    Kind.REFUND_RECEIPT,
)


def note_merge(connection: Connection, event: Event) -> None:
    """Only the event names who took the vanished one's place; it is believed once that one is seen to be gone."""
    if event.kind == Kind.CUSTOMER and event.merged_away_id:
        Mapping.objects.update_or_create(
            connection=connection,
            subject=MappingSubject.MERGED_CUSTOMER,
            local_key=event.merged_away_id,
            defaults={"remote_id": event.remote_id},
        )


def gone(connection: Connection, held: Held, local_id: UUID) -> None:
    """Ours is the one that took its place from now on; where that is not known, staff are asked."""
    lists.forget(connection, [(ListKind.CUSTOMER, held.id)])
    drift.close_all(connection, held)
    survivor = _survivor(connection, held.id)
    if survivor is not None:
        _move(connection, held.id, local_id, survivor)
    else:
        _ask(connection, held.id, local_id)


def _survivor(connection: Connection, gone_id: str) -> MirrorEntry | None:
    """Who it was merged into, unless that one, or one between them, is another customer here."""
    noted = Mapping.objects.filter(connection=connection, subject=MappingSubject.MERGED_CUSTOMER)
    into = dict(noted.values_list("local_key", "remote_id"))
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER, active=True)
    for remote_id in merged_entries.successors(into, gone_id):
        if links.of_remote(connection, Kind.CUSTOMER, remote_id) is not None:
            return None
        if (entry := entries.filter(remote_id=remote_id).first()) is not None:
            return entry
    return None


def _move(connection: Connection, gone_id: str, local_id: UUID, survivor: MirrorEntry) -> None:
    """What was agreed on stays, so that the look that meets the survivor takes what it says otherwise for a change.

    Until then its version counts as unknown, and nothing goes over what it holds.
    """
    link = Link.objects.get(connection=connection, kind=Kind.CUSTOMER, local_id=local_id)
    unmet = Held(Kind.CUSTOMER, survivor.remote_id, "", link.their_document())
    links.agree(connection, Kind.CUSTOMER, local_id, ours=link.our_document(), held=unmet)
    Doorbell.ring_again(connection, Kind.CUSTOMER, survivor.remote_id)
    jobs.want(connection, Kind.CUSTOMER, local_id)
    named = Link.objects.filter(connection=connection, kind__in=NAMING)
    for each in named.filter(ours__customer=gone_id):
        _name_anew(each, survivor.remote_id)
    _name_anew_where_asked(connection, gone_id, survivor.remote_id)
    jobs.take_up_naming(connection, gone_id)
    _note("customer.merged_there", local_id, gone_id, into=survivor.remote_id)


def _name_anew(link: Link, customer: str) -> None:
    """Their documents name the survivor now; that is no change anybody has to decide on."""
    ours, theirs = _of(link.our_document(), customer), link.their_document()
    link.ours, link.fingerprint = to_json(ours), fingerprint(ours)
    if theirs is not None:
        theirs = _of(theirs, customer)
        link.theirs, link.their_fingerprint = to_json(theirs), fingerprint(theirs)
    link.save(update_fields=["ours", "fingerprint", "theirs", "their_fingerprint"])


def _name_anew_where_asked(connection: Connection, gone_id: str, customer: str) -> None:
    asked = Discrepancy.objects.filter(connection=connection, kind__in=NAMING, closed_at=None)
    for question in asked.filter(theirs__customer=gone_id):
        question.theirs |= {"customer": customer}
        question.save(update_fields=["theirs"])


def _of(document: Document, customer: str) -> Document:
    naming = InvoiceDocument | CreditMemoDocument | PaymentDocument
    assert isinstance(document, naming | ExpenseDocument | RefundReceiptDocument)
    return replace(document, customer=customer)


def _ask(connection: Connection, gone_id: str, local_id: UUID) -> None:
    Link.objects.filter(connection=connection, kind=Kind.CUSTOMER, local_id=local_id).delete()
    Mapping.objects.update_or_create(
        connection=connection,
        subject=MappingSubject.LOST_CUSTOMER,
        local_key=str(local_id),
        defaults={"remote_id": gone_id},
    )
    jobs.want(connection, Kind.CUSTOMER, local_id)
    _note("customer.gone_there", local_id, gone_id)


def _note(action: str, local_id: UUID, gone_id: str, **detail: Any) -> None:
    audit.record(action, object_kind="customer", object_id=local_id, remote_id=gone_id, **detail)
