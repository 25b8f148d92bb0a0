"""Documents about which something happened that has not become a job yet: the moment between a click and the relay.

Without this a page drawn in that moment would say Synced about what is no longer equal, and would not look again.
"""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q

from billing.events import CustomerArchived
from billing.models import Customer, OutboxEvent
from integrations.documents import Kind
from integrations.models import (
    QUICKBOOKS_EMAIL,
    Link,
    SyncJob,
    companies_in_use,
    is_for_quickbooks,
    policies_in_force,
)
from integrations.policies import BY_STAFF

Told = tuple[UUID, dict[str, Any]]

NAMED_BY = {
    Kind.CUSTOMER: "customer_id",
    Kind.INVOICE: "invoice_id",
    Kind.CREDIT_MEMO: "credit_memo_id",
    Kind.PAYMENT: "payment_id",
    Kind.EXPENSE: "refund_id",
    Kind.REFUND_RECEIPT: "refund_id",
}


def unread(kind: Kind, ids: Collection[UUID]) -> list[Told]:
    """What staff did to these documents and the relay has not read.

    To be asked for before the jobs are: what it no longer finds has become one.
    """
    if kind not in NAMED_BY:
        return []
    named = Q(**{f"payload__{NAMED_BY[kind]}__in": [str(each) for each in ids]})
    # What came from there is not sent back: only the doings of staff count, whose events have no origin.
    events = OutboxEvent.objects.filter(named, relayed_at=None, payload__origin="")
    payloads = events.exclude(kind=CustomerArchived.kind).values_list("payload", flat=True)
    return [(UUID(each[NAMED_BY[kind]]), each) for each in payloads]


def announced(told: Iterable[Told], known: Collection[UUID]) -> set[UUID]:
    """The documents that are about to be owed to QuickBooks; ``known`` are those it has or was owed before."""
    return {each for each, payload in told if _concerns(payload, is_known=each in known)}


def _concerns(payload: dict[str, Any], *, is_known: bool) -> bool:
    """Whether the relay will make a job of it."""
    if "destinations" in payload:
        return any(map(is_for_quickbooks, payload["destinations"])) and bool(companies_in_use())
    if "through" in payload:
        return payload["through"] == QUICKBOOKS_EMAIL and bool(companies_in_use())
    if "customer_id" in payload:
        return _concerns_customer(payload, is_known=is_known)
    return is_known or _is_known_invoice(payload.get("invoice_ids", ()))


def _concerns_customer(payload: dict[str, Any], *, is_known: bool) -> bool:
    """One that is added becomes a job where the sync rules say so; so does an edit, and always of one that is known."""
    policies = policies_in_force()
    if "fields" not in payload:
        return policies.makes_new(payload.get("source", BY_STAFF)) and bool(companies_in_use())
    if is_known:
        return True
    source = Customer.objects.values_list("source", flat=True).get(pk=payload["customer_id"])
    return policies.makes_edited(source) and bool(companies_in_use())


def _is_known_invoice(ids: Iterable[str]) -> bool:
    """Whether one of the invoices that a payment settles is or will be there: the payment follows it."""
    invoices = {"kind": Kind.INVOICE, "local_id__in": ids}
    return any(rows.filter(**invoices).exists() for rows in (Link.objects, SyncJob.objects))
