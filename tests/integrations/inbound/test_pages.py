"""A comparison that takes many requests misses nothing while people delete, and keeps its lease all the while."""

from typing import Any

import pytest

from integrations import gateway
from integrations.documents import Kind
from integrations.gateway import Books
from integrations.inbound import pages, reading
from integrations.inbound.comparison import Comparison
from integrations.inbound.sweep import BEGINNING
from integrations.outbound import lease
from integrations.outbound.lease import LEASE, RENEW_BELOW
from integrations.outbound.store import Store
from integrations.ports import AccountingSystem
from integrations.quickbooks_online import query
from regentra import clock
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)

LENGTH = 4
OVERLAP = 2
CUSTOMERS = 9


@pytest.fixture
def books(world: World) -> Books:
    connection = world.connection
    return gateway.open_books(world.organization.id, connection.id, epoch=connection.epoch)


@pytest.fixture
def store(world: World) -> Store:
    connection = world.connection
    held = lease.take_now(connection.pk)
    assert held is not None
    return Store(world.organization.id, connection, held)


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LENGTH", LENGTH)
    monkeypatch.setattr(pages, "OVERLAP", OVERLAP)


@pytest.mark.parametrize("gone", range(LENGTH + 1))
def test_no_change_slips_by_when_some_are_deleted_between_two_pages(
    world: World, books: Books, store: Store, short_pages: None, gone: int
) -> None:
    made = [world.bookkeeper("Customer", {"DisplayName": f"C {n}"}) for n in range(CUSTOMERS)]
    payments = [
        world.bookkeeper("Payment", {"CustomerRef": {"value": one["Id"]}, "TotalAmt": 5})
        for one in made
    ]
    first = books.system.changes([Kind.PAYMENT], [], since=clock.now())
    whole = Comparison(store, lambda question: question(books.system), BEGINNING, first)
    met: set[str] = set()
    for place, answer in enumerate(
        whole.answers([Kind.PAYMENT], feed_reaches=False, thorough=False)
    ):
        met |= {held.id for held in answer.documents if not held.deleted}
        if place == 0:
            for one in payments[:gone]:
                about = {"Id": one["Id"], "SyncToken": one["SyncToken"]}
                world.posted("payment", about, operation="delete")
    assert met >= {one["Id"] for one in payments[gone:]}


def test_lease_is_renewed_between_the_requests_of_one_question(
    world: World, books: Books, store: Store
) -> None:
    almost = LEASE - (LEASE - RENEW_BELOW) / 4
    with clock.frozen(clock.now()) as standing:

        def slow(system: AccountingSystem) -> None:
            for _ in range(3):
                standing.advance(seconds=almost.total_seconds())
                system.ids(Kind.INVOICE)

        reading.ask(store, books, slow)
        assert store.lease.until > clock.now() + RENEW_BELOW


def test_live_document_is_not_taken_for_deleted_when_the_list_of_ids_moves_up(
    world: World, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page of ids holds two; an early one is deleted after each request, so that later ones slip by."""
    customer = world.linked_customer()
    for _ in range(5):
        world.invoice(customer)
    world.work()
    connection = world.connection
    held = lease.take_now(connection.pk)
    assert held is not None
    store = Store(world.organization.id, connection, held)
    monkeypatch.setattr(query, "PAGE", 2)
    first = books.system.changes([Kind.INVOICE], [], since=clock.now())
    left = world.held("Invoice")

    def deleted_meanwhile() -> None:
        if len(left) > 3:
            one = left.pop(0)
            about = {name: one[name] for name in ("Id", "SyncToken")}
            world.posted("invoice", about, operation="delete")

    def ask(question: Any) -> Any:
        return books.asked(question, between=deleted_meanwhile)

    whole = Comparison(store, ask, clock.now(), first)
    *_, told = whole.answers([Kind.INVOICE], feed_reaches=False, thorough=False)
    alive = {one["Id"] for one in world.held("Invoice")}
    assert len(alive) == 3
    assert not alive & {one.id for one in told.documents if one.deleted}
