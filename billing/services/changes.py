"""Which fields of a row really change, and saving just those."""

from collections.abc import Mapping
from typing import Any

from regentra import clock
from tenants.tables import TenantModel


def differing(row: TenantModel, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The wanted values that the row does not have yet."""
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def save(row: TenantModel, changes: Mapping[str, Any]) -> None:
    """Sets and saves these columns, and `updated_at` where there is one."""
    for name, value in changes.items():
        setattr(row, name, value)
    names = list(changes)
    if hasattr(row, "updated_at"):
        row.updated_at = clock.now()
        names.append("updated_at")
    row.save(update_fields=names)
