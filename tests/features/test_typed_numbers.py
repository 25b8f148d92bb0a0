"""Numbers as people type them: a comma separates thousands, and what else it may mean is asked, never guessed."""

from typing import Any

import pytest

from billing.models import Invoice, Payment, TimeEntry
from tests import factories
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

REFUSED = "Write decimals with a point, as in 12.50; a comma only separates thousands, as in 1,250."
# What is typed, and what is booked; None where it is refused.
TYPED = [
    ("1,250.5", "$1,250.50"),
    ("$ 1,250", "$1,250.00"),
    ("1,234,567.00", "$1,234,567.00"),
    ("12,50", None),
    ("12,5", None),
    ("1250,00", None),
    ("1,25,000", None),
    ("1.250,00", None),
    (",500", None),
]


@pytest.mark.parametrize(("typed", "booked"), TYPED)
def test_payment(world: World, alice: Visitor, typed: str, booked: str | None) -> None:
    world.customer()
    alice.go("payments/record/")
    page = alice.press("Record payment", {"Customer": "Adatum", "Amount in USD": typed})
    with world.inside():
        assert [str(one.amount) for one in Payment.objects.all()] == ([booked] if booked else [])
    assert (REFUSED in page.text) is (booked is None)


def test_hours(world: World, alice: Visitor) -> None:
    world.customer()
    with world.inside():
        factories.service("Remote support")
    alice.go("time/new/")
    work: dict[str, Any] = {"Customer": "Adatum", "Service": "Remote support"}
    assert REFUSED in alice.press("Log time", {**work, "Hours": "1,5"}).text
    alice.press("Log time", {**work, "Hours": "1.5"})
    with world.inside():
        assert [str(one.hours) for one in TimeEntry.objects.all()] == ["1.50"]


@pytest.mark.parametrize("field", ["lines-0-unit_price", "lines-0-quantity", "Discount"])
def test_invoice(world: World, alice: Visitor, field: str) -> None:
    adatum = world.customer()
    line = {"lines-0-description": "Backup", "lines-0-quantity": "1", "lines-0-unit_price": "5,000"}
    alice.go(f"invoices/generate/?customer={adatum.pk}")
    page = alice.press("Generate invoice", {**line, field: "12,50"})
    assert REFUSED in page.text
    with world.inside():
        assert not Invoice.objects.exists()
