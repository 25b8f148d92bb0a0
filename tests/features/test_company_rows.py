"""Rows about several QuickBooks companies of one organization: connected beside each other, one of them the default."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client

from billing.models import Customer, Invoice, Payment, Service, Term
from billing.services import payments, refunds
from integrations.documents import Kind
from integrations.models import Connection, ImportRun, Link, Mapping, SyncJob
from integrations.outbound import due, wishes
from integrations.outbound.relay import relay
from regentra import clock
from tenants.models import AuditEntry, Role
from tests import factories
from tests.features import steps
from tests.features.pages import Page, Visitor
from tests.features.steps import money
from tests.features.test_credit_rows import issue, open_payment_of
from tests.features.test_email_rows import email, mails
from tests.features.test_import_rows import their_invoice
from tests.features.test_item_rows import their_item
from tests.features.test_number_rows import renumbered
from tests.features.test_payment_rows import record
from tests.features.test_rule_rows import bring_in, choose
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

ANOTHER = "Connect another company"


class Pair:
    """Alice's first company, the default, and a second one beside it. ``world`` speaks of one of them at a time."""

    def __init__(self, world: World, alice: Visitor) -> None:
        self.world, self.alice = world, alice
        self.first, self.second = world.realm, ""

    def at(self, realm: str) -> World:
        self.world.realm = realm
        return self.world

    def numbers(self) -> tuple[list[str], list[str]]:
        """The invoices that each company holds."""
        first, second = (
            [one["DocNumber"] for one in self.at(realm).held("Invoice")]
            for realm in (self.first, self.second)
        )
        return first, second

    def invoiced(self) -> tuple[str, str]:
        """An invoice for either company, which holds it."""
        here, there = steps.generate(self.alice), steps.generate(self.alice, Company="Second Books")
        for number in (here, there):
            steps.open_invoice(self.alice, number)
            steps.send(self.alice, number)
        self.world.work()
        return here, there

    def paid(self, customer: Customer, invoices: list[Invoice]) -> Payment:
        """One payment of $100, half of it on each of these invoices of both companies."""
        with self.world.inside():
            payment = payments.record(
                customer=customer,
                amount=factories.usd(100),
                received_on=factories.TODAY,
                allocations={one.pk: factories.usd(50) for one in invoices},
            )
        self.world.work()
        return payment

    def credited(self) -> tuple[list[Decimal], list[Decimal]]:
        """The amounts of the credit memos that either company holds."""
        first, second = (
            [money(one["TotalAmt"]) for one in self.at(realm).held("CreditMemo")]
            for realm in (self.first, self.second)
        )
        return first, second

    def jobs_of(self, name: str) -> dict[str, str]:
        """How the documents stand that this company is owed, by their kinds; customers may be in several."""
        with self.world.inside():
            jobs = SyncJob.objects.filter(connection__company_name=name).exclude(kind="customer")
            return dict(jobs.values_list("kind", "state"))

    def looked(self, read: Callable[[], Any]) -> list[Any]:
        """What can be read here after a look at either company, each in its turn, once both have been looked at."""
        both, seen = self.world.connections, []
        for connection in both:
            self.look(connection)
        for connection in [*both] * 2:
            self.look(connection)
            with self.world.inside():
                seen.append(read())
        return seen

    def look(self, connection: UUID) -> None:
        """A worker's turn at this company alone."""
        both, self.world.connections = self.world.connections, [connection]
        self.world.due_now()
        self.world.work()
        self.world.connections = both

    def changed(self, realm: str, entity: str, name: str, **fields: Any) -> None:
        """The bookkeeper of one company changes an entry of a list."""
        at = self.at(realm)
        called = "DisplayName" if entity == "Customer" else "Name"
        (theirs,) = [one for one in at.held(entity) if one[called] == name]
        keys = {key: theirs[key] for key in ("Id", "SyncToken")}
        at.bookkeeper(entity, {**keys, "sparse": True, **fields})

    def customer(self, name: str, *companies: str, **details: Any) -> Customer:
        """Linked in these companies."""
        customer = self.world.customer(name, **details)
        for company in companies:
            connection = self.connection(company)
            with self.world.inside():
                wishes.send_to(connection, Kind.CUSTOMER, customer.pk)
        self.world.work()
        return customer

    def connection(self, name: str) -> Connection:
        with self.world.inside():
            return Connection.objects.get(company_name=name)


CUSTOMERS = ("Adatum", "Contoso", "Fabrikam")


@pytest.fixture
def pair(unconnected: World, alice: Visitor) -> Pair:
    unconnected.connect(custom_numbers=True, name="First Books")
    unconnected.work()
    pair = Pair(unconnected, alice)
    beside(pair, name="Second Books", custom_numbers=True)
    pair.second = unconnected.realm
    return pair


