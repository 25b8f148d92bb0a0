"""What a push knows, what it asks to be done, and how it ends. Pure: `push.py` decides, `perform.py` carries out."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from integrations.documents import Document, Held, Kind, Operation


@dataclass(frozen=True, slots=True)
class Linked:
    """The counterpart of a document, as far as we know it."""

    remote_id: str
    remote_version: str
    ours: Document
    theirs: Document | None


@dataclass(frozen=True, slots=True)
class IntentDraft:
    """A write decided on and fixed, not yet committed."""

    operation: Operation
    op_key: str
    marker: str
    body: str
    document: Document
    version: int
    target_id: str = ""
    target_version: str = ""
    may_exist_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """A committed write whose outcome is not stored. What it made is not older than ``oldest``; ``sends`` says how
    often it went out again.
    """

    id: UUID
    kind: Kind
    operation: Operation
    op_key: str
    marker: str
    body: str
    document: Document
    version: int
    target_id: str
    target_version: str
    created_at: datetime
    send_deadline: datetime
    sends: int = 0
    # What we had agreed to before this change; None for what is new over there.
    before: Document | None = None
    may_exist_since: datetime | None = None

    @property
    def oldest(self) -> datetime:
        return self.may_exist_since or self.created_at


@dataclass(frozen=True, slots=True)
class Doubt:
    """This document may have been sent already, and that forgotten here: since ``born_at``; it arrives by ``until``."""

    born_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """All that is known about one job when it is taken up. ``doubt`` is that of safe mode, ``shared`` the fields of a
    customer that the sync rules keep equal on both sides, ``lost`` the id of a document of ours there that has nothing
    here, and may be this one, entered again.
    """

    organization: UUID
    account: str
    kind: Kind
    local_id: UUID
    label: str
    version: int
    incarnation: int
    refusals: int
    document: Document | None
    linked: Linked | None
    open_intent: OpenIntent | None
    now: datetime
    doubt: Doubt | None = None
    shared: frozenset[str] = frozenset()
    lost: str = ""


# --- effects ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommitIntent:
    """Store the write before it is made. Answers with the `OpenIntent`."""

    draft: IntentDraft


@dataclass(frozen=True, slots=True)
class Send:
    """Put the committed write on the wire. Answers with `Held` or raises a `SyncError`."""

    intent: OpenIntent


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask for documents that could be this write's. Answers with a list of `Held`."""

    intent: OpenIntent


@dataclass(frozen=True, slots=True)
class ReadTarget:
    """Read the document a change was meant for. Answers with `Held` or raises `Vanished`.

    Of what it is settled by it says what is not here.
    """

    kind: Kind
    remote_id: str


@dataclass(frozen=True, slots=True)
class CommitAnswer:
    """Store what the other side holds now; settles the intent and the link in one transaction.

    ``as_sent`` is False when it holds something else than this write said, so that the difference goes out next.
    """

    intent: OpenIntent
    held: Held
    adopted: bool
    as_sent: bool


@dataclass(frozen=True, slots=True)
class CommitRefusal:
    """Store that this write definitely did not happen. ``counted`` gives the next try a new key."""

    intent: OpenIntent
    error: Exception
    counted: bool


@dataclass(frozen=True, slots=True)
class CommitResend:
    """Store that the same write goes on the wire once more. Answers with the intent and its new deadline."""

    intent: OpenIntent


@dataclass(frozen=True, slots=True)
class CommitRebase:
    """Store that the counterpart has a newer version of the same content."""

    held: Held


@dataclass(frozen=True, slots=True)
class TravellingBatch:
    """A committed batch; the writes in the order in which they are numbered, from 1."""

    id: UUID
    request_id: str
    intents: tuple[OpenIntent, ...]


@dataclass(frozen=True, slots=True)
class CommitBatch:
    """Store which committed writes travel together. Of the lane, not of one push: each push still yields its `Send`."""

    intents: tuple[OpenIntent, ...]


@dataclass(frozen=True, slots=True)
class SendBatch:
    """Put a committed batch on the wire. Each push gets its own part of the answer as that of its `Send`."""

    batch: TravellingBatch


IoEffect = Send | LookUp | ReadTarget
StoreEffect = CommitIntent | CommitAnswer | CommitRefusal | CommitResend | CommitRebase
LaneEffect = CommitBatch | SendBatch
Effect = IoEffect | StoreEffect
Steps = Generator[Effect, Any, "Outcome"]

CRASH_POINTS = tuple(
    f"{phase} {effect.__name__}"
    for effect in get_args(IoEffect) + get_args(StoreEffect) + get_args(LaneEffect)
    for phase in ("before", "after")
)


# --- outcomes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Agreed:
    """Both sides hold the content of this version."""

    version: int


@dataclass(frozen=True, slots=True)
class HoldsOther:
    """The write is settled, but they hold something else than it said: an older one replayed, or their own idea.

    ``fields`` are the names of those in which they do.
    """

    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class LookAgain:
    """The outcome stays unknown until then."""

    at: datetime


Outcome = Agreed | HoldsOther | LookAgain
