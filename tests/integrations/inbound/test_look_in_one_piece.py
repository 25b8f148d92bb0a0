"""What a look has read is taken in whole or read again, wherever a worker dies."""

import pytest

from billing.models import Payment
from integrations.models import SyncDue
from tests.integrations.doomed import Doomed
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

# Between the payment and the look, as the feed counts in whole seconds.
SECONDS_LATER = 3


@pytest.mark.parametrize(
    "statement",
    [
        'INSERT INTO "billing_payment"',
        'INSERT INTO "billing_allocation"',
        'INSERT INTO "integrations_link"',
        'UPDATE "integrations_connection" SET "changes_since"',
    ],
)
def test_worker_that_dies_while_it_looks_loses_no_payment_and_books_none_twice(
    world: World, statement: str
) -> None:
    """No web-hook tells of it, so the cursor of the change feed must not be ahead of what is booked."""
    invoice = world.invoice(world.linked_customer())
    world.work()
    (theirs,) = world.held("Invoice")
    settles = [{"Amount": 40, "LinkedTxn": [{"TxnId": theirs["Id"], "TxnType": "Invoice"}]}]
    customer = theirs["CustomerRef"]
    world.bookkeeper("Payment", {"CustomerRef": customer, "TotalAmt": 40, "Line": settles})
    world.due_now()
    worker = Doomed(at=statement)
    world.control("POST", "clock", {"advance": SECONDS_LATER})
    worker.works(world)
    world.control("POST", "clock", {"advance": -SECONDS_LATER})
    assert worker.is_dead
    SyncDue.objects.update(lease_until=None)
    world.due_now()
    world.work()
    with world.inside():
        assert Payment.objects.count() == 1
    assert world.fresh(invoice).applied_minor == 4000
