"""Rows about refunds of payments: two tenants that differ only in how they are posted, and their companies do."""

from typing import Any

import pytest
from django.test import Client

from billing.models import Payment, Refund
from integrations.documents import Kind
from integrations.models import Link
from sandbox.quickbooks.entities import expenses
from tests.backup import Backup
from tests.features import steps
from tests.features.pages import Page, Visitor
from tests.features.steps import money
from tests.features.test_credit_rows import open_payment_of
from tests.features.test_email_rows import compare, restore
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

Held = dict[str, Any]
# The choices by which a refund is one document of its own, and what that is over there.
POSTED_ALONE = [("As an expense", "Purchase"), ("As a refund receipt", "RefundReceipt")]


def choose(person: Visitor, posting: str) -> None:
    person.go("settings/sync-rules/")
    assert "Changed: " in person.press("Save", {"payment_refund_posting": posting}).text


def map_accounts(world: World, person: Visitor) -> tuple[str, str]:
    """The account that refunds are paid from, and the one they are booked to."""
    accounts = [one for one in world.held("Account") if one["Active"]]
    bank = next(one for one in accounts if one["AccountType"] == "Bank")
    expense = next(one for one in accounts if one["AccountType"] == "Expense")
    person.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    chosen = {"Refunds are paid from": bank["Id"], "Expense account of refunds": expense["Id"]}
    for label, remote_id in chosen.items():
        person.press("Save", {label: remote_id})
        person.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    return bank["Id"], expense["Id"]


def refund(world: World, person: Visitor, amount: str = "40", **typed: str | bool) -> Page:
    """A paid invoice of 100.00 on both sides, and a part of its payment paid back."""
    paid(world, person)
    return pay_back(world, person, amount, **typed)


def paid(world: World, person: Visitor) -> None:
    """The page of its payment is open."""
    world.customer()
    number = steps.generate(person)
    steps.send(person, number)
    steps.mark_paid(person)
    world.work()
    page = steps.open_invoice(person, number)
    (row,) = [one for one in page.tree.all("tr") if "/payments/" in one["data-href"]]
    person.open(row["data-href"])


def pay_back(world: World, person: Visitor, amount: str, **typed: str | bool) -> Page:
    """A part of the payment whose page is open."""
    person.follow("Record a refund")
    page = person.press("Record refund", {"Amount in USD": amount, **typed})
    world.work()
    return page


def posted(world: World) -> dict[str, int]:
    """How many documents of each kind a refund could have become."""
    return {name: len(world.held(name)) for name in ("CreditMemo", "Purchase", "RefundReceipt")}


def test_C_13_nothing_is_posted_until_somebody_issues_a_credit_memo_with_one_click(
    world: World, bob: Visitor
) -> None:
    page = refund(world, bob)
    assert "RF-1001 is recorded." in page.text
    assert posted(world) == {"CreditMemo": 0, "Purchase": 0, "RefundReceipt": 0}
    assert "RF-1001" in bob.go("exceptions/").text
    bob.follow("Open the refund")
    assert "leave it to you" in bob.page.text
    assert not bob.page.offers("Open the refund"), "a page does not lead to itself"
    assert "issued for RF-1001." in bob.press("Issue a credit memo for it").text
    world.work()
    assert posted(world) == {"CreditMemo": 1, "Purchase": 0, "RefundReceipt": 0}
    assert money(world.held("CreditMemo")[0]["TotalAmt"]) == 40
    assert "RF-1001" not in bob.go("exceptions/").text
    assert money(world.held("Invoice")[0]["Balance"]) == 0, "a refund opens no invoice by itself"


def test_C_13_as_a_credit_memo_it_is_one_at_once_and_nothing_else(
    world: World, bob: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, "As a credit memo")
    refund(world, bob)
    page = refund(other, charlie)
    assert [posted(each)["CreditMemo"] for each in (world, other)] == [0, 1]
    assert posted(other) == {"CreditMemo": 1, "Purchase": 0, "RefundReceipt": 0}
    charlie.follow("CM-1001")
    page = charlie.follow("Apply to invoices")
    assert "no open invoice" in page.text


