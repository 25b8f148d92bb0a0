"""Rows about an Intuit app of the organization's own: its keys, its connection, its webhooks, its allowance."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core import mail
from django.core.management import call_command
from django.test import Client

from integrations import sealed
from integrations.checkup import check_up
from integrations.governor import reads
from integrations.models import IntuitApp, Notification, own_app
from regentra import clock
from sandbox.apps import App
from tenants.models import AuditEntry, Role, Route
from tests import factories
from tests.features import own_app as own
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World
from tests.webhooks.post import body, event, signed
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

NEW = f"new:{base64.b64encode(b'n' * 32).decode()}"


@pytest.fixture
def app(unconnected: World) -> App:
    return own.registered(unconnected)


@pytest.fixture
def brought(unconnected: World, alice: Visitor, app: App) -> World:
    """Alice's organization, connected through its own app."""
    own.bring(unconnected, alice, app)
    steps.connect(unconnected, alice, custom_numbers=True, environment="production")
    _sell_something(unconnected)
    unconnected.forget_calls()
    return unconnected


def _sell_something(world: World) -> None:
    (income,) = [one for one in world.held("Account") if one["Name"] == "Services"]
    account = {"value": income["Id"]}
    world.bookkeeper("Item", {"Name": "IT", "Type": "Service", "IncomeAccountRef": account})
    world.later(minutes=60)
    world.work()


@pytest.fixture
def platform(unconnected: World, intuit: dict[str, str]) -> App:
    """The app of the installation."""
    return unconnected.box.core.apps[intuit["client_id"]]


def callers(world: World, *apps: App) -> set[str]:
    """Which of these apps have called this company."""
    entries = world.control("GET", f"journal?realm={world.realm}")
    theirs = {one["client_id"] for one in entries if "/v3/company/" in one["path"]}
    return theirs & {app.client_id for app in apps}


def neighbour(world: World, platform: App) -> World:
    """Charlie's organization, connected through the platform's app."""
    contoso = factories.organization(features=["quickbooks"])
    charlie = factories.member(contoso, "charlie@example.com", Role.OWNER)
    other = World(world.box, platform.client_id, platform.verifier, contoso, charlie)
    other.connect(custom_numbers=True)
    other.work()
    return other


def test_C_10_L_29_L_83_each_organization_speaks_through_the_app_it_chose(
    brought: World, alice: Visitor, app: App, platform: App
) -> None:
    other = neighbour(brought, platform)
    brought.customer()
    steps.generate(alice)
    brought.work()
    assert len(brought.held("Invoice")) == 1
    assert callers(brought, app, platform) == {app.client_id}
    assert callers(other, app, platform) == {platform.client_id}


def test_L_27_L_36_L_38_L_39_L_41_L_77_connect_waits_until_both_keys_are_saved(
    unconnected: World, alice: Visitor, app: App
) -> None:
    page = own.choose_own(alice)
    assert "Credentials missing" in page.region("App credentials")
    assert _is_disabled(page) and "Save the client ID and the client secret first" in page.text
    page = own.save(alice, client_id=app.client_id)
    assert "both needed to connect" in page.text and _is_disabled(page)
    page = own.save(alice, client_secret=app.client_secret)
    card = page.region("App credentials")
    assert "Credentials Ready" in card
    assert "Client ID •••••••• stored" in card and "Client secret •••••••• stored" in card
    assert not _is_disabled(page)
    assert "Connected" in steps.connect(unconnected, alice).text


def test_L_41_connect_by_hand_without_keys_leads_back_with_a_sentence(
    unconnected: World, alice: Visitor
) -> None:
    own.choose_own(alice)
    answer = by_hand(unconnected).post(f"{_path(unconnected)}connect/", follow=True)
    assert "Save the client ID and client secret first." in answer.content.decode()


def by_hand(world: World) -> Client:
    """Alice with a program instead of a browser."""
    client = Client()
    client.force_login(world.owner)
    return client


def _path(world: World) -> str:
    return f"/o/{world.organization.slug}/{steps.QUICKBOOKS_PAGE}"


def _is_disabled(page: Any) -> bool:
    button = page.form("Connect QuickBooks").button("Connect QuickBooks")
    return bool(button.has("disabled"))


