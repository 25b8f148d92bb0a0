"""Rows about what the operator decides for an organization: edition and environment; and how its last round went."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tenants.models import Role
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


@pytest.fixture
def charlie(unconnected: World) -> Visitor:
    """The owner of another organization, alike in everything."""
    contoso = factories.organization(features=["quickbooks"])
    return Visitor(contoso, factories.member(contoso, "charlie@example.com", Role.OWNER))


def test_C_20_L_01_L_08_L_24_L_76_card_is_there_only_for_the_edition_and_bears_its_badge(
    unconnected: World, alice: Visitor, charlie: Visitor, settings: Any
) -> None:
    settings.QUICKBOOKS_EDITION = "Enterprise"
    call_command("operator", "edition", unconnected.organization.slug, "Enterprise")
    card = alice.go("settings/integrations/").region("Accounting")
    assert "QuickBooks Online" in card and "Enterprise" in card
    assert "Connected" in steps.connect(unconnected, alice).text
    page = charlie.go("settings/integrations/")
    assert not page.links("QuickBooks Online") and not page.offers("Configure Integration")
    assert "belongs to the edition Enterprise" in page.text and "contact support@" in page.text
    assert "belongs to the edition Enterprise" in charlie.go(steps.QUICKBOOKS_PAGE).text
    assert "Connect QuickBooks" not in charlie.go().text


def test_C_20_without_a_gate_the_card_is_open_to_all(charlie: Visitor) -> None:
    charlie.go("settings/integrations/")
    assert charlie.follow("QuickBooks Online").offers("Connect QuickBooks")


def test_L_24_company_that_is_connected_can_still_be_ended_without_the_edition(
    world: World, alice: Visitor, settings: Any
) -> None:
    settings.QUICKBOOKS_EDITION = "Enterprise"
    assert not alice.go(steps.QUICKBOOKS_PAGE).offers("Reconnect QuickBooks")
    alice.follow("Disconnect QuickBooks")
    page = alice.press("Disconnect QuickBooks")
    assert "QuickBooks is disconnected." in page.text
    assert "belongs to the edition Enterprise" in page.text
    assert not world.connection.is_connected


@pytest.mark.parametrize(
    ("fixed", "chosen", "is_taken"),
    [
        ("production", "production", True),
        ("production", "sandbox", False),
        ("sandbox", "production", False),
        ("detected", "sandbox", True),
    ],
)
def test_C_11_L_35_only_companies_of_the_environment_that_the_operator_fixed_are_taken(
    unconnected: World, alice: Visitor, fixed: str, chosen: str, is_taken: bool
) -> None:
    call_command("operator", "environment", unconnected.organization.slug, fixed)
    card = alice.go(steps.QUICKBOOKS_PAGE).region("App credentials")
    assert (f"{fixed.title()}, fixed by the operator" in card) == (fixed != "detected")
    page = steps.connect(unconnected, alice, environment=chosen, name="Northwind Books")
    assert bool(unconnected.connections) == is_taken
    refusal = f"Northwind Books is a {chosen} company, and"
    assert (refusal in page.text) != is_taken
    if not is_taken:
        assert _live_grants(unconnected) == []


def _live_grants(world: World) -> list[Any]:
    return world.box.core.store.all(
        "SELECT 1 FROM grants WHERE realm=? AND client_id=? AND live=1",
        int(world.realm),
        world.client_id,
    )


def test_C_11_environment_of_a_connected_company_is_not_fixed_away(world: World) -> None:
    slug = world.organization.slug
    with pytest.raises(CommandError, match="Disconnect it first"):
        call_command("operator", "environment", slug, "production")
    call_command("operator", "environment", slug, "sandbox")
    with pytest.raises(CommandError, match="There is no organization"):
        call_command("operator", "environment", "nowhere", "sandbox")


def test_L_49_sync_health_says_how_the_last_round_went(world: World, alice: Visitor) -> None:
    def health() -> str:
        return alice.go(steps.QUICKBOOKS_PAGE).region("Sync health")

    assert ": went through" in health()
    world.customer()
    steps.generate(alice)
    world.trouble("throttled")
    world.work()
    world.later(minutes=2)
    world.trouble("revoked_token")
    world.work()
    assert ": QuickBooks no longer accepts our access" in health()


def test_L_49_pause_that_quickbooks_asked_for_is_shown_until_it_is_over(
    world: World, alice: Visitor
) -> None:
    customer = world.linked_customer()
    world.trouble("throttled", entity="Invoice")
    world.invoice(customer)
    world.work()
    health = alice.go(steps.QUICKBOOKS_PAGE).region("Sync health")
    assert "QuickBooks asked us to pause until" in health
    world.later(minutes=30)
    world.work()
    assert len(world.held("Invoice")) == 1
    assert "asked us to pause" not in alice.go(steps.QUICKBOOKS_PAGE).region("Sync health")
