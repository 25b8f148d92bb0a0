"""Rows about the mapping page where there is much to map, or much to choose from."""

from typing import Any

import pytest

from billing.models import LedgerAccount, Service
from integrations.company_mapping import CompanyMapping
from integrations.documents import ListKind
from integrations.mapping_slots import MOST_SHOWN
from integrations.models import Mapping, MappingSubject, MirrorEntry
from integrations.outbound.mirror import name_key
from tests import factories
from tests.features import steps
from tests.features.pages import Answer, Page, Visitor
from tests.integrations.world import World
from tests.statements import statements

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"
ON_A_PAGE = 25
LONG = MOST_SHOWN + 100
Choices = dict[str, str]


def new_services(world: World, *numbers: int) -> list[Service]:
    with world.inside():
        return Service.objects.bulk_create(
            Service(name=f"Service {number:03}", unit_price=1) for number in numbers
        )


def new_items(world: World, *numbers: int) -> None:
    """What the company's list has more than before; each bears the name of a service."""
    with world.inside():
        MirrorEntry.objects.bulk_create(
            MirrorEntry(
                connection=world.connection,
                kind=ListKind.ITEM,
                remote_id=str(10_000 + number),
                name=f"Service {number:03}",
                name_key=name_key(f"Service {number:03}"),
                detail={"type": "Service"},
            )
            for number in numbers
        )


def choose_all(world: World) -> Choices:
    """What is proposed is chosen; by the names of ours and of theirs."""
    with world.inside():
        mapping = CompanyMapping(world.connection)
        mapping.store(mapping.proposals)
    return chosen(world)


def chosen(world: World) -> Choices:
    """What is chosen for services, by the names of ours and of theirs."""
    with world.inside():
        mapped = Mapping.objects.filter(subject=MappingSubject.SERVICE)
        names = {str(one.pk): one.name for one in Service.objects.all()}
        return {names[one.local_key]: one.remote_name for one in mapped}


def rows(page: Page) -> list[str]:
    """The services that stand on the page."""
    labels = [one.text for one in page.tree.all("label", "span") if "form-label" in one["class"]]
    return [label.removeprefix("Item for ") for label in labels if label.startswith("Item for Ser")]


def asked(person: Visitor, address: str) -> tuple[int, int]:
    """How many options the page has, and how many statements it takes."""
    with statements() as asked_for:
        page = person.go(address)
    return page.html.count("<option"), len(asked_for)


def filled(page: Page, button: str, **typed: str) -> dict[str, Any]:
    """What the form with this button would send."""
    form = page.form(button)
    assert form is not None
    pressed = form.button(button)
    assert pressed is not None
    return form.sent(pressed, typed)


def post(person: Visitor, page: Page, sent: dict[str, Any], **headers: str) -> Any:
    """This goes to where the form of the page leads."""
    form = page.form("Save")
    assert form is not None
    return person.client.post(form.element["action"], sent, headers=headers)


def address(world: World, **query: str) -> str:
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return f"{MAPPING_PAGE}{world.connection.query}{more}"


def test_R_16_page_costs_the_same_however_many_services_there_are(
    world: World, alice: Visitor
) -> None:
    new_items(world, *range(100))
    new_services(world, *range(100))
    alice.go(MAPPING_PAGE)
    few = asked(alice, MAPPING_PAGE)
    new_services(world, *range(100, 300))
    assert asked(alice, MAPPING_PAGE) == few
    assert few[0] > ON_A_PAGE * 100, "all that each of them offers"


def test_R_16_services_are_paged_and_searched_and_what_there_is_little_of_stays_whole(
    world: World, alice: Visitor
) -> None:
    new_services(world, *range(60))
    with world.inside():
        factories.term("Half a month", 15)
    page = alice.go(MAPPING_PAGE)
    assert rows(page) == [f"Service {number:03}" for number in range(25)]
    assert "1–25 of 120 choices" in page.text, "each has an item and a class"
    page = alice.follow("Items of your services60")
    assert "1–25 of 60 choices" in page.text
    page = alice.follow("Next")
    assert rows(page) == [f"Service {number:03}" for number in range(25, 50)]
    assert "Terms for Half a month" in page.text
    assert rows(alice.go(address(world, of="service", size="50", page="2"))) == [
        f"Service {number:03}" for number in range(50, 60)
    ]
    page = alice.go(address(world, q="service 04"))
    assert rows(page) == [f"Service {number:03}" for number in range(40, 50)]
    page = alice.go(address(world, q="gardening"))
    assert "Nothing matches." in page.text
    assert "Terms for Half a month" in page.text
    for nonsense in ({"page": "x"}, {"of": "x"}, {"only": "x"}, {"q": "%00"}):
        assert len(rows(alice.go(address(world, **nonsense)))) == 50


