"""How refunds are posted. Who knows it registers itself here; billing asks once, when a refund is recorded."""

from collections.abc import Callable

from billing.models import PostedAs

Ask = Callable[[], str]

_asked: list[Ask] = []


def register(ask: Ask) -> None:
    """From now on this is asked, within the organization; it answers with a value of `PostedAs`."""
    _asked[:] = [ask]


def chosen() -> PostedAs:
    """What the organization in force has chosen; not decided when nobody knows."""
    return PostedAs(_asked[0]()) if _asked else PostedAs.ASKED
