"""How fast the sandbox answers with 100,000 documents in one company: `python -m bench.sandbox_load`.

One core serves (the program is pinned where the system can), the client has its own process. Throttles
are off. Prints requests per second, by the clock and for each second of processor time that the server
had (on a busy machine only the latter means something), and the server's peak memory. Exits 1 below 500
requests per second of one core or above 500 MB.
"""
# ruff: noqa: S608 - QuickBooks' query language, sent to the sandbox

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sandbox import Sandbox
from sandbox.control import companies
from sandbox.quickbooks import writing
from sandbox.quickbooks.kinds import KINDS

LEAST_PER_SECOND, MOST_MEGABYTES = 500, 500
CUSTOMERS = 2_000
# Documents that are written one by one; the rest are copies of them.
WRITTEN = 5_000
PORT = 18190


def fill(state: Path, documents: int) -> dict[str, Any]:
    """A company on disk: one payment for every fourth invoice. A part is written, the rest copied."""
    core = Sandbox(seed="bench", state=state)
    with core.lock, core.store.transaction():
        made = companies.create(core, {"throttles": False, "custom_numbers": True, "name": "Bench"})
        books = core.books(made["realm_id"])
        income = next(a["Id"] for a in books.accounts() if a["Name"] == "Services")
        item = {"Name": "Hour", "Type": "Service", "IncomeAccountRef": {"value": income}}
        writing.create(books, KINDS["Item"], item, {})
        for n in range(CUSTOMERS):
            writing.create(books, KINDS["Customer"], {"DisplayName": f"Customer {n}"}, {})
        for n in range(WRITTEN * 4 // 5):
            invoice = writing.create(books, KINDS["Invoice"], bill(n), {})
            if n % 4 == 0:
                writing.create(books, KINDS["Payment"], paying(invoice), {})
            books.forget_cached()
        for copy in range(1, documents // WRITTEN):
            multiply(core, copy)
        core.store.execute("UPDATE sequences SET value=? WHERE name='txn'", (documents + WRITTEN,))
    core.close()
    return made


def multiply(core: Sandbox, copy: int) -> None:
    """The written documents once more, with ids and numbers of their own."""
    off = copy * WRITTEN
    core.store.execute(
        "INSERT INTO objects SELECT realm, kind, id+?, active, gone, created, updated, name, "
        "number||'-'||?, date, due, party, total, balance, body, hidden FROM objects "
        "WHERE kind IN ('Invoice','Payment') AND id<=?",
        (off, copy, WRITTEN),
    )
    core.store.execute(
        "INSERT INTO postings SELECT realm, kind, id+?, account, party, date, home, own, memo "
        "FROM postings WHERE id<=?",
        (off, WRITTEN),
    )
    core.store.execute(
        "INSERT INTO relations SELECT realm, by_kind, by_id+?, to_kind, to_id+?, line, minor "
        "FROM relations WHERE by_id<=?",
        (off, off, WRITTEN),
    )


def bill(n: int) -> dict[str, Any]:
    detail = {
        "ItemRef": {"value": "1"},
        "Qty": 2,
        "UnitPrice": Decimal("62.5"),
        "TaxCodeRef": {"value": "NON"},
    }
    line = {
        "Amount": 125,
        "DetailType": "SalesItemLineDetail",
        "Description": "Work",
        "SalesItemLineDetail": detail,
    }
    return {
        "CustomerRef": {"value": str(n % CUSTOMERS + 1)},
        "DocNumber": f"INV-{n}",
        "Line": [line],
    }


def paying(invoice: dict[str, Any]) -> dict[str, Any]:
    link = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    return {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
        "TotalAmt": 100,
        "Line": [{"Amount": 100, "LinkedTxn": [link]}],
    }


class Client:
    """One kept-alive connection."""

    def __init__(self, made: dict[str, Any]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        self.base = f"/sandbox/v3/company/{made['realm_id']}"
        self.headers = {
            "Authorization": f"Bearer {made['access_token']}",
            "Accept": "application/json",
        }

    def call(self, method: str, path: str, body: Any = None) -> Any:
        text = json.dumps(body, default=str) if body is not None else None
        self.connection.request(method, f"{self.base}/{path}", text, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content


class Meter:
    """Counts calls against the clock and against the server's own processor time."""

    def __init__(self, pid: int, seconds: float) -> None:
        self.pid, self.seconds = pid, seconds
        self.rates: list[float] = []

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def run(self, name: str, call: Callable[[int], Any]) -> None:
        began, used, n = time.perf_counter(), self.processor_seconds(), 0
        while time.perf_counter() - began < self.seconds or n < 200:
            call(n)
            n += 1
        wall, busy = time.perf_counter() - began, self.processor_seconds() - used
        self.rates.append(n / busy)
        print(f"{name:<38}{n / wall:>9.0f}{n / busy:>12.0f}")


def peak_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(meter: Meter, made: dict[str, Any], documents: int) -> None:
    client = Client(made)
    by_number = "query?query=" + quote(
        "select * from Invoice where DocNumber = 'INV-{}'", safe="{}"
    )
    invoices = "query?query=" + quote("select * from Invoice maxresults 1000")
    found = json.loads(client.call("GET", invoices))["QueryResponse"]["Invoice"]
    ids = [invoice["Id"] for invoice in found]
    changed = "cdc?entities=Invoice,Payment&changedSince=2099-01-01T00:00:00Z"
    numbers = WRITTEN // 2
    print(f"{'requests a second':<38}{'by clock':>9}{'of one core':>12}")
    meter.run(
        "read an invoice by id", lambda n: client.call("GET", f"invoice/{ids[n * 7 % len(ids)]}")
    )
    meter.run(
        "find an invoice by number",
        lambda n: client.call("GET", by_number.format(n * 13 % numbers)),
    )
    meter.run("read a customer's invoices", lambda n: client.call("GET", open_of(n)))
    meter.run("change feed without changes", lambda n: client.call("GET", changed))
    meter.run(
        "create an invoice", lambda n: client.call("POST", "invoice", bill(documents * 2 + n))
    )
    meter.run("create a payment", lambda n: client.call("POST", "payment", on_account(n)))
    meter.run(
        "create a class, with requestid",
        lambda n: client.call("POST", f"class?requestid=b{n}", {"Name": f"C{n}"}),
    )


def open_of(n: int) -> str:
    text = f"select * from Invoice where CustomerRef = '{n % CUSTOMERS + 1}' maxresults 10"
    return "query?query=" + quote(text)


def on_account(n: int) -> dict[str, Any]:
    return {"CustomerRef": {"value": str(n % CUSTOMERS + 1)}, "TotalAmt": 5}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=3.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        made = fill(Path(folder), asked.documents)
        print(
            f"{asked.documents:,} documents made in {time.perf_counter() - started:.0f} s; throttles off"
        )
        command = [
            sys.executable,
            "-m",
            "sandbox",
            "--port",
            str(PORT),
            "--state",
            folder,
            "--empty",
        ]
        server = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            assert server.stdout is not None
            server.stdout.readline()
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(server.pid, {0})
            meter = Meter(server.pid, asked.seconds)
            measure(meter, made, asked.documents)
            memory = peak_megabytes(server.pid)
        finally:
            server.terminate()
            server.wait()
    slowest = min(meter.rates)
    print(f"slowest {slowest:.0f} requests/s of one core, peak memory {memory:.0f} MB")
    return int(slowest < LEAST_PER_SECOND or memory > MOST_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
