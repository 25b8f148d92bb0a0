"""What Alice and her staff do in Regentra, by the product's own services."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from billing.errors import BillingError
from billing.models import (
    Approval,
    CreditMemo,
    Customer,
    Invoice,
    Payment,
    PostedAs,
    Refund,
    Status,
)
from billing.money import Money
from billing.services import (
    credit_memos,
    customers,
    drafting,
    emailing,
    invoice_credit,
    invoices,
    payments,
    refunds,
)
from billing.services.invoices import DraftLine
from integrations import connecting, gateway, rule_changes
from integrations.connecting import ConnectRefused
from integrations.documents import Kind
from integrations.errors import SyncError
from integrations.inbound import importing
from integrations.models import (
    QUICKBOOKS,
    QUICKBOOKS_EMAIL,
    Connection,
    ImportState,
    Link,
    Mapping,
    MappingSubject,
    MirrorEntry,
    SyncJob,
    live_connection,
    policies_in_force,
    set_policies,
)
from integrations.outbound import batch_choice, jobs, pause, wishes
from integrations.outbound.prerequisites import MAPPING_NEEDS
from integrations.policies import InvoicesThere, RefundPosting
from sandbox import Sandbox
from sandbox.messages import Request
from tenants.models import Organization, User
from tenants.scope import within
from tests.factories import TODAY
from tests.simulation import admin, answers, rules, surroundings
from tests.simulation.surroundings import Surroundings

# Where refunds are paid from, and what they are booked to when they are expenses.
REFUND_ACCOUNTS = {
    MappingSubject.REFUND_ACCOUNT: "Checking",
    MappingSubject.REFUND_EXPENSE_ACCOUNT: "Refunds to customers",
}
PRICES = ("19.99", "100", "0.335", "33.333", "1250.5", "7.01")
OFF = (None, None, None, None, Decimal(10), Decimal("33.3333"))
QUANTITIES = ("1", "2", "0.333", "1.5", "7")


@dataclass
class Staff:
    """One organization's people and the companies they may sign in to."""

    organization: Organization
    owner: User
    core: Sandbox
    chance: random.Random
    realms: list[str] = field(default_factory=list)
    realm: str = ""
    number: int = 0
    # Invoices that must stand over there, as far as that is sure: with two companies it is not which of them.
    wanted: set[UUID] = field(default_factory=set)
    # How often each invoice was asked to be e-mailed.
    mails_asked: Counter[UUID] = field(default_factory=Counter)
    # How often the box for QuickBooks is ticked.
    ticked: float = 1.0
    # Whether they change the lists, the rules and their minds.
    deciding: bool = False
    surroundings: Surroundings = field(default_factory=Surroundings)

    def actions(self, *, switching: bool) -> dict[Callable[[], Any], int]:
        """What can be done, with how often it is."""
        daily = {
            self.add_customer: 3,
            self.generate: 12,
            self.edit: 8,
            self.send: 6,
            self.email: 4,
            self.mark_paid: 5,
            self.take_payment: 8,
            self.change_payment: 3,
            self.void_payment: 3,
            self.issue_credit: 6,
            self.apply_credit: 6,
            self.void_credit: 2,
            self.refund: 5,
            self.credit_refund: 2,
            self.void_refund: 2,
            self.void: 2,
            self.turn_into_credit: 2,
            self.edit_customer: 4,
            self.try_again: 2,
            self.catch_up: 3,
            self.answer_question: 3,
            self.choose_customer: 2,
            self.answer_number: 3,
            **(self._decisions() if self.deciding else {}),
            self.bring_in: 2,
            self.archive: 2,
            self.choose_mapping: 0 if self.surroundings.plain else 6,
        }
        seldom = {self.disconnect: 2, self.sign_in: 4, self.other_company: 1, self.use_company: 3}
        return {**daily, **(seldom if switching else {self.sign_in_when_asked: 3})}

    def _decisions(self) -> dict[Callable[[], Any], int]:
        """What staff and admins decide otherwise than they did before."""
        return {
            self.choose_rule: 5,
            self.go_dated: 1,
            self.sort_customers: 2,
            self.judge: 1,
            self.manage_sending: 3,
            self.archive_customer: 1,
            self.change_catalogue: 2,
        }

    # --- billing -----------------------------------------------------------------------------------------------------

    def add_customer(self) -> None:
        self.number += 1
        with within(self.organization):
            customers.create(
                name=f"Customer {self.number}",
                email=f"ap{self.number}@example.com",
                **surroundings.of_customer(self.chance),
                **self.surroundings.billed_in(self.chance),
            )

    def generate(self) -> None:
        with self._books():
            customer = self._any(Customer.objects.all())
            if customer is None:
                return
            ticked = self.chance.random() < self.ticked
            invoice = invoices.generate(
                customer=customer,
                lines=self._lines(),
                issued_on=TODAY,
                destinations=frozenset({QUICKBOOKS} if ticked else ()),
                actor=self.owner,
            )
            if ticked and len(self.realms) == 1:
                self.wanted.add(invoice.pk)

    def edit(self) -> None:
        with self._books():
            invoice = self._invoice()
            if invoice is None:
                return
            edits: dict[str, Any] = {"notes": f"Note {self.chance.randint(1, 9)}"}
            if invoice.standing in (Status.DRAFT, Status.SENT) and self.chance.random() < 0.6:
                edits["lines"] = self._lines()
            if invoice.standing is Status.DRAFT and self.chance.random() < 0.3:
                edits |= surroundings.of_invoice(self.chance)
            invoices.edit(invoice=invoice, actor=self.owner, **edits)

    def turn_into_credit(self) -> None:
        """More is taken back than was billed; only by the rule that has it so, of one that is there."""
        with self._books():
            if (invoice := self._invoice()) is not None:
                back = DraftLine(
                    description="Taken back",
                    quantity=Decimal(1),
                    unit_price=-invoice.total.amount - Decimal(self.chance.choice(PRICES)),
                )
                lines = [*drafting.drafts_of(invoice), back]
                invoices.turn_into_credit(invoice=invoice, lines=lines, actor=self.owner)

    def send(self) -> None:
        with self._books():
            if (invoice := self._invoice(status=Status.DRAFT)) is not None:
                invoices.send(invoice=invoice, actor=self.owner)

    def email(self) -> None:
        """Has QuickBooks mail an invoice, perhaps one that was not ticked for it."""
        with self._books():
            invoice = self._invoice()
            if invoice is not None and live_connection() is not None:
                self.mails_asked[invoice.pk] += 1
                emailing.request(invoice=invoice, through=QUICKBOOKS_EMAIL, actor=self.owner)

    def void(self) -> None:
        with self._books():
            if (invoice := self._invoice()) is not None:
                invoices.void(invoice=invoice, actor=self.owner)

    def archive(self) -> None:
        """Off the lists, or back on them."""
        with self._books():
            invoice = self._invoice()
            if invoice is not None and invoice.archived_at is not None:
                invoices.restore(invoice=invoice, actor=self.owner)
            elif invoice is not None:
                invoices.archive(invoice=invoice, actor=self.owner)

    def mark_paid(self) -> None:
        with self._books():
            if (invoice := self._invoice()) is not None:
                payments.mark_paid(
                    invoice=invoice, received_on=TODAY, method="cash", actor=self.owner
                )

    def take_payment(self) -> None:
        """Part of what a customer owes, perhaps over several invoices, perhaps more than they take."""
        with self._books():
            first = self._invoice()
            if first is None:
                return
            owed = Invoice.objects.filter(customer_id=first.customer_id).exclude(status=Status.VOID)
            parts = self._parts([one for one in owed.order_by("number") if one.balance.minor > 0])
            if parts:
                over = self.chance.choice([0, 0, 0, 250])
                total = sum(part.minor for part in parts.values()) + over
                payments.record(
                    customer=first.customer,
                    amount=Money(total, first.currency),
                    allocations=parts,
                    received_on=TODAY,
                    reference=f"R{self.chance.randint(1, 99)}",
                    actor=self.owner,
                )

    def change_payment(self) -> None:
        with self._books():
            payment = self._payment()
            if payment is None:
                return
            if self.chance.random() < 0.5:
                payments.change(payment=payment, memo=f"Memo {self.chance.randint(1, 9)}")
                return
            former = {part.invoice_id: part.amount for part in payment.allocations.all()}
            less = {
                key: Money(max(1, part.minor // 2), part.currency) for key, part in former.items()
            }
            payments.reallocate(payment=payment, allocations=less, actor=self.owner)

    def void_payment(self) -> None:
        with self._books():
            if (payment := self._payment()) is not None:
                payments.void(payment=payment, actor=self.owner)

    def issue_credit(self) -> None:
        """Of an invoice that is paid or void: some of its lines, each in whole or in part."""
        with self._books():
            settled = (Status.PAID, Status.VOID)
            invoice = self._invoice(status__in=settled)
            if invoice is None:
                return
            left = [one for one in sorted(invoice_credit.creditable(invoice).items()) if one[1]]
            some = left[: self.chance.randint(1, 3)]
            share = self.chance.choice([1, 1, 2])
            credit_memos.issue(
                invoice=invoice,
                amounts={key: _part(amount, share) for key, amount in some},
                issued_on=TODAY,
                actor=self.owner,
            )

    def apply_credit(self) -> None:
        """Puts what is left of a credit memo, or a part, on what the customer owes."""
        with self._books():
            memo = self._any(CreditMemo.objects.filter(voided_at=None))
            if memo is None:
                return
            owed = Invoice.objects.filter(customer_id=memo.customer_id).exclude(status=Status.VOID)
            left, parts = memo.remaining, {}
            for invoice in owed.order_by("-number")[: self.chance.randint(1, 2)]:
                part = min(left, _part(invoice.balance, self.chance.choice([1, 1, 2])))
                if part.minor > 0:
                    parts[invoice.pk] = part
                    left -= part
            credit_memos.apply(credit_memo=memo, allocations=parts, actor=self.owner)

    def void_credit(self) -> None:
        with self._books():
            if (memo := self._any(CreditMemo.objects.filter(voided_at=None))) is not None:
                credit_memos.void(credit_memo=memo, actor=self.owner)

    def refund(self) -> None:
        """Pays a payment back, in part or in whole, posted in one of the ways there are."""
        with self._books():
            payment = self._payment()
            if payment is None:
                return
            self._prepare_for_refunds()
            refunds.record(
                payment=payment,
                amount=_part(refunds.refundable(payment), self.chance.choice([1, 2, 3])),
                refunded_on=TODAY,
                reopen=self.chance.random() < 0.3,
                actor=self.owner,
            )

    def credit_refund(self) -> None:
        """Issues the credit memo of a refund for which nobody had decided anything."""
        with self._books():
            asked = Refund.objects.filter(posting=PostedAs.ASKED, voided_at=None)
            if (refund := self._any(asked)) is not None:
                refunds.issue_credit_memo(refund=refund, actor=self.owner)

    def void_refund(self) -> None:
        with self._books():
            if (refund := self._any(Refund.objects.filter(voided_at=None))) is not None:
                refunds.void(refund=refund, actor=self.owner)

    def _prepare_for_refunds(self) -> None:
        """Some way of posting, and now and then the accounts that some of them need."""
        chosen = self.chance.choice(list(RefundPosting))
        set_policies(replace(policies_in_force(), payment_refund_posting=chosen))
        live = live_connection()
        if live is not None and self.chance.random() < 0.8:
            for subject, name in REFUND_ACCOUNTS.items():
                self._map(live, subject, name)

    def _map(self, company: Connection, subject: MappingSubject, name: str) -> None:
        entry = MirrorEntry.objects.filter(connection=company, kind="account", name=name).first()
        if entry is not None:
            Mapping.objects.get_or_create(
                connection=company,
                subject=subject,
                local_key="",
                defaults={"remote_id": entry.remote_id, "remote_name": name},
            )
            jobs.release_all(company, *MAPPING_NEEDS)

    def edit_customer(self) -> None:
        with self._books():
            customer = self._any(Customer.objects.all())
            if customer is not None:
                phone = {"phone": f"555 01{self.chance.randint(10, 99)}"}
                changed = surroundings.edit_of_customer(self.chance) if self.deciding else phone
                customers.update(customer=customer, actor=self.owner, **changed)

    def archive_customer(self) -> None:
        """Off the lists, or back on them."""
        with self._books():
            customer = self._any(Customer.objects.all())
            if customer is not None:
                act = customers.restore if customer.is_archived else customers.archive
                act(customer=customer, actor=self.owner)

    def try_again(self) -> None:
        """Presses Try again beside whatever is stuck."""
        with self._books():
            stuck = self._any(SyncJob.objects.filter(state__in=("errored", "blocked")))
            if stuck is not None and live_connection() is not None:
                self.mails_asked[stuck.local_id] += stuck.kind == Kind.MAIL
                wishes.send_now(Kind(stuck.kind), stuck.local_id)

    def catch_up(self) -> None:
        """Asks that all that is owed goes in batches, or thinks better of it."""
        with self._books():
            live = live_connection()
            if live is not None and live.is_connected and not live.held:
                act = batch_choice.end if live.catch_up else batch_choice.catch_up
                act(live, actor=self.owner)

    def answer_question(self) -> None:
        """Decides about a difference."""
        with self._books():
            answers.decide(self.chance, self.owner)

    def answer_number(self) -> None:
        """Decides about an invoice whose number another one bears there."""
        with self._books():
            left_out = answers.choose_number(self.chance, self.owner)
            if left_out is not None:
                self.wanted.discard(left_out)

    def go_dated(self) -> None:
        """Lets what waits for closed books go under the first open day."""
        with self._books():
            answers.go_dated(self.chance, self.owner)

    def choose_customer(self) -> None:
        """Says which customer it is, or that it is one of its own."""
        with self._books():
            answers.choose_customer(self.chance, self.owner)

    def sort_customers(self) -> None:
        """Links a customer by hand, or takes it off its link."""
        with self._books():
            answers.sort_customers(self.chance, self.owner)

    def judge(self) -> None:
        """Puts an invoice on hold, or approves it."""
        with self._books():
            if (invoice := self._invoice()) is not None:
                said = self.chance.choice([Approval.HELD, Approval.APPROVED, Approval.APPROVED])
                invoices.judge(invoice=invoice, approval=said, actor=self.owner)

    def choose_rule(self) -> None:
        """One of the sync rules is changed."""
        with self._books():
            rules.choose(self.chance, self.owner)

    def choose_mapping(self) -> None:
        """An admin says what something of ours is over there, or has it made."""
        with self._books():
            live = live_connection()
            if live is not None and live.is_connected and not live.held:
                act = self.chance.choices(list(admin.ACTIONS), list(admin.ACTIONS.values()))[0]
                act(self.chance, live, self.owner)

    def manage_sending(self) -> None:
        """Pauses sending, resumes it, or asks for all of it now."""
        with self._books():
            live = live_connection()
            if live is not None and live.is_connected:
                admin.manage_sending(self.chance, live, self.owner)

    def ask_for_all(self) -> None:
        """Both directions now, and the company's settings."""
        with self._books():
            live = live_connection()
            if live is not None and live.is_connected:
                admin.sync_now(live, self.owner)

    def usual_rules(self) -> None:
        """Whatever was chosen, in the end the rules of the house hold, and nothing is on hold or paused."""
        with self._books():
            rule_changes.adopt(self.surroundings.rules.to_choices(), actor=self.owner)
            for invoice in Invoice.objects.filter(approval=Approval.HELD).order_by("pk"):
                with suppress(BillingError):
                    invoices.judge(invoice=invoice, approval=Approval.APPROVED, actor=self.owner)

    def resume(self) -> None:
        """Sending goes on where somebody had paused it."""
        with self._books():
            live = live_connection()
            if live is not None and (live.paused_at or live.pause_after_batch):
                pause.end(live, actor=self.owner)

    def change_catalogue(self) -> None:
        """Another service, or another name, text or price of one there is."""
        with self._books():
            surroundings.change_catalogue(self.chance, self.owner)

    def bring_in(self) -> None:
        """Has what is in QuickBooks counted, then brought in, for now or from now on; or thinks better of it."""
        with self._books():
            live = live_connection()
            if live is None or not live.is_connected or live.held:
                return
            run = importing.ask_for(live, actor=self.owner)
            if run.state == ImportState.COUNTED:
                importing.begin(run, actor=self.owner)
                if self.chance.random() < 0.5:
                    set_policies(
                        replace(policies_in_force(), invoices_made_there=InvoicesThere.BRING_IN)
                    )
            elif run.state == ImportState.RUNNING and self.chance.random() < 0.2:
                importing.end(run, actor=self.owner)

    def on_paper(self) -> tuple[str, str, list[tuple[str, Decimal]]] | None:
        """An invoice not in QuickBooks, though its customer is: its number, the customer there, and the lines."""
        with within(self.organization):
            there = Link.objects.filter(connection=live_connection())
            linked = dict(there.filter(kind=Kind.CUSTOMER).values_list("local_id", "remote_id"))
            sent = there.filter(kind=Kind.INVOICE).values("local_id")
            owed = Invoice.objects.filter(customer_id__in=list(linked)).exclude(pk__in=sent)
            invoice = self._any(owed)
            if invoice is None:
                return None
            lines = [(one.description, one.net.amount) for one in invoice.lines.all()]
            return invoice.number, linked[invoice.customer_id], lines

    # --- the connection ----------------------------------------------------------------------------------------------

    def sign_in_when_asked(self) -> None:
        """Reconnects when the page says that it is needed."""
        with within(self.organization):
            live = live_connection()
        if live is None or not live.is_connected:
            self.sign_in()

    def sign_in(self) -> None:
        """Goes over Intuit's page to the company used last."""
        self.connect(self.realm)

    def other_company(self) -> None:
        if len(self.realms) > 1:
            self.connect(self.chance.choice([one for one in self.realms if one != self.realm]))

    def use_company(self) -> None:
        with within(self.organization):
            if (live := live_connection()) is not None:
                connecting.use_company(live, user=self.owner)

    def disconnect(self) -> None:
        connecting.disconnect(self.organization, user=self.owner)

    def connect(self, realm: str) -> None:
        """Signs in to this company. Nothing happens when Intuit does not answer."""
        try:
            code = self._consent(realm)
            with within(self.organization):
                live = live_connection()
            connecting.connect(
                self.organization,
                user=self.owner,
                code=code,
                account=realm,
                replaces=live.id if live else None,
            )
        except (ConnectRefused, SyncError):
            return
        self.realm = realm

    def _consent(self, realm: str) -> str:
        page = urlsplit(gateway.consent_page("state", gateway.platform_app()))
        asked = {name: values[0] for name, values in parse_qs(page.query).items()}
        form = urlencode({**asked, "realm": realm, "decision": "connect"}).encode()
        answer = self.core.handle(Request("POST", page.path, body=form))
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]

    # --- choices -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _books(self) -> Iterator[None]:
        """The organization's books; what billing refuses does not happen and is no trouble."""
        with suppress(BillingError), within(self.organization):
            yield

    def _any(self, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        return self.chance.choice(found) if found else None

    def _invoice(self, **having: Any) -> Any:
        return self._any(Invoice.objects.select_related("customer").filter(**having))

    def _payment(self) -> Any:
        return self._any(Payment.objects.filter(voided_at=None))

    def _lines(self) -> list[DraftLine]:
        """Now and then with a discount on all of it, or a cent or three written off."""
        lines = self._sold()
        if self.chance.random() < 0.2:
            lines.append(drafting.discount(percent=Decimal(10)))
        if self.chance.random() < 0.1:
            lines.append(drafting.adjustment(Decimal("-0.03")))
        return lines

    def _sold(self) -> list[DraftLine]:
        return [
            DraftLine(
                description=f"Work {self.chance.randint(1, 99)}",
                quantity=Decimal(self.chance.choice(QUANTITIES)),
                unit_price=Decimal(self.chance.choice(PRICES)),
                discount_percent=self.chance.choice(OFF),
                **surroundings.of_line(self.chance),
            )
            for _ in range(self.chance.randint(1, 3))
        ]

    def _parts(self, owed: list[Invoice]) -> dict[Any, Money]:
        chosen = owed[: self.chance.randint(1, 2)]
        share = self.chance.choice([1, 2, 3])
        return {one.pk: Money(max(1, one.balance.minor // share), one.currency) for one in chosen}


def _part(amount: Money, share: int) -> Money:
    """So large a share of it; of a discount, which is below zero, likewise."""
    return Money(int(amount.minor / share), amount.currency)
