"""Rows about the e-mail of an invoice that QuickBooks sends: asked for, sent once, shown, asked about in doubt."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F

from billing.models import Invoice
from integrations.documents import Kind
from integrations.models import Doorbell, SyncDue, SyncJob
from integrations.outbound import safe_mode
from tenants.scope import within
from tests import factories
from tests.backup import Backup
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.steps import money
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

CHOICE = "Send via QuickBooks e-mail"
BUTTON = "Email via QuickBooks"
# The time a write may be on its way, the window in which it may arrive, and a little more.
SETTLED_AFTER = 240


def mails(world: World) -> list[tuple[str, str]]:
    """What QuickBooks has e-mailed: the invoice's id and the address."""
    dump = world.control("GET", f"state/{world.realm}")
    return [(one["id"], one["address"]) for one in dump["mails"]]


def mail_job(world: World, number: str) -> SyncJob:
    invoice = steps.invoice(world, number)
    with world.inside():
        return SyncJob.objects.get(kind=Kind.MAIL, local_id=invoice.pk)


def email(person: Visitor, number: str, **typed: str) -> None:
    """From its page."""
    person.follow(BUTTON)
    person.press(f"E-mail {number}", typed)


def panel(person: Visitor) -> str:
    return person.again().region("QuickBooks")


def restore(world: World, backup: Backup) -> None:
    """By the operator, long after; QuickBooks has forgotten our request ids by then."""
    backup.restore()
    world.trouble("requestid_forgotten", times=None, method="POST")
    call_command("safe-mode", "on")
    with world.inside():
        Invoice.objects.update(email_asked_at=F("email_asked_at") - timedelta(minutes=10))


def compare(world: World, turn: Callable[[], None] | None = None) -> None:
    """Until a full comparison has ended safe mode."""
    turn = turn or world.work
    world.due_now()
    turn()
    SyncDue.objects.update(safe_since=F("safe_since") - safe_mode.ARRIVED_AFTER)
    world.due_now()
    turn()
    assert not safe_mode.companies().exists()


def press(person: Visitor, button: str) -> None:
    """On the page of the connection."""
    person.go(steps.QUICKBOOKS_PAGE)
    person.press(button)


def synced_invoice(world: World, person: Visitor, **customer: Any) -> str:
    world.customer(**customer)
    number = steps.generate(person)
    world.work()
    person.again()
    return number


def test_R_03_choice_on_generating_has_quickbooks_mail_the_new_invoice_to_the_customer(
    world: World, bob: Visitor
) -> None:
    world.customer()
    number = steps.generate(bob, **{CHOICE: True})
    world.work()
    (theirs,) = world.held("Invoice")
    assert mails(world) == [(theirs["Id"], "ap@adatum.example")]
    assert theirs["BillEmail"]["Address"] == "ap@adatum.example"
    assert theirs["EmailStatus"] == "EmailSent"
    assert steps.invoice(world, number).status == "SENT", "what was mailed is no draft any more"
    shown = panel(bob)
    assert "E-mailed" in shown
    assert "Went out to ap@adatum.example" in shown
    story = bob.page.region("What happened")
    assert "E-mail to ap@adatum.example asked for" in story
    assert "E-mailed by QuickBooks" in story


def test_R_03_nothing_is_mailed_unless_it_is_asked_for(world: World, bob: Visitor) -> None:
    number = synced_invoice(world, bob)
    steps.send(bob, number)
    world.work()
    assert mails(world) == []


def test_R_03_choice_on_sending_has_quickbooks_mail_it(world: World, bob: Visitor) -> None:
    number = synced_invoice(world, bob)
    bob.follow("Send")
    bob.press(f"Send {number}", {CHOICE: True})
    world.work()
    assert [to for _, to in mails(world)] == ["ap@adatum.example"]


def test_R_03_it_costs_one_call_that_is_not_metered(world: World, bob: Visitor) -> None:
    number = synced_invoice(world, bob)
    steps.send(bob, number)
    world.work()
    world.forget_calls()
    steps.open_invoice(bob, number)
    email(bob, number)
    world.work()
    calls = [(one["operation"], one["metered"]) for one in world.journal()]
    assert calls == [("send", 0)]


