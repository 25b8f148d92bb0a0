"""What QuickBooks can keep, and the sentence when it can't."""

import pytest

from integrations.documents import Company
from integrations.errors import Refused
from integrations.quickbooks_online.mapping.text import TextRules

US = TextRules.of(Company(name="Alice's Company", country="US", currency="USD"))
CANADA = TextRules.of(Company(name="Alice's Company", country="CA", currency="CAD"))


@pytest.mark.parametrize("text", ["Müller & Söhne", "£10 ½ ±", "a\nb\tc", "O'Neill \\ <b>", ""])
def test_western_text_is_kept_everywhere(text: str) -> None:
    assert US.prose(text, "memo", 100) == CANADA.prose(text, "memo", 100) == text


@pytest.mark.parametrize("text", ["Алиса", "你好", "a – b", "“quoted”", "5 €"])
def test_us_companies_keep_only_western_text(text: str) -> None:
    assert CANADA.line(text, "memo", 100) == text
    with pytest.raises(Refused, match="memo"):
        US.line(text, "memo", 100)


@pytest.mark.parametrize("text", ["🙂", "𝕏", "a\x00b", "a\x1bb", "a\x7fb", "a\x85b", "\ud800"])
def test_emoji_and_control_characters_are_kept_nowhere(text: str) -> None:
    for rules in (US, CANADA):
        with pytest.raises(Refused) as refusal:
            rules.prose(text, "internal memo", 100)
        assert refusal.value.code == "characters"


def test_refusal_shows_the_characters_and_what_to_write_instead() -> None:
    with pytest.raises(Refused) as refusal:
        US.prose("Alice – “Bob” 🙂", "description of line 3", 100)
    assert "description of line 3" in refusal.value.words
    assert "🙂" in refusal.value.words
    assert "- for –" in refusal.value.hint
    with pytest.raises(Refused, match=r"U\+0007"):
        US.line("\a", "memo", 100)


def test_length_is_counted_and_named() -> None:
    assert US.line("x" * 21, "number", 21) == "x" * 21
    with pytest.raises(Refused) as refusal:
        US.line("x" * 22, "number", 21)
    assert refusal.value.words == "The number has 22 characters; QuickBooks keeps 21."
    assert refusal.value.code == "length"


@pytest.mark.parametrize("text", ["Alice: Bob", "Alice\tBob", "Alice\nBob"])
def test_names_have_no_colon_and_one_line(text: str) -> None:
    with pytest.raises(Refused):
        US.name(text, "customer name", 500)


def test_line_ends_become_one_kind() -> None:
    assert US.prose("a\r\nb\rc", "memo", 100) == "a\nb\nc"
