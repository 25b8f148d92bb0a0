"""N-11: what people do to fifty of their entries, and what becomes of all that is sent afterwards."""

from typing import Any

import pytest
import requests

from billing.models import Customer, Invoice, Service, Term
from billing.services import customers
from integrations.documents import Kind
from integrations.models import Connection, Mapping, MappingSubject, SyncJob
from integrations.outbound import wishes
from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"
# By number: renamed, made inactive with one of the service's name in its place, made inactive without.
RENAMED, REPLACED, GONE = range(10), range(10, 20), range(20, 25)
CUSTOMERS, MERGED = 20, range(10, 20)
# The terms of these invoices are made inactive as well.
WITH_TERMS = range(5, 10)


def item(world: World, name: str) -> dict[str, Any]:
    (income,) = [one["Id"] for one in world.held("Account") if one["Name"] == "Services"]
    body = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": income}}
    return world.bookkeeper("Item", body)


def choose(connection: Connection, subject: MappingSubject, key: Any, theirs: Any) -> None:
    name = theirs["Name"]
    details = {"subject": subject, "local_key": str(key), "remote_name": name}
    Mapping.objects.create(connection=connection, remote_id=theirs["Id"], **details)


class Fifty:
    """Twenty-five items, twenty customers and five terms, each of them one of ours as well."""

    def __init__(self, world: World) -> None:
        self.world = world
        numbers = range(len(RENAMED) + len(REPLACED) + len(GONE))
        self.items = [item(world, f"Their item {number}") for number in numbers]
        self.terms = [
            world.bookkeeper("Term", {"Name": f"Their terms {number}", "DueDays": number})
            for number in WITH_TERMS
        ]
        world.due_now()
        world.work()
        with world.inside():
            self.customers = [
                customers.create(name=f"Customer {number}", email=f"c{number}@example.com")
                for number in range(CUSTOMERS)
            ]
            for customer in self.customers:
                wishes.send_now(Kind.CUSTOMER, customer.id)
            self.services = [factories.service(f"Service {number}") for number in numbers]
            self.our_terms = [
                factories.term(f"Our terms {number}", number) for number in WITH_TERMS
            ]
            self._map()
        world.work()

    def _map(self) -> None:
        connection = self.world.connection
        for service, theirs in zip(self.services, self.items, strict=True):
            choose(connection, MappingSubject.SERVICE, service.pk, theirs)
        for terms, theirs in zip(self.our_terms, self.terms, strict=True):
            choose(connection, MappingSubject.TERM, terms.pk, theirs)

    def upset(self) -> dict[int, str]:
        """What the bookkeeper does to them; the ids of what takes the place of inactive items."""
        instead = {}
        for number, theirs in enumerate(self.items):
            if number in RENAMED:
                self.world.bookkeeper("Item", {**theirs, "Name": f"Renamed {number}"})
                continue
            self.world.bookkeeper("Item", {**theirs, "Active": False})
            if number in REPLACED:
                instead[number] = item(self.world, f"Service {number}")["Id"]
        for theirs in self.terms:
            self.world.bookkeeper("Term", {**theirs, "Active": False})
        for number, customer in enumerate(self.customers):
            self._upset_customer(number, self.world.link(customer).remote_id)
        return instead

    def _upset_customer(self, number: int, remote_id: str) -> None:
        if number in MERGED:
            into = self.world.bookkeeper("Customer", {"DisplayName": f"Survivor {number}"})
            page = f"{self.world.box.url}/company/{self.world.realm}/customers/{remote_id}"
            merged = requests.post(f"{page}/merge", data={"into": into["Id"]}, timeout=10)
            assert merged.ok, merged.text
            return
        (theirs,) = [one for one in self.world.held("Customer") if one["Id"] == remote_id]
        named = {"Id": remote_id, "SyncToken": theirs["SyncToken"], "sparse": True}
        self.world.bookkeeper("Customer", {**named, "DisplayName": f"Renamed {number}"})

    def invoices(self) -> list[Invoice]:
        """One for each service, the customers in turn."""
        made = []
        for number, service in enumerate(self.services):
            place = number - WITH_TERMS.start
            details: dict[str, Any] = {"lines": [factories.line(service=service)]}
            if number in WITH_TERMS:
                details["terms"] = self.our_terms[place]
            customer = self.customers[number % CUSTOMERS]
            made.append(self.world.invoice(customer, **details))
        self.world.work()
        return made


def test_N_11_every_later_push_succeeds_or_carries_one_proposal_and_nothing_is_remapped_wrongly(
    world: World, alice: Visitor
) -> None:
    fifty = Fifty(world)
    instead = fifty.upset()
    steps.notified(world)
    world.due_now()
    world.work()
    invoices = fifty.invoices()
    went = {number: fifty.items[number]["Id"] for number in RENAMED if number not in WITH_TERMS}
    check(world, fifty, invoices, went)
    with world.inside():
        states = SyncJob.objects.filter(kind=Kind.INVOICE).values_list("local_id", "reason_code")
        waiting = {key: code for key, code in states if code}
    held = {invoices[number].pk for number in range(len(invoices)) if number not in went}
    assert waiting == dict.fromkeys(held, "choice_not_active")
    page = alice.go(MAPPING_PAGE)
    notes = [one.text for one in page.tree.all("div") if "field-error" in one["class"]]
    assert len(notes) == len(REPLACED) + len(GONE) + len(WITH_TERMS), "one for each"
    assert sum("instead" in note for note in notes) == len(REPLACED)
    # One click takes what is proposed: those of the same name, and the new names of the renamed.
    alice.press(f"Accept all {len(REPLACED) + len(RENAMED)} proposals")
    world.work()
    check(world, fifty, invoices, went | instead)
    with world.inside():
        assert Service.objects.count() == len(fifty.services)
        assert Term.objects.count() == len(fifty.our_terms)
        assert Customer.objects.count() == CUSTOMERS


def check(world: World, fifty: Fifty, invoices: list[Invoice], expected: dict[int, str]) -> None:
    """Exactly these have gone, each against this item and to its own customer, who is whoever it was merged into."""
    found = {one["DocNumber"]: one for one in world.held("Invoice")}
    names = {one["Id"]: one["DisplayName"] for one in world.held("Customer")}
    assert set(found) == {invoices[number].number for number in expected}
    for number, item_id in expected.items():
        theirs = found[invoices[number].number]
        (line,) = steps.sold(theirs)
        assert line["SalesItemLineDetail"]["ItemRef"]["value"] == item_id
        place = number % CUSTOMERS
        known_as = f"Survivor {place}" if place in MERGED else f"Renamed {place}"
        assert names[theirs["CustomerRef"]["value"]] == known_as
        assert theirs["CustomerRef"]["value"] == world.link(fifty.customers[place]).remote_id
