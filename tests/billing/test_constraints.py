"""What PostgreSQL refuses, whoever writes."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from billing.models import Allocation, Invoice, Payment, Refund
from regentra import clock
from tenants.models import Organization
from tenants.scope import within
from tests import factories


@pytest.mark.parametrize(
    "columns",
    [
        {"applied_minor": 10001},
        {"applied_minor": -1},
        {"applied_minor": 50},  # and still SENT
        {"status": "PAID"},  # with nothing applied
        {"status": "PARTIAL"},
        {"status": "PARTIAL", "applied_minor": 10000},
        {"status": "DRAFT"},  # although it was sent
        {"status": "VOID"},  # without saying when
        {"status": "LOST"},
        {"voided_at": clock.now},  # and not VOID
        {"sent_at": None},
        {"total_minor": 10001},
        {"tax_minor": 1},
        {"number": ""},
        {"due_on": "2026-03-15"},
    ],
)
def test_an_invoice_that_contradicts_itself(books: Organization, columns: dict[str, Any]) -> None:
    invoice = factories.invoice()
    values = {name: value() if callable(value) else value for name, value in columns.items()}
    with pytest.raises(IntegrityError, match="invoice_"), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(**values)


def test_a_number_twice(books: Organization) -> None:
    factories.draft()
    other = factories.draft()
    with pytest.raises(IntegrityError, match="invoice_number_once"), transaction.atomic():
        Invoice.objects.filter(pk=other.pk).update(number="INV-1001")


@pytest.mark.parametrize(
    "columns",
    [
        {"amount_minor": 0},
        {"amount_minor": 9999},  # below what is applied
        {"allocated_minor": -1},
        {"voided_at": clock.now},  # with parts on invoices
        {"method": "barter"},
    ],
)
def test_a_payment_that_contradicts_itself(books: Organization, columns: dict[str, Any]) -> None:
    payment = factories.payment(factories.invoice())
    values = {name: value() if callable(value) else value for name, value in columns.items()}
    with pytest.raises(IntegrityError, match="payment_"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(**values)


def settle() -> None:
    """What a commit does with deferred constraints."""
    connection.check_constraints()


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: Allocation.objects.update(amount_minor=1),
        lambda: Allocation.objects.all().delete(),
        lambda: Invoice.objects.update(applied_minor=F("applied_minor") - 1, status="PARTIAL"),
        lambda: Payment.objects.update(allocated_minor=1),
    ],
)
def test_parts_that_do_not_add_up(books: Organization, tamper: Any) -> None:
    factories.payment(factories.invoice())
    settle()
    with pytest.raises(IntegrityError, match="differs from the allocations"), transaction.atomic():
        tamper()
        settle()
    settle()


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: Refund.objects.update(amount_minor=1),
        lambda: Refund.objects.update(voided_at=clock.now()),
        lambda: Refund.objects.all().delete(),
        lambda: Payment.objects.update(paid_back_minor=0),
    ],
)
def test_refunds_that_do_not_add_up(books: Organization, tamper: Any) -> None:
    factories.refund()
    settle()
    with pytest.raises(IntegrityError, match="differs from the refunds"), transaction.atomic():
        tamper()
        settle()
    settle()


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_parts_are_compared_at_commit_when_nobody_is_within_any_more(
    northwind: Organization,
) -> None:
    with within(northwind):
        payment = factories.payment(factories.invoice())
    with pytest.raises(IntegrityError, match="differs from the allocations"), within(northwind):
        Allocation.objects.filter(payment=payment).delete()
    with within(northwind):
        assert Allocation.objects.count() == 1


def test_the_same_invoice_twice_in_one_payment(books: Organization) -> None:
    payment = factories.payment(factories.invoice(), "10")
    part = payment.allocations.get()
    with pytest.raises(IntegrityError, match="allocation_once"), transaction.atomic():
        Allocation.objects.create(payment=payment, invoice=part.invoice, amount_minor=1)
