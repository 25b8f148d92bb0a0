"""The month's metered reads: one allowance for all companies of an Intuit app (reference quickbooks 3.2).

An app is named by the hash on its connections; empty is the platform's, which organizations share.

Counted in PostgreSQL, where a lost Redis changes nothing. When it is used up, or when the vendor refuses every read for
ten minutes, only documents go out; sweeps slow down long before that. Each day has a share of the month, and each
company a part of the day, so that nobody spends the month in a day; what a person asks for is not held to it.
"""

import calendar
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Case, DateTimeField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce

from integrations.models import Connection, Environment, ReadBudget, SyncDue
from integrations.ports import CallRecord
from regentra import clock

# Kept for finding out what became of a write: sweeps stop this far before the end.
KEPT_FOR_LOOK_UPS = 0.05
# A throttle clears in a minute; a refusal of every read that lasts longer is the month's end of Intuit's free tier.
BLOCKED_AFTER = timedelta(minutes=10)
# Then one read is tried again after this long.
TRY_AGAIN_AFTER = timedelta(hours=1)
SLOWEST = 24.0
# What an even share of the month is multiplied by, as months have weekends and closings.
BURST = 2
# The part of a day that one company may take, and what it has at least.
PART_OF_A_COMPANY = 0.1
LEAST_OF_A_COMPANY = 100


@dataclass(frozen=True, slots=True)
class Reads:
    """How the month stands: ``used`` of ``allowance`` metered calls, after ``elapsed`` (0..1) of the month."""

    used: int
    allowance: int
    elapsed: float
    refused: bool = False

    @property
    def left(self) -> int:
        return max(0, self.allowance - self.used)

    @property
    def to_spare(self) -> int:
        """What is left beside the reserve."""
        return max(0, self.left - round(self.allowance * KEPT_FOR_LOOK_UPS))

    @property
    def may_sweep(self) -> bool:
        """Whether changes over there may still be looked for."""
        return not self.refused and self.to_spare > 0

    @property
    def may_look_up(self) -> bool:
        """Whether the outcome of a write may still be asked for."""
        return not self.refused and self.left > 0

    @property
    def forecast(self) -> int:
        """What will have been used at the end of the month, going on like this."""
        return round(self.used / max(self.elapsed, 1 / 31))

    @property
    def stretch(self) -> float:
        """By how much intervals between sweeps grow, so that what is left lasts to the end of the month.

        1 while a tenth of the allowance is unspent beyond what the calendar allows; then the ratio of the two speeds.
        """
        left_to_spend = max(0.0, 1 - KEPT_FOR_LOOK_UPS - self.used / max(self.allowance, 1))
        ahead = (1 - self.elapsed) - left_to_spend
        if ahead <= 0.1 * left_to_spend:
            return 1.0
        return min(SLOWEST, (1 - self.elapsed) / max(left_to_spend, 0.001))


@dataclass(frozen=True, slots=True)
class Today:
    """How the day (UTC) stands: for all companies of an app, and for one of them."""

    used: int
    share: int
    used_by_company: int
    part_of_company: int

    @property
    def left(self) -> int:
        """What the company may still take today without anybody having asked."""
        return max(0, min(self.share - self.used, self.part_of_company - self.used_by_company))


def today(connection_id: UUID, client_hash: str = "") -> Today:
    """How the day stands for this company. An app of its own it shares with nobody."""
    moment = clock.now()
    row = _rows(client_hash, moment).first() or ReadBudget()
    due = _company(connection_id).first() or SyncDue()
    used = row.used_on_day if row.day == moment.date() else 0
    share = day_share(replace(_month_of(row, client_hash, moment), used=row.used - used), moment)
    part = max(LEAST_OF_A_COMPANY, round(share * PART_OF_A_COMPANY))
    return Today(
        used=used,
        share=share,
        used_by_company=due.reads_used if due.reads_on == moment.date() else 0,
        part_of_company=share if client_hash else min(share, part),
    )


def day_share(at_dawn: Reads, moment: datetime) -> int:
    """What all companies together may take on this day: twice what would last to the end of the month."""
    days_left = calendar.monthrange(moment.year, moment.month)[1] - moment.day + 1
    return min(at_dawn.to_spare, round(BURST * at_dawn.to_spare / days_left))


