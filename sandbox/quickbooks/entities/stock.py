"""How many pieces of an inventory item are left: what it started with, less what was sold."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.money import trimmed
from sandbox.quickbooks.kinds import Body, Draft, Relation

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

# Links count in whole numbers: ten-thousandths of a piece.
UNIT = 10_000


def moved(books: Books, body: Body, sign: int) -> list[Relation]:
    """`sign` 1 when pieces leave, -1 when they come."""
    out = []
    for number, line in enumerate(body.get("Line", [])):
        detail = line.get(line.get("DetailType", ""), {})
        ref = detail.get("ItemRef")
        item = books.find("Item", ref["value"]) if ref else None
        if item is not None and item["Type"] == "Inventory" and detail.get("Qty"):
            units = sign * int(Decimal(detail["Qty"]) * UNIT)
            out.append(Relation("Item", int(item["Id"]), units, number))
    return out


def used(books: Books, id_: str) -> Decimal:
    row = books.store.one(
        "SELECT COALESCE(SUM(minor),0) FROM relations WHERE realm=? AND to_kind='Item' AND to_id=?",
        books.realm, int(id_),
    )  # fmt: skip
    return Decimal(row[0]) / UNIT


def start(books: Books, draft: Draft) -> None:
    """A quantity that is written counts from now on."""
    former = draft.former
    if former is None:
        draft.hidden["start"] = draft.body["QtyOnHand"]
    elif draft.body["QtyOnHand"] != former.get("QtyOnHand"):
        draft.hidden["start"] = draft.body["QtyOnHand"] + used(books, former["Id"])


def refresh(books: Books, body: Body) -> None:
    if body["Type"] == "Inventory":
        begun = Decimal(books.hidden("Item", body["Id"])["start"])
        body["QtyOnHand"] = trimmed(begun - used(books, body["Id"]))
