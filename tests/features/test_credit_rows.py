"""Rows about credit memos: issued here, applied on either side."""

from decimal import Decimal
from typing import Any

import pytest

from billing.models import CreditMemo
from integrations.documents import Kind
from integrations.models import Doorbell
from tests.features import steps
from tests.features.pages import Page, Visitor
from tests.features.steps import money
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

TWO_LINES = (("Managed workstation", "3", "40"), ("Backup", "1", "30"))


def paid_invoice(world: World, person: Visitor, lines: tuple[steps.Line, ...] = TWO_LINES) -> str:
    """Of 150.00 unless said otherwise, paid on both sides; its number."""
    if not world.held("Customer"):
        world.customer()
    number = steps.generate(person, lines=lines)
    steps.send(person, number)
    total = sum((Decimal(line[1]) * Decimal(line[2]) for line in lines), Decimal(0))
    steps.mark_paid(person, f"${total:.2f}")
    world.work()
    return number


def open_invoice(world: World, person: Visitor) -> str:
    """Of 100.00, on both sides; its number."""
    number = steps.generate(person)
    steps.send(person, number)
    world.work()
    return number


def issue(person: Visitor, number: str, **credits: str) -> Page:
    """From the invoice's page: of each line so much, by its description; of the others nothing."""
    steps.open_invoice(person, number)
    person.follow("Issue credit memo")
    form = person.page.form("Issue credit memo")
    assert form is not None
    labels = [one.text for one in person.page.tree.all("label")]
    fields = {label: "" for label in labels if label.startswith("Credit for")}
    typed = {f"Credit for {name.replace('_', ' ')}": text for name, text in credits.items()}
    return person.press("Issue credit memo", {**fields, **typed} if credits else {})


def balances(world: World) -> dict[str, Decimal]:
    return {one["DocNumber"]: money(one["Balance"]) for one in world.held("Invoice")}


def apply(person: Visitor, memo: str, **parts: str) -> Page:
    """From the credit memo's page."""
    person.go("credit-memos/")
    person.follow(memo)
    person.follow("Apply to invoices")
    typed = {f"Applied to {number}": part for number, part in parts.items()}
    return person.press("Apply", typed)


def look(world: World) -> None:
    """So soon after the last answer an event is taken for an echo; the next look compares."""
    world.due_now()
    world.work()


def open_payment_of(person: Visitor, number: str) -> Page:
    """The page of the only payment of an invoice."""
    page = steps.open_invoice(person, number)
    (row,) = [one for one in page.tree.all("tr") if "/payments/" in one["data-href"]]
    return person.open(row["data-href"])


def credit_there(world: World, amount: str) -> dict[str, Any]:
    """The bookkeeper issues a credit memo in QuickBooks to the customer of the first invoice."""
    return credit_to(world, world.held("Invoice")[0]["CustomerRef"], amount)


def credit_to(world: World, customer: dict[str, Any], amount: str) -> dict[str, Any]:
    (item,) = [one for one in world.held("Item") if one["Name"] == "IT services"]
    line = {
        "Amount": amount,
        "Description": "Goodwill",
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}, "TaxCodeRef": {"value": "NON"}},
    }
    return world.bookkeeper("CreditMemo", {"CustomerRef": customer, "Line": [line]})


def applied_there(
    world: World, memo: dict[str, Any], number: str, amount: str, **more: Any
) -> dict[str, Any]:
    """The bookkeeper applies a credit memo to an invoice."""
    (bill,) = [one for one in world.held("Invoice") if one["DocNumber"] == number]
    links = [(bill["Id"], "Invoice"), (memo["Id"], "CreditMemo")]
    lines = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": remote, "TxnType": kind}]}
        for remote, kind in links
    ]
    body = {"CustomerRef": bill["CustomerRef"], "TotalAmt": 0, "Line": lines, **more}
    return world.bookkeeper("Payment", body)


