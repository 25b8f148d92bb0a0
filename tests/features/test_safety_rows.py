"""Rows about what must never happen: card data with us, one tenant's rows with another."""

import re
from typing import Any

import pytest
from django.db import connection as database
from django.urls import reverse

from billing.models import Invoice
from integrations.documents import ListKind
from integrations.models import MirrorEntry
from tenants.models import Role
from tenants.scope import within
from tests import factories
from tests.features import steps
from tests.features.pages import Page, Visitor
from tests.integrations.world import World
from tests.ui.access_rows import ROWS
from tests.ui.addresses import of_an_organization

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

# An id in hexadecimal may end a part in "cc", too.
CARD_FIELD = re.compile(r"card|(?<![0-9a-f])cc-|cvc|cvv|expiry", re.IGNORECASE)
# Pages about something of the connected company's.
OF_THE_COMPANY = {"integrations:revive": lambda: {"entry_id": _item().pk}}
# What QuickBooks tells of a card payment besides that it was one.
CARD_DETAIL = "CreditCharge|AuthCode|ReconBatch|CCTrans"


def test_R_37_no_page_asks_for_a_card_and_nothing_of_one_is_kept(
    unconnected: World, alice: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    world = unconnected
    world.connect(custom_numbers=True, payments_enabled=True)
    world.work()
    world.customer()
    number = steps.generate(alice)
    world.work()
    alice.again()
    steps.pay_online(alice, "Pay by card")
    steps.notified(world)
    assert f"{number} Paid" in steps.open_invoice(alice, number).text
    for page in every_page(world, alice):
        assert not list(page.tree.all("iframe")), page.address
        assert not [one for one in asked(page) if CARD_FIELD.search(one)], page.address
    assert "integrations_link" in kept(world, number), "the search itself works"
    assert kept(world, CARD_DETAIL) == []
    assert not re.search(CARD_DETAIL, caplog.text)


def every_page(world: World, person: Visitor) -> list[Page]:
    """Each page there is to look at, about an object of its own kind where it is about one."""
    pages = []
    for name in of_an_organization():
        if ROWS[name].get:
            with world.inside():
                about = OF_THE_COMPANY.get(name, ROWS[name].make)()
            here = {"organization": world.organization.slug}
            pages.append(person.open(reverse(name, kwargs={**here, **about})))
    return pages


def _item() -> MirrorEntry:
    return MirrorEntry.objects.filter(kind=ListKind.ITEM).earliest("name")


def asked(page: Page) -> list[str]:
    """Names, ids and what browsers may fill in of everything that can be typed or chosen."""
    controls = page.tree.all("input", "select", "textarea")
    return [one[name] for one in controls for name in ("name", "id", "autocomplete")]


def kept(world: World, words: str) -> list[str]:
    """The tables in which any row of this organization, or of the platform, holds one of these words."""
    with world.inside(), database.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')"
        )
        tables = [row[0] for row in cursor.fetchall()]
        return [table for table in tables if _has(cursor, table, words)]


def _has(cursor: Any, table: str, words: str) -> bool:
    cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}" t WHERE t::text ~ %s)', [words])  # noqa: S608
    return bool(cursor.fetchone()[0])


def test_X_26_rows_of_another_tenant_are_kept_out_by_the_database_itself(
    world: World, bob: Visitor
) -> None:
    world.customer()
    number = steps.generate(bob)
    contoso = factories.organization("contoso")
    charlie = Visitor(contoso, factories.member(contoso, "charlie@example.com", Role.OWNER))
    for path in ("invoices/", "customers/", f"search/?q={number}"):
        assert not {number, "Adatum"} & set(charlie.go(path).text.split())
    charlie.go(f"invoices/{steps.invoice(world, number).pk}/", status=404)
    with within(contoso), database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM billing_invoice")
        assert cursor.fetchone() == (0,)
        assert not Invoice.objects.exists()
