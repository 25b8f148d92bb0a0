"""Rows about payments of QuickBooks that settle more than what is here: nothing of them is lost on either side."""

from typing import Any

import pytest

from billing.models import CreditMemo, Payment
from billing.services import credit_memos, payments
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.steps import money
from tests.features.test_credit_rows import credit_there, open_payment_of
from tests.features.test_import_rows import bring_in, changed_there, look, their_invoice
from tests.features.test_mapping_rows import choose
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

Part = tuple[dict[str, Any], str]


def sent(world: World, person: Visitor) -> tuple[str, dict[str, Any]]:
    """An invoice of 100.00 that is on both sides: its number, and theirs."""
    if not world.held("Customer"):
        world.customer()
    number = steps.generate(person)
    steps.send(person, number)
    world.work()
    (bill,) = [one for one in world.held("Invoice") if one["DocNumber"] == number]
    return number, bill


def only_there(world: World, bill: dict[str, Any], amount: str) -> dict[str, Any]:
    """An invoice Q-1 for the same customer, which the sync rules leave in QuickBooks."""
    return their_invoice(world, bill["CustomerRef"]["value"], amount)


def put_on(*parts: Part) -> list[dict[str, Any]]:
    return [
        {"Amount": amount, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Invoice"}]}
        for bill, amount in parts
    ]


def pays(world: World, total: str, *parts: Part) -> str:
    """The bookkeeper records a payment of these invoices; its id."""
    whose = parts[0][0]["CustomerRef"]
    body = {"CustomerRef": whose, "TotalAmt": total, "Line": put_on(*parts)}
    made = world.bookkeeper("Payment", body)
    look(world)
    return str(made["Id"])


def respread(world: World, payment: str, *parts: Part, **more: Any) -> None:
    """The bookkeeper puts it on these invoices instead."""
    (held,) = [one for one in world.held("Payment") if one["Id"] == payment]
    fields = {"CustomerRef": held["CustomerRef"], "TotalAmt": held["TotalAmt"], **more}
    changed_there(world, "Payment", payment, Line=put_on(*parts), **fields)


def balances(world: World) -> dict[str, int]:
    return {one["DocNumber"]: int(money(one["Balance"])) for one in world.held("Invoice")}


def test_A_11_change_here_leaves_what_the_payment_pays_only_there(
    world: World, alice: Visitor
) -> None:
    number, bill = sent(world, alice)
    pays(world, "100", (bill, "50"), (only_there(world, bill, "30"), "30"))
    with world.inside():
        payment = Payment.objects.get()
        assert str(payment.unapplied) == "$20.00"
        all_of_it = {steps.Invoice.objects.get(number=number).pk: payment.amount}
        payments.reallocate(payment=payment, allocations=all_of_it)
    world.work()
    (held,) = world.held("Payment")
    assert (money(held["TotalAmt"]), len(held["Line"])) == (100, 2)
    assert balances(world) == {number: 30, "Q-1": 0}


def test_X_98_our_payment_that_was_moved_there_is_not_free_here_when_theirs_is_taken(
    world: World, alice: Visitor
) -> None:
    number, bill = sent(world, alice)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    world.work()
    (paid,) = world.held("Payment")
    respread(world, paid["Id"], (only_there(world, bill, "60"), "60"))
    open_payment_of(alice, number)
    page = alice.press("Take theirs")
    assert "Not applied $40.00" in page.text
    assert "$60.00 taken by documents in QuickBooks only" in page.text
    alice.follow("Apply the rest")
    alice.press("Apply", {f"Applied to {number}": "40"})
    world.work()
    assert balances(world) == {number: 60, "Q-1": 0}
    assert money(world.held("Payment")[0]["TotalAmt"]) == 100


@pytest.mark.parametrize(("paid", "kept"), [("100", "40"), ("100", "0"), ("40", "40")])
def test_X_98_our_payment_that_was_moved_there_lets_go_of_theirs_when_ours_is_sent_again(
    world: World, alice: Visitor, paid: str, kept: str
) -> None:
    """Also of what it had left over."""
    number, bill = sent(world, alice)
    with world.inside():
        mine = steps.Invoice.objects.get(number=number)
        parts_here = {mine.pk: factories.usd(paid)}
        factories.payment(mine, "100", allocations=parts_here)
    world.work()
    (held,) = world.held("Payment")
    foreign = only_there(world, bill, "100")
    rest = str(100 - int(kept))
    parts = [(bill, kept), (foreign, rest)]
    respread(world, held["Id"], *(one for one in parts if one[1] != "0"))
    open_payment_of(alice, number)
    alice.press("Send ours again")
    world.work()
    assert balances(world) == {number: 100 - int(paid), "Q-1": 100}
    look(world)
    assert "Nothing needs you" in alice.go("exceptions/").text
    assert "Synced" in open_payment_of(alice, number).region("QuickBooks")


def test_X_98_our_payment_keeps_what_was_agreed_on_when_ours_is_sent_again(
    world: World, alice: Visitor
) -> None:
    number, bill = sent(world, alice)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    world.work()
    (paid,) = world.held("Payment")
    foreign = only_there(world, bill, "60")
    respread(world, paid["Id"], (bill, "40"), (foreign, "60"))
    open_payment_of(alice, number)
    alice.press("Take theirs")
    other = their_invoice(world, bill["CustomerRef"]["value"], "30", number="Q-2")
    for parts in ([(bill, "40"), (foreign, "30"), (other, "30")], [(bill, "40"), (foreign, "30")]):
        respread(world, paid["Id"], *parts)
        open_payment_of(alice, number)
        alice.press("Send ours again")
        world.work()
        assert balances(world) == {number: 60, "Q-1": 0, "Q-2": 30}
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("first", ["invoice", "payment"])
def test_X_98_our_payment_pays_its_invoice_again_once_that_was_deleted_there_and_is_made_again(
    world: World, alice: Visitor, first: str
) -> None:
    """Whichever of the two questions is answered first; nothing names the former invoice."""
    number, bill = sent(world, alice)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    world.work()
    changed_there(world, "Invoice", bill["Id"], "delete")
    look(world)
    answers = [
        (steps.open_invoice, "Make it again in QuickBooks"),
        (open_payment_of, "Send ours again"),
    ]
    for page_of, answer in answers if first == "invoice" else reversed(answers):
        page_of(alice, number)
        alice.press(answer)
        world.work()
        look(world)
    assert balances(world) == {number: 0}
    assert "Synced" in open_payment_of(alice, number).region("QuickBooks")
    alice.follow("Apply differently")
    alice.press("Apply", {f"Applied to {number}": "50"})
    world.work()
    assert balances(world) == {number: 50}
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("here", ["spread", "texts"])
def test_X_98_change_of_our_payment_that_has_not_gone_out_goes_when_their_day_is_taken(
    world: World, alice: Visitor, here: str
) -> None:
    number, _ = sent(world, alice)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    world.work()
    with world.inside():
        payment = Payment.objects.get()
        mine = {steps.Invoice.objects.get(number=number).pk: factories.usd("40")}
        if here == "spread":
            payments.reallocate(payment=payment, allocations=mine)
        else:
            payments.change(payment=payment, reference="R-7", memo="By check")
    (paid,) = world.held("Payment")
    # As QuickBooks wants them said again, else the invoices would be let go.
    as_before = {name: paid[name] for name in ("CustomerRef", "TotalAmt", "Line")}
    changed_there(world, "Payment", paid["Id"], TxnDate="2026-11-20", **as_before)
    open_payment_of(alice, number)
    alice.press("Take theirs")
    world.work()
    (held,) = world.held("Payment")
    assert held["TxnDate"] == "2026-11-20"
    assert balances(world) == {number: 60 if here == "spread" else 0}
    assert steps.invoice(world, number).balance == factories.usd("60" if here == "spread" else "0")
    assert held.get("PaymentRefNum", "") == ("" if here == "spread" else "R-7")
    assert held["PrivateNote"].startswith("By check") is (here == "texts")
    assert "Synced" in open_payment_of(alice, number).region("QuickBooks")
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_98_payment_made_there_keeps_its_amount_there_when_theirs_is_taken(
    world: World, alice: Visitor
) -> None:
    number, bill = sent(world, alice)
    foreign = only_there(world, bill, "100")
    payment_id = pays(world, "100", (bill, "60"), (foreign, "40"))
    with world.inside():
        payments.change(payment=Payment.objects.get(), memo="By check")
    respread(world, payment_id, (bill, "50"), (foreign, "50"), PrivateNote="By card")
    (respread_there,) = world.held("Payment")
    open_payment_of(alice, number)
    alice.press("Take theirs")
    world.work()
    assert world.held("Payment") == [respread_there], "nothing is sent"
    assert "Memo By card" in alice.again().text
    with world.inside():
        payment = Payment.objects.get()
        assert (str(payment.amount), str(payment.outside)) == ("$50.00", "$0.00")
        payments.change(payment=payment, reference="R-7")
    look(world)
    (held,) = world.held("Payment")
    assert (money(held["TotalAmt"]), held["PaymentRefNum"]) == (100, "R-7")
    assert balances(world) == {number: 50, "Q-1": 50}
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_98_payment_made_there_that_left_all_that_is_here_is_void_here_when_theirs_is_taken(
    world: World, alice: Visitor
) -> None:
    """As it is where nothing was changed here; there it stays as it is."""
    number, bill = sent(world, alice)
    foreign = only_there(world, bill, "100")
    payment_id = pays(world, "100", (bill, "60"), (foreign, "40"))
    with world.inside():
        payments.change(payment=Payment.objects.get(), memo="By check")
    respread(world, payment_id, (foreign, "100"))
    (moved,) = world.held("Payment")
    open_payment_of(alice, number)
    alice.press("Take theirs")
    look(world)
    assert world.held("Payment") == [moved]
    assert "Voided" in alice.again().region("QuickBooks")
    assert steps.invoice(world, number).status == "SENT"
    respread(world, payment_id, (bill, "100"))
    assert steps.invoice(world, number).status == "PAID"
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_11_payment_that_leaves_an_invoice_and_comes_back_pays_it_again(
    world: World, alice: Visitor
) -> None:
    number, bill = sent(world, alice)
    foreign = only_there(world, bill, "100")
    payment = pays(world, "100", (bill, "100"))
    for parts, status in (
        ([(foreign, "100")], "SENT"),
        ([(foreign, "60")], "SENT"),
        ([(bill, "100")], "PAID"),
    ):
        respread(world, payment, *parts)
        assert steps.invoice(world, number).status == status
        assert "Nothing needs you" in alice.go("exceptions/").text
    with world.inside():
        assert Payment.objects.filter(voided_at=None).count() == 1


def test_A_01_invoice_brought_in_late_is_paid_by_a_payment_that_was_here_before(
    world: World, alice: Visitor
) -> None:
    number, bill = sent(world, alice)
    foreign = only_there(world, bill, "40")
    pays(world, "100", (bill, "60"), (foreign, "40"))
    bring_in(world, alice)
    assert steps.invoice(world, "Q-1").status == "PAID"
    assert steps.invoice(world, number).status == "PARTIAL"
    with world.inside():
        assert str(Payment.objects.get().amount) == "$100.00"


@pytest.mark.parametrize("changed_meanwhile", [False, True])
def test_A_01_invoice_brought_in_late_is_paid_by_our_payment_that_was_moved_to_it(
    world: World, alice: Visitor, changed_meanwhile: bool
) -> None:
    number, bill = sent(world, alice)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    world.work()
    (paid,) = world.held("Payment")
    foreign = only_there(world, bill, "60")
    respread(world, paid["Id"], (bill, "40"), (foreign, "60"))
    open_payment_of(alice, number)
    alice.press("Take theirs")
    if changed_meanwhile:
        with world.inside():
            payments.change(payment=Payment.objects.get(), memo="By check")
    bring_in(world, alice)
    look(world)
    assert steps.invoice(world, "Q-1").status == "PAID"
    assert steps.invoice(world, number).status == "PARTIAL"
    with world.inside():
        payment = Payment.objects.get()
        assert (str(payment.amount), str(payment.outside)) == ("$100.00", "$0.00")
    for memo in ("Once", "Twice"):
        with world.inside():
            payments.change(payment=Payment.objects.get(), reference=memo)
        world.work()
        assert balances(world) == {number: 60, "Q-1": 0}
    with world.inside():
        mine = {steps.Invoice.objects.get(number=number).pk: payment.amount}
        payments.reallocate(payment=Payment.objects.get(), allocations=mine)
    look(world)
    look(world)
    assert balances(world) == {number: 0, "Q-1": 60}
    assert steps.invoice(world, "Q-1").status == "SENT"
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_01_invoice_brought_in_late_is_paid_by_a_payment_that_had_left_ours(
    world: World, alice: Visitor
) -> None:
    number, bill = sent(world, alice)
    foreign = only_there(world, bill, "100")
    respread(world, pays(world, "100", (bill, "100")), (foreign, "100"))
    bring_in(world, alice)
    assert steps.invoice(world, "Q-1").status == "PAID"
    assert steps.invoice(world, number).status == "SENT"


def test_X_98_payment_of_theirs_that_both_sides_change_is_a_question(
    world: World, alice: Visitor
) -> None:
    number, bill = sent(world, alice)
    second, _ = sent(world, alice)
    payment_id = pays(world, "100", (bill, "50"))
    with world.inside():
        payment = Payment.objects.get()
        all_of_it = {steps.Invoice.objects.get(number=second).pk: payment.amount}
        payments.reallocate(payment=payment, allocations=all_of_it)
    respread(world, payment_id, (bill, "70"))
    world.work()
    assert steps.invoice(world, second).status == "PAID", "nobody was asked yet"
    open_payment_of(alice, second)
    alice.press("Send ours again")
    world.work()
    assert balances(world) == {number: 100, second: 0}
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_98_change_here_that_no_worker_has_read_yet_is_not_lost_to_one_of_theirs(
    world: World, alice: Visitor
) -> None:
    _, bill = sent(world, alice)
    second, _ = sent(world, alice)
    pays(world, "100", (bill, "50"))
    with world.inside():
        payment = Payment.objects.get()
        all_of_it = {steps.Invoice.objects.get(number=second).pk: payment.amount}
        payments.reallocate(payment=payment, allocations=all_of_it)
    (theirs,) = world.held("Payment")
    fields = {name: theirs[name] for name in ("Id", "SyncToken", "CustomerRef", "TotalAmt")}
    world.bookkeeper("Payment", {**fields, "sparse": True, "Line": put_on((bill, "70"))})
    world.due_now()
    world.serve()
    assert steps.invoice(world, second).status == "PAID"
    open_payment_of(alice, second)
    assert "It was changed in QuickBooks after we sent it." in alice.page.text


def test_X_98_credit_memo_of_theirs_voided_here_while_it_was_changed_there_is_a_question(
    world: World, alice: Visitor
) -> None:
    sent(world, alice)
    memo = credit_there(world, "50")
    look(world)
    with world.inside():
        credit_memos.void(credit_memo=CreditMemo.objects.get())
    changed_there(world, "CreditMemo", memo["Id"], CustomerMemo={"value": "theirs"})
    world.work()
    alice.go("credit-memos/")
    alice.follow("CM-1001")
    alice.press("Send ours again")
    world.work()
    assert world.held("CreditMemo") == []
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_12_credit_of_a_journal_entry_that_a_known_payment_uses_is_asked_about(
    world: World, alice: Visitor
) -> None:
    """Else it would come off the money, which is still there."""
    _, bill = sent(world, alice)
    payment = pays(world, "100", (bill, "50"))
    accounts = {one["AccountType"]: {"value": one["Id"]} for one in world.held("Account")}
    whom = {"Type": "Customer", "EntityRef": bill["CustomerRef"]}
    sides = (("Debit", "Income", {}), ("Credit", "Accounts Receivable", {"Entity": whom}))
    lines = [
        {
            "Amount": 20,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": accounts[of], **more},
        }
        for side, of, more in sides
    ]
    entry = world.bookkeeper("JournalEntry", {"Line": lines})
    linked = {"Amount": 20, "LinkedTxn": [{"TxnId": entry["Id"], "TxnType": "JournalEntry"}]}
    fields = {"CustomerRef": bill["CustomerRef"], "TotalAmt": 100}
    with_it = [*put_on((bill, "70")), linked]
    changed_there(world, "Payment", payment, Line=with_it, **fields)
    assert "A credit of which nothing is here was applied" in alice.go("exceptions/").text
    with world.inside():
        assert str(Payment.objects.get().unapplied) == "$50.00"
    respread(world, payment, (bill, "70"))
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("made_here", [True, False])
def test_X_98_way_of_paying_that_is_changed_there_is_taken(
    world: World, alice: Visitor, made_here: bool
) -> None:
    number, bill = sent(world, alice)
    if made_here:
        steps.open_invoice(alice, number)
        steps.mark_paid(alice)
        world.work()
    else:
        pays(world, "100", (bill, "100"))
    (method,) = [one["Id"] for one in world.held("PaymentMethod") if one["Name"] == "Cash"]
    (paid,) = world.held("Payment")
    changed_there(world, "Payment", paid["Id"], PaymentMethodRef={"value": method})
    page = open_payment_of(alice, number)
    if made_here:
        assert "Payment method" in page.region("QuickBooks")
        alice.press("Take theirs")
        world.work()
        page = alice.again()
    assert world.held("Payment")[0]["PaymentMethodRef"]["value"] == method
    assert "Method Cash" in page.text
    assert "Synced" in page.region("QuickBooks")


@pytest.mark.parametrize("name", ["Visa", "Cash"])
def test_A_33_note_and_method_of_a_payment_made_there_follow_and_are_never_written_over(
    world: World, alice: Visitor, name: str
) -> None:
    """Also where the mapping page names another method for what theirs is here."""
    number, _ = sent(world, alice)
    visa = _method_there(world, "Visa")
    fields = {"PrivateNote": "Paid at the desk", "PaymentMethodRef": {"value": visa}}
    world.pays(steps.invoice(world, number), "100", TotalAmt="150", **fields)
    look(world)
    (paid,) = world.held("Payment")
    choose(alice, Payment_method_for_Other="Check", Payment_method_for_Cash="Check")
    method = {"value": _method_there(world, name)}
    changed_there(world, "Payment", paid["Id"], PrivateNote="By post", PaymentMethodRef=method)
    assert "Memo By post" in open_payment_of(alice, number).text
    with world.inside():
        payments.change(payment=Payment.objects.get(), reference="R-7")
    world.work()
    (held,) = world.held("Payment")
    note, _mark = held["PrivateNote"].splitlines()
    assert (held["PaymentRefNum"], note) == ("R-7", "By post")
    assert held["PaymentMethodRef"]["value"] == method["value"]
    assert "Memo By post" in alice.again().text
    assert "Nothing needs you" in alice.go("exceptions/").text


def _method_there(world: World, name: str) -> str:
    (found,) = [one["Id"] for one in world.held("PaymentMethod") if one["Name"] == name]
    return str(found)


@pytest.mark.parametrize("answer", ["Take theirs", "Send ours again"])
def test_X_98_deposit_account_that_is_changed_there_stays_or_goes_back_as_was_answered(
    world: World, alice: Visitor, answer: str
) -> None:
    number, _ = sent(world, alice)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    world.work()
    accounts = {one["Name"]: one["Id"] for one in world.held("Account")}
    (paid,) = world.held("Payment")
    moved = {"DepositToAccountRef": {"value": accounts["Checking"]}}
    for said in ("Send ours again", answer):
        changed_there(world, "Payment", paid["Id"], **moved)
        page = open_payment_of(alice, number).region("QuickBooks")
        assert "Deposit account: " in page
        assert " here, Checking in QuickBooks" in page
        alice.press(said)
        world.work()
        kept = accounts["Checking"] if said == "Take theirs" else accounts["Undeposited Funds"]
        assert world.held("Payment")[0]["DepositToAccountRef"]["value"] == kept
    with world.inside():
        payments.change(payment=Payment.objects.get(), reference="R-7")
    world.work()
    (held,) = world.held("Payment")
    assert (held["PaymentRefNum"], held["DepositToAccountRef"]["value"]) == ("R-7", kept)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_98_deposit_account_goes_back_to_ours_though_it_moved_on_before_ours_was_sent(
    world: World, alice: Visitor
) -> None:
    number, _ = sent(world, alice)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    world.work()
    accounts = {one["Name"]: one["Id"] for one in world.held("Account")}
    (paid,) = world.held("Payment")
    for name in ("Checking", "Savings"):
        changed_there(world, "Payment", paid["Id"], DepositToAccountRef={"value": accounts[name]})
        open_payment_of(alice, number)
        world.trouble("request_dropped", entity="Payment", times=2)
        alice.press("Send ours again")
        world.work()
    for _ in range(2):
        world.later(minutes=5)
        world.work()
    (held,) = world.held("Payment")
    assert held["DepositToAccountRef"]["value"] == accounts["Undeposited Funds"]
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_98_ours_is_not_sent_to_a_deposit_account_that_is_not_active_there(
    world: World, alice: Visitor
) -> None:
    number, _ = sent(world, alice)
    till = world.bookkeeper("Account", {"Name": "Till", "AccountType": "Bank"})
    look(world)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    world.work()
    accounts = {one["Name"]: one["Id"] for one in world.held("Account")}
    (paid,) = world.held("Payment")
    changed_there(world, "Payment", paid["Id"], DepositToAccountRef={"value": till["Id"]})
    open_payment_of(alice, number)
    alice.press("Take theirs")
    moved = {"DepositToAccountRef": {"value": accounts["Checking"]}}
    changed_there(world, "Payment", paid["Id"], **moved)
    changed_there(world, "Account", till["Id"], Name="Till", AccountType="Bank", Active=False)
    open_payment_of(alice, number)
    says = "Ours cannot be sent: Till, where it was deposited before, is not active in QuickBooks."
    assert says in alice.press("Send ours again").text
    alice.press("Take theirs")
    with world.inside():
        payments.change(payment=Payment.objects.get(), reference="R-7")
    look(world)
    (held,) = world.held("Payment")
    assert (held["PaymentRefNum"], held["DepositToAccountRef"]["value"]) == (
        "R-7",
        accounts["Checking"],
    )
    assert "Nothing needs you" in alice.go("exceptions/").text