def test_R_16_few_services_stand_with_all_else_in_one_form(world: World, alice: Visitor) -> None:
    new_services(world, *range(ON_A_PAGE))
    page = alice.go(MAPPING_PAGE)
    assert len(rows(page)) == ON_A_PAGE
    assert "of 25 choices" not in page.text
    assert len([one for one in page.tree.all("button") if one.text == "Save"]) == 1


def test_R_16_those_without_a_choice_and_those_whose_item_is_gone_are_shown_alone(
    world: World, alice: Visitor
) -> None:
    new_services(world, *range(60))
    new_items(world, *range(55))
    choose_all(world)
    alice.go(MAPPING_PAGE)
    page = alice.follow("Items of your services60")
    assert page.links("To be looked at")
    page = alice.follow("Without a choice5")
    assert rows(page) == [f"Service {number:03}" for number in range(55, 60)]
    with world.inside():
        MirrorEntry.objects.filter(name="Service 050").update(active=False)
    alice.go(MAPPING_PAGE)
    assert rows(alice.follow("To be looked at1")) == ["Service 050"]


def test_R_16_beside_many_services_many_ledger_accounts_are_listed_and_shown_alone(
    world: World, alice: Visitor
) -> None:
    new_services(world, *range(30))
    with world.inside():
        LedgerAccount.objects.bulk_create(
            LedgerAccount(code=f"7{number:03}", name=f"Costs {number:03}", kind="expense")
            for number in range(30)
        )
        accounts = LedgerAccount.objects.count()
    page = alice.go(MAPPING_PAGE)
    assert f"1–25 of {30 + 30 + accounts} choices" in page.text
    page = alice.follow(f"Your ledger accounts{accounts}")
    assert rows(page) == []
    assert f"1–25 of {accounts} choices" in page.text
    page = alice.go(address(world, q="costs 007"))
    assert "Account for 7007 Costs 007" in page.text
    assert "1–1 of 1 choices" in page.text
    assert rows(alice.go(address(world, q="7007"))) == []


def test_R_16_what_is_saved_on_one_page_changes_nothing_of_another(
    world: World, alice: Visitor
) -> None:
    new_items(world, *range(60))
    services = new_services(world, *range(60))
    before = choose_all(world)
    alice.go(address(world, page="2"))
    changed = f"service_{services[30].pk}"
    emptied = f"service_{services[40].pk}"
    page = alice.press("Save", {changed: "Service 001", emptied: "The default service item"})
    assert "The mapping is saved." in page.text
    assert rows(page)[0] == "Service 025", "the same page again"
    expected = {**before, "Service 030": "Service 001"}
    del expected["Service 040"]
    assert chosen(world) == expected


def test_R_16_a_service_added_or_renamed_while_a_page_stands_open_moves_no_choice(
    world: World, alice: Visitor
) -> None:
    new_items(world, *range(60))
    services = new_services(world, *range(60))
    choose_all(world)
    page = alice.go(address(world, page="2"))
    sent = filled(page, "Save", **{f"service_{services[30].pk}": "Service 001"})
    with world.inside():
        factories.service("A new one")
        Service.objects.filter(pk=services[26].pk).update(name="Zebra")
        Service.objects.filter(pk=services[59].pk).update(name="Aardvark")
        Service.objects.filter(pk=services[27].pk).update(active=False)
    before = chosen(world)
    assert len(before) == 60
    assert post(alice, page, sent).status_code == 302
    assert chosen(world) == {**before, "Service 030": "Service 001"}


def test_R_16_what_was_not_sent_is_not_touched_also_without_what_the_page_showed(
    world: World, alice: Visitor
) -> None:
    new_items(world, *range(60))
    services = new_services(world, *range(60))
    before = choose_all(world)
    page = alice.go(MAPPING_PAGE)
    token = filled(page, "Save")["csrfmiddlewaretoken"]
    sent = {"csrfmiddlewaretoken": token, f"service_{services[3].pk}": ""}
    assert post(alice, page, sent).status_code == 302
    del before["Service 003"]
    assert chosen(world) == before


def test_T_70_proposals_are_counted_and_accepted_over_all_pages(
    world: World, alice: Visitor
) -> None:
    new_services(world, *range(60))
    new_items(world, *range(50, 60))
    page = alice.go(MAPPING_PAGE)
    assert "has Service" not in page.text, "those stand on another page"
    assert "10 of your entries have a namesake in QuickBooks." in page.text
    alice.press("Accept all 10 proposals")
    assert chosen(world) == {
        f"Service {number:03}": f"Service {number:03}" for number in range(50, 60)
    }


def test_R_16_names_are_text_in_a_list_of_theirs(world: World, alice: Visitor) -> None:
    (service,) = new_services(world, 1)
    new_items(world, 1)
    hostile = "</option></select><script>alert('x')</script>\"&"
    with world.inside():
        MirrorEntry.objects.filter(name="Service 001").update(name=hostile)
    name = f"service_{service.pk}"
    page = alice.go(MAPPING_PAGE)
    (select,) = [one for one in page.tree.all("select") if one["name"] == name]
    assert hostile in [one.text for one in select.all("option")]
    assert "<script>alert" not in page.html
    alice.press("Save", {name: hostile})
    (select,) = [one for one in alice.page.tree.all("select") if one["name"] == name]
    assert [one.text for one in select.all("option") if one.has("selected")] == [hostile]


