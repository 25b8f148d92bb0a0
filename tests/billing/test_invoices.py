from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing import destinations
from billing.errors import (
    AlreadyBilled,
    AmountRefused,
    DatesRefused,
    DestinationUnavailable,
    IllegalStep,
    NotFound,
    NothingToBill,
    NumberRefused,
    WrongCustomer,
)
from billing.events import InvoiceChanged, InvoiceGenerated, InvoiceSent, InvoiceVoided
from billing.models import Invoice, InvoiceLine, NumberSequence, TimeEntry
from billing.services import (
    bundles,
    credit_memos,
    customers,
    drafting,
    invoices,
    numbering,
    payments,
)
from billing.services.invoices import DraftLine
from regentra import clock
from tenants.models import Organization, User
from tenants.scope import within
from tests import factories
from tests.billing.told import actions, told_since
from tests.factories import usd


@pytest.fixture
def moon() -> Iterator[str]:
    destinations.register("moon", "The Moon", lambda: True, lambda: "The moon is down.")
    yield "moon"
    destinations.forget("moon")


def lines_of(invoice: Invoice) -> list[tuple[str, Decimal, Decimal, int]]:
    rows = invoice.lines.order_by("position")
    return [(row.description, row.quantity, row.unit_price, row.amount_minor) for row in rows]


class TestGenerate:
    def test_work_comes_first_then_lines_and_all_is_counted(
        self, books: Organization, alice: User, moon: str
    ) -> None:
        customer = factories.customer(
            terms=factories.term("Net 30", 30), tax_region=factories.tax_region("NYC", "8.875")
        )
        support = factories.service("Support", unit_price=Decimal(120), taxable=True)
        late = factories.time_entry(customer, service=support, worked_on=date(2026, 3, 9))
        early = factories.time_entry(
            customer, service=support, worked_on=date(2026, 3, 2), hours="2", description=""
        )
        invoice = invoices.generate(
            customer=customer,
            time_entries=[late, early],
            lines=[factories.line("-20", description="Loyalty discount")],
            issued_on=date(2026, 3, 16),
            notes="Thank you",
            memo="Ask Bob",
            destinations=frozenset({moon}),
            actor=alice,
        )
        assert lines_of(invoice) == [
            ("Support", Decimal(2), Decimal(120), 24000),
            ("On-site visit", Decimal("1.5"), Decimal(120), 18000),
            ("Loyalty discount", Decimal(1), Decimal(-20), -2000),
        ]
        assert (invoice.subtotal, invoice.tax, invoice.total) == (
            usd(400),
            usd("37.28"),  # 8.875 % of 420.00 is 37.275
            usd("437.28"),
        )
        assert (invoice.status, invoice.number) == ("DRAFT", "INV-1001")
        assert invoice.due_on == date(2026, 4, 15)
        assert told_since(1) == [
            InvoiceGenerated(
                invoice_id=invoice.pk, destinations=frozenset({moon}), actor_id=alice.pk
            )
        ]
        assert actions(invoice.pk) == ["invoice.generated"]

    def test_without_terms_it_is_due_at_once_and_today_is_local(self, books: Organization) -> None:
        # Nine in the evening in New York is already tomorrow in UTC.
        with clock.frozen(datetime(2026, 3, 17, 1, 0, tzinfo=UTC)):
            invoice = factories.draft(issued_on=None)
        assert invoice.issued_on == invoice.due_on == date(2026, 3, 16)

    def test_the_rate_stays_when_the_region_changes(self, books: Organization) -> None:
        region = factories.tax_region(rate_percent="10")
        invoice = factories.draft(
            factories.customer(tax_region=region), lines=[factories.line(taxable=True)]
        )
        type(region).objects.update(rate_percent=20)
        assert invoices.edit(invoice=invoice, notes="Hello").tax == usd(10)

    def test_work_is_billed_once(self, books: Organization) -> None:
        customer = factories.customer()
        entry = factories.time_entry(customer)
        first = factories.draft(customer, time_entries=[entry])
        with pytest.raises(AlreadyBilled, match="1 of 1 chosen entries are on an invoice already"):
            factories.draft(customer, time_entries=[entry])
        entry.refresh_from_db()
        assert entry.invoice_line.invoice == first

    def test_another_customers_work_is_refused(self, books: Organization) -> None:
        entry = factories.time_entry(factories.customer())
        with pytest.raises(WrongCustomer):
            factories.draft(factories.customer(), time_entries=[entry])

    def test_work_that_is_gone_is_refused(self, books: Organization) -> None:
        customer = factories.customer()
        entry = factories.time_entry(customer)
        TimeEntry.objects.all().delete()
        with pytest.raises(NotFound, match="does not exist any more"):
            factories.draft(customer, time_entries=[entry])

    def test_an_archived_customer_is_not_billed(self, books: Organization) -> None:
        customer = customers.archive(customer=factories.customer("Fabrikam"))
        with pytest.raises(IllegalStep, match="Fabrikam is archived"):
            factories.draft(customer)

    def test_an_unknown_destination_is_refused(self, books: Organization) -> None:
        with pytest.raises(DestinationUnavailable, match="“mars”"):
            factories.draft(destinations=frozenset({"mars"}))

    def test_an_empty_invoice_is_refused(self, books: Organization) -> None:
        with pytest.raises(NothingToBill, match="between one and 10,000 lines"):
            invoices.generate(customer=factories.customer())

    @pytest.mark.parametrize(
        "dates",
        [
            {"issued_on": date(2026, 3, 16), "due_on": date(2026, 3, 15)},
            {"issued_on": date(202, 3, 16)},
            {"due_on": date(9999, 12, 31)},
        ],
    )
    def test_dates_that_cannot_be_meant_are_refused(
        self, books: Organization, dates: dict[str, date]
    ) -> None:
        with pytest.raises(DatesRefused):
            factories.draft(**dates)

    def test_a_refusal_takes_no_number_and_bills_no_work(self, books: Organization) -> None:
        customer = factories.customer()
        entry = factories.time_entry(customer)
        with pytest.raises(AmountRefused):
            factories.draft(customer, time_entries=[entry], lines=[factories.line("-1000")])
        entry.refresh_from_db()
        assert not entry.is_billed
        assert factories.draft().number == "INV-1001"


