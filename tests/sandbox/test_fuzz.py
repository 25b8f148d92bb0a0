"""Anything may be sent: every answer is a well-formed success or fault, and the books stay balanced.

`SANDBOX_FUZZ=50000` sends that many requests; the ordinary run sends some hundred.
"""

import os
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox import Request, Response, Sandbox, checking, jsontext
from sandbox.exercise import BASIC, Exercise
from sandbox.quickbooks import fields
from tests.sandbox.fuzzing import BODIES, CALLS, ENTITIES, resolved

PER_EXAMPLE = 40
REQUESTS = int(os.environ.get("SANDBOX_FUZZ", "600"))


# The checks look at the whole company, so it is left for a new one before it grows too large.
PER_COMPANY = 2_000


class Storm:
    """A company in which one of everything exists already; another one after some requests."""

    def __init__(self) -> None:
        self.core = Sandbox(seed=5, clock=Sandbox.at("2026-03-10T18:00:00+00:00"))
        self.sent = 0
        self.company = self.fresh()

    def fresh(self) -> Exercise:
        made = Exercise(self.core, {**BASIC, "auto_apply": True})
        made.run()
        assert made.problems == []
        return made

    def exercise(self) -> Exercise:
        self.sent += PER_EXAMPLE
        if self.sent % PER_COMPANY < PER_EXAMPLE:
            assert checking.problems(self.core, self.company.realm) == []
            self.company = self.fresh()
        return self.company


@pytest.fixture(scope="module")
def storm() -> Storm:
    return Storm()


def send(exercise: Exercise, method: str, path: str, body: bytes, json: bool) -> Response:
    target = f"/sandbox/v3/company/{exercise.realm}/{quote(path, safe='/?=&,:@')}"
    headers = {
        "Authorization": f"Bearer {exercise.token}",
        "Accept": "application/json" if json else "*/*",
    }
    return exercise.core.handle(Request.to(method, target, headers, body))


def well_formed(response: Response) -> list[str]:
    if "json" not in response.headers["Content-Type"]:
        return (
            []
            if response.body.startswith((b"<?xml", b"%PDF", b"http"))
            else ["neither JSON nor XML"]
        )
    payload = jsontext.loads(response.body)
    if response.status == 200:
        return checking.of_answer(payload)
    errors = payload["Fault"]["Error"]
    fine = (
        all(e["code"].isdigit() and e["Message"] and e["Detail"] for e in errors)
        and payload["Fault"]["type"]
    )
    return [] if fine else [f"malformed fault {payload}"]


@settings(
    max_examples=max(REQUESTS // PER_EXAMPLE, 1),
    deadline=None,
    database=None,
    derandomize=REQUESTS <= 600,
    suppress_health_check=list(HealthCheck),
)
@given(
    sent=st.lists(st.tuples(CALLS, st.integers(0, 9)), min_size=PER_EXAMPLE, max_size=PER_EXAMPLE)
)
def test_whatever_is_sent_is_answered_and_the_books_balance(storm: Storm, sent: Any) -> None:
    exercise = storm.exercise()
    for (method, path, body), dice in sent:
        target, raw = resolved(exercise, path, body)
        response = send(exercise, method, target, raw, json=dice > 0)
        assert response.status in {200, 400}, (method, target, raw, response.body[:200])
        assert well_formed(response) == [], (method, target, raw)
    assert exercise.core.out_of_balance(exercise.realm) == []
    assert checking.disagreements(exercise.core, exercise.realm) == []


def test_every_object_is_in_the_field_lists_after_the_storm(storm: Storm) -> None:
    assert checking.problems(storm.core, storm.company.realm) == []


def test_the_storm_gets_somewhere(storm: Storm) -> None:
    """A fuzzer whose requests are all refused at the door would prove nothing."""
    rows = storm.core.store.all(
        "SELECT entity, SUM(status=200), COUNT(*) FROM journal "
        "WHERE operation IN ('create','update','void','delete') GROUP BY 1"
    )
    if os.environ.get("SANDBOX_FUZZ"):
        print(*rows, sep="\n")  # noqa: T201
    assert sum(row[1] for row in rows) > sum(row[2] for row in rows) * 0.2


def test_the_generator_knows_the_entities() -> None:
    assert all(entity in fields.ENTITIES for entity in ENTITIES)
    assert set(BODIES) <= set(ENTITIES)
