"""Rows about companies that know several currencies: each customer has one, and every amount is in it."""

from decimal import Decimal
from typing import Any

import pytest

from billing.models import Customer, Invoice, Payment
from billing.services import payments
from integrations.documents import Kind
from integrations.models import Link
from integrations.outbound.effects import CommitAnswer
from tests import factories
from tests.features import steps
from tests.features import test_credit_rows as credit_rows
from tests.features.pages import Visitor
from tests.features.test_import_rows import choose, look
from tests.features.test_once_rows import Killed
from tests.integrations.shown import chosen_of_those_shown
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

# What the sandbox's company takes for a euro on its own.
EURO = Decimal("1.1")


@pytest.fixture
def world(unconnected: World) -> World:
    """A company that keeps its books in dollars and knows euros."""
    unconnected.connect(custom_numbers=True, multicurrency=True)
    unconnected.work()
    unconnected.forget_calls()
    return unconnected


def add_customer(person: Visitor, name: str = "Fabrikam", currency: str = "EUR") -> None:
    person.go("customers/new/")
    typed = {"Company name": name, "Currency": currency, "E-mail": "ap@fabrikam.example"}
    person.press("Add customer", typed)


def there(world: World, entity: str) -> dict[str, Any]:
    (found,) = world.held(entity)
    return found


def bookkeeper_changes(world: World, entity: str, **fields: Any) -> None:
    """The only one of its kind."""
    theirs = there(world, entity)
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper(entity, {**keys, "sparse": True, **fields})


def in_money(theirs: dict[str, Any]) -> tuple[str, Decimal, Decimal]:
    """Currency, rate and total."""
    rate, total = steps.money(theirs["ExchangeRate"]), steps.money(theirs["TotalAmt"])
    return theirs["CurrencyRef"]["value"], rate, total


def test_X_49_customer_invoice_and_payment_go_in_the_currency_of_the_customer(
    world: World, alice: Visitor
) -> None:
    add_customer(alice)
    number = steps.generate(alice, "Fabrikam")
    assert "Total €100.00" in alice.page.text
    world.work()
    assert there(world, "Customer")["CurrencyRef"]["value"] == "EUR"
    assert in_money(there(world, "Invoice")) == ("EUR", EURO, 100)
    assert "1.1 USD for 1 EUR" in alice.again().text, "what QuickBooks took is noted here"
    steps.mark_paid(alice, "€100.00", **{"Exchange rate": "1.25"})
    world.work()
    assert in_money(there(world, "Payment")) == ("EUR", Decimal("1.25"), 100)
    assert steps.invoice(world, number).status == "PAID"
    assert [one["method"] for one in world.journal()] == ["POST"] * 3, "no call beside the writes"


def test_X_49_rate_that_is_entered_here_is_the_one_there_and_is_no_change_afterwards(
    world: World, alice: Visitor
) -> None:
    add_customer(alice)
    steps.generate(alice, "Fabrikam")
    world.work()
    steps.edit_invoice(alice, **{"Exchange rate": "1.2"})
    world.work()
    assert in_money(there(world, "Invoice")) == ("EUR", Decimal("1.2"), 100)
    world.forget_calls()
    steps.edit_invoice(alice, Notes="Thank you")
    world.work()
    assert in_money(there(world, "Invoice")) == ("EUR", Decimal("1.2"), 100)
    assert len(world.journal()) == 1
    assert "Synced" in alice.again().region("QuickBooks")


def test_X_49_payment_there_comes_with_its_currency_and_rate(world: World, alice: Visitor) -> None:
    add_customer(alice)
    number = steps.generate(alice, "Fabrikam")
    world.work()
    world.pays(steps.invoice(world, number), "40", ExchangeRate=1.3, CurrencyRef={"value": "EUR"})
    steps.notified(world)
    with world.inside():
        payment = Payment.objects.get()
    assert (payment.amount.currency, payment.amount.amount) == ("EUR", 40)
    assert payment.exchange_rate == Decimal("1.3")
    assert "€60.00 left" in alice.again().text


def test_X_49_rate_changed_there_is_asked_about_and_can_be_taken(
    world: World, alice: Visitor
) -> None:
    add_customer(alice)
    number = steps.generate(alice, "Fabrikam")
    world.work()
    bookkeeper_changes(world, "Invoice", ExchangeRate=1.4)
    look(world)
    assert "Exchange rate" in alice.again().region("QuickBooks")
    with world.inside():
        assert Invoice.objects.get(number=number).exchange_rate == EURO


