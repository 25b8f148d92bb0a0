"""Items of theirs and services here: brought in, and kept equal field by field by whoever owns it (X-11).

Runs inside ``within()``. Read from the mirror of the company's lists, so it costs no call.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from billing.models import Service
from integrations.documents import Document, ItemDocument, Kind, ListKind
from integrations.inbound import apply, one_at_a_time
from integrations.inbound.free_names import free_name
from integrations.inbound.one_by_one import contained
from integrations.job_states import JobState
from integrations.mapping_slots import SELLABLE
from integrations.models import (
    Connection,
    Link,
    Mapping,
    MappingSubject,
    MirrorEntry,
    SyncJob,
    companies_before,
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
    kept = _kept(connection)
    services = Service.objects.in_bulk(list(kept))
    links = {row.local_id: row for row in _links(connection, list(kept))}
    moving, owed = items.moving(connection), _owed(connection)
    led = {service_id for one in companies_before(connection) for service_id in _kept(one)}
    for service_id, entry in kept.items():
        service = services.get(service_id)
        if service is not None and service_id not in moving:
            pair = _Pair(
                service,
                entry,
                links.get(service_id),
                is_owed=service_id in owed,
                is_led=service_id in led,
            )
            _keep_one(connection, pair, policies)


def _kept(connection: Connection) -> dict[UUID, MirrorEntry]:
    """The item of each service that is kept equal to it: it stands for nothing else of ours."""
    chosen = items.chosen(connection)
    owners = items.owners(connection, chosen.values())
    return {
        service_id: entry
        for service_id, entry in chosen.items()
        if owners.get(entry.remote_id, service_id) == service_id
    }


def _links(connection: Connection, service_ids: list[UUID]) -> list[Link]:
    rows = Link.objects.filter(connection=connection, kind=Kind.ITEM, local_id__in=service_ids)
    return list(rows)


def _owed(connection: Connection) -> set[UUID]:
    """What is on its way already, or was refused and waits for somebody to change it."""
    jobs_of_items = SyncJob.objects.filter(connection=connection, kind=Kind.ITEM)
    return set(jobs_of_items.exclude(state=JobState.SYNCED).values_list("local_id", flat=True))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A service, the item that stands for it, and what was last known of both.

    ``is_led`` is when the item of another company says what QuickBooks owns of the service: taken from each, it would
    be another one with every look.
    """

    service: Service
    entry: MirrorEntry
    link: Link | None
    is_owed: bool
    is_led: bool

    @property
    def is_older(self) -> bool:
        """An answer may be from before our own write: versions of theirs are numbers that rise."""
        if self.link is None or self.entry.remote_id != self.link.remote_id:
            return False
        return int(self.entry.remote_version or 0) < int(self.link.remote_version or 0)

    @property
    def is_news(self) -> bool:
        """Whether it stands there otherwise than it was last known to."""
        link = self.link
        if link is None or self.entry.remote_id != link.remote_id:
            return True
        known, now = link.their_document(), items.of_entry(self.entry)
        return any(_said(known, name) != _said(now, name) for name in items.FIELDS)

    @property
    def has_moved(self) -> bool:
        """Also where only its version did, which our next write has to name."""
        known = self.link.remote_version if self.link else None
        return self.entry.remote_version != known or self.is_news

    @property
    def agreed(self) -> ItemDocument:
        """What both sides started from last."""
        document = self.link.our_document() if self.link else None
        assert isinstance(document, ItemDocument)
        return document


def _keep_one(connection: Connection, pair: _Pair, policies: Policies) -> None:
    """What was refused goes out anew once it is changed on either side, not with every look."""
    if pair.is_older:
        return
    if not pair.is_led:
        _take(connection, pair, policies)
    has_moved = pair.has_moved
    agreed = items.of_entry(pair.entry) if has_moved else pair.agreed
    differs = items.as_owned(agreed, pair.service, policies) != agreed
    if has_moved and (differs or pair.link is not None):
        items.agree(connection, pair.service.pk, pair.entry)
    if differs and (pair.is_news or not pair.is_owed):
        jobs.want(connection, Kind.ITEM, pair.service.pk)


def _take(connection: Connection, pair: _Pair, policies: Policies) -> None:
    theirs = _words(pair.entry, policies.items_owned_by(ItemOwner.THEIRS))
    changed = {name: said for name, said in theirs.items() if getattr(pair.service, name) != said}
    if changed:
        with contained(pair.entry):
            apply.take_service(connection, pair.service, changed)


def _said(document: Document | None, name: str) -> object:
    """What it says of this field; an answer and the list leave out what is empty in different ways."""
    return getattr(document, name, None) or None


def _words(entry: MirrorEntry, names: frozenset[str]) -> dict[str, Any]:
    document = as_ours.item(items.of_entry(entry))
    return {name: getattr(document, name) for name in names}
