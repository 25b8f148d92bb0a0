"""Real calls to the sandbox."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import requests

from billing.money import Money
from integrations.documents import (
    LISTS,
    Address,
    Application,
    CustomerDocument,
    InvoiceDocument,
    ItemDocument,
    Kind,
    LineDocument,
    ListKind,
    Operation,
)
from integrations.errors import (
    AlreadyThere,
    NeedsConsent,
    OutcomeUnknown,
    Refused,
    Stale,
    SyncError,
    Temporary,
    TokenRejected,
    Vanished,
    Waiting,
)
from integrations.ports import Call, Credentials
from integrations.quickbooks_online.adapter import QuickBooksOnline
from tests.integrations.quickbooks_online.desk import LABEL, MARKER, Desk, now, open_desk

LONG_AGO = datetime.now(UTC) - timedelta(days=1)  # noqa: TID251  # the sandbox runs on real time


def test_company_is_read_in_one_metered_request(sandbox_url: str) -> None:
    desk = open_desk(sandbox_url, custom_numbers=True, country="US", name="Alice's Company")
    assert desk.system.company() == desk.company
    assert (desk.company.name, desk.company.country, desk.company.currency) == (
        "Alice's Company",
        "US",
        "USD",
    )
    assert desk.company.custom_numbers
    assert "Plus" in desk.company.edition
    assert [(call.metered, call.items) for call in desk.calls] == [(True, 2)]


def test_customer_is_held_as_it_was_sent(desk: Desk) -> None:
    customer = CustomerDocument(
        name="Müller & Söhne #1",
        company_name="Müller",
        contact_name="Alice von Müller",
        email="alice@example.com",
        phone="+1 555 0100",
        address=Address("1 Main Street", "Floor 2", "Springfield", "CA", "90001", "USA"),
        notes="Pays late.\nIs kind.",
    )
    held = desk.create(customer)
    assert held.document == customer
    assert held.version == "0"
    assert desk.system.read(Kind.CUSTOMER, held.id) == held


def test_sparse_update_changes_only_the_named_fields(desk: Desk) -> None:
    held = desk.create(CustomerDocument("Alice", phone="1", notes="kept"))
    changed = desk.update(held, CustomerDocument("Alice", email="alice@example.com"), "email")
    assert changed.document == CustomerDocument(
        "Alice", email="alice@example.com", phone="1", notes="kept"
    )
    assert changed.version == "1"


def test_invoice_is_held_as_it_was_sent(desk: Desk) -> None:
    customer, item = desk.customer(), desk.item()
    terms = {entry.name: entry.id for entry in desk.system.entries([ListKind.TERM])}
    invoice = InvoiceDocument(
        number="INV-7",
        customer=customer.id,
        issued_on=date(2026, 11, 1),
        due_on=date(2026, 11, 16),
        currency="USD",
        lines=(
            LineDocument(item, "Two hours", Money(20000, "USD"), Decimal("2"), Decimal("100")),
            LineDocument(item, "A flat fee", Money(9999, "USD")),
            LineDocument("", "Thank you", Money(0, "USD")),
        ),
        tax=Money(0, "USD"),
        customer_memo="See you soon",
        memo="Called twice",
        email="bills@example.com",
        term=terms["Net 15"],
    )
    held = desk.create(invoice)
    assert held.document == invoice
    assert (held.marker, held.number) == (MARKER, "INV-7")
    assert held.total == held.balance == Money(29999, "USD")
    assert desk.system.read(Kind.INVOICE, held.id) == held


def test_product_that_is_not_exact_keeps_the_amount_and_drops_the_factors(desk: Desk) -> None:
    line = LineDocument(desk.item(), "", Money(186108, "USD"), Decimal("128.35"), Decimal("14.50"))
    held = desk.create(desk.invoice(desk.customer(), lines=(line,)))
    assert isinstance(held.document, InvoiceDocument)
    assert held.document.lines == (replace(line, quantity=None, unit_price=None),)
    assert held.total == Money(186108, "USD")


def test_one_push_of_an_invoice_is_one_request_that_costs_nothing(desk: Desk) -> None:
    invoice = desk.invoice(desk.customer())
    desk.calls.clear()
    before = len(desk.journal())
    desk.create(invoice, request_id="r-1")
    (call,) = desk.calls
    assert (call.status, call.metered, call.outcome, call.request_id) == (200, False, "ok", "r-1")
    assert call.reference.startswith("1-")
    (seen,) = desk.journal()[before:]
    assert seen["metered"] is False


def test_repetition_under_one_key_makes_one_document(desk: Desk) -> None:
    invoice = desk.invoice(desk.customer())
    first = desk.create(invoice, request_id="r-2")
    assert desk.create(invoice, request_id="r-2") == first
    assert desk.system.find_by_number(Kind.INVOICE, [LABEL]) == [first]


def test_due_date_and_memo_of_an_invoice_are_updated_alone(desk: Desk) -> None:
    invoice = desk.invoice(desk.customer(), customer_memo="kept")
    held = desk.create(invoice)
    moved = replace(invoice, due_on=date(2027, 1, 31), memo="later", customer_memo="not sent")
    changed = desk.update(held, moved, "due_on", "memo")
    assert isinstance(changed.document, InvoiceDocument)
    assert changed.document.due_on == date(2027, 1, 31)
    assert (changed.document.memo, changed.document.customer_memo) == ("later", "kept")
    assert changed.marker == MARKER


def test_new_lines_replace_the_old_ones(desk: Desk) -> None:
    invoice = desk.invoice(desk.customer())
    held = desk.create(invoice)
    lines = (LineDocument(desk.item(), "Other", Money(5, "USD")),) * 2
    changed = desk.update(held, replace(invoice, lines=lines), "lines")
    assert isinstance(changed.document, InvoiceDocument)
    assert changed.document.lines == lines
    assert changed.total == Money(10, "USD")


def test_voided_invoice_keeps_number_memo_and_marker(desk: Desk) -> None:
    held = desk.create(desk.invoice(desk.customer(), memo="Called twice"))
    voided = desk.void(held)
    assert isinstance(voided.document, InvoiceDocument)
    assert voided.document.voided
    assert voided.document.lines == ()
    assert (voided.document.number, voided.document.memo) == (LABEL, "Called twice")
    assert voided.marker == MARKER
    assert voided.total == voided.balance == Money(0, "USD")


def test_payment_settles_two_invoices_and_leaves_the_rest_unapplied(desk: Desk) -> None:
    alice = desk.customer()
    invoices = [desk.create(desk.invoice(alice, number=f"INV-{n}")) for n in (1, 2)]
    payment = desk.payment(alice, 20000, (invoices[0], 15000), (invoices[1], 4000))
    payment = replace(payment, reference="wire 7", memo="thanks")
    held = desk.create(payment)
    assert held.document == replace(payment, deposit_account=held.document.deposit_account)  # type: ignore[union-attr]
    assert (held.total, held.unapplied) == (Money(20000, "USD"), Money(1000, "USD"))
    assert held.marker == MARKER
    balances = [desk.system.read(Kind.INVOICE, one.id).balance for one in invoices]
    assert balances == [Money(0, "USD"), Money(11000, "USD")]


def test_payment_is_applied_anew_as_a_whole(desk: Desk) -> None:
    alice = desk.customer()
    invoice = desk.create(desk.invoice(alice))
    payment = desk.payment(alice, 5000, (invoice, 5000))
    held = desk.create(payment)
    released = desk.update(held, replace(payment, applications=()), "applications")
    assert released.unapplied == Money(5000, "USD")
    assert desk.system.read(Kind.INVOICE, invoice.id).balance == Money(15000, "USD")


def test_voided_payment_reopens_its_invoice(desk: Desk) -> None:
    alice = desk.customer()
    invoice = desk.create(desk.invoice(alice))
    held = desk.create(desk.payment(alice, 15000, (invoice, 15000)))
    voided = desk.void(held)
    assert voided.document is not None
    assert voided.document.voided  # type: ignore[union-attr]
    assert voided.marker == MARKER
    assert desk.system.read(Kind.INVOICE, invoice.id).balance == Money(15000, "USD")


def test_item_is_made_for_an_income_account(desk: Desk) -> None:
    accounts = desk.system.entries([ListKind.ACCOUNT])
    income = next(one.id for one in accounts if dict(one.detail)["type"] == "Income")
    item = ItemDocument(
        "Managed services",
        income_account=income,
        description="All of it",
        unit_price=Decimal("12.5"),
        taxable=True,
    )
    assert desk.create(item).document == item


def test_company_that_counts_for_itself_holds_our_number_in_the_note(sandbox_url: str) -> None:
    desk = open_desk(sandbox_url, custom_numbers=False)
    held = desk.create(desk.invoice(desk.customer(), memo="hello"))
    assert isinstance(held.document, InvoiceDocument)
    assert (held.document.number, held.document.memo) == (LABEL, "hello")
    assert held.number not in ("", LABEL)


@pytest.mark.parametrize("country, currency", [("CA", "CAD"), ("GB", "GBP")])
def test_outside_the_us_lines_bear_codes(sandbox_url: str, country: str, currency: str) -> None:
    desk = open_desk(sandbox_url, custom_numbers=True, country=country)
    codes = {entry.name: entry.id for entry in desk.system.entries([ListKind.TAX_CODE])}
    taxed, exempt = (codes["HST ON"], codes["Exempt"]) if country == "CA" else (
        codes["20.0% S"],
        codes["Exempt"],
    )  # fmt: skip
    item = desk.item()
    lines = (
        LineDocument(item, "Taxed", Money(10000, currency), taxable=True),
        LineDocument(item, "Not taxed", Money(5000, currency), tax_code=exempt),
    )
    invoice = desk.invoice(desk.customer("Алиса 你好"), lines=lines, tax_code=taxed)
    held = desk.create(invoice)
    assert isinstance(held.document, InvoiceDocument)
    assert (held.document.lines, held.document.tax_code) == (lines, taxed)
    tax = {"CA": 1300, "GB": 2000}[country]
    assert (held.document.tax, held.total) == (Money(tax, currency), Money(15000 + tax, currency))


def test_automated_tax_takes_our_total(sandbox_url: str) -> None:
    desk = open_desk(sandbox_url, custom_numbers=True, ast=True)
    lines = (LineDocument(desk.item(), "Taxed", Money(10000, "USD"), taxable=True),)
    invoice = desk.invoice(desk.customer(), lines=lines, tax=Money(725, "USD"))
    held = desk.create(invoice)
    assert isinstance(held.document, InvoiceDocument)
    assert (held.document.lines, held.document.tax) == (lines, Money(725, "USD"))
    assert held.total == Money(10725, "USD")


def test_emptied_fields_become_empty(desk: Desk) -> None:
    full = CustomerDocument(
        "Alice",
        contact_name="Alice B",
        email="alice@example.com",
        phone="1",
        address=Address("1 Main", "Floor 2", "Springfield", "CA", "90001", "USA"),
        notes="x",
    )
    held = desk.create(full)
    emptied = desk.update(
        held, CustomerDocument("Alice"), "contact_name", "email", "phone", "address", "notes"
    )
    assert emptied.document == CustomerDocument("Alice")
    invoice = desk.invoice(held, email="bills@example.com", customer_memo="x", memo="y")
    bare = replace(invoice, email="", customer_memo="", memo="")
    made = desk.create(invoice)
    changed = desk.update(made, bare, "email", "customer_memo", "memo").document
    assert isinstance(changed, InvoiceDocument)
    assert (changed.email, changed.customer_memo, changed.memo) == ("", "", "")


def test_emptied_references_become_empty_and_all_else_stays(desk: Desk) -> None:
    (net, *_) = [one.id for one in desk.system.entries([ListKind.TERM])]
    place = str(desk.post("department", {"Name": "Austin"})["Department"]["Id"])
    invoice = desk.invoice(
        desk.customer(), term=net, location=place, memo="y", email="bills@example.com"
    )
    made = desk.create(invoice)
    assert isinstance(made.document, InvoiceDocument)
    assert (made.document.term, made.document.location) == (net, place)
    bare = desk.update(made, replace(invoice, term="", location=""), "term", "location")
    assert bare.document == replace(made.document, term="", location="")
    assert bare.total == made.total


def test_document_in_another_currency_keeps_it(sandbox_url: str) -> None:
    desk = open_desk(sandbox_url, custom_numbers=True, multicurrency=True)
    assert desk.company.multicurrency
    abroad = desk.post("customer", {"DisplayName": "Bob", "CurrencyRef": {"value": "EUR"}})
    bob = desk.system.read(Kind.CUSTOMER, abroad["Customer"]["Id"])
    line = LineDocument(desk.item(), "Work", Money(12300, "EUR"))
    held = desk.create(desk.invoice(bob, currency="EUR", lines=(line,)))
    assert isinstance(held.document, InvoiceDocument)
    assert held.document.currency == "EUR"
    assert held.document.lines == (line,)
    assert held.total == Money(12300, "EUR")
    paid = replace(
        desk.payment(bob, 0), amount=Money(12300, "EUR"),
        applications=(Application(held.id, Money(12300, "EUR")),),
    )  # fmt: skip
    assert desk.create(paid).total == Money(12300, "EUR")
    assert desk.system.read(Kind.INVOICE, held.id).balance == Money(0, "EUR")


def test_large_and_long_invoices_are_held(desk: Desk) -> None:
    item = desk.item()
    lines = tuple(LineDocument(item, f"Line {n}", Money(1, "USD")) for n in range(1000))
    billion = LineDocument(item, "x" * 4000, Money(10**11, "USD"))
    held = desk.create(desk.invoice(desk.customer(), lines=(*lines, billion)))
    assert held.total == Money(10**11 + 1000, "USD")
    assert isinstance(held.document, InvoiceDocument)
    assert held.document.lines == (*lines, billion)


# --- looking things up -----------------------------------------------------------------------


def test_numbers_names_and_times_find_documents(desk: Desk) -> None:
    alice, bob = desk.customer("Alice"), desk.customer("O'Bob \\ Sons")
    invoice = desk.create(desk.invoice(alice))
    payment = desk.create(replace(desk.payment(alice, 100), reference="wire 7"))
    assert desk.system.find_by_number(Kind.INVOICE, ["nothing", LABEL]) == [
        desk.system.read(Kind.INVOICE, invoice.id)
    ]
    assert [one.id for one in desk.system.find_by_number(Kind.PAYMENT, ["wire 7"])] == [payment.id]
    assert [one.id for one in desk.system.find_by_name(Kind.CUSTOMER, ["O'Bob \\ Sons"])] == [
        bob.id
    ]
    made = desk.system.find_created(Kind.INVOICE, since=LONG_AGO)
    assert [one.id for one in made] == [invoice.id]
    tomorrow = LONG_AGO + timedelta(days=2)
    assert desk.system.find_created(Kind.INVOICE, since=tomorrow) == []
    changed = desk.system.changed(Kind.CUSTOMER, since=LONG_AGO, start=1, length=10)
    assert [one.id for one in changed] == [alice.id, bob.id]


def test_looking_for_nothing_asks_nothing(desk: Desk) -> None:
    assert desk.system.find_by_number(Kind.INVOICE, []) == []
    assert desk.system.find_by_name(Kind.CUSTOMER, []) == []
    assert desk.calls == []


def test_name_cannot_break_out_of_a_query(desk: Desk) -> None:
    desk.customer("Alice")
    assert desk.system.find_by_name(Kind.CUSTOMER, ["x\\' OR Id > '0"]) == []
    assert desk.system.find_by_name(Kind.CUSTOMER, ["x') STARTPOSITION 1 --"]) == []


def test_inactive_customer_is_found_by_its_own_name(desk: Desk) -> None:
    held = desk.customer("Charlie")
    gone = {"Id": held.id, "SyncToken": held.version, "sparse": True, "Active": False}
    desk.post("customer", gone)
    (found,) = desk.system.find_by_name(Kind.CUSTOMER, ["Charlie"])
    assert (found.active, found.document.name) == (False, "Charlie")  # type: ignore[union-attr]
    (entry,) = desk.system.entries([ListKind.CUSTOMER])
    assert (entry.name, entry.active) == ("Charlie", False)


# --- the change feed -------------------------------------------------------------------------


def test_feed_tells_of_what_was_made_and_deleted(desk: Desk) -> None:
    alice = desk.customer()
    kept, gone = (desk.create(desk.invoice(alice, number=f"INV-{n}")) for n in (1, 2))
    desk.post("invoice", {"Id": gone.id, "SyncToken": "0"}, operation="delete")
    desk.calls.clear()
    kinds, lists = [Kind.CUSTOMER, Kind.INVOICE], [ListKind.CUSTOMER, ListKind.TAX_CODE]
    changes = desk.system.changes(kinds, lists, since=LONG_AGO)
    found = {(one.kind, one.id): one for one in changes.documents}
    assert found[Kind.INVOICE, kept.id].document == kept.document
    assert found[Kind.INVOICE, gone.id].deleted
    assert found[Kind.CUSTOMER, alice.id].document == alice.document
    assert [entry.id for entry in changes.entries] == [alice.id]
    assert changes.gone_entries == ()
    assert changes.complete
    assert changes.server_time.tzinfo is UTC
    assert [call.metered for call in desk.calls] == [True]


def test_feed_that_was_cut_off_says_so(desk: Desk) -> None:
    _many_customers(desk, 1001)
    changes = desk.system.changes([Kind.CUSTOMER], [], since=LONG_AGO)
    assert not changes.complete


# --- lists -----------------------------------------------------------------------------------


def test_all_lists_of_a_small_company_are_one_request(desk: Desk) -> None:
    alice, item = desk.customer(), desk.item()
    desk.calls.clear()
    entries = desk.system.entries(list(LISTS))
    assert len(desk.calls) == 1
    found = {(entry.kind, entry.id): entry for entry in entries}
    assert found[ListKind.CUSTOMER, alice.id].email == "alice@example.com"
    assert dict(found[ListKind.ITEM, item].detail)["type"] == "Service"
    kinds = {entry.kind for entry in entries}
    assert {ListKind.TERM, ListKind.PAYMENT_METHOD, ListKind.ACCOUNT, ListKind.TAX_CODE} <= kinds


def test_long_list_is_read_to_its_end(desk: Desk) -> None:
    _many_customers(desk, 1203)
    item = desk.item()
    desk.calls.clear()
    entries = desk.system.entries([ListKind.CUSTOMER, ListKind.ITEM, ListKind.TERM])
    ids = [entry.id for entry in entries if entry.kind is ListKind.CUSTOMER]
    assert len(ids) == len(set(ids)) == 1203
    assert [entry.id for entry in entries if entry.kind is ListKind.ITEM] == [item]
    assert len(desk.calls) <= 3


def _many_customers(desk: Desk, count: int) -> None:
    for first in range(0, count, 30):
        items = [
            {"bId": str(n), "operation": "create", "Customer": {"DisplayName": f"Customer {n}"}}
            for n in range(first, min(first + 30, count))
        ]
        desk.post("batch", {"BatchItemRequest": items})


# --- refusals --------------------------------------------------------------------------------


def test_stale_version_is_told(desk: Desk) -> None:
    held = desk.customer()
    desk.update(held, CustomerDocument("Alice", phone="1"), "phone")
    with pytest.raises(Stale):
        desk.update(held, CustomerDocument("Alice", phone="2"), "phone")


def test_taken_number_and_taken_name_are_already_there(desk: Desk) -> None:
    alice = desk.customer()
    first = desk.create(desk.invoice(alice))
    with pytest.raises(AlreadyThere) as number:
        desk.create(desk.invoice(alice))
    assert number.value.code == "6140"
    assert f"TxnId={first.id}" in number.value.detail
    with pytest.raises(AlreadyThere) as name:
        desk.customer("alice")
    assert name.value.code == "6240"


def test_deleted_document_has_vanished(desk: Desk) -> None:
    invoice = desk.invoice(desk.customer())
    held = desk.create(invoice)
    desk.post("invoice", {"Id": held.id, "SyncToken": held.version}, operation="delete")
    for attempt in (
        lambda: desk.system.read(Kind.INVOICE, held.id),
        lambda: desk.void(held),
        lambda: desk.update(held, replace(invoice, memo="x"), "memo"),
        lambda: desk.update(held, invoice, "customer"),
    ):
        with pytest.raises(Vanished):
            attempt()


def test_inactive_customer_of_a_new_invoice_is_refused_with_a_hint(desk: Desk) -> None:
    alice = desk.customer()
    gone = {"Id": alice.id, "SyncToken": alice.version, "sparse": True, "Active": False}
    desk.post("customer", gone)
    with pytest.raises(Refused) as refusal:
        desk.create(desk.invoice(alice))
    assert refusal.value.hint
    assert not isinstance(refusal.value, Vanished)


def test_unknown_reference_of_a_change_is_not_the_document_vanished(desk: Desk) -> None:
    invoice = desk.invoice(desk.customer())
    held = desk.create(invoice)
    with pytest.raises(Refused):
        desk.update(held, replace(invoice, customer="99999"), "customer")


def test_refused_reference_in_lines_is_refused(desk: Desk) -> None:
    lines = (LineDocument("99999", "x", Money(100, "USD")),)
    with pytest.raises(Refused):
        desk.create(desk.invoice(desk.customer(), lines=lines))


@pytest.mark.parametrize(
    "kind, how, error",
    [
        ("answer_dropped", {}, OutcomeUnknown),
        ("truncated", {}, OutcomeUnknown),
        ("status", {"status": 500}, OutcomeUnknown),
        ("status", {"status": 503, "applied": True}, OutcomeUnknown),
        ("html", {}, OutcomeUnknown),
        ("throttled", {}, Temporary),
        ("throttled", {"xml": True, "retry_after": 7}, Temporary),
        ("fault", {"code": "6000"}, Refused),
        ("fault", {"code": "150"}, Temporary),
        ("stale", {}, Stale),
        ("expired_token", {}, TokenRejected),
        ("revoked_token", {}, TokenRejected),
    ],
)
def test_trouble_of_a_write_is_named_by_what_happens_next(
    desk: Desk, kind: str, how: dict[str, Any], error: type[SyncError]
) -> None:
    desk.arm(kind, **how)
    with pytest.raises(SyncError) as raised:
        desk.create(CustomerDocument("Alice"))
    assert type(raised.value) is error
    assert desk.calls[-1].outcome.startswith(error.__name__)


@pytest.mark.parametrize(
    "kind, how",
    [
        ("answer_dropped", {}),
        ("request_dropped", {}),
        ("truncated", {}),
        ("status", {"status": 500}),
        ("html", {}),
        ("throttled", {}),
    ],
)
def test_trouble_of_a_read_is_temporary(desk: Desk, kind: str, how: dict[str, Any]) -> None:
    held = desk.customer()
    desk.arm(kind, **how)
    with pytest.raises(Temporary):
        desk.system.read(Kind.CUSTOMER, held.id)
    assert desk.system.read(Kind.CUSTOMER, held.id).id == held.id


def test_throttling_asks_for_a_minute_or_for_what_they_say(desk: Desk) -> None:
    desk.arm("throttled")
    desk.arm("throttled", xml=True, retry_after=7)
    waits = []
    for _ in range(2):
        with pytest.raises(Temporary) as raised:
            desk.system.read(Kind.CUSTOMER, "1")
        assert raised.value.throttled
        waits.append(raised.value.retry_after_seconds)
    assert waits == [60.0, 7.0]


def test_dropped_answer_was_written_and_its_repetition_is_answered(desk: Desk) -> None:
    body = desk.bodies.text(
        desk.bodies.create(CustomerDocument("Alice"), marker=MARKER, label=LABEL)
    )
    call = Call(Operation.CREATE, Kind.CUSTOMER, body, uuid4().hex)
    desk.arm("answer_dropped")
    with pytest.raises(OutcomeUnknown):
        desk.system.send(call)
    held = desk.system.send(call)
    assert desk.system.find_by_name(Kind.CUSTOMER, ["Alice"]) == [held]


def test_lapsed_subscription_waits_and_lost_rights_need_consent(desk: Desk) -> None:
    company = f"{desk.url}/_sandbox/companies/{desk.account}"
    requests.patch(company, json={"subscription": "SUSPENDED"}, timeout=10).raise_for_status()
    with pytest.raises(Waiting) as lapsed:
        desk.customer("Alice")
    assert (type(lapsed.value), lapsed.value.code) == (Waiting, "6190")
    changes = {"subscription": "SUBSCRIBED", "admin_removed": True}
    requests.patch(company, json=changes, timeout=10).raise_for_status()
    with pytest.raises(NeedsConsent) as lost:
        desk.customer("Alice")
    assert lost.value.code == "120"


def test_token_of_another_company_needs_consent(sandbox_url: str, desk: Desk) -> None:
    other = open_desk(sandbox_url)
    crossed = Credentials(desk.account, other.made["access_token"], f"{sandbox_url}/sandbox")
    system = QuickBooksOnline(crossed, record=desk.calls.append, now=now)
    with pytest.raises(NeedsConsent):
        system.company()
    on_production = Credentials(desk.account, desk.made["access_token"], sandbox_url)
    with pytest.raises(NeedsConsent):
        QuickBooksOnline(on_production, record=desk.calls.append, now=now).company()


def test_company_id_of_a_callback_cannot_lead_elsewhere(sandbox_url: str, desk: Desk) -> None:
    odd = Credentials(f"{desk.account}/../x", desk.made["access_token"], f"{sandbox_url}/sandbox")
    with pytest.raises(SyncError):
        QuickBooksOnline(odd, record=desk.calls.append, now=now).company()
    assert "/../" not in desk.calls[-1].path
