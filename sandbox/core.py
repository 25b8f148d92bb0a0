"""The sandbox itself, callable without HTTP: a request goes in, a response comes out."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox import clock as clocks
from sandbox import jsontext, router
from sandbox.agenda import Agenda
from sandbox.apps import App
from sandbox.chance import Chance
from sandbox.clock import Clock
from sandbox.company import Company
from sandbox.messages import Request, Response
from sandbox.quickbooks import entities, ledger
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.entities.accounts import PERSONAL
from sandbox.quickbooks.kinds import Body
from sandbox.quickbooks.webhooks import Webhooks
from sandbox.store import Rows, Store
from sandbox.switches import Switches
from sandbox.throttles import Throttles
from sandbox.trouble import Trouble

# Lists that documents refer to all the time and that seldom change.
SHORT_LISTS = {"Term", "Class", "Department", "PaymentMethod", "TaxCode", "TaxRate"}
MOST_LISTED = 5_000

entities.load()


class Sandbox:
    """Everything in one place. `handle` may be called from several threads."""

    short_lists = SHORT_LISTS

    def __init__(
        self,
        *,
        seed: str | int | None = None,
        clock: Clock | None = None,
        state: Path | str | None = None,
        switches: dict[str, Any] | None = None,
    ) -> None:
        path = Path(state) / "sandbox.sqlite3" if state else None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.store = Store(path)
        self.lock = threading.RLock()
        self.clock = clock or Clock()
        self.started = (seed, dict(switches or {}))
        self.url = "http://127.0.0.1:8100"
        self.writer: str | None = None
        self.listeners: list[Callable[[], None]] = []
        self._load()

    def _load(self) -> None:
        """Read what a former run left, or begin anew."""
        seed, switches = self.started
        with self.store.transaction():
            kept = self.store.get("chance")
            if kept is None or (seed is not None and kept["seed"] != str(seed)):
                kept = {"seed": str(seed) if seed is not None else os.urandom(8).hex(), "draws": 0}
            self.chance = Chance(kept["seed"], kept["draws"])
            self.switches = Switches()
            for name, value in {**self.store.get("switches", {}), **switches}.items():
                self.switches.set(name, value)
            if (offset := self.store.get("clock")) is not None:
                self.clock.offset = float(offset)
            self.companies = {
                str(realm): Company(**jsontext.loads(body))
                for realm, body in self.store.all(
                    "SELECT realm, body FROM companies ORDER BY realm"
                )
            }
            self.apps = {
                client: App(**jsontext.loads(body))
                for client, body in self.store.all(
                    "SELECT client_id, body FROM apps ORDER BY client_id"
                )
            }
            self.trouble = Trouble(self)
            self.throttles = Throttles(self)
            self.webhooks = Webhooks(self)
            self._accounts: dict[str, list[Body]] = {}
            self._personal: dict[str, set[int]] = {}
            self._preferences: dict[str, Body] = {}
            self._listed: dict[tuple[str, str, Any], Body | None] = {}
            self._jobs: dict[str, bool] = {}
            self.agenda = Agenda(self)
            self.keep()

    # -- the one door ------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer one request. Nothing of it is stored when an error escapes."""
        with self.lock:
            try:
                with self.store.transaction():
                    self.agenda.catch_up()
                    response = self.route(request)
                    self._keep_draws()
                    return response
            except BaseException:
                self.forget_cached()
                raise

    def tick(self) -> None:
        """Do what has become due: late calls. Called by the server and when the clock moves."""
        with self.lock, self.store.transaction():
            self.agenda.catch_up()
            self._keep_draws()

    def route(self, request: Request) -> Response:
        return router.route(self, request)

    def _keep_draws(self) -> None:
        self.store.set("chance", {"seed": self.chance.seed, "draws": self.chance.draws})

    def next_due(self) -> float | None:
        """Sandbox time of the next thing to do by itself."""
        times = (self.agenda.next_at(), self.webhooks.next_due())
        return min((at for at in times if at is not None), default=None)

    def wake(self) -> None:
        """Tell the server's thread that something is due earlier than it thought."""
        for listener in self.listeners:
            listener()

    # -- apps and companies --------------------------------------------------------------------

    def add_app(self, app: App) -> App:
        self.apps[app.client_id] = app
        self.store.execute(
            "REPLACE INTO apps VALUES(?,?)", (app.client_id, jsontext.dumps(app.as_json()))
        )
        return app

    def add_company(self, company: Company) -> Company:
        self.companies[company.realm] = company
        self.store.execute(
            "REPLACE INTO companies VALUES(?,?)",
            (int(company.realm), jsontext.dumps(company.as_json())),
        )
        return company

    def books(self, realm: str) -> Books:
        return Books(self, self.companies[realm])

    def new_realm(self) -> str:
        return str(9_130_350_000_000_000 + self.chance.number(9_999_999_999))

    # -- what is kept in memory of a company ----------------------------------------------------

    def accounts(self, books: Books) -> list[Body]:
        found = self._accounts.get(books.company.realm)
        if found is None:
            found = self._accounts[books.company.realm] = books.where("Account")
        return found

    def listed(self, books: Books, kind: str, id: Any) -> Body | None:
        """A record of a short list, parsed once for many requests: never change it in place."""
        key = (books.company.realm, kind, id)
        if key not in self._listed:
            if len(self._listed) > MOST_LISTED:
                self._listed.clear()
            self._listed[key] = books.parsed(kind, id)
        return self._listed[key]

    def preferences(self, books: Books) -> Body:
        found = self._preferences.get(books.company.realm)
        if found is None:
            found = self._preferences[books.company.realm] = books.find("Preferences", "1") or {}
        return found

    def is_personal(self, books: Books, account: int) -> bool:
        """Whether an account is kept by customer or vendor (A/R and A/P)."""
        found = self._personal.get(books.company.realm)
        if found is None:
            found = {int(a["Id"]) for a in self.accounts(books) if a["AccountType"] in PERSONAL}
            self._personal[books.company.realm] = found
        return account in found

    def account_cents(self, books: Books, id: str) -> int:
        """Running balance in home cents, debit positive."""
        row = self.store.one(
            "SELECT home FROM account_balances WHERE realm=? AND account=?", books.realm, int(id)
        )
        return int(row[0]) if row else 0

    def has_jobs(self, books: Books) -> bool:
        """Whether any customer of the company has sub-customers."""
        realm = books.company.realm
        if realm not in self._jobs:
            sql = "SELECT 1 FROM sequences WHERE realm=? AND name='jobs'"
            self._jobs[realm] = self.store.one(sql, books.realm) is not None
        return self._jobs[realm]

    def gets_jobs(self, realm: str) -> None:
        self._jobs[realm] = True

    def changed(self, realm: str, kind: str) -> None:
        if kind in SHORT_LISTS:
            self._listed.clear()
        elif kind == "Preferences":
            self._preferences.pop(realm, None)
        elif kind == "Account":
            self._accounts.pop(realm, None)
            self._personal.pop(realm, None)

    def forget_cached(self) -> None:
        self._accounts.clear()
        self._preferences.clear()
        self._listed.clear()
        self._jobs.clear()
        self._personal.clear()

    # -- small services ------------------------------------------------------------------------

    def tid(self) -> str:
        text = self.chance.hex(32)
        return f"1-{text[:8]}-{text[8:32]}"

    def fine_now(self, zone: str) -> str:
        return clocks.fine_stamp(self.clock.time(), zone)

    def base_url(self, request: Request) -> str:
        host = request.headers.get("host")
        return f"http://{host}" if host else self.url

    def keep(self) -> None:
        """Write down switches and clock offset."""
        self._keep_draws()
        self.store.set("switches", vars(self.switches))
        self.store.set("clock", str(self.clock.offset) if self.clock.frozen_at is None else "0")

    def reset(self, seed: str | None = None) -> None:
        """As new: no company, no app, no journal, switches as given at the start."""
        with self.lock:
            self.store.clear()
            started_seed, switches = self.started
            self.started = (seed if seed is not None else started_seed, switches)
            self._load()

    def everything(self) -> Rows:
        """All that it holds, for `put_back`."""
        with self.lock:
            self.keep()
            return self.store.everything()

    def put_back(self, rows: Rows) -> None:
        """As it was when `everything` told these rows."""
        with self.lock:
            self.store.clear()
            self.store.put_back(rows)
            self.started = (self.store.get("chance")["seed"], self.started[1])
            self._load()

    def out_of_balance(self, realm: str) -> list[str]:
        with self.lock:
            return ledger.out_of_balance(self.books(realm))

    def close(self) -> None:
        with self.lock:
            self.store.close()

    @staticmethod
    def at(text: str) -> Clock:
        """A frozen clock, for tests and simulations."""
        return Clock(datetime.fromisoformat(text), frozen=True)
