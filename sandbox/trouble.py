"""Trouble on demand: rules that make the next calls go wrong in a chosen way."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sandbox.quickbooks.faults import MESSAGES

if TYPE_CHECKING:
    from sandbox.core import Sandbox

KINDS = {
    "answer_dropped": "the call is done, the caller sees the connection close",
    "request_dropped": "the connection closes before anything is done",
    "slow": "the answer takes `seconds` of sandbox time (at most 120)",
    "late": "504 now, the call is done `seconds` later",
    "throttled": "429; `xml` for the XML form, `retry_after` for the header",
    "status": "answer `status` (500, 502, 503, 504); `applied` says whether the call was done",
    "html": "an HTML page of the gateway with `status` (default 503); `applied` as above",
    "truncated": "the call is done, the JSON answer ends in the middle",
    "fault": "refused with fault `code` of the service and HTTP 400, or 401 where it is about rights",
    "stale": "refused with 5010 as if somebody had been faster",
    "expired_token": "401 as if the access token had expired",
    "revoked_token": "401 and the grant is really revoked",
    "invalid_grant": "the token endpoint answers invalid_grant",
    "requestid_ignored": "the requestid is neither looked up nor stored",
    "requestid_forgotten": "an earlier answer under the requestid is forgotten",
    "localised": "messages of a fault come in French",
    "webhook_dropped": "the event never leaves",
    "webhook_doubled": "the delivery is sent twice",
    "webhook_delayed": "the event leaves `seconds` later",
    "webhook_reordered": "the events of a delivery leave in another order",
    "webhook_blocked": "the delivery fails as if the endpoint were down",
}
MATCHES = ("realm", "method", "path", "entity", "operation")


@dataclass
class Rule:
    """`times` calls (None: no limit), each hit with probability `fraction`."""

    id: str
    kind: str
    times: int | None = 1
    fraction: float = 1.0
    realm: str | None = None
    method: str | None = None
    path: str | None = None
    entity: str | None = None
    operation: str | None = None
    status: int = 500
    applied: bool = False
    xml: bool = False
    seconds: float = 0.0
    code: str = "6000"
    retry_after: int | None = None
    hits: int = 0

    def fits(self, about: dict[str, str]) -> bool:
        for name in MATCHES:
            wanted = getattr(self, name)
            if wanted is None:
                continue
            found = about.get(name) or ""
            same = wanted in found if name == "path" else wanted.lower() == found.lower()
            if not same:
                return False
        return True


class Trouble:
    """The armed rules, in the order they were armed."""

    def __init__(self, core: Sandbox) -> None:
        self.core = core
        self.rules: list[Rule] = [Rule(**r) for r in core.store.get("trouble", [])]

    def arm(self, wish: dict[str, Any]) -> Rule:
        """Raises ValueError, TypeError when the wish makes no sense."""
        if wish.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(sorted(KINDS))}")
        if "fraction" in wish:
            wish = {"times": None, **wish, "fraction": float(wish["fraction"])}
        if "realm" in wish:
            wish = {**wish, "realm": str(wish["realm"])}
        wish = {**wish, "code": str(wish.get("code", "6000"))}
        if wish["code"] not in MESSAGES:
            raise ValueError(f"{wish['code']} is not a code of the service")
        wish["seconds"] = min(float(wish.get("seconds", 0)), 120.0)
        rule = Rule(**{"id": f"f{self.core.store.get('rules', 0) + 1}", **wish})
        self.core.store.set("rules", int(rule.id[1:]) if rule.id[1:].isdigit() else 0)
        self.rules.append(rule)
        self.keep()
        return rule

    def disarm(self, id: str | None = None) -> None:
        self.rules = [r for r in self.rules if id is not None and r.id != id]
        self.keep()

    def keep(self) -> None:
        self.core.store.set("trouble", [self.shown(r) for r in self.rules])

    @staticmethod
    def shown(rule: Rule) -> dict[str, Any]:
        return asdict(rule)

    def strike(self, kinds: set[str], about: dict[str, str]) -> Rule | None:
        """The first rule of these kinds that hits this call, used up by one."""
        for rule in self.rules:
            if rule.kind not in kinds or not rule.fits(about):
                continue
            if rule.fraction < 1 and not self.core.chance.happens(rule.fraction):
                continue
            self._use(rule)
            return rule
        return None

    def _use(self, rule: Rule) -> None:
        rule.hits += 1
        if rule.times is not None:
            rule.times -= 1
            if rule.times <= 0:
                self.rules.remove(rule)
        self.keep()
