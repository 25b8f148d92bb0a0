"""One company's records within one request: find, check, write, derive, announce."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from sandbox import clock, jsontext
from sandbox.company import Company
from sandbox.money import major, minor
from sandbox.quickbooks import ledger, recurring
from sandbox.quickbooks.faults import bad_reference, deleted, not_found
from sandbox.quickbooks.kinds import KINDS, Body, Kind

if TYPE_CHECKING:
    from sandbox.core import Sandbox

COLUMNS = "id, active, gone, created, updated, body, hidden"


def row_id(text: str | int) -> int | str:
    """Ids are numbers in the store, except those of the pseudo tax codes TAX and NON."""
    digits = str(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else digits


def number_of(kind: Kind, body: Body) -> str | None:
    """What is found as DocNumber; for a recurring transaction the kind of its template."""
    if kind.name == "RecurringTransaction":
        return recurring.template_of(body)
    return body.get("DocNumber")


class Books:
    """Everything a rule needs to know about a company while it decides."""

    def __init__(self, core: Sandbox, company: Company) -> None:
        self.core, self.company = core, company
        self.store, self.switches = core.store, core.switches
        self.realm = int(company.realm)
        self.now = core.clock.time()
        # What was read or written in this request: bodies, (created, hidden) and JSON texts.
        self._kept: dict[tuple[str, Any], tuple[int, str | None]] = {}
        self._texts: dict[tuple[str, Any], str] = {}
        self._quiet: set[tuple[str, Any]] = set()
        self._seen: dict[tuple[str, Any], Body | None] = {}

    # -- reading ---------------------------------------------------------------------------

    @property
    def today(self) -> date:
        return clock.today(self.now, self.company.zone)

    @property
    def preferences(self) -> Body:
        """Shared by requests until somebody writes them: never change this in place."""
        return self.core.preferences(self)

    def preference(self, group: str, name: str, default: Any = None) -> Any:
        return self.preferences.get(group, {}).get(name, default)

    @property
    def home_currency(self) -> str:
        return self.company.currency

    @property
    def multicurrency(self) -> bool:
        return bool(self.preference("CurrencyPrefs", "MultiCurrencyEnabled"))

    def row(self, kind: str, id: str | int) -> Any:
        return self.store.one(
            f"SELECT {COLUMNS} FROM objects WHERE realm=? AND kind=? AND id=?",
            self.realm, kind, row_id(id),
        )  # fmt: skip

    def find(self, kind: str, id: str | int) -> Body | None:
        """A living record or None. Parsed once per request: change it only to save it."""
        key = (kind, row_id(id))
        if key not in self._seen:
            listed = kind in self.core.short_lists
            self._seen[key] = (
                self.core.listed(self, kind, key[1]) if listed else self.parsed(kind, id)
            )
        return self._seen[key]

    def parsed(self, kind: str, id: str | int) -> Body | None:
        row = self.row(kind, id)
        if row is None or row[2]:
            return None
        self._kept[kind, row_id(id)] = (row[3], row[6])
        body: Body = jsontext.loads(row[5])
        return body

    def kept(self, kind: str, id: str | int) -> tuple[int, str | None]:
        """(created, hidden text) of a stored record."""
        key = (kind, row_id(id))
        if key not in self._kept:
            row = self.row(kind, id)
            self._kept[key] = (row[3], row[6]) if row else (int(self.now), None)
        return self._kept[key]

    def text(self, kind: str, body: Body) -> str | None:
        """The JSON text of a body written in this very request, if it is still that body."""
        key = (kind, row_id(body["Id"]))
        return self._texts.get(key) if self._seen.get(key) is body else None

    def must_find(self, kind: str, id: str | int) -> Body:
        """Raises fault 610 in the words that fit: never there, or deleted."""
        found = self.find(kind, id)
        if found is None:
            raise deleted() if self.row(kind, id) and KINDS[kind].is_transaction else not_found()
        return found

    def hidden(self, kind: str, id: str | int) -> Body:
        text = self.kept(kind, id)[1]
        return jsontext.loads(text) if text else {}

    def where(self, kind: str, condition: str = "", *values: Any) -> list[Body]:
        """Living records of a kind in the order of their ids."""
        sql = f"SELECT body FROM objects WHERE realm=? AND kind=? AND gone=0 {condition}"
        # "+id": with a condition of its own SQLite shall not walk along the ids.
        order = " ORDER BY +id" if condition else " ORDER BY id"
        rows = self.store.execute(sql + order, (self.realm, kind, *values))
        return [jsontext.loads(row[0]) for row in rows]

    def reference(self, kind: str, ref: Body | None, element: str) -> Body | None:
        """What a reference points to, with its name filled in. Unknown → 2500, inactive → 610."""
        if not ref:
            return None
        found = self.find(kind, ref["value"])
        if found is None:
            raise bad_reference(KINDS[kind].plural, ref["value"])
        if not found.get("Active", True):
            raise not_found(element)
        self.name(kind, ref, found)
        return found

    @staticmethod
    def name(kind: str, ref: Body, found: Body) -> None:
        ref.pop("type", None)
        name = found.get("FullyQualifiedName") or found.get(KINDS[kind].name_field or "Name")
        if name is not None:
            ref["name"] = name

    def account_of(self, subtype: str, account_type: str | None = None) -> Body | None:
        """The first active account of a subtype (Undeposited Funds is found so, not by name)."""
        for account in self.accounts():
            if account.get("AccountSubType") == subtype and account.get("Active"):
                return account
        if account_type is None:
            return None
        return next(
            (a for a in self.accounts() if a["AccountType"] == account_type and a["Active"]), None
        )

    def accounts(self) -> list[Body]:
        """All accounts; kept for the company until one of them is written."""
        return self.core.accounts(self)

    def account(self, id: str | int) -> Body:
        return next(a for a in self.accounts() if a["Id"] == str(id))

    # -- time ------------------------------------------------------------------------------

    def stamp(self, at: float) -> str:
        return clock.stamp(at, self.company.zone)

    def fine_now(self) -> str:
        return clock.fine_stamp(self.now, self.company.zone)

    # -- numbers ---------------------------------------------------------------------------

    def next(self, sequence: str, first: int = 1) -> int:
        row = self.store.one(
            "INSERT INTO sequences VALUES(?,?,?) ON CONFLICT(realm, name) "
            "DO UPDATE SET value=value+1 RETURNING value",
            self.realm, sequence, first,
        )  # fmt: skip
        return int(row[0])

    # -- writing ---------------------------------------------------------------------------

    def insert(self, kind: Kind, body: Body, hidden: Body | None = None) -> Body:
        """Store a new record under the next id of its sequence (or the id it already has)."""
        body.setdefault("Id", str(self.next(kind.sequence)))
        self._common(body, "0", self.now)
        self._write(kind, body, hidden, created=int(self.now))
        return body

    def update(
        self, kind: Kind, body: Body, hidden: Body | None = None, *, bump: bool = True
    ) -> Body:
        """Store a changed record. `bump=False`: a derived change, only LastUpdatedTime moves."""
        token = int(body.get("SyncToken", "0")) + (1 if bump else 0)
        created = self.kept(kind.name, body["Id"])[0]
        self._common(body, str(token), created)
        self._write(kind, body, hidden, created=created)
        return body

    def _common(self, body: Body, token: str, created: float) -> None:
        for name in ("domain", "sparse", "SyncToken", "MetaData"):
            body.pop(name, None)
        id = body.pop("Id")
        body |= {
            "domain": "QBO", "sparse": False, "Id": id, "SyncToken": token,
            "MetaData": {"CreateTime": self.stamp(created), "LastUpdatedTime": self.stamp(self.now)},
        }  # fmt: skip

    def _write(self, kind: Kind, body: Body, hidden: Body | None, created: int) -> None:
        if hidden is None:
            hidden_text = self.kept(kind.name, body["Id"])[1]
        else:
            hidden_text = jsontext.dumps(hidden) if hidden else None
        key, text = (kind.name, row_id(body["Id"])), jsontext.dumps(body)
        party = next(
            (body[f]["value"] for f in ("CustomerRef", "VendorRef", "EntityRef") if body.get(f)),
            None,
        )
        name = body.get(kind.name_field) if kind.name_field else None
        self.store.execute(
            "INSERT INTO objects VALUES(?,?,?,?,0,?,?,?,?,?,?,?,?,?,?,?) "
            "ON CONFLICT(realm, kind, id) DO UPDATE SET active=excluded.active, gone=0, "
            "updated=excluded.updated, name=excluded.name, number=excluded.number, "
            "date=excluded.date, due=excluded.due, party=excluded.party, total=excluded.total, "
            "balance=excluded.balance, body=excluded.body, hidden=excluded.hidden",
            (self.realm, kind.name, row_id(body["Id"]), int(body.get("Active", True)), created,
             int(self.now), name.casefold() if name else None, number_of(kind, body),
             body.get("TxnDate"), body.get("DueDate"), row_id(party) if party else None,
             minor(body["TotalAmt"]) if "TotalAmt" in body else None,
             minor(body["Balance"]) if "Balance" in body else None,
             text, hidden_text),
        )  # fmt: skip
        self._seen[key], self._kept[key], self._texts[key] = body, (created, hidden_text), text
        self.core.changed(self.company.realm, kind.name)

    def remove(self, kind: Kind, body: Body) -> Body:
        """Leave a tombstone: what the change feed shows for 30 days."""
        stone = {
            "domain": "QBO", "status": "Deleted", "Id": body["Id"],
            "MetaData": {"LastUpdatedTime": self.stamp(self.now)},
        }  # fmt: skip
        self.store.execute(
            "UPDATE objects SET gone=1, active=0, updated=?, name=NULL, number=NULL, date=NULL, "
            "due=NULL, party=NULL, total=NULL, balance=NULL, body=?, hidden=NULL "
            "WHERE realm=? AND kind=? AND id=?",
            (int(self.now), jsontext.dumps(stone), self.realm, kind.name, row_id(body["Id"])),
        )
        for cache in (self._seen, self._kept, self._texts):
            cache.pop((kind.name, row_id(body["Id"])), None)
        self.core.changed(self.company.realm, kind.name)
        return stone

    @contextmanager
    def quiet(self, kind: str, id: str) -> Iterator[None]:
        """While a document is taken out of the books its own balance is of no interest."""
        self._quiet.add((kind, row_id(id)))
        try:
            yield
        finally:
            self._quiet.discard((kind, row_id(id)))

    def rename_references(self, party: Body) -> None:
        """Documents show the present name of their customer or vendor; nothing else moves."""
        name = party.get("FullyQualifiedName") or party["DisplayName"]
        for field in ("CustomerRef", "VendorRef", "EntityRef"):
            self.store.execute(
                f"UPDATE objects SET body=json_set(body, '$.{field}.name', ?) WHERE realm=? AND party=? "
                f"AND gone=0 AND json_extract(body, '$.{field}.value')=?",
                (name, self.realm, int(party["Id"]), party["Id"]),
            )
        self._clear()

    def _clear(self) -> None:
        for cache in (self._seen, self._kept, self._texts):
            cache.clear()

    def forget_cached(self) -> None:
        """After a rollback nothing that was read or written in it may be believed."""
        self._clear()
        self.core.forget_cached()

    # -- what follows from a write -----------------------------------------------------------

    def settle(self, kind: Kind, body: Body | None, id: str, *, is_new: bool = False) -> None:
        """After a write (or delete: body None): postings, links and everything derived."""
        number = row_id(id)
        parties = ledger.replace(self, kind, body, number, is_new=is_new)
        self._relink(kind, body, number, is_new=is_new)
        for party in sorted(parties):
            self.refresh_party(party)

    def _relink(self, kind: Kind, body: Body | None, id: Any, *, is_new: bool) -> None:
        old = [] if is_new else self.store.all(
            "SELECT to_kind, to_id, line, minor FROM relations WHERE realm=? AND by_kind=? AND by_id=?",
            self.realm, kind.name, id,
        )  # fmt: skip
        new = [(r.kind, r.id, r.line, r.minor) for r in kind.relate(self, body)] if body else []
        if sorted(old) == sorted(new):
            return
        if old:
            self.store.execute(
                "DELETE FROM relations WHERE realm=? AND by_kind=? AND by_id=?",
                (self.realm, kind.name, id),
            )
        for to_kind, to_id, line, cents in new:
            self.store.execute(
                "INSERT INTO relations VALUES(?,?,?,?,?,?,?)",
                (self.realm, kind.name, id, to_kind, to_id, line, cents),
            )
        for to_kind, to_id in sorted({(o[0], o[1]) for o in [*old, *new]}):
            self.refresh(to_kind, to_id)

    def refresh(self, kind_name: str, id: str | int) -> None:
        """Derive balance and links of a document anew; tell the world when they moved."""
        kind, body = KINDS[kind_name], self.find(kind_name, id)
        if body is None or (kind_name, row_id(id)) in self._quiet:
            return
        before = jsontext.dumps(body)
        kind.refresh(self, body)
        if jsontext.dumps(body) != before:
            self.update(
                kind,
                body,
                bump=kind.is_transaction and self.switches.payment_bumps_invoice_sync_token,
            )
            self.announce(kind, "Update", body["Id"])

    def refresh_party(self, party: int) -> None:
        """Balance of a customer or vendor follows the ledger."""
        kind_name = next((k for k in ("Customer", "Vendor") if self.find(k, party)), None)
        if kind_name is None:
            return
        body, kind = self.find(kind_name, party), KINDS[kind_name]
        assert body is not None
        row = self.store.one(
            "SELECT minor FROM party_balances WHERE realm=? AND party=?", self.realm, party
        )
        cents = int(row[0]) if row else 0
        balance = major(cents if kind_name == "Customer" else -cents)
        if body.get("Balance") != balance:
            body["Balance"] = balance
        if kind_name == "Customer":
            body["BalanceWithJobs"] = balance + self._jobs_balance(body)
        self.update(kind, body, bump=self.switches.balance_bumps_customer_sync_token)
        self.announce(kind, "Update", body["Id"])
        if kind_name == "Customer" and body.get("ParentRef"):
            self._refresh_parent(body["ParentRef"]["value"])

    def _jobs_balance(self, body: Body) -> Any:
        if not self.core.has_jobs(self):
            return 0
        jobs = self.where("Customer", "AND json_extract(body,'$.ParentRef.value')=?", body["Id"])
        return sum((job.get("BalanceWithJobs", 0) for job in jobs), major(0))

    def _refresh_parent(self, id: str) -> None:
        parent = self.find("Customer", id)
        if parent is not None:
            parent["BalanceWithJobs"] = parent.get("Balance", 0) + self._jobs_balance(parent)
            self.update(KINDS["Customer"], parent, bump=False)
            if parent.get("ParentRef"):
                self._refresh_parent(parent["ParentRef"]["value"])

    def applied_to(self, kind: str, id: str | int) -> list[tuple[str, int, int, int]]:
        """(by kind, by id, line, cents) of everything that points to a document."""
        return self.store.all(
            "SELECT by_kind, by_id, line, minor FROM relations WHERE realm=? AND to_kind=? AND to_id=? "
            "ORDER BY rowid",
            self.realm, kind, row_id(id),
        )  # fmt: skip

    def announce(self, kind: Kind, operation: str, id: str, deleted_id: str | None = None) -> None:
        """Queue a webhook event if the entity has the operation."""
        if operation in kind.events:
            self.core.webhooks.happened(self, kind.name, operation, id, deleted_id)