def test_X_49_N_08_rate_changed_there_is_taken_where_fields_are_put_together(
    world: World, alice: Visitor
) -> None:
    choose(alice, unpaid_edit_owner="per_field")
    add_customer(alice)
    number = steps.generate(alice, "Fabrikam")
    world.work()
    bookkeeper_changes(world, "Invoice", ExchangeRate=1.4)
    look(world)
    world.work()
    assert steps.invoice(world, number).exchange_rate == Decimal("1.4")
    assert in_money(there(world, "Invoice")) == ("EUR", Decimal("1.4"), 100)
    assert "Synced" in steps.open_invoice(alice, number).region("QuickBooks")
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_49_N_08_rate_read_back_while_a_change_was_on_its_way_is_agreed_on(
    world: World, alice: Visitor
) -> None:
    choose(alice, unpaid_edit_owner="per_field")
    add_customer(alice)
    number = steps.generate(alice, "Fabrikam")

    def dies(phase: str, effect: object) -> None:
        is_answered = phase == "after" and isinstance(effect, CommitAnswer)
        if is_answered and effect.intent.kind is Kind.INVOICE:
            raise Killed

    with pytest.raises(Killed):
        world.work(dies)
    steps.edit_invoice(alice, Notes="Thank you")
    world.trouble("answer_dropped", entity="Invoice", times=2)
    for _ in range(2):
        world.later(minutes=5)
        world.work()
    assert steps.invoice(world, number).exchange_rate == EURO
    bookkeeper_changes(world, "Invoice", ExchangeRate=1.4)
    look(world)
    assert steps.invoice(world, number).exchange_rate == Decimal("1.4")
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_49_N_08_rate_that_both_sides_changed_is_asked_about(
    world: World, alice: Visitor
) -> None:
    choose(alice, unpaid_edit_owner="per_field")
    add_customer(alice)
    number = steps.generate(alice, "Fabrikam")
    world.work()
    bookkeeper_changes(world, "Invoice", ExchangeRate=1.4)
    steps.edit_invoice(alice, **{"Exchange rate": "1.2"})
    for _ in range(2):
        look(world)
    assert in_money(there(world, "Invoice")) == ("EUR", Decimal("1.4"), 100)
    assert "Exchange rate" in steps.open_invoice(alice, number).region("QuickBooks")
    alice.press("Send ours again")
    world.work()
    assert in_money(there(world, "Invoice")) == ("EUR", Decimal("1.2"), 100)
    assert "Synced" in alice.again().region("QuickBooks")


@pytest.mark.parametrize("keys", ["email", "name", "email,name"])
def test_X_49_customer_of_another_currency_is_never_linked(
    world: World, alice: Visitor, keys: str
) -> None:
    world.bookkeeper(
        "Customer",
        {"DisplayName": "Fabrikam Europe", "PrimaryEmailAddr": {"Address": "ap@fabrikam.example"}},
    )
    steps.notified(world)
    alice.go("settings/sync-rules/")
    alice.press("Save", steps.ranked(keys))
    add_customer(alice)
    steps.generate(alice, "Fabrikam")
    world.work()
    assert [one["CurrencyRef"]["value"] for one in world.held("Customer")] == ["USD", "EUR"]


def test_X_49_same_name_in_another_currency_is_explained_and_cannot_be_chosen(
    world: World, alice: Visitor
) -> None:
    taken = world.bookkeeper("Customer", {"DisplayName": "Fabrikam"})
    steps.notified(world)
    add_customer(alice)
    steps.generate(alice, "Fabrikam")
    world.work()
    assert world.held("Invoice") == []
    alice.go("customers/")
    alice.follow("Fabrikam")
    assert "QuickBooks keeps Fabrikam in USD, so it is not this customer" in alice.page.text
    with world.inside():
        customer = Customer.objects.get()
    choose = f"sync/customer/{customer.pk}/choose/{world.connection.query}"
    assert alice.post(choose, chosen_of_those_shown(world, customer, taken["Id"])) == 302
    assert "Fabrikam is kept in USD, Fabrikam is billed in EUR." in alice.again().text
    with world.inside():
        assert not Link.objects.filter(kind="customer").exists()


