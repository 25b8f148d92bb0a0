"""When the night's work begins, for organizations whose documents go by night. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

# After midnight, so that a day is complete, and after the hour that summer time skips or repeats in most countries.
BEGINS = time(2, 0)


def next_night(now: datetime, timezone: str) -> datetime:
    """The next 2:00 by the clock of this time zone."""
    zone = ZoneInfo(timezone)
    here = now.astimezone(zone)
    tonight = datetime.combine(here.date(), BEGINS, zone)
    if tonight > here:
        return tonight
    return datetime.combine(here.date() + timedelta(days=1), BEGINS, zone)
