"""Where the sandbox keeps everything: one SQLite database, in memory or in a file.

SQLite because 100,000 documents must fit a small process, a half-done write must vanish when the
request is refused, and what was answered must survive a kill.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox import jsontext

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS companies(realm INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS apps(client_id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS grants(id INTEGER PRIMARY KEY, realm INTEGER NOT NULL,
    client_id TEXT NOT NULL, live INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS grants_realm ON grants(realm, live);
CREATE TABLE IF NOT EXISTS secrets(kind TEXT, value TEXT, grant_id INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY(kind, value)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sequences(realm INTEGER, name TEXT, value INTEGER NOT NULL,
    PRIMARY KEY(realm, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects(realm INTEGER NOT NULL, kind TEXT NOT NULL, id NOT NULL,
    active INTEGER NOT NULL, gone INTEGER NOT NULL, created INTEGER NOT NULL,
    updated INTEGER NOT NULL, name TEXT, number TEXT, date TEXT, due TEXT, party INTEGER,
    total INTEGER, balance INTEGER, body TEXT NOT NULL, hidden TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS objects_id ON objects(realm, kind, id);
CREATE INDEX IF NOT EXISTS objects_updated ON objects(realm, kind, updated);
CREATE INDEX IF NOT EXISTS objects_created ON objects(realm, kind, created);
CREATE INDEX IF NOT EXISTS objects_name ON objects(realm, kind, name) WHERE name IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_number ON objects(realm, kind, number) WHERE number IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_party ON objects(realm, kind, party) WHERE party IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_date ON objects(realm, kind, date) WHERE date IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_open ON objects(realm, kind, id) WHERE balance > 0;
CREATE INDEX IF NOT EXISTS objects_live ON objects(realm, kind, active, id) WHERE gone = 0;
CREATE TABLE IF NOT EXISTS relations(realm INTEGER NOT NULL, by_kind TEXT NOT NULL,
    by_id INTEGER NOT NULL, to_kind TEXT NOT NULL, to_id INTEGER NOT NULL, line INTEGER NOT NULL,
    minor INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS relations_by ON relations(realm, by_kind, by_id);
CREATE INDEX IF NOT EXISTS relations_to ON relations(realm, to_kind, to_id);
CREATE TABLE IF NOT EXISTS postings(realm INTEGER NOT NULL, kind TEXT NOT NULL,
    id INTEGER NOT NULL, account INTEGER NOT NULL, party INTEGER, date TEXT NOT NULL,
    home INTEGER NOT NULL, own INTEGER NOT NULL, memo TEXT);
CREATE INDEX IF NOT EXISTS postings_doc ON postings(realm, kind, id);
CREATE INDEX IF NOT EXISTS postings_account ON postings(realm, account, date);
CREATE TABLE IF NOT EXISTS account_balances(realm INTEGER, account INTEGER, home INTEGER NOT NULL,
    own INTEGER NOT NULL, PRIMARY KEY(realm, account)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS party_balances(realm INTEGER, party INTEGER, minor INTEGER NOT NULL,
    PRIMARY KEY(realm, party)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS replays(realm INTEGER, requestid TEXT, at REAL NOT NULL,
    fingerprint TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY(realm, requestid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files(realm INTEGER, id INTEGER, content BLOB NOT NULL,
    PRIMARY KEY(realm, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal(seq INTEGER PRIMARY KEY, at TEXT NOT NULL, realm TEXT,
    client_id TEXT, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
    operation TEXT, entity TEXT, status INTEGER NOT NULL, code TEXT, metered INTEGER NOT NULL,
    requestid TEXT, replayed INTEGER NOT NULL, intuit_tid TEXT, fault TEXT);
CREATE INDEX IF NOT EXISTS journal_realm ON journal(realm);
CREATE TABLE IF NOT EXISTS meters(client TEXT, month TEXT, calls INTEGER NOT NULL,
    PRIMARY KEY(client, month)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events(seq INTEGER PRIMARY KEY, client_id TEXT NOT NULL,
    realm INTEGER NOT NULL, due REAL NOT NULL, delivery INTEGER, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_due ON events(client_id, delivery, due);
CREATE TABLE IF NOT EXISTS deliveries(id INTEGER PRIMARY KEY, client_id TEXT NOT NULL,
    due REAL NOT NULL, attempt INTEGER NOT NULL, first_at REAL, state TEXT NOT NULL,
    body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS deliveries_state ON deliveries(state, client_id, id);
CREATE TABLE IF NOT EXISTS mails(seq INTEGER PRIMARY KEY, realm INTEGER NOT NULL,
    at REAL NOT NULL, entity TEXT NOT NULL, id INTEGER NOT NULL, address TEXT NOT NULL);
"""
TABLES = [line.split("(")[0].split()[-1] for line in SCHEMA.splitlines() if "CREATE TABLE" in line]
# Tables that belong to one company and therefore appear in its dump and vanish with it.
OF_A_COMPANY = [
    "sequences", "objects", "relations", "postings", "account_balances", "party_balances",
    "files", "mails",
]  # fmt: skip

