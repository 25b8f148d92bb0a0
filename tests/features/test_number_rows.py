"""Rows about invoice numbers: how ours look, whose they are in QuickBooks, and what happens when one is taken."""

from datetime import timedelta
from typing import Any

import pytest

from billing.models import Invoice, Payment
from integrations.documents import Kind
from integrations.inbound import number_choice
from integrations.inbound.same_number import Answer
from integrations.models import Discrepancy, Doorbell, Intent, Link
from regentra import clock
from tests.features import steps
from tests.features import test_credit_rows as credit_rows
from tests.features import test_refund_rows as refund_rows
from tests.features.pages import Page, Visitor
from tests.features.steps import QUICKBOOKS_PAGE
from tests.features.test_import_rows import bring_in, look
from tests.features.test_rule_rows import choose
from tests.features.test_shared_payment_rows import put_on
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

NUMBER = "INV-1001"


@pytest.fixture
def counted(unconnected: World, alice: Visitor) -> World:
    """A company that keeps the numbers we send, and a customer both sides know."""
    unconnected.connect(custom_numbers=True)
    unconnected.work()
    unconnected.linked_customer()
    return unconnected


def theirs(world: World, number: str = NUMBER, amount: str = "100", **more: Any) -> dict[str, Any]:
    """The bookkeeper's own invoice for our customer, with this number."""
    customer = world.held("Customer")[0]
    (item, *_) = [one for one in world.held("Item") if one["Name"] == "IT services"]
    line = {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "Description": "Managed workstation",
        "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}, "Qty": "1", "UnitPrice": amount},
    }
    body = {"CustomerRef": {"value": customer["Id"]}, "DocNumber": number, "Line": [line], **more}
    return world.bookkeeper("Invoice", body)


def renumbered(world: World, one: dict[str, Any], number: str) -> None:
    """The bookkeeper gives theirs another number."""
    keys = {name: one[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "DocNumber": number})


def meet(world: World, person: Visitor) -> Page:
    """Our invoice meets theirs with the same number; the page that compares both."""
    number = steps.generate(person)
    assert number == NUMBER
    world.work()
    assert "Needs its number decided" in person.again().region("QuickBooks")
    return person.follow("Compare both")


def numbers(world: World) -> list[str]:
    return [one["DocNumber"] for one in world.held("Invoice")]


def here(world: World) -> list[tuple[str, str]]:
    with world.inside():
        rows = Invoice.objects.order_by("number", "total_minor")
        return [(one.number, str(one.balance)) for one in rows]


def open_questions(world: World) -> int:
    with world.inside():
        return Discrepancy.objects.filter(closed_at=None).count()


def test_X_52_prefix_and_suffix_of_an_organization_are_on_its_invoices(
    counted: World, alice: Visitor
) -> None:
    theirs(counted)
    alice.go("settings/invoice-numbers/")
    alice.follow("Change numbering")
    page = alice.press("Save", {"Prefix": "NW-", "Suffix": "-RG"})
    assert "The next invoice is NW-1001-RG." in page.text
    number = steps.generate(alice)
    assert number == "NW-1001-RG"
    counted.work()
    assert numbers(counted) == [NUMBER, number]
    alice.go("settings/invoice-numbers/change/")
    assert "at least 1002" in alice.press("Save", {"Next number": "1001"}).text
    assert "cannot hold a digit" in alice.press("Save", {"Suffix": "-2"}).text


def test_X_52_slip_in_the_next_number_is_refused_or_taken_back(
    unconnected: World, alice: Visitor
) -> None:
    unconnected.customer()
    assert steps.generate(alice) == NUMBER
    alice.go("settings/invoice-numbers/change/")
    for slip in ("99999999999999999999", "9223372036854775807"):
        page = alice.press("Save", {"Prefix": "", "Next number": slip})
        assert "The next number is at most 1000000000000000." in page.text
    page = alice.press("Save", {"Prefix": "", "Next number": "1000000000000000"})
    assert "The next invoice is 1000000000000000." in page.text
    alice.follow("Change numbering")
    page = alice.press("Save", {"Prefix": "INV-", "Next number": "1002"})
    assert "The next invoice is INV-1002." in page.text
    assert steps.generate(alice) == "INV-1002"


def test_X_52_number_of_quickbooks_own_count_is_shown_beside_ours(
    unconnected: World, alice: Visitor
) -> None:
    unconnected.connect(custom_numbers=False)
    unconnected.customer()
    number = steps.generate(alice)
    unconnected.work()
    (made,) = unconnected.held("Invoice")
    assert made["DocNumber"] != number, "this company counts for itself"
    assert f"Number there {made['DocNumber']}" in alice.again().region("QuickBooks")
    assert number in alice.page.text


