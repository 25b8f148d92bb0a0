"""Which line of an invoice each line of its newer state is."""

import pytest

from billing.rules.credit import Said, moved_lines


def said(*lines: str) -> list[Said]:
    """Each as words and amount."""
    return [Said(words, int(minor)) for words, minor in (line.split() for line in lines)]


@pytest.mark.parametrize(
    ("before", "now", "places"),
    [
        (said("a 60", "b 40"), said("a 60", "b 40"), [0, 1]),
        (said("a 60", "b 40"), said("b 40", "a 60"), [1, 0]),
        (said("a 60", "b 40"), said("b 50", "a 50"), [1, 0]),
        (said("a 60", "a 40"), said("a 40", "a 60"), [1, 0]),
        (said("a 60", "a 40"), said("a 40", "a 40"), [0, 1]),
        (said("a 60", "a 60"), said("a 60", "a 60"), [0, 1]),
        (said("a 60", "b 40"), said("c 10", "a 60", "b 40"), [None, 0, 1]),
        (said("a 60", "b 40"), said("b 40"), [1]),
        (said("a 60", "b 40"), said("ab 100"), [0]),
        (said("a 60", "b 40", "c 5"), said("a 60", "x 1", "c 5"), [0, 1, 2]),
        (said("a 60"), said("x 1", "y 2"), [0, None]),
        (said(), said("x 1"), [None]),
    ],
)
def test_line_is_the_one_it_has_most_in_common_with(
    before: list[Said], now: list[Said], places: list[int | None]
) -> None:
    assert moved_lines(before, now) == places
