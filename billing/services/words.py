"""How long the texts of billing may be, and what they are called when they are refused."""

from collections.abc import Mapping
from typing import Any

from billing.errors import TextRefused
from billing.rules.text import kept, required

# Field of a model: (what staff call it, the most characters it keeps).
LIMITS: dict[str, tuple[str, int]] = {
    "name": ("The name", 200),
    "contact_name": ("The contact's name", 200),
    "email": ("The e-mail address", 254),
    "phone": ("The phone number", 30),
    "line1": ("The address", 200),
    "line2": ("The second address line", 200),
    "city": ("The city", 100),
    "region": ("The state or region", 100),
    "postal_code": ("The postal code", 30),
    "country": ("The country", 2),
    "notes": ("The text of the notes", 4000),
    "memo": ("The memo", 4000),
    "po_number": ("The PO number", 31),
    "description": ("The description", 4000),
    "reference": ("The reference", 100),
    "code": ("The code", 20),
    "external_id": ("The id", 40),
}


def checked(
    texts: Mapping[str, Any], *, longest: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """The texts without surrounding blanks; other values as they are. Raises `TextRefused`."""
    return {
        field: _checked(field, value, longest or {}) if isinstance(value, str) else value
        for field, value in texts.items()
    }


def _checked(field: str, text: str, longest: Mapping[str, int]) -> str:
    name, limit = LIMITS.get(field, (f"The {field}", 200))
    check = required if field == "name" else kept
    text = check(text, name=name, longest=longest.get(field, limit))
    if field == "email" and text and not _is_address(text):
        raise TextRefused(f"“{text}” is not an e-mail address.")
    return text


def _is_address(text: str) -> bool:
    """Loose on purpose: one @ with something on both sides, and nothing that hides a second address."""
    mailbox, _, host = text.partition("@")
    return bool(mailbox and host) and "@" not in host and not set(text) & set(" ,;<>\t\r\n")
