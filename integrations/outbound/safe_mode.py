"""Safe mode: what was sent may have been forgotten here, as after a restore, so each first send is looked up before.

It is a moment in the row of each company, and ends company by company: when a full comparison that began after the last
possible arrival has met everything of ours over there (design 5.7).
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Least

from integrations.models import Connection, KnownDatabase, SyncDue
from integrations.outbound import due
from integrations.outbound.effects import Doubt
from integrations.outbound.push import IN_FLIGHT_WINDOW, SEND_WITHIN
from regentra import clock
from tenants.models import Organization
from tenants.scope import current_organization_id

# What a worker of the former database sent in its last moment has arrived by then, or never will.
ARRIVED_AFTER = SEND_WITHIN + IN_FLIGHT_WINDOW
# How old a backup may be, and how long after its restore a company is taken for one that was connected in between. The
# change feed goes back as far.
FORGOTTEN_WITHIN = timedelta(days=29)


def enter_all() -> int:
    """All companies, from this moment, also those that are in safe mode already. How many there are.

    After `restored.notice`, so that it is known for companies to come, too.
    Also those that are looked at only when somebody asks have to be compared, or they would stay in it.
    """
    now = clock.now()
    KnownDatabase.objects.update(safe_since=now)
    soon = Least(Coalesce(F("sweep_due_at"), now), now)
    return SyncDue.objects.update(safe_since=now, sweep_due_at=soon)


def enter(connection_id: UUID) -> None:
    """One company, unless it is in safe mode already."""
    now = clock.now()
    if SyncDue.objects.filter(connection_id=connection_id, safe_since=None).update(safe_since=now):
        due.sweep_by(connection_id, now)


def enter_as_new(connection: Connection) -> None:
    """A company that is new here may have been connected after the backup, and been sent to: its row is forgotten, too.

    Then its first look goes back to before the backup. Inside ``within()``.
    """
    organization = Organization.objects.get(pk=current_organization_id())
    now = clock.now()
    begun = _begun_since(max(organization.created_at, now - FORGOTTEN_WITHIN))
    if begun is not None:
        # The clock may have been set back since.
        begun = min(begun, now)
        SyncDue.objects.filter(connection_id=connection.pk).update(safe_since=begun)
        connection.forgotten_since = max(organization.created_at, begun - FORGOTTEN_WITHIN)
        connection.changes_since = connection.forgotten_since
        connection.save(update_fields=["changes_since", "forgotten_since"])


def leave_all() -> int:
    """No company is in safe mode any more, whatever has been compared, and none to come. How many were."""
    KnownDatabase.objects.update(safe_since=None)
    return companies().update(safe_since=None)


def leave(connection_id: UUID, entered: datetime) -> None:
    """A full comparison has passed; not when safe mode was entered anew meanwhile."""
    companies().filter(connection_id=connection_id, safe_since=entered).update(safe_since=None)


def companies() -> QuerySet[SyncDue]:
    """Those in safe mode."""
    return SyncDue.objects.exclude(safe_since=None)


def since(connection_id: UUID) -> datetime | None:
    """When this company entered safe mode; None when it is not in it."""
    row = SyncDue.objects.filter(connection_id=connection_id)
    return row.values_list("safe_since", flat=True).first()


def doubt(entered: datetime | None, born_at: datetime | None) -> Doubt | None:
    """What may have become of a document before: sent at any moment since it exists here."""
    if entered is None or born_at is None:
        return None
    return Doubt(born_at, entered + ARRIVED_AFTER)


def _begun_since(earliest: datetime) -> datetime | None:
    """When all companies entered safe mode, unless that was before this or never."""
    begun = KnownDatabase.objects.filter(safe_since__gte=earliest)
    return begun.values_list("safe_since", flat=True).first()
