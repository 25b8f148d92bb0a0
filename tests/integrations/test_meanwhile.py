"""What staff or a webhook does to the rows of a turn waits for its transaction; neither is thrown out for the other."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import connections

from billing.models import Payment
from billing.services import payments
from integrations.documents import Kind, ListKind
from integrations.inbound import doorbells
from integrations.models import Discrepancy, Doorbell, MirrorEntry
from integrations.outbound import customer_choice, customer_links, lease
from integrations.outbound.store import Store
from integrations.ports import Event
from integrations.serving import store_of
from regentra import clock
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = 2_000
WAITING = """
    SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (
        SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE datname = current_database())
"""


@pytest.fixture
def store(world: World) -> Iterator[Store]:
    held = lease.take_now(world.connections[-1])
    assert held is not None
    yield store_of(held)
    held.release()


@pytest.fixture
def somebody() -> Iterator[Executor]:
    """Another process of ours."""
    with ThreadPoolExecutor(1) as executor:
        yield executor


def begun(somebody: Executor, work: Callable[[], None]) -> "Future[None]":
    """Their transaction, which by now waits for one that is open here."""

    def elsewhere() -> None:
        try:
            work()
        finally:
            connections.close_all()

    theirs = somebody.submit(elsewhere)
    assert any(_waits() for _ in range(LOOKS)), "it went through"
    return theirs


def _waits() -> bool:
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.005)")
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


def test_customer_linked_by_hand_while_a_turn_links_customers(
    world: World, store: Store, somebody: Executor
) -> None:
    theirs = world.bookkeeper("Customer", {"DisplayName": "Adatum"})
    world.due_now()
    customer, connection = world.customer(), world.connection
    with world.inside():
        values = {"connection": connection, "kind": ListKind.CUSTOMER, "remote_id": theirs["Id"]}
        MirrorEntry.objects.create(**values, name="Adatum", name_key="adatum", remote_version="0")

    def by_hand() -> None:
        with world.inside():
            customer_choice.link(connection, customer, theirs["Id"], actor=world.owner)

    with store.transaction():
        linked = begun(somebody, by_hand)
        assert customer_links.locked(connection, customer.pk) is None
    linked.result()
    assert world.link(customer).remote_id == theirs["Id"]


def test_payment_that_staff_change_while_a_look_judges_it_is_not_overwritten(
    world: World, somebody: Executor
) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    theirs = world.pays(invoice, "50")
    world.due_now()
    world.work()
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Payment", {**keys, "sparse": True, "PaymentRefNum": "theirs"})
    world.due_now()
    with world.inside():
        payment = payments.change(payment=Payment.objects.get(), reference="ours")
        looked = begun(somebody, world.serve)
    looked.result()
    assert world.fresh(payment).reference == "ours"
    with world.inside():
        assert Discrepancy.objects.get(closed_at=None).reason_code == "changed_there"


def test_webhook_about_a_document_whose_mark_a_turn_closes(
    world: World, store: Store, somebody: Executor
) -> None:
    now = clock.now()
    event = Event("1", world.realm, Kind.INVOICE, "77", "updated", now)
    later = Event("2", world.realm, Kind.INVOICE, "77", "updated", now + timedelta(seconds=1))
    place = (world.organization.pk, store.connection.pk)
    with world.inside():
        doorbells.ring(*place, [event])

    def webhook() -> None:
        with world.inside():
            doorbells.ring(*place, [later])

    with store.transaction():
        rung = begun(somebody, webhook)
        doorbells.close(store.connection, {("invoice", "77")}, now)
    rung.result()
    with world.inside():
        assert Doorbell.objects.get(closed_at=None).event_at == later.at