# By the name of the table.
Rows = dict[str, list[dict[str, Any]]]


class Store:
    """Thin wrapper around one connection; the core's lock guards it."""

    def __init__(self, path: Path | None = None) -> None:
        self.connection = sqlite3.connect(
            str(path) if path else ":memory:", check_same_thread=False, isolation_level=None
        )
        # One process has the file for itself: no shared index beside the log, and a second sandbox
        # on the same folder is told so instead of mixing two companies' numbers.
        self.connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        self.connection.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing; only a power cut could, which a sandbox may accept.
        self.connection.execute("PRAGMA synchronous=OFF")
        # 128 MB of pages, and a write-ahead log that is not folded in at every tenth write.
        self.connection.execute("PRAGMA cache_size=-131072")
        self.connection.execute("PRAGMA wal_autocheckpoint=10000")
        self.connection.executescript(SCHEMA)
        self.execute = self.connection.execute
        self.depth = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another transaction a savepoint."""
        name = f"level{self.depth}"
        self.execute("BEGIN" if self.depth == 0 else f"SAVEPOINT {name}")
        self.depth += 1
        try:
            yield
        except BaseException:
            self.depth -= 1
            if self.depth:
                self.execute(f"ROLLBACK TO {name}")
                self.execute(f"RELEASE {name}")
            else:
                self.execute("ROLLBACK")
            raise
        self.depth -= 1
        self.execute("COMMIT" if self.depth == 0 else f"RELEASE {name}")

    def one(self, sql: str, *values: Any) -> Any:
        """The first row or None."""
        return self.execute(sql, values).fetchone()

    def all(self, sql: str, *values: Any) -> list[Any]:
        return self.execute(sql, values).fetchall()

    def get(self, name: str, default: Any = None) -> Any:
        """A value of the `meta` table."""
        row = self.one("SELECT value FROM meta WHERE name=?", name)
        return jsontext.loads(row[0]) if row else default

    def set(self, name: str, value: Any) -> None:
        self.execute("REPLACE INTO meta VALUES(?,?)", (name, jsontext.dumps(value)))

    def everything(self) -> Rows:
        """Every row of every table."""
        return {
            table: [
                dict(zip(names, row, strict=True)) for row in self.all(f"SELECT * FROM {table}")
            ]
            for table, names in self._columns().items()
        }

    def put_back(self, rows: Rows) -> None:
        """Adds rows that `everything` has told."""
        with self.transaction():
            for table, names in self._columns().items():
                marks = ",".join("?" * len(names))
                self.connection.executemany(
                    f"INSERT INTO {table} VALUES({marks})",
                    ([row[name] for name in names] for row in rows[table]),
                )

    def _columns(self) -> dict[str, list[str]]:
        return {
            table: [row[1] for row in self.all(f"PRAGMA table_info({table})")] for table in TABLES
        }

    def clear(self) -> None:
        for table in TABLES:
            self.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        self.connection.close()
