"""Between a click of staff and the worker's look at it a page says Pending, and looks again by itself."""

import pytest
from django.test import Client

from billing.models import Invoice
from billing.services import invoices, payments
from tests.integrations.views.test_documents import panel, unsent
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def test_generated_for_quickbooks_is_pending_before_a_worker_looked(
    world: World, browser: Client
) -> None:
    shown = panel(world, browser, world.invoice(world.customer()))
    assert "Pending" in shown
    assert "data-moving" in shown
    assert "Send to QuickBooks" not in shown
    assert "Not sent to" not in shown


def test_changed_after_its_sync_is_pending_until_the_change_arrived(
    world: World, browser: Client
) -> None:
    invoice = world.invoice(world.customer())
    world.work()
    with world.inside():
        invoices.void(invoice=Invoice.objects.get())
    assert "Pending" in panel(world, browser, invoice)
    world.work()
    shown = panel(world, browser, invoice)
    assert "Voided" in shown
    assert "data-moving" not in shown


def test_what_does_not_concern_quickbooks_is_not_pending(world: World, browser: Client) -> None:
    invoice = unsent(world)
    with world.inside():
        invoices.edit(invoice=invoice, notes="Hello")
    assert "Not synced" in panel(world, browser, invoice)


@pytest.mark.parametrize(("is_there", "pill"), [(True, "Pending"), (False, "Not synced")])
def test_a_payment_goes_where_its_invoice_is(
    world: World, browser: Client, is_there: bool, pill: str
) -> None:
    if is_there:
        world.invoice(world.customer())
    else:
        unsent(world)
    world.work()
    with world.inside():
        payment = payments.mark_paid(invoice=Invoice.objects.get())
    assert pill in panel(world, browser, payment)
