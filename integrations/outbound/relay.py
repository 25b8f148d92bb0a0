"""From what happened to what is owed: turns events of billing into sync jobs, by one table."""

from collections.abc import Callable
from datetime import date, datetime
from functools import singledispatch
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db import connection as database
from django.db.models import Exists, Min, OuterRef, QuerySet

from billing import events
from billing.models import (
    CreditMemo,
    Customer,
    Invoice,
    OutboxEvent,
    Payment,
    PostedAs,
    Refund,
    Wake,
)
from integrations.documents import Kind
from integrations.job_states import JobState
from integrations.models import (
    QUICKBOOKS_EMAIL,
    Connection,
    Link,
    MirrorEntry,
    SyncJob,
    company_for,
    is_for_quickbooks,
    latest_connection,
    live_connection,
    live_connections,
    policies_in_force,
)
from integrations.outbound import (
    company_settings,
    customer_wish,
    due,
    held_back,
    items,
    jobs,
    links,
    number_taken,
)
from integrations.outbound.jobs import RANK, VOIDED_PAYMENT_RANK
from integrations.outbound.prerequisites import CLOSED_NEEDS
from integrations.outbound.refunds import kind_of_refund
from integrations.policies import ItemOwner, PushWhen
from regentra import clock
from tenants.scope import ask_again, current_organization_id, within

log = structlog.get_logger()

# So that one organization's ten thousand events keep nobody else's waiting for more than a second.
BATCH = 200
# What may be sent to a company that staff name; payments and e-mails follow their invoices.
CHOOSE_THEIR_COMPANY = (Kind.CUSTOMER, Kind.INVOICE, Kind.CREDIT_MEMO)


def relay(organization_id: UUID) -> int:
    """Turns all unrelayed events of an organization into jobs. May run twice or at once in two places."""
    told = 0
    while batch := relay_some(organization_id):
        told += batch
    return told


def relay_some(organization_id: UUID) -> int:
    """The oldest ones only; says how many. What is left keeps the organization among those that wait.

    One that breaks holds up no other; it is tried again with the next ones.
    """
    with within(organization_id):
        rows = _claimed()
        told = _planned(rows)
        is_left = len(rows) == BATCH or len(told) < len(rows)
        while len(rows) == BATCH and not told:
            rows = list(_unread().filter(pk__gt=rows[-1].pk)[:BATCH])
            told = _planned(rows)
        OutboxEvent.objects.filter(pk__in=told).update(relayed_at=clock.now())
        if is_left:
            Wake.objects.create(organization_id=organization_id)
        return len(told)


def waiting_organizations(limit: int) -> list[UUID]:
    """Organizations whose wake-up may have been lost, longest first."""
    first = Wake.objects.values("organization_id").annotate(first=Min("id")).order_by("first")
    return list(first.values_list("organization_id", flat=True)[:limit])


def _claimed() -> list[OutboxEvent]:
    _choose_company(alone=False)
    # The wake rows go first: an event recorded meanwhile brings its own, which this transaction does not see. Those
    # that another worker holds are left to it.
    wakes = Wake.objects.filter(organization_id=current_organization_id())
    held = wakes.select_for_update(skip_locked=True).values_list("pk", flat=True)
    Wake.objects.filter(pk__in=list(held)).delete()
    return list(_unread()[:BATCH])


def _unread() -> QuerySet[OutboxEvent]:
    """The oldest first; those that another worker holds are left to it."""
    rows = OutboxEvent.objects.filter(relayed_at=None).order_by("id")
    return rows.select_for_update(skip_locked=True)


def _planned(rows: list[OutboxEvent]) -> list[int]:
    """The events whose jobs are made: all together, or each by itself where one of them breaks."""
    if _are_planned(rows):
        return [row.pk for row in rows]
    return [row.pk for row in rows if _are_planned([row])]


def _are_planned(rows: list[OutboxEvent]) -> bool:
    try:
        with transaction.atomic():
            for row in rows:
                plan(events.from_payload(row.kind, row.payload))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(rows) == 1:
            log.exception(
                "relay broke", organization=str(current_organization_id()), of=rows[0].kind
            )
        return False
    return True


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
        _note_wish(event.customer_id)
        _want_live(Kind.CUSTOMER, event.customer_id, origin=event.origin, night=_night())


@plan.register
def _customer_changed(event: events.CustomerChanged) -> None:
    """One that is there is kept equal; whether one that is not is made by it is for the sync rules (C-05)."""
    is_made = policies_in_force().makes_edited(_source_of_customer(event.customer_id))
    connection = live_connection() if is_made else None
    _want_in(connection, Kind.CUSTOMER, event.customer_id, origin=event.origin, night=_night())
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
    jobs.want(connection, Kind.ITEM, service_id, night=_night())