class TestBadInput:
    def test_a_thousand_lines_work(self, books: Organization) -> None:
        lines = [factories.line("0.01", description=f"Line {place}") for place in range(1000)]
        invoice = factories.draft(lines=lines)
        assert invoice.total == usd(10)
        assert [row[0] for row in lines_of(invoice)][::999] == ["Line 0", "Line 999"]

    def test_a_billion_works(self, books: Organization) -> None:
        invoice = factories.invoice(lines=[factories.line("1000000000", "9")])
        factories.payment(invoice)
        invoice.refresh_from_db()
        assert (invoice.total, invoice.status) == (usd(9_000_000_000), "PAID")

    @pytest.mark.parametrize(
        ("price", "quantity"), [("99999999999", "99999999999"), ("1E11", "1"), ("1", "NaN")]
    )
    def test_an_amount_beyond_all_measure_is_refused(
        self, books: Organization, price: str, quantity: str
    ) -> None:
        with pytest.raises(AmountRefused, match=r"^The .*\.$"):
            factories.draft(lines=[factories.line(price, quantity)])

    def test_a_negative_quantity_works_until_the_total_is_below_zero(
        self, books: Organization
    ) -> None:
        refund = factories.line("50", "-2", description="Returned disks")
        assert factories.draft(lines=[factories.line("100"), refund]).total == usd(0)
        with pytest.raises(AmountRefused, match=r"comes to −\$100\.00"):
            factories.draft(lines=[refund])

    def test_emoji_and_markup_are_kept(self, books: Organization) -> None:
        words = "<b>🛠 & 'quotes'</b>\nsecond line"
        invoice = factories.draft(lines=[factories.line(description=words)], notes=words)
        invoice.refresh_from_db()
        assert invoice.notes == lines_of(invoice)[0][0] == words

    def test_a_number_of_twenty_two_characters_is_refused(self, books: Organization) -> None:
        numbering.configure(prefix="ABCDEFGHIJKLMNOPQ", next_value=9999)
        assert len(factories.draft().number) == 21
        with pytest.raises(NumberRefused, match="22 characters; at most 21"):
            factories.draft()
        assert Invoice.objects.count() == 1


