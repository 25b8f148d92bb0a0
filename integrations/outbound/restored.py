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
# Asked before every turn, so what is known is asked for along with it.
IDENTITY = """
SELECT concat_ws('.', control.system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), base.oid,
                 'integrations_intent'::regclass::oid),
       (SELECT identity FROM integrations_knowndatabase WHERE id = %s)
  FROM pg_control_system() AS control, pg_database AS base
 WHERE base.datname = current_database()
"""


def notice() -> None:
    """Has every company enter safe mode when the database is another one than the last time."""
    found, known = _identities()
    if known is None:
        first = {"identity": found, "noticed_at": clock.now()}
        known = KnownDatabase.objects.get_or_create(pk=ONLY, defaults=first)[0].identity
    if known != found:
        _another_one(known, found)


def declare() -> int:
    """On the operator's word every company enters safe mode; how many there are."""
    notice()
    return safe_mode.enter_all()


def _another_one(known: str, found: str) -> None:
    with transaction.atomic():
        row = KnownDatabase.objects.filter(pk=ONLY, identity=known)
        # Of several that notice at once one goes on.
        if row.update(identity=found, noticed_at=clock.now()):
            log.warning("another database", was=known, companies=safe_mode.enter_all())


def _identities() -> tuple[str, str | None]:
    """What this database is, and what it was the last time."""
    with database.cursor() as cursor:
        cursor.execute(IDENTITY, [ONLY])
        found, known = cursor.fetchone()
        return found, known
