"""The call ledger of one calendar month (UTC, as Intuit's allowance is): sums, and how the metered ones stand.

Runs inside ``within()``.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils import dateformat

from integrations.documents import Kind
from integrations.governor import reads
from integrations.governor.reads import Reads
from integrations.labels import NAMES
from integrations.models import ApiCall, CallLane, CallTotal, Environment, company_in_use
from regentra import clock

DECEMBER = 12
SUMS = ("calls", "parts", "metered", "failed", "duration_ms")
ANSWERED = Q(status__gte=200, status__lt=300)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month."""

    first: datetime

    @property
    def key(self) -> str:
        """How addresses name it: 2026-11."""
        return f"{self.first:%Y-%m}"

    @property
    def name(self) -> str:
        return dateformat.format(self.first, "F Y")

    @property
    def next(self) -> "Month":
        year, month = self.first.year, self.first.month
        after = (year + 1, 1) if month == DECEMBER else (year, month + 1)
        return Month(datetime(*after, 1, tzinfo=UTC))

    @property
    def is_now(self) -> bool:
        return self == this_month()

    def calls(self) -> QuerySet[ApiCall]:
        """All calls that began in it."""
        return ApiCall.objects.filter(
            started_at__gte=self.first, started_at__lt=self.next.first
        ).select_related("connection")


@dataclass(frozen=True, slots=True)
class Total:
    """Calls of one kind of document in one lane. ``parts`` counts what travelled in batches one by one."""

    kind: str
    lane: str
    calls: int
    parts: int
    metered: int
    failed: int
    mean_ms: int

    @property
    def kind_name(self) -> str:
        return kind_name(self.kind, self.lane)

    @property
    def lane_name(self) -> str:
        return CallLane(self.lane).label


def month_named(key: str) -> Month | None:
    """The month of this key, if it is one of those that have calls or the present one."""
    return next((month for month in months() if month.key == key), None)


def this_month() -> Month:
    return _month_of(clock.now())


def months() -> list[Month]:
    """From the first call to now, newest first; of the oldest only the sums are left."""
    first = ApiCall.objects.aggregate(first=Min("started_at"))["first"]
    summed = CallTotal.objects.aggregate(first=Min("month"))["first"]
    known = [_month_of(each) for each in (first, summed) if each]
    start = min(known, key=lambda month: month.first) if known else this_month()
    return list(_until_now(start))[::-1]


def kind_name(kind: str, lane: str) -> str:
    """What a call was for; batches are for many documents, most questions for none."""
    if kind:
        return NAMES[Kind(kind)]
    return "Several documents" if lane == CallLane.BATCH else "Lists and changes"


def totals(month: Month) -> list[Total]:
    """By kind and lane, most calls first. Calls that are no longer kept one by one count as well."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in [*sums(month.calls(), "kind", "lane"), *_kept_sums(month)]:
        key = (row.pop("kind"), row.pop("lane"))
        found.setdefault(key, Counter()).update(row)
    ordered = sorted(found.items(), key=lambda each: (-each[1]["calls"], each[0]))
    return [_total(kind, lane, counted) for (kind, lane), counted in ordered]


def sums(calls: QuerySet[ApiCall], *by: str) -> list[dict[str, Any]]:
    """What these calls come to, by these fields."""
    summed = (
        calls.order_by()
        .values(*by)
        .annotate(
            calls=Count("id"),
            parts=Sum("items"),
            metered=Count("id", filter=Q(metered=True)),
            failed=Count("id", filter=~Q(outcome="ok")),
            duration_ms=Sum("duration_ms"),
        )
    )
    return [dict(row) for row in summed]


def metered(month: Month) -> int:
    """Calls that count against the allowance: answered ones, of companies with real books, as `reads.count` does.

    Of calls that are no longer kept one by one those without an answer count as well; their sums do not tell.
    """
    real = {"connection__environment": Environment.PRODUCTION}
    counting = month.calls().filter(ANSWERED, metered=True, **real)
    by_part = settings.BATCH_METERED_AS == "item"
    listed = counting.aggregate(all=Sum("items"))["all"] if by_part else counting.count()
    kept = CallTotal.objects.filter(month=month.first.date(), metered__gt=0, **real)
    summed = kept.aggregate(all=Sum("parts" if by_part else "metered"))["all"]
    return (listed or 0) + (summed or 0)


def standing(month: Month) -> Reads:
    """This organization's metered calls against the allowance; its forecast means something in the present month."""
    return replace(reads.now(_client_hash()), used=metered(month))


def _client_hash() -> str:
    connection = company_in_use()
    return connection.client_hash if connection else ""


def _until_now(month: Month) -> Iterator[Month]:
    while month.first <= clock.now():
        yield month
        month = month.next


def _month_of(moment: date) -> Month:
    return Month(datetime(moment.year, moment.month, 1, tzinfo=UTC))


def _kept_sums(month: Month) -> list[dict[str, Any]]:
    kept = CallTotal.objects.filter(month=month.first.date()).order_by().values("kind", "lane")
    return [dict(row) for row in kept.annotate(**{name: Sum(name) for name in SUMS})]


def _total(kind: str, lane: str, counted: Counter[str]) -> Total:
    mean = round(counted["duration_ms"] / counted["calls"])
    numbers = {name: counted[name] for name in ("calls", "parts", "metered", "failed")}
    return Total(kind=kind, lane=lane, mean_ms=mean, **numbers)
