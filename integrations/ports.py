"""What the sync engine asks of an accounting system, whichever vendor answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from integrations.documents import (
    Changes,
    Company,
    Document,
    Held,
    Illegible,
    Kind,
    ListEntry,
    ListKind,
    Operation,
    Settings,
)
from integrations.errors import SyncError


@dataclass(frozen=True, slots=True)
class Call:
    """One write, fixed to the byte before it is sent; sending it again sends the same.

    ``body`` is the JSON text. ``request_id`` lets the other side recognise a repetition (at most 36 characters).
    """

    operation: Operation
    kind: Kind
    body: str
    request_id: str


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What the call ledger keeps of one request. ``metered`` calls count against the vendor's monthly budget.

    ``items`` is the number of parts of a batch. It is not settled whether the vendor counts those or the batch.
    """

    method: str
    path: str
    status: int | None
    metered: bool
    started_at: datetime
    duration_ms: int
    reference: str
    outcome: str
    request_id: str = ""
    items: int = 1


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an adapter needs to speak for one company; never stored, never logged."""

    account: str
    access_token: str
    base_url: str

    def __repr__(self) -> str:
        return "Credentials(…)"


@dataclass(frozen=True, slots=True)
class App:
    """An app as the vendor knows it. ``discovery_url`` says where the vendor's endpoints are."""

    client_id: str
    client_secret: str
    redirect_uri: str
    discovery_url: str

    def __repr__(self) -> str:
        return f"App({self.client_id!r}, …)"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a webhook says has happened. Only a doorbell: what is true is read from the vendor.

    ``key`` is the same for every delivery of it. ``kind`` is None for what we do not follow. ``operation`` is one of
    created, updated, deleted, merged, voided, emailed, or a word we do not know. ``merged_away_id`` vanished in a
    merge into ``remote_id``. ``raw`` is the text of an event that we cannot read, and only of such a one.
    """

    key: str
    account: str
    kind: Kind | ListKind | Settings | None
    remote_id: str
    operation: str
    at: datetime | None
    merged_away_id: str = ""
    raw: str = field(default="", repr=False)


class Bodies(Protocol):
    """Builds the exact body of a write; pure, so it can be fixed before the call.

    All raise `Refused` for content that the other side cannot hold, naming the field.
    """

    def create(self, document: Document, *, marker: str, label: str) -> dict[str, Any]: ...

    def update(
        self,
        document: Document,
        *,
        id: str,
        version: str,
        changed: frozenset[str],
        marker: str,
        label: str,
        whole: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Only what changed; where that cannot be said so, all of ``whole``, which is theirs as just read."""
        ...

    def needs_whole(self, document: Document, changed: frozenset[str]) -> bool:
        """Whether these changes can only be said in an update of all that they hold."""
        ...

    def void(self, kind: Kind, *, id: str, version: str) -> dict[str, Any]: ...

    def send(self, *, id: str) -> dict[str, Any]:
        """Has them e-mail a document of theirs."""
        ...

    def text(self, body: dict[str, Any]) -> str:
        """The body as the JSON text that is sent: amounts as numbers, exact to the digit."""
        ...


class AccountingSystem(Protocol):
    """A connected company. Every method is one request unless it says otherwise; all raise `SyncError`s.

    A write that may or may not have happened raises `OutcomeUnknown`; a read never does.
    """

    def send(self, call: Call) -> Held: ...

    def send_batch(self, calls: list[Call], request_id: str) -> list[Held | SyncError]:
        """Up to 30 creates and updates in one metered request; for each what came of it, in the order of ``calls``.

        Raises when the whole was refused, or when it is not known what came of any of it.
        """
        ...

    def read(self, kind: Kind, id: str) -> Held:
        """Raises `Vanished` when it does not exist (any more), `NotUnderstood` when it cannot be read, `Refused` when
        it is not shown. Metered.
        """
        ...

    def find_by_number(self, kind: Kind, numbers: list[str]) -> list[Held]:
        """Documents with any of these numbers. Metered; one request per 1,000 found."""
        ...

    def find_created(self, kind: Kind, *, since: datetime) -> list[Held]:
        """Documents created at or after ``since``. Metered; one request per 1,000 found."""
        ...

    def find_by_name(self, kind: Kind, names: list[str]) -> list[Held]:
        """Customers, accounts or items of these names, inactive ones too. Metered."""
        ...

    def changed(
        self, kind: Kind, *, since: datetime, start: int, length: int
    ) -> list[Held | Illegible]:
        """As `page`, of what was created or changed since then; deletions stay invisible. Metered, one request."""
        ...

    def count(self, kinds: list[Kind]) -> dict[Kind, int]:
        """How many there are of each kind, inactive ones too. Metered, one request."""
        ...

    def page(self, kind: Kind, *, start: int, length: int) -> list[Held | Illegible]:
        """As many, up to 1,000, from the ``start``-th on, in the order of their ids. Metered, one request."""
        ...

    def some(self, kind: Kind, ids: Sequence[str]) -> list[Held | Illegible]:
        """Those of these, 1,000 at most, that are there; inactive ones too. Metered, one request."""
        ...

    def ids(self, kind: Kind, *, among: Sequence[str] = ()) -> set[str]:
        """The ids of all there are, or of those ``among`` these; inactive ones too. One metered request per 1,000."""
        ...

    def changes(self, kinds: list[Kind], lists: list[ListKind], *, since: datetime) -> Changes:
        """All that was created, changed or deleted since then. Metered, one request."""
        ...

    def entries(self, kinds: list[ListKind]) -> list[ListEntry]:
        """These lists whole, inactive entries too. Metered; one request per 1,000 entries of a kind."""
        ...

    def lists_and_company(self, kinds: list[ListKind]) -> tuple[list[ListEntry], Company]:
        """Up to 14 lists whole and the company, for one metered request less than one by one."""
        ...

    def company(self) -> Company:
        """The company's name, currency and settings. Metered, two requests."""
        ...


Recorder = Callable[[CallRecord], None]


class Admission(Protocol):
    """Asked before each request, in its thread; returns when it may start, raises `Temporary` when it may not."""

    def __call__(self, *, metered: bool, batch: bool) -> None: ...


def admitted(*, metered: bool, batch: bool) -> None:
    """Lets every request start at once."""
