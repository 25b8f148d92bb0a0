"""Has what was just decided looked at now rather than at the next round of the timetable."""

from integrations import tasks
from regentra.nudge import Nudge

_owed = Nudge(tasks.tick.delay)


def wake() -> None:
    """Returns at once; costs nothing when the queue cannot be reached."""
    _owed.ring()
