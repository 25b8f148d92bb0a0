"""What becomes of a turn whose access is rejected, ended or taken back. Each case was found by the simulation."""

import pytest

from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_lists_are_read_with_a_newer_token_when_the_first_is_rejected(unconnected: World) -> None:
    unconnected.connect(custom_numbers=True)
    unconnected.trouble("expired_token")
    invoice = unconnected.invoice(unconnected.customer())
    unconnected.work()
    assert unconnected.job(invoice).state == "synced"


def test_access_taken_back_before_the_lists_were_read_asks_for_a_new_sign_in(
    unconnected: World,
) -> None:
    unconnected.connect(custom_numbers=True)
    unconnected.trouble("revoked_token")
    unconnected.work()
    assert unconnected.connection.status == "needs_consent"


def test_invoice_ticked_just_before_the_company_was_disconnected_waits_for_it(world: World) -> None:
    invoice = world.invoice(world.customer())
    world.disconnect()
    world.work()
    assert world.job(invoice).state == "blocked"
    world.connect(realm=world.realm)
    world.work()
    assert world.job(invoice).state == "synced"