def test_R_11_L_03_L_13_a_credit_memo_issued_here_stands_in_quickbooks_by_itself(
    world: World, bob: Visitor
) -> None:
    number = paid_invoice(world, bob)
    page = issue(bob, number, Managed_workstation="50")
    assert "CM-1001 is issued." in page.text
    assert "Remaining credit $50.00" in page.text
    world.forget_calls()
    world.work()
    (memo,) = world.held("CreditMemo")
    (line,) = steps.sold(memo)
    assert (memo["DocNumber"], money(memo["TotalAmt"])) == ("CM-1001", 50)
    assert (line["Description"], money(line["Amount"])) == ("Managed workstation", 50)
    assert memo["CustomerRef"] == world.held("Invoice")[0]["CustomerRef"]
    writes = [call for call in world.journal() if call["path"].endswith("creditmemo")]
    assert [(call["method"], call["metered"]) for call in writes] == [("POST", False)]
    panel = bob.again().region("QuickBooks")
    assert "Synced" in panel
    assert "Number there CM-1001" in panel
    assert balances(world)[number] == 0, "the invoice stays paid"


def test_R_11_credit_memo_waits_for_its_invoice_and_goes_by_itself_once_that_is_there(
    world: World, bob: Visitor
) -> None:
    world.customer()
    number = steps.generate(bob)
    bob.press("Put on hold")
    steps.send(bob, number)
    steps.mark_paid(bob)
    issue(bob, number)
    world.work()
    bob.go("credit-memos/")
    bob.follow("CM-1001")
    panel = bob.page.region("QuickBooks")
    assert "Needs its invoice in QuickBooks" in panel
    assert f"Invoice {number} is not in QuickBooks yet." in panel
    assert (world.held("Invoice"), world.held("CreditMemo")) == ([], [])
    bob.follow("Open the invoice")
    bob.press("Approve")
    world.work()
    assert [len(world.held(one)) for one in ("Invoice", "Payment", "CreditMemo")] == [1, 1, 1]
    assert "Nothing needs you" in bob.go("exceptions/").text


def test_R_11_credit_memo_of_an_invoice_that_was_never_to_go_goes_by_its_button(
    world: World, bob: Visitor
) -> None:
    world.customer()
    number = steps.generate(bob, destinations=False)
    steps.send(bob, number)
    steps.mark_paid(bob)
    issue(bob, number)
    world.work()
    assert world.held("CreditMemo") == []
    bob.go("credit-memos/")
    bob.follow("CM-1001")
    bob.press("Send to QuickBooks")
    world.work()
    assert (world.held("Invoice"), len(world.held("CreditMemo"))) == ([], 1)


def test_R_70_the_button_is_there_only_on_a_paid_or_void_invoice(
    world: World, bob: Visitor
) -> None:
    world.customer()
    number = steps.generate(bob)
    assert not bob.page.offers("Issue credit memo")
    steps.send(bob, number)
    assert not bob.page.offers("Issue credit memo")
    address = f"invoices/{steps.invoice(world, number).pk}/credit/"
    assert "is not paid" in bob.go(address).text
    assert bob.page.form("Issue credit memo") is None
    steps.open_invoice(bob, number)
    steps.void(bob, number)
    assert bob.page.offers("Issue credit memo")
    second = steps.generate(bob)
    steps.send(bob, second)
    assert steps.mark_paid(bob) and bob.page.offers("Issue credit memo")


def test_R_70_line_by_line_no_more_than_each_line_came_to(world: World, bob: Visitor) -> None:
    number = paid_invoice(world, bob)
    page = issue(bob, number, Backup="30.01")
    assert "Of “Backup” $30.00 can be credited, so $30.01 cannot." in page.text
    issue(bob, number, Backup="20", Managed_workstation="120")
    steps.open_invoice(bob, number)
    page = bob.follow("Issue credit memo")
    assert "Managed workstation" not in page.region_of("Lines")
    page = bob.press("Issue credit memo")
    assert "Total $10.00" in page.text
    steps.open_invoice(bob, number)
    assert "is credited in full already" in bob.follow("Issue credit memo").text
    world.work()
    # Several are on their way at once, so either may arrive first.
    rest, both = sorted(world.held("CreditMemo"), key=lambda one: money(one["TotalAmt"]))
    assert (money(rest["TotalAmt"]), money(both["TotalAmt"])) == (10, 140)
    whole = steps.sold(both)[0]["SalesItemLineDetail"]
    assert (money(whole["Qty"]), money(whole["UnitPrice"])) == (3, 40)


def test_T_66_refund_of_an_invoice_is_a_credit_memo_also_of_one_that_was_voided(
    world: World, bob: Visitor
) -> None:
    world.customer()
    number = steps.generate(bob)
    steps.send(bob, number)
    world.work()
    steps.open_invoice(bob, number)
    steps.void(bob, number)
    issue(bob, number)
    world.work()
    (memo,) = world.held("CreditMemo")
    assert money(memo["TotalAmt"]) == 100
    assert money(world.held("Invoice")[0]["TotalAmt"]) == 0