def beside(pair: Pair, **wish: Any) -> Page:
    """Connects another company with its button."""
    world, alice = pair.world, pair.alice
    world.company_with_an_item(**wish)
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press(ANOTHER)
    page = alice.press("Connect", {"realm": world.realm})
    with world.inside():
        rows = Connection.objects.order_by("connected_at")
        world.connections = list(rows.values_list("pk", flat=True))
    world.work()
    return page


def row(page: Page, name: str) -> str:
    """How a company stands in the list of companies."""
    listed = page.region("Companies")
    assert name in listed
    (found,) = [one.text for one in page.tree.all("li") if name in one.text and "· " in one.text]
    return found


def test_X_13_second_company_is_connected_beside_the_first_and_gets_nothing_by_itself(
    pair: Pair, alice: Visitor
) -> None:
    page = alice.go(steps.QUICKBOOKS_PAGE)
    assert "Default" in row(page, "First Books") and "Default" not in row(page, "Second Books")
    assert not pair.connection("Second Books").held
    pair.world.customer()
    number = steps.generate(alice)
    pair.world.work()
    assert pair.numbers() == ([number], [])


def test_L_82_X_13_invoice_goes_to_the_company_that_is_named_on_it_else_to_the_default(
    pair: Pair, alice: Visitor
) -> None:
    pair.world.customer()
    here = steps.generate(alice)
    there = steps.generate(alice, Company="Second Books")
    pair.world.work()
    assert pair.numbers() == ([here], [there])
    assert "Company Second Books" in steps.open_invoice(alice, there).region("QuickBooks")
    with pair.world.inside():
        links = Link.objects.filter(kind="customer")
        assert {one.connection.company_name for one in links} == {"First Books", "Second Books"}


def test_X_100_default_is_switched_with_one_click_and_what_was_sent_stays(
    pair: Pair, alice: Visitor
) -> None:
    pair.world.customer()
    before = steps.generate(alice)
    pair.world.work()
    alice.go(steps.QUICKBOOKS_PAGE)
    page = alice.press("Make Second Books the default")
    assert "Default" in row(page, "Second Books") and "Default" not in row(page, "First Books")
    after = steps.generate(alice)
    steps.open_invoice(alice, before)
    steps.edit_invoice(alice, Notes="Changed afterwards")
    pair.world.work()
    assert pair.numbers() == ([before], [after])
    (kept,) = pair.at(pair.first).held("Invoice")
    assert kept["CustomerMemo"]["value"] == "Changed afterwards"
    with pair.world.inside():
        assert AuditEntry.objects.filter(action="quickbooks.default_company_chosen").exists()


def test_X_13_payment_follows_its_invoice_and_comes_back_from_either_company(
    pair: Pair, alice: Visitor, client: Client
) -> None:
    pair.world.customer()
    here, there = pair.invoiced()
    steps.open_invoice(alice, there)
    steps.mark_paid(alice)
    pair.world.work()
    assert len(pair.at(pair.second).held("Payment")) == 1
    assert pair.at(pair.first).held("Payment") == []
    pair.world.deliver(client)
    pair.at(pair.first).pays(steps.invoice(pair.world, here), "100.00")
    steps.notified(pair.world)
    assert "Paid" in steps.open_invoice(alice, here).text


def test_L_82_company_is_named_when_it_is_sent_by_its_button(pair: Pair, alice: Visitor) -> None:
    pair.world.customer()
    number = steps.generate(alice, destinations=False)
    alice.press("Send to QuickBooks", {"company": "Second Books"})
    pair.world.work()
    assert pair.numbers() == ([], [number])
    page = steps.open_invoice(alice, number)
    assert not page.offers("Send to QuickBooks")


def test_L_82_company_may_be_changed_while_the_invoice_waits_and_not_once_it_is_there(
    pair: Pair, alice: Visitor
) -> None:
    alice.go("settings/sync-rules/")
    alice.press("Save", {"push_when": "finalised"})
    pair.world.customer()
    number = steps.generate(alice)
    pair.world.work()
    steps.open_invoice(alice, number)
    alice.press("Try again", {"company": "Second Books"})
    steps.open_invoice(alice, number)
    steps.send(alice, number)
    pair.world.work()
    assert pair.numbers() == ([], [number])
    assert "It is in Second Books" in _send_to(pair, alice, number, "First Books")
    pair.world.work()
    assert pair.numbers() == ([], [number])


def on_hold(pair: Pair, person: Visitor) -> str:
    """An invoice that waits in the default company until somebody approves it. Ends on its page."""
    pair.world.customer()
    number = steps.generate(person)
    person.press("Put on hold")
    pair.world.work()
    steps.open_invoice(person, number)
    return number


def approve(pair: Pair, person: Visitor, number: str) -> None:
    steps.open_invoice(person, number)
    person.press("Approve")
    pair.world.work()


