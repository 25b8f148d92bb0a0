"""Reads of a company under its lease; the calls are booked, whatever comes of them."""

from collections.abc import Callable
from typing import TypeVar

from integrations import journal
from integrations.gateway import Books
from integrations.outbound.store import Store
from integrations.ports import AccountingSystem
from tenants.scope import within

Answer = TypeVar("Answer")


def ask(store: Store, books: Books, question: Callable[[AccountingSystem], Answer]) -> Answer:
    """What they answer; a long list takes more requests than one lease lasts. Raises `SyncError`s and `LeaseLost`."""
    store.lease.beat()
    try:
        return books.asked(question, between=store.lease.beat)
    finally:
        with within(store.organization_id):
            journal.store(store.connection, books.take_records())
