"""Points 31 to 33: trouble on demand, repeatable runs, the self-check."""

import json
from typing import Any

import pytest
import requests

from sandbox import Box, Request, Sandbox, checking, serve
from sandbox.exercise import WISHES, Exercise
from sandbox.quickbooks.faults import MESSAGES
from tests.sandbox.client import HTTP, Company, advance, control


def arm(company: Company, kind: str, **more: Any) -> None:
    control(company.box, "POST", "faults", {"kind": kind, **more})


def names(company: Company) -> list[str]:
    return [row["DisplayName"] for row in company.rows("Customer")]


# -- 31 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("applied", [True, False])
def test_point_31_any_status_before_or_after_the_write(
    company: Company, status: int, applied: bool
) -> None:
    arm(company, "status", status=status, applied=applied, method="POST")
    assert company.post("customer", {"DisplayName": "A"}).status_code == status
    assert names(company) == (["A"] if applied else [])


def test_point_31_dropped_before_and_after(company: Company) -> None:
    for kind, left in (("request_dropped", []), ("answer_dropped", ["A"])):
        arm(company, kind, method="POST")
        with pytest.raises(requests.ConnectionError):
            company.post("customer", {"DisplayName": "A"})
        assert names(company) == left


def test_point_31_late_application(company: Company) -> None:
    arm(company, "late", seconds=110)
    assert company.post("customer", {"DisplayName": "A"}).status_code == 504
    assert names(company) == []
    advance(company.box, seconds=110)
    assert names(company) == ["A"]


def test_point_31_what_is_late_is_done_then_and_not_put_off_again(company: Company) -> None:
    arm(company, "late", seconds=110, times=2, method="POST")
    assert company.post("customer", {"DisplayName": "A"}).status_code == 504
    advance(company.box, seconds=110)
    assert names(company) == ["A"]
    assert company.post("customer", {"DisplayName": "B"}).status_code == 504, "the next is hit"


def test_point_31_repeat_of_a_call_that_still_goes_on_is_600_as_switched(company: Company) -> None:
    arm(company, "late", seconds=110)
    assert company.post("class", {"Name": "A"}, requestid="k").status_code == 504
    assert company.refused("Class", {"Name": "A"}, requestid="k") == "600"
    assert company.write("Class", {"Name": "B"}, requestid="l")["Name"] == "B"
    advance(company.box, seconds=110)
    assert company.write("Class", {"Name": "A"}, requestid="k")["Name"] == "A"
    control(company.box, "POST", "switches", {"requestid_in_flight_fault": False})
    arm(company, "late", seconds=110)
    assert company.post("class", {"Name": "C"}, requestid="m").status_code == 504
    assert company.write("Class", {"Name": "C"}, requestid="m")["Name"] == "C"


def test_point_31_slow_is_measured_in_sandbox_time(company: Company) -> None:
    arm(company, "slow", seconds=120)
    headers = company.headers()
    path = f"/sandbox/v3/company/{company.realm}/preferences"
    assert company.box.core.handle(Request.to("GET", path, headers)).delay_seconds == 120
    arm(company, "slow", seconds=5000)
    assert company.box.core.handle(Request.to("GET", path, headers)).delay_seconds == 120


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_point_31_every_code_of_the_service_can_be_armed(company: Company, code: str) -> None:
    arm(company, "fault", code=code, method="POST")
    answer = company.post("customer", {"DisplayName": "A"})
    (error,) = answer.json()["Fault"]["Error"]
    assert (error["code"], error["Message"]) == (code, MESSAGES[code])
    assert answer.status_code == (401 if code in {"100", "110", "120"} else 400)
    assert names(company) == []


def test_point_31_a_code_that_the_service_does_not_know_cannot_be_armed(company: Company) -> None:
    answer = HTTP.post(
        f"{company.box.url}/_sandbox/faults", json={"kind": "fault", "code": "7"}, timeout=10
    )
    assert answer.status_code == 400
    assert "7 is not a code of the service" in answer.text


def test_point_31_throttled_as_json_and_as_xml(company: Company) -> None:
    arm(company, "throttled", times=2)
    assert [company.get("preferences").status_code for _ in range(3)] == [429, 429, 200]
    arm(company, "throttled", xml=True, retry_after=7)
    answer = company.get("preferences")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert 'code="3001"' in answer.text


def test_point_31_html_truncated_and_localised(company: Company) -> None:
    arm(company, "html")
    answer = company.get("preferences")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html")
    arm(company, "truncated", method="POST")
    with pytest.raises(requests.JSONDecodeError):
        company.post("customer", {"DisplayName": "A"}).json()
    assert names(company) == ["A"]
    arm(company, "localised")
    error = company.post("customer", {"DisplayName": "A"}).json()["Fault"]["Error"][0]
    assert (error["code"], error["Message"]) == ("6240", "Erreur : ce nom existe déjà")


def test_point_31_tokens_versions_and_any_fault(company: Company) -> None:
    customer = company.customer("A")
    arm(company, "stale")
    assert (
        company.refused(
            "Customer", {"Id": customer["Id"], "SyncToken": "0", "sparse": True, "Notes": "x"}
        )
        == "5010"
    )
    arm(company, "fault", code=6210)
    assert company.refused("Customer", {"DisplayName": "B"}) == "6210"
    arm(company, "expired_token")
    assert [company.get("preferences").status_code for _ in range(2)] == [401, 401]


def test_point_31_revoked_token(company: Company) -> None:
    arm(company, "revoked_token")
    assert company.get("preferences").status_code == 401
    from tests.sandbox.test_points_oauth import assert_invalid_grant, refresh

    assert_invalid_grant(refresh(company))


