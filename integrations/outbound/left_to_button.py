"""Where an invoice goes only by its button from now on: what the former rule had wait is as if it was never ticked.

Runs inside ``within()``.
"""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from django.db.models import Q

from billing.models import CreditMemo, Customer, Invoice, Payment, Refund
from integrations.documents import Kind
from integrations.job_states import JobState
from integrations.models import Connection, Link, SyncJob, policies_in_force
from integrations.outbound import customer_wish, due, jobs
from integrations.outbound.in_advance import in_advance
from integrations.outbound.refunds import posted_as
from tenants.models import AuditEntry


def leave(connection: Connection) -> None:
    """Invoices that wait because the rules said so, unless somebody asked for them, and what came along with them;
    likewise payments on no invoice.

    Pressing the button brings customer and payments along again.
    """
    due.hold(connection.id)
    waiting = jobs.waiting_by_rules(connection)
    mailed = {job.local_id for job in jobs.wanted_by(Kind.MAIL, waiting)}
    invoices = _take_back(connection, Kind.INVOICE, set(waiting) - mailed)
    of_one = CreditMemo.objects.filter(invoice__in=invoices).values_list("pk", flat=True)
    memos = {*of_one, *_about_several(connection, invoices)}
    credited = _take_back(connection, Kind.CREDIT_MEMO, memos)
    _leave_payments(connection, payments_of_only(connection, invoices, credited))
    advances = in_advance().filter(pk__in=jobs.waiting_for_night(connection, Kind.PAYMENT))
    _leave_payments(connection, advances.values_list("pk", flat=True))
    leave_customers(connection, invoices)


def _about_several(connection: Connection, invoices: list[UUID]) -> Iterator[UUID]:
    """Waiting credit memos about some of these invoices, and about none that this company has or is to get."""
    waiting = SyncJob.objects.filter(connection=connection, kind=Kind.CREDIT_MEMO)
    memos = waiting.exclude(state=JobState.SYNCED).values_list("local_id", flat=True)
    issued = AuditEntry.objects.filter(
        object_kind=Kind.CREDIT_MEMO,
        action="creditmemo.issued",
        object_id__in=[str(one) for one in memos],
    )
    for memo, detail in issued.values_list("object_id", "detail"):
        concerned = {UUID(one) for one in detail.get("concerns", ())}
        if concerned.intersection(invoices) and not _is_any_here(connection, concerned):
            yield UUID(memo)


def _is_any_here(connection: Connection, invoices: Collection[UUID]) -> bool:
    here = {"connection": connection, "kind": Kind.INVOICE, "local_id__in": invoices}
    return any(rows.filter(**here).exists() for rows in (SyncJob.objects, Link.objects))


def _leave_payments(connection: Connection, payments: Iterable[UUID]) -> None:
    """With their refunds."""
    taken = jobs.take_all_back(connection, Kind.PAYMENT, payments)
    for refund in Refund.objects.filter(payment__in=taken):
        kind, local_id = posted_as(refund)
        _take_back(connection, kind, [local_id])


def payments_of_only(
    connection: Connection, invoices: Collection[UUID], memos: Collection[UUID]
) -> Iterable[UUID]:
    """The payments of these that touch nothing else this company has or is to get."""
    touching = Q(allocations__invoice__in=invoices) | Q(credit_uses__credit_memo__in=memos)
    payments = Payment.objects.filter(touching)
    for rows in (SyncJob.objects, Link.objects):
        here = rows.filter(connection=connection).values_list("local_id", flat=True)
        payments = payments.exclude(allocations__invoice__in=here.filter(kind=Kind.INVOICE))
        payments = payments.exclude(credit_uses__credit_memo__in=here.filter(kind=Kind.CREDIT_MEMO))
    return payments.values_list("pk", flat=True).distinct()


def leave_customers(connection: Connection, invoices: list[UUID]) -> None:
    """Not those that the rules have made whether or not something is billed to them."""
    policies = policies_in_force()
    billed = Invoice.objects.filter(pk__in=invoices).values("customer_id")
    _take_back(
        connection,
        Kind.CUSTOMER,
        [
            customer.pk
            for customer in Customer.objects.filter(pk__in=billed)
            if not policies.makes_new(customer.source)
            and not customer_wish.is_there(connection, customer.pk)
        ],
    )


def _take_back(connection: Connection, kind: Kind, local_ids: Iterable[UUID]) -> list[UUID]:
    """Those of these that nobody asked for by hand, if they can be taken back."""
    ids = set(local_ids)
    asked = AuditEntry.objects.filter(
        object_kind=kind, action=f"{kind}.sync_requested", object_id__in=[str(one) for one in ids]
    )
    by_hand = {UUID(one) for one in asked.values_list("object_id", flat=True)}
    return jobs.take_all_back(connection, kind, ids - by_hand)
