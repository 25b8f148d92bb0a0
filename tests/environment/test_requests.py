"""What every answer carries, and what the log of a request does not."""

import logging
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve

from regentra.logs import RouteInsteadOfPath

TOKEN = "a-token-that-nobody-must-read"


def test_every_answer_has_an_id_and_forbids_inline_code(client: Client) -> None:
    answer = client.get("/healthz")
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert len(answer["X-Request-ID"]) == 32
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_pages_seen_with_a_session_are_not_kept_by_caches(client: Client, settings: Any) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "anything"
    assert "no-store" in client.get("/no-such-page")["Cache-Control"]


def test_consent_pages_of_the_vendors_may_follow_a_form(client: Client, settings: Any) -> None:
    policy = client.get("/healthz")["Content-Security-Policy"]
    assert "form-action 'self' https://appcenter.intuit.com" in policy


@pytest.mark.django_db
def test_log_names_the_route_and_not_the_address(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.get(f"/accounts/password/reset/key/1-{TOKEN}/", {"code": TOKEN})
    [line] = [record for record in caplog.records if record.name == "regentra.request"]
    assert "password/reset" in line.getMessage()
    assert TOKEN not in line.getMessage()


def test_lines_of_django_name_the_route_too() -> None:
    path = f"/accounts/password/reset/key/1-{TOKEN}/"
    request = RequestFactory().get(path)
    request.resolver_match = resolve(path)
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s: %s", ("Oh", path), None)
    record.request = request
    assert RouteInsteadOfPath().filter(record)
    assert TOKEN not in record.getMessage()
    assert "password/reset" in record.getMessage()


def test_nobody_signs_up(client: Client) -> None:
    assert b"<form" not in client.get("/accounts/signup/").content.replace(b"account_logout", b"")
