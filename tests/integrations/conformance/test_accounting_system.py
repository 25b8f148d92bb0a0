"""What every accounting system promises (`integrations.ports.AccountingSystem`): one in memory, and QuickBooks.

The engine may rely on what stands here, and on nothing that only one of them does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from billing.money import Money
from integrations.documents import (
    Application,
    CustomerDocument,
    Document,
    Held,
    InvoiceDocument,
    Kind,
    LineDocument,
    ListKind,
    Operation,
    PaymentDocument,
    kind_of,
)
from integrations.errors import AlreadyThere, Refused, Stale, SyncError, Vanished
from integrations.ports import AccountingSystem, Bodies, Call
from sandbox import Box
from tests.integrations.conformance.memory import MemoryBodies, MemoryCompany
from tests.integrations.quickbooks_online.desk import Desk, open_desk

MARKER = "3f2a9c1b0d4e"


@dataclass
class Subject:
    """A company, how writes to it are put into words, and the hands of a person who works there."""

    system: AccountingSystem
    bodies: Bodies
    item: str
    deletes: Callable[[Held], None]
    deactivates: Callable[[Held], None]

    def write(self, operation: Operation, kind: Kind, body: object, key: str = "") -> Held:
        return self.system.send(self.call(operation, kind, body, key))

    def call(self, operation: Operation, kind: Kind, body: object, key: str = "") -> Call:
        return Call(operation, kind, self.bodies.text(body), key or uuid4().hex)  # type: ignore[arg-type]

    def creation(self, document: Document, key: str = "") -> Call:
        body = self.bodies.create(document, marker=MARKER, label="")
        return self.call(Operation.CREATE, kind_of(document), body, key)

    def create(self, document: Document, key: str = "") -> Held:
        return self.system.send(self.creation(document, key))

    def update(self, held: Held, document: Document, *changed: str, version: str = "") -> Held:
        body = self.bodies.update(
            document,
            id=held.id,
            version=version or held.version,
            changed=frozenset(changed),
            marker=MARKER,
            label="",
        )
        return self.write(Operation.UPDATE, held.kind, body)

    def void(self, held: Held, version: str = "") -> Held:
        body = self.bodies.void(held.kind, id=held.id, version=version or held.version)
        return self.write(Operation.VOID, held.kind, body)

    def customer(self, name: str = "Adatum") -> Held:
        return self.create(CustomerDocument(name))

    def invoice(self, customer: Held, number: str = "INV-1", minor: int = 15_000) -> Held:
        return self.create(self.billed(customer, number, minor))

    def billed(self, customer: Held, number: str = "INV-1", minor: int = 15_000) -> InvoiceDocument:
        return InvoiceDocument(
            number=number,
            customer=customer.id,
            issued_on=date(2026, 3, 1),
            due_on=date(2026, 3, 31),
            currency="USD",
            lines=(LineDocument(self.item, "Work done", usd(minor)),),
            tax=usd(0),
        )

    def paid(self, customer: Held, minor: int, *parts: tuple[Held, int]) -> PaymentDocument:
        applied = tuple(Application(held.id, usd(part)) for held, part in parts)
        return PaymentDocument(customer.id, date(2026, 3, 20), usd(minor), applied)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@pytest.fixture(params=["memory", "quickbooks"])
def subject(request: pytest.FixtureRequest, box: Box) -> Subject:
    return in_memory() if request.param == "memory" else of_quickbooks(box)


def in_memory() -> Subject:
    company = MemoryCompany(now=lambda: datetime.now(UTC))  # noqa: TID251  # as the sandbox
    return Subject(
        company,
        MemoryBodies(),
        "item",
        lambda held: company.delete(held.kind, held.id),
        lambda held: company.deactivate(held.kind, held.id),
    )


def of_quickbooks(box: Box) -> Subject:
    desk = open_desk(box.url, custom_numbers=True)
    return Subject(desk.system, desk.bodies, desk.item(), deleter(desk), deactivator(desk))


def deleter(desk: Desk) -> Callable[[Held], None]:
    def delete(held: Held) -> None:
        body = {"Id": held.id, "SyncToken": desk.system.read(held.kind, held.id).version}
        desk.post(str(held.kind), body, operation="delete")

    return delete


def deactivator(desk: Desk) -> Callable[[Held], None]:
    def deactivate(held: Held) -> None:
        body = {"Id": held.id, "SyncToken": held.version, "sparse": True, "Active": False}
        desk.post(str(held.kind), body)

    return deactivate


def test_what_was_made_is_held_and_read_as_it_was_sent(subject: Subject) -> None:
    customer = subject.customer()
    document = subject.billed(customer)
    made = subject.create(document)
    assert isinstance(made.document, InvoiceDocument)
    # Terms that were left open may be filled in over there.
    assert replace(made.document, term="") == document
    assert (made.marker, made.number) == (MARKER, "INV-1")
    assert (made.total, made.balance) == (usd(15_000), usd(15_000))
    assert subject.system.read(Kind.INVOICE, made.id) == made


def test_the_same_key_makes_one_document_and_gets_the_same_answer(subject: Subject) -> None:
    document = subject.billed(subject.customer())
    first = subject.create(document, "key-1")
    assert subject.create(document, "key-1") == first
    assert subject.system.ids(Kind.INVOICE) == {first.id}


def test_a_change_moves_the_version_and_nothing_that_is_not_named(subject: Subject) -> None:
    made = subject.invoice(subject.customer())
    assert isinstance(made.document, InvoiceDocument)
    wanted = replace(made.document, due_on=date(2026, 4, 30), memo="not named")
    changed = subject.update(made, wanted, "due_on")
    assert changed.document == replace(made.document, due_on=date(2026, 4, 30))
    assert changed.version != made.version


def test_a_change_of_an_older_version_is_stale_and_changes_nothing(subject: Subject) -> None:
    made = subject.customer()
    changed = subject.update(made, CustomerDocument("Adatum", phone="1"), "phone")
    with pytest.raises(Stale):
        subject.update(made, CustomerDocument("Adatum", phone="2"), "phone")
    assert subject.system.read(Kind.CUSTOMER, made.id).document == changed.document


def test_a_void_of_an_older_version_is_stale(subject: Subject) -> None:
    made = subject.invoice(subject.customer())
    assert isinstance(made.document, InvoiceDocument)
    subject.update(made, replace(made.document, due_on=date(2026, 4, 30)), "due_on")
    with pytest.raises(Stale):
        subject.void(made)
    assert subject.system.read(Kind.INVOICE, made.id).total == usd(15_000)


def test_a_void_invoice_keeps_its_number_and_comes_to_nothing(subject: Subject) -> None:
    voided = subject.void(subject.invoice(subject.customer()))
    assert isinstance(voided.document, InvoiceDocument)
    assert (voided.document.voided, voided.document.lines, voided.number) == (True, (), "INV-1")
    assert (voided.total, voided.balance) == (usd(0), usd(0))


def test_a_payment_lowers_what_is_owed_and_its_void_raises_it_again(subject: Subject) -> None:
    customer = subject.customer()
    first, second = subject.invoice(customer), subject.invoice(customer, "INV-2", 5_000)
    paid = subject.create(subject.paid(customer, 18_000, (first, 10_000), (second, 5_000)))
    assert paid.unapplied == usd(3_000)
    assert balances(subject, first, second) == [usd(5_000), usd(0)]
    voided = subject.void(paid)
    assert isinstance(voided.document, PaymentDocument)
    assert (voided.document.voided, voided.document.applications) == (True, ())
    assert balances(subject, first, second) == [usd(15_000), usd(5_000)]


def test_a_payment_is_spread_anew_as_a_whole(subject: Subject) -> None:
    customer = subject.customer()
    first, second = subject.invoice(customer), subject.invoice(customer, "INV-2", 5_000)
    document = subject.paid(customer, 5_000, (first, 5_000))
    made = subject.create(document)
    other = subject.paid(customer, 5_000, (second, 5_000))
    subject.update(made, other, "applications")
    assert balances(subject, first, second) == [usd(15_000), usd(0)]


def test_more_than_is_owed_is_refused_and_changes_nothing(subject: Subject) -> None:
    customer = subject.customer()
    invoice = subject.invoice(customer)
    with pytest.raises(Refused):
        subject.create(subject.paid(customer, 20_000, (invoice, 20_000)))
    assert balances(subject, invoice) == [usd(15_000)]
    assert subject.system.ids(Kind.PAYMENT) == set()


def test_a_taken_number_and_a_taken_name_are_already_there(subject: Subject) -> None:
    customer = subject.customer()
    subject.invoice(customer)
    with pytest.raises(AlreadyThere):
        subject.invoice(customer, minor=7)
    with pytest.raises(AlreadyThere):
        subject.customer()
    assert len(subject.system.ids(Kind.INVOICE)) == len(subject.system.ids(Kind.CUSTOMER)) == 1


def test_what_was_deleted_or_never_was_has_vanished(subject: Subject) -> None:
    made = subject.invoice(subject.customer())
    subject.deletes(made)
    for wanted in (made.id, "999999"):
        with pytest.raises(Vanished):
            subject.system.read(Kind.INVOICE, wanted)
    with pytest.raises(Vanished):
        subject.void(made)
    assert subject.system.ids(Kind.INVOICE) == set()


def test_some_are_read_together_and_what_is_not_there_is_left_out(subject: Subject) -> None:
    customer = subject.customer()
    first, second, third = (subject.invoice(customer, number=f"S-{n}") for n in range(3))
    subject.deletes(second)
    read = subject.system.some(Kind.INVOICE, [first.id, second.id, "999999"])
    assert read == [subject.system.read(Kind.INVOICE, first.id)]
    assert third.id not in {one.id for one in read}


def test_documents_are_found_by_number_and_by_time(subject: Subject) -> None:
    adatum, contoso = subject.customer(), subject.customer("Contoso")
    first, second = subject.invoice(adatum), subject.invoice(contoso, "INV-2")
    assert ids(subject.system.find_by_number(Kind.INVOICE, ["INV-2", "INV-9"])) == [second.id]
    since = before()
    assert ids(subject.system.find_created(Kind.INVOICE, since=since)) == [first.id, second.id]
    assert subject.system.find_created(Kind.INVOICE, since=before(days=-1)) == []


def test_all_there_are_are_counted_and_read_page_by_page(subject: Subject) -> None:
    customer = subject.customer()
    made = [subject.invoice(customer, f"INV-{number}").id for number in range(3)]
    kinds = [Kind.INVOICE, Kind.CREDIT_MEMO, Kind.PAYMENT]
    counted = subject.system.count(kinds)
    assert counted == {Kind.INVOICE: 3, Kind.CREDIT_MEMO: 0, Kind.PAYMENT: 0}
    first = subject.system.page(Kind.INVOICE, start=1, length=2)
    rest = subject.system.page(Kind.INVOICE, start=3, length=2)
    assert [one.id for one in [*first, *rest]] == made


def test_names_are_found_though_nobody_uses_them_any_more(subject: Subject) -> None:
    adatum = subject.customer("Adatum O'Neil \\ Sons")
    subject.customer("Contoso")
    subject.deactivates(adatum)
    (found,) = subject.system.find_by_name(Kind.CUSTOMER, ["Adatum O'Neil \\ Sons", "Nobody"])
    assert (found.id, found.active) == (adatum.id, False)
    assert adatum.id in subject.system.ids(Kind.CUSTOMER)


def test_the_feed_tells_what_was_made_changed_and_deleted(subject: Subject) -> None:
    customer = subject.customer()
    kept, gone = subject.invoice(customer), subject.invoice(customer, "INV-2")
    subject.deletes(gone)
    told = subject.system.changes([Kind.INVOICE], [], since=before())
    assert told.complete
    assert {one.id: one.deleted for one in told.documents} == {kept.id: False, gone.id: True}
    changed = subject.system.changed(Kind.INVOICE, since=before(), start=1, length=10)
    assert ids(changed) == [kept.id]


def test_each_part_of_a_batch_has_a_verdict_of_its_own_in_its_place(subject: Subject) -> None:
    customer = subject.customer()
    numbers = ["INV-1", "INV-2", "INV-1", "INV-3"]
    calls = [subject.creation(subject.billed(customer, number)) for number in numbers]
    told = subject.system.send_batch(calls, "batch-1")
    assert [verdict(one) for one in told] == ["INV-1", "INV-2", "AlreadyThere", "INV-3"]
    again = subject.system.send_batch(calls, "batch-1")
    assert [verdict(one) for one in again] == [verdict(one) for one in told]
    assert len(subject.system.ids(Kind.INVOICE)) == 3


def test_the_company_and_its_lists_are_read(subject: Subject) -> None:
    customer = subject.customer()
    company = subject.system.company()
    assert (company.currency, company.custom_numbers) == ("USD", True)
    entries = subject.system.entries([ListKind.CUSTOMER])
    assert subject.system.lists_and_company([ListKind.CUSTOMER]) == (entries, company)
    listed = {one.id: one.name for one in entries}
    assert listed[customer.id] == "Adatum"


def balances(subject: Subject, *invoices: Held) -> list[Money | None]:
    return [subject.system.read(Kind.INVOICE, one.id).balance for one in invoices]


def ids(found: list[Held]) -> list[str]:
    return sorted((one.id for one in found), key=int)


def before(days: int = 1) -> datetime:
    """The sandbox runs on real time."""
    return datetime.now(UTC) - timedelta(days=days)  # noqa: TID251


def verdict(outcome: Held | SyncError) -> str:
    return outcome.number if isinstance(outcome, Held) else type(outcome).__name__
