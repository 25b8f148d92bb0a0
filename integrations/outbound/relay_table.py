"""What each event of billing calls for over there. Runs inside ``within()``."""

from functools import singledispatch
from uuid import UUID

from django.db.models import QuerySet

from billing import events
from billing.models import Customer, Invoice, PostedAs, Refund
from integrations.documents import Kind
from integrations.job_states import JobState
from integrations.models import (
    QUICKBOOKS_EMAIL,
    Connection,
    MirrorEntry,
    SyncJob,
    company_for,
    is_for_quickbooks,
    latest_connection,
    live_connection,
    live_connections,
    policies_in_force,
)
from integrations.outbound import items, jobs, links, moving, number_taken, wishes
from integrations.outbound.jobs import RANK, VOIDED_PAYMENT_RANK
from integrations.outbound.refunds import kind_of_refund
from integrations.policies import ItemOwner


@singledispatch
def plan(event: events.Event) -> None:
    """Makes the jobs an event calls for. What is registered below is the whole table."""
    raise AssertionError(f"{event.kind} is not in the relay's table.")


def _nothing(event: events.Event) -> None:
    """Of no concern to anybody over there."""


plan.register(events.CustomerArchived, _nothing)  # C-09: archiving has no effect over there
# Likewise; where the sync rules have it void the invoice, that void goes as any other.
plan.register(events.InvoiceArchived, _nothing)
# Made over there, and linked in the same transaction.
plan.register(events.CustomersTakenOver, _nothing)
plan.register(events.InvoicesTakenOver, _nothing)


@plan.register
def _customer_created(event: events.CustomerCreated) -> None:
    """By default it is made by its button, on edit or before its first invoice (C-05)."""
    if policies_in_force().makes_new(event.source):
        wishes.note_customer(live_connection(), event.customer_id)
        wishes.want_live(
            Kind.CUSTOMER, event.customer_id, origin=event.origin, night=wishes.tonight()
        )


@plan.register
def _customer_changed(event: events.CustomerChanged) -> None:
    """One that is there is kept equal; whether one that is not is made by it is for the sync rules (C-05)."""
    is_made = policies_in_force().makes_edited(_source_of_customer(event.customer_id))
    connection = live_connection() if is_made else None
    wishes.want_in(
        connection,
        Kind.CUSTOMER,
        event.customer_id,
        origin=event.origin,
        night=wishes.tonight(),
    )
    if "email" in event.fields:
        invoices = Invoice.objects.filter(customer_id=event.customer_id).values("pk")
        _take_up_mails(SyncJob.objects.filter(local_id__in=invoices))


@plan.register
def _service_changed(event: events.ServiceChanged) -> None:
    """Its item follows where the sync rules say that what was changed is ours."""
    if not event.fields & policies_in_force().items_owned_by(ItemOwner.OURS):
        return
    for connection in live_connections():
        entry = items.chosen(connection).get(event.service_id)
        if entry is not None and event.origin != connection.origin:
            _want_item(connection, event.service_id, entry)


def _want_item(connection: Connection, service_id: UUID, entry: MirrorEntry) -> None:
    """One that stands for something else of ours already is left as it is.

    Where another one was chosen while a write to the former is on its way, the look after that sends what is ours.
    """
    if not items.is_free(connection, service_id, entry):
        return
    if links.remote_id_of(connection, Kind.ITEM, service_id) != entry.remote_id:
        if service_id in items.moving(connection):
            return
        items.agree(connection, service_id, entry)
    jobs.want(connection, Kind.ITEM, service_id, night=wishes.tonight())


@plan.register
def _invoice_generated(event: events.InvoiceGenerated) -> None:
    """Ticked while a company was connected: when it is not any more, the invoice waits until it is again."""
    ticked = sorted(filter(is_for_quickbooks, event.destinations))
    if ticked and policies_in_force().push_when.takes_ticks:
        # One company at most: the last of the words is the one that names a company.
        wish = (company_for(ticked[-1]), Kind.INVOICE, event.invoice_id)
        wishes.want_in(*wish, origin=event.origin, night=wishes.tonight())


@plan.register(events.InvoiceChanged)
@plan.register(events.InvoiceSent)
def _invoice_changed(event: events.InvoiceChanged | events.InvoiceSent) -> None:
    wishes.want_everywhere(
        Kind.INVOICE, event.invoice_id, origin=event.origin, night=wishes.tonight()
    )
    _take_up_mails(SyncJob.objects.filter(local_id=event.invoice_id))


@plan.register
def _email_requested(event: events.InvoiceEmailRequested) -> None:
    """The invoice goes first, whatever the rules say of the night: somebody has asked for it now."""
    company = _mailing_company(event.invoice_id)
    if event.through == QUICKBOOKS_EMAIL and company is not None:
        wishes.want_with_customer(company, Kind.INVOICE, event.invoice_id)
        jobs.want(company, Kind.MAIL, event.invoice_id, urgent=True)


