"""What many rows cost those who look for a few."""

import resource
import statistics
import time
from datetime import timedelta
from uuid import uuid4

from django.db import connections

from bench import scene
from bench.table import Row, row
from integrations.documents import Kind
from integrations.models import Connection, SyncDue, SyncJob
from integrations.outbound import batch_choice, due, jobs
from regentra import clock


def idle_connections() -> list[Row]:
    organization = scene.factories.organization()
    before, tomorrow = _round(), clock.now() + timedelta(days=1)
    SyncDue.objects.bulk_create(
        SyncDue(connection_id=uuid4(), organization=organization, sweep_due_at=tomorrow)
        for _ in range(10_000)
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE integrations_syncdue")
    after = _round()
    SyncDue.objects.filter(organization=organization).delete()
    return [
        row(
            "a scheduling round beside 10,000 idle connections",
            f"{after:.2f} ms, without them {before:.2f} ms",
            "≤ 10 ms",
        )
    ]


def _round() -> float:
    spent = []
    for _ in range(200):
        began = time.perf_counter()
        due.due_connections(8)
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


def backlog() -> list[Row]:
    """Only what choosing costs; the jobs lead to no documents, so none is sent."""
    world, many = scene.unhurried(), 100_000
    connection = world.connection
    for _ in range(many // 5000):
        with world.inside():
            SyncJob.objects.bulk_create(_waiting_job(connection) for _ in range(5000))
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE integrations_syncjob")
    began = time.perf_counter()
    for _ in range(20):
        with world.inside():
            batch_choice.lane_for(connection)
            jobs.ready(connection, 32)
    each = (time.perf_counter() - began) / 20 * 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    SyncDue.objects.filter(connection_id=connection.id).delete()
    return [
        row(
            f"choosing what is next among {many:,} waiting jobs",
            f"{each:.1f} ms; this process {memory:.0f} MB at most",
            "worker ≤ 200 MB",
        )
    ]


def _waiting_job(connection: Connection) -> SyncJob:
    return SyncJob(
        connection=connection,
        kind=Kind.INVOICE,
        local_id=uuid4(),
        rank=jobs.RANK[Kind.INVOICE],
        state="pending",
        next_attempt_at=clock.now(),
    )