def test_X_49_customer_of_another_currency_that_is_met_by_its_name_is_never_linked(
    world: World, alice: Visitor
) -> None:
    alice.go("settings/sync-rules/")
    alice.press("Save", steps.ranked("name"))
    foreign = {"DisplayName": "Fabrikam", "CurrencyRef": {"value": "EUR"}}
    world.bookkeeper("Customer", foreign)
    add_customer(alice, currency="")
    steps.generate(alice, "Fabrikam")
    for _ in range(2):
        world.work()
        world.later(minutes=5)
    assert world.held("Invoice") == []
    steps.open_customer(alice, "Fabrikam")
    assert "QuickBooks keeps Fabrikam in EUR, so it is not this customer" in alice.page.text
    with world.inside():
        assert not Link.objects.filter(kind="customer").exists()


def test_X_49_currency_of_a_linked_customer_that_differs_holds_its_invoices(
    world: World, alice: Visitor
) -> None:
    customer = world.linked_customer()
    alice.go(f"customers/{customer.pk}/edit/")
    alice.press("Save", {"Currency": "EUR"})
    steps.generate(alice)
    world.work()
    assert world.held("Invoice") == []
    assert "kept in USD in QuickBooks and in EUR here" in alice.again().region("QuickBooks")


def test_X_49_currency_stays_once_there_are_documents_and_a_wrong_one_is_refused(
    world: World, alice: Visitor
) -> None:
    add_customer(alice)
    steps.generate(alice, "Fabrikam")
    with world.inside():
        customer = Customer.objects.get()
    alice.go(f"customers/{customer.pk}/edit/")
    alice.press("Save", {"Currency": "GBP"})
    assert "so its currency stays" in alice.page.text
    add_customer(alice, "Wrong", "EU1")
    assert "A currency is three letters, such as EUR." in alice.page.text
    add_customer(alice, "Home", "usd")
    with world.inside():
        assert Customer.objects.get(name="Home").currency == ""


def test_X_49_sums_hold_one_currency_only(world: World, alice: Visitor) -> None:
    add_customer(alice)
    world.customer()
    for customer in ("Fabrikam", "Adatum"):
        number = steps.generate(alice, customer)
        steps.send(alice, number)
    figures = alice.go("").region_of("Where you stand")
    assert "Open $100.00 1 invoice" in figures
    assert "1 open invoice in other currencies is not in these sums." in alice.page.text
    page = alice.go("customers/")
    assert "€100.00" in page.row("Fabrikam")
    assert "$100.00" in page.row("Adatum")


def test_X_49_payment_of_a_foreign_customer_is_recorded_in_its_currency(
    world: World, alice: Visitor
) -> None:
    add_customer(alice)
    number = steps.generate(alice, "Fabrikam")
    steps.send(alice, number)
    with world.inside():
        customer, invoice = Customer.objects.get(), Invoice.objects.get()
    alice.go(f"payments/record/?customer={customer.pk}")
    typed = {"Amount": "30", f"apply-{invoice.pk}": "30"}
    alice.press("Record payment", typed)
    with world.inside():
        payment = Payment.objects.get()
    assert (payment.currency, payment.allocated.amount) == ("EUR", 30)


def keeps_accounts(world: World, **currencies: str) -> None:
    """Bank accounts of these names."""
    for name, currency in currencies.items():
        named = {"Name": name, "AccountType": "Bank", "CurrencyRef": {"value": currency}}
        world.bookkeeper("Account", named)
    look(world)


def map_to(person: Visitor, **chosen: str) -> None:
    person.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    person.press("Save", chosen)


def paid_in_euros(world: World, person: Visitor) -> str:
    """An invoice of 100 euros that is paid here; its number. Its page is open."""
    add_customer(person)
    number = steps.generate(person, "Fabrikam")
    world.work()
    steps.mark_paid(person, "€100.00", **{"Exchange rate": "1.25"})
    world.work()
    return number


def account_of(world: World, theirs: dict[str, Any], named: str = "DepositToAccountRef") -> str:
    account = theirs[named]["value"]
    return next(str(one["Name"]) for one in world.held("Account") if one["Id"] == account)


