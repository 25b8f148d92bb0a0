"""What the operator does at the command line."""

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tenants.models import AuditEntry, Membership, Organization, Role, User
from tenants.scope import within
from tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"


def operator(*words: str) -> str:
    out = io.StringIO()
    call_command("operator", *words, stdout=out)
    return out.getvalue()


def create(slug: str = "northwind", **options: str) -> str:
    given = {"name": "Northwind", "owner": "alice@example.com", **options}
    return operator(
        "create-organization", slug, *(f"--{name}={value}" for name, value in given.items())
    )


def test_a_new_organization_has_an_owner_who_sets_a_password_by_a_link() -> None:
    said = create()
    alice = User.objects.get(email="alice@example.com")
    assert Membership.objects.get(user=alice).role == Role.OWNER
    assert not alice.has_usable_password()
    address = re.search(r"http://testserver(\S+)", said)
    assert address is not None
    browser = Client()
    form = browser.get(address[1], follow=True)
    browser.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_the_password_may_come_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    said = operator(
        "create-organization",
        "northwind",
        "--name=N",
        "--owner=alice@example.com",
        "--password-stdin",
    )
    assert User.objects.get().check_password(PASSWORD)
    assert PASSWORD not in said
    assert "http" not in said


def test_a_weak_password_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError, match="too short"):
        operator(
            "create-organization",
            "northwind",
            "--name=N",
            "--owner=alice@example.com",
            "--password-stdin",
        )
    assert not User.objects.exists()
    assert not Organization.objects.exists()


def test_somebody_who_has_an_account_keeps_it_and_owns_only_when_that_is_said() -> None:
    factories.user("Alice@example.com")
    with pytest.raises(CommandError, match="--existing-user"):
        create()
    assert not Organization.objects.exists()
    words = ("--name=N", "--owner=alice@example.com", "--existing-user")
    said = operator("create-organization", "northwind", *words)
    assert User.objects.count() == 1
    assert "Set a password" not in said


def test_an_existing_user_must_exist() -> None:
    words = ("--name=N", "--owner=alice@example.com", "--existing-user")
    with pytest.raises(CommandError, match="has no account"):
        operator("create-organization", "northwind", *words)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"slug": "not a slug"}, "slug"),
        ({"owner": "nobody"}, "valid email"),
        ({"timezone": "Mars/Olympus"}, "no time zone"),
        ({"currency": "DOLLARS"}, "currency: .*at most 3"),
        ({"currency": "ZZZ"}, "no currency 'ZZZ'"),
        ({"country": "UK"}, "no country 'UK'"),
        ({"name": "F\0"}, "Null characters are not allowed"),
        ({"owner-name": "n" * 201}, "name: .*at most 200"),
        ({"owner": "f" * 60 + "@" + ".".join(["e" * 60] * 4) + ".com"}, "email: .*at most 254"),
    ],
)
def test_what_makes_no_sense_is_refused_and_makes_nothing(
    options: dict[str, Any], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        create(**options)
    assert not Organization.objects.exists()
    assert not User.objects.exists()


def test_an_edition_that_is_too_long_is_refused() -> None:
    create()
    with pytest.raises(CommandError, match=r"edition: .*at most 40"):
        operator("edition", "northwind", "E" * 41)
    assert Organization.objects.get().edition == ""


def test_a_slug_that_is_taken_is_refused() -> None:
    create()
    with pytest.raises(CommandError, match="already exists"):
        create(owner="bob@example.com")


def test_a_feature_is_switched_on_and_off_and_written_down() -> None:
    create()
    operator("enable", "northwind", "quickbooks")
    operator("enable", "northwind", "quickbooks")
    organization = Organization.objects.get()
    assert organization.features == ["quickbooks"]
    operator("disable", "northwind", "quickbooks")
    organization.refresh_from_db()
    assert organization.features == []
    with within(organization):
        assert AuditEntry.objects.filter(action="organization.feature_enabled").count() == 2


def test_a_feature_of_nobody_is_refused() -> None:
    with pytest.raises(CommandError, match="no organization"):
        operator("enable", "nobody", "quickbooks")


def test_the_list_says_what_is_on_and_what_is_connected() -> None:
    create()
    operator("enable", "northwind", "quickbooks")
    assert operator("list") == "northwind  Northwind  USD  quickbooks  not connected\n"
