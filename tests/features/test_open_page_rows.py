"""Features: what is pressed on a page that stands open is about the company that the page shows, whichever is the
default one or connected by now; where that company is not connected any more, nothing is done and a sentence says so.
"""

from collections.abc import Callable

import pytest

from integrations.documents import Kind
from integrations.models import Connection, Link, Mapping
from tenants.models import Role
from tests import factories
from tests.features import steps
from tests.features.pages import Page, Visitor
from tests.features.test_company_rows import Pair, pair
from tests.features.test_rule_rows import choose
from tests.integrations.world import World

__all__ = ["pair"]

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"
FIRST_IS_GONE = "First Books is not connected any more, so nothing was done."


@pytest.fixture
def adam(alice: Visitor) -> Visitor:
    """Another admin."""
    person = factories.member(alice.organization, "adam@example.com", Role.ADMIN)
    return Visitor(alice.organization, person)


def make_second_the_default(adam: Visitor) -> None:
    adam.go(steps.QUICKBOOKS_PAGE)
    assert "is the default company" in adam.press("Make Second Books the default").text


def disconnect_first(adam: Visitor) -> None:
    adam.go(steps.QUICKBOOKS_PAGE)
    adam.follow("Disconnect QuickBooks")
    adam.press("Disconnect QuickBooks").loaded()


def pressed(person: Visitor, page: Page, *press: object) -> Page:
    """A button of a page that was opened before."""
    person.page = page
    return person.press(*press).loaded()  # type: ignore[arg-type]


def links_of(world: World) -> list[tuple[str, str]]:
    with world.inside():
        rows = Link.objects.filter(kind=Kind.CUSTOMER).select_related("connection")
        return [(str(one.connection), one.remote_id) for one in rows]


def both_have(pair: Pair, entity: str, here: str, there: str, **fields: str) -> str:
    """An entry of either company; each counts for itself, so their ids are the same. Which that is."""
    name = "DisplayName" if entity == "Customer" else "Name"
    first = pair.at(pair.first).bookkeeper(entity, {name: here, **fields})
    second = pair.at(pair.second).bookkeeper(entity, {name: there, **fields})
    assert first["Id"] == second["Id"]
    pair.world.due_now()
    pair.world.work()
    return str(first["Id"])


def test_X_100_customer_matched_on_an_open_page_is_linked_in_the_company_that_it_shows(
    pair: Pair, alice: Visitor, adam: Visitor
) -> None:
    pair.world.customer(email="")
    adatum = both_have(pair, "Customer", "Adatum", "Zenith")
    alice.go(steps.QUICKBOOKS_PAGE)
    page = alice.follow("Run setup wizard")
    assert "Match customers with First Books" in page.text
    make_second_the_default(adam)
    assert "1 customer is linked." in pressed(alice, page, "Accept exact matches").text
    assert links_of(pair.world) == [("First Books", adatum)]
    assert "Match customers with First Books" in alice.page.text


def test_X_100_mapping_of_an_open_page_is_that_of_the_company_that_it_shows(
    pair: Pair, alice: Visitor, adam: Visitor
) -> None:
    account = both_have(pair, "Account", "First Bank", "Second Trust", AccountType="Bank")
    page = alice.go(MAPPING_PAGE)
    assert "Mapping to First Books" in page.text
    make_second_the_default(adam)
    said = pressed(alice, page, "Save", {"deposit_account": account})
    assert "The mapping is saved." in said.text and "Mapping to First Books" in said.text
    with pair.world.inside():
        kept = [(str(one.connection), one.remote_name) for one in Mapping.objects.all()]
    assert kept == [("First Books", "First Bank")]


def test_X_100_page_that_follows_by_itself_stays_with_its_company(
    pair: Pair, alice: Visitor, adam: Visitor
) -> None:
    page = alice.go(steps.QUICKBOOKS_PAGE)
    make_second_the_default(adam)
    alice.page = page
    assert alice.glance().region("Mapping").count("First Books") == 1


def test_X_100_customer_of_an_open_form_is_linked_in_the_company_whose_customers_it_offered(
    pair: Pair, alice: Visitor, adam: Visitor
) -> None:
    adatum = both_have(pair, "Customer", "Adatum", "Zenith")
    page = alice.go("customers/new/").loaded()
    make_second_the_default(adam)
    sent = {"Company name": "Adatum Corporation", "find_customer": "Adatum"}
    pressed(alice, page, "Add customer", sent)
    assert links_of(pair.world) == [("First Books", adatum)]


def test_X_100_customer_is_made_in_the_company_of_the_form_that_asked_for_it(
    pair: Pair, alice: Visitor, adam: Visitor
) -> None:
    choose(alice, customer_create_policy="toggle_off")
    page = alice.go("customers/new/").loaded()
    make_second_the_default(adam)
    asked = {"Company name": "Adatum", "Create New Customer in QuickBooks": "on"}
    pressed(alice, page, "Add customer", asked)
    pair.world.work()
    made = [
        [one["DisplayName"] for one in pair.at(each).held("Customer")]
        for each in (pair.first, pair.second)
    ]
    assert made == [["Adatum"], []]


