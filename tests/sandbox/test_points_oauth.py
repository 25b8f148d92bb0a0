"""Points 1 to 5: OAuth, token life, rotation, revocation, wrong company."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox import Box, Request
from tests.sandbox.client import HTTP, Company, advance, control

REDIRECT = "http://127.0.0.1:8000/callback/"
ACCOUNTING = "com.intuit.quickbooks.accounting"


@pytest.fixture
def app(box: Box) -> dict[str, Any]:
    made: dict[str, Any] = control(
        box,
        "POST",
        "apps",
        {"client_id": "an-app", "client_secret": "s3", "redirect_uri": REDIRECT},
    )
    return made


def authorize(
    box: Box, realm: str, *, scope: str = ACCOUNTING, **changed: str
) -> requests.Response:
    asked = {
        "client_id": "an-app", "redirect_uri": REDIRECT, "response_type": "code", "scope": scope,
        "state": "st4te", "realm": realm, "decision": "connect", **changed,
    }  # fmt: skip
    return HTTP.post(f"{box.url}/connect/oauth2", data=asked, allow_redirects=False, timeout=10)


def callback(answer: requests.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    address = answer.headers["Location"]
    assert address.startswith(REDIRECT + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def token(box: Box, auth: tuple[str, str] = ("an-app", "s3"), **form: str) -> requests.Response:
    return HTTP.post(f"{box.url}/oauth2/v1/tokens/bearer", data=form, auth=auth, timeout=10)


def exchange(box: Box, code: str, **form: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **form}
    return token(box, **form)


def refresh(company: Company, value: str | None = None) -> requests.Response:
    auth = (company.made["client_id"], company.made["client_secret"])
    value = value or company.made["refresh_token"]
    return token(company.box, auth, grant_type="refresh_token", refresh_token=value)


def assert_invalid_grant(answer: requests.Response) -> None:
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"
    assert answer.headers["intuit_tid"]


# -- 1 -------------------------------------------------------------------------------------------


def test_point_01_consent_leads_to_a_code_and_the_five_fields(
    box: Box, app: Any, company: Company
) -> None:
    back = callback(authorize(box, company.realm))
    assert back["state"] == "st4te"
    assert back["realmId"] == company.realm
    answer = exchange(box, back["code"]).json()
    assert set(answer) == {
        "token_type", "access_token", "expires_in", "refresh_token", "x_refresh_token_expires_in",
    }  # fmt: skip
    assert (answer["expires_in"], answer["x_refresh_token_expires_in"]) == (3600, 8726400)


def test_point_01_code_works_once_and_ten_minutes(box: Box, app: Any, company: Company) -> None:
    code = callback(authorize(box, company.realm))["code"]
    assert exchange(box, code).status_code == 200
    assert_invalid_grant(exchange(box, code))
    late = callback(authorize(box, company.realm))["code"]
    advance(box, minutes=10, seconds=1)
    assert_invalid_grant(exchange(box, late))


def test_point_01_code_reuse_revokes_the_tokens_when_switched_so(
    box: Box, app: Any, company: Company
) -> None:
    control(box, "POST", "switches", {"code_reuse_revokes_grant": True})
    code = callback(authorize(box, company.realm))["code"]
    company.token = exchange(box, code).json()["access_token"]
    assert company.get("preferences").status_code == 200
    assert_invalid_grant(exchange(box, code))
    assert company.get("preferences").status_code == 401


@pytest.mark.parametrize(
    "address", [REDIRECT + "x", REDIRECT[:-1], REDIRECT + "?a=1", "https://elsewhere.example/"]
)
def test_point_01_redirect_address_must_match_to_the_letter(
    box: Box, app: Any, company: Company, address: str
) -> None:
    answer = authorize(box, company.realm, redirect_uri=address)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    code = callback(authorize(box, company.realm))["code"]
    assert_invalid_grant(exchange(box, code, redirect_uri=address))


def test_point_01_cancel_gives_access_denied_and_no_code(
    box: Box, app: Any, company: Company
) -> None:
    back = callback(authorize(box, company.realm, decision="cancel"))
    assert back == {"error": "access_denied", "state": "st4te"}


def test_point_01_token_and_revoke_want_basic_authentication(
    box: Box, app: Any, company: Company
) -> None:
    code = callback(authorize(box, company.realm))["code"]
    answer = token(
        box, ("an-app", "wrong"), grant_type="authorization_code", code=code, redirect_uri=REDIRECT
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    answer = HTTP.post(
        f"{box.url}/v2/oauth2/tokens/revoke", json={"token": company.token}, timeout=10
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert company.get("preferences").status_code == 200


def test_point_01_hard_expiry_is_told_only_when_asked(company: Company) -> None:
    auth = (company.made["client_id"], company.made["client_secret"])
    form = {"grant_type": "refresh_token", "refresh_token": company.made["refresh_token"]}
    answer = HTTP.post(
        f"{company.box.url}/oauth2/v1/tokens/bearer", data=form, auth=auth, timeout=10,
        headers={"x-include-refresh-token-hard-expires-in": "true"},
    )  # fmt: skip
    assert answer.json()["x_refresh_token_hard_expires_in"] > 157_000_000
    assert "x_refresh_token_hard_expires_in" not in refresh(company).json()


def test_point_01_code_belongs_to_the_app_that_asked(box: Box, app: Any, company: Company) -> None:
    control(
        box, "POST", "apps", {"client_id": "other", "client_secret": "x", "redirect_uri": REDIRECT}
    )
    code = callback(authorize(box, company.realm))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    assert_invalid_grant(token(box, ("other", "x"), **form))


def test_point_01_consent_page_names_companies_and_refuses_frames(
    box: Box, app: Any, company: Company
) -> None:
    asked = {
        "client_id": "an-app",
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": ACCOUNTING,
        "state": "s",
    }
    page = HTTP.get(f"{box.url}/connect/oauth2", params=asked, timeout=10)
    assert company.realm in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    unknown = HTTP.get(f"{box.url}/connect/oauth2", params={**asked, "client_id": "?"}, timeout=10)
    assert unknown.status_code == 400


def test_point_01_openid_adds_a_signed_id_token_with_the_realm(
    box: Box, app: Any, company: Company
) -> None:
    back = callback(authorize(box, company.realm, scope=f"{ACCOUNTING} openid email"))
    answer = exchange(box, back["code"]).json()
    head, body, signature = answer["id_token"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert claims["realmid"] == company.realm
    assert claims["aud"] == ["an-app"]
    assert claims["iss"] == "https://oauth.platform.intuit.com/op/v1"
    key = HTTP.get(f"{box.url}/op/v1/jwks", timeout=10).json()["keys"][0]
    number = int.from_bytes(base64.urlsafe_b64decode(key["n"] + "=="), "big")
    signed = pow(int.from_bytes(base64.urlsafe_b64decode(signature + "=="), "big"), 65537, number)
    digest = hashlib.sha256(f"{head}.{body}".encode()).digest()
    assert signed.to_bytes(256, "big").endswith(digest)
    who = {"Authorization": f"Bearer {answer['access_token']}"}
    info = HTTP.get(f"{box.url}/v1/openid_connect/userinfo", headers=who, timeout=10).json()
    assert (info["sub"], info["email"]) == (claims["sub"], "alice@example.com")


# -- 2 -------------------------------------------------------------------------------------------


def test_point_02_access_token_dies_after_an_hour_of_sandbox_time(company: Company) -> None:
    advance(company.box, seconds=3599)
    assert company.get("preferences").status_code == 200
    advance(company.box, seconds=1)
    answer = company.get("preferences")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_point_02_refresh_token_dies_after_a_hundred_idle_days(company: Company) -> None:
    advance(company.box, days=99)
    value = refresh(company).json()["refresh_token"]
    advance(company.box, days=99)
    value = refresh(company, value).json()["refresh_token"]
    advance(company.box, days=100)
    assert_invalid_grant(refresh(company, value))


def test_point_02_refresh_token_dies_after_five_years_however_often_used(company: Company) -> None:
    value = company.made["refresh_token"]
    for _ in range(20):
        advance(company.box, days=90)
        value = refresh(company, value).json()["refresh_token"]
    advance(company.box, days=30)
    assert_invalid_grant(refresh(company, value))


# -- 3 -------------------------------------------------------------------------------------------


def test_point_03_same_value_for_a_day_then_another_and_the_old_one_is_dead(
    company: Company,
) -> None:
    first = company.made["refresh_token"]
    advance(company.box, hours=23)
    assert refresh(company).json()["refresh_token"] == first
    advance(company.box, hours=2)
    second = refresh(company).json()["refresh_token"]
    assert second != first
    assert_invalid_grant(refresh(company, first))
    assert refresh(company, second).status_code == 200


def test_point_03_old_value_lives_for_a_day_when_switched_so(company: Company) -> None:
    control(company.box, "POST", "switches", {"previous_refresh_token_hours": 24})
    advance(company.box, hours=25)
    assert refresh(company).status_code == 200
    assert refresh(company, company.made["refresh_token"]).status_code == 200
    advance(company.box, hours=24)
    assert_invalid_grant(refresh(company, company.made["refresh_token"]))


def test_point_03_reuse_ends_the_whole_grant_when_switched_so(company: Company) -> None:
    control(company.box, "POST", "switches", {"reuse_revokes_grant": True})
    advance(company.box, hours=25)
    second = refresh(company).json()
    assert_invalid_grant(refresh(company, company.made["refresh_token"]))
    assert_invalid_grant(refresh(company, second["refresh_token"]))


# -- 4 -------------------------------------------------------------------------------------------


def assert_unauthenticated(answer: requests.Response) -> None:
    assert answer.status_code == 401
    fault = answer.json()["fault"]
    assert fault["type"] == "AUTHENTICATION"
    assert fault["error"][0]["code"] == "3200"
    assert "errorCode=003200" in fault["error"][0]["message"]


def test_point_04_revoked_grant_is_dead_everywhere(company: Company) -> None:
    auth = (company.made["client_id"], company.made["client_secret"])
    answer = HTTP.post(
        f"{company.box.url}/v2/oauth2/tokens/revoke",
        json={"token": company.made["refresh_token"]},
        auth=auth,
        timeout=10,
    )
    assert answer.status_code == 200
    assert_unauthenticated(company.get("preferences"))
    assert_invalid_grant(refresh(company))


def test_point_04_person_disconnects_and_webhooks_stop(box: Box) -> None:
    company = Company.made(box, webhook_url="http://127.0.0.1:9/hook")
    company.customer("Before")
    assert len(box.core.webhooks.due()) == 1
    done = HTTP.post(
        f"{box.url}/company/{company.realm}/apps/disconnect",
        data={"client_id": company.made["client_id"]},
        timeout=10,
    )
    assert done.status_code == 200
    assert_unauthenticated(company.get("preferences"))
    assert_invalid_grant(refresh(company))
    before = box.core.store.one("SELECT COUNT(*) FROM events")[0]
    HTTP.post(
        f"{box.url}/company/{company.realm}/customers/new",
        data={"display_name": "After"},
        timeout=10,
    )
    assert box.core.store.one("SELECT COUNT(*) FROM events")[0] == before


# -- 5 -------------------------------------------------------------------------------------------


def assert_wrong_company(answer: requests.Response) -> None:
    assert answer.status_code == 403
    fault = answer.json()["fault"]
    assert fault["type"] == "SERVICE"
    assert fault["error"][0]["code"] == "3100"
    assert "errorCode=003100" in fault["error"][0]["message"]


def test_point_05_token_opens_its_own_company_only(box: Box, company: Company) -> None:
    other = Company.made(box)
    other.token = company.token
    assert_wrong_company(other.get("preferences"))
    other.base = other.base.replace(other.realm, "1")
    assert_wrong_company(other.get("preferences"))


def test_point_05_sandbox_and_production_are_apart(box: Box, company: Company) -> None:
    company.base = company.base.replace("/sandbox", "")
    assert_wrong_company(company.get("preferences"))
    production = Company.made(box, environment="production")
    assert production.get("preferences").status_code == 200
    production.base = production.base.replace("/v3", "/sandbox/v3")
    assert_wrong_company(production.get("preferences"))


def test_point_03_of_two_overlapping_refreshes_the_loser_hears_invalid_grant(
    company: Company,
) -> None:
    control(company.box, "POST", "switches", {"token_latency_seconds": 2})
    advance(company.box, hours=25)
    pair = f"{company.made['client_id']}:{company.made['client_secret']}"
    headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    body = f"grant_type=refresh_token&refresh_token={company.made['refresh_token']}".encode()
    both = [
        company.box.core.handle(Request.to("POST", "/oauth2/v1/tokens/bearer", headers, body))
        for _ in range(2)
    ]
    assert [answer.status for answer in both] == [200, 400]
    assert both[0].delay_seconds == 2
