"""Up to when a company's change feed has been read."""

from datetime import datetime, timedelta
from uuid import UUID

from integrations.models import Connection
from integrations.outbound import due

OVERLAP = timedelta(minutes=5)  # the change feed may lag (reference quickbooks 2.10)


def read_up_to(connection: Connection) -> datetime:
    """From where the next look reads on."""
    return connection.changes_since or connection.connected_at - OVERLAP


def look_back(connection_id: UUID, since: datetime) -> None:
    """Something became ours that was nobody's: what changed since then is taken in once more.

    The cursor is moved in any case, so that a look that runs leaves it there: it may have passed that by already. After
    `due.hold`, which a look that ends waits for.
    """
    row = Connection.objects.filter(pk=connection_id)
    earlier = read_up_to(row.get()) - timedelta(microseconds=1)
    row.update(changes_since=min(earlier, since))
    due.look_now(connection_id)
