"""Customers of theirs that are missing here: recognised among ours as the sync rules say, else made.

Runs inside ``within()``. What they are called and where they live is read from the mirror of the company's lists,
so it costs no call.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models.functions import Lower

from billing.models import Customer
from billing.rules.elsewhere import CustomerElsewhere
from integrations.documents import Held, Kind, ListKind, Operation
from integrations.inbound import apply
from integrations.models import (
    Connection,
    Doorbell,
    Intent,
    IntentState,
    Link,
    MirrorEntry,
    policies_in_force,
)
from integrations.outbound import as_ours, customer_match, jobs, links
from integrations.outbound.composing.customers import customer_document
from integrations.outbound.mirror import name_key

Ours = dict[str, UUID]


def bring_in(connection: Connection, remote_ids: Iterable[str]) -> int:
    """How many of these were new here."""
    before = set(_linked(connection, remote_ids))
    return len(set(ours(connection, remote_ids)) - before)


def bring_in_late(connection: Connection, held: Held) -> None:
    """One that was told of. While one of ours is being made there it waits, as it may be that one."""
    if _is_making(connection):
        Doorbell.ring_again(connection, Kind.CUSTOMER, held.id)
    else:
        bring_in(connection, [held.id])


def _is_making(connection: Connection) -> bool:
    writes = Intent.objects.filter(connection=connection, kind=Kind.CUSTOMER)
    return writes.filter(operation=Operation.CREATE, state=IntentState.OPEN).exists()


def ours(connection: Connection, remote_ids: Iterable[str]) -> Ours:
    """Our customer for each of theirs, made where it is missing.

    One that may be one of ours, but not surely, is left out: staff are asked about ours (C-06).
    """
    wanted = set(remote_ids)
    known = _linked(connection, wanted)
    rows = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER)
    missing = list(rows.filter(remote_id__in=wanted - known.keys()).order_by("pk"))
    if not missing:
        return known
    alike = _Alike(connection, missing)
    new = [entry for entry in missing if not alike.to(entry)]
    recognised = [entry for entry in missing if alike.to(entry) and alike.link(entry)]
    _make(connection, new)
    return _linked(connection, wanted) if new or recognised else known


def _linked(connection: Connection, remote_ids: Iterable[str]) -> Ours:
    rows = Link.objects.filter(
        connection=connection, kind=Kind.CUSTOMER, remote_id__in=list(remote_ids)
    )
    return dict(rows.values_list("remote_id", "local_id"))


class _Alike:
    """Our customers that bear the address or the name of one of these and are linked to nobody."""

    def __init__(self, connection: Connection, entries: list[MirrorEntry]) -> None:
        self.connection, self.policies = connection, policies_in_force()
        linked = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER).values("local_id")
        rows = Customer.objects.exclude(pk__in=linked).annotate(mailbox=Lower("email"))
        emails = {entry.email_key for entry in entries} - {""}
        self.by_email: dict[str, list[Customer]] = {}
        for row in rows.filter(mailbox__in=emails):
            self.by_email.setdefault(row.email.strip().casefold(), []).append(row)
        names = {entry.name_key for entry in entries}
        self.by_name: dict[str, list[Customer]] = {}
        for pk, name in rows.values_list("pk", "name"):
            if name_key(name) in names:
                self.by_name.setdefault(name_key(name), []).append(Customer(pk=pk, name=name))

    def to(self, entry: MirrorEntry) -> list[UUID]:
        """Who may be this one."""
        found = [*self.by_email.get(entry.email_key, ()), *self.by_name.get(entry.name_key, ())]
        return list(dict.fromkeys(one.pk for one in found))

    def link(self, entry: MirrorEntry) -> bool:
        """Links the one the sync rules take for it. Where they take none, each is owed, so that staff are asked."""
        for customer in Customer.objects.filter(pk__in=self.to(entry)):
            match = customer_match.recognised(self.connection, customer, self.policies)
            if match is not None and match.remote_id == entry.remote_id:
                _link(self.connection, [(customer, entry)])
                return True
            jobs.want(self.connection, Kind.CUSTOMER, customer.pk)
        return False


def _make(connection: Connection, entries: list[MirrorEntry]) -> None:
    made = apply.take_over_customers(connection, [_elsewhere(entry) for entry in entries])
    _link(connection, zip(made, entries, strict=True))


def _link(connection: Connection, pairs: Iterable[tuple[Customer, MirrorEntry]]) -> None:
    links.taken_over(
        connection,
        Kind.CUSTOMER,
        [(customer.pk, customer_document(customer), _held(entry)) for customer, entry in pairs],
    )


def _held(entry: MirrorEntry) -> Held:
    return Held(Kind.CUSTOMER, entry.remote_id, entry.remote_version, None)


def _elsewhere(entry: MirrorEntry) -> CustomerElsewhere:
    texts = {str(name): str(text) for name, text in entry.detail.items()}
    person = " ".join(filter(None, [texts.get("given_name"), texts.get("family_name")]))
    return as_ours.customer(entry.name, {**texts, "contact_name": person}, active=entry.active)
