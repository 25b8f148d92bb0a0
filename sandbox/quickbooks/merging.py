"""Merging two customers, vendors, items or accounts, as a person does by giving one the other's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import jsontext
from sandbox.quickbooks import writing
from sandbox.quickbooks.faults import business
from sandbox.quickbooks.kinds import KINDS, Body

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

REFERENCES = {
    "Customer": ("CustomerRef", "EntityRef", "Entity"),
    "Vendor": ("VendorRef", "EntityRef", "Entity"),
    "Item": ("ItemRef",),
    "Account": (
        "AccountRef", "DepositToAccountRef", "IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef",
        "BankAccountRef", "CCAccountRef", "FromAccountRef", "ToAccountRef", "DiscountAccountRef", "ItemAccountRef",
        "APAccountRef", "ARAccountRef",
    ),
}  # fmt: skip
# Two of a list can only be one when they are of the same type.
TYPES = {"Item": ("Type",), "Account": ("AccountType", "AccountSubType")}


def merge(books: Books, kind_name: str, loser_id: str, survivor_id: str) -> None:
    """The loser vanishes, its transactions are the survivor's. Raises `Fault`."""
    kind = KINDS[kind_name]
    loser, survivor = books.must_find(kind_name, loser_id), books.must_find(kind_name, survivor_id)
    if loser["Id"] == survivor["Id"]:
        raise business("Choose two different records")
    if loser.get("CurrencyRef") != survivor.get("CurrencyRef"):
        raise business("Records with different currencies cannot be merged")
    if any(loser.get(name) != survivor.get(name) for name in TYPES.get(kind_name, ())):
        raise business("Records of different types cannot be merged")
    repoint_children(books, kind_name, loser, survivor)
    for found_kind, id_ in naming(books, kind_name, loser_id):
        repoint(books, kind_name, found_kind, str(id_), loser_id, survivor)
    if kind_name == "Account":
        settle_postings(books, loser_id)
    if kind_name not in TYPES or books.switches.merged_entry_vanishes:
        books.remove(kind, loser)
    else:
        keys = {name: books.must_find(kind_name, loser_id)[name] for name in ("Id", "SyncToken")}
        writing.update(books, kind, {**keys, "sparse": True, "Active": False}, {"by": "person"})
    books.announce(kind, "Merge", survivor_id, loser_id)


def naming(books: Books, kind_name: str, loser_id: str) -> list[tuple[str, Any]]:
    """Everything that names the loser."""
    if kind_name not in TYPES:
        return documents(books, loser_id)
    rows = books.store.all(
        "SELECT kind, id, body FROM objects WHERE realm=? AND gone=0 AND instr(body, ?) ORDER BY kind='Item' DESC, id",
        books.realm, f'"{loser_id}"',
    )  # fmt: skip
    return [
        (kind, id_) for kind, id_, text in rows if names(kind_name, jsontext.loads(text), loser_id)
    ]


def names(kind_name: str, value: Any, loser_id: str) -> bool:
    """Whether a reference to the loser stands anywhere inside."""
    if isinstance(value, list):
        return any(names(kind_name, item, loser_id) for item in value)
    if not isinstance(value, dict):
        return False
    own = (value.get(name) for name in REFERENCES[kind_name])
    if any(isinstance(ref, dict) and ref.get("value") == loser_id for ref in own):
        return True
    return any(names(kind_name, item, loser_id) for item in value.values())


def settle_postings(books: Books, account_id: str) -> None:
    """Documents post to an account through their items, too."""
    rows = books.store.all(
        "SELECT DISTINCT kind, id FROM postings WHERE realm=? AND account=? ORDER BY 1, 2",
        books.realm, int(account_id),
    )  # fmt: skip
    for kind_name, id_ in rows:
        books.settle(KINDS[kind_name], books.must_find(kind_name, str(id_)), str(id_))


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
            out[name] = {**item, "value": survivor["Id"], "name": called(survivor)}
    return out


def called(body: Body) -> str:
    """How references name it."""
    name: str = body.get("DisplayName") or body["FullyQualifiedName"]
    return name


def repoint_children(books: Books, kind_name: str, loser: Body, survivor: Body) -> None:
    for child in books.where(
        kind_name, "AND json_extract(body,'$.ParentRef.value')=?", loser["Id"]
    ):
        if child["Id"] == survivor["Id"]:
            raise business("A record cannot be merged into its own child")
        child["ParentRef"] = {"value": survivor["Id"], "name": called(survivor)}
        own = child.get("DisplayName") or child["Name"]
        child["FullyQualifiedName"] = f"{survivor['FullyQualifiedName']}:{own}"
        books.update(KINDS[kind_name], child)
