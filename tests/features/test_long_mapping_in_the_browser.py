"""A long list on the mapping page as a browser has it: opened in its row by keyboard, chosen from, closed again."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tenants.models import Role
from tests import factories
from tests.e2e.browsing import CHROMIUM, PHONE, Seat, chromium
from tests.features.test_long_mapping_rows import (
    LONG,
    MAPPING_PAGE,
    choose_all,
    chosen,
    new_items,
    new_services,
)
from tests.integrations.world import World

pytestmark = [
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here (apt-get install chromium)"),
]
EMAIL = "dora@example.com"


def test_R_16_a_long_list_opens_in_its_row_by_keyboard_and_on_a_phone(
    world: World, live_server: Any
) -> None:
    factories.member(world.organization, EMAIL, Role.ADMIN)
    new_items(world, *range(LONG))
    new_services(world, *range(30))
    before = choose_all(world)
    with chromium() as browser:
        seat = Seat(browser, live_server.url, PHONE)
        seat.log_in(EMAIL, factories.PASSWORD)
        page = seat.page
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        page.goto(f"{live_server.url}/o/{world.organization.slug}/{MAPPING_PAGE}")
        row = page.locator(".mapping-row", has_text="Item for Service 003")
        row.get_by_role("link", name="Choose… Item for Service 003").focus()
        page.keyboard.press("Enter")
        select = page.get_by_label("Item for Service 003", exact=True)
        expect(select).to_be_focused()
        wider = "document.documentElement.scrollWidth > window.innerWidth"
        assert not page.evaluate(wider)
        select.select_option(label="Service 150")
        expect(row.get_by_role("status")).to_have_text("Saved")
        expect(row).to_contain_text("Service 150")
        expect(row.get_by_role("link", name="Choose… Item for Service 003")).to_be_focused()
        assert not page.evaluate(wider)
        seat.leave()
    assert chosen(world) == {**before, "Service 003": "Service 150"}
