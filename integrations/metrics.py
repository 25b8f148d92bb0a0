"""The figures of the whole installation, read from platform tables when somebody asks; the process keeps none itself.

Each family is one aggregate. No organization, company or document is named: labels are kinds, codes and states.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import accumulate
from typing import Any

import redis
from django.db.models import Count, Min, Q, QuerySet, Sum
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from billing.models import Wake
from integrations import tallies
from integrations.governor import reads
from integrations.job_states import JobState
from integrations.models import CompanyCount, ConnectionStatus, Pulse, ReadBudget, SyncDue, Tally
from integrations.pulse import NAME as TIMETABLE
from regentra import clock, heartbeat

# Enough to tell two Intuit apps apart.
CLIENT_LETTERS = 8


def exposition() -> bytes:
    """Everything in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(Installation())
    return generate_latest(registry)


class Installation(Collector):
    """All families, each read when it is asked for."""

    def collect(self) -> Iterable[Metric]:
        now = clock.now()
        yield from _due(now)
        yield from _events(now)
        yield from _companies()
        yield from _reads(now)
        yield from _pushes()
        yield from _processes(now)


def _due(now: datetime) -> Iterator[Metric]:
    ready = Q(ready_at__lte=now)
    found = SyncDue.objects.aggregate(
        send=Min("send_due_at", filter=ready),
        sweep=Min("sweep_due_at", filter=ready),
        companies=Count("pk", filter=ready),
        paused=Count("pk", filter=Q(paused_until__gt=now)),
        failing=Min("failing_since"),
        companies_failing=Count("failing_since"),
    )
    oldest = _gauge("oldest_due_seconds", "How long what is due longest waits for a worker", "what")
    for what in ("send", "sweep"):
        oldest.add_metric([what], _age(found[what], now))
    yield oldest
    yield _one("companies_due", "Companies that wait for a worker", found["companies"])
    yield _one("companies_paused", "Companies that asked us to slow down", found["paused"])
    age = _age(found["failing"], now)
    yield _one("failing_seconds", "How long all turns have failed where they do so longest", age)
    failing = found["companies_failing"]
    yield _one("companies_failing", "Companies whose last turns have failed", failing)


def _events(now: datetime) -> Iterator[Metric]:
    found = Wake.objects.aggregate(all=Count("pk"), oldest=Min("created_at"))
    yield _one("events_not_relayed", "Events that no job was made of yet", found["all"])
    age = _age(found["oldest"], now)
    yield _one("oldest_event_seconds", "How long the oldest of them waits", age)


def _companies() -> Iterator[Metric]:
    connections = _gauge("connections", "Connected companies by status", "status")
    by_status = CompanyCount.objects.order_by("status").values_list("status")
    for status, count in by_status.annotate(Count("pk")):
        connections.add_metric([status], count)
    yield connections
    states = (JobState.PENDING, JobState.BLOCKED, JobState.ERRORED)
    live = CompanyCount.objects.exclude(status=ConnectionStatus.DISCONNECTED)
    sums = live.aggregate(**{state: Sum(state) for state in states}, differing=Sum("differences"))
    documents = _gauge("documents", "Documents that are not through, by state", "state")
    for state in states:
        documents.add_metric([state], sums[state] or 0)
    yield documents
    yield _one("differences", "Differences that wait for a person", sums["differing"] or 0)


def _reads(now: datetime) -> Iterator[Metric]:
    used = _gauge("reads_used", "Metered calls of this month by Intuit app", "app")
    left = _gauge("reads_left", "Metered calls that are left this month", "app")
    refused = _gauge("reads_refused", "1 while Intuit answers no reads", "app")
    for row in ReadBudget.objects.filter(month=now.date().replace(day=1)):
        app = [row.client_hash[:CLIENT_LETTERS]]
        used.add_metric(app, row.used)
        left.add_metric(app, max(0, reads.allowance(row.client_hash) - row.used))
        until = row.writes_only_until
        refused.add_metric(app, until is not None and until > now)
    yield from (used, left, refused)


def _pushes() -> Iterator[Metric]:
    outcomes = _counter("push_outcomes", "How pushes ended: ok, or the reason", "kind", "code")
    throttled = _counter("throttled", "Calls answered with 429")
    lags: dict[str, dict[str, int]] = {}
    sums: dict[str, float] = {}
    for name, kind, code, value in _tallied():
        if name == tallies.OUTCOME:
            outcomes.add_metric([kind, code], value)
        elif name == tallies.THROTTLED:
            throttled.add_metric([], value)
        elif name == tallies.LAG:
            lags.setdefault(kind, {})[code] = value
        elif name == tallies.LAG_SUM:
            sums[kind] = value / 1000
    yield from (outcomes, throttled, _histogram(lags, sums))


def _tallied() -> QuerySet[Tally, tuple[Any, ...]]:
    rows = Tally.objects.order_by("name", "kind", "code").values_list("name", "kind", "code")
    return rows.annotate(Sum("value"))


def _histogram(lags: dict[str, dict[str, int]], sums: dict[str, float]) -> Metric:
    family = HistogramMetricFamily(
        "regentra_lag_seconds",
        "From a change here, or the end of what it waited for, to its confirmation there",
        labels=["kind"],
    )
    bounds = [*map(str, tallies.BOUNDS), tallies.BEYOND]
    for kind, counts in lags.items():
        rising = accumulate(counts.get(bound, 0) for bound in bounds)
        family.add_metric([kind], list(zip(bounds, rising, strict=True)), sums.get(kind, 0.0))
    return family


def _processes(now: datetime) -> Iterator[Metric]:
    try:
        yield _one("worker_heard", "1 when a worker lived within 20 s", heartbeat.heard())
    except redis.RedisError:
        yield _one("worker_heard", "1 when a worker lived within 20 s", 0)
    pulse = Pulse.objects.filter(name=TIMETABLE).aggregate(at=Min("at"))
    age = _age(pulse["at"], now)
    yield _one("timetable_age_seconds", "Since the timetable last ran, give or take 30 s", age)


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _gauge(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"regentra_{name}", what, labels=labels)


def _counter(name: str, what: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"regentra_{name}", what, labels=labels)


def _one(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"regentra_{name}", what, value=value)