def test_L_14_credit_is_applied_by_a_payment_over_nothing_and_taken_back_again(
    world: World, bob: Visitor
) -> None:
    number = paid_invoice(world, bob)
    issue(bob, number, Managed_workstation="120")
    other = open_invoice(world, bob)
    page = apply(bob, "CM-1001", **{other: "70"})
    assert "Remaining credit $50.00" in page.text
    world.work()
    assert balances(world)[other] == 30
    (memo,) = world.held("CreditMemo")
    assert money(memo["RemainingCredit"]) == 50
    credit = world.held("Payment")[-1]
    assert money(credit["TotalAmt"]) == money(credit["UnappliedAmt"]) == 0
    linked = {line["LinkedTxn"][0]["TxnType"]: money(line["Amount"]) for line in credit["Line"]}
    assert linked == {"Invoice": 70, "CreditMemo": 70}
    assert "Left to pay $30.00" in steps.open_invoice(bob, other).text
    page = apply(bob, "CM-1001", **{other: "50"})
    assert "has $30.00 open, so $50.00 cannot be applied" in page.text
    open_payment_of(bob, other)
    assert "$70.00 of credit applied" in bob.page.text
    bob.follow("Void")
    bob.press("Void the payment")
    world.work()
    assert balances(world)[other] == 100
    assert money(world.held("CreditMemo")[0]["RemainingCredit"]) == 120
    bob.go("credit-memos/")
    assert "$120.00" in bob.page.row("CM-1001")


def test_R_11_a_voided_credit_memo_is_deleted_there_once_nothing_of_it_is_used(
    world: World, bob: Visitor
) -> None:
    number = paid_invoice(world, bob)
    issue(bob, number)
    other = open_invoice(world, bob)
    apply(bob, "CM-1001", **{other: "100"})
    world.work()
    bob.follow("Void")
    page = bob.press("Void CM-1001")
    assert "$100.00 of CM-1001 is applied to invoices" in page.text
    open_payment_of(bob, other)
    bob.follow("Void")
    bob.press("Void the payment")
    bob.go("credit-memos/")
    bob.follow("CM-1001")
    bob.follow("Void")
    bob.press("Void CM-1001")
    world.work()
    assert world.held("CreditMemo") == []
    assert "Voided" in bob.again().region("QuickBooks")
    assert balances(world)[other] == 100


def test_A_12_credit_applied_in_quickbooks_lowers_what_is_open_here_and_what_is_left_of_the_credit(
    world: World, bob: Visitor
) -> None:
    number = paid_invoice(world, bob)
    issue(bob, number)
    other = open_invoice(world, bob)
    (memo,) = world.held("CreditMemo")
    used = applied_there(world, memo, other, "60")
    steps.notified(world)
    assert "Left to pay $40.00" in steps.open_invoice(bob, other).text
    bob.go("credit-memos/")
    assert "Remaining credit $90.00" in bob.follow("CM-1001").text
    lines = [
        {"Amount": 25, "LinkedTxn": line["LinkedTxn"]} for line in used["Line"] if line["LinkedTxn"]
    ]
    change = {"CustomerRef": used["CustomerRef"], "TotalAmt": 0, "Line": lines, "sparse": True}
    keys = {"Id": used["Id"], "SyncToken": used["SyncToken"]}
    used = world.bookkeeper("Payment", {**keys, **change})
    look(world)
    assert "Left to pay $75.00" in steps.open_invoice(bob, other).text
    keys = {"Id": used["Id"], "SyncToken": used["SyncToken"]}
    world.bookkeeper("Payment", keys, operation="delete")
    steps.notified(world)
    assert "Left to pay $100.00" in steps.open_invoice(bob, other).text
    bob.go("credit-memos/")
    assert "Remaining credit $150.00" in bob.follow("CM-1001").text


