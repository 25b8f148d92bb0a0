"""Which words can be kept: all that people type, emoji and markup too (escaped when shown)."""

import unicodedata

from billing.errors import TextRefused


def kept(text: str, *, name: str, longest: int) -> str:
    """The text without surrounding blanks. Raises `TextRefused` naming the field."""
    text = text.strip()
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise TextRefused(f"{name} contains a character that cannot be stored. Please retype it.")
    if len(text) > longest:
        raise TextRefused(
            f"{name} is too long: {len(text):,} characters, at most {longest:,} are kept."
        )
    return text


def required(text: str, *, name: str, longest: int) -> str:
    """Like `kept`, for a field that may not be empty, or hold nothing that anybody can see and click on."""
    text = kept(text, name=name, longest=longest)
    if not any(map(_is_seen, text)):
        raise TextRefused(f"{name} is missing.")
    return text


def _is_seen(character: str) -> bool:
    """No blank, and no control that only says how others are put."""
    return unicodedata.category(character)[0] not in "CZ"
