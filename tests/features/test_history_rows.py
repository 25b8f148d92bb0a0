"""Rows about the history of all documents: what was done, by whom, when, narrowed and as a file."""

import csv
import io
from datetime import timedelta

import pytest

from tests import factories
from tests.features import steps
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def lines(person: Visitor) -> list[str]:
    """Newest first; when it was is left out."""
    rows = [one for one in person.page.tree.all("tr") if one["data-href"]]
    return [" ".join(cell.text for cell in list(row.all("td"))[1:]) for row in rows]


def test_T_37_every_step_of_both_sides_is_listed_with_who_took_it(
    world: World, bob: Visitor
) -> None:
    world.linked_customer()
    number = steps.generate(bob)
    steps.send(bob, number)
    world.work()
    (theirs,) = world.held("Invoice")
    world.bookkeeper(
        "Payment",
        {
            "CustomerRef": theirs["CustomerRef"],
            "TotalAmt": 40,
            "Line": [{"Amount": 40, "LinkedTxn": [{"TxnId": theirs["Id"], "TxnType": "Invoice"}]}],
        },
    )
    world.due_now()
    world.work()
    bob.go("")
    bob.follow("History")
    who = str(bob.person)
    assert lines(bob)[:4] == [
        "Payment of $40.00 recorded Adatum QuickBooks",
        f"Payment of $40.00 applied {number} QuickBooks",
        f"Invoice sent {number} {who}",
        f"Invoice generated {number} {who}",
    ]
    bob.follow(number)
    assert number in next(bob.page.tree.all("h1")).text


def test_T_37_history_is_narrowed_and_taken_along_as_a_file(world: World, bob: Visitor) -> None:
    world.linked_customer()
    world.customer("Contoso", email="ap@contoso.example")
    first, second = steps.generate(bob), steps.generate(bob, "Contoso")
    steps.mark_paid(bob)
    everything = lines(bob) if bob.go("history/") else []
    assert len([one for one in everything if "Invoice generated" in one]) == 2
    bob.press("Apply", {"Person": str(bob.person)})
    assert all(one.endswith(str(bob.person)) for one in lines(bob))
    assert len(lines(bob)) < len(everything), "customers were not added by this person"
    bob.go("history/?q=contoso")
    assert f"Invoice generated {second} {bob.person}" in lines(bob)
    assert not [one for one in lines(bob) if first in one]
    bob.go("history/")
    bob.go("history/?status=payment")
    assert [one.split(" recorded")[0] for one in lines(bob)] == ["Payment of $100.00"]
    with world.inside():
        today = factories.local_today()
    tomorrow = today + timedelta(days=1)
    bob.go(f"history/?since={tomorrow}")
    assert "Nothing fits" in bob.page.text
    bob.go(f"history/?until={today}")
    assert len(lines(bob)) == len(everything)
    bob.go("history/?format=csv")
    rows = list(csv.reader(io.StringIO(bob.page.html.lstrip("\ufeff"))))
    assert rows[0] == ["When", "What", "Document", "Who"]
    assert [" ".join(row[1:]) for row in rows[1:]] == everything


@pytest.mark.parametrize(
    "odd",
    [
        "since=2026-02-30",
        "status=zzz",
        "q=%00",
        "q=" + "x" * 5000,
        "actor=not-a-person",
        "page=99999999999999999999",
        "sort=detail",
        "until=9999-12-31",
        "since=0001-01-01",
    ],
)
def test_T_37_odd_input_narrows_nothing_that_is_not_there_and_breaks_nothing(
    world: World, bob: Visitor, odd: str
) -> None:
    world.customer()
    assert "History" in bob.go(f"history/?{odd}").text


def test_T_37_another_organization_s_people_and_steps_are_not_there(
    world: World, other: World, bob: Visitor, charlie: Visitor
) -> None:
    world.customer()
    other.customer("Contoso", email="ap@contoso.example")
    bob.go(f"history/?actor={charlie.person.pk}")
    assert "Contoso" not in bob.page.text
    assert "Contoso" not in bob.go("history/?q=contoso").text
    assert "Contoso" in charlie.go("history/?q=contoso").text
