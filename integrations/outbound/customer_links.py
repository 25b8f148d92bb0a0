"""Whose documents go to which customer over there, while staff may change that. Runs inside ``within()``.

Who makes or ends the link of a customer holds the customer's row; who is about to write a document for it holds the
link. So a document never goes to a customer that its own was taken off, and none is made beside one just linked.
"""

from typing import Any
from uuid import UUID

from django.db import connection as db

from billing.models import CreditMemo, Customer, Invoice, Payment, Refund
from integrations.documents import Document, Kind, ListKind, Operation
from integrations.errors import Stale
from integrations.models import (
    Connection,
    Doorbell,
    Intent,
    IntentState,
    Link,
    MirrorEntry,
    policies_in_force,
)
from integrations.outbound import customer_match, due, paid_from_above

# The rows of the documents that name a customer.
NAMING: dict[Kind, Any] = {
    Kind.INVOICE: Invoice,
    Kind.CREDIT_MEMO: CreditMemo,
    Kind.PAYMENT: Payment,
    Kind.EXPENSE: Refund,
    Kind.REFUND_RECEIPT: Refund,
}


# Asked before each write; written out, because putting the query together takes longer than answering it.
HOLD_LINK = """
    SELECT 1 FROM integrations_link AS link
    JOIN {documents} AS document
        ON document.organization_id = link.organization_id AND document.customer_id = link.local_id
    WHERE link.organization_id = %s AND link.connection_id = %s AND link.kind = %s AND link.remote_id = %s
        AND document.id = %s
    FOR UPDATE OF link
"""


class CustomerMoved(Stale):
    """The customer was linked anew meanwhile; the document is put together once more."""


def hold(customer_id: UUID) -> None:
    """Nobody else links or unlinks this customer until the transaction ends."""
    Customer.objects.select_for_update(no_key=True).get(pk=customer_id)


def locked(connection: Connection, customer_id: UUID) -> Link | None:
    """The customer's link; nothing is begun for its documents until the transaction ends."""
    due.hold(connection.id)
    hold(customer_id)
    mine = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER, local_id=customer_id)
    return mine.select_for_update().first()


def is_free(connection: Connection, remote_id: str) -> bool:
    """Whether nobody here has this customer of theirs; nobody else takes it until the transaction ends."""
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER)
    list(entries.filter(remote_id=remote_id).select_for_update())
    taken = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER, remote_id=remote_id)
    return not taken.exists()


def check(
    connection: Connection, kind: Kind, local_id: UUID, operation: Operation, document: Document
) -> None:
    """What is about to be written still holds for the customer as it is linked now. Raises `CustomerMoved`."""
    links = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER)
    if kind is Kind.CUSTOMER and operation is Operation.CREATE:
        hold(local_id)
        if links.filter(local_id=local_id).exists():
            raise CustomerMoved
        return
    names_one = kind in NAMING and operation is not Operation.VOID
    remote_id = getattr(document, "customer", "")
    if not names_one or _holds_link_of(connection, kind, local_id, remote_id):
        return
    if kind is not Kind.PAYMENT or not paid_from_above.is_payer(connection, local_id, remote_id):
        raise CustomerMoved


def _holds_link_of(connection: Connection, kind: Kind, local_id: UUID, remote_id: str) -> bool:
    """Whether the document's customer is that one of theirs, and stays so until the transaction ends."""
    asked = HOLD_LINK.format(documents=NAMING[kind]._meta.db_table)
    named = [connection.organization_id, connection.pk, Kind.CUSTOMER, remote_id, local_id]
    with db.cursor() as cursor:
        cursor.execute(asked, named)
        return cursor.fetchone() is not None


def documents_of(connection: Connection, remote_id: str) -> int:
    """How many documents stand over there under this customer."""
    return Link.objects.filter(connection=connection, ours__customer=remote_id).count()


def is_under_way(connection: Connection, customer_id: UUID, remote_id: str = "") -> bool:
    """Whether a write of this customer, or of a document for it, has no answer yet."""
    writes = Intent.objects.filter(connection=connection, state=IntentState.OPEN)
    own = writes.filter(kind=Kind.CUSTOMER, local_id=customer_id)
    return own.exists() or bool(remote_id and writes.filter(document__customer=remote_id).exists())


def look_at_alike(connection: Connection, customer_id: UUID) -> None:
    """Those there that were left out while this customer of ours might have been one of them are looked at again.

    It is linked now, so they are customers of their own.
    """
    policies = policies_in_force()
    if not policies.customers_direction.comes:
        return
    customer = Customer.objects.get(pk=customer_id)
    for one in customer_match.candidates(connection, customer, policies):
        if one.kind is ListKind.CUSTOMER and one.active and not one.taken:
            Doorbell.ring_again(connection, Kind.CUSTOMER, one.remote_id)
