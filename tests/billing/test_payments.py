from datetime import date

import pytest

from billing.errors import (
    AmountRefused,
    CurrencyDiffers,
    DatesRefused,
    IllegalStep,
    NotFound,
    OverAllocated,
    TextRefused,
    WrongCustomer,
)
from billing.events import InvoiceSent, PaymentChanged, PaymentRecorded, PaymentVoided
from billing.models import Customer, Invoice, Method, Payment
from billing.money import Money
from billing.services import invoices, payments, refunds
from tenants.models import Organization, User
from tenants.scope import within
from tests import factories
from tests.billing.told import actions, told, told_since
from tests.factories import usd


@pytest.fixture
def customer(books: Organization) -> Customer:
    return factories.customer()


@pytest.fixture
def hundred(customer: Customer) -> Invoice:
    return factories.invoice(customer)


@pytest.fixture
def another(customer: Customer) -> Invoice:
    return factories.invoice(customer)


def state(invoice: Invoice) -> tuple[str, str]:
    invoice.refresh_from_db()
    return invoice.status, str(invoice.balance.amount)


class TestRecord:
    def test_part_payment_leaves_the_invoice_open_and_the_rest_pays_it(
        self, hundred: Invoice
    ) -> None:
        factories.payment(hundred, "40")
        assert state(hundred) == ("PARTIAL", "60.00")
        factories.payment(hundred, "60")
        assert state(hundred) == ("PAID", "0.00")
        assert actions(hundred.pk)[-2:] == ["invoice.payment_applied"] * 2

    def test_one_payment_settles_several_invoices(
        self, customer: Customer, hundred: Invoice, another: Invoice, alice: User
    ) -> None:
        before = len(told())
        payment = payments.record(
            customer=customer,
            amount=usd(170),
            allocations={hundred.pk: usd(100), another.pk: usd(50)},
            received_on=date(2026, 3, 1),
            method=Method.CHECK,
            reference=" 1042 ",
            actor=alice,
        )
        assert (state(hundred)[0], state(another)[0]) == ("PAID", "PARTIAL")
        assert (payment.unapplied, payment.reference) == (usd(20), "1042")
        assert payment.received_on == date(2026, 3, 1)
        assert told_since(before) == [
            PaymentRecorded(
                payment_id=payment.pk,
                invoice_ids=frozenset({hundred.pk, another.pk}),
                actor_id=alice.pk,
            )
        ]

    def test_a_payment_may_wait_for_its_invoices(self, customer: Customer) -> None:
        payment = payments.record(customer=customer, amount=usd(10), allocations={})
        assert payment.unapplied == usd(10)

    def test_a_payment_finalises_a_draft(self, customer: Customer) -> None:
        draft = factories.draft(customer)
        before = len(told())
        payment = factories.payment(draft, "30", origin="quickbooks_online:7")
        assert state(draft) == ("PARTIAL", "70.00")
        assert draft.sent_at is not None
        assert payment.origin == "quickbooks_online:7"
        assert told_since(before) == [
            InvoiceSent(invoice_id=draft.pk, origin="quickbooks_online:7"),
            PaymentRecorded(
                payment_id=payment.pk,
                invoice_ids=frozenset({draft.pk}),
                origin="quickbooks_online:7",
            ),
        ]

    def test_more_than_an_invoice_has_open_is_refused(self, hundred: Invoice) -> None:
        with pytest.raises(OverAllocated, match=r"INV-1001 has \$100\.00 open"):
            factories.payment(hundred, "100.01")
        assert not Payment.objects.exists()
        assert state(hundred) == ("SENT", "100.00")

    def test_more_than_the_payment_is_refused(self, hundred: Invoice) -> None:
        with pytest.raises(OverAllocated, match=r"payment is \$50\.00, but \$60\.00"):
            factories.payment(hundred, "50", allocations={hundred.pk: usd(60)})

    @pytest.mark.parametrize("amount", [0, -5])
    def test_a_payment_of_nothing_is_refused(self, customer: Customer, amount: int) -> None:
        with pytest.raises(AmountRefused, match="above zero"):
            payments.record(customer=customer, amount=usd(amount), allocations={})

    def test_another_customers_invoice_is_refused(self, hundred: Invoice) -> None:
        with pytest.raises(WrongCustomer, match="INV-1001 belongs to another customer"):
            payments.record(
                customer=factories.customer(), amount=usd(5), allocations={hundred.pk: usd(5)}
            )

    def test_another_currency_is_refused(self, customer: Customer, hundred: Invoice) -> None:
        euros = Money(500, "EUR")
        with pytest.raises(CurrencyDiffers):
            payments.record(customer=customer, amount=euros, allocations={hundred.pk: euros})

    def test_an_invoice_that_does_not_exist_is_refused(self, customer: Customer) -> None:
        with pytest.raises(NotFound):
            payments.record(customer=customer, amount=usd(5), allocations={customer.pk: usd(5)})

    def test_paid_and_void_invoices_take_nothing(self, customer: Customer) -> None:
        paid, void = factories.invoice(customer), factories.draft(customer)
        factories.payment(paid)
        invoices.void(invoice=void)
        for invoice, words in ((paid, "is paid already"), (void, "is void, so no payment")):
            with pytest.raises(IllegalStep, match=words):
                payments.record(customer=customer, amount=usd(5), allocations={invoice.pk: usd(5)})

    @pytest.mark.parametrize(
        ("details", "refusal"),
        [
            ({"received_on": date(1, 1, 1)}, DatesRefused),
            ({"reference": "x" * 101}, TextRefused),
            ({"memo": "\0"}, TextRefused),
        ],
    )
    def test_details_that_cannot_be_kept_are_refused(
        self, hundred: Invoice, details: dict[str, object], refusal: type[Exception]
    ) -> None:
        with pytest.raises(refusal):
            factories.payment(hundred, **details)
        assert state(hundred) == ("SENT", "100.00")