def test_L_82_email_that_waits_goes_with_its_invoice_to_the_company_that_is_named(
    pair: Pair, alice: Visitor
) -> None:
    number = on_hold(pair, alice)
    email(alice, number)
    pair.world.work()
    steps.open_invoice(alice, number)
    alice.press("Try again", {"company": "Second Books"})
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, Notes="Anything")
    approve(pair, alice, number)
    assert pair.numbers() == ([], [number])
    assert [len(mails(pair.at(one))) for one in (pair.first, pair.second)] == [0, 1]
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_L_82_payments_and_refunds_that_wait_go_with_their_invoice_to_the_company_that_is_named(
    pair: Pair, alice: Visitor
) -> None:
    alice.go("settings/sync-rules/")
    alice.press("Save", {"payment_refund_posting": "As a credit memo"})
    number = on_hold(pair, alice)
    steps.send(alice, number)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    pair.world.work()
    steps.open_invoice(alice, number)
    alice.press("Try again", {"company": "Second Books"})
    with pair.world.inside():
        factories.refund(Payment.objects.get(), "40")
    pair.world.work()
    approve(pair, alice, number)
    for kind in ("Invoice", "Payment", "CreditMemo"):
        held = [len(pair.at(one).held(kind)) for one in (pair.first, pair.second)]
        assert held == [0, 1], kind
    assert pair.jobs_of("First Books") == {}
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_L_82_what_waits_in_a_company_that_was_replaced_goes_to_the_new_one_when_staff_say_so(
    world: World, alice: Visitor
) -> None:
    world.customer()
    number = steps.generate(alice)
    alice.press("Put on hold")
    steps.open_invoice(alice, number)
    steps.send(alice, number)
    steps.open_invoice(alice, number)
    steps.mark_paid(alice)
    world.work()
    world.disconnect()
    world.company_with_an_item(custom_numbers=True, name="Second Books")
    steps.connect(world, alice)
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Use Second Books from now on")
    steps.open_invoice(alice, number)
    alice.press("Approve")
    world.work()
    assert world.held("Invoice") == [], "nothing of it goes there by itself"
    assert "no longer connected" in steps.open_invoice(alice, number).region("QuickBooks")
    alice.press("Try again")
    world.work()
    assert [one["DocNumber"] for one in world.held("Invoice")] == [number]
    assert len(world.held("Payment")) == 1
    assert "Synced" in steps.open_invoice(alice, number).region("QuickBooks")
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("first", ["connected", "disconnected"])
def test_L_82_company_may_be_changed_once_the_invoice_was_refused(
    pair: Pair, alice: Visitor, first: str
) -> None:
    pair.world.customer()
    pair.at(pair.first).trouble("fault", code="6000", entity="Invoice")
    number = steps.generate(alice)
    pair.world.work()
    if first == "disconnected":
        _disconnect(alice, "First Books")
    steps.open_invoice(alice, number)
    alice.press("Try again", {"company": "Second Books"})
    pair.world.work()
    assert pair.numbers() == ([], [number])
    page = steps.open_invoice(alice, number)
    assert "Company Second Books" in page.region("QuickBooks")
    assert "error has occurred while processing" in page.text, (
        "what First Books said is part of its history"
    )
    assert pair.jobs_of("First Books") == {}


def test_L_82_invoice_that_was_refused_in_two_companies_is_made_in_the_first_after_all(
    pair: Pair, alice: Visitor
) -> None:
    """What was said to an earlier write is not said again once the number is free."""
    pair.world.customer()
    number = steps.generate(alice)
    taken = [number_there(pair.at(realm), number) for realm in (pair.second, pair.first)]
    pair.world.work()
    steps.open_invoice(alice, number)
    alice.press("Try again", {"company": "Second Books"})
    pair.world.work()
    renumbered(pair.at(pair.first), taken[-1], "Q-1")
    steps.open_invoice(alice, number)
    alice.press("Try again", {"company": "First Books"})
    pair.world.work()
    assert sorted(pair.numbers()[0]) == [number, "Q-1"]
    assert "Company First Books" in steps.open_invoice(alice, number).region("QuickBooks")


def test_L_82_question_about_a_number_ends_once_the_invoice_goes_to_another_company(
    pair: Pair, alice: Visitor
) -> None:
    pair.world.customer()
    number = steps.generate(alice)
    number_there(pair.at(pair.first), number)
    pair.world.work()
    assert f"has the number {number}" in steps.open_invoice(alice, number).region("QuickBooks")
    alice.press("Try again", {"company": "Second Books"})
    pair.world.work()
    assert pair.numbers() == ([number], [number])
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_L_82_invoice_of_which_no_answer_came_stays_with_its_company(
    pair: Pair, alice: Visitor
) -> None:
    pair.world.customer()
    pair.at(pair.first).trouble("status", status=500, path="/query", times=None)
    pair.world.trouble("answer_dropped", entity="Invoice", method="POST")
    number = steps.generate(alice)
    pair.world.work()
    _disconnect(alice, "First Books")
    pair.world.work()
    assert "Company" not in steps.open_invoice(alice, number).region("QuickBooks")
    assert "It is in First Books or on its way" in _send_to(pair, alice, number, "Second Books")
    pair.world.work()
    assert pair.numbers() == ([number], [])


