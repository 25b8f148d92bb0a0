"""Customers are linked by themselves to those the sync rules recognise: after set-up and, where chosen, each night.

Nothing is sent, and what is not certain stays as it is. Each customer by itself and a few in a transaction, so that a
worker that dies has linked some, and nobody waits for it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from billing.models import Customer
from integrations.documents import Kind
from integrations.models import Connection, SyncJob, policies_in_force
from integrations.outbound import (
    customer_links,
    customer_match,
    customer_matching,
    jobs,
    links,
    wishes,
)
from integrations.outbound.composing.customers import customer_document
from integrations.outbound.customer_match import Candidate
from integrations.outbound.customer_names import display_name
from integrations.outbound.mirror import customer_held
from integrations.outbound.prerequisites import waits_for
from regentra import clock
from tenants import audit

AT_ONCE = 50

Transaction = Callable[[], AbstractContextManager[None]]


def link_all(connection: Connection, transaction: Transaction) -> int:
    """Links every customer that is recognised; says how many. Opens its transactions by itself."""
    with transaction():
        rules = policies_in_force()
        keys, naming = rules.customer_match_keys.keys, rules.customer_display_name
        pairs = customer_matching.exact(connection, keys, naming)
    count = 0
    for start in range(0, len(pairs), AT_ONCE):
        with transaction():
            some = pairs[start : start + AT_ONCE]
            count += sum(link_one(connection, pair.customer) for pair in some)
    with transaction():
        now = clock.now()
        Connection.objects.filter(pk=connection.pk).update(customers_linked_at=now)
    return count


def link_one(connection: Connection, customer: Customer) -> bool:
    """Links this one if it is recognised; what waited for it goes on."""
    if not recognise(connection, customer):
        return False
    mine = {"connection": connection, "kind": Kind.CUSTOMER, "local_id": customer.pk}
    if SyncJob.objects.filter(**mine).exists():
        jobs.want(connection, Kind.CUSTOMER, customer.pk)
    jobs.release(connection, waits_for(Kind.CUSTOMER, customer.pk))
    return True


def recognise(connection: Connection, customer: Customer) -> bool:
    """Links this one to the customer there that the sync rules take for it, unless a write of it has no answer yet."""
    if customer_links.locked(connection, customer.pk) is not None:
        return False
    rules = policies_in_force()
    match = customer_match.recognised(connection, customer, rules)
    if match is None or customer_links.is_under_way(connection, customer.pk):
        return False
    if not customer_links.is_free(connection, match.remote_id):
        return False
    held = customer_held(connection, match.entry)
    name = display_name(customer, rules.customer_display_name)
    document = customer_document(customer, name=name)
    links.agree(connection, Kind.CUSTOMER, customer.pk, ours=document, held=held, made_by_us=False)
    wishes.want_advances(connection, customer.pk)
    _note(customer, match)
    return True


def _note(customer: Customer, match: Candidate) -> None:
    audit.record(
        "customer.recognised",
        object_kind="customer",
        object_id=customer.pk,
        remote_id=match.remote_id,
        name=match.name,
    )
