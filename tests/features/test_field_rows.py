"""Rows about who owns an edit of an unpaid invoice: the amount, the due date, and field by field."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from integrations.models import Connection, SyncJob, policies_in_force
from integrations.outbound import pause
from regentra import clock
from tests.features import steps
from tests.features import test_invoice_edit_rows as invoice_edit_rows
from tests.features.pages import Visitor
from tests.features.test_import_rows import choose, look, their_line
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def sent_invoice(world: World, person: Visitor) -> str:
    """An invoice that its customer has, in both places."""
    world.customer()
    number = steps.generate(person)
    steps.send(person, number)
    world.work()
    return number


def bookkeeper_changes(world: World, **fields: Any) -> None:
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, **fields})


def settle(world: World) -> None:
    for _ in range(3):
        look(world)
        world.work()


def test_A_08_A_09_C_04_amount_and_due_date_of_an_unpaid_invoice_are_copied_where_quickbooks_holds(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, unpaid_edit_owner="qbo")
    numbers = []
    for each, person in ((world, alice), (other, charlie)):
        numbers.append(sent_invoice(each, person))
        lines = [their_line(each, "80"), their_line(each, "45.50")]
        bookkeeper_changes(each, Line=lines, DueDate="2027-01-31")
        settle(each)
    ours, theirs = numbers
    assert "$100.00" in alice.go("invoices/").row(ours)
    assert "changed in QuickBooks" in alice.go("exceptions/").text
    row = charlie.go("invoices/").row(theirs)
    assert "$125.50 $125.50" in row
    assert "Jan 31, 2027" in row
    assert "Nothing needs you" in charlie.go("exceptions/").text
    (held,) = other.held("Invoice")
    assert steps.money(held["TotalAmt"]) == steps.money("125.50")


def test_A_06_void_there_is_taken_over_where_quickbooks_holds(world: World, alice: Visitor) -> None:
    choose(alice, unpaid_edit_owner="qbo")
    number = sent_invoice(world, alice)
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="void")
    settle(world)
    assert "Void" in alice.go("invoices/").row(number)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_A_10_C_04_what_is_changed_here_is_not_sent_where_quickbooks_holds(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, unpaid_edit_owner="qbo")
    for each, person in ((world, alice), (other, charlie)):
        number = sent_invoice(each, person)
        steps.open_invoice(person, number)
        steps.edit_invoice(person, notes="ours", due_on="2027-02-01")
        settle(each)
    (sent,), (kept,) = world.held("Invoice"), other.held("Invoice")
    assert (sent["CustomerMemo"]["value"], sent["DueDate"]) == ("ours", "2027-02-01")
    assert kept["DueDate"] != "2027-02-01"
    assert "ours" not in str(kept.get("CustomerMemo", ""))
    assert "Nothing needs you" in charlie.go("exceptions/").text


def test_A_10_C_04_what_was_changed_here_goes_once_quickbooks_does_not_hold_it_any_more(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    """Of an invoice that nobody has changed here, what was taken from there stays as it is there."""
    for each, person in ((world, alice), (other, charlie)):
        choose(person, unpaid_edit_owner="qbo")
        number = sent_invoice(each, person)
        steps.open_invoice(person, number)
        steps.edit_invoice(person, notes="ours", due_on="2027-02-01")
        settle(each)
        steps.generate(person)
        each.work()
        assert "ours" not in str(each.held("Invoice")[0].get("CustomerMemo", ""))
    untouched = other.held("Invoice")[1]
    keys = {name: untouched[name] for name in ("Id", "SyncToken")}
    line = their_line(other, "80")
    other.bookkeeper("Invoice", {**keys, "sparse": True, "Line": [line]})
    settle(other)
    other.forget_calls()
    choose(charlie, unpaid_edit_owner="local")
    for each in (world, other):
        settle(each)
    (kept, _), (sent, left) = world.held("Invoice"), other.held("Invoice")
    assert "ours" not in str(kept.get("CustomerMemo", ""))
    assert (sent["CustomerMemo"]["value"], sent["DueDate"]) == ("ours", "2027-02-01")
    assert left["Line"][0]["Amount"] == line["Amount"]
    assert [call["method"] for call in other.journal()].count("POST") == 1
    assert "Nothing needs you" in charlie.go("exceptions/").text


def test_N_08_C_04_changes_of_different_fields_go_together(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    choose(charlie, unpaid_edit_owner="per_field")
    for each, person in ((world, alice), (other, charlie)):
        number = sent_invoice(each, person)
        bookkeeper_changes(each, DueDate="2027-01-31")
        steps.open_invoice(person, number)
        steps.edit_invoice(person, notes="ours")
        settle(each)
    assert "changed in QuickBooks" in alice.go("exceptions/").text
    assert "Nothing needs you" in charlie.go("exceptions/").text
    (theirs,) = other.held("Invoice")
    assert (theirs["CustomerMemo"]["value"], theirs["DueDate"]) == ("ours", "2027-01-31")
    shown = steps.open_invoice(charlie, number).text
    assert "ours" in shown
    assert "Jan 31, 2027" in shown
    assert "Synced" in charlie.page.region("QuickBooks")


@pytest.mark.parametrize(
    ("owner", "there", "asked"),
    [("ours", "ours", False), ("theirs", "theirs", False), ("ask", "theirs", True)],
)
def test_N_08_C_04_field_that_both_changed_goes_to_its_owner_or_is_asked(
    world: World, alice: Visitor, owner: str, there: str, asked: bool
) -> None:
    choose(alice, unpaid_edit_owner="per_field")
    if owner != "ask":
        choose(alice, notes_owner=owner)
    number = sent_invoice(world, alice)
    bookkeeper_changes(world, CustomerMemo={"value": "theirs"}, DueDate="2027-01-31")
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, notes="ours")
    settle(world)
    (held,) = world.held("Invoice")
    assert held["CustomerMemo"]["value"] == there
    assert held["DueDate"] == "2027-01-31"
    assert ("Nothing needs you" in alice.go("exceptions/").text) is not asked
    shown = steps.open_invoice(alice, number)
    assert "Jan 31, 2027" in shown.text, "what they alone changed is here in any case"
    if not asked:
        assert steps.invoice(world, number).notes == there
        return
    assert "Notes to the customer: ours here, theirs in QuickBooks" in shown.text
    assert "Due date" not in shown.region("QuickBooks")
    alice.press("Send ours again")
    settle(world)
    (held,) = world.held("Invoice")
    assert (held["CustomerMemo"]["value"], held["DueDate"]) == ("ours", "2027-01-31")
    assert "Difference settled: ours sent again" in alice.again().text


def both_change(world: World, person: Visitor) -> str:
    """The notes of a new invoice, on both sides."""
    number = steps.generate(person)
    steps.send(person, number)
    world.work()
    (*_, theirs) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    memo = {"CustomerMemo": {"value": "theirs"}}
    world.bookkeeper("Invoice", {**keys, "sparse": True, **memo})
    steps.open_invoice(person, number)
    steps.edit_invoice(person, notes="ours")
    settle(world)
    return number


@pytest.mark.parametrize(
    ("answer", "held"), [("Send ours again", "ours"), ("Take theirs", "theirs")]
)
def test_N_08_one_click_decides_the_same_field_next_time(
    world: World, alice: Visitor, other: World, charlie: Visitor, answer: str, held: str
) -> None:
    for each, person in ((world, alice), (other, charlie)):
        choose(person, unpaid_edit_owner="per_field")
        each.customer()
        steps.open_invoice(person, both_change(each, person))
        person.press(answer, {"remember": each is other})
        settle(each)
        both_change(each, person)
    assert "changed in QuickBooks" in alice.go("exceptions/").text, "asked again"
    assert "Nothing needs you" in charlie.go("exceptions/").text
    assert other.held("Invoice")[-1]["CustomerMemo"]["value"] == held
    with other.inside():
        rules = policies_in_force()
    assert rules.notes_owner == held
    assert rules.due_date_owner == "ask", "other fields are as before"


def test_N_08_owner_of_a_field_is_for_admins_to_choose(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    choose(alice, unpaid_edit_owner="per_field")
    world.customer()
    steps.open_invoice(bob, both_change(world, bob))
    assert "from now on" not in bob.page.text
    bob.press("Take theirs")
    with world.inside():
        assert policies_in_force().notes_owner == "ask"


def test_N_08_C_04_owner_of_a_field_undoes_what_the_other_side_alone_changed(
    world: World, alice: Visitor
) -> None:
    choose(alice, unpaid_edit_owner="per_field", due_date_owner="ours", memo_owner="theirs")
    number = sent_invoice(world, alice)
    before = steps.invoice(world, number).due_on
    bookkeeper_changes(world, DueDate="2027-01-31")
    settle(world)
    (held,) = world.held("Invoice")
    assert held["DueDate"] == before.isoformat()
    assert steps.invoice(world, number).due_on == before
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_N_08_C_04_what_goes_back_does_not_get_lost_when_the_question_closes_by_itself(
    world: World, alice: Visitor
) -> None:
    """The notes differ by a new wording, of which no invoice that is there already is told."""
    choose(alice, unpaid_edit_owner="per_field", due_date_owner="ours")
    number = sent_invoice(world, alice)
    due_on = steps.invoice(world, number).due_on.isoformat()
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, notes="ours")
    world.work()
    choose(alice, message_wording="Thank you. {notes}")
    bookkeeper_changes(world, CustomerMemo={"value": "theirs"}, DueDate="2027-01-31")
    settle(world)
    (held,) = world.held("Invoice")
    assert held["DueDate"] == "2027-01-31", "it waits for the answer about the notes"
    assert "changed in QuickBooks" in alice.go("exceptions/").text
    bookkeeper_changes(world, CustomerMemo={"value": "ours"})
    settle(world)
    (held,) = world.held("Invoice")
    assert held["DueDate"] == due_on
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize(("rule", "status"), [("exception", "SENT"), ("archive", "VOID")])
def test_C_08_deleted_there_while_a_change_of_ours_is_uncertain_is_answered_by_the_rules(
    world: World, alice: Visitor, rule: str, status: str
) -> None:
    """Word of it comes before the change is found to be lost, and is not told again."""
    if rule != "exception":
        choose(alice, remote_delete_policy=rule)
    number = sent_invoice(world, alice)
    world.trouble("request_dropped", entity="Invoice", method="POST")
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, notes="ours")
    world.work()
    with world.inside():
        pause.begin(world.connection, actor=world.owner)
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="delete")
    look(world)
    with world.inside():
        pause.end(world.connection, actor=world.owner)
        # Nothing that was changed up to now is told by the next looks.
        Connection.objects.update(changes_since=clock.now() + timedelta(hours=1))
    settle(world)
    assert steps.invoice(world, number).status == status
    asked = "deleted in QuickBooks" in alice.go("exceptions/").text
    assert asked is (rule == "exception")


@pytest.mark.parametrize("how", ["ours are sent again", "theirs become the same"])
def test_N_08_A_03_payment_settles_the_rest_once_there_is_room_for_it_there(
    world: World, alice: Visitor, how: str
) -> None:
    """It came while the lines were asked about, and the invoice was smaller in QuickBooks."""
    choose(alice, unpaid_edit_owner="per_field")
    number = sent_invoice(world, alice)
    bookkeeper_changes(world, Line=[their_line(world, "80")])
    invoice_edit_rows.edit(alice, number, lines_0_unit_price="120")
    settle(world)
    assert "changed in QuickBooks" in alice.go("exceptions/").text
    steps.open_invoice(alice, number)
    steps.mark_paid(alice, "$120.00")
    settle(world)
    assert unapplied(world) == 40
    if how == "ours are sent again":
        steps.open_invoice(alice, number)
        alice.press("Send ours again")
    else:
        bookkeeper_changes(world, Line=[their_line(world, "120", Qty=1, UnitPrice=120)])
    settle(world)
    (held,) = world.held("Invoice")
    assert (steps.money(held["TotalAmt"]), steps.money(held["Balance"])) == (120, 0)
    assert unapplied(world) == 0


def unapplied(world: World) -> Decimal:
    (theirs,) = world.held("Payment")
    return steps.money(theirs["UnappliedAmt"])


def test_N_08_C_04_tax_that_was_changed_before_quickbooks_held_it_goes_all_the_same(
    world: World, alice: Visitor
) -> None:
    invoice_edit_rows.taxed_customer(world, "9.1")
    number = steps.generate(alice, **{"lines-0-taxable": True})
    steps.send(alice, number)
    world.work()
    assert steps.money(world.held("Invoice")[0]["TotalAmt"]) == steps.money("109.10")
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Pause sending")
    invoice_edit_rows.edit(alice, number, lines_0_taxable=False)
    choose(alice, unpaid_edit_owner="qbo")
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Go on sending")
    settle(world)
    (held,) = world.held("Invoice")
    assert steps.money(held["TotalAmt"]) == steps.invoice(world, number).total.amount == 100
    steps.open_invoice(alice, number)
    assert "Synced" in alice.page.region("QuickBooks")
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("rule", ["qbo", "per_field"])
def test_N_08_C_04_send_ours_again_sends_ours_also_where_quickbooks_holds_the_field(
    world: World, alice: Visitor, rule: str
) -> None:
    """It is asked, as something was paid. What is changed here afterwards stays here, as the rules say."""
    choose(alice, unpaid_edit_owner=rule)
    if rule == "per_field":
        choose(alice, memo_owner="theirs")
    number = steps.generate(alice, customer=world.customer().name, memo="ours")
    steps.send(alice, number)
    world.work()
    world.pays(steps.invoice(world, number), "40")
    settle(world)
    bookkeeper_changes(world, PrivateNote="theirs")
    settle(world)
    assert "ours here, theirs in QuickBooks" in steps.open_invoice(alice, number).text
    alice.press("Send ours again")
    settle(world)
    (held,) = world.held("Invoice")
    assert held["PrivateNote"].splitlines()[0] == steps.invoice(world, number).memo == "ours"
    assert "Synced" in alice.again().region("QuickBooks")
    steps.edit_invoice(alice, memo="another")
    settle(world)
    assert world.held("Invoice")[0]["PrivateNote"].splitlines()[0] == "ours"
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("answer", ["Send ours again", "Take theirs"])
def test_N_08_C_04_answer_that_has_not_gone_out_holds_when_another_question_is_answered(
    world: World, alice: Visitor, answer: str
) -> None:
    choose(alice, unpaid_edit_owner="qbo")
    number = sent_invoice(world, alice)
    world.pays(steps.invoice(world, number), "40")
    settle(world)
    bookkeeper_changes(world, DueDate="2027-03-31")
    settle(world)
    steps.open_invoice(alice, number)
    alice.press("Send ours again")
    bookkeeper_changes(world, CustomerMemo={"value": "theirs"})
    settle(world)
    steps.open_invoice(alice, number)
    alice.press(answer)
    settle(world)
    (held,) = world.held("Invoice")
    mine = steps.invoice(world, number)
    assert held["DueDate"] == mine.due_on.isoformat() != "2027-03-31"
    note = held.get("CustomerMemo", {}).get("value", "")
    assert note == mine.notes == ("theirs" if answer == "Take theirs" else "")
    assert "Synced" in alice.again().region("QuickBooks")
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_N_08_C_04_part_that_is_taken_is_sent_as_ours_no_more_though_that_was_answered_before(
    world: World, alice: Visitor
) -> None:
    choose(alice, unpaid_edit_owner="qbo")
    number = sent_invoice(world, alice)
    world.pays(steps.invoice(world, number), "40")
    settle(world)
    for day, answer in (("2027-03-31", "Send ours again"), ("2027-04-30", "Take theirs")):
        bookkeeper_changes(world, DueDate=day)
        world.due_now()
        world.serve()
        steps.open_invoice(alice, number)
        alice.press(answer)
    with world.inside():
        assert SyncJob.objects.get(kind="invoice").ours_by_answer == []
    settle(world)
    (held,) = world.held("Invoice")
    assert held["DueDate"] == steps.invoice(world, number).due_on.isoformat() == "2027-04-30"


TAKEN_OTHERWISE: dict[str, dict[str, Any]] = {
    "no address": {"BillEmail": {"Address": ""}},
    "two addresses": {"BillEmail": {"Address": "a@adatum.example, b@adatum.example"}},
    "due before it is made": {"DueDate": "2026-01-02"},
    "made after it is due": {"TxnDate": "2028-01-02"},
    "text outside its wording": {"CustomerMemo": {"value": "Bye"}},
}


@pytest.mark.parametrize("rule", ["qbo", "per_field"])
@pytest.mark.parametrize("changed", TAKEN_OTHERWISE.values(), ids=TAKEN_OTHERWISE.keys())
def test_N_08_C_04_what_was_taken_stays_there_as_it_is_once_quickbooks_does_not_hold_it_any_more(
    world: World, alice: Visitor, changed: dict[str, Any], rule: str
) -> None:
    """Our books hold less of it, or say it in other words; nobody has changed it here."""
    choose(alice, unpaid_edit_owner=rule, message_wording="Thanks {notes}")
    if rule == "per_field":
        parts = ("email", "due_date", "invoice_date", "notes")
        choose(alice, **{f"{part}_owner": "theirs" for part in parts})
    number = sent_invoice(world, alice)
    (there,) = world.held("Invoice")
    # Not sparse, so that what is left out is emptied.
    world.bookkeeper("Invoice", {**there, **changed})
    settle(world)
    (there,) = world.held("Invoice")
    world.forget_calls()
    choose(alice, unpaid_edit_owner="local")
    settle(world)
    assert "POST" not in [call["method"] for call in world.journal()]
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, memo="ours")
    settle(world)
    (held,) = world.held("Invoice")
    assert held["PrivateNote"].splitlines()[0] == "ours"
    told_apart = ("BillEmail", "DueDate", "TxnDate", "CustomerMemo", "Line")
    assert {name: held.get(name) for name in told_apart} == {
        name: there.get(name) for name in told_apart
    }
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_N_08_C_04_line_that_was_moved_to_another_item_there_stays_with_it(
    world: World, alice: Visitor
) -> None:
    """No service goes with that item. The other line follows what is chosen on the mapping page since."""
    choose(alice, unpaid_edit_owner="qbo")
    consulting, support = (their_item(world, name) for name in ("Consulting", "Support"))
    world.customer()
    number = steps.generate(alice, lines=invoice_edit_rows.TWO_LINES)
    steps.send(alice, number)
    world.work()
    (there,) = world.held("Invoice")
    first, second = steps.sold(there)
    first["SalesItemLineDetail"]["ItemRef"] = {"value": consulting}
    bookkeeper_changes(world, Line=[first, second])
    settle(world)
    choose(alice, unpaid_edit_owner="local")
    settle(world)
    itemless = items(world)
    assert itemless[0] == consulting
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, memo="ours")
    settle(world)
    assert items(world) == itemless
    alice.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    alice.press("Save", {"Default service item": "Support"})
    for memo in ("another", "a third"):
        steps.open_invoice(alice, number)
        steps.edit_invoice(alice, memo=memo)
        settle(world)
        assert items(world) == [consulting, support]
    invoice_edit_rows.edit(alice, number, lines_0_unit_price="41")
    settle(world)
    assert items(world) == [support, support]
    assert "Nothing needs you" in alice.go("exceptions/").text


def their_item(world: World, name: str) -> str:
    """The bookkeeper adds an item that is booked as the others are."""
    account = next(one for one in world.held("Item") if one["Name"] == "IT services")
    made = {"Name": name, "Type": "Service", "IncomeAccountRef": account["IncomeAccountRef"]}
    return str(world.bookkeeper("Item", made)["Id"])


def items(world: World) -> list[str]:
    """The item of each line of the invoice in QuickBooks."""
    (theirs,) = world.held("Invoice")
    sold = [one["SalesItemLineDetail"] for one in steps.sold(theirs)]
    return [one["ItemRef"]["value"] for one in sold]


def test_X_98_answer_about_a_company_that_is_not_connected_says_when_ours_goes_there(
    world: World, alice: Visitor
) -> None:
    number = sent_invoice(world, alice)
    before = steps.invoice(world, number).due_on.isoformat()
    bookkeeper_changes(world, DueDate="2027-01-05")
    settle(world)
    company = world.connection.company_name
    world.disconnect()
    steps.open_invoice(alice, number)
    said = alice.press("Send ours again").text
    assert f"Ours goes to QuickBooks as soon as {company} is connected again." in said
    settle(world)
    assert world.held("Invoice")[0]["DueDate"] == "2027-01-05"
    steps.connect(world, alice)
    settle(world)
    assert world.held("Invoice")[0]["DueDate"] == before