def test_R_35_button_mails_the_invoice_with_its_pay_link_and_the_payment_comes_back(
    unconnected: World, bob: Visitor
) -> None:
    unconnected.connect(custom_numbers=True, payments_enabled=True)
    unconnected.work()
    number = synced_invoice(unconnected, bob)
    email(bob, number)
    unconnected.work()
    (theirs,) = unconnected.held("Invoice")
    assert mails(unconnected) == [(theirs["Id"], "ap@adatum.example")]
    assert theirs["AllowOnlineCreditCardPayment"] is True
    bob.again()
    steps.pay_online(bob, "Pay by card")
    steps.notified(unconnected)
    assert steps.invoice(unconnected, number).status == "PAID"


def test_R_25_customer_pays_from_the_mail_that_quickbooks_sent(
    unconnected: World, bob: Visitor
) -> None:
    unconnected.connect(custom_numbers=True, payments_enabled=True)
    unconnected.work()
    unconnected.customer()
    number = steps.generate(bob, **{CHOICE: True})
    unconnected.work()
    assert len(mails(unconnected)) == 1
    bob.again()
    steps.pay_online(bob, "Pay by card")
    steps.notified(unconnected)
    assert steps.invoice(unconnected, number).status == "PAID"


def test_R_35_address_for_this_invoice_goes_to_quickbooks_first(world: World, bob: Visitor) -> None:
    number = synced_invoice(world, bob)
    email(bob, number, to="boss@adatum.example")
    world.work()
    (theirs,) = world.held("Invoice")
    assert theirs["BillEmail"]["Address"] == "boss@adatum.example"
    assert mails(world) == [(theirs["Id"], "boss@adatum.example")]
    assert world.fresh(steps.customer(world)).email == "ap@adatum.example"


def test_K_38_missing_address_is_said_and_entering_it_lets_the_mail_go(
    world: World, bob: Visitor
) -> None:
    number = synced_invoice(world, bob, email="")
    email(bob, number)
    world.work()
    assert mails(world) == []
    assert mail_job(world, number).state == "blocked"
    assert "Could not find customer email" in panel(bob)
    bob.follow("Enter an e-mail address")
    bob.press("Save", {"email": "accounts@adatum.example"})
    world.work()
    assert [to for _, to in mails(world)] == ["accounts@adatum.example"]
    assert "Could not find customer email" not in panel(bob)


def test_K_38_address_entered_at_the_customer_lets_it_go_too(world: World, bob: Visitor) -> None:
    number = synced_invoice(world, bob, email="")
    email(bob, number)
    world.work()
    bob.go(f"customers/{steps.customer(world).pk}/edit/")
    bob.press("Save", {"email": "accounts@adatum.example"})
    world.work()
    assert [to for _, to in mails(world)] == ["accounts@adatum.example"]


def test_K_38_what_is_no_address_is_refused_and_nothing_is_asked_for(
    world: World, bob: Visitor
) -> None:
    number = synced_invoice(world, bob)
    email(bob, number, to="nonsense")
    assert "“nonsense” is not an e-mail address." in bob.page.text
    world.work()
    assert mails(world) == []
    assert steps.invoice(world, number).status == "DRAFT"


def test_R_35_pressed_again_it_is_mailed_again_and_sent_twice_by_the_browser_it_is_not(
    world: World, bob: Visitor
) -> None:
    number = synced_invoice(world, bob)
    bob.follow(BUTTON)
    form = bob.page.form(f"E-mail {number}")
    assert form is not None
    button = form.button(f"E-mail {number}")
    assert button is not None
    fields = form.sent(button, {})
    for _ in range(2):
        bob.client.post(form.element["action"], fields)
        world.work()
    assert len(mails(world)) == 1
    steps.open_invoice(bob, number)
    email(bob, number)
    world.work()
    assert len(mails(world)) == 2


def test_R_03_lost_answer_is_looked_up_and_nothing_goes_out_twice(
    world: World, bob: Visitor
) -> None:
    number = synced_invoice(world, bob)
    world.trouble("answer_dropped", operation="send")
    email(bob, number)
    world.work()
    assert len(mails(world)) == 1
    assert mail_job(world, number).state == "synced"
    story = bob.again().region("What happened")
    assert "Found e-mailed by QuickBooks after a lost answer" in story