class TestMarkPaid:
    def test_it_pays_what_is_open(self, hundred: Invoice, alice: User) -> None:
        factories.payment(hundred, "40")
        payment = payments.mark_paid(
            invoice=hundred,
            received_on=date(2026, 3, 10),
            method=Method.CASH,
            reference="till 3",
            actor=alice,
        )
        assert (payment.amount, payment.method, payment.reference) == (usd(60), "cash", "till 3")
        assert state(hundred) == ("PAID", "0.00")

    def test_a_second_time_is_refused(self, hundred: Invoice) -> None:
        payments.mark_paid(invoice=hundred)
        with pytest.raises(IllegalStep, match="INV-1001 is paid already"):
            payments.mark_paid(invoice=hundred)

    def test_nothing_cannot_be_paid(self, customer: Customer) -> None:
        draft = factories.draft(customer, lines=[factories.line("0")])
        with pytest.raises(IllegalStep, match="INV-1001 comes to nothing"):
            payments.mark_paid(invoice=draft)


class TestChange:
    def test_parts_move_from_one_invoice_to_another(
        self, hundred: Invoice, another: Invoice
    ) -> None:
        payment = factories.payment(hundred)
        before = len(told())
        payment = payments.reallocate(
            payment=payment,
            allocations={another.pk: usd(80), hundred.pk: usd(20)},
            origin="quickbooks_online:7",
        )
        assert (state(hundred), state(another)) == (("PARTIAL", "80.00"), ("PARTIAL", "20.00"))
        assert told_since(before) == [
            PaymentChanged(
                payment_id=payment.pk,
                invoice_ids=frozenset({hundred.pk, another.pk}),
                fields=frozenset({"allocations"}),
                origin="quickbooks_online:7",
            )
        ]

    def test_an_invoice_left_without_any_part_is_sent_again(self, hundred: Invoice) -> None:
        payment = factories.payment(factories.draft(hundred.customer))
        paid_draft = payment.allocations.get().invoice
        payments.reallocate(payment=payment, allocations={hundred.pk: usd(100)})
        assert (state(hundred)[0], state(paid_draft)[0]) == ("PAID", "SENT")

    def test_the_amount_may_change_with_its_parts(self, hundred: Invoice) -> None:
        payment = factories.payment(hundred)
        payment = payments.change(
            payment=payment, amount=usd(60), allocations={hundred.pk: usd(60)}, reference="7"
        )
        assert (payment.amount, payment.allocated) == (usd(60), usd(60))
        assert state(hundred) == ("PARTIAL", "40.00")
        assert told()[-1].fields == {"amount", "allocations", "reference"}  # type: ignore[attr-defined]

    def test_an_amount_below_what_is_applied_is_refused(self, hundred: Invoice) -> None:
        payment = factories.payment(hundred)
        with pytest.raises(OverAllocated):
            payments.change(payment=payment, amount=usd(99))
        assert state(hundred) == ("PAID", "0.00")

    def test_more_than_the_other_payments_leave_open_is_refused(self, hundred: Invoice) -> None:
        factories.payment(hundred, "30")
        payment = factories.payment(hundred, "70")
        with pytest.raises(OverAllocated, match=r"has \$70\.00 open, so \$71\.00"):
            payments.change(payment=payment, amount=usd(71), allocations={hundred.pk: usd(71)})

    def test_a_change_that_changes_nothing_is_not_told(self, hundred: Invoice) -> None:
        payment = factories.payment(hundred)
        before = len(told())
        payments.reallocate(payment=payment, allocations={hundred.pk: usd(100)})
        assert told_since(before) == []

    def test_only_words_may_change(self, hundred: Invoice) -> None:
        payment = factories.payment(hundred)
        payments.change(payment=payment, method=Method.CARD, received_on=date(2026, 2, 1))
        payment.refresh_from_db()
        assert (payment.method, payment.received_on) == ("card", date(2026, 2, 1))
        assert actions(hundred.pk)[-1] == "invoice.payment_applied"


