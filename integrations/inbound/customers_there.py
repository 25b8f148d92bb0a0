"""Customers of theirs that are missing here: recognised among ours as the sync rules say, else made.

Runs inside ``within()``. What they are called and where they live is read from the mirror of the company's lists,
so it costs no call.
"""

from collections.abc import Iterable
from uuid import UUID

from billing.models import Customer
from billing.rules.elsewhere import CustomerElsewhere
from integrations.documents import Held, Kind, ListKind, Operation
from integrations.inbound import apply, parts_there
from integrations.models import (
    Connection,
    Doorbell,
    ImportRun,
    Intent,
    IntentState,
    Link,
    MirrorEntry,
    policies_in_force,
)
from integrations.outbound import as_ours, customer_match, jobs, links, wishes
from integrations.outbound.composing.customers import customer_document
from integrations.outbound.mirror import customer_held

Ours = dict[str, UUID]


def bring_in(connection: Connection, remote_ids: Iterable[str]) -> int:
    """How many were new here: of these, and of those above them."""
    missing = _missing(connection, remote_ids)
    _take(connection, missing)
    return len(_linked(connection, [entry.remote_id for entry in missing]))


def bring_in_late(connection: Connection, held: Held) -> None:
    """One that was told of. While one of ours is being made there it waits, as it may be that one."""
    if _is_making(connection):
        Doorbell.ring_again(connection, Kind.CUSTOMER, held.id)
    else:
        bring_in(connection, [held.id])


def is_wanted(connection: Connection, held: Held) -> bool:
    """Whether an import was to bring in this one, which may have been left out of it for an answer."""
    if held.created_at is None:
        return False
    runs = ImportRun.objects.filter(connection=connection, started_at__gt=held.created_at)
    return runs.exists()


def _is_making(connection: Connection) -> bool:
    writes = Intent.objects.filter(connection=connection, kind=Kind.CUSTOMER)
    return writes.filter(operation=Operation.CREATE, state=IntentState.OPEN).exists()


def ours(connection: Connection, remote_ids: Iterable[str]) -> Ours:
    """Our customer for each of theirs, made where it is missing, below the ones that it is a part of there.

    One that may be one of ours, but not surely, is left out: staff are asked about ours (C-06).
    """
    wanted = set(remote_ids)
    _take(connection, _missing(connection, wanted))
    return _linked(connection, wanted)


def _missing(connection: Connection, remote_ids: Iterable[str]) -> list[MirrorEntry]:
    """Those of these that are not here yet, and likewise those above them."""
    rows = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER)
    found: dict[str, MirrorEntry] = {}
    wanted = set(remote_ids)
    while wanted := wanted - _linked(connection, wanted).keys():
        entries = list(rows.filter(remote_id__in=wanted))
        found |= {entry.remote_id: entry for entry in entries}
        wanted = {entry.above for entry in entries} - found.keys() - {""}
    return sorted(found.values(), key=lambda entry: entry.pk)


def _take(connection: Connection, missing: list[MirrorEntry]) -> None:
    if missing:
        alike = _Alike(connection, missing)
        _make(connection, [entry for entry in missing if not alike.claim(entry)])


def _linked(connection: Connection, remote_ids: Iterable[str]) -> Ours:
    return links.ours_of(connection, Kind.CUSTOMER, remote_ids)


class _Alike:
    """Our customers that are linked to nobody and have anything in common with one of these."""

    def __init__(self, connection: Connection, entries: list[MirrorEntry]) -> None:
        self.connection, self.policies = connection, policies_in_force()
        linked = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER).values("local_id")
        free = Customer.objects.exclude(pk__in=linked)
        theirs = {pair for entry in entries for pair in customer_match.keys_there(entry).items()}
        self.by_key: dict[tuple[str, str], set[UUID]] = {}
        for one in free.only("name", "contact_name", "email", "phone", "external_id"):
            keys = customer_match.keys_of(one, self.policies.customer_display_name)
            for pair in theirs.intersection(keys.items()):
                self.by_key.setdefault(pair, set()).add(one.pk)
        self.linked: set[UUID] = set()

    def claim(self, entry: MirrorEntry) -> bool:
        """Whether it is one of ours, which is linked, or may be one: each that it may be is owed, so that staff are
        asked. Nobody is owed who would be made there instead.
        """
        alike = self._to(entry)
        for customer in alike:
            match = customer_match.recognised(self.connection, customer, self.policies)
            if match is not None and match.remote_id == entry.remote_id:
                _link(self.connection, [(customer, entry)])
                wishes.want_advances(self.connection, customer.pk)
                self.linked.add(customer.pk)
                return True
        asked = [one for one in alike if self._may_be(one, entry)]
        for customer in asked:
            jobs.want(self.connection, Kind.CUSTOMER, customer.pk)
        return bool(asked)

    def _to(self, entry: MirrorEntry) -> list[Customer]:
        keys = customer_match.keys_there(entry).items()
        found = {pk for pair in keys for pk in self.by_key.get(pair, ())} - self.linked
        return list(Customer.objects.filter(pk__in=found).order_by("pk")) if found else []

    def _may_be(self, customer: Customer, entry: MirrorEntry) -> bool:
        return customer_match.may_be(
            self.connection, customer, self.policies, remote_id=entry.remote_id
        )


def _make(connection: Connection, entries: list[MirrorEntry]) -> None:
    """Level by level, those above first."""
    while entries:
        coming = {entry.remote_id for entry in entries}
        # Lists are read while they change: should some be above each other in a ring, they come as they are.
        level = [entry for entry in entries if entry.above not in coming] or entries
        known = _linked(connection, {entry.above for entry in level} - {""})
        found = [_elsewhere(entry, known.get(entry.above)) for entry in level]
        pairs = list(zip(apply.take_over_customers(connection, found), level, strict=True))
        _link(connection, pairs)
        parts_there.wait(connection, [pair for pair in pairs if pair[1].above not in {"", *known}])
        placed = {entry.remote_id for entry in level}
        entries = [entry for entry in entries if entry.remote_id not in placed]


def _link(connection: Connection, pairs: Iterable[tuple[Customer, MirrorEntry]]) -> None:
    links.taken_over(
        connection,
        Kind.CUSTOMER,
        [
            (customer.pk, customer_document(customer), customer_held(connection, entry))
            for customer, entry in pairs
        ],
    )


def _elsewhere(entry: MirrorEntry, parent: UUID | None) -> CustomerElsewhere:
    texts = {str(name): str(text) for name, text in entry.detail.items()}
    return as_ours.customer(entry.name, texts, active=entry.active, parent=parent)
