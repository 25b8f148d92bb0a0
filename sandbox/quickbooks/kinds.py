"""The registry of entity kinds: what each one can do and which functions give it behaviour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

Body = dict[str, Any]


class Posting(NamedTuple):
    """One side of a double entry: cents, debit positive. `own` is in the document's currency."""

    account: int
    own: int
    party: int | None = None
    memo: str | None = None
    # Home cents where they do not follow from `own` and the rate (exchange differences).
    home: int | None = None


class Relation(NamedTuple):
    """`minor` cents of this document are applied to (or held by) another one."""

    kind: str
    id: int
    minor: int
    line: int = 0


@dataclass
class Draft:
    """A document on its way into the books. `given` are the properties the caller sent."""

    body: Body
    former: Body | None = None
    given: frozenset[str] = frozenset()
    hidden: Body = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.former is None


def _nothing(books: Books, draft: Draft) -> None:
    """Nothing to complete."""


def _no_postings(books: Books, body: Body) -> list[Posting]:
    return []


def _no_relations(books: Books, body: Body) -> list[Relation]:
    return []


def _no_refresh(books: Books, body: Body) -> None:
    """Nothing is derived from other documents."""


ALWAYS_FILTERABLE = frozenset({"Id", "MetaData.CreateTime", "MetaData.LastUpdatedTime"})
READ_ONLY = frozenset({"domain", "status", "MetaData", "sparse"})


@dataclass(frozen=True)
class Kind:
    """`sequence` names the id counter; `events` are the webhook operations of the entity."""

    name: str
    sequence: str
    complete: Callable[[Books, Draft], None] = _nothing
    post: Callable[[Books, Body], list[Posting]] = _no_postings
    relate: Callable[[Books, Body], list[Relation]] = _no_relations
    refresh: Callable[[Books, Body], None] = _no_refresh
    guard: Callable[[Books, Body, str], None] | None = None
    read_only: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    sorts: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    name_field: str | None = None
    plural: str = "Names"
    is_transaction: bool = False
    writable: bool = True
    creatable: bool = True
    deletable: bool = False
    void: str | None = None
    sendable: bool = False
    pdf: bool = False
    in_change_feed: bool = True
    json_name: str | None = None
    edition: str | None = None

    @property
    def path(self) -> str:
        return self.name.lower()

    @property
    def key(self) -> str:
        """The property name of the entity in JSON; nearly always its own name."""
        return self.json_name or self.name

    @property
    def all_read_only(self) -> frozenset[str]:
        return READ_ONLY | self.read_only


KINDS: dict[str, Kind] = {}
BY_PATH: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    KINDS[kind.name] = kind
    BY_PATH[kind.path] = BY_PATH[kind.key.lower()] = kind
    return kind


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def events(text: str) -> frozenset[str]:
    return words(text)