def test_A_12_credit_memo_made_in_quickbooks_appears_here_and_pays_with_money_besides(
    world: World, bob: Visitor
) -> None:
    world.customer()
    other = open_invoice(world, bob)
    memo = credit_there(world, "30")
    steps.notified(world)
    bob.go("credit-memos/")
    assert "$30.00" in bob.page.row("CM-1001")
    bill = world.held("Invoice")[0]
    parts = ((100, bill["Id"], "Invoice"), (30, memo["Id"], "CreditMemo"))
    lines = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": remote, "TxnType": kind}]}
        for amount, remote, kind in parts
    ]
    body = {"CustomerRef": bill["CustomerRef"], "TotalAmt": 70, "Line": lines}
    world.bookkeeper("Payment", body)
    steps.notified(world)
    page = steps.open_invoice(bob, other)
    assert "Left to pay $0.00" in page.text
    bob.go("credit-memos/")
    assert "Used up" in bob.page.row("CM-1001")
    assert bob.go("exceptions/").links("CM-1001") == []


def test_L_88_credit_memo_made_in_quickbooks_is_taken_back_there_where_that_was_chosen(
    world: World, alice: Visitor
) -> None:
    alice.go("settings/sync-rules/")
    alice.press("Save", {"documents_made_there": "read_only"})
    world.customer()
    open_invoice(world, alice)
    memo = credit_there(world, "30")
    steps.notified(world)
    alice.go("credit-memos/")
    page = alice.follow("CM-1001")
    assert "is read only here, by the sync rules" in page.text
    assert not page.offers("Void")
    assert page.offers("Apply to invoices")
    keys = {"Id": memo["Id"], "SyncToken": memo["SyncToken"]}
    world.bookkeeper("CreditMemo", keys, operation="delete")
    steps.notified(world)
    assert "Void" in alice.again().text


def test_A_12_credit_from_before_the_connection_is_looked_for_when_it_is_used(
    world: World, bob: Visitor
) -> None:
    world.customer()
    other = open_invoice(world, bob)
    memo = credit_there(world, "30")
    steps.notified(world)
    with world.inside():
        link = world.link(CreditMemo.objects.get())
        link.delete()
        CreditMemo.objects.all()[0].lines.all().delete()
        CreditMemo.objects.all().delete()
    applied_there(world, memo, other, "30")
    steps.notified(world)
    for _ in range(2):
        world.later(minutes=1)
        world.work()
    assert "Left to pay $70.00" in steps.open_invoice(bob, other).text


def leave_the_feed(world: World, kind: str, theirs: str) -> None:
    """The change feed tells of it no more."""
    world.box.core.store.execute(
        "UPDATE objects SET updated=updated-864000 WHERE realm=? AND kind=? AND id=?",
        (int(world.realm), kind, int(theirs)),
    )


def used_before(world: World, memo: dict[str, Any], number: str, amount: str) -> tuple[str, str]:
    """The bookkeeper applies a credit memo, and the change feed tells of neither. Both ids."""
    used = applied_there(world, memo, number, amount)
    leave_the_feed(world, "CreditMemo", memo["Id"])
    leave_the_feed(world, "Payment", used["Id"])
    return memo["Id"], used["Id"]


def looks(world: World) -> None:
    """As many looks as a document takes that another one has to come before."""
    look(world)
    for _ in range(2):
        world.later(minutes=1)
        world.work()


def test_A_12_credit_is_looked_for_also_when_the_payment_that_uses_it_was_read_by_itself(
    world: World, bob: Visitor
) -> None:
    world.customer()
    other = open_invoice(world, bob)
    _, payment = used_before(world, credit_there(world, "30"), other, "30")
    with world.inside():
        Doorbell.ring_again(world.connection, Kind.PAYMENT, payment)
    looks(world)
    assert "Left to pay $70.00" in steps.open_invoice(bob, other).text
    assert "Nothing needs you" in bob.go("exceptions/").text


def credit_memos_go(alice: Visitor, way: str) -> None:
    alice.go("settings/sync-rules/")
    alice.press("Save", {"credit_memos_direction": way})


def waits_for_credit(world: World, alice: Visitor, number: str) -> tuple[str, str]:
    """A payment of theirs whose credit memo stays there by the sync rules, which then let it come. Both ids."""
    credit_memos_go(alice, "push")
    memo = credit_there(world, "30")
    steps.notified(world)
    applied_there(world, memo, number, "30")
    steps.notified(world)
    looks(world)
    assert "A credit of which nothing is here" in alice.go("exceptions/").text
    leave_the_feed(world, "CreditMemo", memo["Id"])
    payment = world.held("Payment")[-1]["Id"]
    leave_the_feed(world, "Payment", payment)
    credit_memos_go(alice, "both")
    look(world)
    assert "A credit of which nothing is here" in alice.go("exceptions/").text
    return memo["Id"], payment


