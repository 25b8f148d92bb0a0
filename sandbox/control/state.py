"""A company as one JSON value: for assertions, and to make another company from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import jsontext
from sandbox.quickbooks.kinds import KINDS
from sandbox.quickbooks.shown import shown
from sandbox.store import OF_A_COMPANY

if TYPE_CHECKING:
    from sandbox.core import Sandbox


def dump(core: Sandbox, realm: str) -> dict[str, Any]:
    """`entities` as the API shows them (tombstones apart), `tables` to restore from."""
    books = core.books(realm)
    entities: dict[str, list[Any]] = {}
    gone: dict[str, list[str]] = {}
    for kind, id, is_gone, body in core.store.all(
        "SELECT kind, id, gone, body FROM objects WHERE realm=? ORDER BY kind, id", books.realm
    ):
        if is_gone:
            gone.setdefault(kind, []).append(str(id))
        else:
            entities.setdefault(kind, []).append(
                shown(books, KINDS[kind], jsontext.loads(body), {"sku": "1"})
            )
    accounts = {a["Id"]: a for a in books.accounts()}
    ledger = [
        {"kind": k, "id": str(i), "account": str(a), "name": accounts[str(a)]["Name"], "party": p and str(p),
         "date": d, "home_cents": h, "cents": o}
        for k, i, a, p, d, h, o in core.store.all(
            "SELECT kind, id, account, party, date, home, own FROM postings WHERE realm=? ORDER BY rowid",
            books.realm,
        )
    ]  # fmt: skip
    return {"company": books.company.as_json(), "entities": entities, "deleted": gone, "postings": ledger,
            "mails": mails(core, books.realm), "tables": tables(core, books.realm)}  # fmt: skip


def mails(core: Sandbox, realm: int) -> list[dict[str, Any]]:
    rows = core.store.all(
        "SELECT at, entity, id, address FROM mails WHERE realm=? ORDER BY seq", realm
    )
    return [
        {"at": str(at), "entity": kind, "id": str(id), "address": to} for at, kind, id, to in rows
    ]


def tables(core: Sandbox, realm: int) -> dict[str, list[list[Any]]]:
    """Raw rows without their realm; files are left out."""
    out = {}
    for table in OF_A_COMPANY:
        if table in {"files", "mails"}:
            continue
        rows = core.store.all(f"SELECT * FROM {table} WHERE realm=? ORDER BY 2, 3", realm)
        out[table] = [list(row[1:]) for row in rows]
    return out


def restore(core: Sandbox, realm: str, dumped: dict[str, Any]) -> None:
    """Fill an empty company with the rows of a dump."""
    for table, rows in dumped["tables"].items():
        if table not in OF_A_COMPANY:
            raise ValueError(f"unknown table {table}")
        for row in rows:
            marks = ",".join("?" * (len(row) + 1))
            core.store.execute(f"INSERT INTO {table} VALUES({marks})", (int(realm), *row))
    core.forget_cached()
