"""An invoice that was changed on both sides, put together field by field as the sync rules say (N-08).

What one side alone changed is kept; only what both changed, and nobody owns, is left to a person. `merge` is pure, the
rest runs inside ``within()``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from billing.models import Invoice
from integrations.documents import (
    Held,
    InvoiceDocument,
    Kind,
    changed_fields,
    fingerprint,
    merged,
    to_json,
)
from integrations.inbound import apply
from integrations.models import Link, policies_in_force
from integrations.outbound import as_ours, as_taken, links
from integrations.outbound.compose import document_to_agree
from integrations.policies import OWNED, FieldOwner, Policies

# What no part holds and a merge cannot answer: the invoice is another one then.
OF_THE_WHOLE = frozenset({"customer", "currency", "number", "voided", "deposit"})
# What is followed here and that no rule has an owner for is a part by itself.
WITHOUT_RULE = apply.OURS.keys() - {name for names in OWNED.values() for name in names}
PARTS: dict[str, tuple[str, ...]] = {**OWNED, **{name: (name,) for name in WITHOUT_RULE}}
# What only they can change of an invoice that was made there.
THEIRS_ALONE = frozenset(
    part
    for part, names in PARTS.items()
    if apply.THEIRS_ALONE.intersection(apply.OURS.get(name, "") for name in names)
)


@dataclass(frozen=True, slots=True)
class Merge:
    """What becomes of each part that was changed over there: taken here, sent back as ours is, or asked."""

    take: frozenset[str] = frozenset()
    send: frozenset[str] = frozenset()
    ask: frozenset[str] = frozenset()


def merge(
    *, here: Iterable[str], there: Iterable[str], owner_of: Callable[[str], FieldOwner]
) -> Merge:
    """From the parts that either side has changed since both agreed."""
    changed_here = frozenset(here)
    decided = {part: _of(owner_of(part), both=part in changed_here) for part in there}
    return Merge(
        *(
            frozenset(part for part, what in decided.items() if what == answer)
            for answer in ("take", "send", "ask")
        )
    )


def parts_in(names: Iterable[str]) -> frozenset[str]:
    """The parts that these fields of a document belong to."""
    changed = frozenset(names)
    return frozenset(part for part, fields in PARTS.items() if changed & set(fields))


def owner_of(part: str, policies: Policies, *, made_by_us: bool) -> FieldOwner:
    """Whose version of a part of an invoice holds."""
    if part in THEIRS_ALONE and not made_by_us:
        return FieldOwner.THEIRS
    return policies.owner_of(part) if part in OWNED else FieldOwner.ASK


def put_together(
    link: Link, held: Held, ours_now: InvoiceDocument, policies: Policies
) -> Merge | None:
    """Takes what is to be taken, and has the rest sent. None when it is no matter of single fields.

    Raises `CannotApply`. Where something is asked, the version stays the one we know, so nothing of ours goes over it.
    """
    ours, theirs, document = link.our_document(), link.their_document(), held.document
    if not isinstance(document, InvoiceDocument) or theirs is None:
        return None
    there = changed_fields(theirs, document)
    if there & OF_THE_WHOLE:
        return None
    here = parts_in(
        name for name in changed_fields(ours, ours_now) if _differs(ours_now, document, name)
    )
    whose = partial(owner_of, policies=policies, made_by_us=link.made_by_us)
    found = merge(here=here, there=parts_in(there), owner_of=whose)
    if found.take:
        invoice = Invoice.objects.get(pk=link.local_id)
        names = frozenset(apply.OURS[name] for name in _fields(found.take) if name in apply.OURS)
        apply.take_fields(link.connection, invoice, held, names)
    _agree(link, held, found, _as_here(link, held, document, found.take, policies))
    note_taken(link, found.take)
    return found


def note_taken(link: Link, parts: Iterable[str]) -> None:
    """How these parts of an invoice of ours stand on either side, now that what QuickBooks holds of them was taken."""
    held_there = policies_in_force().held_there
    # Our due date moves along with the invoice date.
    dates = {"invoice_date_owner", "due_date_owner"}
    taken = frozenset(parts)
    taken = (taken | dates if "invoice_date_owner" in taken else taken) & held_there
    if not taken or not link.made_by_us:
        return
    row = Link.objects.get(pk=link.pk)
    row.taken = as_taken.without(row.taken, taken)
    row.save(update_fields=["taken"])
    agreed, invoice = row.our_document(), Invoice.objects.get(pk=link.local_id)
    ours = document_to_agree(link.connection, Kind.INVOICE, link.local_id, decided=OWNED)
    if isinstance(agreed, InvoiceDocument) and isinstance(ours, InvoiceDocument):
        row.taken |= as_taken.noted(taken, invoice, agreed=agreed, ours=ours)
        row.save(update_fields=["taken"])


def _of(owner: FieldOwner, *, both: bool) -> str:
    match owner:
        case FieldOwner.OURS:
            return "send"
        case FieldOwner.THEIRS:
            return "take"
        case FieldOwner.ASK:
            return "ask" if both else "take"


def _differs(ours: InvoiceDocument, theirs: InvoiceDocument, name: str) -> bool:
    """Both may have made the same change."""
    return bool(getattr(ours, name) != getattr(theirs, name))


def _fields(parts: Iterable[str]) -> frozenset[str]:
    return frozenset(name for part in parts for name in PARTS[part])


def _as_here(
    link: Link, held: Held, document: InvoiceDocument, taken: frozenset[str], policies: Policies
) -> InvoiceDocument:
    """How we would send what was just taken: lines of our own making bear our items, what they hold bears theirs."""
    if not link.made_by_us:
        return as_ours.adding_up(document, held.total)
    if not taken - policies.held_there:
        return document
    after = document_to_agree(link.connection, Kind.INVOICE, link.local_id)
    if not isinstance(after, InvoiceDocument):
        return document
    return _merged(document, after, _fields(taken - policies.held_there))


def _agree(link: Link, held: Held, found: Merge, as_here: InvoiceDocument) -> None:
    document = held.document
    assert isinstance(document, InvoiceDocument)
    theirs = link.their_document()
    assert isinstance(theirs, InvoiceDocument)
    asked = _fields(found.ask)
    seen = frozenset(InvoiceDocument.__dataclass_fields__) - asked
    ours = _merged(link.our_document(), document, _fields(found.send))
    ours = _merged(ours, as_here, _fields(found.take))
    theirs = _merged(theirs, document, seen)
    values: dict[str, Any] = {
        "ours": to_json(ours),
        "fingerprint": fingerprint(ours),
        "theirs": to_json(theirs),
        "their_fingerprint": fingerprint(theirs),
        "variance_minor": links.variance(ours, held, link.local_id),
        "their_total_minor": held.total.minor if held.total else None,
        "taken": as_taken.without(link.taken, found.send),
    }
    if not found.ask:
        values["remote_version"] = held.version
    Link.objects.filter(pk=link.pk).update(**values)


def _merged(base: Any, change: Any, names: frozenset[str]) -> InvoiceDocument:
    document = merged(base, change, names)
    assert isinstance(document, InvoiceDocument)
    return document
