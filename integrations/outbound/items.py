"""A service of the catalogue beside the item that stands for it there: who owns which field (X-11)."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from billing.models import Service
from integrations.documents import Held, ItemDocument, Kind, ListKind
from integrations.job_states import JobState
from integrations.models import (
    Connection,
    Intent,
    IntentState,
    Link,
    Mapping,
    MappingSubject,
    MirrorEntry,
    SyncJob,
)
from integrations.outbound import as_ours, jobs, links
from integrations.policies import OWNED_OF_ITEMS, ItemOwner, Policies

FIELDS = frozenset(OWNED_OF_ITEMS.values())


def as_owned(agreed: ItemDocument, service: Service, policies: Policies) -> ItemDocument:
    """The item as it should stand there: ours in what we own, as it was agreed in all else.

    What differs only because it cannot be held here stays as it is there.
    """
    names, here = policies.items_owned_by(ItemOwner.OURS), as_ours.item(agreed)
    changed = [name for name in names if getattr(service, name) != getattr(here, name)]
    return replace(agreed, **{name: getattr(service, name) for name in changed})


def of_entry(entry: MirrorEntry) -> ItemDocument:
    """The item as the company's list holds it."""
    detail = entry.detail
    return ItemDocument(
        name=entry.name,
        type=detail.get("type", ""),
        income_account=detail.get("income_account", ""),
        description=detail.get("description", ""),
        unit_price=Decimal(detail.get("unit_price") or 0),
        taxable=detail.get("taxable") == "true",
        active=entry.active,
    )


def detail_of(document: ItemDocument) -> dict[str, str]:
    """What the list is to say of an item that was just made or changed."""
    said = {
        "type": document.type,
        "income_account": document.income_account,
        "description": document.description or "",
        "unit_price": "" if document.unit_price is None else f"{document.unit_price:f}",
        "taxable": "true" if document.taxable else "",
    }
    return {name: text for name, text in said.items() if text}


def chosen(connection: Connection) -> dict[UUID, MirrorEntry]:
    """The item of each service that has one in use for itself alone."""
    rows = Mapping.objects.filter(connection=connection, subject=MappingSubject.SERVICE)
    pairs = [(UUID(key), item) for key, item in rows.values_list("local_key", "remote_id")]
    theirs = [item for _, item in pairs]
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.ITEM, active=True)
    known = {entry.remote_id: entry for entry in entries.filter(remote_id__in=theirs)}
    return {ours: known[item] for ours, item in pairs if item in known and theirs.count(item) == 1}


def owners(connection: Connection, entries: Collection[MirrorEntry]) -> dict[str, UUID]:
    """What these items stand for already, by their ids there: a service, or the ledger account that one was made for.

    One that was made active again stands for itself (X-38), but only until that is through.
    """
    itself = {entry.remote_id: entry.pk for entry in entries}
    unfinished = SyncJob.objects.filter(
        connection=connection, kind=Kind.ITEM, local_id__in=list(itself.values())
    ).exclude(state=JobState.SYNCED)
    under_way = set(unfinished.values_list("local_id", flat=True))
    rows = Link.objects.filter(connection=connection, kind=Kind.ITEM, remote_id__in=list(itself))
    linked = rows.values_list("remote_id", "local_id")
    return {item: ours for item, ours in linked if ours != itself[item] or ours in under_way}


def is_free(connection: Connection, service_id: UUID, entry: MirrorEntry) -> bool:
    """Whether the item stands for nothing of ours but this service."""
    return owners(connection, [entry]).get(entry.remote_id, service_id) == service_id


def moving(connection: Connection) -> set[UUID]:
    """Whose items are being written: whether what is known of them is from before or after only the answer can say."""
    writes = Intent.objects.filter(connection=connection, kind=Kind.ITEM, state=IntentState.OPEN)
    return set(writes.values_list("local_id", flat=True))


def agree(connection: Connection, service_id: UUID, entry: MirrorEntry) -> None:
    """What stands there is what both sides start from; what is ours and differs is then sent.

    Only for an item that is free; one that stood for itself stands for the service from now on.
    """
    itself = Link.objects.filter(connection=connection, kind=Kind.ITEM, local_id=entry.pk)
    itself.delete()
    mine = Link.objects.filter(connection=connection, kind=Kind.ITEM, local_id=service_id)
    if mine.exclude(remote_id=entry.remote_id).exists():
        # Another item was chosen for it: what is made for it one day is another one than was made before.
        jobs.name_anew(connection, Kind.ITEM, service_id)
    document = of_entry(entry)
    held = Held(Kind.ITEM, entry.remote_id, entry.remote_version, document)
    links.agree(connection, Kind.ITEM, service_id, ours=document, held=held, made_by_us=False)
