"""Whatever is billed, credited and paid back comes to the same over there, to the cent, or the difference is seen.

EXAMPLES=200 tries so many of each.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.errors import BillingError
from billing.models import CreditMemo, Customer, Invoice, Payment, Refund, TaxRegion
from billing.money import Money
from billing.services import credit_memos, invoice_credit, invoices, payments, refunds
from billing.services.drafting import DraftLine, discount
from integrations.documents import Kind
from integrations.models import (
    QUICKBOOKS,
    Link,
    Mapping,
    MappingSubject,
    SyncJob,
    policies_in_force,
    set_policies,
)
from integrations.policies import RefundPosting
from integrations.quickbooks_online.mapping.held import ENTITIES
from integrations.standing import standings
from tests import factories
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)

# One world serves all examples: each bills a customer of its own.
shared = settings(
    max_examples=int(os.environ.get("EXAMPLES") or 12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

PRICES = st.decimals("0.01", 5000, places=2) | st.decimals("0.000001", 50, places=6)
QUANTITIES = st.integers(1, 40).map(Decimal) | st.decimals("0.00001", 30, places=5)
RATES = st.sampled_from(["0", "8.25", "9.1", "6.0", "0.3333"])
WORDS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=20)


@st.composite
def sold(draw: st.DrawFn) -> DraftLine:
    return DraftLine(
        description=draw(WORDS.filter(str.strip)),
        quantity=draw(QUANTITIES),
        unit_price=draw(PRICES),
        taxable=draw(st.booleans()),
    )


@st.composite
def bills(draw: st.DrawFn) -> list[DraftLine]:
    """Some lines, now and then with a discount on all of them."""
    lines = draw(st.lists(sold(), min_size=1, max_size=4))
    percent = draw(st.none() | st.none() | st.sampled_from([Decimal(10), Decimal("33.33")]))
    return [*lines, *([discount(percent=percent)] if percent is not None else [])]


class Office:
    """Alice's organization; a customer in a region of each tax rate is made when it is needed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.regions: dict[str, TaxRegion] = {}
        self.customers = 0
        accounts = world.held("Account")
        chosen = {
            MappingSubject.REFUND_ACCOUNT: "Bank",
            MappingSubject.REFUND_EXPENSE_ACCOUNT: "Expense",
        }
        with world.inside():
            for subject, type_ in chosen.items():
                account = next(one for one in accounts if one["AccountType"] == type_)
                Mapping.objects.create(
                    connection=world.connection,
                    subject=subject,
                    remote_id=account["Id"],
                    remote_name=account["Name"],
                )

    def customer(self, rate: str) -> Customer:
        self.customers += 1
        region = self.regions.get(rate) or factories.tax_region(f"Rate {rate}", rate)
        self.regions[rate] = region
        details = {"tax_region": region, "email": f"ap{self.customers}@adatum.example"}
        return factories.customer(f"Adatum {self.customers}", **details)

    def bill(self, lines: Sequence[DraftLine], rate: str) -> Invoice | None:
        """An invoice that was paid, if it comes to anything."""
        with self.world.inside():
            try:
                invoice = invoices.generate(
                    customer=self.customer(rate),
                    lines=lines,
                    issued_on=factories.TODAY,
                    destinations=frozenset({QUICKBOOKS}),
                )
            except BillingError:
                return None
            sent = invoices.send(invoice=invoice)
            if sent.balance:
                payments.mark_paid(invoice=sent, received_on=factories.TODAY)
        self.world.work()
        return self.world.fresh(invoice)  # type: ignore[no-any-return]

    def credit(self, invoice: Invoice, share: int) -> CreditMemo | None:
        """So large a part of each line, if that comes to anything."""
        with self.world.inside():
            left = invoice_credit.creditable(invoice)
            parts = {key: Money(int(one.minor / share), one.currency) for key, one in left.items()}
            try:
                memo = credit_memos.issue(
                    invoice=invoice,
                    amounts={key: part for key, part in parts.items() if part},
                    issued_on=factories.TODAY,
                )
            except BillingError:
                return None
        self.world.work()
        return memo

    def pay_back(self, invoice: Invoice, posting: RefundPosting, share: int) -> Refund | None:
        with self.world.inside():
            payment = Payment.objects.filter(allocations__invoice=invoice).first()
            part = Money(payment.amount.minor // share, "USD") if payment else Money.zero("USD")
            if payment is None or not part:
                return None
            set_policies(replace(policies_in_force(), payment_refund_posting=posting))
            refund = refunds.record(payment=payment, amount=part, refunded_on=factories.TODAY)
        self.world.work()
        return refund

    def check(self, row: Any, kind: Kind, ours: Money) -> int:
        """Fails unless both totals are equal or staff see by how much they differ. The difference, in minor units."""
        with self.world.inside():
            job = SyncJob.objects.get(kind=kind, local_id=row.pk)
            assert job.state == "synced", job.reason
            link = Link.objects.get(kind=kind, local_id=row.pk)
            pill = standings([row])[kind, row.pk].pill.text
        (theirs,) = [x for x in self.world.held(ENTITIES[kind]) if x["Id"] == link.remote_id]
        difference = Money.of(Decimal(str(theirs["TotalAmt"])), "USD").minor - ours.minor
        assert link.variance_minor == difference
        assert pill == ("Total differs" if difference else "Synced")
        return difference


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


@shared
@given(lines=bills(), rate=RATES, share=st.integers(1, 4))
def test_invoice_and_credit_memo_come_to_the_same_or_the_difference_is_seen(
    office: Office, lines: list[DraftLine], rate: str, share: int
) -> None:
    invoice = office.bill(lines, rate)
    if invoice is None:
        return
    office.check(invoice, Kind.INVOICE, invoice.total)
    memo = office.credit(invoice, share)
    if memo is None:
        return
    untaxed = not memo.tax
    difference = office.check(memo, Kind.CREDIT_MEMO, memo.total)
    assert not (untaxed and difference), "without tax nothing can differ"


@shared
@given(
    line=sold(),
    posting=st.sampled_from([RefundPosting.EXPENSE, RefundPosting.REFUND_RECEIPT]),
    share=st.integers(1, 4),
)
def test_refund_comes_to_the_same_however_it_is_posted(
    office: Office, line: DraftLine, posting: RefundPosting, share: int
) -> None:
    invoice = office.bill([replace(line, taxable=False)], "0")
    refund = office.pay_back(invoice, posting, share) if invoice else None
    if refund is None:
        return
    kind = Kind.EXPENSE if posting is RefundPosting.EXPENSE else Kind.REFUND_RECEIPT
    assert office.check(refund, kind, refund.amount) == 0
