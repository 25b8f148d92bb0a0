"""What a seed decides before a run begins: which troubles there are, how often, and which two are to meet."""

import ast
import os
import random
from dataclasses import dataclass, replace
from typing import Any

from integrations.outbound.effects import CRASH_POINTS

# Each as a rule of the sandbox's trouble, for one call; reference reliability 2.2, F19-F29.
FAULTS: dict[str, dict[str, Any]] = {
    "answer dropped": {"kind": "answer_dropped"},
    "request dropped": {"kind": "request_dropped"},
    "slower than we wait": {"kind": "slow", "seconds": 60},
    "applied late": {"kind": "late", "seconds": 100, "method": "POST"},
    "throttled": {"kind": "throttled"},
    "500": {"kind": "status", "status": 500},
    "500 applied": {"kind": "status", "status": 500, "applied": True},
    "503 applied": {"kind": "status", "status": 503, "applied": True},
    "page of HTML": {"kind": "html"},
    "answer cut off": {"kind": "truncated"},
    "stale": {"kind": "stale", "operation": "update"},
    "token expired": {"kind": "expired_token"},
    "consent revoked": {"kind": "revoked_token"},
    "invalid_grant": {"kind": "invalid_grant"},
    "token answer dropped": {"kind": "answer_dropped", "path": "/tokens/bearer"},
    "requestid ignored": {"kind": "requestid_ignored", "method": "POST"},
    "requestid forgotten": {"kind": "requestid_forgotten", "method": "POST"},
    "webhook dropped": {"kind": "webhook_dropped"},
    "webhook doubled": {"kind": "webhook_doubled"},
    "webhook delayed": {"kind": "webhook_delayed", "seconds": 90},
    "webhook reordered": {"kind": "webhook_reordered"},
    "webhook blocked": {"kind": "webhook_blocked"},
}
# These end the consent for good; an admin has to sign in again.
ENDING = {"consent revoked", "invalid_grant"}


@dataclass(frozen=True, slots=True)
class Towards:
    """What leads to an effect of a push, or lets a fault strike: faults, if need be of one operation, and doings."""

    faults: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    operation: str = ""
    # Seconds until it is due where it did not happen at once.
    wait: float = 35


OWING = Towards(staff=("generate",))
NEWS = Towards(staff=("generate",), people=("touch",), wait=100)
OLD_TOKEN = Towards(staff=("generate",), wait=3700)
TOGETHER = Towards(staff=("generate", "generate", "generate", "catch_up"), wait=200)
TOWARDS: dict[str, Towards] = {
    **dict.fromkeys(FAULTS, OWING),
    "stale": Towards(staff=("edit", "edit", "edit_customer")),
    "invalid_grant": OLD_TOKEN,
    "token answer dropped": OLD_TOKEN,
    **{name: NEWS for name in FAULTS if name.startswith("webhook")},
    "Send": OWING,
    "CommitIntent": OWING,
    "CommitAnswer": OWING,
    "LookUp": Towards(("answer dropped",), ("generate",), operation="create"),
    "CommitResend": Towards(("request dropped",), ("generate",), operation="create", wait=200),
    "ReadTarget": Towards(("stale",), ("edit", "edit", "edit_customer")),
    "CommitRebase": Towards(("stale",), ("edit", "edit", "edit_customer")),
    "CommitRefusal": Towards(("throttled",), ("generate",), operation="create", wait=100),
    "CommitBatch": TOGETHER,
    "SendBatch": TOGETHER,
}
# What staff and people do with credit memos and refunds, and what must have happened before.
CREDIT = {
    "mark_paid",
    "issue_credit",
    "apply_credit",
    "void_credit",
    "refund",
    "credit_refund",
    "void_refund",
    "write_credit",
    "change_credit",
    "delete_credit",
    "change_refund",
    "delete_refund",
}
PAIRS = tuple((fault, point) for point in CRASH_POINTS for fault in FAULTS)
# So many are brought together in one run; the stride leads to another fault and another point, and is even, so that
# two processes that take every other seed each have half of all pairs.
MEETINGS = 4
STRIDE = 5 * len(FAULTS) + 2


@dataclass(frozen=True, slots=True)
class Plan:
    """The dice of one run."""

    seed: int
    steps: int
    fault: str
    point: str
    meetings: int
    fault_rate: float
    kill_rate: float
    sql_kill_rate: float
    pause_rate: float
    people: bool
    switching: bool
    consent: bool
    custom_numbers: bool
    honoured: bool
    legacy_webhooks: bool
    webhooks_lost_at_the_end: bool
    restores: bool
    # Whether it is about credit memos and refunds most of the time.
    credit: bool
    # Whether people change the lists, the rules and their minds, on both sides.
    deciding: bool
    # Also what is rare: merges, long outages, few reads, writes done twice there.
    wide: bool

    @property
    def towards(self) -> Towards:
        """The faults and the doings that lead to the crash point."""
        return TOWARDS[self.point.partition(" ")[2]]

    @property
    def innocent(self) -> bool:
        """Whether only machines misbehave: then nobody must have anything to decide at the end."""
        return not (self.people or self.switching or self.restores)


def pairs_of(seed: int) -> list[tuple[str, str]]:
    """What is to meet in this run. Seeds that follow each other begin with one pair after another."""
    return [PAIRS[(seed + number * STRIDE) % len(PAIRS)] for number in range(MEETINGS)]


def drawn(seed: int) -> Plan:
    """The plan of a seed."""
    chance = random.Random(seed)
    fault, point = pairs_of(seed)[0]
    plan = Plan(
        seed=seed,
        steps=chance.randint(40, 100),
        fault=fault,
        point=point,
        meetings=MEETINGS,
        fault_rate=chance.choice([0.0, 0.2, 0.4, 0.8]),
        kill_rate=chance.choice([0.0, 0.02, 0.06]),
        sql_kill_rate=chance.choice([0.0, 0.0, 0.002, 0.005]),
        pause_rate=chance.choice([0.0, 0.0, 0.02, 0.05]),
        people=chance.random() < 0.5,
        switching=chance.random() < 0.2,
        consent=chance.random() < 0.5,
        custom_numbers=chance.random() < 0.7,
        honoured=chance.random() < 0.6,
        legacy_webhooks=chance.random() < 0.2,
        webhooks_lost_at_the_end=chance.random() < 0.3,
        restores=chance.random() < 0.2,
        credit=chance.random() < 0.3,
        deciding=chance.random() < 0.6,
        wide=chance.random() < 0.3,
    )
    return replace(plan, **_wished())


def _wished() -> dict[str, Any]:
    """What somebody has laid down for all runs: PLAN="honoured=False,pause_rate=0.2"."""
    words = os.environ.get("PLAN", "")
    parts = (part.partition("=") for part in words.split(",") if part)
    return {name.strip(): ast.literal_eval(value.strip()) for name, _, value in parts}