@plan.register
def _invoice_voided(event: events.InvoiceVoided) -> None:
    """One that was still held back is not owed to anybody any more."""
    number_taken.close(event.invoice_id)
    held = [
        jobs.forgo(connection, Kind.INVOICE, event.invoice_id)
        for connection in wishes.companies_of(Kind.INVOICE, event.invoice_id)
    ]
    if not any(held):
        wishes.want_everywhere(
            Kind.INVOICE, event.invoice_id, origin=event.origin, night=wishes.tonight()
        )


@plan.register
def _credit_memo_issued(event: events.CreditMemoIssued) -> None:
    """It follows its invoice: what is not over there is not credited there either, unless by its button.

    One about invoices of several companies stands for a refund of what none of them has booked.
    """
    night, companies = (
        wishes.tonight(),
        wishes.companies_of_all(Kind.INVOICE, event.invoice_ids),
    )
    for connection in companies if len(companies) == 1 else ():
        if event.origin != connection.origin:
            wishes.want_with_customer(
                connection, Kind.CREDIT_MEMO, event.credit_memo_id, night=night
            )


@plan.register(events.CreditMemoChanged)
@plan.register(events.CreditMemoVoided)
def _credit_memo_changed(event: events.CreditMemoChanged | events.CreditMemoVoided) -> None:
    memo_id = event.credit_memo_id
    wishes.want_everywhere(Kind.CREDIT_MEMO, memo_id, origin=event.origin, night=wishes.tonight())


@plan.register
def _refund_recorded(event: events.RefundRecorded) -> None:
    wishes.want_refund(Refund.objects.get(pk=event.refund_id))


@plan.register(events.RefundChanged)
@plan.register(events.RefundVoided)
def _refund_changed(event: events.RefundChanged | events.RefundVoided) -> None:
    refund = Refund.objects.get(pk=event.refund_id)
    known = wishes.want_everywhere(
        kind_of_refund(refund), refund.pk, origin=event.origin, night=wishes.tonight()
    )
    if not refund.is_void and (refund.posting == PostedAs.CREDIT_MEMO or not known):
        wishes.want_refund(refund)


@plan.register(events.PaymentRecorded)
@plan.register(events.PaymentChanged)
def _payment_changed(event: events.PaymentRecorded | events.PaymentChanged) -> None:
    _want_payment(event, rank=RANK[Kind.PAYMENT])


@plan.register
def _payment_voided(event: events.PaymentVoided) -> None:
    _want_payment(event, rank=VOIDED_PAYMENT_RANK)


def _mailing_company(invoice_id: UUID) -> Connection | None:
    """One alone, as the customer shall get one e-mail: the company in use, unless only another one has the invoice."""
    known, latest = wishes.companies_of(Kind.INVOICE, invoice_id), latest_connection()
    if latest in known or not known:
        return latest
    return max(known, key=lambda one: one.connected_at)


def _take_up_mails(jobs_of: QuerySet[SyncJob]) -> None:
    """E-mails that wait may have what they miss; their invoices bear it to QuickBooks first.

    An invoice that was given to another company is not made in that of its e-mail as well.
    """
    waiting = jobs_of.filter(kind=Kind.MAIL, state=JobState.BLOCKED).select_related("connection")
    for job in waiting:
        if job.connection in wishes.companies_of(Kind.INVOICE, job.local_id):
            wishes.want_with_customer(job.connection, Kind.INVOICE, job.local_id)
        jobs.take_up_again(job.connection, Kind.MAIL, job.local_id)


def _want_payment(
    event: events.PaymentRecorded | events.PaymentChanged | events.PaymentVoided, *, rank: int
) -> None:
    """For every company that has the payment itself, one of its invoices or the credit it uses; while it is on
    nothing, for the one of its customer.
    """
    touched = [
        *wishes.companies_of_all(Kind.INVOICE, event.invoice_ids),
        *wishes.companies_of_all(Kind.CREDIT_MEMO, event.credit_memo_ids),
    ]
    if len({one.pk for one in touched}) == 1:
        moving.follow(event.payment_id, touched[0])
    companies = [*wishes.companies_of(Kind.PAYMENT, event.payment_id), *touched]
    if not companies:
        companies = wishes.companies_of_advance(event.payment_id)
    night = wishes.tonight()
    for connection in {one.id: one for one in companies}.values():
        if event.origin != connection.origin:
            wishes.take_up_held(connection, event.invoice_ids)
            jobs.want(
                connection, Kind.PAYMENT, event.payment_id, urgent=True, rank=rank, night=night
            )


def _source_of_customer(customer_id: UUID) -> str:
    return Customer.objects.values_list("source", flat=True).get(pk=customer_id)