def test_A_12_trying_again_looks_for_the_credit_memo_as_well(world: World, alice: Visitor) -> None:
    world.customer()
    other = open_invoice(world, alice)
    waits_for_credit(world, alice, other)
    alice.go("exceptions/")
    assert "It is read from QuickBooks again." in alice.press("Try again").text
    world.work()
    looks(world)
    assert "Left to pay $70.00" in steps.open_invoice(alice, other).text
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_12_a_payment_is_booked_by_itself_once_the_credit_memo_it_waits_for_is_here(
    world: World, alice: Visitor
) -> None:
    world.customer()
    other = open_invoice(world, alice)
    memo, _ = waits_for_credit(world, alice, other)
    with world.inside():
        Doorbell.ring_again(world.connection, Kind.CREDIT_MEMO, memo)
    look(world)
    alice.go("credit-memos/")
    assert "$30.00" in alice.page.row("CM-1001")
    look(world)
    assert "Left to pay $70.00" in steps.open_invoice(alice, other).text
    assert "Nothing needs you" in alice.go("exceptions/").text


def comes_to_use_credit(world: World, alice: Visitor, number: str) -> None:
    """A payment of theirs that is known here is changed so that it uses credit that stays there by the sync rules."""
    credit_memos_go(alice, "push")
    memo = credit_there(world, "30")
    (bill,) = [one for one in world.held("Invoice") if one["DocNumber"] == number]
    world.pays(steps.invoice(world, number), "40")
    steps.notified(world)
    looks(world)
    assert "Left to pay $60.00" in steps.open_invoice(alice, number).text
    paid = world.held("Payment")[-1]
    links = [(70, bill["Id"], "Invoice"), (30, memo["Id"], "CreditMemo")]
    lines = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": remote, "TxnType": kind}]}
        for amount, remote, kind in links
    ]
    change = {"CustomerRef": bill["CustomerRef"], "TotalAmt": 40, "Line": lines, "sparse": True}
    keys = {"Id": paid["Id"], "SyncToken": paid["SyncToken"]}
    world.bookkeeper("Payment", {**keys, **change})
    look(world)
    looks(world)
    leave_the_feed(world, "CreditMemo", memo["Id"])
    leave_the_feed(world, "Payment", paid["Id"])
    credit_memos_go(alice, "both")


def test_A_12_a_known_payment_that_comes_to_use_unknown_credit_can_be_tried_again_on_its_page(
    world: World, alice: Visitor
) -> None:
    world.customer()
    number = open_invoice(world, alice)
    comes_to_use_credit(world, alice, number)
    page = open_payment_of(alice, number)
    assert "A credit of which nothing is here" in page.text
    assert "It is read from QuickBooks again." in alice.press("Try again").text
    world.work()
    looks(world)
    assert "Left to pay $30.00" in steps.open_invoice(alice, number).text
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_12_a_known_payment_that_comes_to_use_unknown_credit_can_be_left_as_it_is(
    world: World, alice: Visitor
) -> None:
    world.customer()
    number = open_invoice(world, alice)
    comes_to_use_credit(world, alice, number)
    alice.go("exceptions/")
    assert "Left as it is." in alice.press("Leave it").text
    with world.inside():
        Doorbell.ring_again(world.connection, Kind.PAYMENT, world.held("Payment")[-1]["Id"])
    look(world)
    assert "Nothing needs you" in alice.go("exceptions/").text
    assert "Left to pay $60.00" in steps.open_invoice(alice, number).text


def test_X_05_credit_that_quickbooks_applies_by_itself_is_recorded_as_such(
    unconnected: World, bob: Visitor
) -> None:
    world = unconnected
    world.connect(custom_numbers=True, auto_apply=True)
    world.work()
    number = paid_invoice(world, bob)
    issue(bob, number)
    world.work()
    other = open_invoice(world, bob)
    assert balances(world)[other] == 0, "QuickBooks did it as soon as the invoice was there"
    steps.notified(world)
    page = steps.open_invoice(bob, other)
    assert "Left to pay $0.00" in page.text
    page = open_payment_of(bob, other)
    assert "$100.00 of credit applied" in page.text
    assert "Created by QB Online to link credits to charges." in page.text
    bob.go("credit-memos/")
    assert "Remaining credit $50.00" in bob.follow("CM-1001").text
    page = bob.go(steps.QUICKBOOKS_PAGE)
    assert "applies credits by itself" in page.text


