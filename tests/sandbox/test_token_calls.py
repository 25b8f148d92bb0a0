"""The journal holds what apps call at the token service, and trouble can be armed for it."""

import requests

from sandbox import Box
from tests.sandbox.client import Company, control

BEARER = "/oauth2/v1/tokens/bearer"


def refresh(company: Company) -> requests.Response:
    return requests.post(
        f"{company.box.url}{BEARER}",
        data={"grant_type": "refresh_token", "refresh_token": company.made["refresh_token"]},
        auth=(company.made["client_id"], company.made["client_secret"]),
        timeout=10,
    )


def journal(box: Box) -> list[tuple[str, int, bool]]:
    calls = control(box, "GET", "journal")
    return [(call["path"], call["status"], call["metered"]) for call in calls]


def test_each_token_call_is_in_the_journal_and_none_is_metered(company: Company) -> None:
    assert refresh(company).status_code == 200
    assert journal(company.box) == [(BEARER, 200, False)]


def test_trouble_for_the_path_strikes_the_token_service(company: Company) -> None:
    control(
        company.box, "POST", "faults", {"kind": "status", "status": 503, "path": "tokens/bearer"}
    )
    assert [refresh(company).status_code for _ in range(2)] == [503, 200]
    assert [status for _, status, _ in journal(company.box)] == [503, 200]


def test_trouble_without_a_path_is_for_the_companies_calls(company: Company) -> None:
    control(company.box, "POST", "faults", {"kind": "status", "status": 503})
    assert refresh(company).status_code == 200
