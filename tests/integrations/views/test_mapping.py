"""Settings → Integrations → QuickBooks → Configure mapping."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from billing.services import catalogue
from integrations.documents import ListKind
from integrations.mapping_notes import AFFECTED
from integrations.mapping_slots import slots
from integrations.models import Intent, Mapping, MappingSubject, MirrorEntry
from integrations.outbound import company_settings
from integrations.outbound.referred import LIST_OF
from regentra import clock
from tests import factories
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def page(world: World, name: str = "mapping/") -> str:
    return f"/o/{world.organization.slug}/settings/integrations/quickbooks/{name}{world.connection.query}"


def entry(world: World, kind: ListKind, type_: str) -> MirrorEntry:
    with world.inside():
        found = (
            MirrorEntry.objects.filter(kind=kind, active=True, detail__type=type_)
            .order_by("-name")
            .first()
        )
    assert found is not None
    return found


def sent_lines(world: World) -> list[str]:
    (invoice,) = world.held("Invoice")
    return [
        line["SalesItemLineDetail"]["ItemRef"]["value"]
        for line in invoice["Line"]
        if "SalesItemLineDetail" in line
    ]


@pytest.fixture
def item(world: World, browser: Client) -> MirrorEntry:
    """A second service item, so that there is something to choose."""
    income = entry(world, ListKind.ACCOUNT, "Income")
    for name in ("Zebra support", "Yak support"):
        world.bookkeeper(
            "Item",
            {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": income.remote_id}},
        )
    browser.post(page(world, "mapping/refresh/"))
    world.work()
    return entry(world, ListKind.ITEM, "Service")


def test_it_offers_service_items_and_income_accounts_of_the_company(
    world: World, browser: Client, item: MirrorEntry
) -> None:
    shown = browser.get(page(world)).content.decode()
    assert "First active Service item" in shown
    assert "Zebra support" in shown
    assert entry(world, ListKind.ACCOUNT, "Income").name in shown
    (offered,) = re.findall(r'<select name="default_income_account".*?</select>', shown, re.DOTALL)
    assert "Checking" not in offered


def test_R_17_the_chosen_item_is_what_lines_book_against(
    world: World, browser: Client, item: MirrorEntry
) -> None:
    answer = browser.post(
        page(world), {"default_item": item.remote_id, "default_income_account": ""}
    )
    assert answer.status_code == 302
    world.invoice(world.customer())
    world.work()
    assert sent_lines(world) == [item.remote_id]


def test_R_18_without_a_choice_lines_book_against_the_first_active_service_item(
    world: World, browser: Client, item: MirrorEntry
) -> None:
    services = [one for one in world.held("Item") if one["Type"] == "Service" and one["Active"]]
    assert services[0]["Id"] != item.remote_id
    browser.post(page(world), {"default_item": ""})
    world.invoice(world.customer())
    world.work()
    assert sent_lines(world) == [services[0]["Id"]]


def test_R_19_the_income_account_is_kept_for_reference_and_never_sent(
    world: World, browser: Client, item: MirrorEntry
) -> None:
    account = entry(world, ListKind.ACCOUNT, "Income")
    browser.post(page(world), {"default_income_account": account.remote_id})
    with world.inside():
        kept = Mapping.objects.get(subject="default_income_account")
    assert kept.remote_id == account.remote_id
    world.invoice(world.customer())
    world.work()
    sent = [
        call for call in world.journal() if call["method"] == "POST" and call["entity"] == "Invoice"
    ]
    assert len(sent) == 1
    with world.inside():
        assert "AccountRef" not in Intent.objects.get(kind="invoice").body


def test_choosing_the_default_again_takes_the_choice_away(
    world: World, browser: Client, item: MirrorEntry
) -> None:
    browser.post(page(world), {"default_item": item.remote_id})
    browser.post(page(world), {"default_item": ""})
    with world.inside():
        assert not Mapping.objects.exists()


def test_an_entry_of_another_list_is_refused(world: World, browser: Client) -> None:
    account = entry(world, ListKind.ACCOUNT, "Bank")
    answer = browser.post(
        page(world),
        {"default_item": account.remote_id, "default_income_account": account.remote_id},
    )
    assert answer.status_code == 200
    assert "is not one of the available choices" in answer.content.decode()
    with world.inside():
        assert not Mapping.objects.exists()


def test_a_choice_that_became_inactive_stays_visible(
    world: World, browser: Client, item: MirrorEntry
) -> None:
    browser.post(page(world), {"default_item": item.remote_id})
    with world.inside():
        MirrorEntry.objects.filter(pk=item.pk).update(active=False)
    shown = browser.get(page(world)).content.decode()
    assert f"{item.name}: no longer active in QuickBooks" in shown


def test_of_every_choice_it_can_be_said_what_waits_once_it_is_inactive(unconnected: World) -> None:
    unconnected.organization.currency = "CAD"
    unconnected.organization.save(update_fields=["currency"])
    unconnected.connect(country="CA")
    unconnected.work()
    with unconnected.inside():
        factories.service("Backup")
        factories.tax_region("Ontario", "13")
        factories.term()
        catalogue.create_ledger_account(code="4020", name="Support")
        catalogue.create_location(name="Leeds")
        company = replace(
            unconnected.connection.company_settings(),
            class_per_line=True,
            tracks_locations=True,
            custom_fields=(("1", "Crew"),),
        )
        company_settings.keep(unconnected.connection, company, clock.now())
        offered = {slot.subject for slot in slots(unconnected.connection)}
    assert offered == set(LIST_OF) - {MappingSubject.NEW_ITEM_ACCOUNT}, "all there are"
    assert offered <= set(AFFECTED)


def test_refresh_reads_the_lists_again_and_the_page_waits_for_it(
    world: World, browser: Client
) -> None:
    browser.post(page(world, "mapping/refresh/"))
    waiting = browser.get(page(world, "mapping/lists/"))
    assert "data-moving" in waiting.content.decode()
    assert "HX-Refresh" not in waiting.headers
    world.work()
    done = browser.get(page(world, "mapping/lists/"))
    assert done.headers["HX-Refresh"] == "true"
    assert "data-moving" not in done.content.decode()


def test_without_a_company_there_is_nothing_to_map(world: World, browser: Client) -> None:
    browser.post(page(world, "disconnect/"))
    nothing_named = page(world).partition("?")[0]
    answer: Any = browser.get(nothing_named)
    assert answer.headers["Location"] == nothing_named.removesuffix("mapping/")
