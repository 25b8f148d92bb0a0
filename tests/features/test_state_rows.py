"""Rows about what people read of sync: states, reasons, references, the lists behind the figures."""

import re

import pytest

from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

# However slow the machine is.
SINCE = r"Since (just now|\d+ min ago)"


def test_T_28_T_29_T_30_T_31_T_33_L_50_each_state_is_counted_explained_and_opens_its_documents(
    world: World, alice: Visitor
) -> None:
    world.linked_customer()
    world.customer("Contoso", email="ap@contoso.example")
    world.trouble("fault", code="6000", entity="Customer")
    blocked = steps.generate(alice, "Contoso")
    world.work()
    world.trouble("throttled")
    pending = steps.generate(alice)
    world.work()
    found = {
        "Pending 1 Ready to sync; goes out by itself.": f"Invoice {pending}",
        "Blocked 1 Something is missing; goes on by itself once it is there.": f"Invoice {blocked}",
        "Errored 1 Was refused; needs a look, then Try again.": "Customer Contoso",
        "Synced 1 The other side holds what we hold.": "Customer Adatum",
    }
    for figure, document in found.items():
        alice.go(steps.QUICKBOOKS_PAGE)
        assert document in alice.follow(figure).region_of("Documents")
        others = set(found.values()) - {document}
        assert not [one for one in others if one in alice.page.region_of("Documents")]


def test_T_31_T_32_X_14_X_35_refusal_says_why_and_what_to_do_with_intuits_reference(
    world: World, bob: Visitor
) -> None:
    world.linked_customer()
    world.trouble("fault", code="6430", entity="Invoice")
    number = steps.generate(bob)
    world.work()
    journal = world.control("GET", f"journal?realm={world.realm}")
    (refused,) = [call for call in journal if call["code"] == "6430"]
    for shown in (bob.again().region("QuickBooks"), bob.go("exceptions/").row(number)):
        assert "The account has the wrong type for this." in shown
        assert "Choose another account." in shown
        assert refused["intuit_tid"] in shown
    bob.follow(f"Invoice {number}")
    bob.press("Try again")
    world.work()
    assert "Synced" in bob.glance().region("QuickBooks")
    assert number not in bob.go("exceptions/").region_of("Documents")


def test_T_41_C_15_X_94_without_a_service_item_an_invoice_waits_until_there_is_one(
    unconnected: World, alice: Visitor
) -> None:
    world = unconnected
    steps.connect(world, alice, custom_numbers=True)
    world.customer()
    number = steps.generate(alice)
    world.work()
    assert world.held("Invoice") == []
    assert "Needs a service item" in alice.again().region("QuickBooks")
    account = next(one["Id"] for one in world.held("Account") if one["Name"] == "Services")
    item = {"Name": "IT services", "Type": "Service", "IncomeAccountRef": {"value": account}}
    world.bookkeeper("Item", item)
    alice.follow("Choose a service item")
    alice.press("Refresh")
    world.work()
    world.work()
    assert [one["DocNumber"] for one in world.held("Invoice")] == [number]


def test_T_58_payment_waits_for_its_invoice(world: World, bob: Visitor) -> None:
    world.linked_customer()
    world.trouble("fault", code="6000", entity="Invoice")
    number = steps.generate(bob)
    world.work()
    steps.mark_paid(bob)
    world.trouble("fault", code="6000", entity="Invoice")
    world.work()
    assert world.held("Payment") == []
    assert f"Invoice {number} is not in QuickBooks yet." in bob.go("exceptions/").text
    bob.follow(f"Invoice {number}")
    bob.press("Try again")
    world.work()
    assert (len(world.held("Invoice")), len(world.held("Payment"))) == (1, 1)


def open_payment(person: Visitor) -> str:
    """The one payment there is, by its row in the list; how its QuickBooks panel reads."""
    page = person.go("payments/")
    (address,) = {one["data-href"] for one in page.tree.all("tr") if one["data-href"]}
    return person.open(address).region("QuickBooks")


