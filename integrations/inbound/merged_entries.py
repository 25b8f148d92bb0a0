"""Items and accounts of theirs that were merged into another one: what named the one names the other from then on.

Runs inside ``within()``. The event names both; where it was lost, documents that moved from the one to the other say
so. What nobody says stays a question on the mapping page.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from django.db.models import Q

from integrations.documents import (
    Document,
    Held,
    Kind,
    ListKind,
    fingerprint,
    to_json,
)
from integrations.models import Connection, Link, Mapping, MappingSubject, MirrorEntry
from integrations.outbound import jobs, links
from integrations.outbound.prerequisites import MAPPING_NEEDS
from integrations.outbound.referred import LIST_OF
from integrations.ports import Event
from tenants import audit

NOTED_AS = {
    ListKind.ITEM: MappingSubject.MERGED_ITEM,
    ListKind.ACCOUNT: MappingSubject.MERGED_ACCOUNT,
}
# Where documents name an entry of these lists: the field, of the document or of each of its lines.
NAMED_IN: dict[ListKind, tuple[str, ...]] = {
    ListKind.ITEM: ("item",),
    ListKind.ACCOUNT: ("deposit_account", "account", "expense_account", "income_account"),
}


def note(connection: Connection, event: Event) -> None:
    """It is believed once the one that was merged away is seen to be in use no more."""
    if event.merged_away_id and event.kind in list(NOTED_AS):
        _note(connection, ListKind(str(event.kind)), event.merged_away_id, event.remote_id)


def follow(
    connection: Connection, gone: Iterable[tuple[ListKind, str]], met: Iterable[Held]
) -> None:
    """What is known to have been merged is named anew everywhere; ``met`` are documents of the same answer."""
    documents = list(met)
    for kind, gone_id in gone:
        if kind in NOTED_AS and not _is_noted(connection, kind, gone_id):
            _believe_documents(connection, kind, gone_id, documents)
    for kind, subject in NOTED_AS.items():
        rows = list(Mapping.objects.filter(connection=connection, subject=subject))
        into = {row.local_key: row.remote_id for row in rows}
        for row in rows:
            survivor = _survivor(connection, kind, successors(into, row.local_key))
            if survivor is not None and _is_gone(connection, kind, row.local_key):
                _name_anew(connection, kind, row.local_key, survivor)
                row.delete()


def successors(into: dict[str, str], gone_id: str) -> Iterator[str]:
    """Who took its place, and that one's, and so on; of a circle each once."""
    passed = {gone_id}
    while (gone_id := into.get(gone_id, "")) and gone_id not in passed:
        passed.add(gone_id)
        yield gone_id


def _survivor(connection: Connection, kind: ListKind, ids: Iterable[str]) -> MirrorEntry | None:
    """The first of them that is in use."""
    for remote_id in ids:
        entry = _entry(connection, kind, remote_id)
        if entry is not None and entry.active:
            return entry
    return None


def _note(connection: Connection, kind: ListKind, gone_id: str, survivor_id: str) -> None:
    Mapping.objects.update_or_create(
        connection=connection,
        subject=NOTED_AS[kind],
        local_key=gone_id,
        defaults={"remote_id": survivor_id},
    )


def _is_noted(connection: Connection, kind: ListKind, gone_id: str) -> bool:
    noted = Mapping.objects.filter(connection=connection, subject=NOTED_AS[kind])
    return noted.filter(local_key=gone_id).exists()


def _entry(connection: Connection, kind: ListKind, remote_id: str) -> MirrorEntry | None:
    entries = MirrorEntry.objects.filter(connection=connection, kind=kind)
    return entries.filter(remote_id=remote_id).first()


def _is_gone(connection: Connection, kind: ListKind, remote_id: str) -> bool:
    entry = _entry(connection, kind, remote_id)
    return entry is None or not entry.active


