"""Rows about the mapping page beside its choices: fresh lists, the step after connecting, and the file."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.models import Service
from billing.services import catalogue
from integrations.company_mapping import CompanyMapping
from integrations.documents import ListKind
from integrations.mapping_slots import slots
from integrations.models import Connection, ConnectionStatus, Environment, Mapping, MirrorEntry
from integrations.outbound.mirror import name_key
from integrations.views.rules import NAMED_AT_MOST
from tenants.models import AuditEntry, Role
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World
from tests.statements import statements

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"
RULES_PAGE = "settings/sync-rules/"


def new_item(world: World, name: str) -> dict[str, Any]:
    (income,) = [one["Id"] for one in world.held("Account") if one["Name"] == "Services"]
    body = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": income}}
    return world.bookkeeper("Item", body)


def test_L_57_choices_are_those_of_the_company_now_after_one_metered_call(
    world: World, alice: Visitor
) -> None:
    new_item(world, "Zebra support")
    page = alice.go(MAPPING_PAGE)
    assert "Read just now" in page.region("The company's lists")
    assert "Zebra support" not in page.html
    world.forget_calls()
    alice.press("Refresh")
    world.work()
    lists = [one for one in world.journal() if one["path"].endswith("/batch")]
    assert [one["metered"] for one in lists] == [True]
    assert "Zebra support" in alice.go(MAPPING_PAGE).html


def test_A_03_A_04_A_05_A_23_L_58_account_for_payments_is_chosen_right_after_connecting(
    unconnected: World, alice: Visitor
) -> None:
    world = unconnected
    page = steps.connect(world, alice, custom_numbers=True)
    assert "The company's accounts are being read" in page.region("Account for payments")
    page = alice.again()
    assert "Choose the one your customers pay into" in page.region("Account for payments")
    alice.press("Save account", {"Deposit account": "Checking"})
    assert "The deposit account is saved." in alice.page.text
    (income,) = [one["Id"] for one in world.held("Account") if one["Name"] == "Services"]
    item = {"Name": "IT services", "Type": "Service", "IncomeAccountRef": {"value": income}}
    world.bookkeeper("Item", item)
    world.due_now()
    world.work()
    world.customer()
    steps.generate(alice)
    world.work()
    steps.mark_paid(alice)
    world.work()
    (paid,) = world.held("Payment")
    accounts = {one["Id"]: one["Name"] for one in world.held("Account")}
    assert accounts[paid["DepositToAccountRef"]["value"]] == "Checking"


def test_A_05_C_19_advice_is_the_account_of_the_payouts_beside_a_processor(
    world: World, alice: Visitor
) -> None:
    with world.inside():
        Connection.objects.create(
            vendor="stripe_payments",
            account_sealed="",
            account_hash="another",
            environment=Environment.SANDBOX,
            status=ConnectionStatus.CONNECTED,
        )
    for page in (alice.go(steps.QUICKBOOKS_PAGE), alice.go(MAPPING_PAGE)):
        assert "the one that receives the payouts of your payment processor" in page.text


def test_A_23_account_that_is_none_of_the_list_is_refused(world: World, alice: Visitor) -> None:
    alice.go(steps.QUICKBOOKS_PAGE)
    form = alice.page.form("Save account")
    assert form is not None
    button = form.button("Save account")
    assert button is not None
    sent = {**form.sent(button, {}), "deposit_account": "99999"}
    alice.client.post(form.element["action"], sent)
    assert "This account cannot be chosen." in alice.again().text
    with world.inside():
        assert not Mapping.objects.exists()


def stocked(world: World) -> None:
    """The same names here and there, under ids of their own."""
    with world.inside():
        factories.service("Backup")
        factories.term("Half a month", 15)
        catalogue.create_ledger_account(code="4020", name="Support")
    new_item(world, "Cloud backup")
    world.due_now()
    world.work()


CHOSEN = {
    "Item for Backup": "Cloud backup",
    "Default service item": "IT services",
    "Account for 4020 Support": "Hardware Sales",
    "Terms for Half a month": "Net 15",
    "Payment method for Cash": "Check",
    "Deposit account": "Checking",
    "Deposit account for Check": "Undeposited Funds",
}


def downloaded(person: Visitor) -> str:
    person.go(RULES_PAGE)
    link = person.page.links("Download the sync rules")[0]
    return person.client.get(link).content.decode()


def bring_in(person: Visitor, text: str) -> str:
    person.go(RULES_PAGE)
    form = person.page.form("Bring in")
    assert form is not None
    button = form.button("Bring in")
    assert button is not None
    sent = {**form.sent(button, {}), "file": SimpleUploadedFile("rules.json", text.encode())}
    person.client.post(form.element["action"], sent)
    return person.again().text


def test_N_14_rules_and_mapping_travel_as_one_file_by_name(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    new_item(other, "Something else")
    for each in (world, other):
        stocked(each)
    alice.go(MAPPING_PAGE)
    alice.press("Save", CHOSEN)
    alice.go(RULES_PAGE)
    alice.press("Save", {"push_when": "finalised"})
    text = downloaded(alice)
    said = bring_in(charlie, text)
    assert "Chosen on the mapping page:" in said
    assert "Once it is sent to the customer" in said
    assert json.loads(downloaded(charlie)) == json.loads(text), "the same, compared by name"
    other.customer()
    number = steps.generate(charlie, **{"lines-0-service": "Backup"})
    other.work()
    assert other.held("Invoice") == [], "the rule holds"
    steps.open_invoice(charlie, number)
    steps.send(charlie, number)
    other.work()
    (theirs,) = other.held("Invoice")
    (line,) = steps.sold(theirs)
    assert line["SalesItemLineDetail"]["ItemRef"]["name"] == "Cloud backup", "their own"
    with other.inside():
        assert AuditEntry.objects.filter(action="quickbooks.mapping_saved").exists()
    assert "nothing new" in bring_in(charlie, text)


HEAD = '{"regentra_sync_rules": 1, "rules": {"push_when": "paid"},\n'
WRONG = [
    ('"mapping": []}', "Line 2: “mapping” has to hold the choices by name."),
    ('"mapping": {\n"service": "Backup"}}', "Line 3: “service” has to hold"),
    (
        '"mapping": {\n"service": {\n"Backup": 7}}}',
        "Line 4: “Backup” has to be the name of one of theirs.",
    ),
    ('"mapping": {\n"colour": {"Backup": "red"}}}', "Line 3: there is no “colour” here."),
    (
        '"mapping": {"service": {\n"Backup": "Cloud backup",\n"Gardening": "Cloud backup"}}}',
        "Line 4: there is no “Gardening” of service here.",
    ),
    (
        '"mapping": {"default_item": {"default": "IT services"},\n"service": {"Backup": "Nothing"}}}',
        "Line 3: for “Backup” QuickBooks has nothing active called “Nothing”.",
    ),
]


@pytest.mark.parametrize(("rest", "sentence"), WRONG)
def test_N_14_mapping_that_is_not_understood_changes_nothing_and_the_line_is_named(
    world: World, alice: Visitor, rest: str, sentence: str
) -> None:
    stocked(world)
    said = bring_in(alice, HEAD + rest)
    assert f"Nothing was changed. {sentence}" in said
    with world.inside():
        assert not Mapping.objects.exists()
        assert not AuditEntry.objects.filter(action="sync_rules.changed").exists()


def test_N_14_file_with_a_mapping_needs_a_company_and_staff_get_the_rules_alone(
    unconnected: World, alice: Visitor
) -> None:
    text = HEAD + '"mapping": {"default_item": {"default": "IT services"}}}'
    assert "connect QuickBooks first" in bring_in(alice, text)
    unconnected.connect(custom_numbers=True)
    unconnected.work()
    alice.go(MAPPING_PAGE)
    alice.press("Save", {"Default service item": "IT services"})
    reader = factories.member(unconnected.organization, role=Role.STAFF)
    seen = json.loads(downloaded(Visitor(unconnected.organization, reader)))
    assert (seen["mapping"], "rules" in seen) == ({}, True)
    assert json.loads(downloaded(alice))["mapping"] == {"default_item": {"default": "IT services"}}
    with unconnected.inside():
        assert not Service.objects.exists()


LONGEST_NAME = 100
MANY = 600


def stock_many(world: World, number: int) -> None:
    """Services with the longest names there are, in Cyrillic, each with an item of the same name."""
    names = [f"Услуга {each:04} ".ljust(LONGEST_NAME, "ж") for each in range(number)]
    with world.inside():
        Service.objects.bulk_create(Service(name=name, unit_price=1) for name in names)
        MirrorEntry.objects.bulk_create(
            MirrorEntry(
                connection=world.connection,
                kind=ListKind.ITEM,
                remote_id=str(10_000 + each),
                name=name,
                name_key=name_key(name),
                detail={"type": "Service"},
            )
            for each, name in enumerate(names)
        )


def test_N_14_mapping_of_many_services_with_long_names_comes_back_as_it_was_written(
    world: World, alice: Visitor
) -> None:
    stock_many(world, MANY)
    with world.inside():
        mapping = CompanyMapping(world.connection)
        mapping.store(mapping.accepted(mapping.slots))
        before = set(Mapping.objects.values_list("local_key", "remote_id", "remote_name"))
    assert len(before) == MANY
    text = downloaded(alice)
    assert len(text.encode()) > 240_000
    with world.inside():
        Mapping.objects.all().delete()
    with statements() as asked:
        said = bring_in(alice, text)
    assert f"and {MANY - NAMED_AT_MOST} more" in said
    assert len(asked) < MANY / 2, "not one for each"
    with world.inside():
        assert set(Mapping.objects.values_list("local_key", "remote_id", "remote_name")) == before
    assert "nothing new" in bring_in(alice, text)


def test_N_14_every_choice_has_a_name_of_its_own_in_the_file(world: World) -> None:
    stocked(world)
    with world.inside():
        names = [(slot.subject, slot.word) for slot in slots(world.connection)]
    assert len(names) == len(set(names))