def switch_numbers_on(world: World, admin: Visitor) -> None:
    """As our checklist says, and the company's settings are read again."""
    (settings,) = world.held("Preferences")
    keys = {name: settings[name] for name in ("Id", "SyncToken")}
    forms = {**settings["SalesFormsPrefs"], "CustomTxnNumbers": True}
    world.bookkeeper("Preferences", {**keys, "sparse": True, "SalesFormsPrefs": forms})
    admin.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    admin.press("Refresh")
    world.work()
    assert world.connection.company_settings().custom_numbers


def touch(world: World, entity: str, **fields: Any) -> None:
    """The bookkeeper changes the oldest one of these; by default nothing that is read here."""
    theirs = world.held(entity)[0]
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    changed = fields or {"PrintStatus": "NeedToPrint"}
    world.bookkeeper(entity, {**keys, "sparse": True, **changed})


def test_X_52_numbers_switched_on_there_ask_about_nothing_that_was_sent_before(
    unconnected: World, alice: Visitor
) -> None:
    world = unconnected
    world.connect(custom_numbers=False)
    world.work()
    refund_rows.choose(alice, "As a refund receipt")
    refund_rows.map_accounts(world, alice)
    refund_rows.refund(world, alice)
    credit_rows.issue(alice, NUMBER)
    paid_there = credit_rows.open_invoice(world, alice)
    switch_numbers_on(world, alice)
    for entity in ("Invoice", "CreditMemo", "RefundReceipt"):
        touch(world, entity)
    world.pays(steps.invoice(world, paid_there), "100")
    look(world)
    assert "Nothing needs you" in alice.go("exceptions/").text
    assert "Paid" in alice.go("invoices/").row(paid_there)
    touch(world, "Invoice", CustomerMemo={"value": "theirs"})
    look(world)
    assert open_questions(world) == 1
    shown = steps.open_invoice(alice, NUMBER).region("QuickBooks")
    assert "It was changed in QuickBooks after we sent it." in shown
    assert "Notes to the customer" in shown


def test_X_30_X_31_same_number_shows_both_and_is_the_same_invoice_when_linked(
    counted: World, alice: Visitor
) -> None:
    theirs(counted)
    page = meet(counted, alice)
    assert page.row("Total").count("100.00") == 2
    assert "differs" not in page.row("Total")
    assert "differs" in page.row("Invoice date") or "differs" in page.row("Due date")
    assert "Link them, ours holds (recommended)" in page.text
    alice.press("Do this")
    counted.work()
    (one,) = counted.held("Invoice")
    ours = steps.invoice(counted, NUMBER)
    assert (one["TxnDate"], one["DueDate"]) == (str(ours.issued_on), str(ours.due_on))
    assert "Synced" in alice.again().region("QuickBooks")
    assert open_questions(counted) == 0


def test_X_30_X_31_ours_that_holds_has_its_lines_in_quickbooks_as_well(
    counted: World, alice: Visitor
) -> None:
    theirs(counted, amount="250")
    meet(counted, alice)
    alice.press("Do this", {"answer": "link"})
    counted.work()
    (one,) = counted.held("Invoice")
    assert steps.money(one["TotalAmt"]) == 100
    assert "Synced" in alice.again().region("QuickBooks")


def test_X_30_X_31_theirs_that_is_paid_is_taken_over_with_its_payment(
    counted: World, alice: Visitor
) -> None:
    one = theirs(counted, CustomerMemo={"value": "Thank you"})
    applied = {"Amount": "40", "LinkedTxn": [{"TxnId": one["Id"], "TxnType": "Invoice"}]}
    paid = {"CustomerRef": one["CustomerRef"], "TotalAmt": "40", "Line": [applied]}
    counted.bookkeeper("Payment", paid)
    counted.due_now()
    counted.work()
    page = meet(counted, alice)
    assert "$60.00 is left there" in page.text
    assert "Link them, theirs holds (recommended)" in page.text
    alice.press("Do this")
    counted.forget_calls()
    counted.due_now()
    counted.work()
    assert not [call for call in counted.journal() if call["method"] == "POST"]
    ours = steps.invoice(counted, NUMBER)
    assert (str(ours.applied), ours.notes, numbers(counted)) == ("$40.00", "Thank you", [NUMBER])
    assert "Part paid" in alice.again().text


