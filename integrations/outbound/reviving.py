"""Items and accounts that are inactive over there and needed: made active again (X-38). Run inside ``within()``.

By rule when a document waits for one, else on confirmation. Where nothing here has the entry as its counterpart, the
entry itself is what the job is about.
"""

from collections.abc import Iterable
from dataclasses import replace

from integrations.documents import AccountDocument, Held, ItemDocument, Kind, ListKind
from integrations.job_states import JobState
from integrations.models import Connection, MirrorEntry, SyncJob, policies_in_force
from integrations.outbound import items, jobs, links
from integrations.outbound.prerequisites import Missing
from integrations.policies import InactiveEntries
from tenants import audit
from tenants.models import User

REVIVED = (ListKind.ITEM, ListKind.ACCOUNT)


def can_be_revived(entry: MirrorEntry) -> bool:
    """Not what was deleted or merged away, which gave its name free (`inbound/lists.py: forget`)."""
    return not entry.active and bool(entry.name_key) and entry.kind in REVIVED


def by_rule(connection: Connection, missing: Iterable[Missing]) -> None:
    """Where the sync rules say so, what is missing because it is inactive is made active again, once."""
    if policies_in_force().inactive_entries is not InactiveEntries.REACTIVATE:
        return
    for kind, remote_id in {one.entry for one in missing if one.entry[1]}:
        entries = MirrorEntry.objects.filter(connection=connection, kind=kind, remote_id=remote_id)
        entry = entries.first()
        if entry is not None and can_be_revived(entry) and not _is_under_way(connection, entry):
            revive(connection, entry, actor=None)


def revive(connection: Connection, entry: MirrorEntry, *, actor: User | None) -> None:
    """It is inactive, as both sides agree, and is to be in use again; nothing else of it changes."""
    kind = Kind(entry.kind)
    known = links.of_remote(connection, kind, entry.remote_id)
    local_id = known.local_id if known else entry.pk
    document = replace(_document(entry), active=False)
    held = Held(kind, entry.remote_id, entry.remote_version, document)
    made_by_us = known.made_by_us if known else False
    links.agree(connection, kind, local_id, ours=document, held=held, made_by_us=made_by_us)
    jobs.want(connection, kind, local_id, urgent=True)
    audit.record(
        "entry.reactivated",
        actor=actor,
        object_kind=entry.kind,
        object_id=local_id,
        remote_id=entry.remote_id,
        name=entry.name,
    )


def _document(entry: MirrorEntry) -> ItemDocument | AccountDocument:
    if entry.kind == ListKind.ITEM:
        return items.of_entry(entry)
    return AccountDocument(entry.name.rpartition(":")[2], entry.detail.get("type", ""))


def _is_under_way(connection: Connection, entry: MirrorEntry) -> bool:
    """Also when it was refused: then it is for somebody to try again."""
    known = links.of_remote(connection, Kind(entry.kind), entry.remote_id)
    mine = SyncJob.objects.filter(connection=connection, kind=entry.kind)
    of_entry = mine.filter(local_id=known.local_id if known else entry.pk)
    return of_entry.exclude(state=JobState.SYNCED).exists()
