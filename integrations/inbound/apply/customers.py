"""Customers of theirs, and ours that they changed."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from billing.errors import BillingError
from billing.models import (
    Customer,
    Term,
)
from billing.rules.elsewhere import CustomerElsewhere
from billing.services import (
    customers,
    taking_over,
)
from integrations.inbound.apply.refusals import CannotApply
from integrations.models import (
    Connection,
)
from tenants.models import User


def take_over_customers(
    connection: Connection, found: Sequence[CustomerElsewhere]
) -> list[Customer]:
    """Books customers that were made over there, in their order."""
    return taking_over.customers(found, origin=connection.origin)


def take_customer(connection: Connection, customer: Customer, details: dict[str, Any]) -> None:
    """Makes these fields of a customer what they are there. Raises `CannotApply`."""
    try:
        customers.update(customer=customer, origin=connection.origin, **details)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def take_terms(connection: Connection, customer: Customer, term: Term) -> None:
    """Its payment terms are those that it has there."""
    customers.update(customer=customer, origin=connection.origin, terms=term)


def bring_back_customers(connection: Connection, customer_ids: Collection[UUID]) -> None:
    """Those of these that were archived are in use again."""
    for customer in Customer.objects.filter(pk__in=customer_ids).exclude(archived_at=None):
        customers.restore(customer=customer, origin=connection.origin)


def archive_customer(connection: Connection, customer: Customer, *, actor: User | None) -> None:
    """It is in use there no more, so neither here."""
    customers.archive(customer=customer, actor=actor, origin=connection.origin)