def test_L_37_keys_are_sealed_and_no_page_gives_them_back(
    brought: World, alice: Visitor, app: App
) -> None:
    keys = [app.client_secret, app.verifier, app.client_id]
    names = ("", "mapping/", "disconnect/", "credentials/remove/")
    pages = [alice.go(steps.QUICKBOOKS_PAGE + name) for name in names]
    pages += [alice.go("settings/integrations/"), alice.go(own.RULES_PAGE)]
    assert not [page.address for page in pages for key in keys if key in page.html]
    with brought.inside():
        row = IntuitApp.objects.values().get()
        lines = [str(entry.detail) for entry in AuditEntry.objects.all()]
    assert not [key for key in keys for text in (str(row), *lines) if key in text]


def test_L_37_wrong_key_is_refused_and_not_repeated(unconnected: World, alice: Visitor) -> None:
    own.choose_own(alice)
    page = own.save(alice, client_id="AB 12", client_secret="kept apart")
    assert "Nothing was saved. The Client ID holds a space" in page.text
    assert "AB 12" not in page.html and "kept apart" not in page.html
    with unconnected.inside():
        assert own_app() is None


def test_L_28_L_33_L_34_card_shows_the_address_and_the_scope_that_intuit_is_given(
    unconnected: World, alice: Visitor, app: App
) -> None:
    own.bring(unconnected, alice, app)
    card = alice.page.region("App credentials")
    asked = parse_qs(urlsplit(steps.press_connect(alice).address).query)
    assert asked["client_id"] == [app.client_id]
    assert asked["redirect_uri"][0] in card and asked["scope"][0] in card
    assert asked["scope"] == ["com.intuit.quickbooks.accounting"]


def test_L_78_intuit_shows_its_error_for_another_address_and_the_page_says_what_to_do(
    unconnected: World, alice: Visitor
) -> None:
    own.bring(unconnected, alice, own.registered(unconnected, redirect_uris=["https://else/"]))
    assert "Register exactly the redirect URI" in alice.page.text
    answer = by_hand(unconnected).post(f"{_path(unconnected)}connect/")
    assert requests.get(answer.headers["Location"], timeout=10).status_code == 400
    assert unconnected.connections == []


def test_L_30_L_84_L_86_rules_and_card_say_what_to_do_before_connecting(
    unconnected: World, alice: Visitor, app: App
) -> None:
    assert "Recommended. You register an app at Intuit" in alice.go(own.RULES_PAGE).text
    page = own.choose_own(alice)
    assert "development keys open sandbox companies, production keys real ones" in page.text
    assert "Looked after by" not in page.text
    page = own.save(alice, client_id=app.client_id, kept_by="Bob, IT operations")
    assert "Looked after by Bob, IT operations" in page.region("App credentials")


def test_L_32_L_31_page_has_its_own_area_for_each_concern(brought: World, alice: Visitor) -> None:
    alice.go("settings/integrations/")
    assert "QuickBooks Online" in alice.page.region("Accounting")
    page = alice.follow("Configure Integration")
    assert page.region("App credentials") and page.region("Sync health") and page.region("Mapping")
    assert "Company ID (realm id)" in page.region(brought.connection.company_name)


def test_L_71_L_72_disconnect_keeps_the_keys_and_one_click_connects_again(
    brought: World, alice: Visitor, app: App
) -> None:
    alice.follow("Disconnect QuickBooks")
    assert "Credentials Ready" in alice.press("Disconnect QuickBooks").text
    assert live_grants(brought, app) == []
    alice.press("Connect QuickBooks")
    alice.press("Connect", {"realm": brought.realm})
    assert "Connected" in alice.page.text
    assert live_grants(brought, app) == [app.client_id]


def live_grants(world: World, *apps: App) -> list[str]:
    """Which of these apps Intuit lets into the company."""
    found = world.box.core.store.all(
        "SELECT DISTINCT client_id FROM grants WHERE realm=? AND live=1", int(world.realm)
    )
    ours = {app.client_id for app in apps}
    return [one for (one,) in found if one in ours]


