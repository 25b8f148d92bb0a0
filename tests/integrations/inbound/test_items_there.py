"""Items come in once, also when a worker and somebody who saves the rules do it at the same moment, and each alone."""

from decimal import Decimal

import pytest
from django.db import connections

from billing.models import Service
from integrations.documents import ListKind
from integrations.inbound import items_there
from integrations.models import MirrorEntry, set_policies
from integrations.policies import ItemOwner, ItemsThere, Policies
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def names() -> list[str]:
    return list(Service.objects.values_list("name", flat=True))


def test_who_comes_second_leaves_it_to_the_first(world: World) -> None:
    connection = world.connection
    key = [connection.pk.int % 2**63]
    with connections["owner"].cursor() as elsewhere:
        elsewhere.execute("SELECT pg_advisory_lock(%s)", key)
        with world.inside():
            set_policies(Policies(items_made_there=ItemsThere.BRING_IN))
            items_there.follow(connection)
            assert names() == []
        elsewhere.execute("SELECT pg_advisory_unlock(%s)", key)
    for _ in range(2):
        with world.inside():
            items_there.follow(connection)
    with world.inside():
        assert names() == ["IT services"]


def listed(world: World, remote_id: str, **detail: str) -> None:
    """An item of the company's list."""
    entries = MirrorEntry.objects.filter(connection=world.connection, kind=ListKind.ITEM)
    name = f"Item {remote_id}"
    words = {"name": name, "name_key": name.casefold(), "detail": {"type": "Service", **detail}}
    entries.update_or_create(
        connection=world.connection, kind=ListKind.ITEM, remote_id=remote_id, defaults=words
    )


def test_item_that_is_refused_holds_up_no_other(world: World) -> None:
    follows = Policies(items_made_there=ItemsThere.BRING_IN, item_price_owner=ItemOwner.THEIRS)
    too_large = "100000000000"
    with world.inside():
        set_policies(follows)
        listed(world, "801", unit_price=too_large)
        listed(world, "802", unit_price="7")
        listed(world, "803", unit_price="8")
        items_there.follow(world.connection)
        assert sorted(names()) == ["IT services", "Item 802", "Item 803"]
        listed(world, "802", unit_price=too_large)
        listed(world, "803", unit_price="9")
        items_there.follow(world.connection)
        prices = Service.objects.order_by("name").values_list("unit_price", flat=True)
        assert list(prices) == [Decimal(0), Decimal(7), Decimal(9)]
