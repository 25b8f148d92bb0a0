"""Rows about customers that are known from the lists of the company there alone: brought in, recognised, chosen."""

from typing import Any

import pytest

from billing.models import Customer
from integrations.checkup import check_up
from integrations.documents import ListKind
from integrations.inbound import lists
from integrations.models import Connection, Link, MirrorEntry
from integrations.quickbooks_online.mapping import entries
from tests.features import steps
from tests.features.pages import Visitor
from tests.features.test_import_rows import bring_in, changed_there, choose, look, their_customer
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

LINES = {"Line1": "Adatum Ltd", "Line2": "Attn: Tim", "Line3": "1 Main Street", "Line4": "Suite 9"}
OLD, NEW = {"Address": "ap@adatum.example"}, {"Address": "new@adatum.example"}


def looks(world: World, times: int = 3) -> None:
    for _ in range(times):
        look(world)


def test_X_33_customer_of_five_address_lines_and_a_title_comes_in_whole(
    world: World, alice: Visitor
) -> None:
    names = {"Title": "Dr.", "GivenName": "Anna", "MiddleName": "Maria", "FamilyName": "Weiss"}
    their_customer(world, BillAddr={**LINES, "City": "Tucson"}, **names)
    bring_in(world, alice)
    ours = steps.customer(world)
    assert ours.contact_name == "Dr. Anna Maria Weiss"
    assert (ours.line1, ours.line2) == ("Adatum Ltd", "Attn: Tim, 1 Main Street, Suite 9")
    assert ours.city == "Tucson"


def test_X_33_city_that_is_put_right_here_leaves_the_street_there(
    world: World, alice: Visitor
) -> None:
    their_customer(world, BillAddr={**LINES, "City": "Tuscon"})
    bring_in(world, alice)
    steps.open_customer(alice)
    alice.follow("Edit")
    alice.press("Save", {"city": "Tucson"})
    looks(world)
    (theirs,) = world.held("Customer")
    assert theirs["BillAddr"]["City"] == "Tucson"
    assert "1 Main Street" in theirs["BillAddr"]["Line2"]


@pytest.mark.parametrize("owner", ["theirs", "ask", "ours"])
def test_N_08_first_change_there_after_an_import_goes_to_the_owner_of_the_field(
    world: World, alice: Visitor, owner: str
) -> None:
    choose(alice, customer_email_owner=owner)
    adatum = their_customer(world, PrimaryEmailAddr=OLD)
    bring_in(world, alice)
    changed_there(world, "Customer", adatum, PrimaryEmailAddr=NEW)
    looks(world)
    (theirs,) = world.held("Customer")
    stands = OLD if owner == "ours" else NEW
    assert (steps.customer(world).email, theirs["PrimaryEmailAddr"]) == (stands["Address"], stands)


def test_N_08_first_change_there_after_a_customer_was_recognised_is_taken(
    world: World, alice: Visitor
) -> None:
    choose(alice, customer_email_owner="theirs")
    adatum = their_customer(world, PrimaryEmailAddr=OLD)
    world.customer(email=OLD["Address"])
    look(world)
    steps.open_customer(alice)
    alice.press("Sync to QuickBooks")
    world.work()
    with world.inside():
        assert Link.objects.get(kind="customer").remote_id == adatum
    changed_there(world, "Customer", adatum, PrimaryEmailAddr=NEW)
    looks(world)
    assert steps.customer(world).email == NEW["Address"]
    with world.inside():
        assert Customer.objects.count() == 1


def kept_in_parts(world: World) -> None:
    """Of a customer over there, as all customers were kept once."""
    their_customer(world, BillAddr={**LINES, "City": "Tucson"})
    look(world)
    with world.inside():
        MirrorEntry.objects.filter(kind="customer").update(detail={"line1": LINES["Line1"]})
        Connection.objects.update(lists_form=0)


def kept_city(world: World) -> str:
    with world.inside():
        return str(MirrorEntry.objects.get(kind="customer").detail.get("city", ""))


def test_lists_that_kept_customers_in_parts_are_read_again_where_nobody_looks_unasked(
    world: World, alice: Visitor
) -> None:
    choose(alice, sync_cadence="manual")
    kept_in_parts(world)
    check_up(world.organization.id)
    world.serve()
    assert kept_city(world) == "Tucson"
    world.forget_calls()
    check_up(world.organization.id)
    world.serve()
    assert world.journal() == []


def test_lists_that_kept_customers_in_parts_are_read_again_once_the_company_is_back(
    world: World,
) -> None:
    kept_in_parts(world)
    world.disconnect()
    check_up(world.organization.id)
    world.connect(realm=world.realm)
    world.serve()
    assert kept_city(world) == "Tucson"


def test_lists_that_a_worker_of_before_reads_once_more_are_still_read_by_the_new_one(
    world: World, alice: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of an update: migrate, then replace the workers."""
    choose(alice, sync_cadence="manual")
    kept_in_parts(world)
    now_read = entries._details

    def as_before(kind: ListKind, payload: dict[str, Any]) -> list[tuple[str, str]]:
        return [(name, text) for name, text in now_read(kind, payload) if name != "city"]

    alice.go(f"{steps.QUICKBOOKS_PAGE}mapping/")
    alice.press("Refresh")
    with monkeypatch.context() as before:
        before.setattr(lists, "FORM", 0)
        before.setattr(entries, "_details", as_before)
        world.serve()
        check_up(world.organization.id)
        world.serve()
    assert kept_city(world) == ""
    check_up(world.organization.id)
    world.serve()
    assert kept_city(world) == "Tucson"
