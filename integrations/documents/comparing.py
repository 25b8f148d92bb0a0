"""Whether two documents are the same, and in what they differ. Pure."""

import hashlib
import json
from dataclasses import fields, replace

from integrations.documents.contents import (
    AccountDocument,
    Document,
    ExpenseDocument,
    InvoiceDocument,
    ItemDocument,
    PaymentDocument,
    RefundReceiptDocument,
)
from integrations.documents.stored import to_json

# Documents of before these were told apart keep their fingerprint.
ADDED_LATER = ("exchange_rate", "unit_price", "taxable", "deposit")
# Likewise those of before they bore these.
BORNE_LATER: dict[type, tuple[str, ...]] = {
    RefundReceiptDocument: ("tracking_class", "location"),
    ExpenseDocument: ("tax_code", "tax"),
}

# They can switch paying online on by themselves (C-21), and may let go of what a payment settles where a change of it
# does not say that (reference quickbooks 2.5). What is inactive bears another name there (2.6).
ALWAYS_SAID: dict[type, frozenset[str]] = {
    AccountDocument: frozenset({"name"}),
    ItemDocument: frozenset({"name"}),
    InvoiceDocument: frozenset({"pay_by_card", "pay_by_bank"}),
    PaymentDocument: frozenset({"amount", "applications", "credits", "others"}),
}


def fingerprint(document: Document) -> str:
    """The same 64 hex digits for the same content, whichever side it came from."""
    content = to_json(document)
    for one in fields(document):
        if not one.compare:
            del content[one.name]
    for later in ADDED_LATER:
        # What says nothing is as if it were not there.
        if content.get(later, "") is None:
            del content[later]
    for later in BORNE_LATER.get(type(document), ()):
        if not content[later]:
            del content[later]
    if not content.get("custom_fields", True):
        # Likewise those of before there were custom fields.
        del content["custom_fields"]
    for line in content.get("lines", ()):
        if line.get("gross", "") is None:
            # Likewise those of before prices could include tax.
            del line["gross"]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def changed_fields(before: Document, after: Document) -> frozenset[str]:
    """The names of the fields in which two documents of one kind differ."""
    names = (field.name for field in fields(after) if field.compare)
    return frozenset(name for name in names if getattr(before, name) != getattr(after, name))


def changed_since(before: Document | None, after: Document) -> frozenset[str]:
    """The same; all of it while nothing was known before."""
    if before is None:
        return frozenset(one.name for one in fields(after) if one.compare)
    return changed_fields(before, after)


def always_said(document: Document) -> frozenset[str]:
    """The names of the fields that go along with every change of it."""
    return ALWAYS_SAID.get(type(document), frozenset())


def merged(base: Document, change: Document, names: frozenset[str]) -> Document:
    """``base`` with the named fields taken from ``change``."""
    return replace(base, **{name: getattr(change, name) for name in names})
