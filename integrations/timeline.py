"""What sync did with one document, as lines for its time-line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.documents import Kind, Operation
from integrations.models import Intent, IntentState
from integrations.standing import kind_of

MOST = 50

WORDS = {
    (Operation.CREATE, IntentState.ANSWERED): "Created in QuickBooks",
    (
        Operation.CREATE,
        IntentState.ADOPTED,
    ): "Found in QuickBooks after a lost answer; not sent again",
    (Operation.UPDATE, IntentState.ANSWERED): "Updated in QuickBooks",
    (Operation.UPDATE, IntentState.ADOPTED): "Found updated in QuickBooks after a lost answer",
    (Operation.VOID, IntentState.ANSWERED): "Voided in QuickBooks",
    (Operation.VOID, IntentState.ADOPTED): "Found voided in QuickBooks after a lost answer",
    (Operation.SEND, IntentState.ANSWERED): "E-mailed by QuickBooks",
    (Operation.SEND, IntentState.ADOPTED): "Found e-mailed by QuickBooks after a lost answer",
}


@dataclass(frozen=True)
class Line:
    """One line; looks like those of the audit log, among which it is shown."""

    at: datetime
    text: str
    who: str = "QuickBooks"


def with_sync(document: Any, history: Iterable[Any]) -> list[Any]:
    """The document's history and what sync did with it, newest first."""
    return sorted([*history, *_lines(document)], key=lambda line: line.at, reverse=True)


def _lines(document: Any) -> list[Line]:
    kinds = {Kind.INVOICE: [Kind.INVOICE, Kind.MAIL]}
    kind = kind_of(document)
    intents = Intent.objects.filter(kind__in=kinds.get(kind, [kind]), local_id=document.pk)
    settled = intents.exclude(settled_at=None).order_by("-settled_at")[:MOST]
    return [
        Line(intent.settled_at, words)
        for intent in settled
        if intent.settled_at and (words := _words(intent))
    ]


def _words(intent: Intent) -> str:
    if intent.state == IntentState.REFUSED:
        return str((intent.answer or {}).get("refused", "")) or "Refused by QuickBooks"
    words = WORDS.get((Operation(intent.operation), IntentState(intent.state)), "")
    return f"{words} (sent {intent.sends} times)" if words and intent.sends > 1 else words
