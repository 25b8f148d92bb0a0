"""Reads and writes the sealed columns of a row: every text column whose name ends in ``_sealed``.

One rule says where a sealed value stands, so the rotation command finds all of them without a list: its organization
(all zeros on a platform table that has none), the connection it belongs to or else the row itself, table and column.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from integrations import vault

SUFFIX = "_sealed"
NOBODY = UUID(int=0)


def read(row: models.Model, name: str) -> str:
    """The secret in the column ``<name>_sealed``; empty when none is kept. Raises `vault.Unsealable`."""
    sealed: str = getattr(row, name + SUFFIX)
    return vault.unseal(sealed, _place(row, name)) if sealed else ""


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


def _place(row: Any, name: str) -> vault.Place:
    return vault.Place(
        organization=getattr(row, "organization_id", None) or NOBODY,
        owner=getattr(row, "connection_id", None) or row.pk,
        field=f"{row._meta.db_table}.{name}",
    )
