"""Customers of theirs that came in before the one that they are a part of, as staff were asked about that one (X-10).

They are put below it once it is known here. Runs inside ``within()``; read from the mirror of the company's lists, so
it costs no call.
"""

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from billing.models import Customer
from integrations.documents import Kind, ListKind
from integrations.inbound import apply
from integrations.models import Connection, Mapping, MappingSubject, MirrorEntry
from integrations.outbound import links


def wait(connection: Connection, parts: Iterable[tuple[Customer, MirrorEntry]]) -> None:
    """The one that these are parts of there is not known here yet."""
    Mapping.objects.bulk_create(
        Mapping(
            connection=connection,
            subject=MappingSubject.PART_OF_UNKNOWN,
            local_key=str(customer.pk),
            remote_id=entry.remote_id,
        )
        for customer, entry in parts
    )


def follow(connection: Connection) -> None:
    """Those whose whole is known by now are put below it; those that are parts of nobody there wait no longer."""
    waiting = Mapping.objects.filter(connection=connection, subject=MappingSubject.PART_OF_UNKNOWN)
    rows = {row.remote_id: row for row in waiting}
    if not rows:
        return
    entries = MirrorEntry.objects.filter(
        connection=connection, kind=ListKind.CUSTOMER, remote_id__in=rows
    )
    above = {entry.remote_id: entry.above for entry in entries}
    ours = links.ours_of(connection, Kind.CUSTOMER, {*rows, *above.values()})
    for remote_id, row in rows.items():
        whole = above.get(remote_id, "")
        is_linked = ours.get(remote_id) == UUID(row.local_key)
        if is_linked and whole in ours:
            _put_below(connection, ours[remote_id], ours[whole])
        if not is_linked or not whole or whole in ours:
            row.delete()


def _put_below(connection: Connection, part_id: UUID, whole_id: UUID) -> None:
    """Unless staff have put it below another one since, or the whole below it."""
    customers = Customer.objects.in_bulk([part_id, whole_id])
    if customers[part_id].parent_id is None:
        with suppress(apply.CannotApply):
            apply.take_customer(connection, customers[part_id], {"parent": customers[whole_id]})
