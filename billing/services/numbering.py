"""Document numbers: one row for each organization and kind of document, locked while a number is taken."""

from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import QuerySet

from billing.models import Invoice, NumberSequence
from billing.rules.numbering import check_sequence, written
from billing.services.changes import differing, save
from billing.services.chronicle import note
from tenants.models import User

INVOICES = "invoice"
# What the numbers of a kind begin with until somebody chooses otherwise.
PREFIXES = {INVOICES: "INV-", "credit_memo": "CM-", "refund": "RF-"}


class Look(TypedDict, total=False):
    """How numbers look; what is not passed stays as it is."""

    prefix: str
    next_value: int
    suffix: str


def sequence() -> NumberSequence:
    """The organization's sequence of invoices as it is now, made on first use. Does not lock."""
    return _only(NumberSequence.objects.all(), INVOICES)


def take(kind: str = INVOICES) -> str:
    """The next number, for good if the transaction commits. Others wait until then: no gaps.

    One that an invoice bears already, such as an older one that was entered with its own, is passed over.
    """
    counted = _locked(kind)
    value = counted.next_value
    while _is_borne(kind, number := written(counted.prefix, value, counted.suffix)):
        value += 1
    save(counted, {"next_value": value + 1, "last_given": value})
    return number


def hold() -> None:
    """Nobody takes a number until the transaction ends: what it stores from elsewhere may bear the next one."""
    _locked(INVOICES)


@transaction.atomic
def configure(*, actor: User | None = None, **look: Unpack[Look]) -> NumberSequence:
    """Chooses how the next numbers look. Raises `NumberRefused`; no count that was given comes again."""
    counted = _locked(INVOICES)
    changes = differing(counted, look)
    prefix, next_value, suffix = (
        changes.get(name, getattr(counted, name)) for name in ("prefix", "next_value", "suffix")
    )
    check_sequence(prefix, next_value, suffix, last_given=counted.last_given)
    if changes:
        save(counted, changes)
        detail = {"fields": sorted(changes), "next": written(prefix, next_value, suffix)}
        note("numbersequence.changed", counted, actor=actor, **detail)
    return counted


def _is_borne(kind: str, number: str) -> bool:
    return kind == INVOICES and Invoice.objects.filter(number=number).exists()


def _locked(kind: str) -> NumberSequence:
    return _only(NumberSequence.objects.select_for_update(no_key=True), kind)


def _only(rows: QuerySet[NumberSequence], kind: str) -> NumberSequence:
    found = rows.filter(kind=kind).first()
    if found is None:
        # Two first users may meet here; the unique constraint lets one row stand.
        first = NumberSequence(kind=kind, prefix=PREFIXES[kind])
        NumberSequence.objects.bulk_create([first], ignore_conflicts=True)
        found = rows.get(kind=kind)
    return found