def test_L_29_tokens_are_renewed_by_the_app_they_were_given_to(
    brought: World, alice: Visitor
) -> None:
    brought.customer()
    brought.trouble("expired_token")
    number = steps.generate(alice)
    brought.work()
    calls = [one for one in brought.control("GET", "journal") if one["path"] == own.BEARER]
    assert {one["client_id"] for one in calls} == {brought.client_id}
    assert [one["DocNumber"] for one in brought.held("Invoice")] == [number]


def test_L_29_rule_changed_while_connected_holds_from_the_next_reconnect(
    brought: World, alice: Visitor, app: App, platform: App
) -> None:
    alice.go(own.RULES_PAGE)
    alice.press("Save", {"oauth_app": "platform"})
    brought.customer()
    steps.generate(alice)
    brought.work()
    assert len(brought.held("Invoice")) == 1
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Reconnect QuickBooks")
    alice.press("Connect", {"realm": brought.realm})
    assert live_grants(brought, app, platform) == [platform.client_id]


def test_L_86_secret_is_rotated_while_connected_and_another_app_is_refused(
    brought: World, alice: Visitor, app: App
) -> None:
    alice.go(steps.QUICKBOOKS_PAGE)
    page = own.save(alice, client_id="AB-another")
    assert "Nothing was saved." in page.text and "Disconnect it first" in page.text
    app.client_secret = "rotated-at-intuit"
    brought.box.core.add_app(app)
    own.save(alice, client_id=app.client_id, client_secret=app.client_secret)
    brought.trouble("expired_token")
    brought.customer()
    steps.generate(alice)
    brought.work()
    assert len(brought.held("Invoice")) == 1


def rotated(world: World, app: App, secret: str = "rotated-at-intuit") -> None:
    """At Intuit; nobody has said so here."""
    app.client_secret = secret
    world.box.core.add_app(app)


def test_L_86_secret_that_was_rotated_at_intuit_alone_is_told_once_until_it_is_saved(
    brought: World, alice: Visitor, app: App
) -> None:
    rotated(brought, app)
    brought.customer()
    number = steps.generate(alice)
    start = clock.now()
    for hour in (2, 3, 4, 5):
        brought.control("POST", "clock", {"advance": 3600})
        with clock.frozen(start + timedelta(hours=hour)):
            brought.work()
            check_up(brought.organization.id)
    assert len(mail.outbox) == 1
    assert "Save the new client secret on the QuickBooks page." in mail.outbox[0].body
    with clock.frozen(start + timedelta(hours=5, minutes=1)):
        again = Visitor(brought.organization, brought.owner)
        assert "Intuit does not accept the client ID" in again.go(steps.QUICKBOOKS_PAGE).text
        own.save(again, client_secret=app.client_secret)
        brought.work()
        assert [one["DocNumber"] for one in brought.held("Invoice")] == [number]
        brought.later(minutes=20)
        brought.work()
        check_up(brought.organization.id)
    with brought.inside():
        assert not Notification.objects.filter(closed_at=None).exists()


def test_L_86_secret_that_was_rotated_while_documents_go_parks_none_of_them(
    brought: World, alice: Visitor, app: App
) -> None:
    brought.linked_customer()
    rotated(brought, app)
    brought.trouble("expired_token", times=None)
    number = steps.generate(alice)
    brought.work()
    assert steps.open_invoice(alice, number).offers("Try again") is False
    brought.calm()
    alice.go(steps.QUICKBOOKS_PAGE)
    own.save(alice, client_secret=app.client_secret)
    brought.work()
    assert [one["DocNumber"] for one in brought.held("Invoice")] == [number]


def test_L_71_keys_in_use_are_not_removed_and_unused_ones_are_with_their_address(
    brought: World, alice: Visitor
) -> None:
    address = own.webhook_address(brought, alice)
    page = alice.follow("Remove credentials")
    assert "Disconnect it first" in page.text and not page.offers("Remove credentials")
    by_hand(brought).post(f"{_path(brought)}credentials/remove/")
    with brought.inside():
        assert own_app() is not None
    brought.disconnect()
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Remove credentials")
    assert "The QuickBooks credentials are removed." in alice.press("Remove credentials").text
    with brought.inside():
        assert own_app() is None
    assert Client().post(own.path_of(address), b"[]", "application/json").status_code == 404


