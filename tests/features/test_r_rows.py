"""Rows R, by the pages: invoices and their payments go out, and come back from QuickBooks."""

import pytest

from tests.features import steps
from tests.features.pages import Visitor
from tests.features.steps import money
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def test_R_02_R_66_T_35_K_08_K_18_K_19_K_20_K_21_L_09_X_107_generated_invoice_is_one_there(
    world: World, bob: Visitor
) -> None:
    customer = world.linked_customer()
    lines = (("Managed workstation", "2.5", "120"), ("Licences <3", "3", "19.99"))
    number = steps.generate(bob, lines=lines, issued_on="2026-11-24", due_on="2026-12-24")
    world.work()
    (theirs,) = world.held("Invoice")
    assert [
        (line["Description"], line["SalesItemLineDetail"]["Qty"], money(line["Amount"]))
        for line in steps.sold(theirs)
    ] == [("Managed workstation", 2.5, money(300)), ("Licences <3", 3, money("59.97"))]
    assert theirs["CustomerRef"]["value"] == world.link(customer).remote_id
    assert (theirs["DocNumber"], theirs["DueDate"]) == (number, "2026-12-24")
    assert (money(theirs["TotalAmt"]), theirs["CurrencyRef"]["value"]) == (money("359.97"), "USD")
    assert "Synced" in bob.glance().region("QuickBooks")


def test_R_34_R_65_T_43_unticked_invoice_goes_when_its_button_is_pressed(
    world: World, bob: Visitor
) -> None:
    world.customer()
    steps.generate(bob, QuickBooks=False)
    world.work()
    assert world.held("Invoice") == []
    bob.press("Send to QuickBooks")
    world.work()
    assert len(world.held("Invoice")) == 1
    assert "Synced" in bob.glance().region("QuickBooks")


def test_R_01_R_06_R_69_T_39_generating_sending_and_voiding_each_push_by_themselves(
    world: World, bob: Visitor
) -> None:
    world.customer()
    steps.generate(bob)
    world.work()
    assert len(world.held("Invoice")) == 1
    world.trouble("fault", code="6000", entity="Invoice")
    number = steps.generate(bob)
    world.work()
    assert len(world.held("Invoice")) == 1, "refused for once"
    steps.send(bob, number)
    world.work()
    assert [one["DocNumber"] for one in world.held("Invoice")][1:] == [number]
    steps.void(bob, number)
    world.work()
    kept, voided = world.held("Invoice")
    assert (money(kept["TotalAmt"]), money(voided["TotalAmt"])) == (100, 0)
    assert voided["PrivateNote"].startswith("Voided")


def test_R_04_R_05_T_38_X_21_edit_of_a_draft_sends_what_changed_though_ours_was_stale(
    world: World, bob: Visitor
) -> None:
    world.customer()
    steps.generate(bob)
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "TrackingNum": "1Z999"})
    world.forget_calls()
    steps.edit_invoice(bob, notes="Call first", due_on="2027-01-31")
    world.work()
    (theirs,) = world.held("Invoice")
    assert (theirs["CustomerMemo"]["value"], theirs["DueDate"]) == ("Call first", "2027-01-31")
    assert theirs["TrackingNum"] == "1Z999", "an update of everything would have emptied it"
    answers = [(call["method"], call["status"], call["code"]) for call in world.journal()]
    assert answers == [("POST", 400, "5010"), ("GET", 200, None), ("POST", 200, None)]


