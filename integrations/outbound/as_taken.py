"""What was taken of an invoice stays there as it stands there, for as long as nobody changes it here.

Our books may hold less of it, such as the first of two e-mail addresses, or a line without the item that it is booked
against.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from billing.models import Invoice, InvoiceLine
from integrations.documents import InvoiceDocument, LineDocument, to_json
from integrations.policies import OWNED

LINES = "lines_owner"
# Custom fields say what is chosen on the mapping page whenever they are sent.
PARTS = {part: names for part, names in OWNED.items() if part != "custom_fields_owner"}

# By the name of the part: a mark of how it stands on either side, and which lines have an item that is not ours.
Taken = Mapping[str, dict[str, Any]]


def noted(
    parts: Iterable[str], invoice: Invoice, *, agreed: InvoiceDocument, ours: InvoiceDocument
) -> dict[str, dict[str, Any]]:
    """What to keep of parts that were taken and are agreed otherwise than we would say them."""
    return {
        part: {"mark": _mark(part, invoice, agreed), "items": _items(part, agreed, ours)}
        for part in parts
        if part in PARTS and _differ(PARTS[part], agreed, ours)
    }


def kept(
    invoice: Invoice, *, ours: InvoiceDocument, agreed: InvoiceDocument, taken: Taken
) -> InvoiceDocument:
    """Our invoice with what was taken as it was agreed, unless it is another on either side by now."""
    changes: dict[str, Any] = {}
    for part, what in taken.items():
        if what["mark"] == _mark(part, invoice, agreed):
            changes |= {name: getattr(agreed, name) for name in PARTS[part]}
            if part == LINES:
                changes["lines"] = _with_items(ours.lines, agreed.lines, what["items"])
    return replace(ours, **changes)


def without(taken: Taken, parts: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The same once these parts are to be as ours are."""
    return {part: what for part, what in taken.items() if part not in set(parts)}


def _differ(names: Iterable[str], one: InvoiceDocument, other: InvoiceDocument) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in names)


def _items(part: str, agreed: InvoiceDocument, ours: InvoiceDocument) -> list[int]:
    """The places of the lines whose item is another than ours would be."""
    pairs = zip(agreed.lines, ours.lines, strict=False) if part == LINES else ()
    return [place for place, (theirs, here) in enumerate(pairs) if theirs.item != here.item]


def _with_items(
    ours: tuple[LineDocument, ...], agreed: tuple[LineDocument, ...], theirs: list[int]
) -> tuple[LineDocument, ...]:
    """The agreed lines; those whose item was ours follow what is chosen on the mapping page."""
    if len(ours) != len(agreed):
        return agreed
    pairs = enumerate(zip(ours, agreed, strict=True))
    return tuple(
        there if place in theirs else replace(there, item=here.item)
        for place, (here, there) in pairs
    )


def _mark(part: str, invoice: Invoice, agreed: InvoiceDocument) -> str:
    stored = to_json(agreed)
    there = {name: stored[name] for name in PARTS[part]}
    if part == LINES:
        # One of their items that was merged into another one is named anew in what was agreed.
        there["lines"] = [{**line, "item": ""} for line in stored["lines"]]
    text = json.dumps([there, _here(part, invoice)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _here(part: str, invoice: Invoice) -> Any:
    """As our row has it."""
    match part:
        case "due_date_owner":
            return invoice.due_on
        case "invoice_date_owner":
            return invoice.issued_on
        case "notes_owner":
            return invoice.notes
        case "memo_owner":
            return invoice.memo
        case "email_owner":
            return invoice.email
        case _:
            lines = sorted(invoice.lines.all(), key=lambda line: line.position)
            return [invoice.tax_minor, invoice.prices_include_tax, *map(_line, lines)]


def _line(line: InvoiceLine) -> list[Any]:
    numbers = (line.quantity, line.unit_price, line.discount_percent)
    return [
        *(line.service_id, line.description, line.kind, line.taxable, line.amount_minor),
        *(number if number is None else _plain(number) for number in numbers),
    ]


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
