"""Transactions that wait for one that is open in the test."""

from django.db import connection as database

LOOKS = 2_000
WAITING = """
    SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (
        SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE datname = current_database())
"""


def until_waiting(how_many: int = 1) -> None:
    """Returns once so many wait."""
    assert any(_waiting() >= how_many for _ in range(LOOKS)), "it went through"


def _waiting() -> int:
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.005)")
        cursor.execute(WAITING)
        return int(cursor.fetchone()[0])
