"""What people read about all that waits to go out: how much, how long it takes, and what would be faster."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from integrations.models import Connection
from integrations.outbound import batch_choice
from integrations.outbound.batch_plan import Estimate, Lane, Plan

SECONDS_IN_A_MINUTE = 60
MINUTES_IN_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Waiting:
    """The documents that wait, as they travel now. ``fast`` is what catching up in batches would take."""

    plan: Plan
    fast: Plan
    is_asked: bool

    @property
    def documents(self) -> int:
        return self.plan.documents

    @property
    def time_left(self) -> str:
        return in_words(self._now.duration)

    @property
    def in_batches(self) -> bool:
        return self.plan.lane is Lane.BATCH

    @property
    def lacks_reads(self) -> bool:
        """Whether somebody asked for batches that this month's metered calls do not suffice for."""
        return self.is_asked and not self.in_batches

    @property
    def may_catch_up(self) -> bool:
        """Whether asking for batches would make it faster."""
        is_faster = self.fast.batch.duration < self.fast.single.duration
        return not self.is_asked and is_faster and self.fast.lane is Lane.BATCH

    @property
    def _now(self) -> Estimate:
        return self.plan.batch if self.in_batches else self.plan.single


def waiting(connection: Connection) -> Waiting | None:
    """The backlog of a company, None when at most one document waits. Runs inside ``within()``."""
    plan = batch_choice.as_it_goes(connection)
    if plan.documents <= 1:
        return None
    return Waiting(plan, batch_choice.estimate(connection), connection.catch_up)


def in_words(duration: timedelta) -> str:
    """Rounded up to what is worth saying: "about 7 seconds", "about 4 minutes", "about 2 h 10 min"."""
    seconds = max(1, ceil(duration.total_seconds()))
    if seconds <= SECONDS_IN_A_MINUTE:
        return f"about {seconds} second{'s' if seconds > 1 else ''}"
    minutes = ceil(seconds / SECONDS_IN_A_MINUTE)
    if minutes <= MINUTES_IN_AN_HOUR:
        return f"about {minutes} minutes"
    hours, rest = divmod(minutes, MINUTES_IN_AN_HOUR)
    return f"about {hours} h {rest} min"