def test_R_08_R_44_R_68_T_53_T_56_T_57_K_09_K_10_K_22_K_28_L_04_L_16_A_02_mark_paid_is_one_there(
    world: World, bob: Visitor
) -> None:
    world.customer()
    number = steps.generate(bob)
    world.work()
    steps.mark_paid(bob, received_on="2026-11-20", method="Check", reference="1017")
    world.work()
    (payment,), (theirs,) = world.held("Payment"), world.held("Invoice")
    assert (money(payment["TotalAmt"]), payment["TxnDate"]) == (100, "2026-11-20")
    assert payment["PaymentRefNum"] == "1017"
    accounts = {one["Id"]: one["Name"] for one in world.held("Account")}
    assert accounts[payment["DepositToAccountRef"]["value"]] == "Undeposited Funds"
    (part,) = payment["Line"]
    assert part["LinkedTxn"] == [{"TxnId": theirs["Id"], "TxnType": "Invoice"}]
    assert (money(theirs["Balance"]), theirs["DocNumber"]) == (0, number)
    steps.notified(world)
    world.due_now()
    world.work()
    assert len(world.held("Payment")) == 1, "our own payment, told back to us"
    assert "1 payment" in bob.again().text


def test_R_09_R_71_L_05_L_06_L_15_A_06_payment_there_turns_the_invoice_paid_before_ones_eyes(
    world: World, bob: Visitor
) -> None:
    world.customer()
    number = steps.generate(bob)
    world.work()
    steps.send(bob, number)
    world.pays(steps.invoice(world, number), "100.00", PaymentRefNum="4711", TxnDate="2026-11-19")
    assert "Sent" in bob.glance().text
    steps.notified(world)
    shown = bob.glance()
    assert f"{number} Paid" in shown.text
    assert "Nov 19, 2026" in shown.region("Payments")
    assert "4711" in shown.region("Payments")
    assert len(world.held("Payment")) == 1


def test_R_73_R_74_R_75_T_55_A_11_part_payment_shows_what_is_left_until_the_rest_is_in(
    world: World, bob: Visitor
) -> None:
    world.customer()
    invoice = steps.invoice(world, steps.generate(bob))
    world.work()
    world.pays(invoice, "40.00")
    steps.notified(world)
    assert "Part paid · $60.00 left" in bob.glance().text
    world.pays(invoice, "60.00")
    steps.notified(world)
    assert f"{invoice.number} Paid" in bob.glance().text


def test_R_76_X_75_one_payment_there_settles_every_invoice_it_is_linked_to(
    world: World, bob: Visitor
) -> None:
    world.customer()
    numbers = [steps.generate(bob) for _ in range(3)]
    world.work()
    first, second, third = world.held("Invoice")
    parts = [(first, "100.00"), (second, "30.00")]
    lines = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": one["Id"], "TxnType": "Invoice"}]}
        for one, amount in parts
    ]
    body = {"CustomerRef": third["CustomerRef"], "TotalAmt": "130.00", "Line": lines}
    world.bookkeeper("Payment", body)
    steps.notified(world)
    bob.go("invoices/")
    standing = [bob.page.row(number) for number in numbers]
    assert [word in row for word, row in zip(("Paid", "$70.00", "Draft"), standing, strict=True)]
    assert "$130.00" in bob.go("payments/").text


def test_R_32_R_36_R_38_R_43_customer_pays_on_intuits_page_and_the_invoice_is_paid(
    unconnected: World, bob: Visitor
) -> None:
    world = unconnected
    world.connect(custom_numbers=True, payments_enabled=True)
    world.work()
    world.customer()
    number = steps.generate(bob)
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs["AllowOnlineCreditCardPayment"] is theirs["AllowOnlineACHPayment"] is True
    here = bob.again().address
    assert "This invoice is paid" in steps.pay_online(bob, "Pay by bank debit").text
    steps.notified(world)
    assert f"{number} Paid" in bob.open(here).text
    world.work()
    assert len(world.held("Payment")) == 1, "Intuit's; none of ours"


def test_R_32_R_38_both_ways_of_paying_online_are_off_where_payments_are_not_enabled(
    world: World, bob: Visitor
) -> None:
    world.customer()
    steps.generate(bob)
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs["AllowOnlineCreditCardPayment"] is theirs["AllowOnlineACHPayment"] is False