class TestEdit:
    def test_only_what_differs_is_changed_and_told(self, books: Organization, alice: User) -> None:
        invoice = factories.draft(notes="Thanks", due_on=date(2026, 4, 1))
        edited = invoices.edit(
            invoice=invoice, notes="Thanks", due_on=date(2026, 4, 2), actor=alice
        )
        assert edited.due_on == date(2026, 4, 2)
        assert told_since(2) == [
            InvoiceChanged(invoice_id=invoice.pk, fields=frozenset({"due_on"}), actor_id=alice.pk)
        ]

    def test_an_edit_that_changes_nothing_is_not_told(self, books: Organization) -> None:
        invoice = factories.draft(notes="Thanks")
        kept = [line_as_draft(line) for line in invoice.lines.all()]
        invoices.edit(invoice=invoice, notes=" Thanks ", lines=kept)
        assert told_since(2) == []

    def test_new_terms_move_the_due_date(self, books: Organization) -> None:
        invoice = factories.draft(issued_on=date(2026, 3, 1))
        edited = invoices.edit(invoice=invoice, terms=factories.term("Net 15", 15))
        assert edited.due_on == date(2026, 3, 16)
        assert told_since(2)[0].fields == {"terms", "due_on"}

    def test_a_due_date_before_the_invoice_date_is_refused(self, books: Organization) -> None:
        invoice = factories.draft(issued_on=date(2026, 3, 16))
        with pytest.raises(DatesRefused, match="due date is before the invoice date"):
            invoices.edit(invoice=invoice, due_on=date(2026, 3, 15))

    def test_lines_are_kept_changed_moved_added_and_removed(self, books: Organization) -> None:
        customer = factories.customer()
        entries = [factories.time_entry(customer, description=str(each)) for each in range(2)]
        invoice = factories.draft(customer, time_entries=entries, lines=[factories.line("5")])
        first, second, third = (line_as_draft(line) for line in invoice.lines.all())
        edited = invoices.edit(
            invoice=invoice,
            lines=[changed(third, unit_price=Decimal(7)), first, factories.line("1")],
        )
        assert [row[0] for row in lines_of(edited)] == [
            "Managed workstation",
            "0",
            "Managed workstation",
        ]
        assert edited.total == usd(158)
        assert edited.lines.get(position=1).pk == third.line_id
        for entry in entries:
            entry.refresh_from_db()
        assert (entries[0].invoice_line_id, entries[1].is_billed) == (first.line_id, False)
        assert second.line_id not in edited.lines.values_list("pk", flat=True)
        assert told_since(2)[0].fields == {"lines"}

    def test_a_line_of_another_invoice_is_refused(self, books: Organization) -> None:
        foreign = line_as_draft(factories.draft().lines.get())
        with pytest.raises(
            NotFound, match="The line “Managed workstation” does not exist any more"
        ):
            invoices.edit(invoice=factories.draft(), lines=[foreign])

    def test_lines_change_until_something_is_applied_and_the_due_date_until_it_is_paid(
        self, books: Organization
    ) -> None:
        invoice = factories.invoice()
        invoice = invoices.edit(invoice=invoice, lines=[factories.line("5")])
        assert (invoice.status, invoice.total) == ("SENT", usd(5))
        factories.payment(invoice, "1")
        with pytest.raises(IllegalStep, match="INV-1001 has payments or credits applied"):
            invoices.edit(invoice=invoice, lines=[factories.line("6")])
        assert invoices.edit(invoice=invoice, due_on=date(2026, 5, 1)).due_on == date(2026, 5, 1)
        assert lines_of(invoice)[0][3] == 500

    def test_a_sent_invoice_that_comes_to_nothing_is_paid(self, books: Organization) -> None:
        invoice = invoices.edit(invoice=factories.invoice(), lines=[factories.line("0")])
        assert (invoice.status, invoice.balance) == ("PAID", usd(0))

    def test_what_changed_meanwhile_is_not_overwritten_unseen(self, books: Organization) -> None:
        invoice = factories.draft()
        seen = invoice.updated_at
        invoice = invoices.edit(invoice=invoice, seen=seen, lines=[factories.line("5")])
        with pytest.raises(IllegalStep, match="Regentra changed INV-1001 since you opened"):
            invoices.edit(invoice=invoice, seen=seen, lines=[factories.line("6")])
        assert invoice.total == usd(5)

    def test_a_credited_line_stays_until_its_credit_memo_is_void(self, books: Organization) -> None:
        invoice = factories.invoice()
        payment = factories.payment(invoice)
        line = invoice.lines.get()
        memo = credit_memos.issue(invoice=invoice, amounts={line.pk: usd(10)})
        payments.void(payment=payment)
        with pytest.raises(IllegalStep, match=f"{memo.number} takes something off INV-1001"):
            invoices.edit(invoice=invoice, lines=[factories.line("6")])
        credit_memos.void(credit_memo=memo)
        edited = invoices.edit(invoice=invoice, lines=[factories.line("6")])
        assert edited.total == usd(6)

    def test_a_bundle_that_is_added_comes_apart(self, books: Organization) -> None:
        part = factories.service("Backup", unit_price=Decimal(20))
        bundle = factories.service("Care pack", unit_price=Decimal(40))
        bundles.set_parts(service=bundle, text="2 x Backup")
        invoice = factories.draft()
        kept = drafting.drafts_of(invoice)
        added = replace(factories.line("40"), service=bundle, description="Care pack")
        edited = invoices.edit(invoice=invoice, lines=[*kept, added])
        assert list(edited.lines.values_list("service_id", flat=True)) == [None, part.pk]

    def test_a_void_invoice_cannot_be_edited(self, books: Organization) -> None:
        invoice = invoices.void(invoice=factories.draft())
        with pytest.raises(IllegalStep, match="INV-1001 is void"):
            invoices.edit(invoice=invoice, memo="Hello")


