"""A month of five hundred companies, told without making a call.

Rhythm and budget are the product's own functions; people, webhooks and changes are made up from a seed. A look at the
change feed is one metered call (reference quickbooks 3.2), a busy company's lists one more each week.
"""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings

from bench.table import Row, row
from integrations.governor.reads import Reads
from integrations.inbound import doorbells, rhythm
from integrations.inbound.rhythm import AWAKE

SEED = 1
DAYS = 30
START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=DAYS)
# The freshness that is promised: what one round of an awake company takes.
OBJECTIVE = AWAKE
# Intuit: "usually within five minutes"; how many never come is not said, one in fifty is taken.
WEBHOOK_TAKES_MINUTES = (0.1, 5.0)
WEBHOOKS_LOST = 0.02
# How many companies have how many changes over there on a working day (8 to 18 o'clock of their own zone).
CROWD = {"busy": (150, 20.0), "calm": (200, 3.0), "sleeping": (150, 0.1)}


@dataclass(slots=True)
class Company:
    """One company and what has happened to it that nobody has seen yet."""

    kind: str
    active_at: datetime = START - timedelta(days=3)
    unseen: list[datetime] = field(default_factory=list)
    looks: int = 0
    next_look: datetime = START


@dataclass(slots=True)
class Month:
    """What happens, in order: (moment, number, company, event)."""

    chance: random.Random
    events: list[tuple[datetime, int, Company, str]] = field(default_factory=list)
    delays: list[timedelta] = field(default_factory=list)
    used: int = 0
    number: int = 0

    def run(self, companies: list[Company]) -> None:
        for company in companies:
            self._live(company)
            self._at(START + timedelta(minutes=self.chance.uniform(0, 375)), company, "look")
        while self.events:
            moment, _, company, event = heapq.heappop(self.events)
            if event == "change":
                self._change(company, moment)
            elif event == "bell" or moment == company.next_look:
                self._look(company, moment)

    def _live(self, company: Company) -> None:
        _, each_day = CROWD[company.kind]
        opens = self.chance.randrange(24)
        for day in range(DAYS):
            if (START + timedelta(days=day)).weekday() < 5:
                for moment in self._changes(each_day):
                    self._at(START + timedelta(days=day, hours=opens) + moment, company, "change")

    def _changes(self, each_day: float) -> Iterator[timedelta]:
        """As many as fall on a day, at moments of ten hours' work."""
        hours = self.chance.expovariate(each_day / 10)
        while hours < 10:
            yield timedelta(hours=hours)
            hours += self.chance.expovariate(each_day / 10)

    def _change(self, company: Company, moment: datetime) -> None:
        company.unseen.append(moment)
        if self.chance.random() >= WEBHOOKS_LOST:
            takes = timedelta(minutes=self.chance.uniform(*WEBHOOK_TAKES_MINUTES))
            self._at(moment + takes + doorbells.GATHER, company, "bell")

    def _look(self, company: Company, moment: datetime) -> None:
        self.used += 1
        company.looks += 1
        self.delays += [moment - one for one in company.unseen]
        if company.unseen:
            company.active_at = moment
        company.unseen = []
        wait = rhythm.interval(moment - company.active_at, self._reads(moment).stretch)
        company.next_look = moment + wait
        self._at(company.next_look, company, "look")

    def _reads(self, moment: datetime) -> Reads:
        return Reads(self.used, settings.INTUIT_MONTHLY_READS, (moment - START) / (END - START))

    def _at(self, moment: datetime, company: Company, event: str) -> None:
        if moment < END:
            self.number += 1
            heapq.heappush(self.events, (moment, self.number, company, event))


def month() -> list[Row]:
    """The metered calls of a sleeping company and of all, and how late changes are seen."""
    companies = [Company(kind) for kind, (many, _) in CROWD.items() for _ in range(many)]
    told = Month(random.Random(SEED))
    told.run(companies)
    lists = sum(DAYS // 7 for one in companies if one.kind != "sleeping")
    asleep = Month(random.Random(SEED))
    sleeper = Company("sleeping")
    asleep._at(START, sleeper, "look")
    asleep.run([])
    in_time = sum(delay <= OBJECTIVE for delay in told.delays) / len(told.delays)
    return [
        row(
            "metered calls of a sleeping company per day (model)",
            f"{sleeper.looks / DAYS:.2f}",
            "≤ 4",
        ),
        row(
            "500 mixed companies in 30 days (model)",
            f"{told.used + lists:,} metered calls, {in_time:.2%} of {len(told.delays):,} changes seen within 15 min",
            "≤ 500,000, 99 %",
        ),
    ]
