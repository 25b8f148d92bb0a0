"""Alice (owner) and Bob (staff) at their browsers, before and after QuickBooks is connected; and Charlie."""

import django
import pytest

# Named on the command line, this file is loaded before Django has been set up.
django.setup()

from tenants.models import Role
from tests import factories
from tests.features.pages import Visitor
from tests.integrations.conftest import (
    box,
    connected,
    intuit,
    other,
    running,
    unconnected,
    world,
)
from tests.integrations.world import World

__all__ = ["alice", "bob", "box", "connected", "intuit", "other", "running", "unconnected", "world"]


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
def charlie(other: World) -> Visitor:
    return Visitor(other.organization, other.owner)