def line_as_draft(line: InvoiceLine) -> DraftLine:
    names = ("description", "quantity", "unit_price", "taxable", "service")
    return DraftLine(line_id=line.pk, **{name: getattr(line, name) for name in names})


def changed(line: DraftLine, **fields: object) -> DraftLine:
    return replace(line, **fields)  # type: ignore[arg-type]


class TestSendAndVoid:
    def test_sending_finalises(self, books: Organization, alice: User) -> None:
        invoice = invoices.send(invoice=factories.draft(), actor=alice)
        assert invoice.status == "SENT"
        assert invoice.sent_at is not None
        assert told_since(2) == [InvoiceSent(invoice_id=invoice.pk, actor_id=alice.pk)]
        with pytest.raises(IllegalStep, match="INV-1001 was sent already"):
            invoices.send(invoice=invoice)

    def test_an_invoice_worth_nothing_is_paid_by_sending(self, books: Organization) -> None:
        invoice = invoices.send(invoice=factories.draft(lines=[factories.line("0")]))
        assert (invoice.status, invoice.balance) == ("PAID", usd(0))
        assert invoices.void(invoice=invoice).status == "VOID"

    def test_voiding_releases_the_work(self, books: Organization, alice: User) -> None:
        customer = factories.customer()
        entry = factories.time_entry(customer)
        invoice = factories.draft(customer, time_entries=[entry])
        invoice = invoices.void(invoice=invoice, actor=alice)
        entry.refresh_from_db()
        assert (invoice.status, entry.is_billed) == ("VOID", False)
        assert (invoice.total, invoice.balance) == (usd(250), usd(0))
        assert told_since(2) == [InvoiceVoided(invoice_id=invoice.pk, actor_id=alice.pk)]
        assert factories.draft(customer, time_entries=[entry]).number == "INV-1002"

    def test_a_voided_invoice_is_not_sent_or_voided_again(self, books: Organization) -> None:
        invoice = invoices.void(invoice=factories.invoice())
        with pytest.raises(IllegalStep, match="void already"):
            invoices.void(invoice=invoice)
        with pytest.raises(IllegalStep, match="is void"):
            invoices.send(invoice=invoice)

    def test_a_paid_invoice_is_not_voided(self, books: Organization) -> None:
        invoice = factories.invoice()
        factories.payment(invoice, "1")
        with pytest.raises(IllegalStep, match="has payments applied"):
            invoices.void(invoice=invoice)

    def test_overdue_follows_from_the_due_date(self, books: Organization) -> None:
        invoice = factories.invoice(due_on=date(2026, 3, 20))
        assert not invoice.is_overdue_on(date(2026, 3, 20))
        assert invoice.is_overdue_on(date(2026, 3, 21))
        factories.payment(invoice)
        invoice.refresh_from_db()
        assert not invoice.is_overdue_on(date(2026, 3, 21))
        assert not factories.draft(due_on=date(2026, 3, 20)).is_overdue_on(date(2027, 1, 1))


