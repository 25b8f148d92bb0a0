"""Payments of a customer over there for what parts of it owe, as where jobs are billed with their parent.

Here they are the payer's, too, where it is known; where it is not, they are a part's, and stay with whoever paid there.
Runs inside ``within()``.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from billing.models import Payment
from integrations.documents import Kind, ListKind
from integrations.models import Connection, Link, MirrorEntry

# How deep QuickBooks files customers below each other (code 6180).
LEVELS = 5


def is_above(connection: Connection, above: str, part: str) -> bool:
    """Whether one of their customers is filed below the other, at any level."""
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER)
    for _ in range(LEVELS):
        detail = entries.filter(remote_id=part).values_list("detail", flat=True).first()
        part = (detail or {}).get("parent", "")
        if not part or part == above:
            break
    return bool(part) and part == above


def payers(
    connection: Connection,
    payments: Iterable[Payment],
    links: Mapping[tuple[Kind, UUID], Link],
) -> dict[UUID, str]:
    """Who paid over there, by payment, where that is not the customer of ours but one above it."""
    found = {}
    for payment in payments:
        paid = links.get((Kind.PAYMENT, payment.pk))
        own = links.get((Kind.CUSTOMER, payment.customer_id))
        if paid is None or paid.made_by_us or own is None:
            continue
        payer = str(paid.ours.get("customer", ""))
        if payer != own.remote_id and is_above(connection, payer, own.remote_id):
            found[payment.pk] = payer
    return found


def is_payer(connection: Connection, payment_id: UUID, remote_id: str) -> bool:
    """Whether a payment that is there may name this customer of theirs, as it did when it was agreed on."""
    paid = Link.objects.filter(connection=connection, kind=Kind.PAYMENT, local_id=payment_id)
    payment = Payment.objects.get(pk=payment_id)
    owner = {"connection": connection, "kind": Kind.CUSTOMER, "local_id": payment.customer_id}
    links = {
        (Kind(link.kind), link.local_id): link for link in (*paid, *Link.objects.filter(**owner))
    }
    return payers(connection, [payment], links).get(payment_id) == remote_id
