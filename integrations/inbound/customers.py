"""A customer of theirs that vanished: it was merged into another one, or is gone. Runs inside ``within()``."""

from typing import Any
from uuid import UUID

from integrations.documents import Held, Kind, ListKind
from integrations.inbound import drift, lists, merged_entries
from integrations.models import (
    Connection,
    Doorbell,
    Link,
    Mapping,
    MappingSubject,
    MirrorEntry,
)
from integrations.outbound import customer_links, jobs, links
from integrations.outbound.named_anew import judge_anew, name_anew
from integrations.ports import Event
from tenants import audit

# What is kept of the link of a customer that vanished.
KEPT = ("ours", "theirs", "made_by_us")


def note_merge(connection: Connection, event: Event) -> None:
    """Only the event names who took the vanished one's place; it is believed once that one is seen to be gone."""
    if event.kind == Kind.CUSTOMER and event.merged_away_id:
        Mapping.objects.update_or_create(
            connection=connection,
            subject=MappingSubject.MERGED_CUSTOMER,
            local_key=event.merged_away_id,
            defaults={"remote_id": event.remote_id},
        )


def gone(connection: Connection, held: Held, local_id: UUID) -> None:
    """Ours is the one that took its place from now on; where that is not known, staff are asked."""
    lists.forget(connection, [(ListKind.CUSTOMER, held.id)])
    drift.close_all(connection, held)
    link = Link.objects.get(connection=connection, kind=Kind.CUSTOMER, local_id=local_id)
    survivor = _survivor(connection, held.id)
    if survivor is not None:
        _move(connection, held.id, link, survivor)
    else:
        _ask(connection, held.id, link)


def follow(connection: Connection) -> None:
    """Staff are asked no longer about those of whom it is known by now who took their place."""
    asked = Mapping.objects.filter(connection=connection, subject=MappingSubject.LOST_CUSTOMER)
    for row in asked.exclude(agreed={}):
        survivor = _survivor(connection, row.remote_id)
        if survivor is not None:
            agreed = Link(kind=Kind.CUSTOMER, local_id=UUID(row.local_key), **row.agreed)
            customer_links.hold(agreed.local_id)
            _move(connection, row.remote_id, agreed, survivor)
            judge_anew(connection, survivor.remote_id)
            row.delete()


def _survivor(connection: Connection, gone_id: str) -> MirrorEntry | None:
    """Who it was merged into, unless that one, or one between them, is another customer here."""
    noted = Mapping.objects.filter(connection=connection, subject=MappingSubject.MERGED_CUSTOMER)
    into = dict(noted.values_list("local_key", "remote_id"))
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER, active=True)
    for remote_id in merged_entries.successors(into, gone_id):
        if links.of_remote(connection, Kind.CUSTOMER, remote_id) is not None:
            return None
        if (entry := entries.filter(remote_id=remote_id).first()) is not None:
            return entry
    return None


def _move(connection: Connection, gone_id: str, link: Link, survivor: MirrorEntry) -> None:
    """What was agreed on stays, so that the look that meets the survivor takes what it says otherwise for a change.

    Until then its version counts as unknown, and nothing goes over what it holds.
    """
    local_id, ours = link.local_id, link.our_document()
    unmet = Held(Kind.CUSTOMER, survivor.remote_id, "", link.their_document())
    links.agree(
        connection, Kind.CUSTOMER, local_id, ours=ours, held=unmet, made_by_us=link.made_by_us
    )
    Doorbell.ring_again(connection, Kind.CUSTOMER, survivor.remote_id)
    jobs.want(connection, Kind.CUSTOMER, local_id)
    name_anew(connection, gone_id, survivor.remote_id)
    _note("customer.merged_there", local_id, gone_id, into=survivor.remote_id)


def _ask(connection: Connection, gone_id: str, link: Link) -> None:
    """What was agreed on is kept, as word of who took its place may come yet."""
    Mapping.objects.update_or_create(
        connection=connection,
        subject=MappingSubject.LOST_CUSTOMER,
        local_key=str(link.local_id),
        defaults={"remote_id": gone_id, "agreed": {name: getattr(link, name) for name in KEPT}},
    )
    link.delete()
    jobs.want(connection, Kind.CUSTOMER, link.local_id)
    _note("customer.gone_there", link.local_id, gone_id)


def _note(action: str, local_id: UUID, gone_id: str, **detail: Any) -> None:
    audit.record(action, object_kind="customer", object_id=local_id, remote_id=gone_id, **detail)