def test_point_31_requestid_ignored_and_forgotten(company: Company) -> None:
    arm(company, "requestid_ignored", times=2)
    for _ in range(2):
        company.post("invoice", {}, requestid="k")
    company.write("Class", {"Name": "A"}, requestid="k")
    assert company.refused("Class", {"Name": "A"}) == "6240"
    arm(company, "requestid_forgotten")
    assert company.refused("Class", {"Name": "A"}, requestid="k") == "6240"


def test_point_31_rules_hit_what_they_name(box: Box, company: Company) -> None:
    other = Company.made(box)
    arm(
        company,
        "status",
        status=503,
        realm=company.realm,
        entity="Customer",
        operation="create",
        times=None,
    )
    assert other.post("customer", {"DisplayName": "A"}).status_code == 200
    assert company.get("preferences").status_code == 200
    assert [company.post("customer", {"DisplayName": "A"}).status_code for _ in range(3)] == [
        503
    ] * 3
    control(box, "DELETE", "faults")
    assert company.post("customer", {"DisplayName": "A"}).status_code == 200


def test_point_31_a_fraction_of_the_calls(company: Company) -> None:
    arm(company, "status", status=503, fraction=0.3)
    hits = sum(company.get("preferences").status_code == 503 for _ in range(100))
    assert 15 < hits < 45


# -- 32 ------------------------------------------------------------------------------------------


def script(core: Sandbox) -> str:
    """The journal of a fixed sequence of calls, as text."""
    from sandbox import demo, journal, jsontext

    demo.make(core)
    exercise = Exercise(core, {**WISHES[0], "webhook_url": "http://127.0.0.1:9/"})
    with core.lock, core.store.transaction():
        core.trouble.arm({"kind": "status", "fraction": 0.1, "method": "GET"})
    for n in range(20):
        exercise.call("GET", "preferences")
        exercise.call("POST", f"class?requestid=r{n}", {"Name": f"C{n}"})
    deliveries = [(d.headers, d.body.decode()) for d in core.webhooks.due()]
    return jsontext.dumps([journal.read(core), str(deliveries), exercise.token])


def test_point_32_same_seed_and_calls_give_the_same_bytes() -> None:
    runs = [
        script(Sandbox(seed=seed, clock=Sandbox.at("2026-03-10T18:00:00+00:00")))
        for seed in (7, 7, 8)
    ]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_point_32_journal_has_every_call_with_its_tid(company: Company) -> None:
    answers = [
        company.post("customer", {"DisplayName": "A"}),
        company.get("customer/9"),
        company.get("nothing"),
    ]
    entries = control(company.box, "GET", f"journal?realm={company.realm}")
    assert [entry["intuit_tid"] for entry in entries] == [a.headers["intuit_tid"] for a in answers]
    assert [(e["status"], e["code"]) for e in entries] == [(200, None), (400, "610"), (400, "500")]
    last = entries[-1]["seq"]
    assert control(company.box, "GET", f"journal?after={last}") == []


def test_point_32_reset_and_state(box: Box, company: Company) -> None:
    customer = company.customer()
    dumped = control(box, "GET", f"state/{company.realm}")
    assert [c["DisplayName"] for c in dumped["entities"]["Customer"]] == ["Charlie"]
    again = Company(box, control(box, "POST", "companies", {"state": dumped}))
    assert again.read("Customer", customer["Id"])["DisplayName"] == "Charlie"
    assert again.customer("Next")["Id"] == "2"
    control(box, "POST", "reset")
    assert control(box, "GET", "companies") == []
    assert company.get("preferences").status_code == 401


def test_point_32_state_survives_a_restart(tmp_path: Any) -> None:
    with serve(core=Sandbox(seed=1, state=tmp_path)) as box:
        made = Company.made(box).made
        first = Company(box, made)
        first.customer()
        control(box, "POST", "switches", {"requestid_strict": True})
        arm(first, "status", status=503)
        box.core.close()
    with serve(core=Sandbox(state=tmp_path)) as box:
        company = Company(box, made)
        assert company.get("preferences").status_code == 503
        assert names(company) == ["Charlie"]
        assert control(box, "GET", "switches")["requestid_strict"] is True
        assert Company.made(box).realm != company.realm


# -- 33 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", WISHES, ids=str)
def test_point_33_everything_emitted_is_in_the_field_lists(wish: dict[str, Any]) -> None:
    core = Sandbox(seed=1, clock=Sandbox.at("2026-03-10T18:00:00+00:00"))
    exercise = Exercise(core, wish)
    exercise.run()
    assert exercise.problems == []
    assert checking.problems(core) == []


def test_point_33_the_check_finds_an_invented_field() -> None:
    wrong = checking.of_object(
        "Invoice", {"Id": "1", "SyncToken": "0", "MetaData": {}, "domain": "QBO", "Paid": True}
    )
    assert wrong == ["Invoice 1: Invoice.Paid"]
    assert checking.of_answer({"QueryResponse": {"Customer": [{"Id": 5}]}})


def test_frozen_clock_is_told_and_moved(box: Box) -> None:
    assert control(box, "GET", "clock") == {"now": "2026-03-10T18:00:00+00:00", "frozen": True}
    moved = control(box, "POST", "clock", {"now": "2026-04-01T00:00:00+00:00", "advance": 60})
    assert moved["now"] == "2026-04-01T00:01:00+00:00"
    answer = HTTP.post(f"{box.url}/_sandbox/clock", data=json.dumps({"advance": "x"}), timeout=10)
    assert answer.status_code == 400
