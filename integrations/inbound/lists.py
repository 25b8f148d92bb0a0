"""The mirror of the company's lists: filled when it is connected, kept up by the change feed."""

from django.db.models import QuerySet

from integrations.documents import LISTS, ListEntry, ListKind
from integrations.models import Connection, MirrorEntry
from integrations.outbound.mirror import name_key, phone_key
from regentra import clock

# Everything a document can refer to, and the names that a new customer could collide with.
WATCHED: list[ListKind] = list(LISTS)
# QuickBooks has no change feed for them (reference quickbooks 2.10); they are read with the lists.
WITHOUT_FEED = (ListKind.TAX_CODE, ListKind.TAX_RATE)
FEED: list[ListKind] = [kind for kind in WATCHED if kind not in WITHOUT_FEED]
CHUNK = 1000
# Raised when more is kept of an entry than before: then the lists of each company are read once more.
# 1: customers whole, with all of their address.
FORM = 1


def are_outgrown(connection: Connection) -> bool:
    """Whether they were read last when less was kept of them, or never."""
    return connection.lists_form < FORM


def upsert(connection: Connection, entries: list[ListEntry]) -> None:
    """Adds and renews entries."""
    MirrorEntry.objects.bulk_create(
        [_row(connection, entry) for entry in entries],
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["organization", "connection", "kind", "remote_id"],
        update_fields=[
            "name",
            "name_key",
            "email_key",
            "phone_key",
            "active",
            "detail",
            "remote_version",
            "seen_at",
        ],
    )


def forget(connection: Connection, gone: list[tuple[ListKind, str]]) -> None:
    """Entries that vanished over there, by merging or deleting, are no longer chosen or matched."""
    for kind, remote_id in gone:
        entry = MirrorEntry.objects.filter(connection=connection, kind=kind, remote_id=remote_id)
        _vanish(entry)


def replace_all(connection: Connection, kinds: list[ListKind], entries: list[ListEntry]) -> None:
    """Makes the mirror of these lists what a whole reading of them says."""
    started = clock.now()
    upsert(connection, entries)
    stale = MirrorEntry.objects.filter(connection=connection, kind__in=kinds, seen_at__lt=started)
    _vanish(stale)


def _vanish(entries: QuerySet[MirrorEntry]) -> None:
    """Their names and mailboxes are free again over there."""
    entries.update(active=False, name_key="", email_key="", phone_key="", seen_at=clock.now())


def _row(connection: Connection, entry: ListEntry) -> MirrorEntry:
    return MirrorEntry(
        connection=connection,
        kind=entry.kind,
        remote_id=entry.id,
        name=entry.name,
        name_key=name_key(entry.name),
        email_key=entry.email.strip().casefold(),
        phone_key=phone_key(entry.phone),
        active=entry.active,
        detail=dict(entry.detail),
        remote_version=entry.version,
        seen_at=clock.now(),
    )