@pytest.mark.parametrize("passed_by", [False, True])
def test_X_30_X_31_payment_of_theirs_comes_in_though_they_are_linked_while_a_look_runs(
    counted: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch, passed_by: bool
) -> None:
    """It was met while it was nobody's: by a look of before, or by the one that runs."""
    one = theirs(counted)
    applied = {"Amount": "40", "LinkedTxn": [{"TxnId": one["Id"], "TxnType": "Invoice"}]}
    paid = {"CustomerRef": one["CustomerRef"], "TotalAmt": "40", "Line": [applied]}
    counted.bookkeeper("Payment", paid)
    counted.control("POST", "clock", {"advance": 1200})
    meet(counted, alice)
    if passed_by:
        told_of_again(counted, one)
        steps.meanwhile(
            monkeypatch, lambda: steps.meanwhile(monkeypatch, lambda: alice.press("Do this"))
        )
    else:
        look(counted)
        steps.meanwhile(monkeypatch, lambda: alice.press("Do this"))
    look(counted)
    assert str(steps.invoice(counted, NUMBER).applied) == "$0.00"
    counted.work()
    counted.control("POST", "clock", {"advance": -1200})
    assert str(steps.invoice(counted, NUMBER).applied) == "$40.00"


def told_of_again(world: World, one: dict[str, Any]) -> None:
    """Of a change after the next look's answer, so that look reads it by itself besides."""
    now = clock.now()
    with world.inside():
        Doorbell.objects.create(
            connection=world.connection,
            kind=Kind.INVOICE,
            remote_id=one["Id"],
            event_at=now + timedelta(hours=1),
            rung_at=now - timedelta(hours=1),
        )


def test_X_30_theirs_that_holds_leaves_the_customer_with_the_same_id_as_one_of_ours(
    counted: World, alice: Visitor
) -> None:
    """Customers and invoices are counted apart over there."""
    one = theirs(counted)
    with counted.inside():
        (customer,) = Link.objects.filter(kind="customer")
    assert (customer.remote_id, customer.made_by_us) == (one["Id"], True)
    meet(counted, alice)
    alice.press("Do this", {"Link them, theirs holds": "take"})
    with counted.inside():
        made_by_us = dict(Link.objects.values_list("kind", "made_by_us"))
    assert (made_by_us["customer"], made_by_us["invoice"]) == (True, False)


def test_X_30_X_31_two_invoices_are_kept_apart_by_another_number(
    counted: World, alice: Visitor
) -> None:
    theirs(counted, amount="250")
    page = meet(counted, alice)
    assert "differs" in page.row("Total")
    assert "Give ours another number (recommended)" in page.text
    alice.press("Do this")
    counted.work()
    assert numbers(counted) == [NUMBER, "INV-1002"]
    shown = alice.again()
    assert "Synced" in shown.region("QuickBooks")
    assert f"Number changed from {NUMBER} to INV-1002" in shown.text
    assert steps.generate(alice) == "INV-1003", "no number comes twice"


def test_X_30_what_quickbooks_holds_by_the_rules_is_taken_though_ours_is_linked_as_it_is(
    counted: World, alice: Visitor
) -> None:
    choose(alice, unpaid_edit_owner="per_field", lines_owner="theirs")
    theirs(counted, amount="80")
    meet(counted, alice)
    alice.press("Do this", {"answer": "link"})
    counted.work()
    assert "Total $80.00" in steps.open_invoice(alice, NUMBER).text
    (held,) = counted.held("Invoice")
    assert steps.money(held["TotalAmt"]) == 80


def test_X_30_other_customers_invoice_is_never_linked_and_ours_may_be_left_out(
    counted: World, alice: Visitor
) -> None:
    stranger = counted.bookkeeper("Customer", {"DisplayName": "Fabrikam"})
    theirs(counted, CustomerRef={"value": stranger["Id"]})
    counted.due_now()
    counted.work()
    page = meet(counted, alice)
    assert "Customer Adatum Fabrikam differs" in page.region("Both invoices")
    assert "Link them" not in page.text
    alice.press("Do this", {"answer": "leave"})
    counted.due_now()
    counted.work()
    assert numbers(counted) == [NUMBER]
    assert "Not synced" in alice.again().region("QuickBooks")
    assert NUMBER not in alice.go("exceptions/").text


def test_X_30_asks_once_and_goes_on_when_the_number_is_free_again(
    counted: World, alice: Visitor
) -> None:
    one = theirs(counted, amount="250")
    meet(counted, alice)
    assert NUMBER in alice.go("exceptions/").text
    counted.forget_calls()
    counted.due_now()
    counted.work()
    posts = [call for call in counted.journal() if call["method"] == "POST"]
    assert posts == [], "no look at the company asks QuickBooks again"
    renumbered(counted, one, "B-77")
    steps.notified(counted)
    counted.work()
    assert sorted(numbers(counted)) == ["B-77", NUMBER]
    assert open_questions(counted) == 0


def test_X_30_ours_that_is_there_after_all_asks_nothing_any_more(
    counted: World, alice: Visitor, bob: Visitor
) -> None:
    one = theirs(counted)
    meet(counted, alice)
    bob.open(alice.page.address)
    renumbered(counted, one, "B-77")
    steps.open_invoice(alice, NUMBER)
    steps.edit_invoice(alice, notes="Thank you")
    counted.work()
    assert numbers(counted) == ["B-77", NUMBER]
    assert open_questions(counted) == 0
    page = bob.press("Do this", {"answer": "link"})
    assert "Nothing is to be decided about this number." in page.text


