"""Wordings: filled, and taken out again of what came back."""

import pytest

from integrations import wordings

WORDS = {"number": "INV-1", "po_number": "", "customer": "Adatum"}


@pytest.mark.parametrize(
    ("template", "text", "said"),
    [
        ("{memo}", "Rush", "Rush"),
        ("PO {po_number}\n{memo}", "Rush", "Rush"),  # nothing is filled in on the first line
        ("{number}: {memo}", "", "INV-1:"),
        ("For {customer}\n{memo}", "", "For Adatum"),
        ("Always\n{memo}", "", "Always"),  # a line without placeholders stays
    ],
)
def test_it_is_filled_and_found_again(template: str, text: str, said: str) -> None:
    assert wordings.filled(template, "memo", text, WORDS) == said
    assert wordings.taken_out(template, "memo", said, WORDS) == text


@pytest.mark.parametrize(
    ("template", "said", "text"),
    [
        ("{number}: {memo}!", "INV-1: Wait!", "Wait"),
        ("{number}: {memo}!", "Wait", "Wait"),  # the wording went, too
        ("a{memo}a", "a", "a"),  # what is before and after may not overlap
        ("{number}\r\n{memo}", "INV-1\r\nTwo\r\nlines", "Two\nlines"),
    ],
)
def test_what_was_changed_elsewhere_is_taken_out(template: str, said: str, text: str) -> None:
    assert wordings.taken_out(template, "memo", said, WORDS) == text


def test_what_is_no_wording_says_why() -> None:
    assert wordings.refusal("{memo} {number}", "memo") == ""
    assert "once" in wordings.refusal("{notes}", "memo")
    assert "at most 1,000" in wordings.refusal("{memo}" + "x" * 1000, "memo")
    assert "cannot be kept" in wordings.refusal("{memo}\0", "memo")
