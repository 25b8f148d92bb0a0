"""The states of a sync job and the only steps between them.

Running is a lease on the connection, not a state: a crash in the middle leaves the job where it was.
"""

from enum import StrEnum


class JobState(StrEnum):
    """Where a document stands on its way to the other side."""

    PENDING = "pending"
    BLOCKED = "blocked"
    SYNCED = "synced"
    ERRORED = "errored"


MEANING = {
    JobState.PENDING: "Ready to sync; goes out by itself.",
    JobState.BLOCKED: "Something is missing; goes on by itself once it is there.",
    JobState.SYNCED: "The other side holds what we hold.",
    JobState.ERRORED: "Was refused; needs a look, then Try again.",
}

# After this many failed tries in a row a job is parked for a person; a busy or absent vendor never counts.
MAX_ATTEMPTS = 6

FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 15 * 60.0


def retry_delay_seconds(attempt: int, *, spread: float) -> float:
    """How long to wait after an attempt (1 is the first): doubling, capped, spread by 0..1 over the last half."""
    full: float = min(FIRST_RETRY_SECONDS * 2 ** min(attempt - 1, 30), LONGEST_RETRY_SECONDS)
    return full / 2 + full / 2 * spread
