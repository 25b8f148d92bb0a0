"""Customers that somebody has asked to be made over there, where the sync rules make none unasked (C-05).

Run inside ``within()``. A wish outlives the rule of its day: it was about this very customer.
"""

from uuid import UUID

from integrations.models import Connection, Mapping, MappingSubject

# To say that it is one of its own is to ask for it, too.
_WISHES = (MappingSubject.WANTED_CUSTOMER, MappingSubject.OWN_CUSTOMER)


def note(connection: Connection, customer_id: UUID) -> None:
    """It is to be made there, unless it is recognised."""
    Mapping.objects.get_or_create(
        connection=connection,
        subject=MappingSubject.WANTED_CUSTOMER,
        local_key=str(customer_id),
    )


def withdraw(connection: Connection, customer_id: UUID) -> None:
    """It was linked or taken off its link: what was asked for before is settled."""
    wishes = Mapping.objects.filter(connection=connection, subject__in=_WISHES)
    wishes.filter(local_key=str(customer_id)).delete()


def is_there(connection: Connection, customer_id: UUID) -> bool:
    """Whether somebody has asked for this one."""
    wishes = Mapping.objects.filter(connection=connection, subject__in=_WISHES)
    return wishes.filter(local_key=str(customer_id)).exists()
