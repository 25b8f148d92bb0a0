"""A sandbox of its own for every test, in this process and with a clock that stands still."""

from collections.abc import Iterator

import pytest

from sandbox import Box, Sandbox, serve
from sandbox.clock import Clock
from tests.sandbox.client import Company

MOMENT = "2026-03-10T18:00:00+00:00"


@pytest.fixture(scope="session")
def running() -> Iterator[Box]:
    """One server for all tests; what is in it is thrown away before each."""
    with serve(core=Sandbox(seed=1, clock=Sandbox.at(MOMENT)), courier=False) as box:
        yield box


@pytest.fixture
def box(running: Box) -> Box:
    fresh: Clock = Sandbox.at(MOMENT)
    running.core.clock.frozen_at, running.core.clock.offset = fresh.frozen_at, 0.0
    running.core.reset("1")
    return running


@pytest.fixture
def company(box: Box) -> Company:
    return Company.made(box)
