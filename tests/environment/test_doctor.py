"""The doctor names what is wrong and how to put it right, and ends with 1."""

import os
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from regentra.doctor.engines import examine_engines
from regentra.doctor.environment import examine_environment
from regentra.doctor.findings import Finding
from regentra.doctor.secrets import examine_secrets
from regentra.doctor.vendors import examine_vendors
from regentra.paths import BASE

GOOD_SERVER = {
    "DATABASE_URL": "postgres://regentra@db/regentra",
    "DATABASE_OWNER_URL": "postgres://regentra_owner@db/regentra",
    "REDIS_URL": "redis://redis/0",
    "SECRET_KEY": "s" * 50,
    "ENCRYPTION_KEYS": "k:x",
    "ALLOWED_HOSTS": "app.example,.example.org",
    "BASE_URL": "https://app.example",
    "EMAIL_URL": "consolemail://",
}


def _problems(given: dict[str, str]) -> list[str]:
    return [finding.what for finding in examine_environment(given) if finding.is_problem]


def test_good_server_has_no_problem() -> None:
    assert _problems(GOOD_SERVER) == []


def test_local_checkout_has_no_problem() -> None:
    assert _problems({}) == []


USABLE: list[dict[str, str]] = [
    {"DATABASE_URL": "postgres://u:p@db1.example:5432,db2.example:5432/regentra"},
    {"DATABASE_URL": "postgres://u:p@[::1]:5432,[::2]/regentra"},
    {"DATABASE_URL": "postgres://u:p@[::1]:5432/regentra"},
    {"DATABASE_URL": "postgres://u:p#s@db.example:5432/regentra"},  # not escaped
    {"DATABASE_URL": "postgres:////cloudsql/project:region:instance/regentra"},
    {"DATABASE_URL": "$PG_URL", "PG_URL": "postgres://u:p@db.example:5432/regentra"},
    {"BASE_URL": "$ADDRESS", "ADDRESS": "https://app.example"},
    {"SESSION_IDLE_MINUTES": "30 "},
    {"SESSION_IDLE_MINUTES": "$MINUTES", "MINUTES": "45"},
    {"SESSION_IDLE_MINUTES": "$MINUTES"},  # not set, so it is the default
]


@pytest.mark.parametrize("given", USABLE)
def test_settings_that_are_read_are_no_problem(given: dict[str, str]) -> None:
    assert _problems({**GOOD_SERVER, **given}) == []


@pytest.mark.parametrize("given", USABLE)
def test_settings_that_are_read_start(given: dict[str, str]) -> None:
    code = "import regentra.settings as s; print(s.DATABASES['default']['HOST'])"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE,
        env={**GOOD_SERVER, "PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-300:]


@pytest.mark.parametrize(("count", "is_said"), [("", True), ("0", True), ("1", False)])
def test_a_server_behind_a_proxy_that_nobody_counted_is_noted(count: str, is_said: bool) -> None:
    found = examine_environment({**GOOD_SERVER, "TRUSTED_PROXY_COUNT": count})
    assert any("TRUSTED_PROXY_COUNT" in one.what for one in found) is is_said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set."),
        ({"REDIS_URL": ""}, "REDIS_URL is not set."),
        ({"ENCRYPTION_KEYS": ""}, "ENCRYPTION_KEYS is not set."),
        ({"BASE_URL": "app.example"}, "BASE_URL is not an address: 'app.example'."),
        ({"TRUSTED_PROXY_COUNT": "one"}, "TRUSTED_PROXY_COUNT is not a number"),
        ({"SESSION_IDLE_MINUTES": ""}, "SESSION_IDLE_MINUTES is not a number: ''."),
        ({"INTUIT_MONTHLY_READS": "1.5"}, "INTUIT_MONTHLY_READS is not a number: '1.5'."),
        ({"DATABASE_URL": "garbage"}, "DATABASE_URL is not an address that can be used."),
        ({"DATABASE_URL": "postgres://a:5432,b:x/db"}, "DATABASE_URL is not an address"),
        ({"DATABASE_URL": "$PG_URL", "PG_URL": "garbage"}, "DATABASE_URL is not an address"),
        ({"DATABASE_OWNER_URL": "mysql://x/y"}, "DATABASE_OWNER_URL is not an address"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL is not an address"),
        ({"EMAIL_URL": "smtp://u:p@h:x"}, "EMAIL_URL is not an address"),
        ({"BASE_URL": "https://app.example:x"}, "BASE_URL is not an address"),
        ({"BASE_URL": "http://app.example"}, "BASE_URL is plain http"),
        ({"BASE_URL": "https://other.example"}, "ALLOWED_HOSTS does not name other.example"),
        ({"INTUIT_CLIENT_ID": "x"}, "INTUIT_CLIENT_SECRET, INTUIT_WEBHOOK_VERIFIER not set"),
        ({"STRIPE_SECRET_KEY": "x"}, "STRIPE_CLIENT_ID, STRIPE_WEBHOOK_SECRET not set"),
        ({"QUICKBOOKS_API_URL": "ftp://x"}, "QUICKBOOKS_API_URL is not an address"),
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN is short."),
    ],
)
def test_each_mistake_is_named(change: dict[str, str], said: str) -> None:
    [problem] = _problems({**GOOD_SERVER, **change})
    assert problem.startswith(said)


