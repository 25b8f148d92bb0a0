"""From the Connect button over Intuit's page back to the green badge."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.management import call_command
from django.db import connection as database
from django.db import connections, transaction
from django.test import Client

from integrations import gateway, sealed
from integrations.documents import LISTS
from integrations.models import (
    ApiCall,
    Connection,
    ConnectionStatus,
    Credential,
    Environment,
    SyncDue,
)
from integrations.outbound.cursor import OVERLAP
from regentra import clock
from tenants.models import AuditEntry, Route
from tenants.scope import within
from tests.integrations.connect.desk import Desk, browser_of, said, with_query
from tests.integrations.waiting import until_waiting
from tests.statements import statements

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def links(page: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', page)


def test_R_12_R_13_R_16_the_way_from_the_settings_to_connect_and_to_the_mapping(desk: Desk) -> None:
    address = "/o/northwind/settings/"
    for following in ("/o/northwind/settings/integrations/", desk.page()):
        assert following in links(desk.browser.get(address).content.decode())
        address = following
    page = desk.browser.get(desk.page()).content.decode()
    assert f'action="{desk.page("connect/")}"' in page
    assert "Connect QuickBooks</button>" in page
    assert "Sign in at Intuit with the e-mail address that owns the QuickBooks company" in page
    desk.connect()
    page = desk.browser.get(desk.page()).content.decode()
    assert desk.named("mapping/") in links(page)
    assert "Configure mapping" in page


def test_R_14_all_later_calls_are_about_the_company_that_was_chosen(desk: Desk) -> None:
    desk.company()
    chosen = desk.company()
    connection = desk.connect(chosen)
    books = gateway.open_books(desk.organization.pk, connection.id, epoch=connection.epoch)
    books.system.entries(list(LISTS))
    books.system.company()
    assert {call["realm"] for call in desk.calls("/v3/company/")} == {chosen}


def test_R_24_the_operator_switches_it_on_for_an_organization(desk: Desk) -> None:
    desk.organization.features = []
    desk.organization.save()
    assert "Connect QuickBooks</button>" not in desk.browser.get(desk.page()).content.decode()
    call_command("operator", "enable", "northwind", "quickbooks")
    assert "Connect QuickBooks</button>" in desk.browser.get(desk.page()).content.decode()


def test_L_40_only_the_shown_address_is_accepted_at_intuit(desk: Desk) -> None:
    shown = "http://testserver/integrations/quickbooks/callback/"
    assert shown in desk.browser.get(desk.page()).content.decode()
    other = with_query(desk.press_connect(), redirect_uri="http://testserver/elsewhere/")
    answer = requests.get(other, timeout=10)
    assert answer.status_code == 400
    assert "redirect_uri" in answer.text


def test_K_12_K_14_L_42_connect_leads_to_intuits_page_with_scope_and_state(desk: Desk) -> None:
    asked = parse_qs(urlsplit(desk.press_connect()).query)
    assert asked["scope"] == ["com.intuit.quickbooks.accounting"]
    assert asked["redirect_uri"] == ["http://testserver/integrations/quickbooks/callback/"]
    assert len(asked["state"][0]) >= 43


def test_R_15_K_13_K_15_L_43_L_44_L_45_L_46_L_47_L_48_after_consent_the_page_shows_the_company(
    desk: Desk,
) -> None:
    realm = desk.company(name="Northwind Books")
    answer = desk.come_back(desk.consent(desk.press_connect(), realm))
    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["Location"] == desk.named()
    page = desk.browser.get(desk.page()).content.decode()
    assert "QuickBooks connected: Northwind Books." in page
    assert 'class="pill tone-green"' in page
    for shown in (
        "Connected",
        "Northwind Books",
        realm,
        "Sandbox",
        "by Alice",
        "Reconnect QuickBooks",
        "Disconnect QuickBooks",
    ):
        assert shown in page
    assert "Connect QuickBooks</button>" not in page.replace("Reconnect QuickBooks", "")


@pytest.mark.parametrize("environment", ["sandbox", "production"])
def test_K_35_K_36_the_environment_is_where_the_token_is_let_in(
    desk: Desk, environment: str
) -> None:
    assert desk.connect(environment=environment).environment == Environment(environment)


def test_connecting_stores_settings_route_calls_and_an_audit_line(desk: Desk) -> None:
    realm = desk.company()
    connection = desk.connect(realm)
    route = Route.objects.get(kind="quickbooks_company")
    assert (route.key_hash, route.object_id) == (Route.hash_of(realm), connection.id)
    assert SyncDue.objects.filter(connection_id=connection.id, sweep_due_at__isnull=False).exists()
    with within(desk.organization):
        assert connection.company_settings().currency == "USD"
        assert sealed.read(connection, "account") == realm
        calls = list(ApiCall.objects.filter(connection=connection))
        line = AuditEntry.objects.get(action="quickbooks.connected")
    assert line.actor_id == desk.alice.pk
    assert calls
    assert not [call for call in calls if realm in call.path]


def test_what_is_stored_holds_neither_tokens_nor_the_company_id(desk: Desk) -> None:
    realm = desk.company()
    connection = desk.connect(realm)
    with within(desk.organization):
        credential = Credential.objects.get(connection=connection)
        tokens = [sealed.read(credential, name) for name in ("access", "refresh")]
    stored = " ".join(
        str(value) for row in (connection, credential) for value in row.__dict__.values()
    )
    assert all(token and token not in stored for token in [*tokens, realm])


def test_no_page_of_the_settings_shows_a_token(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    connection = desk.connect()
    with within(desk.organization):
        credential = Credential.objects.get(connection=connection)
        secrets = [sealed.read(credential, "access"), sealed.read(credential, "refresh")]
    pages = [
        desk.browser.get(desk.page(name)).content.decode()
        for name in ("", "mapping/", "disconnect/")
    ]
    for secret in secrets:
        assert not any(secret in page for page in pages)
        assert secret not in caplog.text


def test_reconnecting_the_same_company_keeps_its_row_and_starts_a_new_epoch(desk: Desk) -> None:
    realm = desk.company()
    first = desk.connect(realm)
    again = desk.connect(realm)
    assert (again.id, again.epoch, again.held) == (first.id, first.epoch + 1, False)
    assert desk.stored() == (1, 1)


def test_reconnecting_before_anybody_has_looked_leaves_nothing_out_of_the_first_look(
    desk: Desk,
) -> None:
    """As after a restore of a backup that is older than the first look."""
    realm = desk.company()
    first = desk.connect(realm)
    assert first.changes_since is None
    with clock.frozen(clock.now() + timedelta(minutes=20)):
        again = desk.connect(realm)
    assert again.connected_at > first.connected_at
    assert again.changes_since == first.connected_at - OVERLAP
    with within(desk.organization):
        Connection.objects.update(changes_since=clock.now())
        looked_at = Connection.objects.get().changes_since
    assert desk.connect(realm).changes_since == looked_at, "the cursor stays where it was"


def test_K_33_disconnect_deletes_the_tokens_revokes_them_and_keeps_the_row(desk: Desk) -> None:
    first = desk.connect()
    answer = desk.browser.post(desk.named("disconnect/"))
    assert said(answer)[-1] == "QuickBooks is disconnected."
    assert desk.stored() == (1, 0)
    assert not Route.objects.exists()
    with within(desk.organization):
        first.refresh_from_db()
    assert (first.status, first.epoch) == (ConnectionStatus.DISCONNECTED, 2)
    assert [call["status"] for call in desk.calls("/tokens/revoke")] == [200]
    page = desk.browser.get(desk.page()).content.decode()
    assert "Connect QuickBooks</button>" in page
    assert "was disconnected" in page


def test_disconnect_says_before_what_will_happen(desk: Desk) -> None:
    desk.connect(name="Northwind Books")
    page = desk.browser.get(desk.page("disconnect/")).content.decode()
    assert "Disconnect Northwind Books?" in page
    assert "keys to the company are deleted at once" in page
    assert desk.stored() == (1, 1)


def test_disconnect_deletes_the_tokens_even_when_intuit_is_away(desk: Desk) -> None:
    desk.connect()
    desk.trouble("status", path="tokens/revoke", times=None)
    answer = desk.browser.post(desk.named("disconnect/"))
    assert "could not be told" in said(answer)[-1]
    assert desk.stored() == (1, 0)


def test_returning_to_the_former_company_revives_its_row(desk: Desk) -> None:
    realm = desk.company()
    first = desk.connect(realm)
    desk.browser.post(desk.named("disconnect/"))
    again = desk.connect(realm)
    assert (again.id, again.epoch, again.held) == (first.id, 3, False)


def test_K_37_the_real_company_after_a_test_one_is_held_until_an_admin_confirms_it(
    desk: Desk,
) -> None:
    desk.connect(environment="sandbox")
    desk.browser.post(desk.named("disconnect/"))
    real = desk.connect(name="Other Books", environment="production")
    assert (real.environment, real.held) == ("production", True)
    page = desk.browser.get(desk.page()).content.decode()
    assert "Production" in page
    assert "Use Other Books from now on" in page
    desk.browser.post(desk.named("use-company/"))
    assert not desk.live().held


def test_choosing_another_company_at_intuit_ends_the_connection_of_the_first(desk: Desk) -> None:
    first = desk.connect()
    second = desk.connect()
    with within(desk.organization):
        first.refresh_from_db()
    assert (first.status, second.held, second.id == first.id) == ("disconnected", True, False)
    assert desk.stored() == (2, 1)
    assert Route.objects.count() == 1
    assert len(desk.calls("/tokens/revoke")) == 1


def test_returning_to_a_company_that_another_one_had_replaced_is_held_like_a_new_one(
    desk: Desk,
) -> None:
    realm = desk.company()
    first = desk.connect(realm)
    desk.connect()
    desk.browser.post(desk.named("use-company/"))
    again = desk.connect(realm)
    assert (again.id, again.held) == (first.id, True)


def test_a_held_company_stays_held_when_it_is_reconnected(desk: Desk) -> None:
    desk.connect()
    realm = desk.company()
    desk.connect(realm)
    desk.browser.post(desk.named("disconnect/"))
    assert desk.connect(realm).held


def test_K_11_the_short_address_leads_to_the_integrations(desk: Desk) -> None:
    answer = desk.browser.get("/kz-admin/integrations/")
    assert answer.headers["Location"] == "/o/northwind/settings/integrations/"
    assert "Not connected" in desk.browser.get(answer.headers["Location"]).content.decode()


def test_reconnecting_locks_in_the_order_of_a_renewal(desk: Desk) -> None:
    realm = desk.company()
    desk.connect(realm)
    with statements() as seen:
        desk.connect(realm)
    locking = [sql for sql in seen if "FOR UPDATE" in sql]
    tables = [sql.split(" FROM ")[1].split()[0].strip('"') for sql in locking]
    assert tables[:3] == [
        "integrations_credential",
        "integrations_syncdue",
        "integrations_connection",
    ]


@contextmanager
def renewal() -> Iterator[None]:
    """Somebody renews the access and takes longer than anybody waits."""
    with database.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    try:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as other:
            other.execute("LOCK TABLE integrations_credential IN EXCLUSIVE MODE")
            yield
    finally:
        with database.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def test_reconnecting_while_the_access_is_renewed_is_refused_with_a_sentence(desk: Desk) -> None:
    realm = desk.company()
    desk.connect(realm)
    back = desk.consent(desk.press_connect(), realm)
    with renewal():
        answer = desk.come_back(back)
    assert "at this moment" in said(answer)[-1]


def test_disconnecting_while_the_access_is_renewed_is_refused_with_a_sentence(desk: Desk) -> None:
    desk.connect()
    address = desk.named("disconnect/")
    with renewal():
        answer = desk.browser.post(address)
    assert said(answer)[-1] == (
        "Regentra is speaking to QuickBooks for this company at this moment. "
        "Nothing was disconnected; press Disconnect again in a minute."
    )
    assert desk.stored() == (1, 1)
    assert desk.live().status == ConnectionStatus.CONNECTED


def test_disconnecting_twice_at_once_is_one_and_neither_reads_that_intuit_was_not_told(
    desk: Desk,
) -> None:
    desk.connect()
    address = desk.named("disconnect/")

    def press(browser: Client) -> str:
        try:
            return said(browser.post(address))[-1]
        finally:
            connections.close_all()

    browsers = [browser_of(desk.alice) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        with within(desk.organization):
            list(Credential.objects.select_for_update())
            pressed = [threads.submit(press, browser) for browser in browsers]
            until_waiting(2)
        words = [one.result() for one in pressed]
    assert words == ["QuickBooks is disconnected."] * 2
    assert len(desk.calls("/tokens/revoke")) == 1
    with within(desk.organization):
        assert AuditEntry.objects.filter(action="quickbooks.disconnected").count() == 1


@pytest.mark.parametrize("same", [False, True])
def test_two_who_connect_for_the_first_time_at_once_leave_no_consent_that_nobody_needs(
    desk: Desk, same: bool
) -> None:
    realms = [desk.company()] * 2 if same else [desk.company(), desk.company()]
    browsers = [browser_of(desk.alice) for _ in realms]
    pairs = zip(browsers, realms, strict=True)
    backs = [desk.consent(desk.press_connect(browser), realm) for browser, realm in pairs]

    def come_back(browser: Client, back: str) -> str:
        try:
            return said(desk.come_back(back, browser))[-1]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as other:
            other.execute("LOCK TABLE integrations_connection IN EXCLUSIVE MODE")
            pairs = zip(browsers, backs, strict=True)
            coming = [threads.submit(come_back, *pair) for pair in pairs]
            until_waiting(2)
        words = sorted(one.result() for one in coming)
    assert words[0].startswith("A company was connected just now by somebody else.")
    assert words[1].startswith("QuickBooks connected: ")
    assert desk.stored() == (1, 1)
    assert len(desk.calls("/tokens/revoke")) == (0 if same else 1)