def test_R_03_mail_that_never_arrived_is_asked_about_and_goes_when_a_person_says_so(
    world: World, bob: Visitor
) -> None:
    number = synced_invoice(world, bob)
    world.trouble("request_dropped", operation="send")
    email(bob, number)
    world.work()
    for _ in range(4):
        world.later(seconds=SETTLED_AFTER)
        world.work()
    assert mails(world) == [], "never a second time by itself"
    assert mail_job(world, number).reason_code == "MailUncertain"
    assert "it does not show over there that the e-mail went out" in panel(bob)
    assert f"E-mail of invoice {number}" in bob.go("exceptions/").text
    steps.open_invoice(bob, number)
    bob.press("E-mail it again")
    world.work()
    assert len(mails(world)) == 1
    assert mail_job(world, number).state == "synced"


def test_R_03_mail_that_a_restore_forgot_does_not_go_again_though_it_waits_until_after_safe_mode(
    world: World, alice: Visitor
) -> None:
    number = synced_invoice(world, alice)
    email(alice, number)
    backup = Backup.of(world.organization.pk)
    world.work()
    restore(world, backup)
    press(alice, "Pause sending")
    compare(world)
    press(alice, "Go on sending")
    world.work()
    assert len(mails(world)) == 1
    assert mail_job(world, number).state == "synced"
    steps.open_invoice(alice, number)
    assert "Went out to ap@adatum.example" in panel(alice)


def test_R_03_K_38_mail_that_a_restore_forgot_with_its_address_does_not_go_again_once_that_is_entered(
    world: World, bob: Visitor
) -> None:
    number = synced_invoice(world, bob, email="")
    email(bob, number)
    world.work()
    backup = Backup.of(world.organization.pk)
    entry = f"customers/{steps.customer(world).pk}/edit/"
    for _ in range(2):
        bob.go(entry)
        bob.press("Save", {"email": "accounts@adatum.example"})
        world.work()
        assert [to for _, to in mails(world)] == ["accounts@adatum.example"]
        assert mail_job(world, number).state == "synced"
        restore(world, backup)
        compare(world)


def test_R_03_mail_that_a_restore_forgot_with_its_invoice_does_not_go_again(
    world: World, alice: Visitor
) -> None:
    world.linked_customer()
    number = steps.generate(alice, **{CHOICE: True})
    backup = Backup.of(world.organization.pk)
    world.work()
    restore(world, backup)
    compare(world, world.serve)
    world.work()
    assert len(mails(world)) == len(world.held("Invoice")) == 1, "though the wish is read only now"
    assert mail_job(world, number).state == "synced"


def test_R_03_mail_that_a_restore_forgot_does_not_go_again_when_its_invoice_is_found_after_safe_mode(
    world: World, alice: Visitor
) -> None:
    """It was refused in the backup, so that the comparison only asks whether what it meets is a copy."""
    world.linked_customer()
    world.trouble("fault", code="6000", entity="Invoice", operation="create")
    number = steps.generate(alice, **{CHOICE: True})
    world.work()
    backup = Backup.of(world.organization.pk)
    alice.again()
    alice.press("Try again")
    world.work()
    assert len(mails(world)) == 1
    restore(world, backup)
    compare(world)
    assert "it may be a copy" in alice.go("exceptions/").text
    steps.open_invoice(alice, number)
    alice.press("Try again")
    world.work()
    assert len(mails(world)) == len(world.held("Invoice")) == 1
    assert mail_job(world, number).state == "synced"


def test_R_03_mail_that_is_asked_for_again_after_a_restore_goes_again(
    world: World, bob: Visitor
) -> None:
    number = synced_invoice(world, bob)
    email(bob, number)
    backup = Backup.of(world.organization.pk)
    world.work()
    restore(world, backup)
    steps.open_invoice(bob, number)
    email(bob, number)
    with world.inside():
        # QuickBooks tells in whole seconds when the first one went.
        Invoice.objects.update(email_asked_at=F("email_asked_at") + timedelta(seconds=1))
    compare(world)
    assert len(mails(world)) == 2
    assert mail_job(world, number).state == "synced"


def test_R_03_refusal_is_shown_in_quickbooks_words(world: World, bob: Visitor) -> None:
    number = synced_invoice(world, bob)
    world.trouble("fault", code="6420", operation="send")
    email(bob, number)
    world.work()
    assert mail_job(world, number).state == "errored"
    assert "An e-mail address is needed." in panel(bob)
    assert mails(world) == []


