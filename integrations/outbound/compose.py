"""Builds the document that should stand over there from our rows, the links and the admin's choices.

Asks neither the database nor the other side. What cannot be built yet comes back as a list of what is missing.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from integrations.documents import (
    AccountDocument,
    Document,
    InvoiceDocument,
    ItemDocument,
    Kind,
)
from integrations.models import Connection, SyncJob
from integrations.outbound import materials as materials_of
from integrations.outbound.closed_books import Books, as_chosen, placed, posting_of
from integrations.outbound.composing.catalogue import (
    compose_account,
    compose_item,
    compose_item_of_account,
)
from integrations.outbound.composing.composed import Composed, Composition
from integrations.outbound.composing.credit_memos import compose_credit_memo
from integrations.outbound.composing.customers import compose_customer
from integrations.outbound.composing.invoices import complete_invoice, compose_invoice, compose_mail
from integrations.outbound.composing.payments import as_far_as_there, compose_payment
from integrations.outbound.composing.refunds import compose_refund
from integrations.outbound.materials import Materials
from integrations.outbound.prerequisites import Missing


def compose(job: SyncJob, materials: Materials) -> Composition:
    """The document of a job as it should be now, or what it still needs. Raises `KeyError` when its row is gone."""
    composition = _in_use_again(job, materials) or _composed(job, materials)
    if isinstance(composition, list) or composition.document is None:
        return composition
    link = materials.links.get((Kind(job.kind), job.local_id))
    company = materials.connection.company_settings()
    books = Books(
        closed_on=company.books_closed_on,
        rule=materials.policies.closed_period,
        chosen=posting_of(job),
        agreed=link.our_document() if link else None,
        country=company.country,
        read_unasked=materials.policies.sync_cadence.looks_by_itself,
    )
    place = placed(composition.document, books)
    if isinstance(place, Missing):
        return [place]
    document, posting = place
    return replace(composition, document=document, posting=posting)


def _composed(job: SyncJob, materials: Materials) -> Composition:
    match Kind(job.kind):
        case Kind.CUSTOMER:
            return compose_customer(materials, materials.customers[job.local_id])
        case Kind.INVOICE:
            return compose_invoice(materials, materials.invoices[job.local_id])
        case Kind.CREDIT_MEMO:
            return compose_credit_memo(materials, materials.credit_memos[job.local_id])
        case Kind.PAYMENT:
            return compose_payment(materials, materials.payments[job.local_id])
        case Kind.ACCOUNT:
            return compose_account(materials.accounts[job.local_id])
        case Kind.ITEM if job.local_id in materials.accounts:
            return compose_item_of_account(materials, materials.accounts[job.local_id])
        case Kind.ITEM:
            return compose_item(materials, materials.services[job.local_id])
        case Kind.EXPENSE | Kind.REFUND_RECEIPT:
            return compose_refund(materials, Kind(job.kind), materials.refunds[job.local_id])
        case Kind.MAIL:
            return compose_mail(materials, materials.invoices[job.local_id])


def _in_use_again(job: SyncJob, materials: Materials) -> Composed | None:
    """What is inactive over there and needed is made active again, as it stands there in all else (X-38)."""
    link = materials.links.get((Kind(job.kind), job.local_id))
    agreed = link.our_document() if link else None
    if not isinstance(agreed, ItemDocument | AccountDocument):
        return None
    is_of_list = job.local_id not in materials.services and job.local_id not in materials.accounts
    if agreed.active and not is_of_list:
        return None
    return Composed(replace(agreed, active=True), agreed.name)


def document_now(
    connection: Connection, kind: Kind, local_id: UUID, *, decided: Iterable[str] = ()
) -> Document | None:
    """What we would send of one document now; None while something it needs is missing. Inside ``within()``.

    ``decided`` are parts of an invoice that somebody may decide are ours although QuickBooks owns them.
    """
    composed = compose(*_of_one(connection, kind, local_id, decided))
    return composed.document if isinstance(composed, Composed) else None


def invoice_to_compare(connection: Connection, invoice_id: UUID) -> InvoiceDocument | None:
    """An invoice of ours as it would be there, whatever holds it back; None while something it needs is missing. Inside
    ``within()``.
    """
    job = SyncJob(connection=connection, kind=Kind.INVOICE, local_id=invoice_id)
    materials = materials_of.gather(connection, [job])
    complete = complete_invoice(materials, materials.invoices[invoice_id])
    ours = complete.document if isinstance(complete, Composed) else None
    return ours if isinstance(ours, InvoiceDocument) else None


def document_to_agree(
    connection: Connection, kind: Kind, local_id: UUID, *, decided: Iterable[str] = ()
) -> Document | None:
    """The same where nothing is to be sent, so that closed books are in nobody's way. Inside ``within()``.

    Of a payment that is there also while something that it settles is not.
    """
    job, materials = _of_one(connection, kind, local_id, decided)
    if kind is Kind.PAYMENT and (kind, local_id) in materials.links:
        return as_chosen(as_far_as_there(materials, materials.payments[local_id]), posting_of(job))
    composed = _composed(job, materials)
    if not isinstance(composed, Composed) or composed.document is None:
        return None
    return as_chosen(composed.document, posting_of(job))


def is_ready(connection: Connection, kind: Kind, local_id: UUID) -> bool:
    """Whether nothing that it needs is missing; closed books are none of that. Inside ``within()``."""
    return isinstance(_composed(*_of_one(connection, kind, local_id)), Composed)


def _of_one(
    connection: Connection, kind: Kind, local_id: UUID, decided: Iterable[str] = ()
) -> tuple[SyncJob, Materials]:
    mine = {"connection": connection, "kind": kind, "local_id": local_id}
    job = SyncJob.objects.filter(**mine).first() or SyncJob(**mine)
    job.ours_by_answer = [*job.ours_by_answer, *decided]
    return job, materials_of.gather(connection, [job])
