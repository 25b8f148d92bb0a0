"""Alice's browser."""

# Models are imported late: a conftest is read before Django is set up.
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:
    from tests.integrations.world import World


@pytest.fixture
def browser(world: World) -> Client:
    client = Client()
    client.force_login(world.owner)
    return client
