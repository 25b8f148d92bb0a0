import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import transaction

from billing import outbox
from billing.events import InvoiceSent
from billing.models import OutboxEvent, Wake
from tenants.errors import OutsideOrganization
from tenants.models import Organization
from tenants.scope import within

EVENT = InvoiceSent(invoice_id=UUID(int=7))


@pytest.fixture
def woken() -> Iterator[list[UUID]]:
    seen: list[UUID] = []
    outbox.on_recorded(seen.append)
    yield seen
    outbox.forget(seen.append)


def test_an_event_and_a_wake_row_are_added(books: Organization) -> None:
    outbox.record(EVENT)
    row = OutboxEvent.objects.get()
    assert (row.kind, row.payload["invoice_id"]) == ("InvoiceSent", str(UUID(int=7)))
    assert row.relayed_at is None
    assert Wake.objects.get().organization_id == books.pk


def test_nothing_is_recorded_outside(northwind: Organization) -> None:
    with pytest.raises(OutsideOrganization):
        outbox.record(EVENT)


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_others_are_woken_after_the_commit(northwind: Organization, woken: list[UUID]) -> None:
    with within(northwind):
        outbox.record(EVENT)
        assert woken == []
    assert woken == [northwind.pk]


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_a_rollback_takes_the_event_and_wakes_nobody(
    northwind: Organization, woken: list[UUID]
) -> None:
    with within(northwind):
        with pytest.raises(LookupError), transaction.atomic():
            outbox.record(EVENT)
            raise LookupError
        assert not OutboxEvent.objects.exists()
    assert woken == []
    assert not Wake.objects.exists()


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_a_failing_wake_up_is_logged_and_breaks_nothing(
    northwind: Organization, woken: list[UUID], caplog: pytest.LogCaptureFixture
) -> None:
    def fails(organization_id: UUID) -> None:
        raise ConnectionError("the queue is down")

    outbox.on_recorded(fails)
    try:
        with caplog.at_level(logging.ERROR), within(northwind):
            outbox.record(EVENT)
    finally:
        outbox.forget(fails)
    with within(northwind):
        assert OutboxEvent.objects.count() == 1
    assert woken == [northwind.pk]
    assert "the queue is down" in caplog.text
