"""Items and accounts made in QuickBooks for ours, on confirmation or by rule. Run inside ``within()``; calls nobody."""

from uuid import UUID

from django.db.models import QuerySet

from billing.models import LedgerAccount, Service
from integrations.documents import (
    AccountDocument,
    Document,
    Held,
    ItemDocument,
    Kind,
    ListKind,
    Operation,
)
from integrations.job_states import JobState
from integrations.models import Connection, Link, Mapping, MappingSubject, MirrorEntry, SyncJob
from integrations.outbound import items, jobs
from integrations.outbound.mirror import name_key
from integrations.outbound.prerequisites import Need
from integrations.outbound.referred import LIST_OF
from tenants import audit
from tenants.models import User

# What QuickBooks calls an account of ours; those of other kinds are made by people, as much more depends on them.
ACCOUNT_TYPES: dict[str, str] = {
    LedgerAccount.Kind.INCOME: "Income",
    LedgerAccount.Kind.EXPENSE: "Expense",
}
MADE = (Kind.ITEM, Kind.ACCOUNT)
# What an entry may stand for once it is made.
_MODELS: dict[MappingSubject, type[Service | LedgerAccount]] = {
    MappingSubject.SERVICE: Service,
    MappingSubject.LEDGER_ACCOUNT: LedgerAccount,
}


def confirm_item(connection: Connection, service: Service, account: str, *, actor: User) -> None:
    """Has an item made that bears the service's name and books to this income account."""
    _map(connection, MappingSubject.NEW_ITEM_ACCOUNT, service.id, remote_id=account)
    _want(connection, Kind.ITEM, service.id)
    audit.record("service.item_wanted", actor=actor, object_kind="service", object_id=service.id)


def confirm_account(connection: Connection, account: LedgerAccount, *, actor: User) -> None:
    """Has an account made that bears the name of ours."""
    _want(connection, Kind.ACCOUNT, account.id)
    audit.record(
        "ledgeraccount.account_wanted",
        actor=actor,
        object_kind="ledgeraccount",
        object_id=account.id,
    )


def take_over(
    connection: Connection, local_id: UUID, operation: Operation, document: Document, held: Held
) -> None:
    """It is there: what it was made for books to it from now on, and the mirror knows it before the feed tells."""
    match document:
        case ItemDocument(name):
            called = _mirror(connection, ListKind.ITEM, name, held, items.detail_of(document))
            # An item that was made for a ledger account is found by the account it books to.
            subject = MappingSubject.SERVICE
        case AccountDocument(name, type_):
            called = _mirror(connection, ListKind.ACCOUNT, name, held, {"type": type_})
            subject = MappingSubject.LEDGER_ACCOUNT
        case _:
            return
    if operation is Operation.CREATE:
        _stand_for(connection, subject, local_id, held.id, called)
    else:
        _chosen(connection, subject, local_id).filter(remote_id=held.id).update(remote_name=called)
    jobs.release_all(connection, Need.CHOICE)


def _stand_for(
    connection: Connection, subject: MappingSubject, local_id: UUID, remote_id: str, name: str
) -> None:
    """Ours is theirs from now on, unless another one in use was chosen for it while this one was made."""
    active = MirrorEntry.objects.filter(connection=connection, kind=LIST_OF[subject], active=True)
    others = active.exclude(remote_id=remote_id).values("remote_id")
    if _chosen(connection, subject, local_id).filter(remote_id__in=others).exists():
        return
    if _MODELS[subject].objects.filter(pk=local_id).exists():
        _map(connection, subject, local_id, remote_id=remote_id, remote_name=name)


def under_way(connection: Connection) -> dict[UUID, SyncJob]:
    """What was confirmed and is not there yet, by the service or ledger account it is for."""
    wanted = SyncJob.objects.filter(connection=connection, kind__in=MADE)
    # The account of one comes before its item.
    return {job.local_id: job for job in wanted.exclude(state=JobState.SYNCED).order_by("-rank")}


def try_again(connection: Connection) -> None:
    """Items of ledger accounts that were refused are wanted anew."""
    refused = SyncJob.objects.filter(
        connection=connection, kind=Kind.ITEM, state=JobState.ERRORED
    ).values("local_id")
    for account in LedgerAccount.objects.filter(pk__in=refused):
        jobs.want(connection, Kind.ITEM, account.pk, urgent=True)


def _want(connection: Connection, kind: Kind, local_id: UUID) -> None:
    if _was_lost(connection, kind, local_id):
        jobs.make_again(connection, kind, local_id)
    else:
        jobs.want(connection, kind, local_id, urgent=True)


def _was_lost(connection: Connection, kind: Kind, local_id: UUID) -> bool:
    """Whether one was made for it that is in use no more: then another one is meant, not the same once more."""
    links = Link.objects.filter(connection=connection, kind=kind, local_id=local_id)
    made = links.values_list("remote_id", flat=True).first()
    entries = MirrorEntry.objects.filter(connection=connection, kind=str(kind), active=True)
    return made is not None and not entries.filter(remote_id=made).exists()


def _mirror(
    connection: Connection, kind: ListKind, name: str, held: Held, detail: dict[str, str]
) -> str:
    """How the list calls it: an account by its whole path."""
    known = MirrorEntry.objects.filter(connection=connection, kind=kind, remote_id=held.id).first()
    path = known.name.rpartition(":")[0] if known and kind is ListKind.ACCOUNT else ""
    called = f"{path}:{name}" if path else name
    MirrorEntry.objects.update_or_create(
        connection=connection,
        kind=kind,
        remote_id=held.id,
        defaults={
            "name": called,
            "name_key": name_key(called),
            "active": True,
            "detail": {**(known.detail if known else {}), **detail},
            "remote_version": held.version,
        },
    )
    return called


def _chosen(connection: Connection, subject: MappingSubject, local_id: UUID) -> QuerySet[Mapping]:
    return Mapping.objects.filter(connection=connection, subject=subject, local_key=str(local_id))


def _map(connection: Connection, subject: MappingSubject, local_id: UUID, **target: str) -> None:
    Mapping.objects.update_or_create(
        connection=connection, subject=subject, local_key=str(local_id), defaults=target
    )