def test_T_67_C_13_expense_waits_for_a_bank_account_where_its_payment_went_to_no_bank(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(expenses.PLACES, "Cash", {"Bank"})
    clearing = {"AccountType": "Other Current Asset", "AccountSubType": "OtherCurrentAssets"}
    world.bookkeeper("Account", {"Name": "Stripe clearing", **clearing})
    world.due_now()
    world.work()
    accounts = {one["AccountType"]: one["Id"] for one in world.held("Account")}
    choose(alice, "As an expense")
    map_to(alice, **{"Deposit account": "Stripe clearing"})
    map_to(alice, **{"Expense account of refunds": accounts["Expense"]})
    refund(world, alice)
    assert posted(world)["Purchase"] == 0
    shown = alice.go("exceptions/").text
    assert "Needs an account for refunds" in shown
    assert "Its payment went to Stripe clearing" in shown
    map_to(alice, **{"Refunds are paid from": accounts["Bank"]})
    world.work()
    (expense,) = world.held("Purchase")
    assert expense["AccountRef"]["value"] == accounts["Bank"]
    assert "Nothing needs you" in alice.go("exceptions/").text


def map_to(person: Visitor, **chosen: str) -> None:
    person.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    person.press("Save", chosen)


def test_T_67_C_13_as_an_expense_it_is_paid_from_the_bank_and_booked_to_the_account_chosen(
    world: World, bob: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, "As an expense")
    refund(world, bob)
    refund(other, charlie)
    assert posted(other) == {"CreditMemo": 0, "Purchase": 0, "RefundReceipt": 0}
    panel = charlie.again().region("QuickBooks")
    assert "Needs an account for refunds" in panel
    bank, expense = map_accounts(other, charlie)
    other.work()
    (purchase,) = other.held("Purchase")
    (line,) = purchase["Line"]
    assert money(purchase["TotalAmt"]) == 40
    assert purchase["AccountRef"]["value"] == bank
    assert line["AccountBasedExpenseLineDetail"]["AccountRef"]["value"] == expense
    assert purchase["EntityRef"]["value"] == other.held("Invoice")[0]["CustomerRef"]["value"]
    assert posted(other) == {"CreditMemo": 0, "Purchase": 1, "RefundReceipt": 0}
    assert posted(world)["Purchase"] == 0
    open_refund(charlie)
    assert "Synced" in charlie.page.region("QuickBooks")
    charlie.follow("Void")
    charlie.press("Void RF-1001")
    other.work()
    assert posted(other)["Purchase"] == 0


def test_C_13_T_70_accounts_of_refunds_made_inactive_there_are_shown_and_others_can_be_chosen(
    world: World, alice: Visitor
) -> None:
    choose(alice, "As an expense")
    for remote_id in map_accounts(world, alice):
        (account,) = [one for one in world.held("Account") if one["Id"] == remote_id]
        world.bookkeeper("Account", {**account, "Active": False})
    steps.notified(world)
    refund(world, alice)
    assert posted(world)["Purchase"] == 0
    shown = alice.go(f"{steps.QUICKBOOKS_PAGE}mapping/").text
    assert "active in QuickBooks. Refunds that are expenses or refund receipts wait." in shown
    assert "active in QuickBooks. Refunds that are expenses wait." in shown
    map_accounts(world, alice)
    assert "no longer active" not in alice.page.text
    world.work()
    assert posted(world)["Purchase"] == 1


def test_C_13_refund_is_not_sent_a_second_time_by_the_address_of_the_other_kind(
    other: World, charlie: Visitor
) -> None:
    choose(charlie, "As an expense")
    map_accounts(other, charlie)
    refund(other, charlie)
    assert posted(other) == {"CreditMemo": 0, "Purchase": 1, "RefundReceipt": 0}
    with other.inside():
        made = Refund.objects.get()
    client = Client()
    client.force_login(other.owner)
    statuses = {}
    for kind in (Kind.REFUND_RECEIPT, Kind.EXPENSE):
        path = f"/o/{other.organization.slug}/sync/{kind}/{made.pk}/send/"
        statuses[kind] = client.post(path).status_code
        other.work()
    assert posted(other) == {"CreditMemo": 0, "Purchase": 1, "RefundReceipt": 0}
    assert statuses == {Kind.REFUND_RECEIPT: 404, Kind.EXPENSE: 302}


def test_C_13_as_a_refund_receipt_it_is_one_from_the_same_account(
    world: World, bob: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, "As a refund receipt")
    refund(world, bob)
    bank, _ = map_accounts(other, charlie)
    refund(other, charlie)
    assert [posted(each)["RefundReceipt"] for each in (world, other)] == [0, 1]
    (receipt,) = other.held("RefundReceipt")
    assert money(receipt["TotalAmt"]) == 40
    assert receipt["DepositToAccountRef"]["value"] == bank
    assert posted(other) == {"CreditMemo": 0, "Purchase": 0, "RefundReceipt": 1}


def test_C_13_refund_of_before_the_invoice_is_sent_goes_with_its_payment(
    world: World, alice: Visitor
) -> None:
    choose(alice, "As a refund receipt")
    map_accounts(world, alice)
    world.customer()
    number = steps.generate(alice, destinations=False)
    steps.mark_paid(alice)
    open_payment_of(alice, number)
    pay_back(world, alice, "40")
    assert (world.held("Payment"), posted(world)["RefundReceipt"]) == ([], 0)
    steps.open_invoice(alice, number)
    alice.press("Send to QuickBooks")
    world.work()
    assert money(world.held("Invoice")[0]["Balance"]) == 0
    assert posted(world) == {"CreditMemo": 0, "Purchase": 0, "RefundReceipt": 1}


def paid_on_hold(world: World, person: Visitor) -> str:
    """An invoice that is not to go yet, paid here; the page of its payment is open. Its number."""
    world.customer()
    number = steps.generate(person)
    person.press("Put on hold")
    steps.send(person, number)
    steps.mark_paid(person)
    world.work()
    open_payment_of(person, number)
    return number


def approve(world: World, person: Visitor, number: str) -> None:
    steps.open_invoice(person, number)
    person.press("Approve")
    world.work()


@pytest.mark.parametrize(("posting", "entity"), POSTED_ALONE)
def test_C_13_refund_waits_for_its_payment_and_goes_by_itself_once_that_is_there(
    world: World, alice: Visitor, posting: str, entity: str
) -> None:
    choose(alice, posting)
    map_accounts(world, alice)
    number = paid_on_hold(world, alice)
    pay_back(world, alice, "40")
    panel = alice.again().region("QuickBooks")
    assert "Needs its payment in QuickBooks" in panel
    assert "The payment that it pays back is not in QuickBooks yet." in panel
    alice.follow("Open the payment")
    assert f"Invoice {number} is not in QuickBooks yet." in alice.page.text
    assert (world.held("Invoice"), world.held(entity)) == ([], [])
    approve(world, alice, number)
    assert len(world.held("Payment")) == posted(world)[entity] == 1
    assert money(world.held("Invoice")[0]["Balance"]) == 0
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_C_13_credit_memo_of_a_refund_waits_for_its_payment_likewise(
    world: World, alice: Visitor
) -> None:
    choose(alice, "As a credit memo")
    number = paid_on_hold(world, alice)
    pay_back(world, alice, "40")
    assert (world.held("Invoice"), world.held("CreditMemo")) == ([], [])
    approve(world, alice, number)
    assert len(world.held("Payment")) == posted(world)["CreditMemo"] == 1


def test_C_13_refund_that_is_void_before_its_payment_is_there_never_goes(
    world: World, alice: Visitor
) -> None:
    choose(alice, "As an expense")
    map_accounts(world, alice)
    number = paid_on_hold(world, alice)
    pay_back(world, alice, "40")
    alice.follow("Void")
    alice.press("Void RF-1001")
    approve(world, alice, number)
    assert (len(world.held("Payment")), posted(world)["Purchase"]) == (1, 0)
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize(("posting", "entity"), [*POSTED_ALONE, ("As a credit memo", "CreditMemo")])
def test_C_13_refund_of_a_payment_that_the_rules_keep_here_is_kept_with_it(
    world: World, alice: Visitor, posting: str, entity: str
) -> None:
    choose(alice, posting)
    map_accounts(world, alice)
    alice.go("settings/sync-rules/")
    alice.press("Save", {"payments_direction": "Neither way"})
    refund(world, alice)
    assert (len(world.held("Invoice")), world.held(entity)) == (1, [])
    if entity == "CreditMemo":
        alice.follow("CM-1001")
    panel = alice.again().region("QuickBooks")
    assert "The sync rules send no payments to QuickBooks." in panel
    assert "Nothing needs you" in alice.go("exceptions/").text, "it is meant"
    alice.go("settings/sync-rules/")
    alice.press("Save", {"payments_direction": "Both ways"})
    world.work()
    assert len(world.held("Payment")) == posted(world)[entity] == 1


def test_C_13_no_more_is_paid_back_than_came_in_and_invoices_open_only_when_staff_say_so(
    world: World, bob: Visitor
) -> None:
    page = refund(world, bob, "100.01")
    assert "Of this payment $100.00 can be paid back, so $100.01 cannot." in page.text
    bob.press(
        "Record refund", {"Amount in USD": "40", "Open the invoices again by this amount": True}
    )
    world.work()
    assert money(world.held("Invoice")[0]["Balance"]) == 40


def test_C_13_money_that_was_paid_back_pays_no_other_invoice_until_the_refund_is_void(
    world: World, bob: Visitor
) -> None:
    refund(world, bob, "100", **{"Open the invoices again by this amount": True})
    other = steps.generate(bob)
    steps.send(bob, other)
    with world.inside():
        address = f"payments/{Payment.objects.get().pk}/"
    page = bob.go(address)
    assert "Paid back $100.00" in page.region_of("Amounts")
    assert "Not applied $0.00" in page.region_of("Amounts")
    assert not page.offers("Apply the rest") and not page.offers("Apply differently")
    assert "Paid back" in bob.go("payments/").text
    assert "$100.00" not in bob.go("payments/?status=unapplied").region_of("Payments")
    bob.go(f"{address}apply/")
    page = bob.press("Apply", {f"Applied to {other}": "100"})
    assert "$100.00 of this payment has been paid back" in page.text
    assert "Left to pay $100.00" in steps.open_invoice(bob, other).text
    open_refund(bob)
    bob.follow("Void")
    bob.press("Void RF-1001")
    assert "Not applied $100.00" in bob.go(address).region_of("Amounts")
    bob.follow("Apply the rest")
    bob.press("Apply", {f"Applied to {other}": "100"})
    assert "Left to pay $0.00" in steps.open_invoice(bob, other).text


def test_C_13_refund_whose_credit_memo_is_void_is_to_be_decided_again(
    world: World, bob: Visitor, alice: Visitor
) -> None:
    choose(alice, "As a credit memo")
    refund(world, bob)
    (memo,) = world.held("CreditMemo")
    keys = {"Id": memo["Id"], "SyncToken": memo["SyncToken"]}
    world.bookkeeper("CreditMemo", keys, operation="delete")
    steps.notified(world)
    world.work()
    assert "RF-1001" in bob.go("exceptions/").text
    bob.follow("Open the refund")
    assert "issued for RF-1001." in bob.press("Issue a credit memo for it").text
    world.work()
    assert posted(world) == {"CreditMemo": 1, "Purchase": 0, "RefundReceipt": 0}
    assert "RF-1001" not in bob.go("exceptions/").text


def test_C_13_credit_memo_of_a_refund_goes_where_its_payment_is_though_that_pays_nothing(
    world: World, bob: Visitor, alice: Visitor
) -> None:
    choose(alice, "As a credit memo")
    refund(world, bob, "100", **{"Open the invoices again by this amount": True})
    assert posted(world)["CreditMemo"] == 1
    assert money(world.held("Invoice")[0]["Balance"]) == 100


@pytest.mark.parametrize(("posting", "entity"), POSTED_ALONE)
def test_C_13_refund_deleted_there_is_a_question_with_both_answers(
    world: World, bob: Visitor, alice: Visitor, posting: str, entity: str
) -> None:
    choose(alice, posting)
    map_accounts(world, alice)
    refund(world, bob)
    delete_there(world, entity)
    open_refund(bob)
    bob.press("Make it again in QuickBooks")
    world.work()
    assert posted(world)[entity] == 1
    delete_there(world, entity)
    open_refund(bob)
    page = bob.press("Void it here too")
    assert "Void" in page.text
    world.work()
    assert posted(world)[entity] == 0
    assert "Nothing needs you" in bob.go("exceptions/").text


def open_refund(person: Visitor) -> Page:
    """By the list of payments and the page of the only one."""
    person.go("payments/")
    person.follow(next(one.text for one in person.page.tree.all("a") if one["class"] == "title"))
    return person.follow("RF-1001")


def delete_there(world: World, entity: str) -> None:
    (theirs,) = world.held(entity)
    keys = {"Id": theirs["Id"], "SyncToken": theirs["SyncToken"]}
    world.bookkeeper(entity, keys, operation="delete")
    world.due_now()
    world.work()


def test_C_13_expense_whose_note_was_wiped_before_it_was_looked_up_is_known_by_its_number(
    world: World, bob: Visitor, alice: Visitor
) -> None:
    choose(alice, "As an expense")
    map_accounts(world, alice)
    world.trouble("answer_dropped", entity="Purchase")
    world.trouble("answer_dropped", path="/query")
    world.trouble("requestid_forgotten", times=None, method="POST")
    refund(world, bob)
    (theirs,) = world.held("Purchase")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Purchase", {**keys, "sparse": True, "PrivateNote": "Paid back"})
    for _ in range(3):
        world.later(minutes=5)
        world.work()
    (there,) = world.held("Purchase")
    assert there["Id"] == theirs["Id"]
    with world.inside():
        link = Link.objects.get(kind=Kind.EXPENSE)
    assert link.remote_id == there["Id"]


@pytest.mark.parametrize(("posting", "entity"), POSTED_ALONE)
def test_C_13_refund_changed_there_is_a_question_and_ours_goes_again(
    world: World,
    bob: Visitor,
    alice: Visitor,
    posting: str,
    entity: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose(alice, posting)
    map_accounts(world, alice)
    refund(world, bob)
    (theirs,) = world.held(entity)
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper(entity, {**keys, "sparse": True, "TxnDate": "2026-01-15"})
    world.due_now()
    world.work()
    # Of expenses no sparse update is documented: what is not sent may be gone.
    steps.no_sparse_updates_of(monkeypatch, "Purchase")
    open_refund(bob)
    bob.press("Send ours again")
    world.work()
    (there,) = world.held(entity)
    assert there["TxnDate"] == theirs["TxnDate"]
    assert (there["Line"], there["TotalAmt"]) == (theirs["Line"], theirs["TotalAmt"])
    assert "Synced" in bob.again().region("QuickBooks")


@pytest.mark.parametrize("is_sent_again", [False, True])
@pytest.mark.parametrize(("posting", "entity"), POSTED_ALONE)
def test_C_13_X_98_refund_that_was_corrected_there_is_taken(
    world: World, alice: Visitor, posting: str, entity: str, is_sent_again: bool
) -> None:
    """The bank paid 45.00 and is matched with it, so ours is refused (6480)."""
    choose(alice, posting)
    map_accounts(world, alice)
    refund(world, alice, "40")
    (held,) = world.held(entity)
    keys = {name: held[name] for name in ("Id", "SyncToken", *_SAID.get(entity, ()))}
    line = dict(held["Line"][0], Amount=45)
    if entity == "RefundReceipt":
        line["SalesItemLineDetail"] = {**line["SalesItemLineDetail"], "UnitPrice": 45}
    world.bookkeeper(entity, {**keys, "Line": [line], "sparse": True, "TxnDate": "2026-01-15"})
    world.trouble("fault", code="6480", entity=entity, method="POST", times=None)
    world.due_now()
    world.work()
    open_refund(alice)
    if is_sent_again:
        alice.press("Send ours again")
        world.work()
        world.due_now()
        world.work()
        assert "It is matched with a bank transaction" in alice.again().region("QuickBooks")
    assert "$45.00 in QuickBooks" in alice.page.region("QuickBooks")
    calls = len(world.journal())
    page = alice.press("Take theirs")
    assert "Here it is now as it is in QuickBooks." in page.text
    assert "$45.00" in page.text
    world.work()
    assert len(world.journal()) == calls, "both sides are equal"
    with world.inside():
        taken = Refund.objects.select_related("payment").get()
        assert (taken.amount, taken.payment.paid_back) == (taken.payment.paid_back, taken.amount)
        assert (taken.amount.minor, str(taken.refunded_on)) == (4500, "2026-01-15")
    assert "Nothing needs you" in alice.go("exceptions/").text


_SAID = {"Purchase": ("PaymentType", "AccountRef"), "RefundReceipt": ("CustomerRef",)}


def test_C_13_X_98_refund_of_more_than_came_in_is_not_taken(world: World, alice: Visitor) -> None:
    choose(alice, "As an expense")
    map_accounts(world, alice)
    refund(world, alice, "40")
    (held,) = world.held("Purchase")
    keys = {name: held[name] for name in ("Id", "SyncToken", *_SAID["Purchase"])}
    world.bookkeeper(
        "Purchase", {**keys, "Line": [dict(held["Line"][0], Amount=145)], "sparse": True}
    )
    world.due_now()
    world.work()
    open_refund(alice)
    assert "Of this payment $100.00 can be paid back" in alice.press("Take theirs").text
    with world.inside():
        assert Refund.objects.get().amount.minor == 4000


def test_C_13_refund_that_a_restore_lost_is_paid_out_once_when_staff_enter_it_again(
    world: World, alice: Visitor
) -> None:
    """As the page of exceptions says."""
    choose(alice, "As an expense")
    map_accounts(world, alice)
    paid(world, alice)
    payment = alice.page.address
    backup = Backup.of(world.organization.pk)
    pay_back(world, alice, "40")
    restore(world, backup)
    compare(world)
    assert "Enter it here again" in alice.go("exceptions/").text
    alice.open(payment)
    pay_back(world, alice, "40")
    compare(world)
    assert [money(one["TotalAmt"]) for one in world.held("Purchase")] == [40]
    assert "Nothing needs you" in alice.go("exceptions/").text
