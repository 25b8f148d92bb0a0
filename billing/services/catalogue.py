"""The catalogue: services, terms, tax regions and ledger accounts."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction

from billing import events
from billing.errors import AmountRefused, TextRefused
from billing.models import LedgerAccount, Location, Service, TaxRegion, Term
from billing.rules.totals import PRICE_DECIMALS, RATE_DECIMALS, storable
from billing.services.changes import differing, save
from billing.services.chronicle import actor_id, enter, note
from billing.services.words import checked
from tenants.models import User
from tenants.tables import TenantModel

# What services belong to until somebody says otherwise.
FIRST_ACCOUNT = ("4000", "Service revenue")


class ServiceDetails(TypedDict, total=False):
    """What can be said of a service; what is not passed stays as it is."""

    name: str
    description: str
    unit_price: Decimal
    taxable: bool
    ledger_account: LedgerAccount | None
    active: bool


class AccountDetails(TypedDict, total=False):
    """What can be said of a ledger account; what is not passed stays as it is."""

    code: str
    name: str
    kind: LedgerAccount.Kind
    is_default: bool


ACCOUNT_LENGTHS = {"code": 20, "name": 100}


@transaction.atomic
def create_service(*, actor: User | None = None, **details: Unpack[ServiceDetails]) -> Service:
    """A new service; without a ledger account it gets the default one.

    Raises `TextRefused` for a name that is taken, `AmountRefused` for a price.
    """
    if details.get("ledger_account") is None:
        details["ledger_account"] = default_account()
    service = Service(**_checked({"name": "", "unit_price": Decimal(0), **details}))
    _insert(service)
    note("service.created", service, actor=actor, name=service.name)
    return service


@transaction.atomic
def update_service(
    *,
    service: Service,
    actor: User | None = None,
    origin: str = "",
    **details: Unpack[ServiceDetails],
) -> Service:
    """Changes the catalogue; invoices keep what they say."""
    service = service.reload_locked()
    if "ledger_account" in details and details["ledger_account"] is None:
        details["ledger_account"] = default_account()
    changes = differing(service, _checked(details))
    if changes:
        with _name_free(str(changes.get("name", service.name))):
            save(service, changes)
        event = events.ServiceChanged(
            service_id=service.pk,
            fields=frozenset(changes),
            origin=origin,
            actor_id=actor_id(actor),
        )
        enter(event, "service.changed", service, actor=actor, fields=sorted(changes))
    return service


@transaction.atomic
def create_term(
    *,
    name: str,
    due_days: int = 0,
    day_of_month: int | None = None,
    next_month_days: int = 0,
    actor: User | None = None,
) -> Term:
    """New payment terms, by days or by a day of the month. Raises `AmountRefused`."""
    rule = _term_rule(due_days, day_of_month, next_month_days)
    term = Term(**checked({"name": name}, longest={"name": 31}), **rule)
    _insert(term)
    note("term.created", term, actor=actor, name=term.name)
    return term


@transaction.atomic
def update_term(
    *,
    term: Term,
    due_days: int,
    day_of_month: int | None,
    next_month_days: int,
    actor: User | None = None,
) -> Term:
    """Another rule under the same name; invoices keep the due date they have. Raises `AmountRefused`."""
    term = term.reload_locked()
    changes = differing(term, _term_rule(due_days, day_of_month, next_month_days))
    if changes:
        save(term, changes)
        note("term.changed", term, actor=actor, fields=sorted(changes))
    return term


def _term_rule(due_days: int, day_of_month: int | None, next_month_days: int) -> dict[str, Any]:
    if not (0 <= due_days <= 3650 and 0 <= next_month_days <= 999):
        raise AmountRefused("Terms are between 0 and 3,650 days.")
    if day_of_month is not None and not 1 <= day_of_month <= 31:
        raise AmountRefused("The day of the month is between 1 and 31.")
    return {
        "due_days": due_days,
        "day_of_month": day_of_month,
        "next_month_days": next_month_days,
    }


@transaction.atomic
def create_tax_region(*, name: str, rate_percent: Decimal, actor: User | None = None) -> TaxRegion:
    """A new tax region."""
    storable(rate_percent, name="The tax rate", decimals=RATE_DECIMALS)
    if not 0 <= rate_percent <= 100:
        raise AmountRefused("A tax rate is between 0 and 100 percent.")
    names = checked({"name": name}, longest={"name": 100})
    region = TaxRegion(**names, rate_percent=rate_percent)
    _insert(region)
    note("taxregion.created", region, actor=actor, name=region.name)
    return region


@transaction.atomic
def create_location(*, name: str, actor: User | None = None) -> Location:
    """A new place or branch."""
    location = Location(**checked({"name": name}, longest={"name": 100}))
    _insert(location)
    note("location.created", location, actor=actor, name=location.name)
    return location


@transaction.atomic
def create_ledger_account(
    *,
    code: str,
    name: str,
    kind: LedgerAccount.Kind = LedgerAccount.Kind.INCOME,
    actor: User | None = None,
) -> LedgerAccount:
    """A new account of the organization's own chart; the first one is the default."""
    names = checked({"code": code, "name": name}, longest=ACCOUNT_LENGTHS)
    is_first = not LedgerAccount.objects.exists()
    account = LedgerAccount(**names, kind=kind, is_default=is_first)
    _insert(account)
    note("ledgeraccount.created", account, actor=actor, name=str(account))
    return account


@transaction.atomic
def update_ledger_account(
    *, account: LedgerAccount, actor: User | None = None, **details: Unpack[AccountDetails]
) -> LedgerAccount:
    """Changes an account. Being the default passes to it from another one and is not given up otherwise."""
    account = account.reload_locked()
    changes = differing(account, checked(details, longest=ACCOUNT_LENGTHS))
    if not changes.get("is_default", True):
        raise TextRefused("Make another account the default one instead.")
    if changes:
        if "is_default" in changes:
            LedgerAccount.objects.filter(is_default=True).update(is_default=False)
        with _name_free(str(changes.get("code", account.code))):
            save(account, changes)
        note("ledgeraccount.changed", account, actor=actor, fields=sorted(changes))
    return account


def default_account() -> LedgerAccount:
    """The account of what names none; made when it is first needed."""
    code, name = FIRST_ACCOUNT
    first = LedgerAccount(code=code, name=name, is_default=True)
    known = LedgerAccount.objects.filter(is_default=True)
    if not known.exists():
        LedgerAccount.objects.bulk_create([first], ignore_conflicts=True)
    return known.get()


def _checked(details: Any) -> dict[str, Any]:
    if "unit_price" in details:
        storable(details["unit_price"], name="The price", decimals=PRICE_DECIMALS)
    texts = checked(details, longest={"name": 100})
    if "description" in texts:
        # Browsers end lines in their own way.
        texts["description"] = texts["description"].replace("\r\n", "\n")
    return texts


def _insert(row: TenantModel) -> None:
    with _name_free(str(row)):
        row.save(force_insert=True)


@contextmanager
def _name_free(name: str) -> Iterator[None]:
    """Turns the database's word about a repeated name into a sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "_once" not in str(error):
            raise
        raise TextRefused(f"“{name}” exists already.") from error
