"""Asks what became of several writes at once: one metered query for all that can be looked for together, and a second
one for numbers that are not there. Pure but for the queries. See design 5.4; `recognise` compares what was found."""

from collections.abc import Iterable, Sequence

from integrations.documents import (
    AccountDocument,
    CreditMemoDocument,
    CustomerDocument,
    Held,
    InvoiceDocument,
    ItemDocument,
    RefundReceiptDocument,
)
from integrations.outbound.effects import OpenIntent
from integrations.outbound.recognise import CLOCK_ALLOWANCE, ours_among
from integrations.ports import AccountingSystem

NUMBERED = InvoiceDocument | CreditMemoDocument | RefundReceiptDocument
# A query with so many numbers of up to 21 characters stays below 3 kB.
TOGETHER = 100


def groups(intents: Iterable[OpenIntent], *, numbered: bool) -> list[list[OpenIntent]]:
    """Those that one query can find, together. ``numbered`` companies keep the number we send."""
    found: dict[tuple[object, ...], list[OpenIntent]] = {}
    for intent in intents:
        found.setdefault(_found_by(intent, numbered), []).append(intent)
    return [
        group[at : at + TOGETHER]
        for group in found.values()
        for at in range(0, len(group), TOGETHER)
    ]


def look_up(system: AccountingSystem, group: Sequence[OpenIntent], *, numbered: bool) -> list[Held]:
    """Whatever the creates of one group may have made."""
    first = group[0]
    match first.document:
        case CustomerDocument() | AccountDocument() | ItemDocument():
            return system.find_by_name(first.kind, [_name(intent) for intent in group])
        case InvoiceDocument() | CreditMemoDocument() | RefundReceiptDocument() if numbered:
            return _by_number(system, group)
    return _by_time(system, group)


def _by_number(system: AccountingSystem, group: Sequence[OpenIntent]) -> list[Held]:
    """Who is not found by number may bear another one: the company may count for itself since we read its settings."""
    found = system.find_by_number(group[0].kind, [_number(intent) for intent in group])
    missing = [intent for intent in group if ours_among(found, intent) is None]
    return [*found, *_by_time(system, missing)] if missing else found


def _by_time(system: AccountingSystem, group: Sequence[OpenIntent]) -> list[Held]:
    """Everything made since the oldest of these may have been, for whomever: their customer may be merged by now."""
    since = min(intent.oldest for intent in group) - CLOCK_ALLOWANCE
    return system.find_created(group[0].kind, since=since)


def _found_by(intent: OpenIntent, numbered: bool) -> tuple[object, ...]:
    """What is looked for by its time is gathered by the hour, so that an old one does not bring a whole day along."""
    match intent.document:
        case CustomerDocument() | AccountDocument() | ItemDocument():
            return (intent.kind, "name")
        case InvoiceDocument() | CreditMemoDocument() | RefundReceiptDocument() if numbered:
            return (intent.kind, "number")
    return (intent.kind, intent.oldest.replace(minute=0, second=0, microsecond=0))


def _name(intent: OpenIntent) -> str:
    assert isinstance(intent.document, CustomerDocument | AccountDocument | ItemDocument)
    return intent.document.name


def _number(intent: OpenIntent) -> str:
    assert isinstance(intent.document, NUMBERED)
    return intent.document.number
