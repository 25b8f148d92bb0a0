"""What became of a write whose answer was lost, where the company is no longer as we read it."""

import pytest

from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_company_that_counts_for_itself_since_is_looked_through_by_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.box.core.switches, "docnumber_ignored_when_automatic", True)
    customer = world.linked_customer()
    (settings,) = world.held("Preferences")
    keys = {name: settings[name] for name in ("Id", "SyncToken")}
    forms = {**settings["SalesFormsPrefs"], "CustomTxnNumbers": False}
    world.bookkeeper("Preferences", {**keys, "sparse": True, "SalesFormsPrefs": forms})
    world.trouble("requestid_forgotten", times=None, method="POST")
    world.trouble("answer_dropped", entity="Invoice")
    invoice = world.invoice(customer)
    for _ in range(3):
        world.work()
        world.later(minutes=5)
    (theirs,) = world.held("Invoice")
    assert theirs["DocNumber"] != invoice.number
    assert world.link(invoice).remote_id == theirs["Id"]
    assert world.job(invoice).state == "synced"
