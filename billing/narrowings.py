"""Filters that others add to a list. They register here; billing knows nothing of what they ask."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

Rows = QuerySet[Any]
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Narrowing:
    """A filter: its name in the address, its values with their labels, and what it leaves of the rows.

    Values that depend on the organization are asked for with each list.
    """

    name: str
    label: str
    choices: Choices | Callable[[], Choices]
    rows: Callable[[Rows, str], Rows]


_added: dict[type[Model], list[Narrowing]] = defaultdict(list)


def add(listed: type[Model], narrowing: Narrowing) -> None:
    """Adds a filter to the list of these rows; it is asked within an organization."""
    _added[listed].append(narrowing)


def of(listed: type[Model]) -> list[Narrowing]:
    """All filters that others have added to the list of these rows."""
    return list(_added[listed])