def test_T_62_status_in_the_list_of_payments_leads_to_what_the_payment_is_linked_with(
    world: World, bob: Visitor
) -> None:
    world.linked_customer()
    world.trouble("fault", code="6000", entity="Invoice")
    number = steps.generate(bob)
    world.work()
    steps.mark_paid(bob)
    world.trouble("fault", code="6000", entity="Invoice")
    world.work()
    assert "Needs" in bob.go("payments/").row("Adatum")
    shown = open_payment(bob)
    assert f"Customer Adatum Linked Invoice {number} Not linked" in shown
    bob.follow(f"Invoice {number}")
    bob.press("Try again")
    world.work()
    assert "Synced" in bob.go("payments/").row("Adatum")
    assert f"Customer Adatum Linked Invoice {number} Linked" in open_payment(bob)


def test_T_63_what_keeps_a_payment_back_leads_to_where_it_is_put_right(
    world: World, bob: Visitor
) -> None:
    world.linked_customer()
    world.trouble("fault", code="6000", entity="Invoice")
    number = steps.generate(bob)
    world.work()
    steps.mark_paid(bob)
    world.trouble("fault", code="6000", entity="Invoice")
    world.work()
    assert f"Invoice {number} is not in QuickBooks yet." in open_payment(bob)
    bob.follow("Open the invoice")
    bob.press("Try again")
    world.work()
    assert len(world.held("Payment")) == 1


def test_T_64_button_on_the_payment_sends_it(world: World, bob: Visitor) -> None:
    world.linked_customer()
    steps.generate(bob)
    world.work()
    world.trouble("fault", code="6430", entity="Payment")
    steps.mark_paid(bob)
    world.work()
    assert world.held("Payment") == []
    assert "Errored" in open_payment(bob)
    bob.press("Try again")
    world.work()
    assert len(world.held("Payment")) == 1
    assert "Synced" in bob.again().region("QuickBooks")


def test_T_50_T_52_T_65_X_97_badge_in_the_list_and_number_time_and_way_there_on_the_page(
    world: World, bob: Visitor
) -> None:
    world.linked_customer()
    voided, synced = steps.generate(bob), steps.generate(bob)
    world.work()
    steps.open_invoice(bob, voided)
    steps.void(bob, voided)
    world.work()
    world.trouble("fault", code="6000", entity="Invoice")
    errored = steps.generate(bob)
    world.work()
    unsent = steps.generate(bob, QuickBooks=False)
    queued = steps.generate(bob)
    rows = bob.go("invoices/")
    words = {
        voided: "Voided", synced: "Synced", errored: "Errored", unsent: "Not synced", queued: "Pending"
    }  # fmt: skip
    assert {number: rows.row(number).rpartition(" ")[2] for number in words} == {
        number: word.rpartition(" ")[2] for number, word in words.items()
    }
    shown = bob.follow(synced).region("QuickBooks")
    assert f"Number there {synced}" in shown
    assert re.search(SINCE, shown)
    assert 'class="pill tone-green"' in bob.page.html
    assert synced in bob.follow("View in QuickBooks").text
    assert "refused this document" in steps.open_invoice(bob, errored).region("QuickBooks")


def test_X_105_what_waits_says_when_it_is_tried_next(world: World, bob: Visitor) -> None:
    world.linked_customer()
    world.trouble("status", status=503, entity="Invoice", times=None)
    steps.generate(bob)
    world.work()
    shown = bob.glance().region("QuickBooks")
    assert re.search(rf"{SINCE} Attempts 1 Next attempt (just now|in \d+ min)", shown)


def test_X_105_list_of_what_waits_says_since_when_how_often_and_when_next(
    world: World, bob: Visitor
) -> None:
    world.linked_customer()
    world.trouble("status", status=503, entity="Invoice", times=None)
    number = steps.generate(bob)
    for tried in ("1", "2"):
        world.work()
        _, row = bob.go("exceptions/?state=pending").tree.all("tr")
        document, _, _, since, attempts, following = [cell.text for cell in row.all("td")]
        assert number in document
        assert re.search(r"just now|min", since)
        assert attempts == tried
        assert re.search(r"just now|in \d+ min", following)
        world.later(minutes=15)
    world.calm()
    world.later(minutes=15)
    world.work()
    assert len(world.held("Invoice")) == 1


