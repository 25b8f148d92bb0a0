"""One run: two organizations, the sandbox's core, workers and a clock, all moved by one seed."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from threading import current_thread, main_thread
from typing import Any
from uuid import UUID

import requests
import structlog
from django.conf import settings
from django.db import connection as database
from django.test import RequestFactory, override_settings

from billing.models import OutboxEvent
from integrations import checkup
from integrations.models import Connection, KnownDatabase, SyncDue
from integrations.outbound import due, relay, restored, safe_mode
from integrations.outbound.effects import Effect
from integrations.outbound.push import IN_FLIGHT_WINDOW, SEND_WITHIN
from integrations.serving import serve
from regentra import clock
from regentra.clock import FrozenClock
from sandbox import Request, Response, Sandbox
from sandbox.apps import App
from sandbox.clock import Clock as SandboxClock
from sandbox.quickbooks import requestids
from sandbox.trouble import Rule
from tenants.models import Organization, Role, Route
from tenants.scope import within
from tests import factories
from tests.backup import Backup
from tests.simulation import wire
from tests.simulation.calls import ChosenCalls
from tests.simulation.hands import Hand, current
from tests.simulation.lists_there import ListKeeper
from tests.simulation.meetings import Meeting
from tests.simulation.people import People
from tests.simulation.plan import CREDIT, ENDING, FAULTS, Plan, pairs_of
from tests.simulation.redis import SimulatedRedis
from tests.simulation.scenes import SCENES
from tests.simulation.staff import Staff
from tests.simulation.surroundings import Surroundings
from tests.simulation.tally import Storm, Tally
from webhooks import tasks as webhook_tasks
from webhooks import views as webhook_views

BEGIN = datetime(2026, 3, 16, 15, 0, tzinfo=UTC)
HANDS = 3
# How far the vendor's clock may be from ours; what recognises a document allows five minutes.
MOST_SKEW_SECONDS = 120
WAITS = (1, 4, 10, 35, 60, 160, 160, 400, 1000, 3700, 90_000)
# While a write is still to arrive that was answered "timed out", what goes wrong goes wrong within a minute or two.
WAITS_FOR_LATE = (25, 45, 70)
# What arrives late is a write: in the simulation look-ups are POSTs as well, and would use the fault up.
LATE_WRITES = ("create", "create", "update", "batch", "send")
# Calls for tokens, and deliveries, which may hold the events of several companies.
OF_NO_COMPANY = {"token answer dropped", "webhook doubled", "webhook reordered", "webhook blocked"}
# So many meetings may fail in one run.
MOST_MISSED = 3
# The month's reads: what is usual, and so few that they are used up in a run.
PLENTY, SCARCE = 500_000, 40
# A day more than the change feed reaches back.
OUTAGE = 31 * 86_400
# At most so many kills in one run, so that something gets done.
MOST_KILLS = 12


class Broken(AssertionError):
    """An invariant does not hold."""


@dataclass
class Tenant:
    """One organization with its staff, its companies and the people there."""

    staff: Staff
    people: dict[str, People]
    storm: Storm
    disturbed: bool = False
    backup: Backup | None = None
    wanted: set[UUID] = field(default_factory=set)
    # How often its rows went back; what only ever rises does not then.
    restores: int = 0

    @property
    def organization(self) -> Organization:
        return self.staff.organization

    def of_realm(self, realm: str) -> bool:
        return realm in self.people


@dataclass
class World:
    """Everything of a run; `carry` is the network, `judge` decides over each step of a worker."""

    plan: Plan
    tally: Tally
    chance: random.Random = field(init=False)
    ours: FrozenClock = field(init=False)
    core: Sandbox = field(init=False)
    tenants: list[Tenant] = field(init=False, default_factory=list)
    trace: list[str] = field(init=False, default_factory=list)
    said: list[Any] = field(init=False, default_factory=list)
    rules: list[tuple[str, Rule, int]] = field(init=False, default_factory=list)
    hands: list[Hand] = field(init=False, default_factory=list)
    calm: bool = field(init=False, default=True)
    kills: int = field(init=False, default=0)
    skew: float = field(init=False, default=0.0)
    # Companies for which the next create is done twice, and whether that has happened.
    twice: list[str] = field(init=False, default_factory=list)
    doubled: bool = field(init=False, default=False)
    redis: SimulatedRedis = field(init=False)
    # Whether a refusal was cut off, so that nobody could know what it said.
    mangled: bool = field(init=False, default=False)
    # Pairs of fault and crash point still to meet, and the place at which the next worker dies for it.
    appointed: list[tuple[str, str]] = field(init=False)
    sought: str = field(init=False, default="")
    missed: int = field(init=False, default=0)

    # --- building ----------------------------------------------------------------------------------------------------

    @contextmanager
    def built(self) -> Iterator[None]:
        """The world for the time of a `with` block: clocks, chance and settings are those of the seed."""
        self.chance = random.Random(self.plan.seed)
        self.appointed = pairs_of(self.plan.seed)[: self.plan.meetings]
        random.seed(self.plan.seed)
        with ExitStack() as stack:
            stack.enter_context(_urandom(random.Random(self.plan.seed + 1)))
            random.seed(self.plan.seed + 2)
            self.ours = stack.enter_context(clock.frozen(BEGIN))
            theirs = SandboxClock(BEGIN, frozen=True)
            self.core = Sandbox(seed=self.plan.seed, clock=theirs, switches=self._switches())
            stack.callback(self.core.close)
            app = self._app()
            stack.enter_context(_settings(app))
            self.allow_reads(SCARCE if self.plan.wide and self.plan.seed % 4 == 0 else PLENTY)
            stack.enter_context(wire.strung(self))
            self.said = stack.enter_context(
                structlog.testing.capture_logs([structlog.processors.format_exc_info])
            )
            self.redis = stack.enter_context(SimulatedRedis.instead(self.pass_time))
            self.hands = crew()
            # A restore in a former run has left word of another database, and of a safe mode that begins only later.
            restored.notice()
            safe_mode.leave_all()
            self._tenant(2 if self.plan.switching else 1)
            self._tenant(1)
            if not self.plan.honoured:
                self._arm("requestid ignored", times=None)
            yield

    def _switches(self) -> dict[str, Any]:
        form = "legacy" if self.plan.legacy_webhooks else "cloudevents"
        return {
            "webhook_format": form,
            "requestid_stores_faults": self.chance.random() < 0.5,
            "warn_duplicate_numbers": not self.plan.wide,
        }

    def _app(self) -> App:
        app = App(
            f"AB{self.core.chance.hex(30)}",
            self.core.chance.hex(40),
            redirect_uris=[f"{settings.BASE_URL}/integrations/quickbooks/callback/"],
            webhook_url="http://127.0.0.1:9/webhooks/quickbooks/",
            verifier=self.core.chance.hex(32),
        )
        return self.core.add_app(app)

    def _tenant(self, companies: int) -> Tenant:
        where = Surroundings.drawn(self.chance, deciding=self._deciding)
        organization = factories.organization(
            f"sim-{os.urandom(6).hex()}", features=["quickbooks"], currency=where.currency
        )
        owner = factories.member(organization, f"{organization.slug}@example.com", Role.OWNER)
        people = [
            People.of_new_company(
                self.core,
                self.chance,
                custom_numbers=self.plan.custom_numbers or self.chance.random() < 0.3,
                environment=self.chance.choice(["production", "sandbox"]),
                country=where.country,
                # It uses credit by itself, for which nobody has to decide anything only where nobody else does.
                auto_apply=self.plan.people and self.chance.random() < 0.2,
                **where.wishes,
            )
            for _ in range(companies)
        ]
        where.furnish(organization)
        for one in people:
            where.furnish_there(one)
        staff = Staff(organization, owner, self.core, self.chance, [one.realm for one in people])
        staff.surroundings = where
        staff.usual_rules()
        staff.deciding = self._deciding
        staff.ticked = 0.9 if self.plan.people else 1.0
        tenant = Tenant(staff, {one.realm: one for one in people}, Storm(self.tally))
        self.tenants.append(tenant)
        staff.connect(staff.realms[0])
        staff.add_customer()
        return tenant

    # --- steps -------------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """One thing happens."""
        tenant = self.tenants[0] if self.chance.random() < 0.75 else self.tenants[1]
        action = self._chosen(self._actions(tenant))
        name = getattr(action, "__name__", None) or action.func.__name__
        self.tally.steps[name] += 1
        self.log(f"{tenant.organization.slug[-4:]} {name}")
        action()
        self.pass_time(self.chance.uniform(0.1, 2))

    def _actions(self, tenant: Tenant) -> dict[Callable[[], Any], int]:
        actions: dict[Callable[[], Any], int] = {
            self.tick: 40,
            self.wait: 40 if self._is_late() else 14,
            self.deliver: 10,
            partial(self.trouble, tenant): round(40 * self.plan.fault_rate),
            self.shift_clock: 1,
            self.let_on: 6,
            self.redis.wipe: 1,
            self.redis.come_or_go: 1,
            partial(self.look_over, tenant): 2,
            self.meet: 14 if self.appointed else 0,
        }
        if self.plan.restores and not self.plan.switching:
            actions |= {partial(self.back_up, tenant): 12, partial(self.restore, tenant): 4}
        if self.plan.wide:
            do_twice, no_reads = partial(self.do_twice, tenant), partial(self.no_reads, tenant)
            actions |= {self.outage: 1, no_reads: 1, do_twice: 3}
        people = tenant.people[tenant.staff.realm]
        theirs = people.actions(wide=self.plan.wide) if self.plan.people else {people.touch: 1}
        if self._deciding:
            theirs |= ListKeeper(people).actions()
            actions |= {partial(self.enter_by_hand, tenant): 2, partial(self.scene, tenant): 22}
        actions |= {
            partial(self.staff_does, tenant, act): n for act, n in self._aimed(self._doings(tenant))
        }
        actions |= {partial(self.person_does, act): n for act, n in self._aimed(theirs)}
        return actions

    def _doings(self, tenant: Tenant) -> dict[Callable[[], Any], int]:
        return tenant.staff.actions(switching=self.plan.switching)

    @property
    def _deciding(self) -> bool:
        return self.plan.people and self.plan.deciding

    def _aimed(
        self, doings: dict[Callable[[], Any], int]
    ) -> Iterator[tuple[Callable[[], Any], int]]:
        """More of what leads to the crash point that is to be met, and of what the day is about."""
        for act, weight in doings.items():
            leads_there = act.__name__ in self.plan.towards.staff
            about_it = self.plan.credit and act.__name__ in CREDIT
            yield act, weight * (3 if leads_there else 1) * (4 if about_it else 1)

    def _chosen(self, actions: dict[Callable[[], Any], int]) -> Any:
        return self.chance.choices(list(actions), list(actions.values()))[0]

    def person_does(self, act: Callable[[], Any]) -> None:
        """Somebody who works in QuickBooks."""
        self.log(f"  {act.__name__}")
        act()

    def staff_does(self, tenant: Tenant, act: Callable[[], Any]) -> None:
        """A web process does it for somebody, when one is free."""
        self.log(f"  {act.__name__}")
        hand = self._free_hand()
        if hand is not None:
            self._run(hand, tenant, act.__name__, act)

    def enter_by_hand(self, tenant: Tenant) -> None:
        """A bookkeeper who has an invoice on paper does not wait for it to come by itself."""
        if (paper := tenant.staff.on_paper()) is not None:
            tenant.people[tenant.staff.realm].enter(*paper)

    def scene(self, tenant: Tenant) -> None:
        """Theirs differs from ours, and staff answer."""
        if self.is_short_of_hands:
            self.let_on()
        self.chance.choice(SCENES).play(self, tenant)

    def somebody_does(self, tenant: Tenant, name: str) -> None:
        """By its name: what staff do, or somebody in QuickBooks; where both can, theirs is said to be there."""
        people = tenant.people[tenant.staff.realm]
        if hasattr(self, name):
            getattr(self, name)(tenant)
        elif hasattr(tenant.staff, name):
            self.staff_does(tenant, getattr(tenant.staff, name))
        else:
            there = name.removesuffix("_there")
            who = people if hasattr(people, there) else ListKeeper(people)
            self.person_does(getattr(who, there))

    def tick(self) -> None:
        """What the timetable does: hand events over, turn what happened into jobs, serve who is due."""
        self.work(None, "hand over", webhook_tasks.hand_over)
        for tenant in self.tenants:
            if tenant.organization.id in relay.waiting_organizations(50):
                self.work(tenant, "relay", partial(relay.relay, tenant.organization.id))
        for row in due.due_connections(50):
            self.serve(row)

    def serve(self, row: SyncDue) -> None:
        """One worker's turn at one company."""
        tenant = next(one for one in self.tenants if one.organization.id == row.organization_id)
        tenant.disturbed = False
        turn = partial(
            serve,
            row.connection_id,
            pace=self.redis.pace(),
            observe=self.observe,
            calls=partial(ChosenCalls, self.chance),
        )
        self.work(tenant, "serve", turn)
        if not tenant.disturbed:
            tenant.storm.calm()

    def look_over(self, tenant: Tenant) -> None:
        """What is done every 15 minutes for each organization."""
        self.work(tenant, "look over", partial(checkup.check_up, tenant.organization.id))

    def work(self, tenant: Tenant | None, name: str, task: Callable[[], Any]) -> None:
        """A worker process takes a task up, when one is free."""
        hand = self._free_hand()
        if hand is not None:
            self._run(hand, tenant, name, task)

    def _run(self, hand: Hand, tenant: Tenant | None, name: str, task: Callable[[], Any]) -> None:
        hand.turn(task, self.judge, (tenant, name))
        self._ended(hand)

    def _ended(self, hand: Hand) -> None:
        if hand.error is not None:
            error, hand.error = hand.error, None
            raise Broken(f"{hand.about[1]} raised {type(error).__name__}: {error}") from error

    def _free_hand(self) -> Hand | None:
        return next((hand for hand in self.hands if hand.free), None)

    def let_on(self) -> None:
        """A worker that was held up goes on, or is killed where it stands."""
        held_up = [hand for hand in self.hands if hand.paused]
        if held_up:
            hand = self.chance.choice(held_up)
            kill = self.chance.random() < 0.2
            self.log(f"  {hand.about[1]} {'is killed' if kill else 'goes on'}")
            hand.go_on(kill=kill)
            self._ended(hand)

    def back_up(self, tenant: Tenant) -> None:
        """From now on this moment can be gone back to: one at which something was still to be sent."""
        with within(tenant.organization):
            if not OutboxEvent.objects.filter(relayed_at=None).exists():
                return
        tenant.backup = Backup.of(tenant.organization.pk)
        tenant.wanted = set(tenant.staff.wanted)

    def restore(self, tenant: Tenant) -> None:
        """The rows are those of the backup; who worked on the former ones is gone with them.

        How long QuickBooks remembers a `requestid` is nowhere written, so by then it has forgotten them.
        """
        if tenant.backup is None:
            return
        for hand in self.hands:
            while hand.paused:
                hand.go_on(kill=True)
                self._ended(hand)
        tenant.backup.restore()
        for realm in tenant.people:
            requestids.forget(self.core, realm)
        KnownDatabase.objects.update(identity="another one")
        tenant.staff.wanted = set(tenant.wanted)
        tenant.restores += 1

    def wait(self) -> None:
        """Time passes."""
        seconds = self.chance.choice(WAITS_FOR_LATE if self._is_late() else WAITS)
        self.log(f"  {seconds} s pass")
        self.pass_time(seconds)

    def _is_late(self) -> bool:
        """Whether a write is still on its way that its sender has given up."""
        at = self.core.agenda.next_at()
        return at is not None and at > self.core.clock.time()

    def pass_time(self, seconds: float) -> None:
        self.ours.advance(seconds=seconds)
        self.core.clock.advance(seconds)

    def outage(self) -> None:
        """Nothing of ours runs for longer than the change feed reaches back."""
        self.pass_time(OUTAGE)

    def allow_reads(self, allowance: int) -> None:
        """What the month's metered reads are from now on."""
        settings.INTUIT_MONTHLY_READS = allowance

    def no_reads(self, tenant: Tenant) -> None:
        """Intuit refuses every read for a while, as at the end of its free tier."""
        self._arm("throttled", path="/cdc", realm=tenant.staff.realm, times=4)

    def do_twice(self, tenant: Tenant) -> None:
        """The next new document is made twice over there, whatever our key says (reference reliability, GH-352)."""
        self.twice.append(tenant.staff.realm)

    def shift_clock(self) -> None:
        """The vendor's clock is set: from now on it differs from ours by something else.

        Not while a write is on its way there, which would then arrive later than any write can.
        """
        if self._is_late():
            return
        skew = self.chance.uniform(-MOST_SKEW_SECONDS, MOST_SKEW_SECONDS)
        self.core.clock.advance(skew - self.skew)
        self.skew = skew

    def deliver(self) -> None:
        """The vendor posts what it has to tell."""
        for post in self.core.webhooks.due():
            request = RequestFactory().post(
                "/webhooks/quickbooks/",
                post.body,
                content_type="application/json",
                headers=post.headers,
            )
            status = webhook_views.quickbooks(request).status_code
            if status != 200:
                raise Broken(f"a genuine webhook was answered {status}")
            self.core.webhooks.acknowledge(post.id, status)
        self.count_strikes()

    # --- trouble -----------------------------------------------------------------------------------------------------

    def meet(self) -> None:
        """The next two that are appointed are brought together; else they try again later."""
        fault, point = self.appointed.pop(0)
        self.log(f"  {fault} is to meet {point}")
        if not Meeting(self, self.tenants[0], fault, point).take_place():
            self.missed += 1
            if self.missed < MOST_MISSED:
                self.appointed.append((fault, point))

    @property
    def is_short_of_hands(self) -> bool:
        """Whether all workers but one are held up."""
        return sum(one.free for one in self.hands) < 2

    def trouble(self, tenant: Tenant) -> None:
        """One fault of the plan, or any, waits for the next call it fits."""
        dice = self.chance.random()
        others = self.plan.towards.faults if dice < 0.75 else []
        name = self.plan.fault if dice < 0.5 else self.chance.choice(others or list(FAULTS))
        if name in ENDING and not self.plan.consent and name != self.plan.fault:
            return
        self.log(f"  {name}")
        self.arm_at(tenant, name)

    def arm_at(self, tenant: Tenant, name: str, **more: Any) -> None:
        """For the next call of this company that it fits; what no company is named with hits any."""
        rule: dict[str, Any] = {}
        if name not in ENDING | OF_NO_COMPANY:
            rule["realm"] = tenant.staff.realm
        if name == "applied late":
            rule["operation"] = self.chance.choice(LATE_WRITES)
        self._arm(name, **{**rule, **more})

    def _arm(self, name: str, **more: Any) -> None:
        self.rules.append((name, self.core.trouble.arm({**FAULTS[name], **more}), 0))

    def count_strikes(self) -> None:
        """Which armed troubles have hit since it was asked last."""
        still = []
        for name, rule, seen in self.rules:
            if rule.hits > seen:
                self._struck(name, rule)
            if rule in self.core.trouble.rules:
                still.append((name, rule, rule.hits))
        self.rules = still

    def _struck(self, name: str, rule: Rule) -> None:
        self.log(f"    {name} strikes")
        for tenant in self._hit_by(rule):
            tenant.storm.fault(name)
            tenant.disturbed = True

    def _hit_by(self, rule: Rule) -> list[Tenant]:
        if rule.realm is not None:
            return [one for one in self.tenants if one.of_realm(rule.realm)]
        hand = current()
        return self.tenants if hand is None else [hand.about[0]] if hand.about[0] else []

    # --- over a worker's steps ---------------------------------------------------------------------------------------

    def observe(self, phase: str, effect: Effect) -> None:
        """Told by the product before and after each effect of a push."""
        name = type(effect).__name__
        if phase == "before":
            self.tally.effects[name] += 1
        hand = current()
        assert hand is not None
        self.log(f"    {phase} {name}")
        hand.reach(f"{phase} {name}")

    def judge(self, hand: Hand, place: str) -> str:
        """Whether a worker that has come to this place goes on, is held up or dies."""
        if self.calm:
            return "go"
        verdict = self._verdict(hand, place)
        if verdict != "go":
            self._note(hand, verdict, place)
        return verdict

    def _verdict(self, hand: Hand, place: str) -> str:
        dice = self.chance.random()
        if place == self.sought and hand.about[0] is self.tenants[0]:
            self.sought = ""
            return "die"
        if self.kills < MOST_KILLS and dice < self._deadliness(hand, place):
            return "die"
        may_wait = not place.startswith("inside") and not database.in_atomic_block
        may_wait = may_wait or place == "between transactions"
        if may_wait and hand.about[1] == "serve" and self._others_free(hand):
            return "pause" if self.chance.random() < self._slowness(place) else "go"
        return "go"

    def _deadliness(self, hand: Hand, place: str) -> float:
        if place.endswith("a transaction") or place == "between transactions":
            return self.plan.sql_kill_rate
        if place == self.plan.point:
            tenant = hand.about[0]
            return 0.7 if self.plan.fault in tenant.storm.faults else 0.3
        return self.plan.kill_rate

    def _slowness(self, place: str) -> float:
        if place.startswith("on the wire"):
            # Between the last look at the deadline and the socket only the vendor's key can help.
            return self.plan.pause_rate if self.plan.honoured else 0.0
        return self.plan.pause_rate / 5 if place == "between transactions" else self.plan.pause_rate

    def _others_free(self, hand: Hand) -> bool:
        return sum(one.free for one in self.hands if one is not hand) > 0

    def _note(self, hand: Hand, verdict: str, place: str) -> None:
        tenant = hand.about[0]
        self.log(f"    {hand.about[1]} is {'killed' if verdict == 'die' else 'held up'}: {place}")
        if verdict == "die":
            self.kills += 1
            if tenant is not None:
                tenant.storm.kill(place)
                tenant.disturbed = True
            else:
                self.tally.kills[place] += 1
        else:
            self.tally.kills["held up"] += 1
            if tenant is not None:
                tenant.disturbed = True

    # --- the network -------------------------------------------------------------------------------------------------

    def carry(self, request: Request, read_timeout: float) -> Response:
        """Brings a request over and its answer back, each of which may fail."""
        hand = current()
        if request.path.startswith("/.well-known/"):
            return self.core.handle(
                request
            )  # asked once in the life of a process, so in one run of many
        self._watch(request, hand)
        if hand is not None:
            began = clock.now()
            hand.reach("on the wire, before")
            # A batch is replayed as a whole alone (reference quickbooks 2.4), and those that others look for and send
            # again meanwhile travel in another one: what is made twice then is found and taken away again.
            is_batch = request.path.endswith("/batch") and "requestid" in request.query
            self.doubled |= is_batch and clock.now() - began > IN_FLIGHT_WINDOW
        self.pass_time(self.chance.uniform(0.05, 0.8))
        before = self.core.store.one("SELECT MAX(seq) FROM journal")[0]
        answer = self.core.handle(request)
        self._done_again(request, answer)
        self._journal(request, answer, before)
        self.count_strikes()
        if answer.delay_seconds > read_timeout:
            self.pass_time(read_timeout)
            raise requests.exceptions.ReadTimeout("timed out")
        self.pass_time(answer.delay_seconds)
        if hand is not None:
            hand.reach("on the wire, after")
        if answer.dropped:
            raise wire.dropped()
        return answer

    def _done_again(self, request: Request, answer: Response) -> None:
        """What we asked for once is done twice over there, whatever our key says."""
        realm = next((one for one in self.twice if f"/{one}/" in request.path), None)
        if realm is None or answer.status != 200 or not _creates(request):
            return
        self.twice.remove(realm)
        self.doubled = True
        kept = {name: said for name, said in request.query.items() if name != "requestid"}
        self.core.handle(replace(request, query=kept))
        self.log("    done twice")

    def _journal(self, request: Request, answer: Response, before: int | None) -> None:
        what = request.path.rsplit("/", 1)[-1]
        self.mangled |= answer.status == 400 and not answer.body.endswith(b"}")
        self.tally.calls[f"{request.method} {what if not what.isdecimal() else 'one'}"] += 1
        self.log(f"    {request.method} {request.path[-40:]} -> {answer.status}")

    def _watch(self, request: Request, hand: Hand | None) -> None:
        """I11, I14: nothing goes to a company that is not the worker's, not connected or not confirmed."""
        parts = request.path.split("/")
        if request.method != "POST" or "company" not in parts or "requestid" not in request.query:
            return
        realm = parts[parts.index("company") + 1]
        tenant = next(one for one in self.tenants if one.of_realm(realm))
        if hand is None or hand.about[0] is not tenant:
            raise Broken(f"I11: a write to the company of another organization ({realm})")
        with _free_to_look(hand), within(tenant.organization):
            row = Connection.objects.get(account_hash=Route.hash_of(realm))
        ended = row.disconnected_at if row.status == "disconnected" else None
        if row.held or (ended is not None and clock.now() > ended + SEND_WITHIN):
            raise Broken(f"I14: a write to a company that is {row.status}, held: {row.held}")

    # --- words -------------------------------------------------------------------------------------------------------

    def log(self, words: str) -> None:
        """A line of the trace."""
        self.trace.append(f"{(self.ours.now() - BEGIN).total_seconds():10.1f} {words}")


