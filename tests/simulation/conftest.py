"""The simulation keeps its own rows in the test database and wipes them itself."""

from collections.abc import Iterator

import django
import pytest

# Named on the command line, this file is loaded before Django has been set up.
django.setup()

from tests.simulation.run import wipe
from tests.simulation.world import dismiss


@pytest.fixture
def simulated(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """The database, open for all threads, without a transaction around the test."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        wipe()
        yield
        dismiss()
        wipe()
