"""The table of docs/errors.md, from the code's fault table: ``python -m tests.docs.errors_table`` writes it anew."""

from pathlib import Path

from integrations.errors import (
    AlreadyThere,
    Locked,
    NeedsConsent,
    NotUnderstood,
    OutcomeUnknown,
    PeriodClosed,
    Refused,
    Stale,
    SyncError,
    Temporary,
    TokenRejected,
    Vanished,
    Waiting,
)
from integrations.quickbooks_online.fault_table import ROWS, Row

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
HEAD = "| code | error | what happens next | what staff read | what to do |\n|---|---|---|---|---|"

NEXT: dict[type[SyncError], str] = {
    Temporary: "Pending; tried again by itself",
    TokenRejected: "token renewed, call repeated once",
    NeedsConsent: "Blocked until reconnected",
    Waiting: "Blocked; tried again every 15 minutes",
    Stale: "fetched and compared, then sent again or Errored",
    OutcomeUnknown: "Pending; looked up before anything is sent again",
    AlreadyThere: "adopted when it is ours; a customer's name and an invoice's number are asked about; else Errored",
    Locked: "Errored; theirs of a payment or refund may be taken",
    Vanished: "Errored",
    NotUnderstood: "Errored; where it was met in a look, a question to a person",
    PeriodClosed: "Blocked, as the sync rules say; goes on once the books are open",
    Refused: "Errored",
}
NOTHING = "Nothing."


def table() -> str:
    """The page's table as it should be."""
    return "\n".join([HEAD, *(_line(row) for row in ROWS)])


def shown() -> str:
    """The page's table as it is."""
    return PAGE.read_text().partition(BEGIN)[2].partition(END)[0].strip()


def _line(row: Row) -> str:
    code = f"{row.code} ({row.when})" if row.when else row.code
    what_next = NEXT[row.becomes]
    if row.retry_after_seconds:
        what_next += f" after {row.retry_after_seconds:.0f} s"
    cells = (code, row.becomes.__name__, what_next, row.sentence, row.hint or NOTHING)
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}")
