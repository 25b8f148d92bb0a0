"""A long list over there, page by page, while people go on deleting. Pure.

Each page begins with the last of the one before. When none of them is met, something before them was deleted meanwhile,
and the list has moved up by more than that.
"""

from collections.abc import Iterable, Sequence

from integrations.documents import Held, Illegible

Page = Sequence[Held | Illegible]

LENGTH = 1000
OVERLAP = 10
STEP_BACK = 100


def follows(page: Page, position: int, tail: Iterable[str]) -> bool:
    """Whether nothing can have slipped by between this page, from ``position`` on, and the one that ended so."""
    before = set(tail)
    return position == 1 or not before or bool(before & set(_ids(page)))


def back(position: int) -> int:
    """Where to read anew after a page that does not follow."""
    return max(1, position - STEP_BACK)


def after(position: int) -> int:
    """Where the next page begins."""
    return position + LENGTH - OVERLAP


def tail(page: Page) -> list[str]:
    """The last ids of a page, of which the next one must hold one."""
    return _ids(page)[-OVERLAP:]


def _ids(page: Page) -> list[str]:
    return [one.id for one in page]
