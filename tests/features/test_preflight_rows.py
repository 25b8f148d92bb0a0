"""Rows about what is looked at when a company is connected."""

import pytest
import requests

from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def setting(world: World, **form: str) -> None:
    """The bookkeeper changes the company's settings."""
    address = f"{world.box.url}/company/{world.realm}/settings"
    assert requests.post(address, data=form, timeout=10).ok


def line(person: Visitor, topic: str) -> str:
    return person.go(steps.QUICKBOOKS_PAGE).row(f"{topic}.")


def test_X_62_K_39_settings_of_the_company_are_a_checklist_from_the_moment_it_is_connected(
    unconnected: World, alice: Visitor
) -> None:
    unconnected.realm = unconnected.new_company(custom_numbers=False, auto_apply=True)
    setting(unconnected, close_date="2026-01-31")
    steps.connect(unconnected, alice)
    assert "Look at it" in line(alice, "Invoice numbers")
    assert "Account and settings → Sales" in line(alice, "Invoice numbers")
    assert "applies a customer's credits" in line(alice, "Credits")
    assert "closed until Jan 31, 2026" in line(alice, "Closing date")
    assert "Both sides keep their books in USD" in line(alice, "Currency")
    for topic in ("Accounts", "Sales tax", "Edition", "Online payments"):
        assert line(alice, topic)


def test_X_62_checklist_follows_what_is_changed_in_quickbooks(world: World, alice: Visitor) -> None:
    setting(world, auto_apply_credit="true")
    assert "Fine" in line(alice, "Credits")
    steps.notified(world)
    assert "Look at it" in line(alice, "Credits")
    setting(world, auto_apply_credit="false")
    world.forget_calls()
    alice.press("Read the settings again")
    world.work()
    assert "Fine" in line(alice, "Credits")
    (call,) = world.journal()
    assert call["path"].endswith("/batch"), "one call reads them all"


def test_X_62_X_05_payments_that_quickbooks_applies_by_itself_are_named_too(
    world: World, alice: Visitor
) -> None:
    assert "applies no credits and no payments by itself" in line(alice, "Credits")
    setting(world, auto_apply_credit="true", auto_apply_payments="true")
    steps.notified(world)
    assert "applies a customer's credits and payments" in line(alice, "Credits")
    setting(world, auto_apply_credit="false")
    steps.notified(world)
    assert "applies a customer's payments to invoices" in line(alice, "Credits")


def test_X_62_settings_that_are_asked_for_while_they_are_read_are_read_once_more(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Read the settings again")

    def changed() -> None:
        setting(world, auto_apply_credit="true")
        alice.press("Read the settings again")

    steps.meanwhile(monkeypatch, changed)
    world.work()
    assert "Fine" in line(alice, "Credits")
    world.work()
    assert "Look at it" in line(alice, "Credits")
    world.forget_calls()
    world.work()
    assert world.journal() == [], "nobody has asked since"


def test_A_23_set_up_accounts_is_the_step_that_follows_authorisation(
    unconnected: World, alice: Visitor
) -> None:
    page = steps.connect(unconnected, alice)
    assert "Look at it" in page.row("Accounts.")
    alice.follow("Set up accounts")
    alice.press("Save")
    assert "Fine" in line(alice, "Accounts")


def test_K_02_one_pass_sets_it_up_and_the_first_invoice_goes(
    unconnected: World, alice: Visitor
) -> None:
    unconnected.realm = unconnected.company_with_an_item(custom_numbers=True)
    steps.connect(unconnected, alice)
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Set up accounts")
    alice.press("Save")
    unconnected.customer()
    number = steps.generate(alice)
    unconnected.work()
    assert [one["DocNumber"] for one in unconnected.held("Invoice")] == [number]
    assert "Synced" in alice.again().region("QuickBooks")


def test_K_40_note_about_intuits_editions_comes_with_the_sixth_customer(
    world: World, alice: Visitor
) -> None:
    for number in range(1, 6):
        world.customer(f"Customer {number}", email=f"ap{number}@example.com")
    assert "Plus or Advanced" not in line(alice, "Edition")
    world.customer("Customer 6", email="ap6@example.com")
    assert "more than 5 customers may need Plus or Advanced" in line(alice, "Edition")
