"""Merging two customers or vendors, as a person does by giving one the other's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import jsontext
from sandbox.quickbooks.faults import business
from sandbox.quickbooks.kinds import KINDS, Body

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

REFERENCES = {
    "Customer": ("CustomerRef", "EntityRef", "Entity"),
    "Vendor": ("VendorRef", "EntityRef", "Entity"),
}


def merge(books: Books, kind_name: str, loser_id: str, survivor_id: str) -> None:
    """The loser vanishes, its transactions are the survivor's. Raises `Fault`."""
    kind = KINDS[kind_name]
    loser, survivor = books.must_find(kind_name, loser_id), books.must_find(kind_name, survivor_id)
    if loser["Id"] == survivor["Id"]:
        raise business("Choose two different records")
    if loser["CurrencyRef"]["value"] != survivor["CurrencyRef"]["value"]:
        raise business("Records with different currencies cannot be merged")
    repoint_children(books, kind_name, loser, survivor)
    for found_kind, id_ in documents(books, loser_id):
        repoint(books, kind_name, found_kind, str(id_), loser_id, survivor)
    books.remove(kind, loser)
    books.announce(kind, "Merge", survivor_id, loser_id)


def documents(books: Books, party: str) -> list[tuple[str, Any]]:
    """Everything that belongs to a party, found by its own reference or by its postings."""
    return books.store.all(
        "SELECT kind, id FROM objects WHERE realm=?1 AND party=?2 AND gone=0 UNION "
        "SELECT kind, id FROM postings WHERE realm=?1 AND party=?2 ORDER BY 1, 2",
        books.realm, int(party),
    )  # fmt: skip


def repoint(
    books: Books, kind_name: str, found_kind: str, id_: str, loser: str, survivor: Body
) -> None:
    body = books.must_find(found_kind, id_)
    changed = replaced(kind_name, jsontext.loads(jsontext.dumps(body)), loser, survivor)
    kind = KINDS[found_kind]
    books.update(kind, changed)
    books.announce(kind, "Update", id_)
    books.settle(kind, changed, id_)


def replaced(kind_name: str, value: Any, loser: str, survivor: Body) -> Any:
    """Every reference to the loser, however deep, now names the survivor."""
    if isinstance(value, list):
        return [replaced(kind_name, item, loser, survivor) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for name, item in value.items():
        out[name] = replaced(kind_name, item, loser, survivor)
        if name in REFERENCES[kind_name] and isinstance(item, dict) and item.get("value") == loser:
            out[name] = {**item, "value": survivor["Id"], "name": survivor["DisplayName"]}
    return out


def repoint_children(books: Books, kind_name: str, loser: Body, survivor: Body) -> None:
    for child in books.where(
        kind_name, "AND json_extract(body,'$.ParentRef.value')=?", loser["Id"]
    ):
        if child["Id"] == survivor["Id"]:
            raise business("A customer cannot be merged into its own sub-customer")
        child["ParentRef"] = {"value": survivor["Id"], "name": survivor["DisplayName"]}
        child["FullyQualifiedName"] = f"{survivor['FullyQualifiedName']}:{child['DisplayName']}"
        books.update(KINDS[kind_name], child)
