"""Why something that happened over there is not done here."""

from uuid import UUID

from integrations.documents import (
    Held,
    Kind,
)
from integrations.inbound.marks import MARKED, Marked
from integrations.models import (
    Connection,
    Link,
)
from integrations.outbound import links

GIVEN_AWAY = "It was given to another customer in QuickBooks."


class CannotApply(Exception):
    """Billing refused it; the sentence says why."""


def was_given_away(connection: Connection, held: Held, local_id: UUID) -> bool:
    """Whether theirs is for another customer now than it was, and than ours is for."""
    link = Link.objects.get(connection=connection, kind=held.kind, local_id=local_id)
    before, now = (getattr(one, "customer", "") for one in (link.our_document(), held.document))
    if held.document is None or before == now:
        return False
    row: Marked = MARKED[held.kind]._default_manager.get(pk=local_id)
    whose = links.of_remote(connection, Kind.CUSTOMER, now)
    return whose is None or whose.local_id != row.customer_id
