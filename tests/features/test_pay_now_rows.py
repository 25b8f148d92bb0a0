"""Rows about paying online in QuickBooks: the switches on the mapping page and what invoices say over there."""

import pytest

from billing.models import Payment
from integrations.models import Connection, ConnectionStatus, Environment
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"
HEADING = "Online Payment Methods"
SAVE = "Save payment methods"


@pytest.fixture
def enrolled(unconnected: World) -> World:
    """A company in the United States with QuickBooks Payments."""
    unconnected.connect(custom_numbers=True, payments_enabled=True)
    unconnected.work()
    unconnected.customer()
    return unconnected


def offered(world: World) -> list[tuple[bool, bool]]:
    """Card and bank, as each invoice over there says."""
    return [
        (one["AllowOnlineCreditCardPayment"], one["AllowOnlineACHPayment"])
        for one in world.held("Invoice")
    ]


def switch(person: Visitor, **typed: str | bool) -> None:
    person.go(MAPPING_PAGE)
    person.press(SAVE, typed)


def test_R_20_R_32_C_21_pay_now_is_on_from_the_start_where_quickbooks_alone_takes_payments(
    enrolled: World, alice: Visitor
) -> None:
    steps.generate(alice)
    enrolled.work()
    assert offered(enrolled) == [(True, True)]
    shown = alice.go(MAPPING_PAGE).region(HEADING)
    assert "Pay Now on" in shown
    assert "is enrolled in QuickBooks Payments" in shown


def test_R_29_R_38_master_switch_puts_all_online_methods_off_and_on_again(
    enrolled: World, alice: Visitor
) -> None:
    switch(alice, pay_now="off")
    assert "Pay Now off" in alice.page.region(HEADING)
    steps.generate(alice)
    switch(alice, pay_now="on")
    steps.generate(alice)
    enrolled.work()
    assert offered(enrolled) == [(True, True), (True, True)], "as it stands when they go out"
    switch(alice, pay_now="off")
    steps.generate(alice)
    enrolled.work()
    assert offered(enrolled) == [(True, True), (True, True), (False, False)]


def test_R_30_card_is_switched_apart(enrolled: World, alice: Visitor) -> None:
    switch(alice, **{"Credit card": False})
    steps.generate(alice)
    enrolled.work()
    assert offered(enrolled) == [(False, True)]


def test_R_31_bank_is_switched_apart(enrolled: World, alice: Visitor) -> None:
    switch(alice, **{"Bank transfer (ACH)": False})
    steps.generate(alice)
    enrolled.work()
    assert offered(enrolled) == [(True, False)]


def test_R_31_bank_is_offered_to_companies_in_the_united_states_only(
    unconnected: World, alice: Visitor
) -> None:
    world = unconnected
    world.organization.currency = "CAD"
    world.organization.save(update_fields=["currency"])
    world.connect(country="CA", custom_numbers=True, payments_enabled=True)
    world.work()
    world.customer()
    form = alice.go(MAPPING_PAGE).form(SAVE)
    assert form is not None
    assert "by_bank" not in [one["name"] for one in form.element.all("input")]
    assert "United States only" in alice.page.region(HEADING)
    alice.press("Save", {"Tax code for lines without tax": "Exempt"})
    steps.generate(alice)
    world.work()
    assert offered(world) == [(True, False)]


def test_C_21_switches_are_said_again_with_every_change_of_an_invoice(
    enrolled: World, alice: Visitor
) -> None:
    number = steps.generate(alice)
    enrolled.work()
    switch(alice, pay_now="off")
    enrolled.work()
    assert offered(enrolled) == [(True, True)], "nothing is sent for the switch alone"
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, notes="Thank you")
    enrolled.work()
    assert offered(enrolled) == [(False, False)]


def test_R_33_R_45_R_46_beside_another_processor_pay_now_is_off_until_it_is_switched_on(
    enrolled: World, alice: Visitor
) -> None:
    with enrolled.inside():
        Connection.objects.create(
            vendor="stripe_payments",
            account_sealed="",
            account_hash="another",
            environment=Environment.SANDBOX,
            status=ConnectionStatus.CONNECTED,
        )
    steps.generate(alice)
    enrolled.work()
    assert offered(enrolled) == [(False, False)]
    switch(alice, pay_now="on")
    steps.generate(alice)
    enrolled.work()
    assert offered(enrolled) == [(False, False), (True, True)]


def test_R_26_R_27_R_28_page_says_how_to_enrol_and_what_intuit_asks(
    world: World, alice: Visitor
) -> None:
    shown = alice.go(MAPPING_PAGE).region(HEADING)
    assert "is not enrolled in QuickBooks Payments" in shown
    assert "gear → Account and Settings → Payments → Set up Payments" in shown
    assert "EIN, a deposit account and a proof of identity" in shown
    assert "1–3 business days" in shown


def test_R_39_R_48_page_says_who_does_what_and_advises_one_way_to_pay(
    world: World, alice: Visitor
) -> None:
    shown = alice.go(MAPPING_PAGE).region(HEADING)
    assert "QuickBooks keeps the books: invoices, customers, receivables and the ledger" in shown
    assert "deposits it less its fees" in shown
    assert "A single way to pay is simpler for customers and bookkeepers" in shown


def test_R_29_each_switch_saves_as_it_is_set(enrolled: World, alice: Visitor) -> None:
    form = alice.go(MAPPING_PAGE).form(SAVE)
    assert form is not None
    button = form.button(SAVE)
    assert button is not None
    answer = alice.client.post(
        form.element["hx-post"],
        form.sent(button, {"pay_now": "off"}),
        headers={"HX-Request": "true"},
    )
    assert "Saved" in answer.content.decode()
    assert "change" in form.element["hx-trigger"]
    assert "Pay Now off" in alice.again().region(HEADING)


def test_K_05_K_27_paid_on_intuits_page_settles_the_invoice_here_by_itself(
    enrolled: World, alice: Visitor
) -> None:
    number = steps.generate(alice)
    steps.send(alice, number)
    enrolled.work()
    alice.again()
    steps.pay_online(alice, "Pay by card")
    steps.notified(enrolled)
    shown = steps.open_invoice(alice, number).text
    assert "$100.00 1 payment" in shown
    assert "Paid" in alice.go("invoices/").row(number)
    assert "Nothing needs you" in alice.go("exceptions/").text
    (theirs,) = enrolled.held("Payment")
    with enrolled.inside():
        assert Payment.objects.get().amount.amount == steps.money(theirs["TotalAmt"])
    enrolled.forget_calls()
    enrolled.work()
    assert enrolled.journal() == [], "nothing goes back"
