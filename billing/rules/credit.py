"""How much of an invoice may be credited."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from billing.errors import AmountRefused, OverAllocated
from billing.money import Money

Key = TypeVar("Key")


@dataclass(frozen=True)
class Said:
    """What a line of an invoice or a credit memo says; the amount in minor units."""

    description: str
    minor: int


def check_credit(amount: Money, *, left: Money, line: str) -> None:
    """Raises unless the amount is a part of what is left of the line. A discount is credited below zero."""
    if not amount:
        raise AmountRefused(f"The credit for “{line[:60]}” must not be zero.")
    fits = amount <= left if amount.minor > 0 else amount >= left
    if not fits:
        raise OverAllocated(f"Of “{line[:60]}” {left} can be credited, so {amount} cannot.")


def left_of(lines: Mapping[Key, Money], credited: Money) -> dict[Key, Money]:
    """What is left of each line once what was credited of none in particular is taken off them, first line first."""
    left: dict[Key, Money] = {}
    for key, amount in lines.items():
        off = min(amount, credited) if amount.minor > 0 else Money.zero(amount.currency)
        left[key] = amount - off
        credited -= off
    return left


def same_lines(before: Sequence[Said], now: Sequence[Said]) -> list[int | None]:
    """For each line of now the place it had before: by its words, else by its place where none came or went.

    A line that changed its sign is another one.
    """
    places: list[int | None] = [None] * len(now)
    free = list(range(len(before)))
    for at, line in enumerate(now):
        alike = [one for one in free if before[one].description == line.description]
        places[at] = next(iter(_signed(before, alike, line)), None)
        free = [one for one in free if one != places[at]]
    if len(before) == len(now):
        for at, line in enumerate(now):
            if places[at] is None and at in free:
                places[at] = next(iter(_signed(before, [at], line)), None)
    return places


# Lines are the same by the first of these that they have in common.
_ALIKE: tuple[Callable[[int, Said], Hashable], ...] = (
    lambda at, line: (at, line),
    lambda at, line: line,
    lambda at, line: (at, line.description),
    lambda at, line: line.description,
    lambda at, line: None,
)


def moved_lines(before: Sequence[Said], now: Sequence[Said]) -> list[int | None]:
    """For each line of now the place it had before: by words and amount, by its words, else the first one left.

    None is left over on both sides, so what hangs on a line that was changed altogether stays with another one.
    """
    places: list[int | None] = [None] * len(now)
    for key in _ALIKE:
        free: dict[Hashable, deque[int]] = defaultdict(deque)
        taken = set(places)
        for at, line in enumerate(before):
            if at not in taken:
                free[key(at, line)].append(at)
        for at, line in enumerate(now):
            if places[at] is None and (alike := free.get(key(at, line))):
                places[at] = alike.popleft()
    return places


def _signed(before: Sequence[Said], places: Sequence[int], line: Said) -> list[int]:
    return [place for place in places if (before[place].minor < 0) == (line.minor < 0)]
