"""Which lane a company's backlog takes, and the admin's wish to catch up fast. Runs inside ``within()``."""

from django.conf import settings

from integrations.governor import reads
from integrations.models import Connection, policies_in_force
from integrations.outbound import due, jobs
from integrations.outbound.batch_plan import Lane, Plan, plan_lane
from regentra import clock
from tenants import audit
from tenants.models import User

# More than one by one brings over in time changes no choice any more where nothing is metered, and is not counted then.
ENOUGH = 8_000
UNMETERED = 10**9


def lane_for(connection: Connection) -> Lane:
    """How this company's documents travel on this turn."""
    connection.refresh_from_db(fields=["catch_up"])
    # Where batches are metered all is counted, as the calls that are left are to suffice for all of it.
    at_most = None if reads.is_metered(connection) else ENOUGH
    return _plan(connection, asked=connection.catch_up, at_most=at_most).lane


def as_it_goes(connection: Connection) -> Plan:
    """All that waits, and the lane that it takes as things stand."""
    return _plan(connection, asked=connection.catch_up, at_most=None)


def estimate(connection: Connection) -> Plan:
    """What catching up fast would take, and what going on one by one; to be shown before somebody chooses."""
    return _plan(connection, asked=True, at_most=None)


def catch_up(connection: Connection, *, actor: User) -> Plan:
    """From now on all that is owed travels in batches, until nothing is left but what is kept for the night."""
    plan = estimate(connection)
    due.send_by(connection.id, clock.now(), urgent=True)
    Connection.objects.filter(pk=connection.pk).update(catch_up=True)
    audit.record(
        "quickbooks.catch_up",
        actor=actor,
        object_kind="connection",
        object_id=connection.id,
        documents=plan.documents,
        metered_calls=plan.batch.metered,
    )
    return plan


def caught_up(connection: Connection) -> bool:
    """Nothing is left: what comes next travels as usual. Says whether somebody had asked to catch up."""
    asked = Connection.objects.filter(pk=connection.pk, catch_up=True)
    return bool(asked.update(catch_up=False))


def end(connection: Connection, *, actor: User) -> None:
    """What is still owed travels as usual again, from a worker's next turn on."""
    if caught_up(connection):
        audit.record(
            "quickbooks.catch_up_ended",
            actor=actor,
            object_kind="connection",
            object_id=connection.id,
        )


def _plan(connection: Connection, *, asked: bool, at_most: int | None) -> Plan:
    return plan_lane(
        jobs.backlog(connection, at_most),
        now=clock.now(),
        asked=asked,
        fresh_within=policies_in_force().seen_within.objective,
        reads_left=_reads_left(connection, asked=asked),
        percent=settings.QUICKBOOKS_LIMIT_PERCENT,
        metered_as=settings.BATCH_METERED_AS,
    )


def _reads_left(connection: Connection, *, asked: bool) -> int:
    """What nobody asked for keeps within the company's part of the day."""
    if not reads.is_metered(connection):
        return UNMETERED
    month = reads.now(connection.client_hash)
    left = month.to_spare if month.may_sweep else 0
    return left if asked else min(left, reads.today(connection.pk, connection.client_hash).left)
