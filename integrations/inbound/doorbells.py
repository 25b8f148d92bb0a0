"""Word of a change over there becomes a mark on the document; looking comes later and for all marks at once."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from integrations.documents import Kind, Settings
from integrations.inbound import credit_awaited, customers, drift, merged_entries
from integrations.inbound.echoes import Theirs
from integrations.inbound.matching import CREDIT_APPLIED
from integrations.models import Connection, Discrepancy, Doorbell, Link, policies_in_force
from integrations.outbound import company_settings, due, links
from integrations.policies import SyncCadence
from integrations.ports import Event
from regentra import clock

# Marks are gathered this long, because reads are metered and changes come in bursts.
GATHER = timedelta(seconds=3)
# After an echo the next look is due within this time, as the event may have hidden a change of theirs.
AFTER_ECHO = timedelta(minutes=15)
# What billing refused is looked at again after this time, and no more of it at once: each costs a metered read. The
# longer it has been refused, the longer that takes.
REFUSED_AGAIN = timedelta(minutes=15)
REFUSED_AT_LEAST_EACH = timedelta(days=1)
PART_OF_ITS_AGE = 4
REFUSED_AT_ONCE = 20
# What stood in the way of these may be gone without word of it.
RUNG_FOR = (drift.CANNOT_APPLY, drift.CUSTOMER_OPEN, CREDIT_APPLIED)


def ring(organization_id: UUID, connection_id: UUID, events: Iterable[Event]) -> None:
    """Marks what these events name. Runs inside ``within()``; echoes of our own writes cost nothing."""
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        return
    looks_by_itself = policies_in_force().sync_cadence.looks_by_itself
    due.hold(connection_id)
    for event in events:
        if event.kind is Settings.COMPANY and looks_by_itself:
            company_settings.ask_again(connection, clock.now() + GATHER)
        elif event.kind is not None and event.kind is not Settings.COMPANY:
            _mark(connection, event)


def still_open(connection: Connection) -> list[Doorbell]:
    """The marks nobody has looked at yet."""
    return list(Doorbell.objects.filter(connection=connection, closed_at=None))


def close(connection: Connection, seen: set[Theirs], answered_at: datetime) -> list[Doorbell]:
    """Closes the marks whose documents an answer later than the event has held, and says which are left."""
    answered: list[Doorbell] = []
    left: list[Doorbell] = []
    for bell in still_open(connection):
        is_answered = (bell.kind, bell.remote_id) in seen and bell.event_at <= answered_at
        (answered if is_answered else left).append(bell)
    if answered:
        closed = Doorbell.objects.filter(pk__in=[bell.pk for bell in answered])
        closed.update(closed_at=clock.now())
    return left


def close_read(bell: Doorbell) -> None:
    """Closes a mark whose document was read by itself, unless it was set again since."""
    same = Doorbell.objects.filter(pk=bell.pk, event_at=bell.event_at, rung_at=bell.rung_at)
    same.update(closed_at=clock.now())


def ring_for_refused(connection: Connection) -> None:
    """Rings for what could not be booked here, as what stood in the way may be gone; some of it when it is much."""
    asked = Discrepancy.objects.filter(
        connection=connection, reason_code__in=RUNG_FOR, closed_at=None
    )
    if not asked.exists():
        return
    now = clock.now()
    # What has a reason to succeed comes first.
    freed = [*credit_awaited.answered(connection), *_whose_is_known(connection)]
    waits = dict.fromkeys(freed, REFUSED_AGAIN) | _waits_of_refused(asked, now)
    rung = _rung_since(now - REFUSED_AT_LEAST_EACH, connection, waits)
    again = [one for one, wait in waits.items() if one not in rung or rung[one] <= now - wait]
    for kind, remote_id in again[:REFUSED_AT_ONCE]:
        Doorbell.ring_again(connection, kind, remote_id)


def _rung_since(
    moment: datetime, connection: Connection, documents: Iterable[Theirs]
) -> dict[Theirs, datetime]:
    """When each of these was rung for last."""
    ids = [remote_id for _, remote_id in documents]
    bells = Doorbell.objects.filter(connection=connection, remote_id__in=ids, rung_at__gt=moment)
    rung = bells.order_by("rung_at").values_list("kind", "remote_id", "rung_at")
    return {(kind, remote_id): at for kind, remote_id, at in rung}


def _waits_of_refused(asked: QuerySet[Discrepancy], now: datetime) -> dict[Theirs, timedelta]:
    """What billing refused, in any order, each with how long it is left alone between two looks."""
    rows = asked.filter(reason_code=drift.CANNOT_APPLY).order_by("id")
    refused = list(rows.values_list("kind", "remote_id", "opened_at"))
    random.shuffle(refused)
    return {(kind, remote_id): _wait(now - since) for kind, remote_id, since in refused}


def _wait(age: timedelta) -> timedelta:
    """A part of how long it has been refused, within bounds."""
    return min(max(age / PART_OF_ITS_AGE, REFUSED_AGAIN), REFUSED_AT_LEAST_EACH)


def _whose_is_known(connection: Connection) -> list[Theirs]:
    """Invoices of theirs that waited for staff to say whose they are, and staff have."""
    asked = Discrepancy.objects.filter(
        connection=connection, reason_code=drift.CUSTOMER_OPEN, closed_at=None
    )
    customers = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER)
    whose = asked.annotate(whose=KeyTextTransform("customer", "theirs"))
    known = whose.filter(whose__in=customers.values("remote_id"))
    return list(known.values_list("kind", "remote_id"))


def _mark(connection: Connection, event: Event) -> None:
    now = clock.now()
    at = event.at or now
    if _is_echo(connection, event, at):
        _look_by(connection, now + AFTER_ECHO)
        return
    customers.note_merge(connection, event)
    merged_entries.note(connection, event)
    for remote_id in filter(None, (event.remote_id, event.merged_away_id)):
        _open(connection, event, remote_id, at)
    _look_by(connection, now + GATHER)


def _look_by(connection: Connection, at: datetime) -> None:
    """Where the sync rules set the hours, word of a change waits on its mark for the next of them."""
    if policies_in_force().sync_cadence is SyncCadence.WEBHOOK:
        due.sweep_by(connection.id, at)


def _open(connection: Connection, event: Event, remote_id: str, at: datetime) -> None:
    bell, fresh = Doorbell.objects.get_or_create(
        connection=connection,
        kind=str(event.kind),
        remote_id=remote_id,
        closed_at=None,
        defaults={"event_at": at, "deleted": event.operation == "deleted"},
    )
    if not fresh and at > bell.event_at:
        Doorbell.objects.filter(pk=bell.pk).update(event_at=at)


def _is_echo(connection: Connection, event: Event, at: datetime) -> bool:
    """A created document that we do not know is never an echo; neither is one that vanished."""
    if event.operation in ("deleted", "merged") or event.kind not in list(Kind):
        return False
    link = links.of_remote(connection, Kind(str(event.kind)), event.remote_id)
    return link is not None and links.is_echo(link, at)