def test_L_82_invoice_that_waits_for_the_default_is_sent_elsewhere_only_where_that_is_chosen(
    pair: Pair, alice: Visitor
) -> None:
    number = on_hold(pair, alice)
    _disconnect(alice, "First Books")
    steps.open_invoice(alice, number)
    alice.press("Approve")
    pair.world.work()
    steps.open_invoice(alice, number)
    alice.press("Try again")
    pair.world.work()
    assert pair.numbers() == ([], [])
    steps.open_invoice(alice, number)
    alice.press("Try again", {"company": "Second Books"})
    pair.world.work()
    assert pair.numbers() == ([], [number])


def number_there(world: World, number: str) -> dict[str, Any]:
    """The bookkeeper's invoice for somebody else, with this number."""
    fabrikam = world.bookkeeper("Customer", {"DisplayName": "Fabrikam"})
    return their_invoice(world, fabrikam["Id"], number=number)


def _disconnect(person: Visitor, company: str) -> None:
    person.go(steps.QUICKBOOKS_PAGE)
    if person.page.offers(company):
        person.follow(company)
    person.follow("Disconnect QuickBooks")
    person.press("Disconnect QuickBooks")


def _send_to(pair: Pair, person: Visitor, number: str, company: str) -> str:
    """What somebody may send who does not keep to the page; the page that follows."""
    client = Client()
    client.cookies = person.client.cookies
    invoice = steps.invoice(pair.world, number)
    path = f"/o/{pair.world.organization.slug}/sync/invoice/{invoice.pk}/send/"
    sent = {"company": str(pair.connection(company).pk)}
    return client.post(path, sent, follow=True).content.decode()


def test_X_13_mapping_health_and_disconnect_are_about_the_company_that_was_opened(
    pair: Pair, alice: Visitor
) -> None:
    alice.go(steps.QUICKBOOKS_PAGE)
    page = alice.follow("Second Books")
    assert page.region("Second Books") and page.region("Sync health")
    page = alice.follow("Configure mapping")
    assert "Mapping to Second Books" in page.text
    alice.press("Save")
    assert "Mapping to Second Books" in alice.page.text
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Second Books")
    page = alice.follow("Disconnect QuickBooks")
    assert "Disconnect Second Books?" in page.text
    page = alice.press("Disconnect QuickBooks")
    assert "Second Books" not in page.region("Companies")
    assert pair.connection("First Books").is_connected


def test_X_13_customers_are_matched_with_those_of_the_company_that_was_opened(
    pair: Pair, alice: Visitor
) -> None:
    world = pair.at(pair.second)
    theirs = world.bookkeeper("Customer", {"DisplayName": "Adatum"})
    world.due_now()
    world.work()
    customer = world.customer(email="")
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Second Books")
    page = alice.follow("Run setup wizard")
    assert "Match customers with Second Books" in page.text
    page = alice.press("Accept exact matches")
    assert "Match customers with Second Books" in page.text
    with world.inside():
        link = Link.objects.get(kind=Kind.CUSTOMER, local_id=customer.pk)
    assert link.connection_id == pair.connection("Second Books").pk
    assert link.remote_id == theirs["Id"]


def test_X_13_customer_is_looked_for_by_hand_in_the_company_that_was_opened(
    pair: Pair, alice: Visitor
) -> None:
    world = pair.at(pair.second)
    world.bookkeeper("Customer", {"DisplayName": "Datum Holding"})
    world.due_now()
    world.work()
    customer = world.customer(name="Northwest", email="")
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Second Books")
    alice.follow("Run setup wizard")
    page = alice.follow("Link by hand")
    assert "Which customer in Second Books is it?" in page.text
    alice.press("Link", {"Select Existing": "Datum Holding"})
    with world.inside():
        link = Link.objects.get(kind=Kind.CUSTOMER, local_id=customer.pk)
    assert link.connection_id == pair.connection("Second Books").pk
    page = alice.go(f"sync/customer/{customer.pk}/link/{pair.connection('Second Books').query}")
    assert "Datum Holding in Second Books" in page.text
    page = alice.press("Unlink")
    assert "Which customer in Second Books is it?" in page.text
    with world.inside():
        assert not Link.objects.filter(kind=Kind.CUSTOMER, local_id=customer.pk).exists()


