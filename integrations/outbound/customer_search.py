"""Finds a customer of theirs by a few typed letters. Asks the mirror alone, so it answers at once."""

from dataclasses import dataclass

from django.db.models import Q

from billing.models import Customer
from integrations.documents import Kind, ListKind
from integrations.models import Connection, MirrorEntry
from integrations.outbound import links
from integrations.outbound.mirror import name_key

# More than anybody reads; who has typed a letter more has fewer.
MOST = 20


@dataclass(frozen=True, slots=True)
class Found:
    """An active customer of theirs. ``linked_to`` is the name of ours that it belongs to already, or empty."""

    remote_id: str
    name: str
    email: str
    linked_to: str

    @property
    def is_taken(self) -> bool:
        return bool(self.linked_to)


def search(connection: Connection, words: str) -> list[Found]:
    """The first ones in whose name or e-mail address all of these words occur, by name."""
    entries = MirrorEntry.objects.filter(
        connection=connection, kind=ListKind.CUSTOMER, active=True
    ).filter(_holding(words))
    rows = list(entries.order_by("name_key", "remote_id")[:MOST])
    owners = _owners(connection, [row.remote_id for row in rows])
    return [
        Found(row.remote_id, _path(row), row.email_key, owners.get(row.remote_id, ""))
        for row in rows
    ]


def named(found: list[Found], words: str) -> Found | None:
    """The one of these that bears exactly this name."""
    wanted = name_key(words)
    return next((one for one in found if wanted in map(name_key, _names(one))), None)


def _names(one: Found) -> tuple[str, str]:
    """The whole path of a sub-customer, or its own name."""
    return one.name, one.name.rpartition(":")[2]


def _holding(words: str) -> Q:
    found = Q()
    for word in name_key(words).split():
        found &= Q(name_key__contains=word) | Q(email_key__contains=word) | _of_parent(word)
    return found


def _of_parent(word: str) -> Q:
    """A sub-customer is found by those above it, too; its own name stands at the end of the path (X-10)."""
    return Q(detail__full_name__icontains=word)


def _path(row: MirrorEntry) -> str:
    return str(row.detail.get("full_name", row.name)) if row.detail.get("parent") else row.name


def _owners(connection: Connection, remote_ids: list[str]) -> dict[str, str]:
    linked = links.ours_of(connection, Kind.CUSTOMER, remote_ids)
    names = dict(Customer.objects.filter(pk__in=linked.values()).values_list("pk", "name"))
    return {remote: names.get(local, "another customer") for remote, local in linked.items()}
