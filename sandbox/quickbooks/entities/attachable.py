"""Notes and files attached to records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.quickbooks import validation
from sandbox.quickbooks.faults import Fault, missing, not_found
from sandbox.quickbooks.kinds import KINDS, Body, Draft, Kind, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

MINUTES = 15
NOT_ATTACHABLE = {
    "Attachable",
    "TaxCode",
    "TaxRate",
    "TaxAgency",
    "Preferences",
    "CompanyInfo",
    "ExchangeRate",
}


def complete(books: Books, draft: Draft) -> None:
    body = draft.body
    validation.characters(books, {n: body.get(n) for n in ("Note", "FileName")})
    validation.lengths(body, {"Note": 2000, "FileName": 1000, "Category": 100})
    if not body.get("Note") and not body.get("FileName"):
        raise missing("Note")
    if len(body.get("AttachableRef", [])) > 10_000:
        raise Fault(6000, "Business Validation Error: too many attachments")
    for ref in body.get("AttachableRef", []):
        entity(books, ref)
    for name in ("FileAccessUri", "TempDownloadUri", "Size", "ContentType"):
        if draft.former and name in draft.former:
            body[name] = draft.former[name]


def entity(books: Books, ref: Body) -> None:
    target = ref.get("EntityRef")
    if not target:
        return
    kind = next(
        (k for k in KINDS.values() if k.name.lower() == target.get("type", "").lower()), None
    )
    if kind is None or kind.name in NOT_ATTACHABLE:
        raise Fault(6050, f"The entity reference type {target.get('type', '')[:40]} isn't supported for attachable.",
                    element="EntityRef")  # fmt: skip
    if books.find(kind.name, target["value"]) is None:
        raise not_found("EntityRef")
    target["type"] = kind.name


def shown(books: Books, body: Body) -> Body:
    """The download address changes with time: it is good for some minutes only."""
    if "FileAccessUri" not in body:
        return body
    slot = int(books.now) // (MINUTES * 60)
    return {**body, "TempDownloadUri": f"{books.core.url}{body['FileAccessUri']}/file?slot={slot}"}


register(Kind("Attachable", "attachable", complete, deletable=True,
              read_only=words("FileAccessUri TempDownloadUri Size ThumbnailFileAccessUri ThumbnailTempDownloadUri"),
              filters=words("FileName Note ContentType Category"), sorts=words("FileName")))  # fmt: skip
