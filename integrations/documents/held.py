"""What the other side holds: documents, lists, the company, and what has changed. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from billing.money import Money
from integrations.documents.contents import Document
from integrations.documents.kinds import Kind, ListKind

UNITED_STATES = "US"


@dataclass(frozen=True, slots=True)
class Held:
    """A document as the other side holds it.

    ``version`` is what an update must quote; ``marker`` is ours when we made it; ``total`` and ``balance`` are computed
    over there. ``document`` is None when it was deleted. ``number`` is what it bears over there, which is not the
    document's when they count for themselves. Only customers, accounts and items can be inactive. ``untouched``
    says that it is as it was made: never changed, sent or paid, and nothing refers to it.
    ``settled_by`` are the payments on it. ``payload`` is all of it in their words, where it was read by itself.
    """

    kind: Kind
    id: str
    version: str
    document: Document | None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    marker: str = ""
    total: Money | None = None
    balance: Money | None = None
    unapplied: Money | None = None
    emailed_at: datetime | None = None
    number: str = ""
    active: bool = True
    untouched: bool = False
    settled_by: tuple[str, ...] = ()
    payload: dict[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def deleted(self) -> bool:
        return self.document is None


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of a list over there, as the mirror keeps it."""

    kind: ListKind
    id: str
    name: str
    active: bool
    email: str = ""
    phone: str = ""
    detail: tuple[tuple[str, str], ...] = ()
    version: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """What we read of a company before we believe a connection, and what its settings mean for us.

    ``country`` is an ISO code. ``custom_fields`` are those of sales forms that are in use: the id of each definition,
    and its name.
    """

    name: str
    country: str
    currency: str
    edition: str = ""
    multicurrency: bool = False
    custom_numbers: bool = False
    automated_tax: bool = False
    uses_tax: bool = False
    online_payments: bool = False
    auto_apply_credits: bool = False
    auto_apply_payments: bool = False
    class_per_document: bool = False
    class_per_line: bool = False
    tracks_locations: bool = False
    books_closed_on: date | None = None
    custom_fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Illegible:
    """One of their documents that has a form we cannot read; the others of its answer are none the worse.

    ``refusal`` is the code by which they refuse to show it, empty where they do.
    """

    kind: Kind
    id: str
    version: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """One answer of the change feed. ``complete`` is False when it was silently cut off."""

    documents: tuple[Held, ...]
    entries: tuple[ListEntry, ...]
    gone_entries: tuple[tuple[ListKind, str], ...]
    server_time: datetime
    complete: bool
    illegible: tuple[Illegible, ...] = ()