def test_L_13_odd_credit_memo_of_quickbooks_comes_in_with_its_total_exact(
    world: World, bob: Visitor
) -> None:
    world.customer()
    open_invoice(world, bob)
    (item,) = [one for one in world.held("Item") if one["Name"] == "IT services"]
    detail = {"ItemRef": {"value": item["Id"]}, "Qty": 800_000, "UnitPrice": 0.0000125}
    line = {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    whose = world.held("Invoice")[0]["CustomerRef"]
    world.bookkeeper("CreditMemo", {"CustomerRef": whose, "Line": [line]})
    look(world)
    bob.go("credit-memos/")
    assert "Remaining credit $10.00" in bob.follow("CM-1001").text
    assert "Nothing needs you" in bob.go("exceptions/").text


def test_L_14_credit_memo_deleted_in_quickbooks_is_void_here(world: World, bob: Visitor) -> None:
    number = paid_invoice(world, bob)
    issue(bob, number)
    world.work()
    (memo,) = world.held("CreditMemo")
    keys = {"Id": memo["Id"], "SyncToken": memo["SyncToken"]}
    world.bookkeeper("CreditMemo", keys, operation="delete")
    steps.notified(world)
    bob.go("credit-memos/")
    assert "Void" in bob.page.row("CM-1001")


def test_L_13_credit_memo_changed_in_quickbooks_is_a_question_with_an_answer(
    world: World, bob: Visitor
) -> None:
    number = paid_invoice(world, bob)
    issue(bob, number)
    world.work()
    (memo,) = world.held("CreditMemo")
    (line, *_) = steps.sold(memo)
    keys = {"Id": memo["Id"], "SyncToken": memo["SyncToken"], "sparse": True}
    detail = {"ItemRef": line["SalesItemLineDetail"]["ItemRef"], "TaxCodeRef": {"value": "NON"}}
    less = {**line, "Amount": 70, "SalesItemLineDetail": detail}
    world.bookkeeper("CreditMemo", {**keys, "CustomerRef": memo["CustomerRef"], "Line": [less]})
    look(world)
    bob.go("credit-memos/")
    page = bob.follow("CM-1001")
    assert "Differs" in page.region("QuickBooks")
    bob.press("Take theirs")
    world.work()
    bob.go("credit-memos/")
    bob.follow("CM-1001")
    assert "Remaining credit $70.00" in bob.page.text
    assert "Synced" in bob.page.region("QuickBooks")


def test_L_13_what_was_taken_over_of_theirs_cannot_be_credited_again(
    world: World, bob: Visitor
) -> None:
    number = paid_invoice(world, bob)
    issue(bob, number, Managed_workstation="50")
    world.work()
    changed_there(world, "70")
    bob.go("credit-memos/")
    bob.follow("CM-1001")
    bob.press("Take theirs")
    page = issue(bob, number, Managed_workstation="50.01")
    assert "Of “Managed workstation” $50.00 can be credited, so $50.01 cannot." in page.text
    changed_there(world, "90", Description="Something else")
    bob.go("credit-memos/")
    bob.follow("CM-1001")
    bob.press("Take theirs")
    page = issue(bob, number, Managed_workstation="30.01")
    assert "Of “Managed workstation” $30.00 can be credited, so $30.01 cannot." in page.text


def changed_there(world: World, amount: str, **more: Any) -> None:
    """The bookkeeper changes the first line of the only credit memo; the worker looks."""
    (memo,) = world.held("CreditMemo")
    (line, *_) = steps.sold(memo)
    keys = {"Id": memo["Id"], "SyncToken": memo["SyncToken"], "sparse": True}
    detail = {"ItemRef": line["SalesItemLineDetail"]["ItemRef"], "TaxCodeRef": {"value": "NON"}}
    changed = {**line, "Amount": amount, "SalesItemLineDetail": detail, **more}
    world.bookkeeper("CreditMemo", {**keys, "CustomerRef": memo["CustomerRef"], "Line": [changed]})
    look(world)


def test_A_12_credit_used_there_by_what_is_not_here_cannot_be_used_here_as_well(
    world: World, bob: Visitor
) -> None:
    world.customer()
    other = open_invoice(world, bob)
    memo = credit_there(world, "100")
    bill = world.held("Invoice")[0]
    foreign = {"CustomerRef": bill["CustomerRef"], "DocNumber": "Q-1", "Line": steps.sold(bill)}
    world.bookkeeper("Invoice", foreign)
    used = applied_there(world, memo, "Q-1", "60")
    steps.notified(world)
    bob.go("credit-memos/")
    page = bob.follow("CM-1001")
    assert "Remaining credit $40.00" in page.text
    page = apply(bob, "CM-1001", **{other: "40.01"})
    assert "CM-1001 has $40.00 left, so $40.01 cannot be applied from it." in page.text
    keys = {"Id": used["Id"], "SyncToken": used["SyncToken"]}
    world.bookkeeper("Payment", keys, operation="delete")
    look(world)
    bob.go("credit-memos/")
    page = bob.follow("CM-1001")
    assert "Remaining credit $100.00" in page.text
    page = apply(bob, "CM-1001", **{other: "100"})
    world.work()
    assert balances(world)[other] == 0


def test_A_12_credit_memo_from_before_the_connection_shows_what_is_left_of_it_there(
    unconnected: World, bob: Visitor
) -> None:
    world = unconnected
    world.company_with_an_item(custom_numbers=True)
    world.box.core.clock.offset = -10 * 86_400
    theirs = world.bookkeeper(
        "Customer",
        {"DisplayName": "Adatum", "PrimaryEmailAddr": {"Address": "ap@adatum.example"}},
    )
    (item,) = [one for one in world.held("Item") if one["Name"] == "IT services"]
    line = {
        "Amount": 100,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}, "TaxCodeRef": {"value": "NON"}},
    }
    whose = {"CustomerRef": {"value": theirs["Id"]}}
    world.bookkeeper("Invoice", {**whose, "DocNumber": "Q-1", "Line": [line]})
    memo = world.bookkeeper("CreditMemo", {**whose, "Line": [line]})
    applied_there(world, memo, "Q-1", "60")
    world.box.core.clock.offset = 0.0
    world.connect(realm=world.realm)
    world.work()
    world.customer()
    other = open_invoice(world, bob)
    applied_there(world, memo, other, "15")
    steps.notified(world)
    for _ in range(2):
        world.later(minutes=1)
        world.work()
    assert "Left to pay $85.00" in steps.open_invoice(bob, other).text
    bob.go("credit-memos/")
    page = bob.follow("CM-1001")
    assert "Remaining credit $25.00" in page.text
    assert "$60.00 more in QuickBooks, to documents that are not here" in page.text


