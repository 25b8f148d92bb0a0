"""A change feed that was cut off without a word, with entries of lists among what it left out."""

from collections import Counter
from typing import Any

import pytest

from integrations.inbound.sweep import WATCHED
from integrations.models import MirrorEntry
from integrations.quickbooks_online import feed
from sandbox.quickbooks import cdc
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT = 4


@pytest.fixture
def small_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of the feed ends after four objects, on both sides of the wire."""
    monkeypatch.setattr(feed, "ANSWER_LIMIT", LIMIT)
    monkeypatch.setattr(cdc, "MOST", LIMIT)


def mirrored(world: World, kind: str) -> dict[str, Any]:
    with world.inside():
        rows = MirrorEntry.objects.filter(kind=kind, active=True)
        return dict(rows.values_list("name", "remote_id"))


def test_no_change_of_any_list_is_lost(world: World, small_answers: None) -> None:
    (income,) = [one for one in world.held("Account") if one["Name"] == "Services"]
    account = {"value": income["Id"]}
    for number in range(2 * LIMIT):
        world.bookkeeper("Customer", {"DisplayName": f"Fabrikam {number}"})
        item = {"Name": f"Retainer {number}", "Type": "Service", "IncomeAccountRef": account}
        world.bookkeeper("Item", item)
    world.bookkeeper("Term", {"Name": "Net 77", "DueDays": 77})
    world.bookkeeper("Vendor", {"DisplayName": "Litware"})
    world.due_now()
    world.work()
    assert {f"Fabrikam {number}" for number in range(2 * LIMIT)} <= set(mirrored(world, "customer"))
    assert {f"Retainer {number}" for number in range(2 * LIMIT)} <= set(mirrored(world, "item"))
    assert "Net 77" in mirrored(world, "term")
    assert "Litware" in mirrored(world, "vendor")


def test_the_name_of_an_entry_that_is_gone_is_free_again(world: World, small_answers: None) -> None:
    vendor = world.bookkeeper("Vendor", {"DisplayName": "Adatum"})
    world.due_now()
    world.work()
    world.box.core.store.execute(
        "DELETE FROM objects WHERE realm=? AND kind='Vendor' AND id=?",
        (int(world.realm), int(vendor["Id"])),
    )
    for number in range(2 * LIMIT):
        world.bookkeeper("Customer", {"DisplayName": f"Fabrikam {number}"})
    world.due_now()
    world.work()
    with world.inside():
        entry = MirrorEntry.objects.get(kind="vendor", remote_id=vendor["Id"])
    assert (entry.active, entry.name_key) == (False, "")
    assert world.job(world.linked_customer()).state == "synced"


def test_only_the_kind_that_is_too_much_is_read_by_query(world: World, small_answers: None) -> None:
    """Every read is metered."""
    for number in range(2 * LIMIT):
        world.bookkeeper("Customer", {"DisplayName": f"Fabrikam {number}"})
    world.forget_calls()
    world.due_now()
    world.work()
    asked = Counter(call["path"].rsplit("/", 1)[-1] for call in world.journal())
    # The feed, once for all and once for each kind; what was changed of the one, and its ids.
    assert (asked["cdc"], asked["query"]) == (1 + len(WATCHED), 2)
