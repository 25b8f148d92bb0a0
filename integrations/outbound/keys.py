"""Names for a write that come out the same however often, whenever and by whomever they are computed."""

import hashlib
from uuid import UUID

from integrations.documents import Held, Kind, Operation

REQUEST_ID_LENGTH = 36  # reference quickbooks 2.4: at most 50, 36 on a batch
MARKER_LENGTH = 12


def create_key(
    *, organization: UUID, account: str, kind: Kind, local_id: UUID, incarnation: int, refusals: int
) -> str:
    """The op key of making a document. A refusal already stored gets a new key, as a vendor may replay the fault."""
    return _digest(organization, account, kind, Operation.CREATE, local_id, incarnation, refusals)


def change_key(
    *,
    organization: UUID,
    account: str,
    kind: Kind,
    operation: Operation,
    local_id: UUID,
    incarnation: int,
    refusals: int,
    target: str,
    version: str,
    body_fingerprint: str,
) -> str:
    """The op key of an update or void: also of which of theirs, the version it was composed against and what it says.

    The one that ours stands for changes when a customer is linked anew or merged there.
    """
    parts = (organization, account, kind, operation, local_id, incarnation, refusals)
    return _digest(*parts, target, version, body_fingerprint)


def removal_key(organization: UUID, copy: Held) -> str:
    """The op key of removing a second copy of ours."""
    return _digest(organization, copy.kind, Operation.VOID, copy.id, copy.version, "copy")


def request_id(op_key: str) -> str:
    """The part of an op key that travels with the call."""
    return op_key[:REQUEST_ID_LENGTH]


def marker(*, organization: UUID, kind: Kind, local_id: UUID, incarnation: int) -> str:
    """Twelve hex digits in every document we make; they survive lost answers, restores and our own database."""
    return _digest(organization, kind, local_id, incarnation)[:MARKER_LENGTH]


def _digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()