def test_missing_settings_are_all_named_at_once_when_django_cannot_start() -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        cwd=BASE,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": "postgres://regentra@db/regentra"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert all(name in result.stderr for name in ("SECRET_KEY", "REDIS_URL", "BASE_URL"))
    assert "Traceback" not in result.stderr


def test_malformed_settings_are_named_when_django_cannot_start_and_no_password_is_shown() -> None:
    given = {"DATABASE_URL": "postgres://u:hunter/2@h/db", "SESSION_IDLE_MINUTES": "half an hour"}
    result = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        cwd=BASE,
        env={**GOOD_SERVER, "PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    for name in given:
        assert f"{name} is not a" in result.stderr
    assert "Traceback" not in result.stderr
    assert "hunter" not in result.stderr


def test_bad_keys_are_named_but_not_shown(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = ["k:c2VjcmV0"]
    [finding] = list(examine_secrets())
    assert "ENCRYPTION_KEYS" in finding.what
    assert "c2VjcmV0" not in str(finding)


def _said(findings: list[Finding]) -> str:
    return " ".join(finding.what for finding in findings if finding.is_problem)


@pytest.mark.django_db(databases=["default", "owner"])
def test_engines_of_this_run_have_no_problem() -> None:
    assert _said(examine_engines()) == ""


@pytest.mark.django_db(databases=["default", "owner"])
def test_runtime_role_that_owns_the_tables_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row-level security does not bind the owner of a table as long as it is not forced."""
    monkeypatch.setitem(
        connections["default"].settings_dict, "USER", connections["owner"].settings_dict["USER"]
    )
    said = _said(examine_engines())
    assert "owns tables" in said
    assert "name the same role" in said


@pytest.mark.django_db(databases=["default", "owner"])
def test_two_databases_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, "NAME", "postgres")
    assert "different databases" in _said(examine_engines())


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_missing_migration_is_a_problem() -> None:
    with psycopg.connect(**connections["owner"].get_connection_params()) as owner:
        owner.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    try:
        assert "1 migrations are not applied" in _said(examine_engines())
    finally:
        with psycopg.connect(**connections["owner"].get_connection_params()) as owner:
            owner.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('sessions', '0001_initial', '2026-01-01Z')"
            )


@pytest.mark.django_db(databases=["default", "owner"])
def test_silent_redis_is_a_problem(settings: Any) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert "Redis does not answer" in _said(examine_engines())


def test_silent_database_is_a_problem_and_ends_the_command_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, "HOST", "/nowhere")
    with pytest.raises(CommandError):
        call_command("doctor")
    assert "PostgreSQL does not answer" in capsys.readouterr().out


def test_vendor_that_cannot_be_reached_is_named(settings: Any) -> None:
    settings.QUICKBOOKS_API_URL = "http://127.0.0.1:1"
    settings.INTUIT_DISCOVERY_URL = settings.STRIPE_API_URL = settings.QUICKBOOKS_API_URL
    settings.STRIPE_CONNECT_URL = settings.QUICKBOOKS_API_URL
    assert "127.0.0.1:1 (QUICKBOOKS_API_URL) cannot be reached" in _said(list(examine_vendors()))
