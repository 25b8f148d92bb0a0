"""Days that nobody can mean are refused for work and agreements as for invoices."""

import pytest

from billing.models import TimeEntry
from tests import factories
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


@pytest.mark.parametrize("day", ["0206-11-05", "9999-12-31"])
def test_time_of_another_age_is_refused(world: World, alice: Visitor, day: str) -> None:
    world.customer()
    with world.inside():
        factories.service("Remote support")
    alice.go("time/new/")
    typed = {"Customer": "Adatum", "Service": "Remote support", "Hours": "1", "Date": day}
    assert "The date is not between 1990 and 2100." in alice.press("Log time", typed).text
    with world.inside():
        assert not TimeEntry.objects.exists()


@pytest.mark.parametrize(
    ("button", "typed"),
    [
        ("Change the price", {"New price": "3", "priced_from": "9999-12-31"}),
        ("Change the quantity", {"Quantity": "3", "From": "9999-12-31"}),
    ],
)
def test_price_and_quantity_from_another_age_are_refused(
    world: World, alice: Visitor, button: str, typed: dict[str, str]
) -> None:
    world.customer()
    alice.go("agreements/new/")
    line = {"lines-0-kind": "seat", "lines-0-description": "Seat", "lines-0-unit_price": "20"}
    alice.press("Add agreement", {"Customer": "Adatum", "Name": "Managed IT", **line})
    assert "The day is not between 1990 and 2100." in alice.press(button, typed).text
