"""Notices that this is not the database it was: restored from a backup, or taken over by a standby.

QuickBooks does not go back with us, so every company enters safe mode then. What cannot be told from the database
itself, such as a disk put back as it was, is for the operator to say (`manage.py safe-mode on`).
"""

import structlog
from django.db import connection as database
from django.db import transaction

from integrations.models import KnownDatabase
from integrations.outbound import safe_mode
from regentra import clock

log = structlog.get_logger()

ONLY = 1
# A cluster made anew has another identifier; one that was recovered to a moment, or promoted, writes another timeline
# (the name of its log file begins with it; pg_control_checkpoint() tells only after the next checkpoint). A dump that
# was loaded made the database or at least its tables anew, which then have other numbers.
IDENTITY = """
SELECT concat_ws('.', control.system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), base.oid,
                 'integrations_intent'::regclass::oid)
  FROM pg_control_system() AS control, pg_database AS base
 WHERE base.datname = current_database()
"""


def notice() -> None:
    """Has every company enter safe mode when the database is another one than the last time."""
    found = _identity()
    known, _ = KnownDatabase.objects.get_or_create(
        pk=ONLY, defaults={"identity": found, "noticed_at": clock.now()}
    )
    if known.identity != found:
        _another_one(known.identity, found)


def _another_one(known: str, found: str) -> None:
    with transaction.atomic():
        row = KnownDatabase.objects.filter(pk=ONLY, identity=known)
        # Of several that notice at once one goes on.
        if row.update(identity=found, noticed_at=clock.now()):
            log.warning("another database", was=known, companies=safe_mode.enter_all())


def _identity() -> str:
    with database.cursor() as cursor:
        cursor.execute(IDENTITY)
        return str(cursor.fetchone()[0])
