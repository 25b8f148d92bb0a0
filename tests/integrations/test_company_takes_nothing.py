"""A company whose subscription has lapsed, or that was reset: all waits, asks seldom, and goes on by itself."""

import pytest
from django.test import Client

from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", ["6190", "10200"])
def test_everything_waits_and_goes_on_by_itself(world: World, client: Client, code: str) -> None:
    customer = world.linked_customer()
    world.trouble("fault", code=code, method="POST", times=None)
    bills = [world.invoice(customer) for _ in range(3)]
    for _ in range(8):
        world.work()
        world.later(minutes=20)
    assert {world.job(each).state for each in bills} <= {"blocked", "pending"}
    assert world.held("Invoice") == []
    world.calm()
    for _ in range(2):
        world.work()
        world.later(minutes=20)
    assert {world.job(each).state for each in bills} == {"synced"}


def test_it_is_said_where_the_document_is(world: World, client: Client) -> None:
    customer = world.linked_customer()
    world.trouble("fault", code="6190", method="POST", times=None)
    invoice = world.invoice(customer)
    world.work()
    assert world.job(invoice).reason_code == "company_takes_nothing"
    client.force_login(world.owner)
    page = client.get(f"/o/{world.organization.slug}/invoices/{invoice.pk}/").content.decode()
    assert "Needs the company put right in QuickBooks" in page
    assert "what waits goes out by itself" in page


def test_a_round_asks_once_and_not_for_each_document(world: World) -> None:
    customer = world.linked_customer()
    world.trouble("fault", code="6190", method="POST", times=None)
    for _ in range(40):
        world.invoice(customer)
    world.forget_calls()
    world.work()
    refused = len(world.journal())
    assert refused <= 32, "what was under way already"
    world.work()
    assert len(world.journal()) == refused