def test_X_100_customer_of_an_open_form_is_linked_nowhere_once_its_company_is_not_connected(
    pair: Pair, alice: Visitor, adam: Visitor
) -> None:
    both_have(pair, "Customer", "Adatum", "Adatum")
    page = alice.go("customers/new/").loaded()
    make_second_the_default(adam)
    adam.open(f"{adam.page.address}{pair.connection('First Books').query}")
    adam.follow("Disconnect QuickBooks")
    adam.press("Disconnect QuickBooks").loaded()
    sent = {"Company name": "Adatum Corporation", "find_customer": "Adatum"}
    said = pressed(alice, page, "Add customer", sent)
    assert "This page was about another company. Choose anew, in Second Books." in said.text
    assert links_of(pair.world) == []
    said = alice.press("Add customer", {"find_customer": "Adatum"}).loaded()
    assert [company for company, _ in links_of(pair.world)] == ["Second Books"]


BUTTONS: dict[str, Callable[[Visitor], Page]] = {
    "Pause sending": lambda person: person.go(steps.QUICKBOOKS_PAGE),
    "See what there is": lambda person: person.go(steps.QUICKBOOKS_PAGE),
    "Sync now": lambda person: person.go(steps.QUICKBOOKS_PAGE),
    "Reconnect QuickBooks": lambda person: person.go(steps.QUICKBOOKS_PAGE),
    "Refresh": lambda person: person.go(MAPPING_PAGE),
    "Save": lambda person: person.go(MAPPING_PAGE),
    "Save payment methods": lambda person: person.go(MAPPING_PAGE),
    "Disconnect QuickBooks": lambda person: person.go(f"{steps.QUICKBOOKS_PAGE}disconnect/"),
}


@pytest.fixture
def first(world: World) -> None:
    """The company that is connected is called so."""
    with world.inside():
        Connection.objects.update(company_name="First Books")


@pytest.mark.parametrize("button", BUTTONS)
def test_X_19_button_of_an_open_page_does_nothing_to_the_company_that_took_the_place_of_its_own(
    world: World, first: None, alice: Visitor, adam: Visitor, button: str
) -> None:
    page = BUTTONS[button](alice).loaded()
    steps.connect(world, adam, button="Reconnect QuickBooks", name="Second Books")
    before = second(world)
    said = pressed(alice, page, button)
    assert FIRST_IS_GONE in said.text
    assert "Use Second Books from now on" in said.text, "the page anew"
    assert second(world) == before


def second(world: World) -> dict[str, object]:
    with world.inside():
        return Connection.objects.values().get(company_name="Second Books")


def test_X_19_company_is_confirmed_by_the_page_that_shows_it_alone(
    world: World, alice: Visitor, adam: Visitor
) -> None:
    steps.connect(world, adam, button="Reconnect QuickBooks", name="First Books")
    page = alice.go(steps.QUICKBOOKS_PAGE).loaded()
    steps.connect(world, adam, button="Reconnect QuickBooks", name="Second Books")
    said = pressed(alice, page, "Use First Books from now on")
    assert FIRST_IS_GONE in said.text
    assert world.connection.company_name == "Second Books" and world.connection.held
    assert "Documents go to Second Books" in alice.press("Use Second Books from now on").text


def test_X_19_choice_that_saves_itself_leads_the_whole_page_back(
    world: World, alice: Visitor, adam: Visitor
) -> None:
    form = alice.go(MAPPING_PAGE).form("Save payment methods")
    assert form is not None
    button = form.button("Save payment methods")
    assert button is not None
    sent = form.sent(button, {"pay_now": "off"})
    disconnect_first(adam)
    answer = alice.client.post(form.element["hx-post"], sent, headers={"HX-Request": "true"})
    page = alice.open(answer.headers["HX-Redirect"])
    assert "is not connected any more" in page.text and page.offers("Connect QuickBooks")


def test_X_19_send_button_of_an_open_page_sends_to_the_company_that_it_shows_or_nowhere(
    world: World, first: None, alice: Visitor, adam: Visitor
) -> None:
    choose(alice, push_when="button")
    world.customer()
    number = steps.generate(alice)
    page = steps.open_invoice(alice, number)
    assert "Not sent to First Books." in page.text
    steps.connect(world, adam, button="Reconnect QuickBooks", name="Second Books")
    adam.go(steps.QUICKBOOKS_PAGE)
    adam.press("Use Second Books from now on").loaded()
    said = pressed(alice, page, "Send to QuickBooks")
    assert FIRST_IS_GONE in said.text and "Not sent to Second Books." in said.text
    world.work()
    assert world.held("Invoice") == []


def test_X_19_letters_typed_on_an_open_form_find_nobody_of_another_company(
    world: World, alice: Visitor, adam: Visitor
) -> None:
    page = alice.go("customers/new/").loaded()
    (search,) = [one["hx-get"] for one in page.tree.all("input") if one["hx-get"]]
    disconnect_first(adam)
    assert "is not connected any more" in alice.open(f"{search}&find_customer=ada").text


def test_X_19_company_connected_since_is_not_replaced_from_a_page_that_showed_none(
    unconnected: World, alice: Visitor, adam: Visitor
) -> None:
    world, other = unconnected, unconnected.new_company(name="Second Books")
    page = alice.go(steps.QUICKBOOKS_PAGE).loaded()
    at_intuit = steps.press_connect(adam)
    steps.connect(world, alice, name="First Books")
    assert "That page was out of date" in pressed(alice, page, "Connect QuickBooks").text
    said = pressed(adam, at_intuit, "Connect", {"realm": other}).text
    assert "First Books was connected meanwhile, and nothing was stored." in said
    assert world.connection.company_name == "First Books" and world.connection.is_connected
    revoked = [call for call in world.control("GET", "journal") if "revoke" in call["path"]]
    assert len(revoked) == 1, "Intuit is told that it is not needed"
