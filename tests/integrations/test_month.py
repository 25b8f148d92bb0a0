"""A month of a managed service provider, pushed and pulled, against an oracle of postings that knows no sandbox.

MONTH=1000 plays it with so many invoices, of a fifth as many customers.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
import requests

from billing.models import CreditMemo, Customer, Invoice, Payment, Refund, Service
from billing.money import Money
from billing.services import catalogue, credit_memos, customers, invoices, payments, refunds
from integrations.documents import Kind
from integrations.job_states import JobState
from integrations.models import (
    QUICKBOOKS,
    Link,
    Mapping,
    MappingSubject,
    SyncJob,
    policies_in_force,
    set_policies,
)
from integrations.outbound import batch_choice
from integrations.policies import RefundPosting
from tests import factories
from tests.integrations.posting_oracle import UNDEPOSITED, Oracle
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

INVOICES = int(os.environ.get("MONTH") or 150)
CUSTOMERS = INVOICES // 5
FIRST_DAY = date(2026, 3, 1)
INCOME = {"Managed workstation": "Services", "Firewall": "Hardware Sales"}
# Cards go to the bank at once, everything else waits for a deposit.
ACCOUNTS = {"card": "Checking", "check": UNDEPOSITED}
# Refunds leave the bank; as expenses they are booked to one account, as receipts against the default item.
BANK, REFUNDED, DEFAULT_ITEM = "Checking", "Refunds to customers", "Firewall"


@dataclass
class Month:
    """Who did what; each act is told to the oracle in the bookkeeper's words."""

    world: World
    random: Random
    oracle: Oracle = field(default_factory=Oracle)
    services: dict[str, Service] = field(default_factory=dict)
    known: list[Customer] = field(default_factory=list)
    made: dict[UUID, tuple[Invoice, dict[str, Decimal]]] = field(default_factory=dict)
    paid: list[Payment] = field(default_factory=list)
    # How the oracle is told of each refund that stands.
    refunded: dict[Refund, Callable[[int], None]] = field(default_factory=dict)

    def set_up(self) -> None:
        """Two services that book to different accounts, an account for cards, and those of refunds."""
        self.world.bookkeeper("Account", {"Name": REFUNDED, "AccountType": "Expense"})
        items = {name: self._item(name, account) for name, account in INCOME.items()}
        self.world.due_now()
        self.world.work()
        with self.world.inside():
            for name, item in items.items():
                self.services[name] = catalogue.create_service(name=name, unit_price=Decimal(1))
                self._choose(MappingSubject.SERVICE, str(self.services[name].pk), item)
            accounts = {one["Name"]: one for one in self.world.held("Account")}
            self._choose(MappingSubject.DEPOSIT_ACCOUNT, "card", accounts["Checking"])
            self._choose(MappingSubject.REFUND_ACCOUNT, "", accounts[BANK])
            self._choose(MappingSubject.REFUND_EXPENSE_ACCOUNT, "", accounts[REFUNDED])
            self._choose(MappingSubject.DEFAULT_ITEM, "", items[DEFAULT_ITEM])

    def write_invoices(self) -> None:
        with self.world.inside():
            self.known = [self._customer(number) for number in range(CUSTOMERS)]
            for _ in range(INVOICES):
                self._write_invoice()

    def take_payments(self) -> None:
        """Half are paid in full, some in part, some several at once or with more than was owed."""
        with self.world.inside():
            of_customer = defaultdict(list)
            for invoice, _ in self.made.values():
                of_customer[invoice.customer_id].append(invoice)
            for owed in of_customer.values():
                self._take_payment(owed[: self.random.randint(0, 3)])

    def take_back(self) -> None:
        """Some payments bounce, some invoices were a mistake."""
        with self.world.inside():
            for payment in self.random.sample(self.paid, k=len(self.paid) // 10):
                payments.void(payment=payment)
                self.oracle.void_payment(payment.amount.amount, ACCOUNTS[payment.method])
            open_ones = [one for one in map(self._fresh, list(self.made)) if not one.applied]
            for invoice in self.random.sample(open_ones, k=INVOICES // 25):
                invoices.void(invoice=invoice)
                self.oracle.void_invoice(self.made.pop(invoice.pk)[1])

    def give_credit(self) -> None:
        """Some of what was paid is credited, in part, and used on what the customer still owes."""
        with self.world.inside():
            settled = [one for one in map(self._fresh, list(self.made)) if one.status == "PAID"]
            for invoice in self.random.sample(settled, k=INVOICES // 25):
                line = self.random.choice(list(invoice.lines.all()))
                amount = Money(self.random.randint(1, line.amount_minor), "USD")
                credit = credit_memos.issue(
                    invoice=invoice,
                    amounts={line.pk: amount},
                    issued_on=FIRST_DAY + timedelta(days=30),
                )
                self.oracle.credit_memo({INCOME[line.description]: amount.amount})
                self._use(credit)

    def pay_back(self) -> None:
        """Some payments are paid back in part, as expenses and as refund receipts; some of that was a mistake."""
        with self.world.inside():
            alive = [one for one in map(self._fresh_payment, self.paid) if not one.is_void]
            chosen = self.random.sample(alive, k=2 * max(2, INVOICES // 50))
            for number, payment in enumerate(chosen):
                self._pay_back(payment, number % 2 == 0)
            for refund in self.random.sample(list(self.refunded), k=len(self.refunded) // 4):
                refunds.void(refund=refund)
                self.refunded.pop(refund)(-1)

    def _pay_back(self, payment: Payment, is_expense: bool) -> None:
        posting = RefundPosting.EXPENSE if is_expense else RefundPosting.REFUND_RECEIPT
        set_policies(replace(policies_in_force(), payment_refund_posting=posting))
        amount = Money(self.random.randint(1, payment.amount.minor), "USD")
        refund = refunds.record(
            payment=payment, amount=amount, refunded_on=FIRST_DAY + timedelta(days=30)
        )
        self.refunded[refund] = self._posting_of(amount.amount, is_expense)
        self.refunded[refund](1)

    def _posting_of(self, amount: Decimal, is_expense: bool) -> Callable[[int], None]:
        """Tells the oracle of a refund, or with -1 that there is none."""
        if is_expense:
            return lambda sign: self.oracle.refund_expense(amount, BANK, REFUNDED, sign)
        income = {INCOME[DEFAULT_ITEM]: amount}
        return lambda sign: self.oracle.refund_receipt(income, BANK, sign)

    def bookkeeper_works_on_credit(self) -> None:
        """Over there a refund of each sort is deleted, credit that is left is used, and a credit memo is changed."""
        for entity in ("Purchase", "RefundReceipt"):
            theirs = self.random.choice(self.world.held(entity))
            keys = {"Id": theirs["Id"], "SyncToken": theirs["SyncToken"]}
            self.world.bookkeeper(entity, keys, operation="delete")
            kinds = {"Purchase": Kind.EXPENSE, "RefundReceipt": Kind.REFUND_RECEIPT}
            with self.world.inside():
                link = Link.objects.get(kind=kinds[entity], remote_id=theirs["Id"])
                self.refunded.pop(Refund.objects.get(pk=link.local_id))(-1)
        self._used_there()
        self._credit_changed_there()

    def _used_there(self) -> None:
        owed = self.world.held("Invoice")
        for memo in self.world.held("CreditMemo"):
            whose = memo["CustomerRef"]["value"]
            bills = [one for one in owed if one["CustomerRef"]["value"] == whose and one["Balance"]]
            if memo["Balance"] and bills:
                part = min(memo["Balance"], bills[0]["Balance"])
                links = [(bills[0]["Id"], "Invoice"), (memo["Id"], "CreditMemo")]
                lines = [
                    {"Amount": part, "LinkedTxn": [{"TxnId": remote, "TxnType": kind}]}
                    for remote, kind in links
                ]
                body = {"CustomerRef": memo["CustomerRef"], "TotalAmt": 0, "Line": lines}
                self.world.bookkeeper("Payment", body)
                return

    def _credit_changed_there(self) -> None:
        """The bookkeeper gives seven more."""
        memo = self.world.held("CreditMemo")[0]
        (line,) = [one for one in memo["Line"] if one["DetailType"] == "SalesItemLineDetail"]
        amount = Decimal(str(line["Amount"])) + 7
        detail = {**line["SalesItemLineDetail"], "Qty": 1, "UnitPrice": str(amount)}
        changed = {**line, "Amount": str(amount), "SalesItemLineDetail": detail}
        keys = {"Id": memo["Id"], "SyncToken": memo["SyncToken"], "sparse": True}
        whose = {"CustomerRef": memo["CustomerRef"]}
        self.world.bookkeeper("CreditMemo", {**keys, **whose, "Line": [changed]})
        self.oracle.credit_memo({INCOME[line["Description"]]: Decimal(7)})

    def _use(self, credit: CreditMemo) -> None:
        owed = Invoice.objects.filter(customer=credit.customer, pk__in=self.made)
        for invoice in owed:
            if invoice.balance:
                part = min(credit.total.minor, invoice.balance.minor)
                credit_memos.apply(credit_memo=credit, allocations={invoice.pk: Money(part, "USD")})
                return

    def bookkeeper_works(self) -> list[Invoice]:
        """Over there some payments are recorded and some invoices are changed. Those that were paid."""
        with self.world.inside():
            open_ones = [one for one in map(self._fresh, list(self.made)) if not one.applied]
            remote_ids = dict(Link.objects.values_list("local_id", "remote_id"))
        theirs = {one["Id"]: one for one in self.world.held("Invoice")}
        paid = INVOICES // 25
        chosen = self.random.sample(open_ones, k=paid + INVOICES // 50)
        for invoice in chosen[:paid]:
            self._paid_there(theirs[remote_ids[invoice.pk]])
            self.oracle.payment(invoice.balance.amount)
        for invoice in chosen[paid:]:
            self._changed_there(theirs[remote_ids[invoice.pk]])
        return chosen[:paid]

    def trial_balance(self) -> dict[str, Decimal]:
        """What the company's own report says."""
        root = f"{self.world.box.url}/sandbox/v3/company/{self.world.realm}"
        token = self.world.bookkeepers[self.world.realm]
        answer = requests.get(
            f"{root}/reports/TrialBalance",
            params={"start_date": "2026-01-01", "end_date": "2027-12-31"},
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=30,
        )
        rows = [row["ColData"] for row in answer.json()["Rows"]["Row"] if "ColData" in row]
        cells = [[cell["value"] for cell in row] for row in rows]
        return {name: Decimal(debit or 0) - Decimal(credit or 0) for name, debit, credit in cells}

    def _write_invoice(self) -> None:
        income: dict[str, Decimal] = defaultdict(Decimal)
        lines = []
        for _ in range(self.random.randint(1, 3)):
            name = self.random.choice(list(INCOME))
            price = f"{self.random.randint(100, 90_000) / 100:.2f}"
            quantity = self.random.choice(["1", "2", "0.25", "1.5", "3.333"])
            line = factories.line(price, quantity, service=self.services[name], description=name)
            income[INCOME[name]] += Money.of(Decimal(price) * Decimal(quantity), "USD").amount
            lines.append(line)
        invoice = invoices.generate(
            customer=self.random.choice(self.known),
            lines=lines,
            issued_on=FIRST_DAY + timedelta(days=self.random.randint(0, 30)),
            destinations=frozenset({QUICKBOOKS}),
        )
        invoices.send(invoice=invoice)
        self.made[invoice.pk] = (invoice, dict(income))
        self.oracle.invoice(income)

    def _take_payment(self, owed: list[Invoice]) -> None:
        if not owed:
            return
        parts = {}
        for invoice in owed:
            share = self.random.choice([1, 1, 1, 2])
            parts[invoice.pk] = Money(max(invoice.balance.minor // share, 1), "USD")
        rest = Money(self.random.choice([0, 0, 0, 5_000]), "USD")
        amount = Money(sum(part.minor for part in parts.values()) + rest.minor, "USD")
        method = self.random.choice(list(ACCOUNTS))
        payment = payments.record(
            customer=owed[0].customer,
            amount=amount,
            allocations=parts,
            received_on=FIRST_DAY + timedelta(days=30),
            method=method,
        )
        self.paid.append(payment)
        self.oracle.payment(amount.amount, ACCOUNTS[method])

    def _paid_there(self, theirs: dict[str, Any]) -> None:
        amount, applied_to = theirs["Balance"], [{"TxnId": theirs["Id"], "TxnType": "Invoice"}]
        lines = [{"Amount": amount, "LinkedTxn": applied_to}]
        whose = {"CustomerRef": theirs["CustomerRef"]}
        self.world.bookkeeper("Payment", {**whose, "TotalAmt": amount, "Line": lines})

    def _changed_there(self, theirs: dict[str, Any]) -> None:
        """The bookkeeper takes another price for the first line."""
        line, *others = [one for one in theirs["Line"] if one["DetailType"] != "SubTotalLineDetail"]
        amount = Decimal(str(line["Amount"])) + 7
        detail = {**line["SalesItemLineDetail"], "Qty": 1, "UnitPrice": str(amount)}
        changed = {**line, "Amount": str(amount), "SalesItemLineDetail": detail}
        body = {"Id": theirs["Id"], "SyncToken": theirs["SyncToken"], "sparse": True}
        self.world.bookkeeper("Invoice", {**body, "Line": [changed, *others]})
        self.oracle.invoice({INCOME[line["Description"]]: Decimal(7)})

    def _fresh_payment(self, payment: Payment) -> Payment:
        return Payment.objects.get(pk=payment.pk)

    def _fresh(self, key: UUID) -> Invoice:
        return Invoice.objects.get(pk=key)

    def _customer(self, number: int) -> Customer:
        return customers.create(name=f"Client {number}", email=f"ap{number}@client.example")

    def _item(self, name: str, account_name: str) -> dict[str, Any]:
        (account,) = [one for one in self.world.held("Account") if one["Name"] == account_name]
        reference = {"value": account["Id"]}
        return self.world.bookkeeper(
            "Item", {"Name": name, "Type": "Service", "IncomeAccountRef": reference}
        )

    def _choose(self, subject: MappingSubject, key: str, target: dict[str, Any]) -> None:
        Mapping.objects.create(
            connection=self.world.connection,
            subject=subject,
            local_key=key,
            remote_id=target["Id"],
            remote_name=target["Name"],
        )


def test_after_a_month_every_account_stands_where_the_documents_of_both_sides_put_it(
    world: World,
) -> None:
    month = Month(world, Random(20260301))
    month.set_up()
    month.write_invoices()
    with world.inside():
        batch_choice.catch_up(world.connection, actor=world.owner)
    until_nothing_is_due(world)
    month.take_payments()
    until_nothing_is_due(world)
    month.take_back()
    until_nothing_is_due(world)
    month.give_credit()
    until_nothing_is_due(world)
    month.pay_back()
    until_nothing_is_due(world)
    paid_there = month.bookkeeper_works()
    month.bookkeeper_works_on_credit()
    world.due_now()
    until_nothing_is_due(world)
    with world.inside():
        unsettled = SyncJob.objects.exclude(state=JobState.SYNCED)
        assert list(unsettled.values_list("kind", "state", "reason")) == []
    assert len(world.held("Invoice")) == INVOICES
    assert month.trial_balance() == month.oracle.trial_balance()
    assert {world.fresh(invoice).status for invoice in paid_there} == {"PAID"}


def until_nothing_is_due(world: World) -> None:
    world.work()
    for _ in range(100):
        if not any(map(world._is_due, world.connections)):
            return
        world.work()
    raise AssertionError("there is no end of it")
