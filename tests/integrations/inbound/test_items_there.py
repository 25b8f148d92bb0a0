"""Items come in once, also when a worker and somebody who saves the rules do it at the same moment."""

import pytest
from django.db import connections

from billing.models import Service
from integrations.inbound import items_there
from integrations.models import set_policies
from integrations.policies import ItemsThere, Policies
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
