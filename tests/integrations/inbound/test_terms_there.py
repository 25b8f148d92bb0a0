"""Payment terms that our books cannot hold are left out alone."""

import pytest

from billing.models import Term
from integrations.documents import Kind, ListKind
from integrations.inbound import terms_there
from integrations.models import MirrorEntry, set_policies
from integrations.outbound import wishes
from integrations.policies import CustomerTerms, Policies
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


RULES = {
    "Ever after": {"type": "STANDARD", "due_days": "9999"},
    "The 15th": {"type": "DATE_DRIVEN"},
    "Net 45": {"type": "STANDARD", "due_days": "45"},
}


def borne(world: World, name: str) -> None:
    """Terms there, and a linked customer that bears them."""
    term = world.bookkeeper("Term", {"Name": name, "DueDays": 10})
    customer = world.customer(name, email=f"{term['Id']}@example.com")
    with world.inside():
        wishes.send_now(Kind.CUSTOMER, customer.id)
    world.work()
    theirs = next(one for one in world.held("Customer") if one["DisplayName"] == name)
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Customer", {**keys, "sparse": True, "SalesTermRef": {"value": term["Id"]}})


def test_terms_that_are_refused_hold_up_no_others(world: World) -> None:
    for name in RULES:
        borne(world, name)
    world.due_now()
    world.work()
    with world.inside():
        entries = MirrorEntry.objects.filter(connection=world.connection, kind=ListKind.TERM)
        for name, rule in RULES.items():
            assert entries.filter(name=name).update(detail=rule)
        set_policies(Policies(customer_terms=CustomerTerms.QUICKBOOKS))
        terms_there.follow(world.connection)
        assert list(Term.objects.values_list("name", "due_days")) == [("Net 45", 45)]
