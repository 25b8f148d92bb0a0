"""Rows about secrets at rest whose encryption key is lost: the pages open, and who presses Reconnect goes on (X-89)."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from integrations import checkup
from integrations.models import ConnectionStatus, NoticeKind, Notification, SyncDue
from regentra import clock
from regentra.doctor.secrets import examine_sealed
from tests.features import own_app as own
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

NEW = f"new:{base64.b64encode(b'n' * 32).decode()}"

Lose = Callable[[], None]


@pytest.fixture
def lose_the_key(settings: Any) -> Lose:
    """From then on another key alone is in the ring."""

    def lose() -> None:
        settings.ENCRYPTION_KEYS = [NEW]

    return lose


def reconnect(world: World, alice: Visitor) -> None:
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Reconnect QuickBooks")
    alice.press("Connect", {"realm": world.realm})
    assert "Connected" in alice.page.text


def test_X_89_pages_open_once_a_key_is_lost(
    world: World, alice: Visitor, lose_the_key: Lose
) -> None:
    world.customer()
    number = steps.generate(alice)
    world.work()
    assert "View in QuickBooks" in steps.open_invoice(alice, number).text
    lose_the_key()
    assert "View in QuickBooks" not in steps.open_invoice(alice, number).text
    page = alice.go(steps.QUICKBOOKS_PAGE)
    assert "cannot be opened any more: press Reconnect QuickBooks" in page.text


def test_X_89_reconnect_heals_a_lost_key(world: World, alice: Visitor, lose_the_key: Lose) -> None:
    lose_the_key()
    reconnect(world, alice)
    world.customer()
    number = steps.generate(alice)
    world.work()
    assert [one["DocNumber"] for one in world.held("Invoice")] == [number]
    assert "View in QuickBooks" in steps.open_invoice(alice, number).text
    call_command("rotate_keys")


def test_X_89_lost_key_asks_for_reconnect_once_the_token_has_ended(
    world: World, alice: Visitor, lose_the_key: Lose
) -> None:
    world.customer()
    number = steps.generate(alice)
    lose_the_key()
    world.work()
    assert world.connection.is_connected, "a worker with a newer key may have renewed it just now"
    with clock.frozen(clock.now() + timedelta(hours=2)):
        world.work()
        assert world.connection.status == ConnectionStatus.NEEDS_CONSENT
        alice = Visitor(world.organization, world.owner)
        assert "Reconnect needed" in alice.go(steps.QUICKBOOKS_PAGE).text
        assert alice.page.offers("Reconnect QuickBooks")
        with world.inside():
            assert Notification.objects.filter(kind=NoticeKind.CONSENT_ENDED).exists()
        reconnect(world, alice)
        world.work()
    assert [one["DocNumber"] for one in world.held("Invoice")] == [number]


def test_X_89_key_that_is_put_back_in_time_costs_no_consent(
    world: World, alice: Visitor, lose_the_key: Lose, settings: Any
) -> None:
    ring = settings.ENCRYPTION_KEYS
    world.customer()
    number = steps.generate(alice)
    lose_the_key()
    world.work()
    settings.ENCRYPTION_KEYS = ring
    world.later(minutes=1)
    world.work()
    assert [one["DocNumber"] for one in world.held("Invoice")] == [number]


def test_X_89_idle_company_asks_for_reconnect_with_the_check_up(
    world: World, lose_the_key: Lose
) -> None:
    lose_the_key()
    with clock.frozen(clock.now() + timedelta(days=8)):
        checkup.check_up(world.organization.pk)
    assert world.connection.status == ConnectionStatus.NEEDS_CONSENT


def test_X_89_lost_key_of_the_company_id_alone_asks_for_reconnect(
    world: World, alice: Visitor, lose_the_key: Lose, settings: Any
) -> None:
    ring = settings.ENCRYPTION_KEYS
    world.customer()
    number = steps.generate(alice)
    settings.ENCRYPTION_KEYS = [NEW, *ring]
    with clock.frozen(clock.now() + timedelta(hours=2)):
        world.work()
        assert len(world.held("Invoice")) == 1
        lose_the_key()
        alice = Visitor(world.organization, world.owner)
        steps.open_invoice(alice, number)
        steps.void(alice, number)
        world.work()
    assert world.connection.status == ConnectionStatus.NEEDS_CONSENT
    assert SyncDue.objects.get().last_result == "NeedsConsent"


def test_X_89_keys_of_an_own_app_are_entered_again(
    unconnected: World, alice: Visitor, client: Client, lose_the_key: Lose
) -> None:
    world = unconnected
    app = own.bring(world, alice, own.registered(world))
    steps.connect(world, alice, custom_numbers=True, environment="production")
    (income,) = [one for one in world.held("Account") if one["Name"] == "Services"]
    account = {"value": income["Id"]}
    world.bookkeeper("Item", {"Name": "IT", "Type": "Service", "IncomeAccountRef": account})
    world.later(minutes=60)
    world.work()
    former = own.path_of(app.webhook_url)
    lose_the_key()
    assert client.post(former, b"[]", "application/json").status_code == 400
    card = alice.go(steps.QUICKBOOKS_PAGE).region("App credentials")
    assert "Credentials missing" in card
    assert card.count("cannot be opened any more: enter it again") == 3
    own.save(alice, client_id=app.client_id, client_secret=app.client_secret, verifier=app.verifier)
    assert "Credentials Ready" in alice.page.region("App credentials")
    address = own.webhook_address(world, alice)
    assert own.path_of(address) != former
    reconnect(world, alice)
    world.customer()
    steps.generate(alice)
    world.work()
    assert len(world.held("Invoice")) == 1
    assert own.deliver(world, client) == [200], "what is registered at Intuit is still listened to"
    call_command("rotate_keys")


def test_X_89_doctor_says_which_key_is_missing(world: World, lose_the_key: Lose) -> None:
    assert list(examine_sealed()) == []
    lose_the_key()
    (finding,) = examine_sealed()
    assert "sealed with the key test," in finding.what
    assert "Reconnect" in finding.fix


def test_X_89_doctor_says_which_key_is_another_one_of_that_name(
    world: World, settings: Any
) -> None:
    settings.ENCRYPTION_KEYS = [NEW.replace("new:", "test:")]
    (finding,) = examine_sealed()
    assert "sealed with the key test," in finding.what
