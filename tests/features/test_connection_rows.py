"""Rows about the connection, from its pages: what they show, what ends it, how it goes on."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import dateformat

from integrations import sealed
from integrations.models import Credential
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def test_A_19_L_28_L_33_page_shows_the_very_address_that_intuit_is_given(
    unconnected: World, alice: Visitor
) -> None:
    alice.go("settings/integrations/")
    shown = alice.follow("QuickBooks Online").text
    asked = parse_qs(urlsplit(alice.press("Connect QuickBooks").address).query)
    (address,) = asked["redirect_uri"]
    assert f"You come back to {address}" in shown


@pytest.mark.parametrize("environment", ["sandbox", "production"])
def test_K_30_K_35_K_36_L_35_L_49_L_51_page_shows_where_it_is_connected_and_how_long_it_lasts(
    unconnected: World, alice: Visitor, environment: str
) -> None:
    steps.connect(unconnected, alice, environment=environment, name="Northwind Books")
    shown = alice.again().region("Northwind Books")
    assert f"Environment {environment.title()}" in shown
    assert re.search(r"Access token expires in (1 hour|\d+ min)", shown)
    with unconnected.inside():
        credential = Credential.objects.get()
    assert credential.refresh_expires_at - credential.refreshed_at >= timedelta(days=100)
    ends = dateformat.format(credential.refresh_expires_at, "M j, Y")
    assert f"Consent lasts until {ends} and is extended by use" in shown
    assert "Last round " in alice.page.region("Sync health")


def test_X_27_company_with_another_home_currency_is_refused_in_a_sentence(
    unconnected: World, alice: Visitor
) -> None:
    page = steps.connect(unconnected, alice, country="CA", name="Maple Books")
    assert "Maple Books keeps its books in CAD" in page.text
    assert "Not connected" in page.text
    assert unconnected.connections == []


def test_L_72_L_73_L_74_L_75_L_80_X_94_revoked_access_pauses_all_and_one_click_resumes_it(
    world: World, alice: Visitor
) -> None:
    world.customer()
    world.trouble("revoked_token")
    number = steps.generate(alice)
    world.work()
    assert "Reconnect needed" in alice.go(steps.QUICKBOOKS_PAGE).text
    assert "nothing that was owed is lost" in alice.page.text
    assert "Needs QuickBooks reconnected" in steps.open_invoice(alice, number).text
    world.forget_calls()
    world.later(minutes=60)
    world.work()
    assert world.journal() == []
    alice.follow("Reconnect QuickBooks")
    alice.press("Reconnect QuickBooks")
    alice.press("Connect", {"realm": world.realm})
    assert "Connected" in alice.page.text
    world.work()
    assert [one["DocNumber"] for one in world.held("Invoice")] == [number]


def test_L_71_disconnected_company_is_connected_again_without_any_credentials_typed(
    world: World, alice: Visitor
) -> None:
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Disconnect QuickBooks")
    assert "Not connected" in alice.press("Disconnect QuickBooks").text
    with world.inside():
        assert not Credential.objects.exists()
    assert "Reconnect QuickBooks" in steps.connect(world, alice).text


def test_L_37_no_page_gives_a_secret_back(world: World, alice: Visitor, settings: object) -> None:
    world.customer()
    steps.generate(alice)
    world.work()
    with world.inside():
        credential = Credential.objects.get()
        secrets = [sealed.read(credential, name) for name in ("access", "refresh")]
    secrets += [settings.INTUIT_CLIENT_SECRET, settings.INTUIT_WEBHOOK_VERIFIER]  # type: ignore[attr-defined]
    here = alice.page.address
    pages = [alice.go(steps.QUICKBOOKS_PAGE + name) for name in ("", "mapping/", "disconnect/")]
    pages += [alice.open(here), alice.go("exceptions/"), alice.go("settings/integrations/")]
    assert all(secrets)
    assert not [page.address for page in pages for secret in secrets if secret in page.html]