def closed(page: Page, name: str) -> str:
    """What a row without a select says."""
    (row,) = [one for one in page.tree.all("div") if one["id"] == f"row-{name}"]
    assert not list(row.all("select"))
    return row.text


def test_R_16_of_a_long_list_the_choice_is_shown_and_the_list_once_it_is_wanted(
    world: World, alice: Visitor
) -> None:
    new_items(world, *range(LONG))
    services = new_services(world, *range(60))
    before = choose_all(world)
    alice.go(MAPPING_PAGE)
    few = asked(alice, address(world, page="2"))
    new_items(world, *range(LONG, LONG + 100))
    assert asked(alice, address(world, page="2")) == few
    name = f"service_{services[30].pk}"
    assert "Service 030 Choose…" in closed(alice.page, name)
    assert "First active Service item Choose…" in closed(alice.page, "default_item")
    with world.inside():
        MirrorEntry.objects.filter(name="Service 030").update(active=False)
    shown = closed(alice.again(), name)
    assert "Service 030: no longer active in QuickBooks" in shown
    assert "Invoices with this service wait." in shown
    (link,) = [one for one in alice.page.tree.all("a") if one["id"] == f"id_{name}"]
    page = alice.open(link["href"])
    assert page.html.count("<option") == LONG + 100 - 1 + 3, (
        "all active ones, IT services, none, and the one it was"
    )
    page = alice.press("Save", {name: "Service 150"})
    assert rows(page)[0] == "Service 025", "back where it was chosen"
    assert "Service 150 Choose…" in closed(page, name)
    assert chosen(world) == {**before, "Service 030": "Service 150"}


def test_R_16_a_row_that_is_closed_is_unchanged_when_its_page_is_saved(
    world: World, alice: Visitor
) -> None:
    new_items(world, *range(LONG))
    new_services(world, *range(60))
    before = choose_all(world)
    page = alice.go(MAPPING_PAGE)
    assert not [name for name in filled(page, "Save") if "service" in name]
    alice.press("Save")
    assert "The mapping is saved." in alice.page.text
    assert chosen(world) == before


def test_R_16_a_row_is_opened_in_its_place_and_closed_once_it_is_saved(
    world: World, alice: Visitor
) -> None:
    new_items(world, *range(LONG))
    services = new_services(world, *range(30))
    before = choose_all(world)
    page = alice.go(MAPPING_PAGE)
    name = f"service_{services[3].pk}"
    (link,) = [one for one in page.tree.all("a") if one["id"] == f"id_{name}"]
    opened = alice.client.get(link["hx-get"], headers={"HX-Request": "1"}).content.decode()
    assert opened.lstrip().startswith(f'<div class="mapping-row" id="row-{name}"')
    assert opened.count("<option") == LONG + 1 + 1, "IT services is one of them"
    sent = {**filled(page, "Save"), "saved": name, name: "10007", f"shown-{name}": "10003"}
    answer = post(alice, page, sent, **{"HX-Request": "1"}).content.decode()
    assert "Saved" in answer
    assert "<select" not in answer
    assert chosen(world) == {**before, "Service 003": "Service 007"}


def test_R_16_what_a_long_list_does_not_have_comes_back_with_the_list(
    world: World, alice: Visitor
) -> None:
    new_items(world, *range(LONG))
    services = new_services(world, *range(60))
    before = choose_all(world)
    page = alice.go(MAPPING_PAGE)
    name = f"service_{services[50].pk}"
    sent = {**filled(page, "Save"), name: "77777", f"shown-{name}": "10050"}
    answer = post(alice, page, sent)
    assert answer.status_code == 200
    shown = Page("", lambda: Answer("", 200, answer.content.decode()))
    assert rows(shown)[-1] == "Service 050", "though it stands on another page"
    assert "77777 is not one of the available choices" in shown.text
    assert chosen(world) == before


@pytest.mark.parametrize("name", ["service_", "nothing", "service_1", "saved"])
def test_R_16_choice_that_there_is_none_of_is_not_found(
    world: World, alice: Visitor, name: str
) -> None:
    alice.go(f"{MAPPING_PAGE}choose/{name}/", status=404)


def test_R_16_choice_of_another_organization_is_not_found(
    world: World, alice: Visitor, other: World, charlie: Visitor
) -> None:
    (service,) = new_services(other, 1)
    path = f"{MAPPING_PAGE}choose/service_{service.pk}/"
    assert "Item for Service 001" in charlie.go(path).text
    alice.go(path, status=404)