@plan.register
def _invoice_generated(event: events.InvoiceGenerated) -> None:
    """Ticked while a company was connected: when it is not any more, the invoice waits until it is again."""
    ticked = sorted(filter(is_for_quickbooks, event.destinations))
    if ticked and policies_in_force().push_when.takes_ticks:
        # One company at most: the last of the words is the one that names a company.
        wish = (company_for(ticked[-1]), Kind.INVOICE, event.invoice_id)
        _want_in(*wish, origin=event.origin, night=_night())


@plan.register(events.InvoiceChanged)
@plan.register(events.InvoiceSent)
def _invoice_changed(event: events.InvoiceChanged | events.InvoiceSent) -> None:
    _want_everywhere(Kind.INVOICE, event.invoice_id, origin=event.origin, night=_night())
    _take_up_mails(SyncJob.objects.filter(local_id=event.invoice_id))


@plan.register
def _email_requested(event: events.InvoiceEmailRequested) -> None:
    """The invoice goes first, whatever the rules say of the night: somebody has asked for it now."""
    company = _mailing_company(event.invoice_id)
    if event.through == QUICKBOOKS_EMAIL and company is not None:
        _want_with_customer(company, Kind.INVOICE, event.invoice_id)
        jobs.want(company, Kind.MAIL, event.invoice_id, urgent=True)


@plan.register
def _invoice_voided(event: events.InvoiceVoided) -> None:
    """One that was still held back is not owed to anybody any more."""
    number_taken.close(event.invoice_id)
    held = [
        jobs.forgo(connection, Kind.INVOICE, event.invoice_id)
        for connection in _companies_of(Kind.INVOICE, event.invoice_id)
    ]
    if not any(held):
        _want_everywhere(Kind.INVOICE, event.invoice_id, origin=event.origin, night=_night())


@plan.register
def _credit_memo_issued(event: events.CreditMemoIssued) -> None:
    """It follows its invoice: what is not over there is not credited there either, unless by its button.

    One about invoices of several companies stands for a refund of what none of them has booked.
    """
    night, companies = _night(), _companies_of_all(Kind.INVOICE, event.invoice_ids)
    for connection in companies if len(companies) == 1 else ():
        if event.origin != connection.origin:
            _want_with_customer(connection, Kind.CREDIT_MEMO, event.credit_memo_id, night=night)


@plan.register(events.CreditMemoChanged)
@plan.register(events.CreditMemoVoided)
def _credit_memo_changed(event: events.CreditMemoChanged | events.CreditMemoVoided) -> None:
    memo_id = event.credit_memo_id
    _want_everywhere(Kind.CREDIT_MEMO, memo_id, origin=event.origin, night=_night())


@plan.register
def _refund_recorded(event: events.RefundRecorded) -> None:
    _want_refund(Refund.objects.get(pk=event.refund_id))


@plan.register(events.RefundChanged)
@plan.register(events.RefundVoided)
def _refund_changed(event: events.RefundChanged | events.RefundVoided) -> None:
    refund = Refund.objects.get(pk=event.refund_id)
    known = _want_everywhere(kind_of_refund(refund), refund.pk, origin=event.origin, night=_night())
    if not refund.is_void and (refund.posting == PostedAs.CREDIT_MEMO or not known):
        _want_refund(refund)


def _want_refund(refund: Refund) -> None:
    """For every company that has its payment, as what it is posted as."""
    night, kind, local_id = _night(), kind_of_refund(refund), refund.pk
    if refund.credit_memo_id is not None:
        # Its own event speaks of invoices, and the payment may be on none.
        kind, local_id = Kind.CREDIT_MEMO, refund.credit_memo_id
    for connection in _holders_of_payment(refund.payment_id):
        _want_with_customer(connection, kind, local_id, night=night)


def _holders_of_payment(payment_id: UUID) -> list[Connection]:
    """Where it stands, else where it is to stand; nowhere when it is owed to several, as it is then booked in none."""
    links = Link.objects.filter(kind=Kind.PAYMENT, local_id=payment_id)
    there = list(Connection.objects.filter(pk__in=links.values("connection_id")))
    owed = _companies_of(Kind.PAYMENT, payment_id)
    return there or (owed if len(owed) == 1 else [])


@plan.register(events.PaymentRecorded)
@plan.register(events.PaymentChanged)
def _payment_changed(event: events.PaymentRecorded | events.PaymentChanged) -> None:
    _want_payment(event, rank=RANK[Kind.PAYMENT])


@plan.register
def _payment_voided(event: events.PaymentVoided) -> None:
    _want_payment(event, rank=VOIDED_PAYMENT_RANK)


def _mailing_company(invoice_id: UUID) -> Connection | None:
    """One alone, as the customer shall get one e-mail: the company in use, unless only another one has the invoice."""
    known, latest = _companies_of(Kind.INVOICE, invoice_id), latest_connection()
    if latest in known or not known:
        return latest
    return max(known, key=lambda one: one.connected_at)


