import pytest

from billing.errors import TextRefused
from billing.rules.text import kept, required


@pytest.mark.parametrize(
    "text",
    [
        "Søren & Søn",
        "<script>alert(1)</script>",
        "🛠 Bits & Bytes 👩‍💻",
        "' OR 1=1 --",
        "line\nline",
    ],
)
def test_anything_a_person_types_is_kept_as_it_is(text: str) -> None:
    assert kept(f"  {text} ", name="The name", longest=100) == text


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "\udfff"])
def test_characters_that_no_database_keeps_are_refused(text: str) -> None:
    with pytest.raises(TextRefused, match="The name contains a character that cannot be stored"):
        kept(text, name="The name", longest=100)


def test_too_long_and_missing_are_refused() -> None:
    with pytest.raises(TextRefused, match="The name is too long: 1,001 characters, at most 1,000"):
        kept("x" * 1001, name="The name", longest=1000)
    with pytest.raises(TextRefused, match="The name is missing"):
        required(" \n ", name="The name", longest=1000)


@pytest.mark.parametrize("unseen", ["\u200b\u2060", "\u00a0", "\u202e", "\ue000"])
def test_text_of_which_nothing_is_seen_is_missing(unseen: str) -> None:
    with pytest.raises(TextRefused, match="The name is missing"):
        required(unseen, name="The name", longest=100)
    assert required(f"{unseen}A", name="The name", longest=100).endswith("A")


@pytest.mark.parametrize("seen", ["🛠️", "株式会社", "é", "-"])
def test_text_of_any_sign_is_kept(seen: str) -> None:
    assert required(seen, name="The name", longest=100) == seen
