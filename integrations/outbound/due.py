"""When a connection is next to be served. Changes with what is owed, in the same transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import (
    BooleanField,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce, Least, Random

from integrations.models import SyncDue, policies_in_force
from integrations.outbound.night import next_night
from regentra import clock
from tenants.models import Organization
from tenants.scope import current_organization_id

PAUSE_AFTER_THROTTLE = timedelta(seconds=60)  # reference quickbooks 3.1: wait 60 s after a 429


# How rarely a look that breaks is taken in the end.
BROKEN_LOOK_EVERY = timedelta(minutes=15)


def ensure(organization_id: UUID, connection_id: UUID) -> None:
    """Makes sure the scheduler knows this connection."""
    SyncDue.objects.get_or_create(
        connection_id=connection_id, defaults={"organization_id": organization_id}
    )


def hold(connection_id: UUID) -> None:
    """Takes this row before any other that a turn changes, too: a turn holds it first, and two that begin at either end
    would wait for each other. Only credentials come before it: a renewal holds one while it talks to the vendor.
    """
    list(SyncDue.objects.select_for_update().filter(connection_id=connection_id))


def hold_all() -> None:
    """As `hold`, for every company of the organization in force, whichever of them are changed then; in one order."""
    mine = SyncDue.objects.filter(organization_id=current_organization_id())
    list(mine.select_for_update().order_by("connection_id"))


def send_by(connection_id: UUID, at: datetime, *, urgent: bool = False) -> None:
    """There is something to send at this moment or earlier; ``urgent`` when a person waits for it."""
    SyncDue.objects.filter(connection_id=connection_id).update(
        send_due_at=Least(Coalesce(F("send_due_at"), at), at),
        urgent=Value(True, BooleanField()) if urgent else F("urgent"),
        active_at=clock.now(),
    )


def sweep_by(connection_id: UUID, at: datetime) -> None:
    """The change feed is to be read at this moment or earlier, because something goes on there."""
    SyncDue.objects.filter(connection_id=connection_id).update(
        sweep_due_at=Least(Coalesce(F("sweep_due_at"), at), at), active_at=clock.now()
    )


def look_by_itself(connection_id: UUID, at: datetime) -> None:
    """As `sweep_by`, where the sync rules have the company looked at without anybody asking. Inside ``within()``."""
    if policies_in_force().sync_cadence.looks_by_itself:
        sweep_by(connection_id, at)


def look_no_more(connection_id: UUID) -> None:
    """From now on only when somebody asks; what was asked for is still taken, and so is what ends safe mode."""
    due = SyncDue.objects.filter(connection_id=connection_id, look_asked=False, safe_since=None)
    due.update(sweep_due_at=None)


def look_now(connection_id: UUID) -> None:
    """As `sweep_by`, and a person waits for it: it is taken even when the day's reads are used up."""
    SyncDue.objects.filter(connection_id=connection_id).update(
        sweep_due_at=clock.now(), active_at=clock.now(), look_asked=True
    )


def is_look_asked(connection_id: UUID) -> bool:
    """Whether a person has asked for a look, and none that began since then has passed."""
    return SyncDue.objects.filter(connection_id=connection_id, look_asked=True).exists()


def next_night_here() -> datetime:
    """When the night of the organization in force begins next."""
    return night_after(clock.now())


def night_after(moment: datetime) -> datetime:
    """When the first night after this begins for the organization in force."""
    organization = Organization.objects.get(pk=current_organization_id())
    return next_night(moment, organization.timezone)


def note_activity(connection_id: UUID) -> None:
    """Something goes on over there, so it is looked at more often for a while."""
    SyncDue.objects.filter(connection_id=connection_id).update(active_at=clock.now())


def sweep_all_within(spread: timedelta) -> None:
    """Every company that is looked at at all is looked at soon; each at a moment of its own."""
    now = clock.now()
    later = ExpressionWrapper(Value(spread) * Random(), output_field=DurationField())
    moment = ExpressionWrapper(Value(now) + later, output_field=DateTimeField())
    SyncDue.objects.filter(sweep_due_at__gt=now + spread).update(sweep_due_at=moment)


def pause(connection_id: UUID, *, seconds: float | None = None) -> None:
    """Nothing is sent to this company for a while, because it said so."""
    wait = PAUSE_AFTER_THROTTLE if seconds is None else timedelta(seconds=seconds)
    SyncDue.objects.filter(connection_id=connection_id).update(paused_until=clock.now() + wait)


def put_off(
    connection_id: UUID, wait: timedelta, *, because: str, spares_reads: bool = False
) -> None:
    """A turn has failed with this error: what is due now is due a little later.

    With ``spares_reads`` a look is due the later, the longer turns have failed: what it reads is metered all the same.
    """
    now, row = clock.now(), SyncDue.objects.filter(connection_id=connection_id)
    row.update(last_result=because, failing_since=failing_since())
    look = now + (_rarely(row.get(), wait) if spares_reads else wait)
    row.filter(sweep_due_at__lt=look).update(sweep_due_at=look)
    row.filter(send_due_at__lt=now + wait).update(send_due_at=now + wait)


def _rarely(row: SyncDue, wait: timedelta) -> timedelta:
    assert row.failing_since is not None  # it has just failed
    return min(max(wait, clock.now() - row.failing_since), BROKEN_LOOK_EVERY)


def failing_since() -> Coalesce:
    """What the row says of a turn that has failed: since when there is no other."""
    return Coalesce(F("failing_since"), clock.now())


def due_connections(limit: int) -> list[SyncDue]:
    """Who is to be served now: where a person waits first, then the least recently served. Ids only.

    Costs what is due, however many idle connections there are.
    """
    return list(in_turn().only("connection_id", "organization_id")[:limit])


def anybody_waits() -> bool:
    """Whether a company is due that nobody serves."""
    return in_turn().exists()


def in_turn() -> QuerySet[SyncDue]:
    """The rows of those who are to be served now, in that order."""
    order = ("-urgent", F("last_served_at").asc(nulls_first=True))
    return SyncDue.objects.filter(ready_at__lte=clock.now()).order_by(*order)
