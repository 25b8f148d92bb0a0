"""Which company a document is owed to, and what it brings along. Runs inside ``within()``."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from django.db import connection as database
from django.db.models import Exists, OuterRef

from billing.models import CreditMemo, Invoice, Payment, Refund
from integrations.documents import Kind
from integrations.models import (
    Connection,
    ConnectionStatus,
    Link,
    SyncJob,
    companies_that_count,
    live_connection,
    policies_in_force,
)
from integrations.outbound import (
    company_settings,
    customer_wish,
    due,
    held_back,
    jobs,
    moving,
)
from integrations.outbound.in_advance import in_advance
from integrations.outbound.prerequisites import CLOSED_NEEDS
from integrations.outbound.refunds import posted_as
from integrations.policies import PushWhen
from regentra import clock
from tenants.scope import ask_again, current_organization_id

# What may be sent to a company that staff name; payments and e-mails follow their invoices.
CHOOSE_THEIR_COMPANY = (Kind.CUSTOMER, Kind.INVOICE, Kind.CREDIT_MEMO)


def send_now(kind: Kind, local_id: UUID, company: Connection | None = None) -> None:
    """Staff ask for this document: it goes where it already is, else to this company, or to the default one.

    They may have opened the books for it.
    """
    choose_company(alone=True)
    company = company or live_connection()
    for job in jobs.wanted_by(kind, [local_id]):
        if job.reason_code in CLOSED_NEEDS:
            company_settings.ask_again(job.connection, clock.now())
    if kind is Kind.CUSTOMER:
        note_customer(company, local_id)
    want_in(company, kind, local_id, origin="", night=None)


def send_dated(job: SyncJob, day: date, own: date) -> None:
    """Staff let this document go under another day than its own, because that lies in closed books."""
    SyncJob.objects.filter(pk=job.pk).update(posted_on=day, instead_of=own)
    want_live(Kind(job.kind), job.local_id, origin="")


def send_to(connection: Connection, kind: Kind, local_id: UUID) -> str:
    """Staff ask for this document in this company. What is or may be in another one stays there; its name is returned.

    What hangs on it comes along. A customer may be in several: each company has its own.
    """
    choose_company(alone=True)
    others = [] if kind is Kind.CUSTOMER else _other_companies_of(connection, kind, local_id)
    for other in others:
        if not moving.may_move(other, kind, local_id):
            return str(other)
    for other in others:
        moving.move(kind, local_id, away=other, to=connection)
    if kind is Kind.CUSTOMER:
        note_customer(connection, local_id)
    want_with_customer(connection, kind, local_id)
    return ""


def follow_rules(connection: Connection) -> None:
    """The sync rules have changed: what waits is looked at anew."""
    for invoice_id in jobs.held_by_rules(connection):
        want_with_customer(connection, Kind.INVOICE, invoice_id)
    jobs.recheck_blocked(connection)
    jobs.release_all(connection, *CLOSED_NEEDS)


def choose_company(*, alone: bool) -> None:
    """Until the transaction ends nobody else decides which company a document of this organization goes to.

    Two who decide at the same moment would each find it in no company and could send it to two. Relays decide beside
    each other, because each event is told by one of them.
    """
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [current_organization_id().int % 2**63])
    # Whatever several companies are to get is wanted in the order in which it happened.
    due.hold_all()
    ask_again()  # they may have decided while we waited


def tonight() -> datetime | None:
    """When the automatic work of this organization goes out, if its rules leave that to the night."""
    if policies_in_force().push_when is not PushWhen.NIGHTLY:
        return None
    return due.next_night_here()


def want_live(kind: Kind, local_id: UUID, *, origin: str, night: datetime | None = None) -> None:
    """For the company connected now, unless the document already belongs to another one."""
    want_in(live_connection(), kind, local_id, origin=origin, night=night)


def want_in(
    connection: Connection | None,
    kind: Kind,
    local_id: UUID,
    *,
    origin: str,
    night: datetime | None,
) -> None:
    """For this company, if there is one, unless the document already belongs to another one."""
    known = want_everywhere(kind, local_id, origin=origin, night=night)
    if not known and connection is not None:
        want_with_customer(connection, kind, local_id, night=night)


def want_everywhere(kind: Kind, local_id: UUID, *, origin: str, night: datetime | None) -> bool:
    """For every company that has this document or is owed it. Says whether there was one."""
    known = companies_of(kind, local_id)
    for connection in known:
        if origin != connection.origin:
            want_with_customer(connection, kind, local_id, night=night)
    return bool(known)


def want_with_customer(
    connection: Connection, kind: Kind, local_id: UUID, *, night: datetime | None = None
) -> None:
    """An invoice or payment brings its customer along when that is not there yet (C-06), and what was paid before."""
    customer_id = _customer_to_bring(connection, kind, local_id)
    if customer_id is not None and not _is_linked(connection, Kind.CUSTOMER, customer_id):
        jobs.want(connection, Kind.CUSTOMER, customer_id, urgent=True, night=night)
    jobs.want(connection, kind, local_id, urgent=True, night=night)
    want_paid_before(connection, kind, local_id, night=night)


def want_paid_before(
    connection: Connection, kind: Kind, local_id: UUID, *, night: datetime | None
) -> None:
    """Payments of it, and their refunds, that were recorded while no company was owed it: nothing tells of them again.

    What is in another company is booked there. Of what is linked already nothing is left to bring.
    """
    if kind not in _SETTLED_IN:
        return
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
        want_refund(refund)


def companies_of_advance(payment_id: UUID) -> list[Connection]:
    """Where a live payment that is on no invoice goes: nowhere by itself while invoices go only by their button."""
    payment = in_advance().filter(pk=payment_id, voided_at=None).first()
    if payment is None or not policies_in_force().push_when.takes_ticks:
        return []
    return _companies_to_have(payment.customer_id)


def want_advances(connection: Connection, customer_id: UUID) -> None:
    """This customer was linked: its payments on no invoice go there that had no company to go to until now.

    What was recorded before the company was connected stays, as its books may have it already.
    """
    mine = {"kind": Kind.PAYMENT, "local_id": OuterRef("pk")}
    found = in_advance().filter(
        ~Exists(Link.objects.filter(**mine)),
        ~Exists(SyncJob.objects.filter(**mine)),
        customer=customer_id,
        voided_at=None,
        created_at__gte=connection.connected_at,
    )
    for payment_id in found.order_by("created_at", "pk").values_list("pk", flat=True):
        if connection in companies_of_advance(payment_id):
            jobs.want(connection, Kind.PAYMENT, payment_id, urgent=True, night=tonight())


def _companies_to_have(customer_id: UUID) -> list[Connection]:
    """The company that alone has this customer or is to have it; where none ever had, the only one connected."""
    known = companies_of(Kind.CUSTOMER, customer_id)
    found = [one for one in companies_that_count() if one in known or not known]
    if len(found) != 1:
        return []
    return [one for one in found if known or one.status != ConnectionStatus.DISCONNECTED]


def want_refund(refund: Refund) -> None:
    """For every company that has its payment, as what it is posted as.

    The event of a credit memo speaks of invoices, and the payment may be on none.
    """
    night = tonight()
    for connection in _holders_of_payment(refund.payment_id):
        want_with_customer(connection, *posted_as(refund), night=night)


def want_refunds_of(payment_id: UUID) -> None:
    """Those that no company is owed: while the payment was owed to several, nobody knew where it would be booked."""
    for refund in Refund.objects.filter(payment=payment_id, voided_at=None).order_by("number"):
        if not companies_of(*posted_as(refund)):
            want_refund(refund)


def take_up_held(connection: Connection, invoice_ids: frozenset[UUID]) -> None:
    """A payment may be what the sync rules had these invoices wait for."""
    for invoice_id in invoice_ids.intersection(jobs.held_by_rules(connection)):
        want_with_customer(connection, Kind.INVOICE, invoice_id)


def note_customer(connection: Connection | None, customer_id: UUID) -> None:
    """Where only what is asked for is made."""
    if connection is not None and policies_in_force().customer_create_policy.has_toggle:
        customer_wish.note(connection, customer_id)


def companies_of(kind: Kind, local_id: UUID) -> list[Connection]:
    mine = {"kind": kind, "local_id": local_id}
    linked = Link.objects.filter(**mine).values("connection_id")
    owed = SyncJob.objects.filter(**mine).values("connection_id")
    return list(Connection.objects.filter(pk__in=linked.union(owed)))


def companies_of_all(kind: Kind, local_ids: frozenset[UUID]) -> list[Connection]:
    found: dict[UUID, Connection] = {}
    for local_id in local_ids:
        found.update({one.id: one for one in companies_of(kind, local_id)})
    return list(found.values())


def _other_companies_of(connection: Connection, kind: Kind, local_id: UUID) -> list[Connection]:
    return [one for one in companies_of(kind, local_id) if one.pk != connection.pk]


def _holders_of_payment(payment_id: UUID) -> list[Connection]:
    """Where it stands, else where it is to stand; nowhere when it is owed to several, as it is then booked in none."""
    links = Link.objects.filter(kind=Kind.PAYMENT, local_id=payment_id)
    there = list(Connection.objects.filter(pk__in=links.values("connection_id")))
    owed = companies_of(Kind.PAYMENT, payment_id)
    return there or (owed if len(owed) == 1 else [])


def _customer_to_bring(connection: Connection, kind: Kind, local_id: UUID) -> UUID | None:
    """Whose document it is; nobody's while the sync rules hold it back, as nothing of it may ever go."""
    if kind is Kind.INVOICE and _is_held(connection, local_id):
        return None
    return _CUSTOMER_OF[kind](local_id) if kind in _CUSTOMER_OF else None


def _is_held(connection: Connection, invoice_id: UUID) -> bool:
    is_there = _is_linked(connection, Kind.INVOICE, invoice_id)
    invoice = Invoice.objects.get(pk=invoice_id)
    return bool(held_back.by_rules(policies_in_force(), invoice, is_there=is_there))


def _is_linked(connection: Connection, kind: Kind, local_id: UUID) -> bool:
    return Link.objects.filter(connection=connection, kind=kind, local_id=local_id).exists()


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
