"""What a look finds just as it was told last costs next to nothing, and nothing that waits for it is passed over."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from billing.models import Invoice
from integrations import gateway
from integrations.documents import Held, Kind
from integrations.inbound import echoes
from integrations.job_states import JobState
from integrations.models import Discrepancy, Intent, IntentState, Link, SyncJob
from integrations.outbound import due
from regentra import clock
from tests.integrations.world import World
from tests.statements import statements

pytestmark = pytest.mark.django_db(transaction=True)

# Not one of them is asked about by itself.
LESS_THAN_ONE_EACH = 10


def told(world: World, kind: Kind = Kind.INVOICE) -> list[Held]:
    """What the feed says of this kind."""
    connection = world.connection
    books = gateway.open_books(world.organization.id, connection.id, epoch=connection.epoch)
    since = clock.now() - timedelta(hours=1)
    return list(books.system.changes([kind], [], since=since).documents)


def to_judge(world: World, documents: list[Held]) -> list[str]:
    with world.inside():
        return [held.id for held in echoes.to_judge(world.connection, documents)]


def looked(world: World) -> int:
    """How often the database is asked during a look, once another has taken in what our writes moved besides."""
    for _ in range(2):
        with world.inside():
            due.look_now(world.connection.pk)
        with statements() as queries:
            world.work()
    return len(queries)


def test_a_look_asks_as_often_about_many_of_our_own_writes_as_about_few(world: World) -> None:
    customer = world.linked_customer()
    world.invoice(customer)
    world.work()
    of_one = looked(world)
    for _ in range(LESS_THAN_ONE_EACH):
        world.invoice(customer)
    world.work()
    assert len(told(world)) == 1 + LESS_THAN_ONE_EACH
    assert looked(world) < of_one + LESS_THAN_ONE_EACH


@pytest.fixture
def invoice(world: World) -> Invoice:
    """One that is there as we wrote it."""
    made = world.invoice(world.linked_customer())
    world.work()
    assert to_judge(world, told(world)) == []
    return made


def test_what_was_changed_over_there_is_judged(world: World, invoice: Invoice) -> None:
    (held,) = told(world)
    (theirs,) = world.held("Invoice")
    about = {"Id": theirs["Id"], "SyncToken": theirs["SyncToken"], "sparse": True}
    world.bookkeeper("Invoice", {**about, "CustomerMemo": {"value": "Thank you"}})
    assert to_judge(world, told(world)) == [held.id]


def test_what_is_gone_is_judged(world: World, invoice: Invoice) -> None:
    (held,) = told(world)
    gone = Held(held.kind, held.id, "", None)
    assert to_judge(world, [gone]) == [held.id]


def test_what_is_not_linked_is_judged(world: World, invoice: Invoice) -> None:
    (held,) = told(world)
    with world.inside():
        Link.objects.filter(local_id=invoice.pk).delete()
    assert to_judge(world, [held]) == [held.id]


def asked(world: World, held: Held, invoice: Invoice) -> None:
    Discrepancy.objects.create(
        connection=world.connection,
        kind=held.kind,
        remote_id=held.id,
        reason_code="changed_there",
        sentence="It was changed in QuickBooks after we sent it.",
        **Discrepancy.what_was_seen(held),
    )


def refused(world: World, held: Held, invoice: Invoice) -> None:
    SyncJob.objects.filter(local_id=invoice.pk).update(state=JobState.ERRORED)


def unfinished(world: World, held: Held, invoice: Invoice) -> None:
    """The write of another document of ours bears the same mark."""
    Intent.objects.filter(local_id=invoice.pk).update(state=IntentState.OPEN)


@pytest.mark.parametrize("waits", [asked, refused, unfinished])
def test_what_something_waits_with_is_judged(
    world: World, invoice: Invoice, waits: Callable[[World, Held, Invoice], None]
) -> None:
    (held,) = told(world)
    with world.inside():
        waits(world, held, invoice)
    assert to_judge(world, [held]) == [held.id]


def test_question_about_what_is_as_agreed_again_closes(world: World, invoice: Invoice) -> None:
    (held,) = told(world)
    with world.inside():
        asked(world, held, invoice)
    world.due_now()
    world.work()
    with world.inside():
        assert not Discrepancy.objects.filter(closed_at=None).exists()


def test_payment_of_theirs_is_judged_as_invoices_it_pays_may_have_come(
    world: World, invoice: Invoice
) -> None:
    world.pays(invoice, "40.00")
    world.due_now()
    world.work()
    (held,) = told(world, Kind.PAYMENT)
    assert to_judge(world, [held]) == [held.id]
    with world.inside():
        Link.objects.filter(kind=Kind.PAYMENT).update(made_by_us=True)
    assert to_judge(world, [held]) == []