def test_X_13_import_is_that_of_the_company_that_was_opened(pair: Pair, alice: Visitor) -> None:
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Second Books")
    page = alice.press("See what there is")
    assert "Counting what there is in Second Books" in page.text
    with pair.world.inside():
        run = ImportRun.objects.get()
    assert run.connection_id == pair.connection("Second Books").pk


def test_X_13_file_holds_and_brings_in_the_mapping_of_the_company_that_was_chosen(
    pair: Pair, alice: Visitor
) -> None:
    """Each company has a bank account of its own; the file names that of the second one."""
    for realm, name in ((pair.first, "First Bank"), (pair.second, "Second Bank")):
        pair.at(realm).bookkeeper("Account", {"Name": name, "AccountType": "Bank"})
    pair.world.due_now()
    pair.world.work()
    page = alice.go("settings/sync-rules/")
    assert "The mapping is that of First Books" in page.text
    page = alice.follow("Use that of Second Books")
    assert "The mapping is that of Second Books" in page.text
    content = json.loads(alice.follow("Download the sync rules").html)
    content["mapping"] = {"deposit_account": {"default": "Second Bank"}}
    at = f"settings/sync-rules/{pair.connection('Second Books').query}"
    assert "Chosen on the mapping page" in bring_in(alice, json.dumps(content), at)
    with pair.world.inside():
        chosen = Mapping.objects.get(subject="deposit_account")
    assert chosen.connection_id == pair.connection("Second Books").pk
    assert chosen.remote_name == "Second Bank"


def test_X_13_reconnecting_the_second_company_leaves_the_first_alone(
    pair: Pair, alice: Visitor
) -> None:
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.follow("Second Books")
    alice.press("Reconnect QuickBooks")
    alice.press("Connect", {"realm": pair.second})
    assert pair.connection("First Books").is_connected
    assert pair.connection("First Books").is_default
    assert not pair.connection("Second Books").is_default


@pytest.mark.parametrize(("pressed", "chosen"), [("First", "Second"), ("Second", "First")])
def test_L_82_company_that_is_connected_already_is_chosen_on_reconnecting_and_ends_no_other(
    pair: Pair, alice: Visitor, pressed: str, chosen: str
) -> None:
    alice.go(steps.QUICKBOOKS_PAGE)
    if pressed == "Second":
        alice.follow("Second Books")
    alice.press("Reconnect QuickBooks")
    page = alice.press("Connect", {"realm": pair.second if chosen == "Second" else pair.first})
    assert f"{chosen} Books was chosen at Intuit. It is connected already" in page.text
    assert f"{pressed} Books is as it was" in page.text
    pair.world.customer()
    here, there = steps.generate(alice), steps.generate(alice, Company="Second Books")
    pair.world.work()
    assert pair.numbers() == ([here], [there])


def test_L_82_nothing_goes_elsewhere_while_the_default_is_disconnected(
    pair: Pair, alice: Visitor
) -> None:
    pair.world.customer()
    number = steps.generate(alice)
    pair.world.disconnect()
    pair.world.work()
    assert pair.numbers() == ([], [])
    page = alice.go(steps.QUICKBOOKS_PAGE)
    assert "Second Books" in page.region("Companies")
    alice.press("Connect QuickBooks")
    alice.press("Connect", {"realm": pair.first})
    pair.world.work()
    assert pair.numbers() == ([number], [])


def test_X_13_exceptions_and_calls_name_the_company(pair: Pair, alice: Visitor) -> None:
    pair.world.customer()
    pair.at(pair.second).trouble("fault", code="6000", entity="Invoice")
    number = steps.generate(alice, Company="Second Books")
    pair.world.work()
    with pair.world.inside():
        assert SyncJob.objects.get(kind="invoice").state == "errored"
    assert "Second Books" in alice.go("exceptions/").row(f"Invoice {number}")
    assert "First Books" in alice.go("calls/").text and "Second Books" in alice.page.text


def figure(page: Page, label: str) -> tuple[str, str]:
    """What a figure of the page says, and where it leads."""
    (found,) = [one for one in page.tree.all("a") if "figure" in one["class"] and label in one.text]
    return found.text.removeprefix(f"{label} ").split()[0], found["href"]


def test_X_13_figures_of_a_company_lead_to_the_customers_and_documents_that_they_count(
    pair: Pair, alice: Visitor
) -> None:
    pair.customer("Adatum", "First Books")
    pair.customer("Contoso", "First Books", "Second Books")
    pair.customer("Fabrikam")
    for company, mapped, unmapped in (
        ("First Books", ["Adatum", "Contoso"], ["Fabrikam"]),
        ("Second Books", ["Contoso"], ["Adatum", "Fabrikam"]),
    ):
        shown = alice.go(f"{steps.QUICKBOOKS_PAGE}{pair.connection(company).query}").loaded()
        for label, names in (("Mapped", mapped), ("Unmapped", unmapped), ("Synced", mapped)):
            count, address = figure(shown, label)
            listed = alice.open(address)
            assert int(count) == len(names)
            assert [name for name in CUSTOMERS if name in listed.text] == names, (company, label)
            assert company in listed.text, "whose they are"
    assert "Adatum" in alice.follow("All companies").text