def test_X_49_L_58_payment_goes_to_an_account_of_its_currency_or_of_the_companys_own(
    world: World, alice: Visitor
) -> None:
    keeps_accounts(world, Frankfurt="EUR", London="GBP")
    map_to(alice, **{"Deposit account": "Checking"})
    paid_in_euros(world, alice)
    map_to(alice, **{"Deposit account for EUR": "Frankfurt"})
    number = steps.generate(alice, "Fabrikam")
    world.work()
    steps.open_invoice(alice, number)
    steps.mark_paid(alice, "€100.00", **{"Exchange rate": "1.25"})
    world.work()
    world.customer()
    steps.generate(alice)
    world.work()
    steps.mark_paid(alice)
    world.work()
    went = [account_of(world, one) for one in world.held("Payment")]
    assert went == ["Checking", "Frankfurt", "Checking"]


def test_X_49_L_58_payment_waits_where_the_account_chosen_keeps_a_third_currency(
    world: World, alice: Visitor
) -> None:
    keeps_accounts(world, Frankfurt="EUR", London="GBP")
    map_to(alice, **{"Deposit account": "London"})
    number = paid_in_euros(world, alice)
    assert world.held("Payment") == []
    assert "London keeps GBP, so a payment in EUR cannot go there" in alice.go("exceptions/").text
    map_to(alice, **{"Deposit account for EUR": "Frankfurt"})
    world.work()
    (payment,) = world.held("Payment")
    assert account_of(world, payment) == "Frankfurt"
    assert "Paid" in steps.open_invoice(alice, number).text


@pytest.mark.parametrize(
    ("posting", "entity", "field"),
    [
        ("As an expense", "Purchase", "AccountRef"),
        ("As a refund receipt", "RefundReceipt", "DepositToAccountRef"),
    ],
)
def test_X_49_C_13_refund_is_paid_from_an_account_of_its_currency(
    world: World, alice: Visitor, posting: str, entity: str, field: str
) -> None:
    choose(alice, payment_refund_posting=posting)
    keeps_accounts(world, Frankfurt="EUR", London="GBP")
    expense = next(one["Id"] for one in world.held("Account") if one["AccountType"] == "Expense")
    map_to(alice, **{"Refunds are paid from": "London"})
    map_to(alice, **{"Expense account of refunds": expense})
    paid_in_euros(world, alice)
    (row,) = [one for one in alice.again().tree.all("tr") if "/payments/" in one["data-href"]]
    alice.open(row["data-href"])
    alice.follow("Record a refund")
    alice.press("Record refund", {"Amount in EUR": "40"})
    world.work()
    assert world.held(entity) == []
    assert "London keeps GBP, so a refund in EUR" in alice.go("exceptions/").text
    map_to(alice, **{"Refunds in EUR are paid from": "Frankfurt"})
    world.work()
    assert account_of(world, there(world, entity), field) == "Frankfurt"


def test_X_49_in_a_company_with_one_currency_a_foreign_invoice_waits(
    unconnected: World, alice: Visitor
) -> None:
    unconnected.connect(custom_numbers=True)
    unconnected.work()
    add_customer(alice)
    steps.generate(alice, "Fabrikam")
    unconnected.work()
    assert unconnected.held("Invoice") == []
    assert "the QuickBooks company keeps USD" in alice.again().region("QuickBooks")


def test_X_49_A_12_credit_memo_there_is_booked_in_the_currency_of_its_customer_and_used(
    world: World, alice: Visitor
) -> None:
    add_customer(alice)
    number = steps.generate(alice, "Fabrikam")
    world.work()
    memo = credit_rows.credit_there(world, "30")
    steps.notified(world)
    assert "€30.00" in alice.go("credit-memos/").row("CM-1001")
    credit_rows.applied_there(world, memo, number, "30")
    steps.notified(world)
    assert "Left to pay €70.00" in steps.open_invoice(alice, number).text
    bookkeeper_changes(world, "CreditMemo", CustomerMemo={"value": "Goodwill"})
    look(world)
    alice.go("credit-memos/")
    assert "Goodwill" in alice.follow("CM-1001").text
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_49_currency_stays_where_there_is_but_a_credit_memo(world: World, alice: Visitor) -> None:
    customer = world.linked_customer()
    credit_rows.credit_to(world, {"value": world.link(customer).remote_id}, "30")
    steps.notified(world)
    assert "$30.00" in alice.go("credit-memos/").row("CM-1001")
    alice.go(f"customers/{customer.pk}/edit/")
    alice.press("Save", {"Currency": "GBP"})
    assert "so its currency stays" in alice.page.text