def test_X_30_question_that_outlived_its_cause_links_nothing(
    counted: World, alice: Visitor
) -> None:
    one = theirs(counted)
    meet(counted, alice)
    address = alice.page.address
    with counted.inside():
        (question,) = Discrepancy.objects.filter(closed_at=None)
    renumbered(counted, one, "B-77")
    steps.open_invoice(alice, NUMBER)
    steps.edit_invoice(alice, notes="Thank you")
    counted.work()
    made = counted.link(steps.invoice(counted, NUMBER)).remote_id
    with counted.inside():
        Discrepancy.objects.filter(pk=question.pk).update(closed_at=None)
        with pytest.raises(number_choice.CannotAnswer):
            number_choice.answer(question, Answer.LINK, actor=counted.owner)
    assert "Nothing is to be decided about this number." in alice.open(address).text
    assert counted.link(steps.invoice(counted, NUMBER)).remote_id == made


def test_X_30_other_invoice_comes_in_once_it_has_another_number(
    counted: World, alice: Visitor
) -> None:
    alice.go("settings/sync-rules/")
    alice.press("Save", {"invoices_made_there": "bring_in"})
    theirs(counted, amount="250")
    meet(counted, alice)
    address = alice.page.address
    for _ in range(2):
        counted.due_now()
        counted.work()
        assert "Their totals differ" in alice.open(address).text
        assert here(counted) == [(NUMBER, "$100.00")]
    (one,) = counted.held("Invoice")
    renumbered(counted, one, "B-77")
    counted.due_now()
    counted.work()
    counted.work()
    assert sorted(numbers(counted)) == ["B-77", NUMBER]
    assert here(counted) == [("B-77", "$250.00"), (NUMBER, "$100.00")]
    assert open_questions(counted) == 0


def test_X_30_our_own_copy_that_was_lost_sight_of_is_taken_and_nobody_is_asked(
    counted: World, alice: Visitor
) -> None:
    """What was sent is forgotten here and there; sent again, its number is taken by itself."""
    number = steps.generate(alice)
    counted.work()
    with counted.inside():
        Intent.objects.filter(kind="invoice").delete()
        Link.objects.filter(kind="invoice").delete()
    counted.trouble("requestid_ignored", times=None)
    counted.forget_calls()
    alice.again()
    alice.press("Try again")
    counted.work()
    refused, _ = [call["status"] for call in counted.journal()]
    assert refused == 400, "QuickBooks said that the number is taken"
    assert numbers(counted) == [number]
    assert open_questions(counted) == 0
    assert "Synced" in alice.again().region("QuickBooks")


def test_X_30_two_answers_at_once_do_one_thing(
    counted: World, alice: Visitor, bob: Visitor
) -> None:
    theirs(counted, amount="250")
    meet(counted, alice)
    bob.open(alice.page.address)
    alice.press("Do this")
    page = bob.press("Do this", {"answer": "link"})
    assert "Nothing is to be decided about this number." in page.text
    counted.work()
    with counted.inside():
        assert Invoice.objects.get().number == "INV-1002"


def test_X_30_voided_here_asks_nothing_any_more(counted: World, alice: Visitor) -> None:
    theirs(counted, amount="250")
    meet(counted, alice)
    steps.open_invoice(alice, NUMBER)
    steps.void(alice, NUMBER)
    counted.work()
    assert numbers(counted) == [NUMBER]
    assert open_questions(counted) == 0


def kept_by_hand(
    world: World, person: Visitor, amount: str = "100", **rules: str
) -> dict[str, Any]:
    """One sale in both books before they were connected: same customer and number. The bookkeeper's."""
    choose(person, push_when="button", **rules)
    assert steps.generate(person) == NUMBER
    steps.send(person, NUMBER)
    return theirs(world, amount=amount)


def bring(world: World, person: Visitor, how: str) -> None:
    """All that is there, or what is told of from now on."""
    if how == "import":
        bring_in(world, person)
    for _ in range(3):
        look(world)


@pytest.mark.parametrize("how", ["import", "from_now_on"])
def test_X_30_A_01_invoice_that_both_books_have_is_asked_about_and_never_here_twice(
    counted: World, alice: Visitor, how: str
) -> None:
    rules = {"invoices_made_there": "bring_in"} if how == "from_now_on" else {}
    one = kept_by_hand(counted, alice, **rules)
    applied = {"Amount": "40", "LinkedTxn": [{"TxnId": one["Id"], "TxnType": "Invoice"}]}
    paid = {"CustomerRef": one["CustomerRef"], "TotalAmt": "40", "Line": [applied]}
    counted.bookkeeper("Payment", paid)
    bring(counted, alice, how)
    assert here(counted) == [(NUMBER, "$100.00")]
    assert open_questions(counted) == 1
    assert NUMBER in alice.go("exceptions/").text
    steps.open_invoice(alice, NUMBER)
    page = alice.follow("Compare both")
    assert "Link them, theirs holds (recommended)" in page.text
    alice.press("Do this")
    for _ in range(3):
        look(counted)
    assert here(counted) == [(NUMBER, "$60.00")]
    assert numbers(counted) == [NUMBER]
    assert open_questions(counted) == 0