def test_X_13_same_company_in_two_organizations_stays_refused(pair: Pair) -> None:
    contoso = factories.organization(features=["quickbooks"])
    owner = factories.member(contoso, "charlie@example.com", Role.OWNER)
    other = World(pair.world.box, pair.world.client_id, pair.world.verifier, contoso, owner)
    other.realm = pair.second
    page = steps.connect(other, Visitor(contoso, owner))
    assert "is connected to another Regentra organization already" in page.text


def test_company_of_another_organization_in_an_address_is_not_found(
    pair: Pair, alice: Visitor
) -> None:
    contoso = factories.organization(features=["quickbooks"])
    owner = factories.member(contoso, "charlie@example.com", Role.OWNER)
    other = World(pair.world.box, pair.world.client_id, "", contoso, owner)
    theirs = other.connect()
    by_hand = Client()
    by_hand.cookies = alice.client.cookies
    root = f"/o/{pair.world.organization.slug}/{steps.QUICKBOOKS_PAGE}"
    for name in ("", "mapping/", "disconnect/"):
        assert by_hand.get(f"{root}{name}?company={theirs.pk}").status_code == 404
    for name in ("default/", "resume/", "use-company/", "connect/", "catch-up/end/"):
        assert by_hand.post(f"{root}{name}?company={theirs.pk}").status_code == 404
    assert by_hand.get(f"{root}?company=nonsense").status_code == 404


