import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import NumberRefused
from billing.rules.numbering import HIGHEST, LAST, check_sequence, written


def test_twenty_one_characters_are_the_most() -> None:
    assert len(written("P" * 17, 1001)) == 21
    with pytest.raises(NumberRefused, match=r"has 22 characters; at most 21.*shorter prefix"):
        written("P" * 18, 1001)


@pytest.mark.parametrize(
    ("prefix", "value", "words"),
    [
        ("INV-", 1000, "Numbers up to 1000 are used; the next is at least 1001"),
        ("P" * 18, 1001, "22 characters"),
        ("INV 2", 1001, "without blanks"),
        ("INV\n", 1001, "without blanks"),
        ("Ä", 1001, "plain letters"),
        ("\0", 1001, "plain letters"),
        ("2026", 1001, "cannot end in a digit"),
        ("", HIGHEST + 1, "is at most 1000000000000000"),
        ("", 10**40, "is at most 1000000000000000"),
    ],
)
def test_a_sequence_that_could_repeat_or_not_be_read_is_refused(
    prefix: str, value: int, words: str
) -> None:
    with pytest.raises(NumberRefused, match=words):
        check_sequence(prefix, value, last_given=1000)


@pytest.mark.parametrize("prefix", ["", "INV-", "2026-", "NW/"])
def test_ordinary_prefixes_are_fine(prefix: str) -> None:
    check_sequence(prefix, 1001, last_given=1000)


@pytest.mark.parametrize(
    ("suffix", "words"),
    [
        ("-26", "A suffix cannot hold a digit"),
        ("- RG", "without blanks"),
        ("-Ä", "A suffix is made of plain letters"),
        ("-" * 18, "22 characters"),
    ],
)
def test_a_suffix_that_could_repeat_a_number_or_not_be_read_is_refused(
    suffix: str, words: str
) -> None:
    with pytest.raises(NumberRefused, match=words):
        check_sequence("", 1001, suffix, last_given=1000)


def test_a_count_that_began_at_the_highest_goes_on_and_what_stands_around_it_can_change() -> None:
    check_sequence("INV-", HIGHEST, last_given=1000)
    check_sequence("NW-", HIGHEST + 6, last_given=HIGHEST + 5)
    with pytest.raises(NumberRefused, match=f"is at most {HIGHEST + 6}"):
        check_sequence("NW-", HIGHEST + 7, last_given=HIGHEST + 5)


def test_the_last_count_is_the_end() -> None:
    assert written("", LAST) == f"{LAST}"
    with pytest.raises(NumberRefused, match=r"come to their end.*lower next number"):
        written("", LAST + 1)


prefixes = st.sampled_from(["", "INV-", "2026-", "I", "1-", "A1-", "A"])
suffixes = st.sampled_from(["", "-", "-RG", "/B", "-B"])


@given(st.lists(st.tuples(prefixes, suffixes, st.integers(1, 50)), max_size=20))
def test_numbers_never_repeat_however_prefix_and_suffix_change(
    steps: list[tuple[str, str, int]],
) -> None:
    seen, last_given = set(), 0
    for prefix, suffix, ahead in steps:
        value = last_given + ahead
        check_sequence(prefix, value, suffix, last_given=last_given)
        number = written(prefix, value, suffix)
        assert number not in seen
        seen.add(number)
        last_given = value
