"""What Intuit allows each company, and how much of it we use.

Source of the figures: Intuit's limits page, reference quickbooks 3.1 and 3.2. Pure.
"""

from dataclasses import dataclass

REQUESTS_PER_SECOND = 10
REQUESTS_PER_MINUTE = 500
BATCHES_PER_MINUTE = 40
BATCH_SIZE = 30
# "Wait 60 seconds" after a 429, says the same page.
PAUSE_SECONDS = 60.0
# Requests arrive closer together than they left now and then; one in ten is left out for that.
PERCENT_OF_A_SECOND = 90
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """A steady rate: one request each ``interval`` microseconds, of which at most ``burst`` may have been saved up."""

    name: str
    interval: int
    burst: int

    @property
    def saved(self) -> int:
        """How far ahead of the steady rate requests may be, in microseconds."""
        return (self.burst - 1) * self.interval


def budgets(percent: int, *, batch: bool) -> tuple[Budget, ...]:
    """What one request, or a batch besides being one, draws on. ``percent`` is the share of the minute that is used.

    A burst of eight in a minute that is used by 97 % stays below the limit in any sixty seconds: 485 + 8 < 500.
    """
    if batch:
        return (Budget("batches", _interval(BATCHES_PER_MINUTE, percent), 1),)
    second = Budget("second", _interval(REQUESTS_PER_SECOND * 60, PERCENT_OF_A_SECOND), 1)
    minute = Budget("minute", _interval(REQUESTS_PER_MINUTE, percent), 8)
    return second, minute


def seconds_for(requests: int, percent: int, *, batch: bool) -> float:
    """How long so many requests take when nothing else is asked of the company."""
    slowest = max(budget.interval for budget in budgets(percent, batch=batch))
    return requests * slowest / MICROSECONDS


def _interval(per_minute: int, percent: int) -> int:
    return round(60 * MICROSECONDS * 100 / (per_minute * percent))
