"""How much of an invoice may be credited."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from billing.errors import AmountRefused, OverAllocated
from billing.money import Money
from billing.rules.totals import Line, taxed

Key = TypeVar("Key")


@dataclass(frozen=True)
class Said:
    """What a line of an invoice or a credit memo says; the amount in minor units."""

    description: str
    minor: int


@dataclass(frozen=True)
class CreditedLine:
    """A line of an invoice: what it came to, what credit memos took off it before, and what one takes off it now.

    ``left`` is what could be credited of it until now: less, where the invoice was credited without naming a line.
    """

    amount: Money
    before: Money
    left: Money
    now: Money
    taxable: bool


@dataclass(frozen=True)
class OffAll:
    """The discount on a whole invoice, below zero; whether tax is computed after it; what was credited of it before."""

    amount: Money
    after_it_tax: bool
    before: Money


def credited_discount(lines: Sequence[CreditedLine], off: OffAll) -> Money:
    """What a credit memo takes back of the discount: the part that was off what it credits.

    It is what has come together by now less what was credited before, so that all of them come to the discount.
    """
    currency = off.amount.currency
    if not any(line.now for line in lines):
        return Money.zero(currency)
    rest = _within(off.amount - off.before, off.amount)
    if _is_last(lines):
        return rest
    sold = Money.total((line.amount for line in lines), currency)
    now = Money.total((line.before + line.now for line in lines), currency)
    return _within(off.amount.share(now, sold) - off.before, rest)


def credited_tax(
    lines: Sequence[CreditedLine],
    off: OffAll,
    *,
    discount: Money,
    tax: Money,
    before: Money,
    rate_percent: Decimal,
) -> Money:
    """The tax of a credit memo that takes so much of the discount back: that of all that is credited by now, less
    what was credited ``before``, so that all of them come to the ``tax`` of the invoice.

    It is by the rate, as QuickBooks computes it; of a tax that was taken over from elsewhere it is the same share.
    """
    bearing = [line for line in lines if line.taxable] or lines
    if not any(line.now for line in bearing):
        return Money.zero(tax.currency)
    rest = _within(tax - before, tax)
    if _is_last(bearing):
        return rest
    whole = _taxed([(line, line.amount) for line in lines], off, off.amount)
    now = _taxed([(line, line.before + line.now) for line in lines], off, off.before + discount)
    is_by_rate = whole.times(rate_percent / 100) == tax
    due = now.times(rate_percent / 100) if is_by_rate else tax.share(now, whole)
    return _within(due - before, rest)


def _taxed(lines: Iterable[tuple[CreditedLine, Money]], off: OffAll, discount: Money) -> Money:
    sold = [(Line(Decimal(1), each.amount, line.taxable), each) for line, each in lines]
    taken = Line(Decimal(1), discount.amount, off.after_it_tax, discount=True)
    return taxed([*sold, (taken, discount)], discount.currency)


def _is_last(lines: Sequence[CreditedLine]) -> bool:
    return not any(line.left - line.now for line in lines)


def _within(amount: Money, most: Money) -> Money:
    """No more than that, and not the other way round where too much was credited before."""
    low, high = sorted((most, Money.zero(most.currency)))
    return max(low, min(amount, high))


def check_credit(amount: Money, *, left: Money, line: str) -> None:
    """Raises unless the amount is a part of what is left of the line. One below zero is credited below zero."""
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
