"""Reads and writes the sealed columns of a row: every text column whose name ends in ``_sealed``.

One rule says where a sealed value stands, so the rotation command finds all of them without a list: its organization
(all zeros on a platform table that has none), the connection it belongs to or else the row itself, table and column.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import F, Func, Q, QuerySet, Value

from integrations import vault
from tenants.models import Organization
from tenants.scope import within
from tenants.tables import TenantLog, TenantModel

SUFFIX = "_sealed"
NOBODY = UUID(int=0)


def read(row: models.Model, name: str) -> str:
    """The secret in the column ``<name>_sealed``; empty when none is kept. Raises `vault.Unsealable`."""
    sealed: str = getattr(row, name + SUFFIX)
    return vault.unseal(sealed, _place(row, name)) if sealed else ""


def readable(row: models.Model, name: str) -> str:
    """The secret for who can go on without it: empty, too, where no key at hand opens it."""
    try:
        return read(row, name)
    except vault.Unsealable:
        return ""


def write(row: models.Model, name: str, secret: str) -> None:
    """Puts a secret, sealed, on the row; an empty one clears the column. Does not save."""
    setattr(row, name + SUFFIX, vault.seal(secret, _place(row, name)) if secret else "")


def renew(row: models.Model, name: str) -> bool:
    """Seals the column with the newest key unless it is already. Does not save; says whether it changed."""
    sealed: str = getattr(row, name + SUFFIX)
    if not sealed or vault.is_current(sealed):
        return False
    write(row, name, read(row, name))
    return True


def columns(model: type[models.Model]) -> list[str]:
    """The names, without the ending, of a model's sealed columns."""
    names = (field.attname for field in model._meta.local_concrete_fields)
    return [name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)]


def sealed_models() -> Iterator[type[models.Model]]:
    """Every model that keeps secrets."""
    return (model for model in apps.get_models() if columns(model))


def owners(model: type[models.Model]) -> Iterator[Organization | None]:
    """Whose rows of a model are looked at one after another: each organization's, or nobody's of a platform table."""
    if issubclass(model, TenantModel | TenantLog):
        yield from Organization.objects.order_by("pk")
    else:
        yield None


def inside(owner: Organization | None) -> AbstractContextManager[None]:
    """What the rows of one of `owners` are read and written in."""
    return within(owner) if owner else nullcontext()


def outdated(model: type[models.Model]) -> QuerySet[Any]:
    """Rows of the owner in force that keep a secret which is not sealed with the newest key."""
    newest, wanted = vault.current_start(), Q()
    for column in (name + SUFFIX for name in columns(model)):
        wanted |= Q(**{f"{column}__gt": ""}) & ~Q(**{f"{column}__startswith": newest})
    found: QuerySet[Any] = model._default_manager.filter(wanted)
    return found


def one_of_each_key(model: type[models.Model], name: str) -> QuerySet[Any]:
    """One row for each key that a column is sealed with, of the owner in force; it is its ``key``."""
    column = name + SUFFIX
    key = Func(
        F(column), Value(":"), Value(1), function="split_part", output_field=models.TextField()
    )
    rows = model._default_manager.filter(**{f"{column}__gt": ""})
    found: QuerySet[Any] = rows.annotate(key=key).order_by("key").distinct("key")
    return found


def _place(row: Any, name: str) -> vault.Place:
    return vault.Place(
        organization=getattr(row, "organization_id", None) or NOBODY,
        owner=getattr(row, "connection_id", None) or row.pk,
        field=f"{row._meta.db_table}.{name}",
    )