def test_R_03_invoice_that_is_refused_holds_its_mail_back(world: World, bob: Visitor) -> None:
    world.customer()
    world.trouble("fault", code="6000", entity="Invoice", operation="create")
    number = steps.generate(bob, **{CHOICE: True})
    world.work()
    assert mails(world) == []
    assert mail_job(world, number).reason_code == "invoice_not_synced"
    bob.again()
    bob.press("Try again")
    world.work()
    assert len(mails(world)) == 1


def test_R_35_voided_meanwhile_it_is_not_mailed(world: World, bob: Visitor) -> None:
    number = synced_invoice(world, bob)
    email(bob, number)
    steps.void(bob, number)
    world.work()
    assert mails(world) == []
    assert money(world.held("Invoice")[0]["TotalAmt"]) == 0
    assert mail_job(world, number).state == "synced"
    assert not bob.again().offers(BUTTON)


def test_R_35_change_events_of_the_mail_open_no_question_and_the_next_edit_goes_in_one_call(
    world: World, bob: Visitor
) -> None:
    number = synced_invoice(world, bob)
    email(bob, number)
    world.work()
    steps.notified(world)
    world.due_now()
    world.work()
    assert "Nothing needs you" in bob.go("exceptions/").text
    world.forget_calls()
    steps.open_invoice(bob, number)
    steps.edit_invoice(bob, notes="Thank you")
    world.work()
    assert [one["operation"] for one in world.journal()] == ["update"]


def test_R_35_what_the_bookkeeper_changed_before_the_mail_is_still_asked_about(
    world: World, bob: Visitor
) -> None:
    number = synced_invoice(world, bob)
    steps.send(bob, number)
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "CustomerMemo": {"value": "Theirs"}})
    steps.open_invoice(bob, number)
    email(bob, number)
    world.work()
    world.due_now()
    world.work()
    assert len(mails(world)) == 1
    assert "It was changed in QuickBooks after we sent it." in bob.go("exceptions/").text


def test_R_35_invoice_that_is_gone_there_is_looked_for_once_and_its_mail_waits_for_a_person(
    world: World, alice: Visitor
) -> None:
    number = synced_invoice(world, alice)
    email(alice, number)
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="delete")
    steps.open_invoice(alice, number)
    email(alice, number)
    world.work()
    world.later(seconds=SETTLED_AFTER)
    world.work()
    assert mail_job(world, number).state == "errored"
    assert "deleted in QuickBooks" in alice.go("exceptions/").text
    with world.inside():
        assert set(Doorbell.objects.values_list("kind", flat=True)) == {Kind.INVOICE}
    world.forget_calls()
    world.later(minutes=1)
    world.work()
    assert world.journal() == [], "nothing is left to be looked for"


def test_R_35_mark_that_was_left_on_an_email_is_closed_and_the_look_goes_on(
    world: World, bob: Visitor
) -> None:
    synced_invoice(world, bob)
    (theirs,) = world.held("Invoice")
    with world.inside():
        Doorbell.ring_again(world.connection, Kind.MAIL, theirs["Id"])
    world.due_now()
    world.work()
    with world.inside():
        assert not Doorbell.objects.filter(closed_at=None).exists()


def test_R_35_button_is_there_only_while_quickbooks_can_mail(
    unconnected: World, bob: Visitor
) -> None:
    world = unconnected
    world.customer()
    number = steps.generate(bob)
    assert not bob.page.offers(BUTTON)
    invoice = steps.invoice(world, number)
    bob.go(f"invoices/{invoice.pk}/email/quickbooks_email/", status=404)
    world.connect(custom_numbers=True)
    world.work()
    assert steps.open_invoice(bob, number).offers(BUTTON)


def test_R_35_invoice_of_another_organization_is_not_found(world: World, bob: Visitor) -> None:
    other = factories.organization(features=["quickbooks"])
    with within(other):
        theirs = factories.invoice()
    bob.go(f"invoices/{theirs.pk}/email/quickbooks_email/", status=404)


def test_R_35_take_over_of_an_address_changed_there_makes_it_the_invoices_own(
    world: World, alice: Visitor
) -> None:
    number = synced_invoice(world, alice)
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    address = {"BillEmail": {"Address": "new@adatum.example"}}
    world.bookkeeper("Invoice", {**keys, "sparse": True, **address})
    world.due_now()
    world.work()
    steps.open_invoice(alice, number)
    assert "new@adatum.example" in alice.page.region("QuickBooks")
    alice.press("Take theirs")
    assert steps.invoice(world, number).email == "new@adatum.example"