def _believe_documents(
    connection: Connection, kind: ListKind, gone_id: str, met: list[Held]
) -> None:
    """Entries of lists cannot be deleted, so documents that name another one now have followed a merge.

    Believed when all that are ours and named it agree, place by place.
    """
    ids = {held.id for held in met}
    known = Link.objects.filter(connection=connection, remote_id__in=ids)
    before = {(link.kind, link.remote_id): link.their_document() for link in known}
    moved = {
        now
        for held in met
        for was, now in _pairs(kind, before.get((held.kind, held.id)), held.document)
        if was == gone_id
    }
    if len(moved) == 1 and (survivor := moved.pop()) and survivor != gone_id:
        _note(connection, kind, gone_id, survivor)


def _pairs(
    kind: ListKind, before: Document | None, after: Document | None
) -> Iterator[tuple[str, str]]:
    """What stood and what stands in each place of a document that names entries of this list."""
    if before is None or after is None or type(before) is not type(after):
        return
    yield from zip(_named(kind, before), _named(kind, after), strict=False)


def _named(kind: ListKind, value: Any) -> Iterator[str]:
    for one in fields(value):
        found = getattr(value, one.name)
        if one.name in NAMED_IN[kind]:
            yield found
        elif isinstance(found, tuple):
            for part in found:
                yield from _named(kind, part)


def _name_anew(connection: Connection, kind: ListKind, gone_id: str, survivor: MirrorEntry) -> None:
    subjects = [subject for subject, listed in LIST_OF.items() if listed is kind]
    chosen = Mapping.objects.filter(connection=connection, subject__in=subjects, remote_id=gone_id)
    choices = chosen.update(remote_id=survivor.remote_id, remote_name=survivor.name)
    _move_own_link(connection, Kind(kind), gone_id, survivor)
    documents = _naming(connection, kind, gone_id)
    for link in documents:
        _rename_in(link, kind, gone_id, survivor.remote_id)
    jobs.release_all(connection, *MAPPING_NEEDS)
    audit.record(
        "entry.merged_there",
        object_kind=str(kind),
        object_id=survivor.pk,
        remote_id=gone_id,
        into=survivor.remote_id,
        name=survivor.name,
        choices=choices,
        documents=len(documents),
    )


def _move_own_link(connection: Connection, kind: Kind, gone_id: str, survivor: MirrorEntry) -> None:
    """Where both are linked, ours has no counterpart of its own any more."""
    mine = Link.objects.filter(connection=connection, kind=kind, remote_id=gone_id)
    if links.of_remote(connection, kind, survivor.remote_id) is not None:
        mine.delete()
    else:
        mine.update(remote_id=survivor.remote_id, remote_version=survivor.remote_version)


def _naming(connection: Connection, kind: ListKind, gone_id: str) -> list[Link]:
    half = Q()
    for name in NAMED_IN[kind]:
        half |= Q(**{f"ours__{name}": gone_id}) | Q(ours__lines__contains=[{name: gone_id}])
        half |= Q(**{f"theirs__{name}": gone_id}) | Q(theirs__lines__contains=[{name: gone_id}])
    return list(Link.objects.filter(half, connection=connection))


def _rename_in(link: Link, kind: ListKind, gone_id: str, survivor_id: str) -> None:
    """That their documents name the survivor is no change anybody has to decide on."""
    ours, theirs = _of(link.our_document(), kind, gone_id, survivor_id), link.their_document()
    link.ours, link.fingerprint = to_json(ours), fingerprint(ours)
    if theirs is not None:
        theirs = _of(theirs, kind, gone_id, survivor_id)
        link.theirs, link.their_fingerprint = to_json(theirs), fingerprint(theirs)
    link.save(update_fields=["ours", "fingerprint", "theirs", "their_fingerprint"])


def _of(value: Any, kind: ListKind, gone_id: str, survivor_id: str) -> Any:
    changes: dict[str, Any] = {}
    for one in fields(value):
        found = getattr(value, one.name)
        if one.name in NAMED_IN[kind] and found == gone_id:
            changes[one.name] = survivor_id
        elif isinstance(found, tuple) and all(is_dataclass(part) for part in found):
            changes[one.name] = tuple(_of(part, kind, gone_id, survivor_id) for part in found)
    return replace(value, **changes)
