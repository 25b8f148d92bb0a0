"""Change data capture: everything that changed since a moment, at most 30 days and 1,000 objects."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.clock import zone
from sandbox.quickbooks.faults import Fault, missing
from sandbox.quickbooks.kinds import KINDS, Kind
from sandbox.quickbooks.shown import shown_row

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

DAYS = 30
MOST = 1000


def run(books: Books, entities: str, changed_since: str) -> dict[str, Any]:
    """One element of CDCResponse. Over 1,000 objects the rest is left out without a word."""
    kinds = [kind_of(name.strip()) for name in entities.split(",") if name.strip()]
    if not kinds:
        raise missing("entities")
    if not changed_since:
        raise missing("changedSince")
    since = moment(books, changed_since)
    oldest = books.now - DAYS * 86400
    if since < oldest and books.switches.cdc_refuses_old:
        raise Fault(
            2190, f"Invalid Date Range. Supplied value:{changed_since}", element="changedSince"
        )
    left, groups = MOST, []
    for kind in kinds:
        group = changes(books, kind, max(since, oldest), left)
        left -= group.get("maxResults", 0)
        groups.append(group)
    return {"QueryResponse": groups}


def kind_of(name: str) -> Kind:
    kind = next((k for k in KINDS.values() if k.name.lower() == name.lower()), None)
    if kind is None:
        raise Fault(
            2000,
            f"Invalid or unsupported object name. Object Name: {name[:60]}",
            element="entities",
        )
    if not kind.in_change_feed:
        raise Fault(500, f"Operation CDC is not supported for {kind.name}.")
    return kind


def moment(books: Books, text: str) -> float:
    try:
        # A "+" of an offset that was not percent-encoded arrives as a blank.
        at = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone(books.company.zone))
        return at.timestamp()
    except (ValueError, OverflowError) as error:
        raise Fault(
            2070, f"Invalid Date. Supplied value:{text[:60]}", element="changedSince"
        ) from error


def changes(books: Books, kind: Kind, since: float, left: int) -> dict[str, Any]:
    rows = books.store.all(
        "SELECT body, gone FROM objects WHERE realm=? AND kind=? AND updated>=? "
        "ORDER BY updated, id LIMIT ?",
        books.realm, kind.name, since, max(left, 0),
    )  # fmt: skip
    if not rows:
        return {}
    shown = [jsonrow(books, kind, body, gone) for body, gone in rows]
    return {kind.key: shown, "startPosition": 1, "maxResults": len(shown)}


def jsonrow(books: Books, kind: Kind, body: str, gone: int) -> Any:
    from sandbox.jsontext import Raw

    return Raw(body) if gone else shown_row(books, kind, body)
