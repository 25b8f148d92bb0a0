"""One run from its seed to the verdict, and many of them."""

import subprocess
import traceback
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from integrations.models import Connection, Discrepancy, SyncDue, SyncJob, live_connection
from integrations.serving import NO_READS
from regentra import clock
from tenants.models import Organization, Route, User
from tenants.scope import within
from tests.simulation import checks
from tests.simulation.checks import Picture
from tests.simulation.plan import drawn
from tests.simulation.tally import Tally
from tests.simulation.world import PLENTY, Broken, Tenant, World

# Lease 30 s, send 20 s, window 130 s: after each of these rounds one more step of a settlement is due.
ROUND_SECONDS = 200
ROUNDS = 24
# Nobody looks for so long once Intuit has given no reads, and a little.
SWEEP_SECONDS = NO_READS.total_seconds() + 100
STEPS_BETWEEN_LOOKS = 10
# The rows of former runs are in other organizations and in nobody's way, but take room.
RUNS_BETWEEN_WIPES = 60


@dataclass
class Verdict:
    """What came of one run."""

    seed: int
    violations: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.story(last=160)

    def story(self, last: int = 100_000) -> str:
        """What happened, and what was wrong at the end."""
        return "\n".join([f"seed {self.seed}", *self.trace[-last:], "", *self.violations])


def run(seed: int, tally: Tally) -> Verdict:
    """Plays one seed to its end."""
    if tally.runs and tally.runs % RUNS_BETWEEN_WIPES == 0:
        wipe()
    tally.runs += 1
    world = World(drawn(seed), tally)
    verdict = Verdict(seed, trace=world.trace)
    try:
        with world.built():
            verdict.violations = _played(world)
    except Exception as error:  # noqa: BLE001 – whatever goes wrong is the verdict on this seed
        verdict.violations = [f"{type(error).__name__}: {error}", traceback.format_exc()]
    finally:
        _abandon(world)
    return verdict


def _played(world: World) -> list[str]:
    world.calm = False
    former: dict[Any, Any] = {}
    _fallen(world, former)
    for number in range(1, world.plan.steps + 1):
        world.step()
        if number % STEPS_BETWEEN_LOOKS == 0 and (found := _fallen(world, former)):
            return found
    return _at_rest(world) + _fallen(world, former)


def _fallen(world: World, former: dict[Any, Any]) -> list[str]:
    """What must last and did not, since it was looked at before."""
    found: list[str] = []
    for tenant in world.tenants:
        after, key = _lasting(tenant), (tenant.organization.pk, tenant.restores)
        merged = set().union(*(people.merged for people in tenant.people.values()))
        found += checks.fallen(former.get(key, after), after, merged)
        former[key] = after
    return found


def _at_rest(world: World) -> list[str]:
    _let_go(world)
    found = []
    for tenant in world.tenants:
        for realm in _realms(tenant):
            _bring_to_rest(world, tenant, realm)
            found += _looked_at(world, tenant, realm)
    found += [
        f"{one['event']}: {one.get('exception')}"
        for one in world.said
        if one["log_level"] == "error" and not _is_late(one)
    ]
    texts = [str(one) for one in world.said]
    found += checks.secret_in(texts, *[realm for one in world.tenants for realm in one.people])
    return found


def _is_late(said: Any) -> bool:
    """Whether the product found no more wrong with itself than that something took long, as it does in a storm."""
    return said["event"] == "invariant violated" and not said["stops"]


def _let_go(world: World) -> None:
    """The troubles end: held-up workers go on or are gone, what was posted arrives or is lost."""
    world.core.trouble.disarm()
    for hand in world.hands:
        while hand.paused:
            world.let_on()
    world.calm = True
    world.twice.clear()
    world.redis.is_away = False
    world.allow_reads(PLENTY)
    for tenant in world.tenants:
        tenant.staff.usual_rules()
    if world.plan.webhooks_lost_at_the_end:
        world.core.store.execute("DELETE FROM events")
        world.core.store.execute("DELETE FROM deliveries")


def _realms(tenant: Tenant) -> list[str]:
    """The companies that this organization has spoken to, the live one first."""
    known = [realm for realm in tenant.staff.realms if _connection(tenant, realm) is not None]
    return sorted(known, key=lambda realm: realm != tenant.staff.realm)