@pytest.mark.parametrize("how", ["import", "from_now_on"])
def test_X_30_A_01_advice_about_a_number_holds_when_theirs_is_to_be_brought_in(
    counted: World, alice: Visitor, how: str
) -> None:
    """Ours was refused for its number, and waits for the answer already."""
    if how == "from_now_on":
        choose(alice, invoices_made_there="bring_in")
    theirs(counted)
    page = meet(counted, alice)
    address = page.address
    bring(counted, alice, how)
    assert here(counted) == [(NUMBER, "$100.00")]
    assert "Link them, ours holds (recommended)" in alice.open(address).text
    alice.press("Do this")
    for _ in range(2):
        look(counted)
    assert (here(counted), numbers(counted)) == ([(NUMBER, "$100.00")], [NUMBER])
    assert open_questions(counted) == 0


def test_X_30_A_01_theirs_comes_in_once_ours_has_another_number(
    counted: World, alice: Visitor
) -> None:
    kept_by_hand(counted, alice, "250")
    bring(counted, alice, "import")
    assert here(counted) == [(NUMBER, "$100.00")]
    assert "1 invoice needs a look" in alice.go(QUICKBOOKS_PAGE).text
    steps.open_invoice(alice, NUMBER)
    assert "Give ours another number (recommended)" in alice.follow("Compare both").text
    alice.press("Do this")
    for _ in range(3):
        look(counted)
    assert here(counted) == [(NUMBER, "$250.00"), ("INV-1002", "$100.00")]
    assert sorted(numbers(counted)) == [NUMBER, "INV-1002"]
    assert open_questions(counted) == 0


def test_X_30_A_01_ours_that_is_left_out_keeps_theirs_out_until_that_is_changed(
    counted: World, alice: Visitor
) -> None:
    one = kept_by_hand(counted, alice)
    bring(counted, alice, "import")
    steps.open_invoice(alice, NUMBER)
    alice.follow("Compare both")
    alice.press("Do this", {"answer": "leave"})
    bring(counted, alice, "import")
    assert here(counted) == [(NUMBER, "$100.00")]
    assert open_questions(counted) == 0
    renumbered(counted, one, "B-77")
    for _ in range(2):
        look(counted)
    assert here(counted) == [("B-77", "$100.00"), (NUMBER, "$100.00")]
    assert numbers(counted) == ["B-77"]


def test_X_30_A_01_ours_that_the_rules_hold_back_is_compared_and_not_sent_meanwhile(
    counted: World, alice: Visitor
) -> None:
    kept_by_hand(counted, alice)
    choose(alice, push_when="never")
    bring(counted, alice, "import")
    steps.open_invoice(alice, NUMBER)
    steps.edit_invoice(alice, notes="Thank you")
    look(counted)
    steps.open_invoice(alice, NUMBER)
    assert "Link them, ours holds (recommended)" in alice.follow("Compare both").text
    assert numbers(counted) == [NUMBER]


def test_X_30_A_01_void_of_ours_lets_theirs_in(counted: World, alice: Visitor) -> None:
    kept_by_hand(counted, alice)
    bring(counted, alice, "import")
    steps.open_invoice(alice, NUMBER)
    steps.void(alice, NUMBER)
    for _ in range(3):
        look(counted)
    assert sorted(here(counted)) == [(NUMBER, "$0.00"), (NUMBER, "$100.00")]
    assert open_questions(counted) == 0


def test_X_30_A_01_same_number_of_another_customer_comes_in(counted: World, alice: Visitor) -> None:
    stranger = counted.bookkeeper("Customer", {"DisplayName": "Fabrikam"})
    choose(alice, push_when="button")
    steps.generate(alice)
    theirs(counted, CustomerRef={"value": stranger["Id"]}, amount="250")
    bring(counted, alice, "import")
    assert here(counted) == [(NUMBER, "$100.00"), (NUMBER, "$250.00")]
    assert open_questions(counted) == 0


