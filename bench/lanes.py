"""What pushing and reading back costs, and how fast it goes."""

import json
import subprocess
import sys
import time
from unittest.mock import patch

from bench import crowd, scene
from bench.parts import Parts
from bench.place import ROOT
from bench.table import Row, row
from integrations.documents import Kind
from integrations.inbound import doorbells
from integrations.outbound import batch_choice, relay
from integrations.outbound.batch_plan import Lane
from integrations.ports import Event
from regentra import clock
from tests.integrations.world import World


def ready(world: World, many: int) -> None:
    """So many invoices of a linked customer, as jobs."""
    customer = world.linked_customer()
    for _ in range(many):
        world.invoice(customer)
    relay.relay(world.organization.id)
    world.forget_calls()


def costs(world: World, many: int) -> str:
    calls = world.journal()
    metered = sum(call["metered"] for call in calls)
    return f"{len(calls) / many:.3f} requests, {metered / many:.3f} metered"


def throttled(world: World) -> int:
    return sum(call["status"] == 429 for call in world.journal())


def usual_way(world: World, many: int) -> dict[str, float]:
    """The same invoices by a plain script, in a company of its own."""
    made = world.control("POST", "companies", {"custom_numbers": True})
    realm, token = made["realm_id"], made["access_token"]
    world.bookkeepers[realm] = token
    ours, world.realm = world.realm, realm
    (income,) = [one for one in world.held("Account") if one["Name"] == "Services"]
    item = {"Name": "IT services", "Type": "Service", "IncomeAccountRef": {"value": income["Id"]}}
    world.bookkeeper("Item", item)
    world.bookkeeper("Customer", {"DisplayName": "Adatum"})
    scene.slow_down(world)
    world.realm = ours
    arguments = [world.box.url, realm, token, "Adatum", str(many)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.usual_way", *arguments],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def single_lane() -> list[Row]:
    world, many, usual_many = scene.world(), 300, 25
    ready(world, many)
    began, cpu = time.perf_counter(), time.process_time()
    with Parts() as parts:
        scene.send_all()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert len(world.held("Invoice")) == many
    usual = usual_way(world, usual_many)
    pace, usual_pace = many / seconds, usual_many / usual["seconds"]
    refused = throttled(world)
    each = {name: spent / many * 1000 for name, spent in parts.spent.items()}
    rest = cpu / many * 1000 - sum(each.values())
    told = ", ".join(f"{name} {ms:.1f}" for name, ms in each.items())
    return [
        row(
            "per invoice, linked customer, single lane",
            costs(world, many),
            "1.00 / 0.00",
            "4 requests, 3 metered",
        ),
        row(
            f"{many} invoices into one company, single lane",
            f"{seconds:.1f} s, {pace:.2f}/s, {refused} × 429",
            "8.33/s allowed (20 min for 10,000)",
            f"{usual_pace:.2f}/s: {pace / usual_pace:.1f} × as fast",
        ),
        row(
            "our CPU per pushed invoice",
            f"{cpu / many * 1000:.1f} ms",
            "≤ 10 ms",
            f"{usual['cpu_seconds'] / usual_many * 1000:.1f} ms",
        ),
        row("  its parts, ms", f"{told}, the rest {rest:.1f}", ""),
    ]


def batch_lane() -> list[Row]:
    world, many = scene.world(), 900
    ready(world, many)
    with world.inside():
        batch_choice.catch_up(world.connection, actor=world.owner)
    began, cpu = time.perf_counter(), time.process_time()
    scene.send_all()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert len(world.held("Invoice")) == many
    return [
        row("per invoice, batch lane", costs(world, many), "≤ 0.034 / ≤ 0.034", "4 / 3"),
        row(
            f"{many} invoices into one company, batch lane",
            f"{seconds:.1f} s, {many / seconds:.1f}/s, {throttled(world)} × 429, {cpu / many * 1000:.1f} ms CPU each",
            "20/s allowed (8.3 min for 10,000)",
        ),
    ]


def month_end_single() -> list[Row]:
    """Ten thousand, really, in real time."""
    return [_ten_thousand(Lane.SINGLE, "≤ 21 min (floor 20)")]


def month_end_batch() -> list[Row]:
    return [_ten_thousand(Lane.BATCH, "≤ 9 min (floor 8.3)")]


def _ten_thousand(lane: Lane, goal: str) -> Row:
    world, many = scene.world(), 10_000
    world.linked_customer()
    crowd.backlog_of(world, many)
    world.forget_calls()
    began, cpu = time.perf_counter(), time.process_time()
    with patch.object(batch_choice, "lane_for", lambda _connection: lane):
        while scene.send_all() or scene.is_owed(world):
            time.sleep(1)  # a company that asked us to slow down is left alone for a minute
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert len(world.held("Invoice")) == many
    refused = throttled(world)
    return row(
        f"{many:,} invoices into one company, {lane} lane",
        f"{seconds / 60:.2f} min, {costs(world, many)}, {refused} × 429, {cpu / many * 1000:.1f} ms CPU each",
        goal,
    )


def new_customer() -> list[Row]:
    world = scene.world()
    world.invoice(world.customer())
    relay.relay(world.organization.id)
    world.forget_calls()
    scene.send_all()
    calls = world.journal()
    told = f"{len(calls)} requests, {sum(call['metered'] for call in calls)} metered"
    return [row("first push of a new customer with an invoice", told, "≤ 2 / 0")]


def inbound_burst() -> list[Row]:
    world, many = scene.unhurried(), 100
    invoice = world.invoice(world.linked_customer())
    scene.send_all()
    paid = [world.pays(invoice, "1.00") for _ in range(many)]
    scene.slow_down(world)
    world.forget_calls()
    events = [
        Event(f"e{one['Id']}", world.realm, Kind.PAYMENT, one["Id"], "created", clock.now())
        for one in paid
    ]
    with world.inside():
        doorbells.ring(world.organization.id, world.connections[-1], events)
    world.later(seconds=4)
    began = time.perf_counter()
    scene.send_all()
    seconds = time.perf_counter() - began
    metered = sum(call["metered"] for call in world.journal())
    return [
        row(
            f"burst of {many} inbound payments",
            f"{metered} metered calls, {seconds:.1f} s until booked",
            "≤ 2",
            f"a read for each: {many}",
        )
    ]
