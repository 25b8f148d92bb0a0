"""Removes many rows a little at a time."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

# Rows of one transaction: some ten milliseconds.
AT_ONCE = 1000


def first_keys(rows: QuerySet[Any]) -> list[Any]:
    """The keys of the first rows, locked until the transaction ends; what another one has locked is left to it."""
    locked = rows.select_for_update(skip_locked=True, of=("self",))
    return list(locked.values_list("pk", flat=True)[:AT_ONCE])


def remove_some(rows: QuerySet[Any]) -> int:
    """Removes the first of these rows; fewer than `AT_ONCE` means that none is left."""
    with transaction.atomic():
        keys = first_keys(rows)
        rows.model._default_manager.filter(pk__in=keys).delete()
    return len(keys)


def remove_all(rows: QuerySet[Any]) -> None:
    """Removes these rows, each batch in a transaction of its own when none is open."""
    while remove_some(rows) == AT_ONCE:
        pass
