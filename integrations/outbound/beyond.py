"""What payments there take of a document beyond what we count for it, where its total is more there than here.

A customer who pays in full over there pays the cent by which a tax is rounded differently, too. It settles nothing
here, so the payment is booked with that cent as taken outside (`Payment.outside_minor`). Amounts are in minor units.
Runs inside ``within()``.
"""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from billing.models import Allocation, CreditMemo, CreditUse, Invoice
from integrations.documents import Document, Kind, PaymentDocument
from integrations.models import Connection, Link

Share = tuple[Kind, str]


def shares(payment: Document | None) -> dict[Share, int]:
    """How much of each of their documents a payment settles or uses; nothing once it is void."""
    found: dict[Share, int] = defaultdict(int)
    if isinstance(payment, PaymentDocument) and not payment.voided:
        for part in payment.applications:
            found[Kind.INVOICE, part.invoice] += part.amount.minor
        for use in payment.credits:
            found[Kind.CREDIT_MEMO, use.credit_memo] += use.amount.minor
    return found


def beyond_ours(
    connection: Connection, document: PaymentDocument, payment_id: UUID | None
) -> dict[Share, int]:
    """How much of each of their documents it takes beyond ours. What the payment settles here already has its room."""
    there = shares(document)
    named = [remote_id for _, remote_id in there]
    found = {}
    for link in Link.objects.filter(
        connection=connection, remote_id__in=named, variance_minor__gt=0
    ):
        share = (Kind(link.kind), link.remote_id)
        over = there.get(share, 0) - _room_here(link, payment_id) if share in there else 0
        if over > 0:
            found[share] = min(over, link.variance_minor)
    return found


def _room_here(link: Link, payment_id: UUID | None) -> int:
    own: QuerySet[Any]
    if link.kind == Kind.INVOICE:
        own = Allocation.objects.filter(payment=payment_id, invoice=link.local_id)
        room = Invoice.objects.get(pk=link.local_id).balance.minor
    else:
        own = CreditUse.objects.filter(payment=payment_id, credit_memo=link.local_id)
        memo = CreditMemo.objects.get(pk=link.local_id)
        room = memo.remaining.minor + memo.elsewhere_minor
    return room + (own.values_list("amount_minor", flat=True).first() or 0)


def stays_beyond(agreed: Document | None, settled: Link, here: int) -> int:
    """What a payment that settles so much ``here`` goes on taking of their invoice beyond ours when it is sent."""
    over = shares(agreed).get((Kind.INVOICE, settled.remote_id), 0) - here
    return max(0, min(over, settled.variance_minor))