def test_L_83_changes_arrive_at_the_address_of_the_own_app(
    brought: World, alice: Visitor, client: Client
) -> None:
    brought.customer()
    number = steps.generate(alice)
    brought.work()
    own.deliver(brought, client)
    brought.pays(steps.invoice(brought, number), "100.00")
    assert own.deliver(brought, client) == [200]
    brought.later(seconds=steps.HASTE)
    brought.work()
    assert "Paid" in steps.open_invoice(alice, number).text


def test_X_82_forged_and_foreign_posts_to_an_own_address_store_nothing(
    brought: World, alice: Visitor, client: Client, app: App, platform: App
) -> None:
    path = own.path_of(own.webhook_address(brought, alice))
    raw = body(event(intuitaccountid=brought.realm))
    assert _post(client, path[:-5] + "XXXX/", raw, app.verifier) == 404
    assert _post(client, path, raw, "another verifier") == 400
    assert _post(client, path, raw, platform.verifier) == 400
    assert _post(client, "/webhooks/quickbooks/", raw, app.verifier) == 400
    assert not Delivery.objects.exists()


def test_X_82_own_app_speaks_of_no_company_of_another_organization(
    brought: World, alice: Visitor, client: Client, app: App, platform: App
) -> None:
    other = neighbour(brought, platform)
    path = own.path_of(own.webhook_address(brought, alice))
    accounts = (other.realm, "", "9130350000000002", brought.realm)
    raw = body(*(event(intuitaccountid=account) for account in accounts))
    assert _post(client, path, raw, app.verifier) == 200
    assert [one.organization_id for one in Delivery.objects.all()] == [brought.organization.pk]


def _post(client: Client, path: str, raw: bytes, verifier: str) -> int:
    headers = {"intuit-signature": signed(raw, verifier)}
    return client.post(path, raw, content_type="application/json", headers=headers).status_code


def test_L_38_without_a_verifier_the_card_says_so_and_nothing_is_believed(
    unconnected: World, alice: Visitor, app: App, client: Client
) -> None:
    own.choose_own(alice)
    own.save(alice, client_id=app.client_id, client_secret=app.client_secret)
    steps.connect(unconnected, alice)
    card = alice.go(steps.QUICKBOOKS_PAGE).region("App credentials")
    assert "changes in QuickBooks arrive by the regular look only" in card
    path = own.path_of(own.webhook_address(unconnected, alice))
    assert _post(client, path, body(event(intuitaccountid=unconnected.realm)), "") == 400
    assert not Delivery.objects.exists()


def test_C_10_reads_of_an_own_app_count_in_an_allowance_of_their_own(
    brought: World, alice: Visitor, settings: Any
) -> None:
    named = Route.hash_of(brought.client_id)
    assert reads.now().used == 0
    assert reads.now(named).used > 0
    settings.INTUIT_MONTHLY_READS = 1
    assert "metered calls to QuickBooks are used up" not in alice.go(steps.QUICKBOOKS_PAGE).text
    settings.INTUIT_OWN_APP_MONTHLY_READS = 1
    assert "metered calls to QuickBooks are used up" in alice.go(steps.QUICKBOOKS_PAGE).text


def test_rotation_of_the_key_ring_covers_the_keys_of_own_apps(
    brought: World, alice: Visitor, app: App, settings: Any
) -> None:
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    call_command("rotate_keys")
    settings.ENCRYPTION_KEYS = [NEW]
    with brought.inside():
        row = own_app()
        assert row is not None
        assert sealed.read(row, "client_secret") == app.client_secret
    brought.customer()
    steps.generate(alice)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        brought.work()
    assert len(brought.held("Invoice")) == 1


def test_C_10_keys_that_are_removed_while_somebody_is_at_intuit_are_what_is_said(
    unconnected: World, alice: Visitor, app: App
) -> None:
    own.bring(unconnected, alice, app)
    realm = unconnected.new_company()
    alice.go(steps.QUICKBOOKS_PAGE)
    intuits_page = alice.press("Connect QuickBooks").loaded()
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Remove credentials")
    alice.press("Remove credentials")
    alice.page = intuits_page
    page = alice.press("Connect", {"realm": realm})
    assert "The keys of the Intuit app were removed meanwhile" in page.text
    assert "Only an owner or admin" not in page.text
