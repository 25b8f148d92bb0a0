"""What a connected company goes through, pressed in the browser and seen in QuickBooks."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from billing.models import Invoice
from regentra import clock
from tests import factories
from tests.integrations.connect.desk import Desk
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

BEARER = "/oauth2/v1/tokens/bearer"


@pytest.fixture
def desk(world: World, browser: Client) -> Desk:
    return Desk(world.box, world.client_id, world.organization, world.owner, browser)


def invoice(world: World) -> Invoice:
    """One that nobody has sent yet."""
    customer = world.customer("Contoso", email="ap@contoso.example")
    with world.inside():
        return factories.draft(customer)


def press_send(desk: Desk, row: Invoice) -> None:
    desk.browser.post(f"/o/{desk.organization.slug}/sync/invoice/{row.pk}/send/")


def numbers(world: World) -> list[str]:
    return [one["DocNumber"] for one in world.held("Invoice")]


def test_K_29_K_30_K_31_an_hour_later_the_access_is_renewed_by_itself(
    world: World, desk: Desk
) -> None:
    row, hour = invoice(world), timedelta(hours=1)
    world.control("DELETE", "journal")
    world.control("POST", "clock", {"advance": hour.total_seconds()})
    try:
        with clock.frozen(clock.now() + hour):
            press_send(desk, row)
            world.work()
            assert "Connected" in desk.browser.get(desk.page()).content.decode()
    finally:
        world.control("POST", "clock", {"advance": -hour.total_seconds()})
    assert numbers(world) == [row.number]
    assert [one["path"] for one in world.control("GET", "journal")].count(BEARER) == 1


def test_K_34_after_disconnecting_what_is_there_stays_and_nothing_more_goes(
    world: World, desk: Desk
) -> None:
    sent, late = invoice(world), invoice(world)
    press_send(desk, sent)
    world.work()
    desk.browser.post(desk.named("disconnect/"))
    world.forget_calls()
    press_send(desk, late)
    world.work()
    assert numbers(world) == [sent.number]
    assert world.journal() == []


def company_that_sells(world: World) -> str:
    """Another company at Intuit, which `world` is about from now on."""
    world.realm = world.new_company(custom_numbers=True)
    (income,) = [one for one in world.held("Account") if one["Name"] == "Services"]
    item = {"Name": "IT services", "Type": "Service", "IncomeAccountRef": {"value": income["Id"]}}
    world.bookkeeper("Item", item)
    return world.realm


def test_X_19_the_page_holds_another_company_back_until_an_admin_says_so(
    world: World, desk: Desk
) -> None:
    former = invoice(world)
    press_send(desk, former)
    world.work()
    world.connections.append(desk.connect(company_that_sells(world)).id)
    row = invoice(world)
    press_send(desk, row)
    world.work()
    assert numbers(world) == []
    desk.browser.post(desk.named("use-company/"))
    world.work()
    assert numbers(world) == [row.number]


def test_X_89_after_the_keys_were_rotated_and_the_old_one_is_gone_all_goes_on(
    world: World, desk: Desk, settings: Any
) -> None:
    new = f"new:{base64.b64encode(b'n' * 32).decode()}"
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    call_command("rotate_keys")
    settings.ENCRYPTION_KEYS = [new]
    row = invoice(world)
    press_send(desk, row)
    world.work()
    assert numbers(world) == [row.number]
    assert world.realm in desk.browser.get(desk.page()).content.decode()
