import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import NumberRefused
from billing.rules.numbering import check_sequence, written


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
    ],
)
def test_a_sequence_that_could_repeat_or_not_be_read_is_refused(
    prefix: str, value: int, words: str
) -> None:
    with pytest.raises(NumberRefused, match=words):
        check_sequence(prefix, value, reached=1001)


@pytest.mark.parametrize("prefix", ["", "INV-", "2026-", "NW/"])
def test_ordinary_prefixes_are_fine(prefix: str) -> None:
    check_sequence(prefix, 1001, reached=1001)


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
        check_sequence("", 1001, suffix, reached=1001)


prefixes = st.sampled_from(["", "INV-", "2026-", "I", "1-", "A1-", "A"])
suffixes = st.sampled_from(["", "-", "-RG", "/B", "-B"])


@given(st.lists(st.tuples(prefixes, suffixes, st.integers(1, 50)), max_size=20))
def test_numbers_never_repeat_however_prefix_and_suffix_change(
    steps: list[tuple[str, str, int]],
) -> None:
    seen, reached = set(), 1
    for prefix, suffix, ahead in steps:
        value = reached + ahead - 1
        check_sequence(prefix, value, suffix, reached=reached)
        number = written(prefix, value, suffix)
        assert number not in seen
        seen.add(number)
        reached = value + 1
