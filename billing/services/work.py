"""Time spent for customers."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from billing.errors import AlreadyBilled, AmountRefused, NotFound
from billing.models import Customer, Service, TimeEntry
from billing.rules.dates import plausible
from billing.rules.totals import PRICE_DECIMALS, storable
from billing.services.chronicle import note
from billing.services.words import checked
from tenants.models import AuditEntry, User

REMOVED = "This time was removed already."


@transaction.atomic
def log_time(
    *,
    customer: Customer,
    service: Service,
    worked_on: date,
    hours: Decimal,
    rate: Decimal | None = None,
    description: str = "",
    actor: User | None = None,
) -> TimeEntry:
    """Unbilled hours on a local date; the rate, in the customer's currency, is the service's price unless given.

    Raises `DatesRefused`, `AmountRefused`, `TextRefused`.
    """
    entry = TimeEntry.objects.create(
        customer=customer,
        service=service,
        worked_on=plausible(worked_on, name="The date"),
        hours=_checked_hours(hours),
        rate=_checked_rate(service.unit_price if rate is None else rate),
        **checked({"description": description}),
    )
    note("timeentry.logged", entry, actor=actor, hours=str(hours))
    return entry


@transaction.atomic
def remove(*, entry: TimeEntry, actor: User | None = None) -> None:
    """Takes back unbilled time. Raises `AlreadyBilled` once it is on an invoice, `NotFound` once it is removed."""
    try:
        entry = entry.reload_locked()
    except TimeEntry.DoesNotExist as gone:
        raise NotFound(REMOVED) from gone
    if entry.is_billed:
        raise AlreadyBilled("This work is on an invoice and cannot be removed.")
    note("timeentry.removed", entry, actor=actor, hours=str(entry.hours))
    entry.delete()


def was_removed(key: UUID) -> bool:
    """Whether this was time that somebody has taken back."""
    lines = AuditEntry.objects.filter(object_kind="timeentry", object_id=str(key))
    return lines.filter(action="timeentry.removed").exists()


def _checked_hours(hours: Decimal) -> Decimal:
    storable(hours, name="The time", decimals=2)
    if not 0 < hours <= 1000:
        raise AmountRefused("The time is above zero and at most 1,000 hours.")
    return hours


def _checked_rate(rate: Decimal) -> Decimal:
    storable(rate, name="The rate", decimals=PRICE_DECIMALS)
    if rate < 0:
        raise AmountRefused("The rate cannot be below zero.")
    return rate
