"""What a worker and somebody who saves the sync rules both do is done by one of them. Runs inside ``within()``."""

from django.db import connection as database

from integrations.models import Connection


def is_mine(connection: Connection) -> bool:
    """Whether nobody else brings in entries of this company's lists until the transaction ends.

    Who is told No leaves it to the other one and waits for nothing, so that nobody waits in a circle.
    """
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [connection.pk.int % 2**63])
        return bool(cursor.fetchone()[0])
