"""Several people at once, each on a connection of their own."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from billing.errors import AlreadyBilled, BillingError, IllegalStep, OverAllocated
from billing.models import Invoice, NumberSequence, Payment, TimeEntry
from billing.services import invoices, payments
from billing.services import work as time
from tenants.models import Organization
from tenants.scope import within
from tests import factories
from tests.factories import usd

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def at_once(organization: Organization, *acts: Callable[[], Any]) -> list[Any]:
    """Runs all of them in the organization, starting together; a refusal is returned as a value."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait()
            with within(organization):
                return act()
        except BillingError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_numbers_have_no_gaps_and_no_twins(northwind: Organization) -> None:
    with within(northwind):
        customer = factories.customer()

    def some(refused: bool) -> list[str]:
        numbers = []
        for _ in range(5):
            numbers.append(factories.draft(customer).number)
            if refused:
                with pytest.raises(BillingError):
                    factories.draft(customer, lines=[factories.line("-1")])
        return numbers

    taken = at_once(
        northwind, *(lambda refused=place % 2 == 0: some(refused) for place in range(4))
    )
    numbers = sorted(number for some_numbers in taken for number in some_numbers)
    assert numbers == [f"INV-{value}" for value in range(1001, 1021)]


def test_the_first_two_numbers_at_once(northwind: Organization) -> None:
    with within(northwind):
        customer = factories.customer()
    drafts = at_once(northwind, *[lambda: factories.draft(customer)] * 2)
    assert {each.number for each in drafts} == {"INV-1001", "INV-1002"}
    with within(northwind):
        assert NumberSequence.objects.get().next_value == 1003


def test_of_two_mark_paid_one_is_refused(northwind: Organization) -> None:
    with within(northwind):
        invoice = factories.invoice()
    results = at_once(northwind, *[lambda: payments.mark_paid(invoice=invoice)] * 2)
    assert Counter(type(each) for each in results) == {Payment: 1, IllegalStep: 1}
    [refusal] = [each for each in results if isinstance(each, IllegalStep)]
    assert str(refusal) == "INV-1001 is paid already."
    with within(northwind):
        assert Payment.objects.get().amount == invoice.total


def test_two_part_payments_do_not_overpay(northwind: Organization) -> None:
    with within(northwind):
        invoice = factories.invoice()
    results = at_once(northwind, *[lambda: factories.payment(invoice, "60")] * 2)
    assert Counter(type(each) for each in results) == {Payment: 1, OverAllocated: 1}


def test_payments_on_the_same_invoices_in_opposite_order_do_not_deadlock(
    northwind: Organization,
) -> None:
    with within(northwind):
        customer = factories.customer()
        one, two = (factories.invoice(customer).pk for _ in range(2))

    def pay(*order: Any) -> None:
        for _ in range(10):
            parts = {key: usd(1) for key in order}
            payments.record(customer=customer, amount=usd(2), allocations=parts)

    assert at_once(northwind, lambda: pay(one, two), lambda: pay(two, one)) == [None, None]
    with within(northwind):
        assert {each.applied for each in Invoice.objects.all()} == {usd(20)}


def test_the_same_work_is_billed_by_one_of_two(northwind: Organization) -> None:
    with within(northwind):
        customer = factories.customer()
        work = [factories.time_entry(customer) for _ in range(3)]

    def generate() -> Invoice:
        return invoices.generate(customer=customer, time_entries=work)

    results = at_once(northwind, generate, generate)
    assert Counter(type(each) for each in results) == {Invoice: 1, AlreadyBilled: 1}
    with within(northwind):
        invoice = Invoice.objects.get()
        assert TimeEntry.objects.filter(invoice_line__invoice=invoice).count() == 3


def test_the_same_time_is_removed_by_one_of_two(northwind: Organization) -> None:
    with within(northwind):
        entry = factories.time_entry(factories.customer())

    def remove() -> None:
        time.remove(entry=entry)

    assert sorted(map(str, at_once(northwind, remove, remove))) == [
        "None",
        "This time was removed already.",
    ]


def test_void_and_pay_at_once_leave_one_of_them(northwind: Organization) -> None:
    with within(northwind):
        invoice = factories.invoice()
    results = at_once(
        northwind,
        lambda: invoices.void(invoice=invoice),
        lambda: payments.mark_paid(invoice=invoice),
    )
    assert sum(isinstance(each, IllegalStep) for each in results) == 1
    with within(northwind):
        invoice.refresh_from_db()
        assert (invoice.status, Payment.objects.count()) in {("VOID", 0), ("PAID", 1)}


def test_voiding_and_moving_one_payment_at_once(northwind: Organization) -> None:
    with within(northwind):
        customer = factories.customer()
        one, two = (factories.invoice(customer) for _ in range(2))
        payment = factories.payment(one)
    at_once(
        northwind,
        lambda: payments.void(payment=payment),
        lambda: payments.reallocate(payment=payment, allocations={two.pk: usd(100)}),
    )
    with within(northwind):
        assert {each.status for each in Invoice.objects.all()} == {"SENT"}
        assert Payment.objects.get().is_void