@pytest.mark.parametrize("kept", ["logged time", "agreements"])
def test_X_49_currency_stays_where_rates_or_prices_are_in_it(
    world: World, alice: Visitor, kept: str
) -> None:
    """They have no currency of their own: 300.00 in dollars would be billed as 300 yen."""
    with world.inside():
        adatum = factories.customer("Adatum")
        if kept == "agreements":
            factories.agreement(adatum)
        else:
            factories.time_entry(adatum, hours="2", rate=Decimal(150))
    steps.open_customer(alice)
    alice.follow("Edit")
    page = alice.press("Save", {"Currency": "JPY"})
    assert f"Adatum has {kept}, so its currency stays." in page.text
    with world.inside():
        adatum.refresh_from_db()
    assert adatum.currency == ""


def test_X_49_L_13_note_of_a_credit_memo_in_another_currency_can_be_taken(
    world: World, alice: Visitor
) -> None:
    add_customer(alice)
    number = steps.generate(alice, "Fabrikam")
    steps.mark_paid(alice, "€100.00", **{"Exchange rate": "1.25"})
    world.work()
    credit_rows.issue(alice, number)
    world.work()
    bookkeeper_changes(world, "CreditMemo", CustomerMemo={"value": "Goodwill"})
    look(world)
    alice.go("credit-memos/")
    assert "Differs" in alice.follow("CM-1001").region("QuickBooks")
    alice.press("Take theirs")
    world.work()
    assert "Synced" in alice.again().region("QuickBooks")
    assert "Goodwill" in alice.page.text
    assert "Remaining credit €100.00" in alice.page.text


def made_inactive(world: World, name: str) -> None:
    (account,) = [one for one in world.held("Account") if one["Name"] == name]
    world.bookkeeper("Account", {**account, "Active": False})
    look(world)


def test_T_70_payment_waits_for_no_inactive_account_but_the_one_it_goes_to(
    world: World, alice: Visitor
) -> None:
    keeps_accounts(world, Frankfurt="EUR", Desk="USD")
    map_to(alice, **{"Deposit account for EUR": "Frankfurt", "Deposit account for Check": "Desk"})
    made_inactive(world, "Desk")
    made_inactive(world, "Frankfurt")
    paid_in_euros(world, alice)
    assert world.held("Payment") == []
    shown = alice.go("exceptions/").text
    assert "Frankfurt, chosen for payments in EUR, is no longer active" in shown
    assert "Desk" not in shown
    keeps_accounts(world, London="EUR")
    map_to(alice, **{"Deposit account for EUR": "London"})
    world.work()
    assert account_of(world, there(world, "Payment")) == "London"


def test_T_70_payment_that_is_there_waits_for_no_account_that_later_ones_go_to(
    world: World, alice: Visitor
) -> None:
    keeps_accounts(world, Frankfurt="EUR", London="EUR")
    map_to(alice, **{"Deposit account for EUR": "Frankfurt"})
    paid_in_euros(world, alice)
    map_to(alice, **{"Deposit account for EUR": "London"})
    made_inactive(world, "London")
    with world.inside():
        payments.change(payment=Payment.objects.get(), reference="R-7")
    world.work()
    assert there(world, "Payment")["PaymentRefNum"] == "R-7"
    assert account_of(world, there(world, "Payment")) == "Frankfurt"


def test_T_70_C_13_refund_waits_for_no_inactive_account_but_the_one_it_is_paid_from(
    world: World, alice: Visitor
) -> None:
    choose(alice, payment_refund_posting="As a refund receipt")
    keeps_accounts(world, Frankfurt="EUR", Desk="USD")
    map_to(alice, **{"Refunds in EUR are paid from": "Frankfurt", "Refunds are paid from": "Desk"})
    made_inactive(world, "Desk")
    paid_in_euros(world, alice)
    (row,) = [one for one in alice.again().tree.all("tr") if "/payments/" in one["data-href"]]
    alice.open(row["data-href"])
    alice.follow("Record a refund")
    alice.press("Record refund", {"Amount in EUR": "40"})
    world.work()
    assert account_of(world, there(world, "RefundReceipt"), "DepositToAccountRef") == "Frankfurt"
