"""Alice (owner) and Bob (staff) at their browsers, before and after QuickBooks is connected; and Charlie."""

import django
import pytest

# Named on the command line, this file is loaded before Django has been set up.
django.setup()

from tenants.models import Role
from tests import factories
from tests.features.pages import Visitor
from tests.integrations.conftest import box, intuit, running, unconnected, world
from tests.integrations.world import World

__all__ = ["alice", "bob", "box", "intuit", "running", "unconnected", "world"]


@pytest.fixture
def alice(unconnected: World) -> Visitor:
    """The owner."""
    return Visitor(unconnected.organization, unconnected.owner)


@pytest.fixture
def bob(unconnected: World) -> Visitor:
    """Her staff."""
    person = factories.member(unconnected.organization, "bob@example.com", Role.STAFF, name="Bob")
    return Visitor(unconnected.organization, person)


@pytest.fixture
def other(world: World) -> World:
    """Charlie's organization, with a company of its own like Alice's; nobody has chosen anything there."""
    contoso = factories.organization(features=["quickbooks"])
    charlie = factories.member(contoso, "charlie@example.com", Role.OWNER)
    other = World(world.box, world.client_id, world.verifier, contoso, charlie)
    other.connect(custom_numbers=True)
    other.work()
    return other


@pytest.fixture
def charlie(other: World) -> Visitor:
    return Visitor(other.organization, other.owner)
