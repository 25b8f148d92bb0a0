"""Whether prices are typed with their tax. Who knows it registers itself here.

Billing asks when an invoice is generated, and keeps the answer on it.
"""

from collections.abc import Callable

Ask = Callable[[], bool]

_asked: list[Ask] = []


def register(ask: Ask) -> None:
    """From now on this is asked, within the organization."""
    _asked[:] = [ask]


def include_tax() -> bool:
    """What the organization in force has chosen; without tax when nobody knows."""
    return bool(_asked) and _asked[0]()