def now(client_hash: str = "") -> Reads:
    """How this month stands for an app. One row read."""
    moment = clock.now()
    return _month_of(_rows(client_hash, moment).first() or ReadBudget(), client_hash, moment)


def may_sweep(connection: Connection) -> bool:
    """Whether changes in this company may still be looked for."""
    return not is_metered(connection) or now(connection.client_hash).may_sweep


def may_look_up(connection: Connection) -> bool:
    """Whether the outcome of a write to this company may still be asked for."""
    return not is_metered(connection) or now(connection.client_hash).may_look_up


def is_metered(connection: Connection) -> bool:
    """Whether its reads count; those of the vendor's test companies do not."""
    return bool(connection.environment == Environment.PRODUCTION)


def _month_of(row: ReadBudget, client_hash: str, moment: datetime) -> Reads:
    return Reads(
        used=row.used,
        allowance=allowance(client_hash),
        elapsed=_elapsed(moment),
        refused=row.writes_only_until is not None and row.writes_only_until > moment,
    )


def allowance(client_hash: str) -> int:
    """The metered calls that an app has in a month."""
    is_ours = client_hash in ("", _named(""))
    return int(settings.INTUIT_MONTHLY_READS if is_ours else settings.INTUIT_OWN_APP_MONTHLY_READS)


def count(
    records: Sequence[CallRecord],
    environment: str,
    client_hash: str = "",
    *,
    company: UUID | None = None,
) -> None:
    """Adds the metered ones among these calls, in the current transaction. Test companies are not metered."""
    metered = (
        [one for one in records if one.metered] if environment == Environment.PRODUCTION else []
    )
    answered = [one for one in metered if one.status is not None and 200 <= one.status < 300]
    if answered:
        calls = sum(cost(one.items) if one.method == "POST" else 1 for one in answered)
        _add(client_hash, calls, company)
    elif any(one.status == 429 for one in metered):
        _note_refusal(client_hash)


def cost(items: int) -> int:
    """Metered calls that a batch of so many parts is taken to cost; Intuit does not say (reference quickbooks 3.2)."""
    return items if settings.BATCH_METERED_AS == "item" else 1


def _add(client_hash: str, calls: int, company: UUID | None) -> None:
    """An answered read also shows that nobody is blocked. A turn holds its company's row, so that one comes first."""
    day = clock.now().date()
    if company is not None:
        _company(company).update(reads_on=day, reads_used=_on("reads_on", day, "reads_used", calls))
    _this_month(client_hash).update(
        used=F("used") + calls,
        day=day,
        used_on_day=_on("day", day, "used_on_day", calls),
        refused_since=None,
        writes_only_until=None,
    )


def _on(day: str, today: date, used: str, calls: int) -> Case:
    """Adds to what this day has; another day begins at nothing."""
    return Case(When(**{day: today}, then=F(used) + calls), default=Value(calls))


def _company(connection_id: UUID) -> QuerySet[SyncDue]:
    return SyncDue.objects.filter(connection_id=connection_id)


def _note_refusal(client_hash: str) -> None:
    moment, month = clock.now(), _this_month(client_hash)
    since = Coalesce(F("refused_since"), Value(moment), output_field=DateTimeField())
    month.update(refused_since=since)
    long_refused = month.filter(refused_since__lte=moment - BLOCKED_AFTER)
    long_refused.update(writes_only_until=moment + TRY_AGAIN_AFTER)


def _this_month(client_hash: str) -> QuerySet[ReadBudget]:
    moment = clock.now()
    row = ReadBudget(client_hash=_named(client_hash), month=_month(moment))
    ReadBudget.objects.bulk_create([row], ignore_conflicts=True)
    return _rows(client_hash, moment)


def _rows(client_hash: str, moment: datetime) -> QuerySet[ReadBudget]:
    return ReadBudget.objects.filter(client_hash=_named(client_hash), month=_month(moment))


def _named(client_hash: str) -> str:
    return client_hash or hashlib.sha256(settings.INTUIT_CLIENT_ID.encode()).hexdigest()


def _month(moment: datetime) -> date:
    return moment.date().replace(day=1)


def _elapsed(moment: datetime) -> float:
    days = calendar.monthrange(moment.year, moment.month)[1]
    begun = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (moment - begun) / timedelta(days=days)
