"""The internal note: memo, marker, and what QuickBooks puts in front."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.quickbooks_online.mapping import notes
from integrations.quickbooks_online.mapping.notes import Note

MARKER = "3f2a9c1b0d4e"
OURS = f"Regentra INV-1042 #{MARKER}"


@pytest.mark.parametrize(
    "text, note",
    [
        ("", Note("")),
        ("Called twice", Note("Called twice")),
        (OURS, Note("", MARKER, "INV-1042")),
        (f"Called twice\n{OURS}", Note("Called twice", MARKER, "INV-1042")),
        (f"{OURS}\nPaid by Bob", Note("Paid by Bob", MARKER, "INV-1042")),
        (f"Before\n{OURS} after", Note("Before\nafter", MARKER, "INV-1042")),
        # A memo that quotes another document's marker: ours is the last one.
        (f"Regentra X #000000000000\n{OURS}", Note("Regentra X #000000000000", MARKER, "INV-1042")),
        # No marker of ours: too long, too short, not hexadecimal.
        (f"Regentra X #{MARKER}0", Note(f"Regentra X #{MARKER}0")),
        ("Regentra X #3f2a9c1b0d4", Note("Regentra X #3f2a9c1b0d4")),
        ("Regentra X #3F2A9C1B0D4E", Note("Regentra X #3F2A9C1B0D4E")),
        # A person may write the word.
        ("Voided last year", Note("Voided last year")),
    ],
)
def test_note_is_taken_apart(text: str, note: Note) -> None:
    assert notes.read(text, voided=False) == note


@pytest.mark.parametrize(
    "text, memo, marker",
    [
        ("Voided", "", ""),
        ("Voided - Called twice", "Called twice", ""),
        (f"Voided - {OURS}", "", MARKER),
        (f"Voided - Called twice\n{OURS}", "Called twice", MARKER),
        (f"Voided\n{OURS}", "", MARKER),
        (f"Voided {OURS}", "", MARKER),
    ],
)
def test_voided_note_keeps_memo_and_marker(text: str, memo: str, marker: str) -> None:
    assert notes.says_voided(text)
    note = notes.read(text, voided=True)
    assert (note.memo, note.marker) == (memo, marker)


def test_other_words_are_not_a_void() -> None:
    assert not notes.says_voided("Voidedness")
    assert not notes.says_voided("Was Voided")


@given(
    memo=st.text(alphabet=st.characters(codec="latin-1", categories=["L", "N", "P", "Zs"])).map(
        lambda text: " ".join(text.split())
    ),
    label=st.text(alphabet="ABCxyz-0123456789 ", max_size=40).map(
        lambda text: " ".join(text.split())
    ),
)
def test_note_comes_back_as_it_was_written(memo: str, label: str) -> None:
    text = notes.written(memo, marker=MARKER, label=label)
    assert notes.read(text, voided=False) == Note(memo, MARKER, label)
    assert notes.read(f"Voided - {text}", voided=True) == Note(memo, MARKER, label)
