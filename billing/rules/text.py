"""Which words can be kept: all that people type, emoji and markup too (escaped when shown)."""

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
    """Like `kept`, for a field that may not be empty."""
    text = kept(text, name=name, longest=longest)
    if not text:
        raise TextRefused(f"{name} is missing.")
    return text