def _creates(request: Request) -> bool:
    """Whether this is a write of one new document."""
    new = "requestid" in request.query and "operation" not in request.query
    return (
        new
        and not request.path.endswith(("/batch", "/send"))
        and b'"SyncToken"' not in request.body
    )


@contextmanager
def _free_to_look(hand: Hand) -> Iterator[None]:
    """Lets the simulator ask the database where the product may not, and decide nothing meanwhile."""
    calling, judge = hand.calling, hand.judge
    hand.calling, hand.judge = False, lambda *_: "go"
    try:
        yield
    finally:
        hand.calling, hand.judge = calling, judge


@contextmanager
def _urandom(chance: random.Random) -> Iterator[None]:
    """Ids and keys come from the seed, so that a run can be told again; what nudges workers is no part of the play."""
    real = os.urandom

    def drawn_bytes(size: int) -> bytes:
        plays = isinstance(current_thread(), Hand) or current_thread() is main_thread()
        return chance.randbytes(size) if plays else real(size)

    os.urandom = drawn_bytes
    try:
        yield
    finally:
        os.urandom = real


def _settings(app: App) -> Any:
    return override_settings(
        INTUIT_DISCOVERY_URL=f"{wire.ADDRESS}/.well-known/openid_configuration",
        QUICKBOOKS_API_URL=wire.ADDRESS,
        QUICKBOOKS_SANDBOX_API_URL=f"{wire.ADDRESS}/sandbox",
        INTUIT_CLIENT_ID=app.client_id,
        INTUIT_CLIENT_SECRET=app.client_secret,
        INTUIT_WEBHOOK_VERIFIER=app.verifier,
        INTUIT_MONTHLY_READS=PLENTY,
    )


_crew: list[Hand] = []


def crew() -> list[Hand]:
    """The workers of this process; they and their database connections serve run after run."""
    if not _crew:
        _crew.extend(Hand(number) for number in range(HANDS))
    return _crew


def dismiss() -> None:
    """Sends the workers home."""
    while _crew:
        _crew.pop().leave()
