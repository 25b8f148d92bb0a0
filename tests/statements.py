"""What the database is asked, for tests that count it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

# Asked by the clock every half minute, whatever happens meanwhile.
TIME = "SELECT clock_timestamp()"


@contextmanager
def statements() -> Iterator[list[str]]:
    """Filled once the block is left."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as queries:
        yield found
    found += [one["sql"] for one in queries.captured_queries if one["sql"] != TIME]
