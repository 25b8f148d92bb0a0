"""Where QuickBooks counts less for an invoice than we do, what a payment could not settle there goes as soon as there
is room for it, however the room comes.
"""

from collections.abc import Callable

import pytest

from billing.models import Payment
from billing.services import payments
from integrations.documents import Held, Kind
from integrations.models import Intent, SyncDue, SyncJob
from integrations.outbound import lease
from integrations.outbound.effects import CommitAnswer
from integrations.outbound.store import stored_intent
from integrations.serving import store_of
from regentra import clock
from tests.features import steps
from tests.features import test_field_rows as field_rows
from tests.features import test_invoice_edit_rows as edit_rows
from tests.features.pages import Visitor
from tests.features.test_field_rows import unapplied
from tests.features.test_import_rows import their_line
from tests.features.test_tax_rows import LITTLE, TAXED, Open, a_cent_less_there, opened
from tests.features.test_tracking_rows import keys, look
from tests.features.test_unsaid_rows import paid_in_part_there
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
__all__ = ["opened"]


def voided_here(world: World) -> None:
    with world.inside():
        payments.void(payment=Payment.objects.get(allocated_minor=500))


def deleted_there(world: World) -> None:
    first = world.held("Payment")[0]
    world.bookkeeper("Payment", keys(first), operation="delete")


@pytest.mark.parametrize("lets_go", [voided_here, deleted_there])
def test_room_that_a_payment_leaves_is_taken_by_the_others(
    opened: Open, lets_go: Callable[[World], None]
) -> None:
    """The invoice is a cent less there, so the second payment keeps a cent until the first one is gone."""
    world, person = a_cent_less_there(opened)
    number = steps.generate(person, lines=LITTLE, **TAXED)
    world.work()
    steps.open_invoice(person, number)
    steps.send(person, number)

    def pay(part: str) -> None:
        steps.open_customer(person)
        person.follow("Record payment")
        person.press("Record payment", {"Amount in CAD": part, f"Applied to {number}": part})
        world.work()

    def settled() -> None:
        for _ in range(3):
            world.due_now()
            world.work()

    pay("5.00")
    pay("6.28")
    assert [steps.money(one["UnappliedAmt"]) for one in world.held("Payment")] == [
        0,
        steps.money("0.01"),
    ]
    lets_go(world)
    settled()
    assert steps.money(world.held("Payment")[-1]["UnappliedAmt"]) == 0
    pay("5.00")
    settled()
    (held,) = world.held("Invoice")
    assert steps.money(held["Balance"]) == 0
    assert sum(steps.money(one["UnappliedAmt"]) for one in world.held("Payment")) == steps.money(
        "0.01"
    )


@pytest.fixture
def number(world: World, alice: Visitor) -> str:
    """An invoice over 120.00 here and 80.00 there, about which somebody is asked; a payment of 120.00 is on its way."""
    field_rows.choose(alice, unpaid_edit_owner="per_field")
    number = field_rows.sent_invoice(world, alice)
    field_rows.bookkeeper_changes(world, Line=[their_line(world, "80")])
    edit_rows.edit(alice, number, lines_0_unit_price="120")
    field_rows.settle(world)
    world.trouble("request_dropped", entity="Payment", method="POST")
    steps.open_invoice(alice, number)
    steps.mark_paid(alice, "$120.00")
    world.work()
    assert world.held("Payment") == []
    return number


def sent_again(world: World, alice: Visitor, number: str) -> None:
    steps.open_invoice(alice, number)
    alice.press("Send ours again")
    world.work()


def raised_there(world: World, alice: Visitor, number: str) -> None:
    raised = their_line(world, "120", Qty=1, UnitPrice=120)
    field_rows.bookkeeper_changes(world, Line=[raised])
    SyncDue.objects.update(sweep_due_at=clock.now())
    world.work()


@pytest.mark.parametrize("makes_room", [sent_again, raised_there])
def test_room_that_comes_while_a_payment_is_on_its_way_is_taken(
    world: World, alice: Visitor, number: str, makes_room: Callable[[World, Visitor, str], None]
) -> None:
    makes_room(world, alice, number)
    (held,) = world.held("Invoice")
    assert steps.money(held["TotalAmt"]) == 120
    for _ in range(3):
        world.later(minutes=5)
        world.work()
        look(world)
    (payment,) = world.held("Payment")
    assert steps.money(payment["TotalAmt"]) == 120
    assert unapplied(world) == 0


def test_room_that_comes_while_a_payment_is_asked_about_is_taken_once_it_is_not(
    world: World, alice: Visitor
) -> None:
    theirs = paid_in_part_there(world, alice)
    assert unapplied(world) == 40
    world.bookkeeper("Payment", {**keys(theirs), "sparse": True, "PaymentRefNum": "4711"})
    field_rows.settle(world)
    raised = their_line(world, "120", Qty=1, UnitPrice=120)
    field_rows.bookkeeper_changes(world, Line=[raised])
    field_rows.settle(world)
    assert unapplied(world) == 40
    (theirs,) = world.held("Payment")
    world.bookkeeper("Payment", {**keys(theirs), "sparse": True, "PaymentRefNum": ""})
    for _ in range(2):
        look(world)
        world.work()
    assert unapplied(world) == 0


@pytest.mark.parametrize("as_sent", [True, False])
def test_payment_goes_again_by_itself_only_where_it_was_taken_as_it_was_sent(
    world: World, alice: Visitor, number: str, as_sent: bool
) -> None:
    """What they hold otherwise is compared by the push, which gives up after a few tries."""
    with world.inside():
        row = Intent.objects.select_related("job").get(kind=Kind.PAYMENT)
        intent = stored_intent(row)
    held = Held(Kind.PAYMENT, "4711", "0", intent.document)
    lease_held = lease.take_now(world.connection.pk)
    assert lease_held is not None
    store = store_of(lease_held)
    store.commit_answer(row.job, CommitAnswer(intent, held, adopted=True, as_sent=as_sent))
    with world.inside():
        wanted = SyncJob.objects.get(pk=row.job.pk).wanted
    assert wanted == row.job.wanted + as_sent
