"""Each test of this folder has a company of its own in the sandbox of the run."""

import pytest

from sandbox import Box
from tests.integrations.quickbooks_online.desk import Desk, open_desk


@pytest.fixture
def sandbox_url(box: Box) -> str:
    return box.url


@pytest.fixture
def desk(sandbox_url: str) -> Desk:
    """A US company that lets us give the numbers."""
    return open_desk(sandbox_url, custom_numbers=True)
