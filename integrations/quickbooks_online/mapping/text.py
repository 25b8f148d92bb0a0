"""Which texts QuickBooks can keep. What it can't is refused with the field named, never altered.

Lengths: reference quickbooks 5; US companies keep ISO-8859-1, the others Unicode without the
characters beyond its first plane, such as emoji (reference 2.1).
"""

from dataclasses import dataclass
from typing import NoReturn

from integrations.documents import Company
from integrations.errors import Refused
from integrations.quickbooks_online.mapping.fields import in_us

_LAST_OF_LATIN_1 = 0xFF
_LAST_OF_FIRST_PLANE = 0xFFFF
_FIRST_PRINTABLE = 0x20
_LINE_BREAKS = "\n\t"
_PLAIN = {"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "•": "*"}


@dataclass(frozen=True, slots=True)
class TextRules:
    """The alphabet of one company."""

    last_character: int

    @classmethod
    def of(cls, company: Company) -> "TextRules":
        """The rules that hold in this company."""
        return cls(_LAST_OF_LATIN_1 if in_us(company) else _LAST_OF_FIRST_PLANE)

    def prose(self, text: str, field: str, longest: int) -> str:
        """A text that may have several lines. Raises `Refused`."""
        lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        return self._fitting(lines, field, longest, allowed=_LINE_BREAKS)

    def line(self, text: str, field: str, longest: int) -> str:
        """A text of one line. Raises `Refused`."""
        return self._fitting(text.strip(), field, longest, allowed="")

    def name(self, text: str, field: str, longest: int, *, without: str = ":") -> str:
        """A name: one line without a colon, which separates parents from children over there."""
        if strange := "".join(c for c in without if c in text):
            _refuse_characters(field, strange)
        return self.line(text, field, longest)

    def _fitting(self, text: str, field: str, longest: int, *, allowed: str) -> str:
        strange = [c for c in dict.fromkeys(text) if c not in allowed and not self._keeps(c)]
        if strange:
            _refuse_characters(field, "".join(strange))
        if len(text) > longest:
            _refuse_length(field, longest, len(text))
        return text

    def _keeps(self, character: str) -> bool:
        code = ord(character)
        surrogate = 0xD800 <= code <= 0xDFFF
        control = code < _FIRST_PRINTABLE or 0x7F <= code < 0xA0
        return code <= self.last_character and not surrogate and not control


def _refuse_characters(field: str, characters: str) -> NoReturn:
    shown = " ".join(_shown(character) for character in characters[:10])
    plain = [f"{_PLAIN[c]} for {c}" for c in characters if c in _PLAIN]
    hint = f"Change the {field}, then send again."
    if plain:
        hint = f"Change the {field} (write {', '.join(plain)}), then send again."
    raise Refused(
        f"The {field} has characters that this QuickBooks company can't keep: {shown}",
        code="characters",
        hint=hint,
    )


def _refuse_length(field: str, longest: int, found: int) -> NoReturn:
    raise Refused(
        f"The {field} has {found:,} characters; QuickBooks keeps {longest:,}.",
        code="length",
        hint=f"Shorten the {field}, then send again.",
    )


def _shown(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"