def test_two_who_send_one_invoice_to_two_companies_at_once_send_it_to_one(
    pair: Pair, alice: Visitor
) -> None:
    pair.world.customer()
    number = steps.generate(alice, destinations=False)
    invoice, start = steps.invoice(pair.world, number), threading.Barrier(2)
    companies = [pair.connection(name) for name in ("First Books", "Second Books")]

    def send(company: Connection) -> str:
        try:
            with pair.world.inside():
                start.wait(timeout=30)
                return wishes.send_to(company, Kind.INVOICE, invoice.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        refusals = list(threads.map(send, companies))
    assert sorted(map(bool, refusals)) == [False, True]
    pair.world.work()
    assert sorted(map(len, pair.numbers())) == [0, 1]


def test_X_13_payment_over_two_companies_is_booked_in_neither_and_staff_read_what_to_do(
    pair: Pair, alice: Visitor
) -> None:
    customer = pair.world.customer()
    here, there = pair.invoiced()
    both = [steps.invoice(pair.world, number) for number in (here, there)]
    with pair.world.inside():
        payment = payments.record(
            customer=customer,
            amount=factories.usd(200),
            received_on=factories.TODAY,
            allocations={one.pk: one.balance for one in both},
        )
    pair.world.work()
    assert pair.at(pair.first).held("Payment") == pair.at(pair.second).held("Payment") == []
    with pair.world.inside():
        owed = SyncJob.objects.filter(kind="payment").values_list("state", "reason_code")
        assert list(owed) == [("blocked", "in_another_company")] * 2
    said = "a payment is booked in one QuickBooks company only. Void it here and enter two"
    page = alice.go("exceptions/")
    assert f"{there} is in Second Books, and {said}" in page.text
    assert f"{here} is in First Books, and {said}" in page.text
    page = alice.follow("Open the payment")
    assert "Needs to be entered as two payments" in page.region("QuickBooks")
    with pair.world.inside():
        refund = refunds.issue_credit_memo(refund=factories.refund(payment, "40"))
    pair.world.work()
    posted = [pair.at(one).held("CreditMemo") for one in (pair.first, pair.second)]
    assert posted == [[], []], "what is booked in neither is paid back in neither"
    with pair.world.inside():
        refunds.void(refund=refund)
    alice.follow("Void")
    alice.press("Void the payment")
    for number in (here, there):
        steps.open_invoice(alice, number)
        steps.mark_paid(alice)
    pair.world.work()
    assert [len(pair.at(one).held("Payment")) for one in (pair.first, pair.second)] == [1, 1]
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_13_credit_memo_goes_to_no_other_company_than_its_invoice(
    pair: Pair, alice: Visitor
) -> None:
    world = pair.world
    world.customer()
    number = steps.generate(alice)
    alice.press("Put on hold")
    steps.send(alice, number)
    steps.mark_paid(alice)
    issue(alice, number, Managed_workstation="60")
    world.work()
    steps.open_invoice(alice, number)
    alice.press("Try again", {"company": "Second Books"})
    alice.press("Approve")
    world.work()
    assert pair.numbers() == ([], [number])
    assert pair.credited() == ([], [60]), "it goes along with its invoice"
    issue(alice, number)
    relay(world.organization.id)
    with world.inside():
        # As one was left behind that did not go along.
        first = pair.connection("First Books")
        SyncJob.objects.filter(kind=Kind.CREDIT_MEMO, state="pending").update(connection=first)
        due.send_by(first.pk, clock.now())
    pair.look(first.pk)
    alice.go("credit-memos/")
    alice.follow("CM-1002")
    said = f"Invoice {number} is in Second Books, and a credit memo goes where its invoice is."
    assert said in alice.page.region("QuickBooks")
    alice.press("Try again", {"company": "Second Books"})
    world.work()
    assert pair.credited() == ([], [60, 40])
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_13_payment_moved_to_the_invoices_of_one_company_is_booked_there_alone(
    pair: Pair, alice: Visitor
) -> None:
    customer = pair.world.customer()
    here, there = pair.invoiced()
    both = [steps.invoice(pair.world, number) for number in (here, there)]
    payment = pair.paid(customer, both)
    with pair.world.inside():
        payments.reallocate(payment=payment, allocations={both[1].pk: factories.usd(100)})
    pair.world.work()
    assert [len(pair.at(one).held("Payment")) for one in (pair.first, pair.second)] == [0, 1]
    assert "Nothing needs you" in alice.go("exceptions/").text
    alice.go("settings/sync-rules/")
    alice.press("Save", {"payment_refund_posting": "As a credit memo"})
    with pair.world.inside():
        factories.refund(payment, "40")
    pair.world.work()
    posted = [len(pair.at(one).held("CreditMemo")) for one in (pair.first, pair.second)]
    assert posted == [0, 1], "and what is paid back of it likewise"


def test_X_13_refund_of_a_payment_that_two_companies_are_owed_goes_to_the_one_that_books_it(
    pair: Pair, alice: Visitor
) -> None:
    alice.go("settings/sync-rules/")
    alice.press("Save", {"payment_refund_posting": "As a credit memo"})
    customer = pair.world.customer()
    here, there = pair.invoiced()
    both = [steps.invoice(pair.world, number) for number in (here, there)]
    payment = pair.paid(customer, both)
    with pair.world.inside():
        factories.refund(payment, "40")
    pair.world.work()
    with pair.world.inside():
        payments.reallocate(payment=payment, allocations={both[1].pk: factories.usd(100)})
    pair.world.work()
    assert booked(pair) == [0, 100]
    posted = [len(pair.at(one).held("CreditMemo")) for one in (pair.first, pair.second)]
    assert posted == [0, 1]


def test_X_13_payment_that_is_booked_in_one_company_is_not_booked_again_in_another(
    pair: Pair, alice: Visitor
) -> None:
    pair.world.customer()
    here, there = pair.invoiced()
    steps.open_invoice(alice, here)
    steps.mark_paid(alice)
    pair.world.work()
    open_payment_of(alice, here)
    alice.follow("Apply differently")
    alice.press("Apply", {f"Applied to {here}": "", f"Applied to {there}": "100"})
    pair.world.work()
    assert booked(pair) == [100, 0]
    page = alice.go("exceptions/")
    assert "The payment is in First Books, and a payment is booked in one" in page.text
    assert f"{there} is in Second Books, and a payment is booked in one" in page.text
    open_payment_of(alice, there)
    alice.follow("Apply differently")
    alice.press("Apply", {f"Applied to {there}": ""})
    pair.world.work()
    assert booked(pair) == [100, 0], "what is on no invoice stays where it is booked"
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("company", ["First Books", "Second Books"])
def test_X_32_money_on_no_invoice_goes_to_the_company_that_its_customer_is_billed_in(
    pair: Pair, alice: Visitor, company: str
) -> None:
    pair.world.customer()
    record(alice, "50")
    address = alice.page.address
    pair.world.work()
    assert booked(pair) == [0, 0]
    assert "Not synced" in alice.again().region("QuickBooks")
    number = steps.generate(alice, Company=company)
    steps.open_invoice(alice, number)
    steps.send(alice, number)
    pair.world.work()
    assert booked(pair) == ([50, 0] if company == "First Books" else [0, 50])
    assert "Synced" in alice.open(address).region("QuickBooks")


def test_X_32_money_on_no_invoice_goes_to_the_company_where_its_customer_is_recognised(
    pair: Pair, alice: Visitor
) -> None:
    customer = pair.world.customer()
    record(alice, "50")
    pair.world.work()
    theirs = {"DisplayName": "Adatum Corp", "PrimaryEmailAddr": {"Address": customer.email}}
    pair.at(pair.second).bookkeeper("Customer", theirs)
    pair.world.due_now()
    pair.world.work()
    assert booked(pair) == [0, 0]
    second = pair.connection("Second Books")
    with pair.world.inside():
        wishes.send_to(second, Kind.CUSTOMER, customer.pk)
    pair.world.work()
    assert booked(pair) == [0, 50]
    assert len(pair.at(pair.second).held("Customer")) == 1


def test_X_32_money_on_no_invoice_of_a_customer_of_two_companies_goes_to_neither_by_itself(
    pair: Pair, alice: Visitor
) -> None:
    pair.customer("Adatum", "First Books", "Second Books")
    record(alice, "50")
    pair.world.work()
    assert booked(pair) == [0, 0]
    assert "Not synced" in alice.again().region("QuickBooks")


def booked(pair: Pair) -> list[int]:
    """What each company holds of payments."""
    held = [pair.at(one).held("Payment") for one in (pair.first, pair.second)]
    return [sum(int(money(one["TotalAmt"])) for one in payments_there) for payments_there in held]


def price_of(service: str) -> Callable[[], int]:
    return lambda: int(Service.objects.get(name=service).unit_price)


def test_X_11_X_13_item_of_the_default_company_is_followed_where_a_service_is_in_several(
    pair: Pair, alice: Visitor
) -> None:
    choose(alice, items_made_there="bring_in", item_price_owner="theirs")
    for realm, price in ((pair.first, 100), (pair.second, 120)):
        pair.changed(realm, "Item", "IT services", UnitPrice=price)
    assert set(pair.looked(price_of("IT services"))) == {100}
    pair.changed(pair.second, "Item", "IT services", UnitPrice=130)
    assert set(pair.looked(price_of("IT services"))) == {100}
    pair.world.disconnect()
    assert set(pair.looked(price_of("IT services"))) == {100}, "it stays the default one"
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Make Second Books the default")
    assert set(pair.looked(price_of("IT services"))) == {130}


def test_X_11_X_13_item_that_only_the_second_company_has_is_followed_there(
    pair: Pair, alice: Visitor
) -> None:
    choose(alice, items_made_there="bring_in", item_price_owner="theirs")
    their_item(pair.at(pair.second), UnitPrice=7)
    assert set(pair.looked(price_of("Backup"))) == {7}
    pair.changed(pair.second, "Item", "Backup", UnitPrice=9)
    assert set(pair.looked(price_of("Backup"))) == {9}


def due_days() -> dict[str, int]:
    """Of each customer that has terms."""
    rows = Customer.objects.exclude(terms=None)
    return dict(rows.values_list("name", "terms__due_days"))


def terms_there(pair: Pair, realm: str, customer: str, days: int, name: str) -> None:
    """The bookkeeper of one company gives a customer of its own these terms, which are new there."""
    term = pair.at(realm).bookkeeper("Term", {"Name": name, "DueDays": days})
    pair.changed(realm, "Customer", customer, SalesTermRef={"value": term["Id"]})


def test_X_56_X_13_terms_of_the_default_company_are_followed_where_a_customer_is_in_several(
    pair: Pair, alice: Visitor
) -> None:
    choose(alice, customer_terms="Those of QuickBooks")
    pair.customer("Adatum", "First Books", "Second Books")
    terms_there(pair, pair.second, "Adatum", 10, "Days 10")
    seen = pair.looked(due_days)
    assert seen.count({"Adatum": 10}) == len(seen), "the default one has none for it"
    terms_there(pair, pair.first, "Adatum", 30, "Days 30")
    seen = pair.looked(due_days)
    assert seen.count({"Adatum": 30}) == len(seen)
    alice.go(steps.QUICKBOOKS_PAGE)
    alice.press("Make Second Books the default")
    seen = pair.looked(due_days)
    assert seen.count({"Adatum": 10}) == len(seen)


def test_X_56_X_13_terms_of_one_name_keep_the_rule_of_either_company(
    pair: Pair, alice: Visitor
) -> None:
    choose(alice, customer_terms="Those of QuickBooks")
    pair.customer("East", "First Books", email="ap@east.example")
    pair.customer("West", "Second Books", email="ap@west.example")
    terms_there(pair, pair.second, "West", 35, "Monthly")
    terms_there(pair, pair.first, "East", 30, "Monthly")
    seen = pair.looked(due_days)
    assert seen[-1] == {"East": 30, "West": 35}
    seen = pair.looked(due_days)
    assert seen.count({"East": 30, "West": 35}) == len(seen)
    pair.changed(pair.second, "Term", "Monthly", DueDays=40)
    assert pair.looked(due_days)[-1] == {"East": 30, "West": 40}
    with pair.world.inside():
        assert Term.objects.count() == 2
