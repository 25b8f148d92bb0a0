"""Items of theirs and services here: brought in, and kept equal field by field by whoever owns it (X-11).

Runs inside ``within()``. Read from the mirror of the company's lists, so it costs no call.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from billing.models import Service
from integrations.documents import Kind, ListKind
from integrations.inbound import apply, one_at_a_time
from integrations.inbound.free_names import free_name
from integrations.inbound.one_by_one import contained
from integrations.mapping_slots import SELLABLE
from integrations.models import (
    Connection,
    Link,
    Mapping,
    MappingSubject,
    MirrorEntry,
    policies_in_force,
)
from integrations.outbound import as_ours, items, jobs
from integrations.outbound.mirror import name_key
from integrations.policies import ItemOwner, ItemsThere, Policies

# Characters that the name of a service has at most.
LONGEST_NAME = 100


def follow(connection: Connection) -> None:
    """Brings in what is to be here, takes over what QuickBooks owns, and has sent there what is ours."""
    policies = policies_in_force()
    comes_in = policies.items_made_there is ItemsThere.BRING_IN
    is_owned = policies.items_owned_by(ItemOwner.EACH) < items.FIELDS
    if not (comes_in or is_owned) or not one_at_a_time.is_mine(connection):
        return
    if comes_in:
        bring_in(connection, sold(connection))
    if is_owned:
        _keep_equal(connection, policies)


def sold(connection: Connection) -> list[MirrorEntry]:
    """Their items that lines can be sold by."""
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.ITEM, active=True)
    return list(entries.filter(detail__type__in=SELLABLE).order_by("pk"))


def bring_in(connection: Connection, entries: Iterable[MirrorEntry]) -> int:
    """A service for each that none stands for yet; how many were new here."""
    rows = Mapping.objects.filter(connection=connection, subject=MappingSubject.SERVICE)
    # Several services may stand for one item.
    chosen = list(rows.values_list("remote_id", "local_key"))
    taken = {remote_id for remote_id, _ in chosen}
    unmapped = Service.objects.exclude(pk__in=[UUID(key) for _, key in chosen])
    free = {name_key(service.name): service for service in unmapped}
    brought = 0
    for entry in entries:
        if entry.remote_id in taken:
            continue
        with contained(entry):
            service = free.pop(entry.name_key, None)
            if service is None:
                service = _made(connection, entry)
                brought += 1
            _map(connection, service, entry)
    return brought


def _made(connection: Connection, entry: MirrorEntry) -> Service:
    """Under its name, else its path, else its name with its id."""
    path = entry.detail.get("full_name", "")
    name = free_name(Service, entry, path, longest=LONGEST_NAME)
    return apply.make_service(connection, {**_words(entry, items.FIELDS), "name": name})


def _map(connection: Connection, service: Service, entry: MirrorEntry) -> None:
    Mapping.objects.create(
        connection=connection,
        subject=MappingSubject.SERVICE,
        local_key=str(service.pk),
        remote_id=entry.remote_id,
        remote_name=entry.name,
    )


def _keep_equal(connection: Connection, policies: Policies) -> None:
    chosen = items.chosen(connection)
    services = Service.objects.in_bulk(list(chosen))
    links = {row.local_id: row for row in _links(connection, list(chosen))}
    moving, owners = items.moving(connection), items.owners(connection, chosen.values())
    for service_id, entry in chosen.items():
        service = services.get(service_id)
        is_alone = owners.get(entry.remote_id, service_id) == service_id
        if service is not None and service_id not in moving and is_alone:
            _keep_one(connection, service, entry, links.get(service_id), policies)


def _links(connection: Connection, service_ids: list[UUID]) -> list[Link]:
    rows = Link.objects.filter(connection=connection, kind=Kind.ITEM, local_id__in=service_ids)
    return list(rows)


def _keep_one(
    connection: Connection,
    service: Service,
    entry: MirrorEntry,
    link: Link | None,
    policies: Policies,
) -> None:
    if link is not None and _is_older(entry, link):
        return
    theirs = _words(entry, policies.items_owned_by(ItemOwner.THEIRS))
    with contained(entry):
        apply.take_service(connection, service, theirs)
    sent = _words(entry, policies.items_owned_by(ItemOwner.OURS))
    differs = any(getattr(service, name) != value for name, value in sent.items())
    if differs or link is not None:
        items.agree(connection, service.pk, entry)
    if differs:
        jobs.want(connection, Kind.ITEM, service.pk)


def _is_older(entry: MirrorEntry, link: Link) -> bool:
    """An answer may be from before our own write: versions of theirs are numbers that rise."""
    if entry.remote_id != link.remote_id:
        return False
    return int(entry.remote_version or 0) < int(link.remote_version or 0)


def _words(entry: MirrorEntry, names: frozenset[str]) -> dict[str, Any]:
    document = as_ours.item(items.of_entry(entry))
    return {name: getattr(document, name) for name in names}
