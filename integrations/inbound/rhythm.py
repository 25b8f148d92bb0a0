"""How often a company is looked at when no doorbell rings. Pure."""

from datetime import timedelta

# While something goes on, or a change event of our own making may have hidden one of theirs.
AWAKE = timedelta(minutes=15)
DOZING = timedelta(hours=1)
# Less than four metered calls a day.
ASLEEP = timedelta(hours=6, minutes=15)
DOZES_OFF_AFTER = timedelta(hours=1)
ASLEEP_AFTER = timedelta(hours=8)


def interval(idle: timedelta, stretch: float = 1.0, at_most: timedelta | None = None) -> timedelta:
    """The time to the next look at a company where nothing has gone on for ``idle``.

    ``stretch`` is by how much this month's reads have to be spared; ``at_most`` is what the organization chose.
    """
    usual = _usual(idle)
    return (usual if at_most is None else min(usual, at_most)) * stretch


def _usual(idle: timedelta) -> timedelta:
    if idle < DOZES_OFF_AFTER:
        return AWAKE
    return DOZING if idle < ASLEEP_AFTER else ASLEEP