def _take_up_mails(jobs_of: QuerySet[SyncJob]) -> None:
    """E-mails that wait may have what they miss; their invoices bear it to QuickBooks first."""
    waiting = jobs_of.filter(kind=Kind.MAIL, state=JobState.BLOCKED).select_related("connection")
    for job in waiting:
        _want_with_customer(job.connection, Kind.INVOICE, job.local_id)
        jobs.take_up_again(job.connection, Kind.MAIL, job.local_id)


def _want_payment(
    event: events.PaymentRecorded | events.PaymentChanged | events.PaymentVoided, *, rank: int
) -> None:
    """For every company that has the payment itself, one of its invoices or the credit it uses."""
    companies = [
        *_companies_of(Kind.PAYMENT, event.payment_id),
        *_companies_of_all(Kind.INVOICE, event.invoice_ids),
        *_companies_of_all(Kind.CREDIT_MEMO, event.credit_memo_ids),
    ]
    night = _night()
    for connection in {one.id: one for one in companies}.values():
        if event.origin != connection.origin:
            _take_up_held(connection, event.invoice_ids)
            jobs.want(
                connection, Kind.PAYMENT, event.payment_id, urgent=True, rank=rank, night=night
            )


def send_now(kind: Kind, local_id: UUID) -> None:
    """Staff ask for this document: it goes where it already is, else to the default company.

    They may have opened the books for it.
    """
    _choose_company(alone=True)
    for job in jobs.wanted_by(kind, [local_id]):
        if job.reason_code in CLOSED_NEEDS:
            company_settings.ask_again(job.connection, clock.now())
    if kind is Kind.CUSTOMER:
        _note_wish(local_id)
    _want_live(kind, local_id, origin="")


def send_dated(job: SyncJob, day: date, own: date) -> None:
    """Staff let this document go under another day than its own, because that lies in closed books."""
    SyncJob.objects.filter(pk=job.pk).update(posted_on=day, instead_of=own)
    _want_live(Kind(job.kind), job.local_id, origin="")


def send_to(connection: Connection, kind: Kind, local_id: UUID) -> str:
    """Staff ask for this document in this company. What is or may be in another one stays there; its name is returned.

    A customer may be in several: each company has its own.
    """
    _choose_company(alone=True)
    if kind is not Kind.CUSTOMER:
        for other in _companies_of(kind, local_id):
            if other.pk != connection.pk and not jobs.take_back(other, kind, local_id):
                return str(other)
    _want_with_customer(connection, kind, local_id)
    return ""


def _choose_company(*, alone: bool) -> None:
    """Until the transaction ends nobody else decides which company a document of this organization goes to.

    Two who decide at the same moment would each find it in no company and could send it to two. Relays decide beside
    each other, because each event is told by one of them.
    """
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [current_organization_id().int % 2**63])
    ask_again()  # they may have decided while we waited


def follow_rules(connection: Connection) -> None:
    """The sync rules have changed: what waits is looked at anew."""
    for invoice_id in jobs.held_by_rules(connection):
        _want_with_customer(connection, Kind.INVOICE, invoice_id)
    jobs.recheck_blocked(connection)
    jobs.release_all(connection, *CLOSED_NEEDS)
    if policies_in_force().push_when is not PushWhen.NIGHTLY:
        jobs.go_before_night(connection)


def _take_up_held(connection: Connection, invoice_ids: frozenset[UUID]) -> None:
    """A payment may be what the sync rules had these invoices wait for."""
    for invoice_id in invoice_ids.intersection(jobs.held_by_rules(connection)):
        _want_with_customer(connection, Kind.INVOICE, invoice_id)


def _night() -> datetime | None:
    """When the automatic work of this organization goes out, if its rules leave that to the night."""
    if policies_in_force().push_when is not PushWhen.NIGHTLY:
        return None
    return due.next_night_here()


def _want_live(kind: Kind, local_id: UUID, *, origin: str, night: datetime | None = None) -> None:
    """For the company connected now, unless the document already belongs to another one."""
    _want_in(live_connection(), kind, local_id, origin=origin, night=night)


def _want_in(
    connection: Connection | None,
    kind: Kind,
    local_id: UUID,
    *,
    origin: str,
    night: datetime | None,
) -> None:
    """For this company, if there is one, unless the document already belongs to another one."""
    known = _want_everywhere(kind, local_id, origin=origin, night=night)
    if not known and connection is not None:
        _want_with_customer(connection, kind, local_id, night=night)


def _want_everywhere(kind: Kind, local_id: UUID, *, origin: str, night: datetime | None) -> bool:
    """For every company that has this document or is owed it. Says whether there was one."""
    known = _companies_of(kind, local_id)
    for connection in known:
        if origin != connection.origin:
            _want_with_customer(connection, kind, local_id, night=night)
    return bool(known)


