"""Customers: kept, changed and put away."""

from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Model

from billing import events
from billing.errors import IllegalStep
from billing.home import organization
from billing.models import (
    Agreement,
    CreditMemo,
    Customer,
    Invoice,
    Location,
    Payment,
    Source,
    TaxRegion,
    Term,
    TimeEntry,
)
from billing.rules.exchange import checked_currency
from billing.services.changes import differing, save
from billing.services.chronicle import actor_id, enter
from billing.services.words import checked
from regentra import clock
from tenants.models import User


class Details(TypedDict, total=False):
    """What can be said of a customer; what is not passed stays as it is."""

    name: str
    contact_name: str
    email: str
    phone: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str
    notes: str
    terms: Term | None
    tax_region: TaxRegion | None
    location: Location | None
    currency: str
    external_id: str
    parent: Customer | None


@transaction.atomic
def create(
    *,
    actor: User | None = None,
    origin: str = "",
    source: Source = Source.STAFF,
    **details: Unpack[Details],
) -> Customer:
    """A new customer. Raises `TextRefused`."""
    texts = _checked({"name": "", **details})
    customer = Customer.objects.create(source=source, **texts)
    event = events.CustomerCreated(
        customer_id=customer.pk, source=source, origin=origin, actor_id=actor_id(actor)
    )
    enter(event, "customer.created", customer, actor=actor, name=customer.name)
    return customer


@transaction.atomic
def update(
    *,
    customer: Customer,
    actor: User | None = None,
    origin: str = "",
    **details: Unpack[Details],
) -> Customer:
    """Changes what differs; nothing is told when nothing does. Raises `TextRefused`."""
    customer = customer.reload_locked()
    _refuse_circle(customer, details.get("parent"))
    changes = differing(customer, _checked(details))
    if "currency" in changes and (kept := _kept_in_its_currency(customer)):
        raise IllegalStep(
            f"{customer.name} has {kept}, so its currency stays. Add another customer for the other one."
        )
    if changes:
        save(customer, changes)
        _changed(customer, frozenset(changes), actor=actor, origin=origin)
    return customer


@transaction.atomic
def archive(*, customer: Customer, actor: User | None = None, origin: str = "") -> Customer:
    """Puts the customer away: off the lists, with all documents as they are."""
    customer = customer.reload_locked()
    if not customer.is_archived:
        save(customer, {"archived_at": clock.now()})
        event = events.CustomerArchived(
            customer_id=customer.pk, origin=origin, actor_id=actor_id(actor)
        )
        enter(event, "customer.archived", customer, actor=actor)
    return customer


@transaction.atomic
def restore(*, customer: Customer, actor: User | None = None, origin: str = "") -> Customer:
    """Takes an archived customer back."""
    customer = customer.reload_locked()
    if customer.is_archived:
        save(customer, {"archived_at": None})
        _changed(customer, frozenset({"archived_at"}), actor=actor, origin=origin)
    return customer


def _checked(details: Details) -> dict[str, Any]:
    texts = checked(details)
    if "currency" in texts:
        texts["currency"] = checked_currency(texts["currency"], home=organization().currency)
    return texts


def _refuse_circle(customer: Customer, parent: Customer | None) -> None:
    """A customer belongs to nobody that belongs to it."""
    above = parent
    while above is not None:
        if above.pk == customer.pk:
            raise IllegalStep(f"{customer.name} cannot belong to itself or to a part of it.")
        above = above.parent


def _kept_in_its_currency(customer: Customer) -> str:
    """What of the customer's has amounts without a currency of their own, or stands in the books; "" for nothing."""
    kinds: dict[str, type[Model]] = {
        "invoices": Invoice,
        "payments": Payment,
        "credit memos": CreditMemo,
        "logged time": TimeEntry,
        "agreements": Agreement,
    }
    return next(
        (
            name
            for name, kind in kinds.items()
            if kind._default_manager.filter(customer=customer).exists()
        ),
        "",
    )


def _changed(
    customer: Customer, fields: frozenset[str], *, actor: User | None, origin: str
) -> None:
    event = events.CustomerChanged(
        customer_id=customer.pk, fields=fields, origin=origin, actor_id=actor_id(actor)
    )
    enter(event, "customer.changed", customer, actor=actor, fields=sorted(fields))