class TestVoid:
    def test_invoices_are_open_again(self, hundred: Invoice, another: Invoice) -> None:
        factories.payment(another, "10")
        both = payments.record(
            customer=hundred.customer,
            amount=usd(190),
            allocations={hundred.pk: usd(100), another.pk: usd(90)},
        )
        before = len(told())
        both = payments.void(payment=both, origin="quickbooks_online:7")
        assert (state(hundred), state(another)) == (("SENT", "100.00"), ("PARTIAL", "90.00"))
        assert (both.is_void, both.unapplied) == (True, usd(0))
        assert told_since(before) == [
            PaymentVoided(
                payment_id=both.pk,
                invoice_ids=frozenset({hundred.pk, another.pk}),
                origin="quickbooks_online:7",
            )
        ]
        assert invoices.void(invoice=hundred).status == "VOID"

    def test_a_void_payment_stays_void(self, hundred: Invoice) -> None:
        payment = payments.void(payment=factories.payment(hundred))
        for again in (
            lambda: payments.void(payment=payment),
            lambda: payments.reallocate(payment=payment, allocations={}),
        ):
            with pytest.raises(IllegalStep, match="payment is void"):
                again()


class TestPaidBack:
    """Money that left pays nothing else."""

    def test_what_reopened_its_invoice_pays_no_other_one_until_its_refund_is_void(
        self, hundred: Invoice, another: Invoice
    ) -> None:
        payment = factories.payment(hundred)
        refund = factories.refund(payment, "100", reopen=True)
        payment.refresh_from_db()
        assert (state(hundred)[0], payment.paid_back, payment.unapplied) == (
            "SENT",
            usd(100),
            usd(0),
        )
        with pytest.raises(OverAllocated, match=r"\$100\.00 of this payment has been paid back"):
            payments.reallocate(payment=payment, allocations={another.pk: usd(1)})
        assert state(another)[0] == "SENT"
        refunds.void(refund=refund)
        payments.reallocate(payment=payment, allocations={another.pk: usd(100)})
        assert state(another)[0] == "PAID"

    def test_what_no_invoice_had_taken_is_not_applied_either(
        self, customer: Customer, hundred: Invoice, another: Invoice
    ) -> None:
        payment = payments.record(
            customer=customer, amount=usd(150), allocations={hundred.pk: usd(100)}
        )
        factories.refund(payment, "30")
        payment.refresh_from_db()
        assert (state(hundred)[0], payment.unapplied) == ("PAID", usd(20))
        with pytest.raises(OverAllocated):
            payments.reallocate(
                payment=payment, allocations={hundred.pk: usd(100), another.pk: usd(21)}
            )
        payments.reallocate(
            payment=payment, allocations={hundred.pk: usd(100), another.pk: usd(20)}
        )

    def test_an_invoice_that_stays_paid_may_give_its_part_to_another_one(
        self, hundred: Invoice, another: Invoice
    ) -> None:
        payment = factories.payment(hundred)
        factories.refund(payment, "40")
        payments.reallocate(payment=payment, allocations={hundred.pk: usd(60)})
        with pytest.raises(OverAllocated):
            payments.reallocate(
                payment=payment, allocations={hundred.pk: usd(60), another.pk: usd(1)}
            )
        payments.reallocate(payment=payment, allocations={another.pk: usd(60)})
        assert (state(hundred)[0], state(another)[0]) == ("SENT", "PARTIAL")

    def test_what_other_books_do_with_it_counts(self, hundred: Invoice, another: Invoice) -> None:
        payment = factories.payment(hundred)
        factories.refund(payment, "100", reopen=True)
        parts = {another.pk: usd(100)}
        payments.reallocate(payment=payment, allocations=parts, origin="quickbooks_online:7")
        payment.refresh_from_db()
        assert (state(another)[0], payment.unapplied) == ("PAID", usd(0))


def test_another_organizations_payment_is_out_of_reach(
    hundred: Invoice, contoso: Organization
) -> None:
    with within(contoso), pytest.raises(Invoice.DoesNotExist):
        payments.mark_paid(invoice=hundred)