class TestNumbers:
    def test_they_follow_one_another(self, books: Organization) -> None:
        assert [factories.draft().number for _ in range(3)] == ["INV-1001", "INV-1002", "INV-1003"]

    def test_a_new_prefix_goes_on_counting(self, books: Organization) -> None:
        factories.draft()
        numbering.configure(prefix="NW-", next_value=2000)
        assert factories.draft().number == "NW-2000"

    def test_a_number_that_an_invoice_bears_already_is_passed_over(
        self, books: Organization
    ) -> None:
        Invoice.objects.filter(pk=factories.draft().pk).update(number="INV-1002")
        assert [factories.draft().number for _ in range(2)] == ["INV-1003", "INV-1004"]

    def test_a_new_number_is_the_next_one_and_leaves_both_traces(self, books: Organization) -> None:
        sent = factories.invoice()
        factories.draft()
        again = invoices.renumber(invoice=sent)
        assert again.number == "INV-1003"
        assert told_since(0)[-1] == InvoiceChanged(invoice_id=sent.pk, fields=frozenset({"number"}))
        with pytest.raises(IllegalStep, match="is void"):
            invoices.renumber(invoice=invoices.void(invoice=again))

    def test_a_used_number_does_not_come_again(self, books: Organization) -> None:
        invoices.void(invoice=factories.draft())
        with pytest.raises(NumberRefused, match="next is at least 1002"):
            numbering.configure(prefix="INV-", next_value=1001)

    def test_a_count_that_was_only_chosen_is_taken_back(self, books: Organization) -> None:
        factories.draft()
        numbering.configure(prefix="INV-", next_value=99999)
        numbering.configure(prefix="INV-", next_value=1002)
        assert factories.draft().number == "INV-1002"

    def test_an_end_that_was_chosen_long_ago_is_told_and_taken_back(
        self, books: Organization
    ) -> None:
        factories.draft()
        NumberSequence.objects.update(next_value=2**63 - 1)
        with pytest.raises(NumberRefused, match="come to their end"):
            factories.draft()
        numbering.configure(prefix="INV-", next_value=1002)
        assert factories.draft().number == "INV-1002"

    def test_organizations_count_apart(
        self, northwind: Organization, contoso: Organization
    ) -> None:
        for organization in (northwind, contoso):
            with within(organization):
                assert factories.draft().number == "INV-1001"