def paid_in_both(
    world: World, person: Visitor, bill: dict[str, Any], here: str = "4711", amount: str = "40"
) -> None:
    """A check in either book before anything of ours went, with its reference in each."""
    part = {"Amount": amount, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Invoice"}]}
    check = {"TotalAmt": amount, "PaymentRefNum": "4711", "Line": [part]}
    world.bookkeeper("Payment", {"CustomerRef": bill["CustomerRef"], **check})
    look(world)
    assert steps.generate(person) == NUMBER
    steps.send(person, NUMBER)
    steps.open_customer(person)
    person.follow("Record payment")
    typed = {"Amount in USD": amount, "Reference": here, f"Applied to {NUMBER}": amount}
    person.press("Record payment", typed)


def left_on_both(world: World) -> tuple[list[int], list[tuple[str, str]]]:
    """What is left to pay of the invoice there, and here."""
    return [int(steps.money(one["Balance"])) for one in world.held("Invoice")], here(world)


@pytest.mark.parametrize("answer", ["take", "link"])
@pytest.mark.parametrize("how", ["sent", "import"])
def test_X_30_X_31_check_that_both_books_have_is_booked_once(
    counted: World, alice: Visitor, answer: str, how: str
) -> None:
    bill = theirs(counted)
    if how == "import":
        choose(alice, push_when="button")
    paid_in_both(counted, alice, bill)
    if how == "import":
        bring(counted, alice, "import")
    counted.work()
    steps.open_invoice(alice, NUMBER)
    page = alice.follow("Compare both")
    assert "Paid $40.00 $40.00" in page.row("Paid")
    assert "$40.00 was paid here, too." in page.text
    alice.press("Do this", {"answer": answer})
    for _ in range(3):
        look(counted)
    assert left_on_both(counted) == ([60], [(NUMBER, "$60.00")])
    with counted.inside():
        (payment,) = Payment.objects.all()
    assert counted.link(payment).made_by_us is (answer == "link")
    assert len(counted.held("Payment")) == 1
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_30_X_31_sale_that_is_paid_in_full_in_both_books_is_paid_once(
    counted: World, alice: Visitor
) -> None:
    paid_in_both(counted, alice, theirs(counted), amount="100")
    counted.work()
    steps.open_invoice(alice, NUMBER)
    page = alice.follow("Compare both")
    assert "Paid $100.00 $100.00" in page.row("Paid")
    alice.press("Do this")
    for _ in range(3):
        look(counted)
    assert left_on_both(counted) == ([0], [(NUMBER, "$0.00")])
    assert len(counted.held("Payment")) == 1
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_30_X_31_payments_with_other_references_are_two(counted: World, alice: Visitor) -> None:
    paid_in_both(counted, alice, theirs(counted), here="4712")
    counted.work()
    steps.open_invoice(alice, NUMBER)
    alice.follow("Compare both")
    alice.press("Do this")
    for _ in range(3):
        look(counted)
    assert left_on_both(counted) == ([20], [(NUMBER, "$20.00")])


@pytest.mark.parametrize("answer", ["take", "link"])
def test_X_30_X_31_same_check_that_says_something_else_there_is_taken_or_asked_about(
    counted: World, alice: Visitor, answer: str
) -> None:
    """Here without its reference. Theirs holds by the answer; where ours does, somebody says which."""
    paid_in_both(counted, alice, theirs(counted), here="")
    address = alice.page.address
    counted.work()
    steps.open_invoice(alice, NUMBER)
    alice.follow("Compare both")
    alice.press("Do this", {"answer": answer})
    for _ in range(3):
        look(counted)
    assert left_on_both(counted) == ([60], [(NUMBER, "$60.00")])
    (held,) = counted.held("Payment")
    assert held["PaymentRefNum"] == "4711"
    assert alice.open(address).offers("Take theirs") is (answer == "link")
    assert ("4711" in alice.page.text) is (answer == "take" or alice.page.offers("Take theirs"))


def test_X_30_X_31_payment_of_ours_waits_until_what_was_paid_there_is_read(
    counted: World, alice: Visitor
) -> None:
    """A look that began before the answer has not read it."""
    paid_in_both(counted, alice, theirs(counted))
    address = alice.page.address
    counted.work()
    steps.open_invoice(alice, NUMBER)
    alice.follow("Compare both")
    counted.trouble("status", status=503, path="/cdc", times=1)
    alice.press("Do this")
    counted.work()
    assert "Needs payments in QuickBooks read" in alice.open(address).region("QuickBooks")
    assert len(counted.held("Payment")) == 1
    look(counted)
    assert left_on_both(counted) == ([60], [(NUMBER, "$60.00")])


def checked(
    world: World, *parts: tuple[dict[str, Any], str], total: str = "100", **more: Any
) -> None:
    """The bookkeeper's check 4711, put on these invoices."""
    whose = parts[0][0]["CustomerRef"]
    body = {"CustomerRef": whose, "TotalAmt": total, "PaymentRefNum": "4711", **more}
    world.bookkeeper("Payment", {**body, "Line": put_on(*parts)})
    look(world)


def checked_here(person: Visitor, parts: dict[str, str], amount: str = "100", **typed: str) -> str:
    """The same by staff; its page."""
    steps.open_customer(person)
    person.follow("Record payment")
    applied = {f"Applied to {number}": part for number, part in parts.items()}
    said = {"Amount in USD": amount, "Reference": "4711", **applied}
    said |= {name.replace("_", " "): value for name, value in typed.items()}
    return person.press("Record payment", said).address


def compared(world: World, person: Visitor, number: str, answer: str) -> None:
    """Staff say what the invoice of this number is, and what is there is read."""
    world.work()
    steps.open_invoice(person, number)
    person.follow("Compare both")
    person.press("Do this", {"answer": answer})
    for _ in range(3):
        look(world)


def is_left_alike(world: World) -> bool:
    """Whether as much is left to pay there as here of each invoice that is here."""
    there = {one["DocNumber"]: steps.money(one["Balance"]) for one in world.held("Invoice")}
    return all(f"${there[number]:.2f}" == balance for number, balance in here(world))


@pytest.mark.parametrize("reference", ["4711", ""])
@pytest.mark.parametrize("answer", ["take", "link"])
def test_X_30_X_31_check_of_both_books_pays_what_comes_there_later_then(
    counted: World, alice: Visitor, answer: str, reference: str
) -> None:
    """The check pays a second sale, too, which is on hold. What else differs is asked about."""
    checked(counted, (theirs(counted), "40"))
    assert steps.generate(alice) == NUMBER
    steps.send(alice, NUMBER)
    second = steps.generate(alice)
    alice.press("Put on hold")
    steps.send(alice, second)
    page = checked_here(alice, {NUMBER: "40", second: "60"}, Reference=reference)
    compared(counted, alice, NUMBER, answer)
    if not reference:
        alice.open(page)
        alice.press("Take theirs")
    steps.open_invoice(alice, second)
    alice.press("Approve")
    for _ in range(2):
        look(counted)
    assert here(counted) == [(NUMBER, "$60.00"), (second, "$40.00")]
    assert is_left_alike(counted)
    (held,) = counted.held("Payment")
    assert (held["PaymentRefNum"], held["TotalAmt"]) == ("4711", 100)
    assert "Nothing needs you" in alice.go("exceptions/").text


def check_over_two(world: World, person: Visitor, second: str) -> str:
    """A check of both books that pays two sales; the first one is linked and the second one answered so. Its page."""
    checked(world, (theirs(world), "40"), (theirs(world, number="INV-1002"), "60"))
    for _ in range(2):
        steps.send(person, steps.generate(person))
    page = checked_here(person, {NUMBER: "40", "INV-1002": "60"})
    compared(world, person, NUMBER, "link")
    compared(world, person, "INV-1002", second)
    return page


@pytest.mark.parametrize("second", ["take", "link"])
def test_X_30_X_31_check_of_both_books_that_pays_two_sales_of_both_asks_nothing(
    counted: World, alice: Visitor, second: str
) -> None:
    check_over_two(counted, alice, second)
    assert here(counted) == [(NUMBER, "$60.00"), ("INV-1002", "$40.00")]
    assert is_left_alike(counted)
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("answer", ["Take theirs", "Send ours again"])
def test_X_30_X_31_check_of_both_books_that_pays_another_sale_there_is_asked_about(
    counted: World, alice: Visitor, answer: str
) -> None:
    """The second sale turns out to be two, and the check pays either."""
    alice.open(check_over_two(counted, alice, "renumber"))
    alice.press(answer)
    for _ in range(2):
        look(counted)
    left = "$100.00" if answer == "Take theirs" else "$40.00"
    assert here(counted) == [(NUMBER, "$60.00"), ("INV-1003", left)]
    assert is_left_alike(counted)
    assert len(counted.held("Payment")) == 1
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("total", ["40", "100"])
@pytest.mark.parametrize("answer", ["take", "link"])
def test_X_30_X_31_check_of_both_books_that_pays_a_bill_only_there_is_booked_once(
    counted: World, alice: Visitor, answer: str, total: str
) -> None:
    """Here it was recorded as far as it pays the sale that is here, or all of it."""
    checked(counted, (theirs(counted), "40"), (theirs(counted, "Q-9", "60"), "60"))
    steps.send(alice, steps.generate(alice))
    page = checked_here(alice, {NUMBER: "40"}, total)
    compared(counted, alice, NUMBER, answer)
    if alice.open(page).offers("Take theirs"):
        assert (answer, total) == ("link", "100")
        alice.press("Take theirs")
    for _ in range(2):
        look(counted)
    assert here(counted) == [(NUMBER, "$60.00")]
    assert [int(steps.money(one["Balance"])) for one in counted.held("Invoice")] == [60, 0]
    (held,) = counted.held("Payment")
    assert (held["TotalAmt"], len(held["Line"])) == (100, 2)
    with counted.inside():
        assert Payment.objects.get().unapplied.minor == 0
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("said", ["They are the same", "They are two"])
@pytest.mark.parametrize("answer", ["take", "link"])
def test_X_30_X_31_check_over_another_amount_is_asked_about(
    counted: World, alice: Visitor, answer: str, said: str
) -> None:
    """Neither goes anywhere before staff have said."""
    checked(counted, (theirs(counted), "40"), total="40")
    steps.send(alice, steps.generate(alice))
    page = checked_here(alice, {NUMBER: "45"}, "45")
    compared(counted, alice, NUMBER, answer)
    assert (here(counted), len(counted.held("Payment"))) == ([(NUMBER, "$55.00")], 1)
    assert "QuickBooks has a payment of $40.00" in alice.go("exceptions/").text
    counted.work()
    alice.open(page)
    assert "Needs a payment in QuickBooks compared" in alice.page.region("QuickBooks")
    alice.press(said)
    for _ in range(3):
        counted.work()
    if alice.open(page).offers("Take theirs"):
        assert (answer, said) == ("link", "They are the same")
        alice.press("Take theirs")
        look(counted)
    left, held = ("$60.00", 1) if said == "They are the same" else ("$15.00", 2)
    assert (here(counted), len(counted.held("Payment"))) == ([(NUMBER, left)], held)
    assert is_left_alike(counted)
    assert "Nothing needs you" in alice.go("exceptions/").text


APRIL, MAY = "2026-04-05", "2026-05-05"


def instalments(world: World, person: Visitor, there: list[str], here: list[str]) -> list[str]:
    """Payments of 20.00 with one general reference, by their days; the pages of ours."""
    bill = theirs(world, TxnDate="2026-03-01", DueDate="2026-06-30")
    for day in there:
        checked(world, (bill, "20"), total="20", PaymentRefNum="ACH", TxnDate=day)
    steps.send(person, steps.generate(person))
    parts = {NUMBER: "20"}
    return [checked_here(person, parts, "20", Reference="ACH", Received_on=day) for day in here]


def days_of(world: World) -> list[str]:
    """Of the payments there, once as much is left on both sides and nobody is asked."""
    assert is_left_alike(world)
    assert open_questions(world) == 0
    with world.inside():
        here = sorted(str(one.received_on) for one in Payment.objects.all())
    assert here == sorted(one["TxnDate"] for one in world.held("Payment"))
    return here


@pytest.mark.parametrize("answer", ["take", "link"])
def test_X_30_X_31_instalments_are_paired_by_their_days_and_what_is_left_over_is_asked_about(
    counted: World, alice: Visitor, answer: str
) -> None:
    march = "2026-03-05"
    pages = instalments(counted, alice, [march, APRIL], [APRIL, MAY])
    compared(counted, alice, NUMBER, answer)
    assert len(counted.held("Payment")) == 2
    assert "Mar 5, 2026 with the reference ACH; here is one of $20.00 of May 5, 2026" in (
        alice.open(pages[1]).text
    )
    assert not alice.open(pages[0]).offers("They are two")
    alice.open(pages[1])
    alice.press("They are two")
    for _ in range(3):
        look(counted)
    assert days_of(counted) == [march, APRIL, MAY]


@pytest.mark.parametrize("there", [["2026-03-05", APRIL], [APRIL, MAY]])
def test_X_30_X_31_instalment_is_left_to_the_one_of_its_day(
    counted: World, alice: Visitor, there: list[str]
) -> None:
    instalments(counted, alice, there, [APRIL])
    compared(counted, alice, NUMBER, "link")
    look(counted)
    assert days_of(counted) == there


def test_X_30_X_31_instalments_that_are_a_day_apart_are_paired_by_staff(
    counted: World, alice: Visitor
) -> None:
    """The bank's days there, those of the checks here."""
    pages = instalments(counted, alice, [APRIL, MAY], ["2026-04-06", "2026-05-06"])
    compared(counted, alice, NUMBER, "take")
    assert len(counted.held("Payment")) == 2
    for page in pages:
        alice.open(page)
        alice.press("They are the same")
    for _ in range(3):
        look(counted)
    assert days_of(counted) == [APRIL, MAY]


@pytest.mark.parametrize("answer", ["take", "link"])
def test_X_30_X_31_check_of_another_day_is_the_same(
    counted: World, alice: Visitor, answer: str
) -> None:
    checked(counted, (theirs(counted, TxnDate=APRIL), "40"), total="40", TxnDate=MAY)
    steps.send(alice, steps.generate(alice))
    page = checked_here(alice, {NUMBER: "40"}, "40", Received_on="2026-05-06")
    compared(counted, alice, NUMBER, answer)
    if alice.open(page).offers("Take theirs"):
        assert answer == "link"
        alice.press("Take theirs")
        look(counted)
    assert days_of(counted) == [MAY]
