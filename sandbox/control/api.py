"""`/_sandbox/…`: what tests and the demo use to arrange and look inside."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox import journal, jsontext
from sandbox.apps import from_json
from sandbox.control import companies, state
from sandbox.messages import Request, Response
from sandbox.quickbooks import requestids
from sandbox.quickbooks.faults import Fault
from sandbox.trouble import KINDS

if TYPE_CHECKING:
    from sandbox.core import Sandbox


def handle(core: Sandbox, request: Request, rest: list[str]) -> Response:
    """Every refusal is 400 with a sentence; unknown paths are 404."""
    action = ACTIONS.get((request.method, rest[0] if rest else ""))
    if action is None:
        return Response.json({"error": f"no {request.method} /_sandbox/{'/'.join(rest)}"}, 404)
    try:
        return Response.json(action(core, request, rest[1:], wish_of(request)))
    except Fault as fault:
        return Response.json({"error": fault.detail, "code": fault.code}, 400)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        return Response.json({"error": f"{type(error).__name__}: {error}"}, 400)


def wish_of(request: Request) -> dict[str, Any]:
    if not request.body.strip():
        return {}
    wish = jsontext.loads(request.body)
    if not isinstance(wish, dict):
        raise ValueError("the body must be a JSON object")
    return wish


Wish = dict[str, Any]


def reset(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    """Empties everything; `{"demo": true}` makes the demo company again."""
    core.reset(str(wish["seed"]) if "seed" in wish else None)
    if wish.get("demo"):
        from sandbox import demo

        return {"realm_id": demo.make(core).realm}
    return {}


def add_app(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    app = from_json({"client_id": f"AB{core.chance.hex(30)}", "client_secret": core.chance.hex(40),
                     "verifier": core.chance.hex(32), **wish})  # fmt: skip
    return core.add_app(app).as_json()


def list_apps(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    return [app.as_json() for app in core.apps.values()]


def add_company(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    return companies.create(core, wish)


def change_company(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    return companies.change(core, rest[0], wish)


def list_companies(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    return [company.as_json() for company in core.companies.values()]


def read_clock(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    return {"now": core.clock.utc().isoformat(), "frozen": core.clock.frozen_at is not None}


def set_clock(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    """`advance` seconds, `now` as ISO time, `frozen` true or false; in that order of effect."""
    if "frozen" in wish:
        core.clock.freeze() if wish["frozen"] else core.clock.run()
    if "now" in wish:
        core.clock.set(datetime.fromisoformat(wish["now"]).timestamp())
    if "advance" in wish:
        core.clock.advance(float(wish["advance"]))
    core.keep()
    core.tick()
    core.wake()
    return read_clock(core, request, rest, wish)


def arm(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    return asdict(core.trouble.arm(wish))


def armed(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    return {"armed": [asdict(rule) for rule in core.trouble.rules], "kinds": KINDS}


def disarm(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    core.trouble.disarm(rest[0] if rest else None)
    return {}


def read_journal(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    return journal.read(core, request.query.get("realm"), int(request.query.get("after", 0)))


def clear_journal(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    journal.clear(core)
    return {}


def dump(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    return state.dump(core, rest[0])


def read_switches(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    return vars(core.switches)


def set_switches(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    for name, value in wish.items():
        core.switches.set(name, value)
    core.keep()
    return vars(core.switches)


def webhooks(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    core.webhooks.due() if request.query.get("gather") else None
    return core.webhooks.listing()


def forget_requestids(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    requestids.forget(core, rest[0] if rest else None)
    return {}


def check(core: Sandbox, request: Request, rest: list[str], wish: Wish) -> Any:
    from sandbox import checking

    return {"problems": checking.problems(core, rest[0] if rest else None)}


ACTIONS = {
    ("POST", "reset"): reset, ("POST", "apps"): add_app, ("GET", "apps"): list_apps,
    ("POST", "companies"): add_company, ("GET", "companies"): list_companies,
    ("PATCH", "companies"): change_company, ("GET", "clock"): read_clock, ("POST", "clock"): set_clock,
    ("POST", "faults"): arm, ("GET", "faults"): armed, ("DELETE", "faults"): disarm,
    ("GET", "journal"): read_journal, ("DELETE", "journal"): clear_journal, ("GET", "state"): dump,
    ("GET", "switches"): read_switches, ("POST", "switches"): set_switches,
    ("GET", "webhooks"): webhooks, ("DELETE", "requestids"): forget_requestids, ("GET", "check"): check,
}  # fmt: skip
