"""X-64: what the page says was posted to each account is what the company's own ledger says."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from billing.models import Invoice
from integrations.documents import ListKind
from integrations.models import MirrorEntry
from regentra import clock
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_field_rows import bookkeeper_changes, sent_invoice, settle
from tests.features.test_import_rows import their_line
from tests.features.test_tax_rows import Open, opened, spent_in_canada
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

__all__ = ["opened"]

MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"
MONTH = f"{factories.TODAY:%Y-%m}"


@pytest.fixture
def world(unconnected: World) -> World:
    """Its company computes sales tax by itself, so it has an account for that."""
    unconnected.connect(custom_numbers=True, ast=True)
    unconnected.work()
    return unconnected


def their_item(world: World, name: str, account: str) -> None:
    made = world.bookkeeper("Account", {"Name": account, "AccountType": "Income"})
    body = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": made["Id"]}}
    world.bookkeeper("Item", body)


def looked(world: World) -> None:
    world.due_now()
    world.work()
    world.work()


def ledger(world: World) -> dict[str, Decimal]:
    """What the company has on each account, a debit above zero."""
    core = world.box.core
    books = core.books(world.realm)
    cents = {one["Name"]: core.account_cents(books, one["Id"]) for one in books.accounts()}
    return {name: Decimal(one) / 100 for name, one in cents.items()}


def shown(person: Visitor, month: str = MONTH) -> dict[str, Decimal]:
    """The same as the page has it."""
    page = person.go(f"accounts/?month={month}")
    rows = [row for row in page.tree.all("tr") if list(row.all("td"))]
    found = {}
    for row in rows:
        debit, credit = (re.sub(r"[^\d.]", "", cell.text) for cell in row.all("td"))
        found[next(row.all("th")).text] = Decimal(debit or 0) - Decimal(credit or 0)
    return found


def a_month(world: World, person: Visitor) -> None:
    """Two invoices of two services, one taxed, one void; payments to two accounts; a credit memo."""
    with world.inside():
        region = factories.tax_region("State", "10")
        backup, support = factories.service("Backup"), factories.service("Support")
    their_item(world, "Cloud backup", "Backup income")
    their_item(world, "Help desk", "Support income")
    world.bookkeeper("Account", {"Name": "Second bank", "AccountType": "Bank"})
    looked(world)
    person.go(MAPPING_PAGE)
    chosen = {
        "Item for Backup": "Cloud backup",
        "Item for Support": "Help desk",
        "Deposit account for Card": "Second bank",
    }
    person.press("Save", chosen)
    customer = world.customer(tax_region=region)
    lines = [
        factories.line(service=backup, price="70", taxable=True),
        factories.line(service=support, price="30.25"),
    ]
    first, second, third = (world.invoice(customer, lines=lines) for _ in range(3))
    looked(world)
    with world.inside():
        factories.payment(first, "50", method="cash")
        factories.payment(Invoice.objects.get(pk=first.pk), "57.25", method="card")
        factories.payment(Invoice.objects.get(pk=second.pk))
        factories.credit_memo(Invoice.objects.get(pk=second.pk), "20")
    looked(world)
    steps.open_invoice(person, third.number)
    steps.void(person, third.number)
    looked(world)


def test_X_64_account_summary_ties_out_with_the_ledger_to_the_cent(
    world: World, alice: Visitor
) -> None:
    before = ledger(world)
    assert shown(alice) == {}
    a_month(world, alice)
    found, now = shown(alice), ledger(world)
    posted = {name: now[name] - before.get(name, Decimal(0)) for name in now}
    moved = {name: amount for name, amount in posted.items() if amount}
    tax = {name: amount for name, amount in moved.items() if name not in found}
    assert {name: amount for name, amount in found.items() if name != "Sales tax payable"} == {
        name: amount for name, amount in moved.items() if name not in tax
    }
    assert found["Sales tax payable"] == sum(tax.values())
    assert sum(found.values()) == 0
    assert set(found) >= {"Backup income", "Support income", "Second bank", "Undeposited Funds"}


@pytest.mark.parametrize("month", ["9999-12", "0001-01", "2101-01", "1989-12", "never", ""])
def test_X_64_month_that_cannot_be_meant_is_the_present_one(
    world: World, alice: Visitor, month: str
) -> None:
    present = alice.go("accounts/").tree
    meant = alice.go(f"accounts/?month={month}").tree
    assert [one.text for one in meant.all("h2")] == [one.text for one in present.all("h2")]


def test_X_64_summary_is_of_the_month_that_was_chosen_and_knows_nothing_of_other_entries(
    world: World, alice: Visitor
) -> None:
    a_month(world, alice)
    found = shown(alice)
    (item, *_) = world.held("Item")
    detail: dict[str, Any] = {"ItemRef": {"value": item["Id"]}}
    line = {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    (theirs,) = world.held("Customer")
    body = {"CustomerRef": {"value": theirs["Id"]}, "TxnDate": f"{factories.TODAY}", "Line": [line]}
    world.bookkeeper("Invoice", {**body, "DocNumber": "Theirs"})
    looked(world)
    assert shown(alice) == found, "an entry of theirs alone is what the ledger has besides"
    assert shown(alice, "2025-01") == {}


def test_X_64_what_more_invoices_posted_than_one_document_could_bear_is_shown(
    world: World, alice: Visitor
) -> None:
    invoice = world.invoice(world.customer(), lines=[factories.line("99999999999")])
    looked(world)
    link = world.link(invoice)
    with world.inside():
        for place in range(100):
            link.pk = link.local_id = uuid4()
            link.remote_id = f"copy-{place}"
            link.save(force_insert=True)
    assert shown(alice)["Accounts Receivable (A/R)"] == 101 * Decimal("99999999999")


@pytest.fixture
def plain(unconnected: World) -> World:
    """Its company computes no tax."""
    unconnected.connect(custom_numbers=True)
    unconnected.work()
    return unconnected


def month_of(world: World) -> str:
    with world.inside():
        return f"{Invoice.objects.get().issued_on:%Y-%m}"


def moved(world: World, before: dict[str, Decimal]) -> dict[str, Decimal]:
    """What has been posted to each account since."""
    posted = {name: sum_ - before.get(name, Decimal(0)) for name, sum_ in ledger(world).items()}
    return {name: amount for name, amount in posted.items() if amount}


@pytest.mark.parametrize("account", ["Undeposited Funds", "Checking"])
def test_X_64_deposit_on_an_invoice_is_under_the_account_that_it_went_to(
    plain: World, alice: Visitor, account: str
) -> None:
    world = plain
    before = ledger(world)
    number = sent_invoice(world, alice)
    (to,) = [one["Id"] for one in world.held("Account") if one["Name"] == account]
    bookkeeper_changes(world, Deposit=50, DepositToAccountRef={"value": to})
    settle(world)
    assert "changed in QuickBooks" in alice.go("exceptions/").text
    assert shown(alice, month_of(world)) == moved(world, before)
    steps.open_invoice(alice, number)
    alice.press("Send ours again")
    settle(world)
    assert "Nothing needs you" in alice.go("exceptions/").text
    found = shown(alice, month_of(world))
    assert found == moved(world, before)
    assert found[account] == 50


def test_X_64_expense_is_without_the_purchase_tax_in_it(opened: Open) -> None:
    world, person = spent_in_canada(opened, "11.30", "HST ON")
    (expense,) = world.held("Purchase")
    booked_to = expense["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["value"]
    (name,) = [one["Name"] for one in world.held("Account") if one["Id"] == booked_to]
    found = shown(person, f"{clock.now():%Y-%m}")
    assert found[name] == ledger(world)[name] == 10
    assert sum(found.values()) == 0


def test_X_64_invoice_changed_there_is_in_the_month_and_amount_it_has_there_while_it_is_asked_about(
    plain: World, alice: Visitor
) -> None:
    world = plain
    before = ledger(world)
    number = sent_invoice(world, alice)
    here = month_of(world)
    earlier = date.fromisoformat(f"{here}-01") - timedelta(days=1)
    bookkeeper_changes(world, TxnDate=f"{earlier}", Line=[their_line(world, "80")])
    settle(world)
    assert "changed in QuickBooks" in alice.go("exceptions/").text
    assert shown(alice, here) == {}
    assert shown(alice, f"{earlier:%Y-%m}") == moved(world, before)
    steps.open_invoice(alice, number)
    alice.press("Send ours again")
    world.work()
    assert shown(alice, here) == moved(world, before)
    assert shown(alice, f"{earlier:%Y-%m}") == {}
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="delete")
    settle(world)
    assert shown(alice, here) == moved(world, before) == {}


def test_X_64_which_of_several_receivables_accounts_it_is_is_not_guessed(
    plain: World, alice: Visitor
) -> None:
    world = plain
    sent_invoice(world, alice)
    body = {"Name": "Receivable old", "AccountType": "Accounts Receivable"}
    made = world.bookkeeper("Account", body)
    looked(world)
    several = {"Accounts receivable (one of several accounts)": 100, "Services": -100}
    assert shown(alice, month_of(world)) == several
    with world.inside():
        MirrorEntry.objects.filter(kind=ListKind.ACCOUNT, remote_id=made["Id"]).update(active=False)
    only = {"Accounts Receivable (A/R)": 100, "Services": -100}
    assert shown(alice, month_of(world)) == only


def test_X_64_receivables_account_is_that_of_the_currency(
    unconnected: World, alice: Visitor
) -> None:
    world = unconnected
    world.connect(custom_numbers=True, multicurrency=True)
    body = {"Name": "Receivable EUR", "AccountType": "Accounts Receivable"}
    world.bookkeeper("Account", {**body, "CurrencyRef": {"value": "EUR"}})
    looked(world)
    invoice = world.invoice(world.customer())
    world.work()
    found = shown(alice, f"{invoice.issued_on:%Y-%m}")
    assert found == {"Accounts Receivable (A/R)": 100, "Services": -100}