def _bring_to_rest(world: World, tenant: Tenant, realm: str) -> None:
    _settle(world, tenant, realm)
    world.pass_time(SWEEP_SECONDS)
    _settle(world, tenant, realm)
    world.pass_time(_until_the_next_look(tenant, realm))
    _settle(world, tenant, realm)


def _until_the_next_look(tenant: Tenant, realm: str) -> float:
    """A company in which nothing moves is looked at seldom; by then every lost webhook has been made good."""
    connection = _connection(tenant, realm)
    due = SyncDue.objects.filter(connection_id=connection.pk if connection else None).first()
    if due is None or due.sweep_due_at is None:
        return 0
    return max(0.0, (due.sweep_due_at - clock.now()).total_seconds()) + 1


def _sign_in(tenant: Tenant, realm: str) -> None:
    """An admin sees to it that this company is the one connected and confirmed."""
    with within(tenant.organization):
        live = live_connection()
    mine = _connection(tenant, realm)
    if mine is None or live != mine or not live.is_connected:
        tenant.staff.connect(realm)
    tenant.staff.use_company()
    tenant.staff.resume()


def _settle(world: World, tenant: Tenant, realm: str) -> None:
    for _ in range(ROUNDS):
        _sign_in(tenant, realm)
        world.deliver()
        world.tick()
        with within(tenant.organization):
            if checks.settled(_connection(tenant, realm)):  # type: ignore[arg-type]
                break
        world.pass_time(ROUND_SECONDS)
    world.tick()


def _looked_at(world: World, tenant: Tenant, realm: str) -> list[str]:
    connection = _connection(tenant, realm)
    assert connection is not None
    with within(tenant.organization):
        innocent = world.plan.innocent and not (world.mangled or world.doubled)
        picture = Picture(
            connection,
            tenant.people[realm],
            innocent,
            tenant.staff.wanted,
            tenant.staff.mails_asked,
            bool(tenant.restores),
            once=not (world.plan.honoured or tenant.restores or world.doubled),
            copied=world.doubled,
        )
        found = checks.violations(picture)
        _count(world.tally, connection)
        before = checks.final_state(connection)
    if wrong := world.core.out_of_balance(realm):
        found.append(f"the books over there do not balance: {wrong}")
    _tell_again(world)
    _settle(world, tenant, realm)
    with within(tenant.organization):
        after = checks.final_state(connection)
    found += [
        _differ(name, rows, after[name]) for name, rows in before.items() if rows != after[name]
    ]
    return found


def _differ(name: str, before: list[Any], after: list[Any]) -> str:
    lost = [row for row in before if row not in after]
    new = [row for row in after if row not in before]
    return f"I19: told again, {name} differ: {lost} became {new}"


def _tell_again(world: World) -> None:
    """Every event that was ever told is told once more, in another order, under another name."""
    rows = world.core.store.all("SELECT seq FROM events")
    world.chance.shuffle(rows)
    for (seq,) in rows[:20]:
        world.core.store.execute(
            "INSERT INTO events(client_id, realm, due, body) SELECT client_id, realm, 0, "
            "json_set(body, '$.uuid', lower(hex(randomblob(16)))) FROM events WHERE seq=?",
            (seq,),
        )
    world.pass_time(40)


def _connection(tenant: Tenant, realm: str) -> Connection | None:
    with within(tenant.organization):
        return Connection.objects.filter(account_hash=Route.hash_of(realm)).first()


def _lasting(tenant: Tenant) -> dict[Any, Any]:
    with within(tenant.organization):
        return checks.lasting()


def _count(tally: Tally, connection: Connection) -> None:
    for kind, state, code in SyncJob.objects.filter(connection=connection).values_list(
        "kind", "state", "reason_code"
    ):
        tally.ends[f"{kind} {state} {code}".strip()] += 1
    for code in Discrepancy.objects.filter(closed_at=None).values_list("reason_code", flat=True):
        tally.ends[f"question {code}"] += 1


def _abandon(world: World) -> None:
    """Leaves nothing that a later run could meet: no worker, nothing due."""
    for hand in world.hands:
        while hand.paused:
            hand.go_on(kill=True)
    slugs = [tenant.organization.pk for tenant in world.tenants]
    SyncDue.objects.filter(organization_id__in=slugs).delete()


def wipe() -> None:
    """Empties the database as its owner."""
    tables = [model._meta.db_table for model in (Organization, User)]
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


def commit() -> str:
    """The commit that a seed belongs to."""
    asked = ["git", "rev-parse", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


__all__ = ["Broken", "Verdict", "commit", "run"]
