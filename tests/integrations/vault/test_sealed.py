"""Sealed columns of rows: bound to their row, found by their name, sealed anew by one command."""

import base64
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from integrations import sealed
from integrations.management.commands import rotate_keys
from integrations.models import Connection, Credential
from integrations.vault import Unsealable
from regentra import clock
from tenants.scope import within
from tests import factories
from tests.integrations.world import World
from tests.statements import statements
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

NEW = f"new:{base64.b64encode(b'n' * 32).decode()}"


def credential_of(world: World) -> Credential:
    with world.inside():
        return Credential.objects.get(connection=world.connections[-1])


def test_a_token_copied_to_the_credential_of_another_company_does_not_open(world: World) -> None:
    first = credential_of(world)
    world.connect()
    second = credential_of(world)
    second.refresh_sealed = first.refresh_sealed
    with pytest.raises(Unsealable):
        sealed.read(second, "refresh")


def test_an_access_token_does_not_open_in_the_place_of_the_refresh_token(world: World) -> None:
    credential = credential_of(world)
    credential.refresh_sealed = credential.access_sealed
    with pytest.raises(Unsealable):
        sealed.read(credential, "refresh")


def test_every_sealed_column_is_found_by_its_name() -> None:
    found = {model.__name__: sealed.columns(model) for model in sealed.sealed_models()}
    assert found == {
        "Connection": ["account"],
        "Credential": ["access", "refresh", "previous_refresh"],
        "Delivery": ["body"],
        "IntuitApp": ["client_id", "client_secret", "verifier", "webhook_token"],
    }


def unrouted(event_hash: str = "e" * 64) -> Delivery:
    delivery = Delivery(vendor="quickbooks_online", event_hash=event_hash)
    delivery.event_at = delivery.received_at
    sealed.write(delivery, "body", "who knows whose")
    delivery.save()
    return delivery


def test_rotation_seals_everything_of_every_organization_with_the_newest_key(
    world: World, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    delivery, account = unrouted(), world.realm
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    call_command("rotate_keys")
    settings.ENCRYPTION_KEYS = [NEW]
    with world.inside():
        assert sealed.read(Connection.objects.get(), "account") == account
    assert sealed.read(credential_of(world), "refresh")
    assert sealed.read(Delivery.objects.get(pk=delivery.pk), "body") == "who knows whose"
    assert "sealed anew" in capsys.readouterr().out


def test_rotation_again_changes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    before = credential_of(world).refresh_sealed
    call_command("rotate_keys")
    assert credential_of(world).refresh_sealed == before
    assert "0 secrets sealed anew" in capsys.readouterr().out


def test_rotation_costs_what_is_sealed_and_not_every_event_ever_told(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotate_keys, "BATCH", 2)
    waiting = [unrouted(f"{n:064}") for n in range(5)]
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    told = {"vendor": "quickbooks_online", "event_at": clock.now()}
    Delivery.objects.bulk_create(Delivery(event_hash=f"{n:064}", **told) for n in range(100, 400))
    call_command("rotate_keys")
    assert all(row.body_sealed.startswith("new:") for row in map(fresh, waiting))
    with statements() as seen:
        call_command("rotate_keys")
    assert len(seen) < 30


def fresh(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def test_rotation_says_what_it_could_not_open_and_does_the_rest(
    world: World, settings: Any
) -> None:
    other = factories.organization()
    with within(other):
        lost = Connection(account_hash="a" * 64, environment="sandbox", status="disconnected")
        lost.account_sealed = "gone:AAAA"
        lost.save()
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    with pytest.raises(CommandError, match=r"1 secret .*could not be opened"):
        call_command("rotate_keys")
    assert credential_of(world).refresh_sealed.startswith("new:")