def test_L_14_credit_let_go_there_by_a_void_of_its_invoice_is_left_here_as_well(
    world: World, bob: Visitor
) -> None:
    """QuickBooks empties the payment over nothing, so nothing is left of it."""
    number = paid_invoice(world, bob)
    issue(bob, number)
    other = open_invoice(world, bob)
    apply(bob, "CM-1001", **{other: "60"})
    world.work()
    (bill,) = [one for one in world.held("Invoice") if one["DocNumber"] == other]
    keys = {"Id": bill["Id"], "SyncToken": bill["SyncToken"]}
    world.bookkeeper("Invoice", keys, operation="void")
    look(world)
    bob.go("credit-memos/")
    assert "Remaining credit $150.00" in bob.follow("CM-1001").text
    steps.open_invoice(bob, other)
    bob.press("Void it here too")
    assert steps.invoice(world, other).status == "VOID"


def test_L_14_credit_memo_deleted_there_while_it_is_used_is_void_here_at_the_same_look(
    world: World, bob: Visitor
) -> None:
    number = paid_invoice(world, bob)
    issue(bob, number)
    other = open_invoice(world, bob)
    apply(bob, "CM-1001", **{other: "60"})
    world.work()
    (memo,) = world.held("CreditMemo")
    keys = {"Id": memo["Id"], "SyncToken": memo["SyncToken"]}
    world.bookkeeper("CreditMemo", keys, operation="delete")
    look(world)
    bob.go("credit-memos/")
    assert "Void" in bob.page.row("CM-1001")
    assert "Left to pay $100.00" in steps.open_invoice(bob, other).text
    assert "Nothing needs you" in bob.go("exceptions/").text