def _want_with_customer(
    connection: Connection, kind: Kind, local_id: UUID, *, night: datetime | None = None
) -> None:
    """An invoice or payment brings its customer along when that is not there yet (C-06), and what was paid before."""
    customer_id = _customer_to_bring(connection, kind, local_id)
    if customer_id is not None and not _is_linked(connection, Kind.CUSTOMER, customer_id):
        jobs.want(connection, Kind.CUSTOMER, customer_id, urgent=True, night=night)
    jobs.want(connection, kind, local_id, urgent=True, night=night)
    if kind in _SETTLED_IN:
        _want_paid_before(connection, kind, local_id, night)


def _want_paid_before(
    connection: Connection, kind: Kind, local_id: UUID, night: datetime | None
) -> None:
    """Payments of it, and their refunds, that were recorded while no company was owed it: nothing tells of them again.

    What is in another company is booked there.
    """
    mine = {"kind": Kind.PAYMENT, "local_id": OuterRef("pk")}
    payments = Payment.objects.filter(
        ~Exists(Link.objects.filter(**mine)),
        ~Exists(SyncJob.objects.filter(**mine, connection=connection)),
        **{_SETTLED_IN[kind]: local_id},
        voided_at=None,
    )
    found = list(payments.order_by("created_at", "pk").values_list("pk", flat=True))
    if not found or _is_linked(connection, kind, local_id):
        return
    for payment_id in found:
        jobs.want(connection, Kind.PAYMENT, payment_id, urgent=True, night=night)
    for refund in Refund.objects.filter(payment__in=found, voided_at=None).order_by("number"):
        _want_refund(refund)


def _customer_to_bring(connection: Connection, kind: Kind, local_id: UUID) -> UUID | None:
    """Whose document it is; nobody's while the sync rules hold it back, as nothing of it may ever go."""
    if kind is Kind.INVOICE and _is_held(connection, local_id):
        return None
    return _CUSTOMER_OF[kind](local_id) if kind in _CUSTOMER_OF else None


def _is_held(connection: Connection, invoice_id: UUID) -> bool:
    is_there = _is_linked(connection, Kind.INVOICE, invoice_id)
    invoice = Invoice.objects.get(pk=invoice_id)
    return bool(held_back.by_rules(policies_in_force(), invoice, is_there=is_there))


def _note_wish(customer_id: UUID) -> None:
    """Where only what is asked for is made."""
    connection = live_connection()
    if connection is not None and policies_in_force().customer_create_policy.has_toggle:
        customer_wish.note(connection, customer_id)


def _companies_of(kind: Kind, local_id: UUID) -> list[Connection]:
    mine = {"kind": kind, "local_id": local_id}
    linked = Link.objects.filter(**mine).values("connection_id")
    owed = SyncJob.objects.filter(**mine).values("connection_id")
    return list(Connection.objects.filter(pk__in=linked.union(owed)))


def _companies_of_all(kind: Kind, local_ids: frozenset[UUID]) -> list[Connection]:
    found: dict[UUID, Connection] = {}
    for local_id in local_ids:
        found.update({one.id: one for one in _companies_of(kind, local_id)})
    return list(found.values())


def _is_linked(connection: Connection, kind: Kind, local_id: UUID) -> bool:
    return Link.objects.filter(connection=connection, kind=kind, local_id=local_id).exists()


def _source_of_customer(customer_id: UUID) -> str:
    return Customer.objects.values_list("source", flat=True).get(pk=customer_id)


def _customer_of_invoice(invoice_id: UUID) -> UUID:
    return Invoice.objects.values_list("customer_id", flat=True).get(pk=invoice_id)


def _customer_of_credit_memo(memo_id: UUID) -> UUID:
    return CreditMemo.objects.values_list("customer_id", flat=True).get(pk=memo_id)


def _customer_of_refund(refund_id: UUID) -> UUID:
    return Refund.objects.values_list("customer_id", flat=True).get(pk=refund_id)


def _customer_of_payment(payment_id: UUID) -> UUID:
    return Payment.objects.values_list("customer_id", flat=True).get(pk=payment_id)


# Where a payment names what it settles or uses.
_SETTLED_IN = {
    Kind.INVOICE: "allocations__invoice",
    Kind.CREDIT_MEMO: "credit_uses__credit_memo",
}

_CUSTOMER_OF: dict[Kind, Callable[[UUID], UUID]] = {
    Kind.INVOICE: _customer_of_invoice,
    Kind.CREDIT_MEMO: _customer_of_credit_memo,
    Kind.PAYMENT: _customer_of_payment,
    Kind.EXPENSE: _customer_of_refund,
    Kind.REFUND_RECEIPT: _customer_of_refund,
}
