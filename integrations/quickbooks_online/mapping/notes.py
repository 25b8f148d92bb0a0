"""The internal note of a document: the memo and, in its last line, our marker.

"Regentra INV-1042 #3f2a9c1b0d4e" tells our own document again after a lost answer. QuickBooks puts
"Voided" in front of the whole note when a document is voided (reference quickbooks 2.6).
"""

import re
from dataclasses import dataclass

# A label is decoration for people; the marker must fit whatever it says.
LABEL_LENGTH = 60

_MARKER = re.compile(r"Regentra (?P<label>[^\n]{0,60}?) ?#(?P<marker>[0-9a-f]{12})(?![0-9a-f])")
_VOIDED = re.compile(r"\AVoided\b[ \t]*[-:]?[ \t]*\n?")


@dataclass(frozen=True, slots=True)
class Note:
    """What a note says. ``marker`` and ``label`` are empty when we did not make the document."""

    memo: str
    marker: str = ""
    label: str = ""


def written(memo: str, *, marker: str, label: str) -> str:
    """The note of a document of ours."""
    mark = f"Regentra {' '.join(label.split())[:LABEL_LENGTH]} #{marker}"
    return f"{memo}\n{mark}" if memo else mark


def says_voided(text: str) -> bool:
    """Whether a note begins as QuickBooks begins that of a voided document."""
    return _VOIDED.match(text) is not None


def read(text: str, *, voided: bool) -> Note:
    """What a note says, with whatever a person put around our marker."""
    said = _VOIDED.sub("", text, count=1) if voided else text
    found = _last_marker(said)
    if found is None:
        return Note(said.strip())
    memo = "\n".join(filter(None, (said[: found.start()].strip(), said[found.end() :].strip())))
    return Note(memo, found["marker"], found["label"])


def _last_marker(text: str) -> re.Match[str] | None:
    """The last one, as a memo may quote another document's."""
    found = list(_MARKER.finditer(text))
    return found[-1] if found else None
