"""An organization that may connect, Intuit's app registered in a sandbox of its own, and people in their browsers."""

# Models are imported late: a conftest is read before Django is set up.
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from sandbox import Box, Sandbox, serve

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from tests.integrations.connect.desk import Desk


@pytest.fixture(scope="session")
def intuit() -> Iterator[Box]:
    """One server for all tests here; what is in it is thrown away before each."""
    with serve(core=Sandbox(seed=1), courier=False) as box:
        yield box


@pytest.fixture
def desk(transactional_db: None, intuit: Box, settings: SettingsWrapper) -> Desk:
    from tests.integrations.connect.desk import Desk

    intuit.core.reset("1")
    return Desk.at(intuit, settings)
