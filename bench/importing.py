"""A first import: how long, how many metered calls, and how much memory the worker takes."""

import http.client
import json
import os
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

from bench import scene
from bench.place import ROOT
from bench.table import Row, row
from integrations.inbound import importing
from tests.integrations.world import World

INVOICES, CUSTOMERS = 20_000, 5_000
PER_BATCH = 30
LONG_AGO_SECONDS = 7200
# What a thousand objects a call leave for counting, for pages that are not full and for what they share.
SPARE_CALLS = 20


def first_import() -> list[Row]:
    """`IMPORT_INVOICES` makes it smaller, with a customer for every fourth invoice."""
    invoices = int(os.environ.get("IMPORT_INVOICES", INVOICES))
    customers = max(1, invoices * CUSTOMERS // INVOICES)
    world = scene.unconnected()
    world.company_with_an_item(custom_numbers=True)
    # Before anybody thought of connecting it, so that the change feed tells nothing of it.
    world.control("POST", "clock", {"advance": -LONG_AGO_SECONDS})
    _fill(world, customers, invoices)
    world.control("POST", "clock", {"advance": LONG_AGO_SECONDS})
    world.connect(realm=world.realm)
    world.work()
    world.forget_calls()
    scene.slow_down(world)
    with world.inside():
        importing.ask_for(world.connection, actor=world.owner)
    done = _worker(world)
    metered = sum(call["metered"] for call in world.journal())
    documents = invoices + customers
    return [
        row(
            f"first import of {invoices:,} invoices and {customers:,} customers",
            f"{done['seconds']:.0f} s, {documents / done['seconds']:.0f}/s, {metered} metered calls;"
            f" worker {done['megabytes']:.0f} MB at most, {done['grown']:.0f} MB of it for this",
            f"≤ {documents // 1000 + SPARE_CALLS} metered calls, flat memory",
        )
    ]


def _worker(world: World) -> dict[str, float]:
    """A process of its own takes the turns, so that its memory is its own."""
    ids = [str(world.organization.id), str(world.connections[-1])]
    done = subprocess.run(
        [sys.executable, "-m", "bench.importing_worker", *ids],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return dict(json.loads(done.stdout))


def _fill(world: World, customers: int, invoices: int) -> None:
    """People's own documents, in batches over one connection."""
    client = _Bookkeeper(world)
    names = [{"DisplayName": f"Customer {n}"} for n in range(customers)]
    ids = [one["Id"] for one in client.make("Customer", names)]
    (item,) = [one["Id"] for one in world.held("Item") if one["Name"] == "IT services"]
    client.make("Invoice", [_bill(n, ids[n % customers], item) for n in range(invoices)])


def _bill(n: int, customer: str, item: str) -> dict[str, Any]:
    detail = {"ItemRef": {"value": item}, "Qty": 2, "UnitPrice": 62.5}
    line = {
        "Amount": 125,
        "DetailType": "SalesItemLineDetail",
        "Description": "Managed workstation",
        "SalesItemLineDetail": detail,
    }
    return {"CustomerRef": {"value": customer}, "DocNumber": f"Q-{n}", "Line": [line] * 3}


class _Bookkeeper:
    """Another app of the same company, on a kept-alive connection and without its limits."""

    def __init__(self, world: World) -> None:
        world.control("PATCH", f"companies/{world.realm}", {"throttles": False})
        where = urlsplit(world.box.url)
        self.connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
        self.path = f"/sandbox/v3/company/{world.realm}/batch"
        self.headers = {
            "Authorization": f"Bearer {world.bookkeepers[world.realm]}",
            "Accept": "application/json",
            "Content-Type": "application/json",
        }

    def make(self, entity: str, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        made = []
        for start in range(0, len(bodies), PER_BATCH):
            made += self._batch(entity, bodies[start : start + PER_BATCH])
        return made

    def _batch(self, entity: str, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        items = [
            {"bId": str(n), "operation": "create", entity: body} for n, body in enumerate(bodies)
        ]
        text = json.dumps({"BatchItemRequest": items})
        self.connection.request("POST", self.path, text, self.headers)
        answer = json.loads(self.connection.getresponse().read())
        return [one[entity] for one in answer["BatchItemResponse"]]
