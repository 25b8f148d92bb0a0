"""Links our document with the one over there that bears its mark, where that it was sent has been forgotten here.

Runs inside ``within()``. Nothing is sent for it again; what differs is asked. What was paid of it here follows.
"""

from dataclasses import replace
from uuid import UUID

from billing.models import Customer
from integrations.documents import Held, Kind
from integrations.inbound.marks import MARKED, Marked
from integrations.models import Connection, Link, MirrorEntry
from integrations.outbound import jobs, links, wishes
from integrations.outbound.compose import document_now
from integrations.outbound.composing.customers import customer_document
from integrations.outbound.mirror import customer_held
from integrations.outbound.recognise import say_the_same


def take_back(connection: Connection, held: Held, local_id: UUID) -> None:
    """Afterwards it is linked; where theirs says something else, as if it had been changed after we agreed."""
    assert held.document is not None
    _link_customer(
        connection, str(getattr(held.document, "customer", "")), _customer_of(held.kind, local_id)
    )
    ours = document_now(connection, held.kind, local_id) or held.document
    agreed = held if say_the_same(ours, held.document) else replace(held, document=ours)
    wishes.want_paid_before(connection, held.kind, local_id, night=wishes.tonight())
    links.agree(connection, held.kind, local_id, ours=ours, held=agreed)
    jobs.want(connection, held.kind, local_id)


def _customer_of(kind: Kind, local_id: UUID) -> Customer:
    row: Marked = MARKED[kind]._default_manager.select_related("customer").get(pk=local_id)
    return row.customer


def _link_customer(connection: Connection, remote_id: str, customer: Customer) -> None:
    """What we made names the customer it was made for, so the two are the same."""
    linked = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER, local_id=customer.pk)
    entry = MirrorEntry.objects.filter(
        connection=connection, kind=Kind.CUSTOMER, remote_id=remote_id, active=True
    ).first()
    taken = links.of_remote(connection, Kind.CUSTOMER, remote_id)
    if entry is None or taken is not None or linked.exists():
        return
    held = customer_held(connection, entry)
    ours = customer_document(customer)
    links.agree(connection, Kind.CUSTOMER, customer.pk, ours=ours, held=held)
    wishes.want_advances(connection, customer.pk)
    jobs.want(connection, Kind.CUSTOMER, customer.pk)