def test_X_105_what_waits_for_something_says_that_it_goes_once_it_is_there(
    world: World, alice: Visitor, bob: Visitor
) -> None:
    alice.go("settings/sync-rules/")
    alice.press("Save", {"unmapped_line": "block"})
    world.linked_customer()
    steps.generate(bob)
    world.work()
    _, row = bob.go("exceptions/?state=blocked").tree.all("tr")
    *_, attempts, following = [cell.text for cell in row.all("td")]
    assert (attempts, following) == ("0", "once it has what it needs")


def test_X_25_K_25_K_26_total_that_quickbooks_counts_differently_is_shown(
    world: World, bob: Visitor
) -> None:
    with world.inside():
        region = factories.tax_region("Nowhere", "3")
    world.customer(tax_region=region)
    number = steps.generate(bob, **{"lines-0-taxable": True})
    world.work()
    (theirs,) = world.held("Invoice")
    assert (steps.money(theirs["TotalAmt"]), "Total $103.00" in bob.page.text) == (100, True)
    shown = bob.glance().region("QuickBooks")
    assert "Total there $100.00" in shown
    assert "$3.00" in shown
    assert "Total differs" in bob.go("invoices/").row(number)


def test_T_60_figures_of_the_health_card_open_the_payments_and_invoices_they_count(
    world: World, alice: Visitor
) -> None:
    world.linked_customer()
    paid, refused, held_up = (steps.generate(alice) for _ in range(3))
    world.work()
    for number, code in ((paid, ""), (refused, "6430")):
        if code:
            world.trouble("fault", code=code, entity="Payment")
        steps.open_invoice(alice, number)
        steps.send(alice, number)
        steps.mark_paid(alice, reference=f"Paid {number}")
        world.work()
    world.trouble("throttled")
    steps.open_invoice(alice, held_up)
    steps.edit_invoice(alice, notes="Once more")
    world.work()
    opened = {
        "1 payments: Synced": f"Paid {paid}",
        "1 payments: Errored": f"Paid {refused}",
        "1 invoices: Pending": held_up,
    }
    for figure, document in opened.items():
        page = alice.go(steps.QUICKBOOKS_PAGE)
        (link,) = [one for one in page.tree.all("a") if one["aria-label"] == figure]
        rows = [one.text for one in alice.open(link["href"]).tree.all("tr") if one["data-href"]]
        assert len(rows) == 1
        assert document in rows[0]


def test_T_61_T_33_lists_are_narrowed_to_how_their_documents_stand(
    world: World, bob: Visitor
) -> None:
    world.linked_customer()
    alike, refused, other = (steps.generate(bob) for _ in range(3))
    world.work()
    for number, trouble in ((alike, ""), (refused, "6430")):
        if trouble:
            world.trouble("fault", code=trouble, entity="Payment")
        steps.open_invoice(bob, number)
        steps.send(bob, number)
        steps.mark_paid(bob, reference=f"Paid {number}")
        world.work()
    theirs = next(one for one in world.held("Invoice") if one["DocNumber"] == other)
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "PrivateNote": "Ours"})
    world.due_now()
    world.work()
    unticked = steps.generate(bob, QuickBooks=False)
    narrowed = {
        ("payments/", "Synced"): [f"Paid {alike}"],
        ("payments/", "Errored"): [f"Paid {refused}"],
        ("payments/", "Not synced"): [],
        ("invoices/", "Synced"): [alike, refused],
        ("invoices/", "Differs"): [other],
        ("invoices/", "Not synced"): [unticked],
        ("invoices/", "Blocked"): [],
    }
    for (page, state), shown in narrowed.items():
        assert "---" not in bob.go(page).text, "not choosing has a name"
        text = bob.press("Apply", {"QuickBooks sync status": state}).text
        looked_for = (
            (alike, refused, other, unticked)
            if page == "invoices/"
            else (f"Paid {alike}", f"Paid {refused}")
        )
        assert [one for one in looked_for if one in text] == shown, (page, state)
